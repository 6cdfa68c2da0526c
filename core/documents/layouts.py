"""How the rows of a document stand together: in which sections, what is a row, in which order (C5).

Pure: no Django, no database. A layout moves and adds up; it rounds nothing, so the rows of every layout add
up to the same total.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

SectionsBy = Literal["line", "kind", "person", "task", "month", "named", "none"]
"""What a section is: a contract line, a class of work, a person, a task, a month, a name, or all in one."""
RowsBy = Literal["detail", "summary", "person", "task", "month"]
"""What a row is: every transaction, a role of a contract line, a person, a task, a month."""
RowOrder = Literal["draft", "date", "name", "amount"]
"""The order of rows: as in the draft, by date, by name, or the largest amount first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The layout of one document; `annex` lists every transaction behind rows that stand for several.

    `named` are the headings of sections with names of their own, each with a key of what stands below it
    (`role:3`, `category:7`, `kind:expense`); a line stands below the first whose key it has.
    """

    rows: RowsBy = "detail"
    sections: SectionsBy = "line"
    order: RowOrder = "draft"
    annex: bool = False
    named: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for value, known in ((self.rows, RowsBy), (self.sections, SectionsBy), (self.order, RowOrder)):
            if value not in get_args(known):
                raise ValueError(f"no layout of documents has {value!r}")

    def frozen(self) -> dict[str, Any]:
        """The layout as JSON keeps it."""
        return asdict(self) | {"named": [list(one) for one in self.named]}


DETAIL = Layout()
"""Every transaction, by contract line, as in the draft."""


def layout_from(frozen: dict[str, Any]) -> Layout:
    """The layout that JSON kept. Raises ValueError for one that is not known."""
    # JSON knows no tuples.
    named = tuple((heading, key) for heading, key in frozen.get("named", ()))
    return Layout(**{**frozen, "named": named})

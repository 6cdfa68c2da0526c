"""How the rows of a document stand together: in which sections, what is a row, in which order (C5).

Pure: no Django, no database. A layout moves and adds up; it rounds nothing, so the rows of every layout add
up to the same total.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

SectionsBy = Literal["line", "kind", "person", "task", "month", "none"]
"""What a section is: a contract line, a class of work, a person, a task, a month, or all in one."""
RowsBy = Literal["detail", "summary", "person", "task", "month"]
"""What a row is: every transaction, a role of a contract line, a person, a task, a month."""
RowOrder = Literal["draft", "date", "name", "amount"]
"""The order of rows: as in the draft, by date, by name, or the largest amount first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The layout of one document; `annex` lists every transaction behind rows that stand for several."""

    rows: RowsBy = "detail"
    sections: SectionsBy = "line"
    order: RowOrder = "draft"
    annex: bool = False

    def __post_init__(self) -> None:
        for value, known in ((self.rows, RowsBy), (self.sections, SectionsBy), (self.order, RowOrder)):
            if value not in get_args(known):
                raise ValueError(f"no layout of documents has {value!r}")

    def frozen(self) -> dict[str, Any]:
        """The layout as JSON keeps it."""
        return asdict(self)


DETAIL = Layout()
"""Every transaction, by contract line, as in the draft."""


def layout_from(frozen: dict[str, Any]) -> Layout:
    """The layout that JSON kept. Raises ValueError for one that is not known."""
    return Layout(**frozen)

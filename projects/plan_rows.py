"""What plans of files of master data consist of: new rows, changes with both values, errors (X8)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.activity_log import as_text
from core.refusals import Text
from core.templatetags.display import NOTHING, day, number, rate
from projects.record_files import FileError, FileLine

Values = dict[str, Any]

LABELS: Mapping[str, Text] = {
    "roles": gettext_lazy("Roles"),
    "email": gettext_lazy("Mail address"),
    "code": gettext_lazy("Code"),
    "billed_as": gettext_lazy("Hours are billed as"),
    "access": gettext_lazy("Sees the company"),
}
"""Labels of fields that belong to more than one table."""


@dataclass(frozen=True)
class PlannedChange:
    """A row that exists, the values that it would get, and those it has, by field."""

    row: Any
    values: Values
    before: Values


@dataclass(frozen=True)
class Difference:
    """One field of one row, as a preview shows it: what it says now and what the file says."""

    subject: str
    field: str
    before: str
    after: str


@dataclass
class RecordPlan:
    """What a file would do; it writes nothing.

    `new` are unsaved rows or people; `changed` rows that exist; `others` the names of rows that differ but
    that the user may not change, so they stay as they are.
    """

    new: list[Any] = field(default_factory=list)
    changed: list[PlannedChange] = field(default_factory=list)
    unchanged: int = 0
    others: list[str] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The new rows by name, as a preview shows them."""
        return [str(row) for row in self.new]

    @property
    def differences(self) -> list[Difference]:
        """Every field that would change, with both values."""
        return [
            Difference(str(one.row), label_of(one.row, name), shown(one.before[name]), shown(value))
            for one in self.changed
            for name, value in one.values.items()
        ]


def label_of(row: Any, name: str) -> str:
    """What a field is called on the pages."""
    if name in LABELS:
        return str(LABELS[name])
    try:
        # A person is not a model: its other fields are those of the user.
        return capfirst(str(getattr(row, "_meta", User._meta).get_field(name).verbose_name))
    except FieldDoesNotExist:
        return name


def shown(value: Any) -> str:
    """A value in the language of the page."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal):
        return rate(value)
    if isinstance(value, int):
        return number(value)
    return ", ".join(as_text(value).splitlines())


def sort_row(
    plan: RecordPlan,
    old: Any,
    values: Values,
    build: Callable[[Values], Any],
    *,
    is_mine: bool = True,
) -> None:
    """Put a row among the new, the changed or those that stay as they are."""
    if old is None:
        plan.new.append(build(values))
        return
    different = {name: new for name, new in values.items() if as_text(getattr(old, name)) != as_text(new)}
    if not different:
        plan.unchanged += 1
    elif is_mine:
        plan.changed.append(PlannedChange(old, different, {name: getattr(old, name) for name in different}))
    else:
        plan.others.append(str(old))


def without_silent(line: FileLine, old: Any, values: Values, heads: Mapping[str, str]) -> Values:
    """The values of columns that the file has; the others stay as they are in a row that exists."""
    if old is None:
        return values
    return {name: value for name, value in values.items() if line.has(heads[name])}


def one_of(line: FileLine, head: str, rows: Mapping[str, Any], *, fold: bool = False) -> Any:
    """The row that a cell names; none where it is empty, an error where there is no such row."""
    text = line.text(head)
    if not text:
        return None
    named = rows.get(text.lower() if fold else text)
    if named is None:
        line.fail(head, _("“%(text)s” does not exist.") % {"text": text[:60]})
    return named


def once(line: FileLine, head: str, key: str, seen: set[str]) -> None:
    """A key that is in the file twice is an error."""
    if key in seen:
        line.fail(head, _("The file contains it twice."))
    seen.add(key)


def by_kind(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """The rows of each kind together, in the order in which the kinds come: projects before their tasks."""
    kinds: dict[type, list[Any]] = {}
    for row in rows:
        kinds.setdefault(type(row), []).append(row)
    yield from kinds.values()

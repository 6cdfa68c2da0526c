"""The rows of a file by what happens to them, and the figures on top of its page (X8)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.money import ZERO
from core.templatetags.display import day, number, quantity
from projects.forms.imports import DecisionsForm
from projects.import_states import ImportNameKind, ImportRowState, LeftOut
from projects.models import ImportBatch

LONG_HOURS = 10
COMES_IN = (ImportRowState.NEW, ImportRowState.CHANGED)


@dataclass
class RowGroup:
    """Rows of a file that are treated alike: how many, hours, amounts by currency, and the decision."""

    state: str
    title: str
    detail: str
    count: int = 0
    hours: Decimal = ZERO
    amounts: dict[str, Decimal] = field(default_factory=dict)
    field: BoundField | None = None
    effect: str = ""

    @property
    def money(self) -> list[tuple[Decimal, str]]:
        """Amounts with their currencies."""
        return [(amount, currency) for currency, amount in sorted(self.amounts.items())]


KINDS: dict[tuple[str, str], tuple[str, Promise, Promise, str | Promise]] = {
    (ImportRowState.ERROR, ""): (
        "error",
        gettext_lazy("Cannot be imported"),
        gettext_lazy("Row, column and reason are listed below"),
        "wrong",
    ),
    (ImportRowState.CHANGED, ""): (
        "changed",
        gettext_lazy("Changed since the last import"),
        gettext_lazy("Still drafts, so they can be updated"),
        "changed",
    ),
    (ImportRowState.SKIPPED, LeftOut.SUBMITTED): (
        "left_out",
        gettext_lazy("Changed, but already submitted"),
        gettext_lazy("Recall the entries first, or correct them"),
        gettext_lazy("Left out and listed"),
    ),
    (ImportRowState.SKIPPED, LeftOut.INVOICED): (
        "left_out",
        gettext_lazy("Invoiced elsewhere"),
        gettext_lazy("The file says so; billing them again would bill twice"),
        "invoiced",
    ),
    (ImportRowState.SKIPPED, LeftOut.ZERO): (
        "left_out",
        gettext_lazy("Zero hours"),
        gettext_lazy("Nothing to record"),
        gettext_lazy("Left out"),
    ),
    (ImportRowState.NEW, ""): (
        "new",
        gettext_lazy("New"),
        gettext_lazy("Priced by your price lists, not by the file"),
        gettext_lazy("Saved as drafts"),
    ),
    (ImportRowState.KNOWN, ""): (
        "known",
        gettext_lazy("Imported before, unchanged"),
        gettext_lazy("Recognised by id, or by content and how often it repeats"),
        gettext_lazy("Nothing to do"),
    ),
}
"""State, title, detail, and what happens: the name of the field that decides, or a word."""


def groups_of(batch: ImportBatch, form: DecisionsForm) -> Iterator[RowGroup]:
    """The rows of a file by what happens to them, those first that need a look; two statements."""
    groups: dict[tuple[str, str], RowGroup] = {}
    for key, (state, title, detail, effect) in KINDS.items():
        is_decided = effect in form.fields
        groups[key] = RowGroup(state, str(title), str(detail), effect="" if is_decided else str(effect))
        groups[key].field = form[str(effect)] if is_decided else None
    sums = batch.rows.order_by().values("state", "reason", "currency")
    for row in sums.annotate(count=Count("pk"), hours=Sum("quantity"), amount=Sum("amount")):
        group = groups[row["state"], row["reason"]]
        group.count += row["count"]
        group.hours += row["hours"] or ZERO
        if row["amount"] is not None:
            group.amounts[row["currency"]] = group.amounts.get(row["currency"], ZERO) + row["amount"]
    if doubts := list(_doubts(batch)):
        groups[ImportRowState.NEW, ""].detail = ". ".join(doubts)
    return (group for group in groups.values() if group.count)


def _doubts(batch: ImportBatch) -> Iterator[str]:
    """What is odd about rows that come in all the same; one statement."""
    counts = batch.rows.filter(state__in=COMES_IN).aggregate(
        long=Count("pk", filter=Q(quantity__gt=LONG_HOURS)),
        uncovered=Count("pk", filter=~Q(uncovered="")),
        shortened=Count("pk", filter=Q(is_shortened=True)),
    )
    long, uncovered, shortened = counts["long"], counts["uncovered"], counts["shortened"]
    if long and not batch.is_total:
        text = ngettext("%(count)s row over 10 hours", "%(count)s rows over 10 hours", long)
        yield text % {"count": number(long)}
    if shortened:
        text = ngettext(
            "%(count)s description shortened to 500 characters",
            "%(count)s descriptions shortened to 500 characters",
            shortened,
        )
        yield text % {"count": number(shortened)}
    if uncovered:
        text = ngettext("No contract covers %(count)s row", "No contract covers %(count)s rows", uncovered)
        yield text % {"count": number(uncovered)}


def whole_of(groups: Sequence[RowGroup]) -> RowGroup:
    """All rows together."""
    whole = RowGroup("", "", "")
    for group in groups:
        whole.count += group.count
        whole.hours += group.hours
        for currency, amount in group.amounts.items():
            whole.amounts[currency] = whole.amounts.get(currency, ZERO) + amount
    return whole


def figures_of(batch: ImportBatch, groups: Sequence[RowGroup]) -> list[dict[str, Any]]:
    """What stands on top: rows, hours, amounts, first and last date, and what would be created."""
    by_title = {group.state: group for group in groups if group.state in ("new", "error")}
    new, wrong = by_title.get("new"), by_title.get("error")
    hours = sum((group.hours for group in groups), ZERO)
    read = _("%(count)s in order") % {"count": number(batch.row_count - (wrong.count if wrong else 0))}
    not_read = _("%(count)s in error") % {"count": number(wrong.count)} if wrong else ""
    detail = [_rows_of(new.count), quantity(new.hours, "h")] if new else []
    return [
        {
            "label": _("Rows in the file"),
            "value": number(batch.row_count),
            "detail": [", ".join(filter(None, (read, not_read)))],
        },
        {"label": _("Hours read"), "value": quantity(hours, "h")},
        {
            "label": _("New, by your prices"),
            "amounts": new.money if new else [],
            "detail": [", ".join(detail)] if detail else [],
        },
        {
            "label": _("First and last date"),
            "value": _days(batch),
            "detail": [_("A row is a total: no daily maximum")] if batch.is_total else [],
        },
        _to_create(batch),
    ]


def _rows_of(count: int) -> str:
    return ngettext("%(count)s row", "%(count)s rows", count) % {"count": number(count)}


def _days(batch: ImportBatch) -> str:
    if batch.first_day is None or batch.first_day == batch.last_day:
        return day(batch.first_day)
    return f"{day(batch.first_day)} – {day(batch.last_day)}"


def _to_create(batch: ImportBatch) -> dict[str, Any]:
    """Projects and people in large, the rest below them; in large as well where there is nothing else."""
    main, more = _created(batch), _created_more(batch)
    if not main:
        main, more = (more[0], more[1:]) if more else (_("Nothing"), [])
    return {"label": _("Would create"), "value": main, "detail": more}


def _created(batch: ImportBatch) -> str:
    counts = _missing(batch, "project"), _missing(batch, "person")
    projects = ngettext("%(count)s project", "%(count)s projects", counts[0]) % {"count": number(counts[0])}
    people = ngettext("%(count)s person", "%(count)s people", counts[1]) % {"count": number(counts[1])}
    parts = [text for text, count in zip((projects, people), counts, strict=True) if count]
    return ", ".join(parts)


def _created_more(batch: ImportBatch) -> list[str]:
    projects = batch.rows.filter(state__in=COMES_IN).values("project")
    customers = batch.names.missing().filter(children__in=projects, kind=ImportNameKind.CUSTOMER)
    counts = {
        ImportNameKind.CUSTOMER: customers.distinct().count(),
        ImportNameKind.TASK: _missing(batch, "task"),
        ImportNameKind.ROLE: _missing(batch, "role"),
        ImportNameKind.CATEGORY: _missing(batch, "category"),
    }
    return [f"{kind.label}: {number(count)}" for kind, count in counts.items() if count]


def _missing(batch: ImportBatch, name: str) -> int:
    rows = batch.rows.filter(state__in=COMES_IN)
    return batch.names.missing().filter(pk__in=rows.values(name)).count()

"""The rows behind what stood at the end of a day, a page at a time, with what became of each (X3)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounting.as_of import AsOf
from accounting.standing_fates import (
    Fate,
    fates_of_eliminated,
    fates_of_grouped,
    fates_of_moved,
    fates_of_settled,
    fates_of_work,
)
from accounting.standing_money import estimates_of, on_account_of, receivables_of, waiting_of
from accounting.standing_work import accrued_of, backlog_of, held_of, invoiced_before, moved_before
from accounting.states import StandingKind
from projects.models import Project, WorkItem
from projects.states import TransactionClass

WORK = ("customer", "project", "resource", "task", "category")
OF_LINES = ("voucher", *(f"actual__work_item__{name}" for name in WORK))


@dataclass(frozen=True)
class StandingRow:
    """One row that stood: when it began, what it is, whose it is, how much, and what became of it.

    `amount` is in `currency`; `base` in the company's, None where the row has none of its own. `recorded` is
    None of what several vouchers made.
    """

    key: int
    day: date | None
    text: str
    url: str
    party: str
    project: str
    currency: str
    amount: Decimal
    base: Decimal | None
    recorded: datetime | None
    fate: Fate


@dataclass(frozen=True)
class RowPage:
    """Some rows, and the key behind which the following ones begin; empty after the last."""

    rows: list[StandingRow]
    next_key: int | None


def rows_of(kind: StandingKind, at: AsOf, after: int, size: int) -> RowPage:
    """The next rows of a kind behind a key, in the order of their keys; a few statements, nothing is locked.

    What became of them is said as of now, whichever view is asked for.
    """
    read, key = READERS[kind]
    read_rows = read(at, after, size + 1)
    shown = read_rows[:size]
    next_key = None
    if len(read_rows) > size:
        behind = _key_of(read_rows[size], key)
        # A group of several currencies stays on one page: the next one begins behind its key.
        shown = [one for one in shown if _key_of(one, key) != behind] or shown
        next_key = _key_of(shown[-1], key)
    return RowPage(_BUILDERS[kind](shown) if shown else [], next_key)


def _key_of(row: Any, key: str) -> int:
    value: int = row["key"] if isinstance(row, dict) else getattr(row, key)
    return value


def _by_pk(
    *parts: Callable[[AsOf], QuerySet], related: Sequence[str]
) -> tuple[Callable[[AsOf, int, int], list[Any]], str]:
    def read(at: AsOf, after: int, count: int) -> list[Any]:
        rows: list[Any] = []
        for part in parts:
            behind = part(at).filter(pk__gt=after).select_related(*related).order_by("pk")
            rows += behind[:count]
        return sorted(rows, key=attrgetter("pk"))[:count]

    return read, "pk"


def _by_group(queryset: Callable[[AsOf], QuerySet]) -> tuple[Callable[[AsOf, int, int], list[Any]], str]:
    def read(at: AsOf, after: int, count: int) -> list[Any]:
        # Its own key is summed over, so that the condition holds for groups.
        return list(queryset(at).filter(Q(key__gt=after)).order_by("key", "its_currency")[:count])

    return read, "key"


READERS: Mapping[StandingKind, tuple[Callable[[AsOf, int, int], list[Any]], str]] = {
    StandingKind.BACKLOG: _by_pk(backlog_of, related=["event", *(f"work_item__{name}" for name in WORK)]),
    StandingKind.ACCRUED: _by_pk(accrued_of, invoiced_before, related=OF_LINES),
    StandingKind.HELD: _by_pk(held_of, moved_before, related=OF_LINES),
    StandingKind.RECEIVABLES: _by_pk(receivables_of, related=["customer", "invoice", "voucher"]),
    StandingKind.ON_ACCOUNT: _by_pk(
        on_account_of,
        related=[
            "proposal__customer_invoice__customer",
            "detail__line__contract_line__project",
            *(f"detail__{name}" for name in ("work_item__task", "work_item__category", "actual")),
        ],
    ),
    StandingKind.ADVANCES: _by_group(lambda at: waiting_of(at, TransactionClass.RETAINER)),
    StandingKind.RETENTIONS: _by_group(lambda at: waiting_of(at, TransactionClass.RETENTION)),
    StandingKind.ESTIMATES: _by_group(estimates_of),
}


# --- Rows in words --------------------------------------------------------------------------


def _backlog_rows(actuals: list[Any]) -> list[StandingRow]:
    fates = fates_of_work([one.pk for one in actuals])
    return [
        _work_row(one.pk, one.work_item, one, one.accounting_date, one.event.recorded_at, fates[one.pk])
        for one in actuals
    ]


def _accrued_rows(lines: list[Any]) -> list[StandingRow]:
    fates = fates_of_work([one.actual_id for one in lines])
    return [_line_row(one, fates[one.actual_id]) for one in lines]


def _held_rows(lines: list[Any]) -> list[StandingRow]:
    moved = fates_of_moved([one.pk for one in lines])
    fates = fates_of_work([one.actual_id for one in lines])
    return [_line_row(one, moved.get(one.pk, fates[one.actual_id])) for one in lines]


def _line_row(line: Any, fate: Fate) -> StandingRow:
    work = line.actual.work_item
    return _work_row(line.pk, work, line, line.accounting_date, line.voucher.posted_at, fate)


def _work_row(key: int, work: WorkItem, row: Any, day: date, recorded: datetime, fate: Fate) -> StandingRow:
    said = work.external_description or work.description or work.about
    text = ", ".join(filter(None, (work.resource.name if work.resource else "", said)))
    return StandingRow(
        key,
        day,
        text,
        reverse("trace-work", args=[work.pk]),
        str(work.customer or ""),
        str(work.project.number if work.project else ""),
        row.its_currency,
        row.standing_amount,
        getattr(row, "standing_base", None),
        recorded,
        fate,
    )


def _receivable_rows(rows: list[Any]) -> list[StandingRow]:
    fates = fates_of_settled([one.pk for one in rows])
    return [
        StandingRow(
            one.pk,
            one.date,
            str(one.invoice or one.reference or one.voucher),
            reverse("admin:accounting_customertransaction_change", args=[one.pk]),
            str(one.customer),
            "",
            one.its_currency,
            one.standing_amount,
            one.standing_base,
            one.voucher.posted_at,
            fates[one.pk],
        )
        for one in rows
    ]


def _on_account_rows(lines: list[Any]) -> list[StandingRow]:
    projects = [one.detail.line.contract_line.project_id for one in lines]
    fates = fates_of_eliminated(projects)
    rows = []
    for one in lines:
        invoice, project = one.proposal.customer_invoice, one.detail.line.contract_line.project
        rows.append(
            StandingRow(
                one.pk,
                invoice.invoice_date,
                _("%(number)s: %(text)s") % {"number": invoice.number, "text": one.detail.printed_text},
                reverse("admin:accounting_customerinvoice_change", args=[invoice.pk]),
                str(invoice.customer),
                str(project.number if project else ""),
                one.its_currency,
                one.standing_amount,
                None,
                invoice.posted_at,
                fates.get(project.pk if project else None, Fate(_("Still on account"))),
            )
        )
    return rows


def _waiting_rows(transaction_class: TransactionClass) -> Callable[[list[Any]], list[StandingRow]]:
    def build(groups: list[Any]) -> list[StandingRow]:
        keys = [one["key"] for one in groups]
        items = WorkItem.objects.select_related(*WORK).in_bulk(keys)
        left = _now(lambda at: waiting_of(at, transaction_class), items.values(), keys)
        fates = fates_of_grouped(left, groups)
        return [
            _group_row(
                one,
                (items[one["key"]].transaction_date, str(items[one["key"]])),
                reverse("trace-work", args=[one["key"]]),
                (str(items[one["key"]].customer or ""), _number(items[one["key"]].project)),
                fate,
            )
            for one, fate in zip(groups, fates, strict=True)
        ]

    return build


def _estimate_rows(groups: list[Any]) -> list[StandingRow]:
    keys = [one["key"] for one in groups]
    projects = Project.objects.select_related("customer").in_bulk(keys)
    fates = fates_of_grouped(_now(estimates_of, projects.values(), keys), groups)
    newest = _estimates_page()
    return [
        _group_row(
            one,
            (None, projects[one["key"]].name),
            f"{newest}?project__id__exact={one['key']}",
            (str(projects[one["key"]].customer or ""), projects[one["key"]].number),
            fate,
        )
        for one, fate in zip(groups, fates, strict=True)
    ]


def _estimates_page() -> str:
    return reverse("admin:accounting_revenueestimate_changelist")


def _number(project: Project | None) -> str:
    return project.number if project else ""


def _now(queryset: Callable[[AsOf], QuerySet], owners: Iterable[Any], keys: list[int]) -> dict[Any, Decimal]:
    """What is left of groups by now, by key and currency; the owners are of one company."""
    entity = next(iter(owners)).legal_entity
    at = AsOf(entity, date.max)
    rows = queryset(at).filter(key__in=keys).values_list("key", "its_currency", "standing_amount")
    return {(key, currency): amount for key, currency, amount in rows}


def _group_row(
    group: dict[str, Any], said: tuple[date | None, str], url: str, whose: tuple[str, str], fate: Fate
) -> StandingRow:
    day, text = said
    party, project = whose
    return StandingRow(
        group["key"],
        day,
        text,
        url,
        party,
        project,
        group["its_currency"],
        group["standing_amount"],
        group["standing_base"],
        None,
        fate,
    )


_BUILDERS: Mapping[StandingKind, Callable[[list[Any]], list[StandingRow]]] = {
    StandingKind.BACKLOG: _backlog_rows,
    StandingKind.ACCRUED: _accrued_rows,
    StandingKind.HELD: _held_rows,
    StandingKind.RECEIVABLES: _receivable_rows,
    StandingKind.ON_ACCOUNT: _on_account_rows,
    StandingKind.ADVANCES: _waiting_rows(TransactionClass.RETAINER),
    StandingKind.RETENTIONS: _waiting_rows(TransactionClass.RETENTION),
    StandingKind.ESTIMATES: _estimate_rows,
}

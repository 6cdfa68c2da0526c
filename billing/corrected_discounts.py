"""Percent discounts follow the correction of the work they lower: the draft proposes their share (B9, B12).

What a line charges is added up anew with the correction in it, and the discount is divided over it as on the
invoice (record 0022); an amount that was granted stays what it is.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from billing.correction_rows import WITH_WORK, BilledCorrection, billed_rows, first_rows
from billing.discounts import NOT_LOWERED, Base, Sold, parts_of
from billing.models import InvoiceLineDetail, Proforma
from billing.tax_days import tax_day
from core.money import ZERO
from projects.models import Actual
from projects.states import BillingType, TransactionClass
from projects.tax_rules import day_of_change, tax_rules

LineOfInvoice = tuple[int, int]
"""The event that billed it, and the contract line."""


@dataclass
class Discounted:
    """A line of an invoice with percent discounts: what it charges before and after a correction."""

    before: Base = field(default_factory=Base)
    after: Base = field(default_factory=Base)


def with_discounts(asked: Sequence[BilledCorrection]) -> list[BilledCorrection]:
    """The corrections, and of each percent discount on their lines the share of what they change.

    Nothing is added of a discount that is among them. Locks nothing; three statements where no line bore a
    percentage, otherwise a number that depends on the links of the longest chain of corrections alone.
    """
    work = [one for one in asked if _is_lowered(one.billed)]
    if not work:
        return list(asked)
    first = first_rows([one.billed for one in work])
    touched = {_line_of(first[one.billed.pk]) for one in work}
    granted = _granted(touched)
    if not granted:
        return list(asked)
    lines = _lines(granted, asked)
    named = {one.billed.pk for one in asked}
    added = [
        BilledCorrection(row, amount=stays)
        for row in _standing(granted)
        if row.pk not in named
        for stays in [_stays(row, granted[row.work_item_id], lines)]
        if stays != row.amount
    ]
    return [*asked, *added]


def _is_lowered(row: Actual) -> bool:
    return row.billing_type == BillingType.CHARGEABLE and row.work_item.transaction_class not in NOT_LOWERED


def _line_of(row: Actual) -> LineOfInvoice:
    return row.event_id, row.work_item.contract_line_id or 0


def _granted(touched: set[LineOfInvoice]) -> dict[int, InvoiceLineDetail]:
    """What percent discounts take off these lines, by work item; one statement."""
    events = {event for event, _line in touched}
    details = _dated(
        InvoiceLineDetail.objects.filter(discount__percent__isnull=False, line__proforma__event__in=events)
    ).select_related("discount", "line__proforma__customer")
    return {
        one.work_item_id or 0: one
        for one in details.order_by("pk")
        if (one.line.proforma.event_id, one.line.contract_line_id) in touched
    }


def _dated(details: QuerySet) -> QuerySet:
    """Details with `since`, the day on which the rate that they bear began."""
    return details.annotate(day=tax_day()).annotate(since=day_of_change("day", tax_rules()))


def _standing(granted: Mapping[int, InvoiceLineDetail]) -> list[Actual]:
    """What is billed of the discounts today; corrections of one are rows of its own work item."""
    rows = Actual.objects.billed_sales().originals().filter(mirror__isnull=True)
    of_discounts = rows.filter(
        work_item__in=granted, work_item__transaction_class=TransactionClass.DISCOUNT, amount__lt=0
    )
    return list(of_discounts.select_related(*WITH_WORK).order_by("pk"))


def _lines(
    granted: Mapping[int, InvoiceLineDetail], asked: Sequence[BilledCorrection]
) -> dict[int, Discounted]:
    """What the lines of discounts charge before and after the corrections, by key of the line."""
    lines: dict[int, Discounted] = defaultdict(Discounted)
    wanted = {one.billed.pk: one.remaining.amount for one in asked}
    invoices = Proforma.objects.filter(lines__in={one.line_id for one in granted.values()}).distinct()
    rows = [row for invoice in invoices for row in billed_rows(invoice) if _is_lowered(row)]
    first = first_rows(rows)
    sold = _sold({one.line_id for one in granted.values()})
    pending = _pending(rows)
    for row in rows:
        place = sold.get((first[row.pk].event_id, first[row.pk].work_item_id))
        if place is None:
            continue
        line, what, day = place
        now = pending.get(row.pk, row.amount)
        for base, amount in ((lines[line].before, now), (lines[line].after, wanted.get(row.pk, now))):
            base.amounts[what] = base.amounts.get(what, ZERO) + amount
            base.days[what] = day
    return lines


def _sold(lines: Collection[int]) -> dict[LineOfInvoice, tuple[int, Sold, date]]:
    """How work of these lines was taxed: by event and work item its line, what is taxed alike, its day."""
    details = _dated(InvoiceLineDetail.objects.filter(line__in=lines, corrects__isnull=True))
    rows = details.annotate(item=Coalesce("actual__work_item", "work_item")).values_list(
        F("line__proforma__event"), "item", "line", "item_sales_tax_group", "since", "transaction_date"
    )
    return {
        (event, item): (line, (group, since), day) for event, item, line, group, since, day in rows.order_by()
    }


def _pending(rows: Sequence[Actual]) -> dict[int, Decimal]:
    """What open drafts let stay billed of the rows that they correct, by key; two statements at most."""
    held = InvoiceLineDetail.objects.corrections().filter(
        corrects__in=[row.pk for row in rows], line__proforma__event__isnull=True
    )
    stays: dict[int, Decimal] = dict.fromkeys(held.values_list("corrects", flat=True), ZERO)
    if stays:
        kept = InvoiceLineDetail.objects.filter(replaces__corrects__in=stays)
        stays |= dict(kept.values_list("replaces__corrects", "amount"))
    return stays


def _stays(row: Actual, granted: InvoiceLineDetail, lines: Mapping[int, Discounted]) -> Decimal:
    """What stays billed of a discount; never the other way round."""
    line, what = lines[granted.line_id], (granted.item_sales_tax_group_id, granted.since)  # type: ignore[attr-defined]
    discount = granted.discount
    if discount is None:
        raise ValueError(f"no discount: {granted}")
    before, after = (parts_of(discount, base) or {} for base in (line.before, line.after))
    return min(row.amount + after.get(what, ZERO) - before.get(what, ZERO), ZERO)

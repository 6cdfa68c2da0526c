"""The hours worked that stand beside what a document bills, where time is billed in steps or days (A11, B9).

A document that bills all of a work item says all its hours. One that bills a part of it says that part of
them: what a correction leaves billed, what it opened again, and what an edit kept for later. So the hours
that documents name of one work item add up to those that were worked, however often it was corrected.
"""

from decimal import Decimal
from fractions import Fraction

from django.db.models import Case, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce

from billing.models import InvoiceLineDetail
from billing.querysets import DetailQuerySet
from billing.states import Remainder
from core.fields import QuantityField
from core.money import STORED_PLACES, rounded_fraction
from projects.models import Actual, WorkItem
from projects.states import BillingType, EventKind

PRINTED = (BillingType.CHARGEABLE, BillingType.COMPLIMENTARY)
"""Billing types that a document shows; non-chargeable work stays inside the company."""

CORRECTED = ("corrects__bills__invoice_detail",)
"""What must be loaded of details for `recorded_part`, beside their work items and actuals."""


def with_printed_quantity(details: DetailQuerySet) -> DetailQuerySet:
    """Details with what documents could bill of their work item in all, where hours stand beside it."""
    # What billing itself wrote is a part of what was there before.
    before = (
        Actual.objects.unbilled_sales()
        .filter(work_item=OuterRef("item"), billing_type__in=PRINTED)
        .exclude(event__kind=EventKind.CONFIRMATION)
        .order_by()
        .values("work_item")
        .annotate(sum=Sum("quantity"))
    )
    has_hours = Q(actual__work_item__recorded_hours__isnull=False) | Q(
        work_item__recorded_hours__isnull=False
    )
    return details.annotate(item=Coalesce("actual__work_item", "work_item")).annotate(
        printed_quantity=Case(
            When(has_hours, then=Subquery(before.values("sum"))), output_field=QuantityField()
        )
    )


def recorded_part(detail: InvoiceLineDetail, item: WorkItem | None, whole: Decimal | None) -> Decimal | None:
    """The hours worked of what a detail bills, to four places; negative where it takes them back.

    `whole` is the `printed_quantity` of its work item. None where its hours are not said beside it.
    """
    hours = item.recorded_hours if item is not None else None
    if hours is None:
        return None
    if detail.corrects is None:
        return _part(hours, _quantity(detail), whole)
    billed = detail.corrects.bills
    first = getattr(billed, "invoice_detail", None)
    return -_part(hours, detail.corrects.quantity if first is None else _quantity(first), whole)


def _quantity(detail: InvoiceLineDetail) -> Decimal:
    """What a detail stands for: what it writes off is billed with it, what it keeps is billed later."""
    actual = detail.actual
    if actual is None or detail.replaces_id is not None:
        return detail.quantity
    keeps = detail.remainder == Remainder.KEEP and detail.quantity < actual.quantity
    return detail.quantity if keeps else actual.quantity


def _part(hours: Decimal, quantity: Decimal, whole: Decimal | None) -> Decimal:
    # More than was approved is billed of the same hours.
    if not whole or quantity >= whole:
        return hours
    return rounded_fraction(Fraction(hours) * Fraction(quantity) / Fraction(whole), STORED_PLACES)

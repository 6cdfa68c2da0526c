"""Open proformas that bill more of a work item than was approved of it (B7, N3)."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from billing.findings import Check, in_words
from billing.models import InvoiceLineDetail, Proforma
from billing.querysets import DetailQuerySet
from core.money import ZERO, times
from core.templatetags.display import money, quantity
from projects.models import Actual, Adjustment, WorkItem
from projects.states import EventKind


class OpenDetail(NamedTuple):
    """A detail of an open proforma about one work item."""

    pk: int
    proforma: int
    work_item: int
    quantity: Decimal
    price: Decimal


def quantity_checks(proformas: Sequence[Proforma]) -> dict[int, list[Check]]:
    """Work items of which more would be billed than was approved, by proforma, in their units.

    What counts is all that was billed of the work item before and every detail of it on an open proforma,
    so that two details which are each raised a little are seen together. Amounts are in the proforma's
    currency. Two statements, six where something is above; locks nothing (B7, N3).
    """
    by_key = {one.pk: one for one in proformas}
    above = _changed_items({one.contract_id for one in proformas})
    if not above:
        return {}
    drafted = _drafted(above)
    of_item: dict[int, list[OpenDetail]] = defaultdict(list)
    for one in drafted:
        of_item[one.work_item].append(one)
    billed = dict(
        Actual.objects.billed_sales()
        .filter(work_item__in=above)
        .order_by()
        .values_list("work_item")
        .annotate(sum=Sum("quantity"))
    )
    approved = _approved(above)
    checks: dict[int, list[Check]] = defaultdict(list)
    for item, rows in sorted(of_item.items()):
        total = billed.get(item, ZERO) + sum((one.quantity for one in rows), ZERO)
        if not 0 <= approved[item].quantity < total:
            continue
        for key in sorted({one.proforma for one in rows} & by_key.keys()):
            here = [one for one in rows if one.proforma == key]
            checks[key].append(_above(approved[item], total, here, by_key[key].currency))
    return checks


def _changed_items(contracts: set[int]) -> set[int]:
    """Work items that may be above: a detail was raised, or an earlier confirmation billed more of them.

    Without either, what is billed and unbilled of a work item adds up to what was approved (J3).
    """
    raised = _of_open(
        Q(line__proforma__contract__in=contracts)
        & (Q(quantity__gt=F("actual__quantity")) | Q(quantity__gt=F("replaces__corrects__quantity")))
    )
    billed_more = Adjustment.objects.filter(
        quantity__gt=0, event__kind=EventKind.CONFIRMATION, work_item__contract__in=contracts
    )
    return {*raised.values_list("item", flat=True), *billed_more.values_list("work_item", flat=True)}


def _of_open(wanted: Q) -> DetailQuerySet:
    details = InvoiceLineDetail.objects.filter(wanted, line__proforma__event__isnull=True).order_by()
    return details.annotate(item=Coalesce("actual__work_item", "work_item"))


def _drafted(items: set[int]) -> list[OpenDetail]:
    rows = _of_open(Q(actual__work_item__in=items) | Q(work_item__in=items)).order_by("pk")
    return [OpenDetail(*row) for row in rows.values_list("pk", "line__proforma", "item", "quantity", "price")]


class ApprovedQuantity(NamedTuple):
    """What was approved of a work item, and its unit."""

    item: int
    quantity: Decimal
    unit: str


def _approved(items: set[int]) -> dict[int, ApprovedQuantity]:
    """The approved quantity as it stands: corrections of the work itself change it, billing does not."""
    changed = dict(
        Adjustment.objects.filter(work_item__in=items)
        .exclude(event__kind=EventKind.CONFIRMATION)
        .order_by()
        .values_list("work_item")
        .annotate(sum=Sum("quantity"))
    )
    rows = WorkItem.objects.filter(pk__in=items).values_list("pk", "quantity", "unit")
    return {pk: ApprovedQuantity(pk, whole + changed.get(pk, ZERO), unit) for pk, whole, unit in rows}


def _above(approved: ApprovedQuantity, total: Decimal, here: Sequence[OpenDetail], currency: str) -> Check:
    excess = total - approved.quantity
    highest = max(here, key=lambda one: one.quantity)
    amount = times(excess, highest.price, currency)
    way_out = _("Correct the line")
    if len(here) == 1 and highest.quantity > excess:
        fitting = quantity(highest.quantity - excess, approved.unit)
        way_out = _("Correct the line to %(quantity)s") % {"quantity": fitting}

    def message() -> str:
        words = _("Quantity above what was approved: %(billed)s billed of %(approved)s approved")
        return words % {
            "billed": quantity(total, approved.unit),
            "approved": quantity(approved.quantity, approved.unit),
        }

    def detail() -> str:
        words = _("%(quantity)s, %(amount)s, more than the entry holds.")
        return words % {"quantity": quantity(excess, approved.unit), "amount": money(amount, currency)}

    return Check(
        "quantity-above-approved",
        in_words(message),
        in_words(detail),
        facts=(approved.item, approved.quantity, total),
        details=tuple(one.pk for one in here),
        way_out=way_out,
    )

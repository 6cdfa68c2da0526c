"""The lines of proformas on the pages that confirm them: what was seen is what is confirmed (decision 16)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from billing.models import InvoiceLineDetail, Proforma
from billing.querysets import document_order
from core.templatetags.display import day, quantity, rate
from projects.states import BillingMethod, BillingType, TransactionClass

MOST_OF_ONE, MOST_OF_ALL, LEAST_OF_ONE = 100, 2000, 5
"""How many lines are shown of one document, and of all together; of each at least a few."""
RELATED = (
    "line",
    "actual__work_item__resource",
    "actual__work_item__task",
    "actual__work_item__category",
    "work_item__resource",
    "work_item__task",
    "work_item__category",
)


OF_WORK = Q(retainer__isnull=True, retention__isnull=True) & ~Q(transaction_class=TransactionClass.DISCOUNT)
BY_HAND = OF_WORK & Q(
    actual__isnull=True,
    corrects__isnull=True,
    milestone_share__isnull=True,
    line__contract_line__billing_method=BillingMethod.TIME_AND_MATERIAL,
)
UNBILLED_WORK = Q(actual__isnull=False) | BY_HAND
"""Details whose unbilled sales are reversed: work, no advance, discount, retention or milestone (B8)."""
TAKEN_BACK = OF_WORK & Q(corrects__isnull=False)
"""Details of a correction whose billed sales are reversed."""


@dataclass(frozen=True)
class SeenLine:
    """One detail as the document will say it; the amount in the currency of the document."""

    text: str
    facts: str
    amount: Decimal
    not_charged: str


def lines_of(proformas: Sequence[Proforma]) -> Mapping[int, Sequence[SeenLine]]:
    """The first lines of each proforma in the order of its document, by its key.

    Two statements, however many documents and details there are; locks nothing.
    """
    most = max(LEAST_OF_ONE, min(MOST_OF_ONE, MOST_OF_ALL // max(len(proformas), 1)))
    details = InvoiceLineDetail.objects.filter(line__proforma__in=proformas).order_by(*document_order())
    # Keys first: of a document with thousands of details only the first ones are read in full.
    first: dict[int, list[int]] = defaultdict(list)
    for proforma_id, key in details.values_list("line__proforma", "pk").iterator(2000):
        if len(first[proforma_id]) < most:
            first[proforma_id].append(key)
    rows = InvoiceLineDetail.objects.select_related(*RELATED).in_bulk(
        [key for keys in first.values() for key in keys]
    )
    return {proforma_id: [_seen(rows[key]) for key in keys] for proforma_id, keys in first.items()}


def _seen(detail: InvoiceLineDetail) -> SeenLine:
    work_item = detail.actual.work_item if detail.actual else detail.work_item
    person = work_item.resource if work_item else None
    facts = (
        day(detail.transaction_date),
        str(person or detail.get_transaction_class_display()),
        f"{quantity(detail.quantity, detail.unit)} × {rate(detail.price)}",
    )
    is_charged = detail.billing_type == BillingType.CHARGEABLE
    other = "" if is_charged else str(detail.get_billing_type_display())
    return SeenLine(detail.printed_text, ", ".join(facts), detail.amount, other)

"""What a proforma applies of advances, and what else is available for its customer (B3)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from billing.applied_advances import APPLYING
from billing.models import InvoiceLineDetail, Proforma, Retainer
from core.money import ZERO


@dataclass(frozen=True)
class AdvancesOn:
    """What a proforma applies, and what is left of it; net, in its currency."""

    applied: list[InvoiceLineDetail]
    available: Decimal

    @property
    def amount(self) -> Decimal:
        """What it applies in all, negative."""
        return sum((one.amount for one in self.applied), ZERO)


def advances_on(proforma: Proforma) -> AdvancesOn | None:
    """None where nothing is applied and nothing is available; two statements."""
    applied = list(
        InvoiceLineDetail.objects.filter(APPLYING, line__proforma=proforma, retainer__isnull=False)
        .select_related("retainer")
        .order_by("retainer__invoice_on", "pk")
    )
    available = ZERO
    if proforma.is_open:
        left = Retainer.objects.available().filter(contract=proforma.contract, customer=proforma.customer)
        available = left.aggregate(sum=Sum("available_amount", default=ZERO))["sum"]
    return AdvancesOn(applied, available) if applied or available else None


def totals_on(proforma: Proforma, discount: Decimal, kept: Decimal, released: Decimal) -> dict[str, Any]:
    """What the totals say, in the order of the document; two statements.

    `kept` and `released` are what the proforma keeps back, negative, and releases; they are no part of `net`.
    """
    advances = advances_on(proforma)
    net = proforma.net_amount - kept - released
    return {
        "advances": advances,
        "discount": discount,
        "kept": kept,
        "released": released,
        "net": net,
        "charged": net - discount - (advances.amount if advances else ZERO),
        "total": proforma.gross_amount - kept - released,
        "is_retained": bool(kept or released),
    }

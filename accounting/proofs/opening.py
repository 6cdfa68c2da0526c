"""What breaks open items that were brought from another system: vouchers, rows and reversals (C13, G16)."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounting.models import CustomerTransaction, OpeningItem, Voucher
from accounting.proofs.proof import Proof
from accounting.states import VoucherSource

OF_OPENING = VoucherSource.OPENING_ITEM


def without_row() -> QuerySet:
    """Open items that no row of the subledger, with its voucher, says the same of."""
    row = CustomerTransaction.objects.filter(
        voucher__source_kind=OF_OPENING,
        voucher__source_id=OuterRef("pk"),
        voucher__date=OuterRef("opened_on"),
        customer=OuterRef("customer"),
        reference=OuterRef("number"),
        currency=OuterRef("currency"),
        amount=OuterRef("amount"),
        base_amount=OuterRef("base_amount"),
    )
    # A reversal is due when it is posted.
    due = row.filter(due_date=OuterRef("due_date"))
    return OpeningItem.objects.filter(
        (Q(reverses__isnull=True) & ~Exists(due)) | (Q(reverses__isnull=False) & ~Exists(row))
    ).order_by("pk")


def without_item() -> QuerySet:
    """Vouchers of open items that are not there."""
    known = OpeningItem.objects.filter(pk=OuterRef("source_id"), legal_entity=OuterRef("legal_entity"))
    return Voucher.objects.filter(~Exists(known), source_kind=OF_OPENING).order_by("pk")


def unlike_reversals() -> QuerySet:
    """Reversals of open items that are not their exact negation."""
    same = {
        "amount": -F("reverses__amount"),
        "base_amount": -F("reverses__base_amount"),
        "customer": F("reverses__customer"),
        "opened_on": F("reverses__opened_on"),
    }
    return OpeningItem.objects.filter(reverses__isnull=False).exclude(**same).order_by("pk")


def twice() -> QuerySet:
    """Numbers of a customer of which two open items stand."""
    standing = OpeningItem.objects.standing()
    others = standing.filter(customer=OuterRef("customer"), number=OuterRef("number"))
    return standing.filter(Exists(others.exclude(pk=OuterRef("pk")))).order_by("pk")


ENTITY = "legal_entity"
PROOFS = (
    Proof("G16a", _("Every open item from another system has its voucher and its row."), without_row, ENTITY),
    Proof(
        "G16b",
        _("Every voucher of an open item from another system belongs to such an item."),
        without_item,
        ENTITY,
    ),
    Proof("G16c", _("The reversal of an open item is its exact negation."), unlike_reversals, ENTITY),
    Proof("G16d", _("A number of a customer was brought in once."), twice, ENTITY),
)

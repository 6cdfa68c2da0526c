"""What the database refuses about proformas, claims and number series (K2, I1, I2, I4, L2)."""

from billing.models import InvoiceLine, InvoiceLineDetail, Proforma, Retainer, SentStatement
from core.guarding import Guard, append_only, load, no_replacing


def guards(vendor: str) -> list[Guard]:
    """The guards of this app on one engine."""
    return [
        # Drafts are updated, so these are not append-only; replacing a row would skip its steps (I4).
        *no_replacing(vendor, Proforma),
        *no_replacing(vendor, InvoiceLine),
        *no_replacing(vendor, InvoiceLineDetail),
        *no_replacing(vendor, Retainer),
        *append_only(vendor, SentStatement, "send the statement of the month once more"),
        *load(__name__, vendor),
    ]

"""What somebody saw of proformas before confirming them, as one hash of each (decision 16)."""

from collections.abc import Sequence
from hashlib import sha256

from billing.models import InvoiceLineDetail, Proforma

HEADING = ("customer_id", "currency", "description", "invoice_date", "sales_tax_group_id", "gross_amount")
DETAIL = [field.attname for field in InvoiceLineDetail._meta.concrete_fields]


def contents_of(proformas: Sequence[Proforma]) -> dict[str, str]:
    """By number a hash of what each proforma asks for: its heading, and every column of its details.

    The total alone says nothing about details that were exchanged for others of the same sum. One statement;
    locks nothing.
    """
    hashes = {one.pk: sha256(repr([getattr(one, name) for name in HEADING]).encode()) for one in proformas}
    details = InvoiceLineDetail.objects.filter(line__proforma__in=proformas).order_by("pk")
    for key, *values in details.values_list("line__proforma", "line__name", *DETAIL).iterator(2000):
        hashes[key].update(repr(values).encode())
    return {one.number: hashes[one.pk].hexdigest()[:32] for one in proformas}

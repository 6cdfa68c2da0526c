"""What a posted invoice is, as hashes: noted in the log when it is posted, asked again by proofs (J1).

The log is a chain, so whoever changes an invoice behind the back of the verbs would have to write the chain
anew as well.
"""

from collections.abc import Mapping

from django.db.models import F, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from accounting.models import CustomerInvoice, CustomerTransaction, InvoiceInstalment, InvoiceTax, VoucherLine
from accounting.states import VoucherSource
from core.row_hashes import RowText, Sha256, Sha256OfRows

INVOICE = [field.name for field in CustomerInvoice._meta.concrete_fields]
TAX = (
    "id",
    "sales_tax_group",
    "tax_code",
    "percent",
    "base_amount",
    "tax_amount",
    "own_base",
    "own_tax",
)
OWED = (
    "id",
    "legal_entity",
    "customer",
    "voucher",
    "date",
    "due_date",
    "currency",
    "amount",
    "base_amount",
)
LINE = (
    "id",
    "voucher",
    "voucher__legal_entity",
    "voucher__number",
    "voucher__date",
    "voucher__posted_by",
    "voucher__posted_at",
    "account",
    "currency",
    "amount",
    "base_amount",
    "customer",
    "project",
    "dimension",
)
INSTALMENT = ("id", "number", "due_date", "amount", "through")
PARTS = ("invoice", "taxes", "owed", "voucher", "instalments")
"""What is noted of each invoice: the row itself, its taxes, subledger row, voucher and instalments."""


def with_hashes(invoices: QuerySet) -> QuerySet:
    """Each invoice with the hashes of its parts as `its_<part>`; nothing where a part has no rows."""
    voucher = VoucherLine.objects.filter(
        voucher__source_kind=VoucherSource.CUSTOMER_INVOICE, voucher__source_id=OuterRef("pk")
    )
    return invoices.annotate(
        its_invoice=Sha256(RowText(*map(F, INVOICE))),
        its_taxes=_of_rows(InvoiceTax.objects.filter(invoice=OuterRef("pk")), "invoice", TAX),
        its_owed=_of_rows(CustomerTransaction.objects.filter(invoice=OuterRef("pk")), "invoice", OWED),
        its_instalments=_of_rows(
            InvoiceInstalment.objects.filter(invoice=OuterRef("pk")), "invoice", INSTALMENT
        ),
        its_voucher=_of_rows(voucher, "voucher__source_id", LINE),
    )


def hashes_of(invoices: QuerySet) -> Mapping[int, Mapping[str, str]]:
    """The hashes of each invoice by the key of its proposal; one statement for any number (J1)."""
    columns = [f"its_{part}" for part in PARTS]
    rows = with_hashes(invoices).values_list("proposal", *columns)
    return {proposal: dict(zip(PARTS, hashes, strict=True)) for proposal, *hashes in rows}


def _of_rows(rows: QuerySet, by: str, columns: tuple[str, ...]) -> Coalesce:
    hashed = rows.order_by().values(by).annotate(hashed=Sha256OfRows(RowText(*map(F, columns))))
    return Coalesce(Subquery(hashed.values("hashed")), Value("", output_field=TextField()))

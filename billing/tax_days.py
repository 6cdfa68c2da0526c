"""The day and the group by which a detail bears sales tax, as expressions for queries (C3, decision 17)."""

from django.db.models import Case, DateField, F, Value, When
from django.db.models.functions import Coalesce

from projects.states import TaxDate

ROUNDING = "line__proforma__legal_entity__tax_rounding"
"""Which way the company of a detail rounds its tax."""


def tax_day(detail: str = "", invoice_date: F | Value | None = None) -> Coalesce:
    """The day whose rate a detail bears: that of the supply, or of the invoice where its entity says so.

    An expression over details, or over what `detail` leads to; `invoice_date` is that of the proforma unless
    given (decision 17). `InvoiceLineDetail.tax_day` says the same of one detail.
    """
    of_invoice = F(f"{detail}line__proforma__invoice_date") if invoice_date is None else invoice_date
    by_rule = Case(
        When(**{f"{detail}line__proforma__legal_entity__tax_date": TaxDate.INVOICE}, then=of_invoice),
        default=F(f"{detail}transaction_date"),
        output_field=DateField(),
    )
    return Coalesce(F(f"{detail}tax_date"), by_rule)


def sales_tax_group(detail: str = "", document: str = "line__proforma__") -> Case:
    """The sales tax group of a detail: its own, as of advances, or that of its document (C3, decision 9).

    What is taxed apart without a group bears no tax. An expression over details, or over what `detail` leads
    to; `document` leads to what has the group.
    """
    own = When(**{f"{detail}is_taxed_apart": True}, then=F(f"{detail}sales_tax_group"))
    return Case(own, default=F(f"{document}sales_tax_group"))

"""The tax report as a file: a row for each tax of a document, then for each of a cash discount (C15)."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.models import InvoiceTax, WriteOffTax
from accounting.tax_report import ReportedTaxes, TaxTotal, discounts_behind, documents_behind
from core.spreadsheets import Cell, Figure, Head

HEADS = [
    Head("tax_group", gettext_lazy("Tax group")),
    Head("code", gettext_lazy("Code")),
    Head("name", gettext_lazy("Name")),
    Head("rate", gettext_lazy("Rate")),
    Head("box", gettext_lazy("Box")),
    Head("kind", gettext_lazy("Kind")),
    Head("document", gettext_lazy("Document")),
    Head("corrects", gettext_lazy("Corrects")),
    Head("customer", gettext_lazy("Customer")),
    Head("vat_id", gettext_lazy("VAT id")),
    Head("date", gettext_lazy("Date")),
    Head("currency", gettext_lazy("Currency")),
    Head("base", gettext_lazy("Base")),
    Head("tax", gettext_lazy("Tax")),
    Head("own_currency", gettext_lazy("Currency of the company")),
    Head("own_base", gettext_lazy("Base in the company’s currency")),
    Head("own_tax", gettext_lazy("Tax in the company’s currency")),
]


def file_rows(taxes: ReportedTaxes, totals: Sequence[TaxTotal], own: str) -> Iterator[list[Cell]]:
    """The rows of the file; what a cash discount takes off is below zero, `own` is the company's currency."""
    for tax in documents_behind(taxes, totals).iterator(chunk_size=1000):
        yield _of_document(tax, totals[tax.place], own)  # type: ignore[attr-defined]
    for taken in discounts_behind(taxes, totals).iterator(chunk_size=1000):
        yield _of_discount(taken, totals[taken.place], own)  # type: ignore[attr-defined]


def corrected_by(tax: Any) -> str:
    """The numbers of the invoices that a credit note corrects."""
    return ", ".join(number for number, _day in tax.originals or ())


def _of_document(tax: Any, total: TaxTotal, own: str) -> list[Cell]:
    kind = _("Credit note") if tax.invoice.gross_amount < 0 else _("Invoice")
    amounts = (tax.base_amount, tax.tax_amount), (tax.own_base, tax.own_tax)
    texts = [kind, tax.invoice.number, corrected_by(tax), tax.invoice.customer.name, tax.vat_id or ""]
    return [*_of_total(tax, total), *texts, tax.day, *_amounts(tax.invoice.currency, own, *amounts)]


def _of_discount(tax: Any, total: TaxTotal, own: str) -> list[Cell]:
    invoice = tax.write_off.invoice
    amounts = (-tax.base_amount, -tax.tax_amount), (-tax.own_base, -tax.own_tax)
    texts = [_("Cash discount"), invoice.number, "", invoice.customer.name, ""]
    return [*_of_total(tax, total), *texts, tax.day, *_amounts(tax.write_off.currency, own, *amounts)]


def _of_total(tax: InvoiceTax | WriteOffTax, total: TaxTotal) -> list[Cell]:
    code = total.code
    named = [code.code if code else "", code.name if code else ""]
    box = code.return_box if code else ""
    return [str(total.sales_group or ""), *named, Figure(tax.percent), box]


def _amounts(currency: str, own: str, amounts: Any, own_amounts: Any) -> list[Cell]:
    return [
        currency,
        *(Figure(one, 2) for one in amounts),
        own,
        *(Figure(one, 2) for one in own_amounts),
    ]

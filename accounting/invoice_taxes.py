"""The taxes of posted invoices: in both currencies, and tied to the lines in their bases (C6, C15)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Subquery, Value

from accounting.invoice_posting_lines import PreparedInvoice
from accounting.models import CustomerInvoice, InvoiceProposalLine, InvoiceTax
from billing.tax_days import sales_tax_group, tax_day
from core.money import added_up_to, converted
from projects.states import TransactionClass
from projects.tax_rules import day_of_change, tax_rules

BATCH = 500


def write_taxes(
    invoices: Sequence[CustomerInvoice], prepared: Sequence[PreparedInvoice], invoice_date: date | None
) -> None:
    """Write the taxes of invoices, and on each line of their proposals the tax that it is in.

    Amounts are in the currency of each invoice and, at its rate, in its company's. What is kept back bears no
    tax and stays without one. One statement for each pair of tax groups and change of a rate that is met, two
    for the tax tables; the number of lines and invoices does not matter. Joins the transaction of its verb.
    """
    both = list(zip(invoices, prepared, strict=True))
    InvoiceTax.objects.bulk_create(
        [tax for invoice, one in both for tax in _taxes(invoice, one)], batch_size=BATCH
    )
    _tie_lines(prepared, invoice_date)


def _taxes(invoice: CustomerInvoice, prepared: PreparedInvoice) -> Iterable[InvoiceTax]:
    currency = invoice.legal_entity.currency
    parts = [(group, part) for group in prepared.taxes for part in group.parts]
    # The ledger converts their sum once: together they are the line of its voucher, exactly.
    own_taxes = added_up_to(
        converted(prepared.tax_amount, prepared.rate, currency),
        [converted(part.tax_amount, prepared.rate, currency) for _group, part in parts],
    )
    for (group, part), own_tax in zip(parts, own_taxes, strict=True):
        yield InvoiceTax(
            invoice=invoice,
            sales_tax_group_id=part.sales_group_id,
            tax_code_id=group.code_id,
            percent=group.percent,
            base_amount=part.base_amount,
            tax_amount=part.tax_amount,
            own_base=converted(part.base_amount, prepared.rate, currency),
            own_tax=own_tax,
        )


def _tie_lines(prepared: Sequence[PreparedInvoice], invoice_date: date | None) -> None:
    proposals = [one.proposal for one in prepared]
    lines = InvoiceProposalLine.objects.filter(proposal__in=proposals)
    # The same days and changes of rates that the bases were added up by (decision 17).
    invoiced_on = F("proposal__accounting_date") if invoice_date is None else Value(invoice_date)
    taxed = lines.exclude(detail__transaction_class=TransactionClass.RETENTION)
    dated = taxed.annotate(day=tax_day("detail__", invoiced_on))
    dated = dated.annotate(
        since=day_of_change("day", tax_rules()), sales_group=sales_tax_group("detail__", "proposal__")
    )
    met = {
        (pair, group.code_id, group.percent, since)
        for one in prepared
        for group in one.taxes
        for pair, since in [
            *(((one.proposal.sales_tax_group_id, item_group), since) for item_group, since in group.sold),
            *group.sold_apart,
        ]
    }
    for (sales_group, item_group), code, percent, since in met:
        its = _same("sales_tax_group", sales_group) | _same("tax_code", code)
        tax = InvoiceTax.objects.filter(invoice__proposal=OuterRef("proposal"), percent=percent, **its)
        same = _same("sales_group", sales_group) | _same("item_sales_tax_group", item_group)
        dated.filter(since=since, **same).update(tax=Subquery(tax.values("pk")[:1]))


def _same(column: str, key: int | None) -> dict[str, Any]:
    """A condition on a column that may be empty; in SQL nothing equals nothing."""
    return {f"{column}__isnull": True} if key is None else {column: key}

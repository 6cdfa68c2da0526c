"""The facts of a proforma's document, for print and preview, and what its invoice shares with it (B10, C7).

A proforma may be printed at any time: nothing is frozen before its invoice is posted, and the document says
on every page that it is not one.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TypedDict

from django.db.models import Case, Value, When

from billing.models import InvoiceLineDetail, Proforma
from billing.querysets import DetailQuerySet, document_order
from core.documents.building import (
    BilledRow,
    LineRate,
    line_rates,
    parties,
    period_of,
    rate_of,
    sections,
    tax_rows,
)
from core.documents.facts import DocumentFacts, DocumentSection, Party, TaxRow
from core.documents.labels import labels_in
from core.money import ONE, ZERO
from projects.states import BillingType, TransactionClass
from projects.taxing import TaxGroup

PRINTED = (BillingType.CHARGEABLE, BillingType.COMPLIMENTARY)
"""Billing types that a document shows; non-chargeable work stays inside the company."""


NAMES = (
    "line",
    "actual__work_item__resource",
    "actual__work_item__role",
    "actual__work_item__task",
    "actual__work_item__category",
    "work_item__resource",
    "work_item__role",
    "work_item__task",
    "work_item__category",
)
AGREED = (TransactionClass.MILESTONE, TransactionClass.RETAINER)
TAKEN_OFF = Case(
    When(retainer__isnull=False, corrects__isnull=True, amount__lt=0, then=Value(value=True)),
    default=Value(value=False),
)


class Heading(TypedDict):
    """What stands above the rows of a document and is the same on proforma and invoice."""

    language: str
    seller: Party
    customer: Party
    subtitle: str
    customer_number: str
    order_reference: str
    contract: str


def facts_of(proforma: Proforma, taxes: Sequence[TaxGroup]) -> DocumentFacts:
    """The facts of one proforma in its currency: what is charged, and what is complimentary at nothing.

    `taxes` are the estimates of `totalling.tax_estimates`. Contract, customer and legal entity are loaded.
    """
    # Rates may have changed since it was confirmed; the document then says the tax of that day.
    is_current = proforma.is_open or _tax_of(taxes) == proforma.tax_amount
    rows = tax_rows(taxes, proforma.customer.language) if is_current else _tax_as_confirmed(proforma)
    details = InvoiceLineDetail.objects.filter(line__proforma=proforma)
    # Today's rate beside a row would contradict the tax below it.
    rates = line_rates(taxes) if is_current else []
    body = billed_sections(
        details,
        rates,
        proforma.legal_entity.tax_date,
        proforma.invoice_date,
        language=proforma.customer.language,
    )
    return DocumentFacts(
        kind="proforma",
        number=proforma.number,
        document_date=proforma.invoice_date,
        sections=body,
        currency=proforma.currency,
        net=proforma.net_amount,
        gross=proforma.net_amount + sum((row.tax for row in rows), ZERO),
        tax_rows=rows,
        period=period_of(body),
        **heading_of(proforma),
    )


def heading_of(proforma: Proforma) -> Heading:
    """Parties and references, in the customer's language; contract, customer and legal entity are loaded."""
    contract, customer = proforma.contract, proforma.customer
    seller, buyer = parties(proforma.legal_entity, customer)
    return Heading(
        language=customer.language,
        seller=seller,
        customer=buyer,
        subtitle=proforma.description,
        customer_number=customer.number,
        order_reference=contract.purchase_order or customer.purchase_order,
        contract=f"{contract.number} {contract.name}",
    )


def billed_sections(
    details: DetailQuerySet,
    rates: Sequence[LineRate],
    tax_date: str,
    invoice_date: date,
    *,
    language: str,
) -> tuple[DocumentSection, ...]:
    """The printed ones of a proforma's details by contract line, in one statement.

    Once the proforma is confirmed the database freezes them. `rates` are those of the document
    (`line_rates`), `tax_date` is the rule of its legal entity (decision 17), and `invoice_date` its own.
    What advances take off comes last, under a heading in `language`.
    """
    return sections(_billed_rows(details, rates, tax_date, invoice_date, language))


def _billed_rows(
    details: DetailQuerySet, rates: Sequence[LineRate], tax_date: str, invoice_date: date, language: str
) -> Iterator[BilledRow]:
    printed = (
        details.filter(billing_type__in=PRINTED)
        .select_related(*NAMES)
        # What advances take off stands below the work, under a heading of its own.
        .annotate(is_taken_off=TAKEN_OFF)
        .order_by("is_taken_off", *document_order())
    )
    titles = labels_in(language)["advances"]
    # In chunks, so that ten thousand rows are not held as models at once.
    for detail in printed.iterator(chunk_size=2000):
        # A detail added by hand has no actual, and no work item before it is confirmed.
        work_item = detail.actual.work_item if detail.actual is not None else detail.work_item
        yield BilledRow(
            section=detail.retainer_use if detail.is_taken_off else detail.line_id,
            title=titles[detail.retainer_use] if detail.is_taken_off else detail.line.name,
            text=detail.printed_text,
            day=detail.transaction_date,
            # Of an advance there is one, whatever is taken off of it.
            quantity=detail.quantity if detail.retainer_id is None else ONE.copy_sign(detail.amount),
            # A milestone has no unit of its own: it is one agreed amount.
            unit=detail.unit or ("ls" if detail.transaction_class in AGREED else ""),
            price=detail.price if detail.retainer_id is None else abs(detail.amount),
            amount=detail.amount,
            tax_rate=rate_of(rates, detail.item_sales_tax_group_id, detail.tax_day(tax_date, invoice_date)),
            person=str(work_item.resource or "") if work_item else "",
            role=str(work_item.role or "") if work_item else "",
            is_free=detail.billing_type == BillingType.COMPLIMENTARY,
            # What a correction takes back was said with its hours on the first invoice.
            recorded=work_item.recorded_hours if work_item and not detail.is_correction else None,
        )


def _tax_of(taxes: Sequence[TaxGroup]) -> Decimal:
    return sum((group.tax_amount for group in taxes), ZERO)


def _tax_as_confirmed(proforma: Proforma) -> tuple[TaxRow, ...]:
    """One row without a rate: rates changed since it was confirmed, and the tax of that day stands."""
    label = labels_in(proforma.customer.language)["tax"]["title"]
    return (TaxRow(label=label, base=proforma.net_amount, tax=proforma.tax_amount),)

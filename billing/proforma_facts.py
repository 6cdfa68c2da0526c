"""The facts of a proforma's document, for print and preview (B10).

A proforma may be printed at any time: nothing is frozen before its invoice is posted, and the document says
on every page that it is not one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from billing.models import InvoiceLineDetail, Proforma
from core.documents.facts import DocumentFacts, DocumentLine, DocumentSection, Party, TaxRow
from core.documents.labels import LABELS, Labels
from core.money import ZERO
from projects.models import Customer, LegalEntity
from projects.states import BillingType
from projects.taxing import GroupPair, TaxCodeFacts, TaxGroup


def facts_of(
    proforma: Proforma, taxes: Sequence[TaxGroup], rules: Mapping[GroupPair, TaxCodeFacts]
) -> DocumentFacts:
    """The facts of one proforma in its currency: what is charged, and what is complimentary at nothing.

    `taxes` are the estimates of `totalling.tax_estimates`, `rules` those they were made with. Contract,
    customer and legal entity are loaded.
    """
    contract, customer = proforma.contract, proforma.customer
    rows = _tax_rows(proforma, taxes)
    details = list(_shown(proforma))
    return DocumentFacts(
        kind="proforma",
        number=proforma.number,
        document_date=proforma.invoice_date,
        language=customer.language,
        seller=_seller(proforma.legal_entity),
        customer=_customer(customer),
        sections=tuple(_sections(proforma, details, rules)),
        currency=proforma.currency,
        net=proforma.net_amount,
        gross=proforma.net_amount + sum((row.tax for row in rows), ZERO),
        tax_rows=rows,
        subtitle=proforma.description,
        period=_period(details),
        customer_number=customer.number,
        order_reference=contract.purchase_order or customer.purchase_order,
        contract=f"{contract.number} {contract.name}",
        notes=tuple(str(group.reason) for group in taxes if group.reason),
    )


def _tax_rows(proforma: Proforma, taxes: Sequence[TaxGroup]) -> tuple[TaxRow, ...]:
    rows = tuple(
        TaxRow(label=group.name, base=group.base_amount, tax=group.tax_amount, rate=group.percent or None)
        for group in taxes
        if group.code_id is not None
    )
    if proforma.is_open or sum((row.tax for row in rows), ZERO) == proforma.tax_amount:
        return rows
    # Rates were entered or changed since it was confirmed: it says what it said then.
    return (
        TaxRow(label=_labels(proforma)["tax"]["title"], base=proforma.net_amount, tax=proforma.tax_amount),
    )


def _labels(proforma: Proforma) -> Labels:
    """The document's own words in the customer's language."""
    return LABELS[proforma.customer.language.partition("-")[0]]


def _seller(entity: LegalEntity) -> Party:
    return Party(
        name=entity.name,
        short_name=entity.short_name,
        address=tuple(entity.address.splitlines()),
        contact=tuple(entity.contact.splitlines()),
        footer=tuple(entity.footer.splitlines()),
        vat_id=entity.vat_id,
    )


def _customer(customer: Customer) -> Party:
    return Party(
        name=customer.name,
        short_name=customer.short_name,
        address=tuple(customer.billing_address.splitlines()),
        vat_id=customer.vat_id,
    )


def _shown(proforma: Proforma) -> Any:
    return (
        InvoiceLineDetail.objects.filter(
            line__proforma=proforma, billing_type__in=[BillingType.CHARGEABLE, BillingType.COMPLIMENTARY]
        )
        .select_related("line", "actual__work_item__resource", "actual__work_item__role")
        .order_by("line__contract_line__number", "transaction_date", "pk")
    )


def _sections(
    proforma: Proforma, details: Iterable[InvoiceLineDetail], rules: Mapping[GroupPair, TaxCodeFacts]
) -> Iterator[DocumentSection]:
    free = _labels(proforma)["words"]["free"]
    for _key, members in groupby(details, key=lambda detail: detail.line_id):
        rows = list(members)
        yield DocumentSection(
            title=rows[0].line.name, lines=tuple(_line(proforma, row, rules, free) for row in rows)
        )


def _line(
    proforma: Proforma, detail: InvoiceLineDetail, rules: Mapping[GroupPair, TaxCodeFacts], free: str
) -> DocumentLine:
    work_item = detail.actual.work_item if detail.actual is not None else None
    is_charged = detail.billing_type == BillingType.CHARGEABLE
    code = rules.get((proforma.sales_tax_group_id, detail.item_sales_tax_group_id))
    percent = code.percent_on(proforma.invoice_date) if code and is_charged else None
    return DocumentLine(
        text=str(detail),
        note="" if is_charged else free,
        amount=detail.amount if is_charged else ZERO,
        date=detail.transaction_date,
        person=str(work_item.resource or "") if work_item else "",
        role=str(work_item.role or "") if work_item else "",
        quantity=detail.quantity,
        unit=detail.unit,
        unit_price=detail.price if is_charged else ZERO,
        tax_rate=percent if percent != Decimal(0) else None,
    )


def _period(details: Sequence[InvoiceLineDetail]) -> tuple[Any, Any] | None:
    days = [detail.transaction_date for detail in details]
    return (min(days), max(days)) if days else None

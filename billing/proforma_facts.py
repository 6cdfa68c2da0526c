"""The facts of a proforma's document, for print and preview, and what its invoice shares with it (B10, C7).

A proforma may be printed at any time: nothing is frozen before its invoice is posted, and the document says
on every page that it is not one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypedDict

from django.db.models import Case, Value, When

from billing.correction_rows import originals_of
from billing.models import InvoiceLineDetail, Proforma
from billing.querysets import DetailQuerySet, document_order
from billing.recorded_parts import CORRECTED, PRINTED, recorded_part, with_printed_quantity
from core.documents.building import (
    BilledRow,
    LineRate,
    line_rates,
    parties,
    period_of,
    rate_of,
    said_terms,
    sections,
    tax_rows,
)
from core.documents.facts import (
    Deduction,
    DocumentFacts,
    DocumentSection,
    Original,
    OriginalKind,
    Party,
    TaxRow,
)
from core.documents.labels import labels_in
from core.documents.layouts import DETAIL, Layout
from core.money import ONE, ZERO
from projects.document_layouts import agreed_layout
from projects.due_days import due_of
from projects.layout_states import section_key
from projects.models import WorkItem
from projects.payment_terms import agreed_terms
from projects.states import BillingType, TransactionClass
from projects.taxing import TaxGroup

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


@dataclass(slots=True)
class Body:
    """What a document charges, by contract line, and what is kept back or released beside it."""

    sections: tuple[DocumentSection, ...] = ()
    deductions: tuple[Deduction, ...] = ()

    @property
    def paid_later(self) -> Decimal:
        """By how much the deductions lower what is to pay, in the document's currency."""
        return sum((one.amount for one in self.deductions), ZERO)


@dataclass(slots=True)
class _Retained:
    """Details of retentions by what becomes of them: corrections are counted in what they correct."""

    amounts: dict[tuple[str, int | None], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    texts: dict[tuple[str, int | None], list[str]] = field(default_factory=lambda: defaultdict(list))

    def count(self, detail: InvoiceLineDetail) -> None:
        """Count one in."""
        is_kept = detail.amount > 0 if detail.corrects_id is not None else detail.amount < 0
        key = ("kept" if is_kept else "released", detail.retention_id)
        self.amounts[key] += detail.amount
        for text in filter(None, (detail.printed_text, detail.correction_reason)):
            if text not in self.texts[key]:
                self.texts[key].append(text)

    def deductions(self, language: str) -> Iterator[Deduction]:
        """What is kept back, then what is released, each in the order of the document."""
        headings = labels_in(language)["retentions"]
        for kind, heading in headings.items():
            for key, amount in self.amounts.items():
                if key[0] == kind and amount:
                    yield Deduction(label=" · ".join(self.texts[key]), amount=-amount, heading=heading)


def facts_of(proforma: Proforma, taxes: Sequence[TaxGroup]) -> DocumentFacts:
    """The facts of one proforma in its currency: what is charged, and what is complimentary at nothing.

    `taxes` are the estimates of `totalling.tax_estimates`. Contract, customer and legal entity are loaded.
    """
    # Rates may have changed since it was confirmed; the document then says the tax of that day.
    is_current = proforma.is_open or _tax_of(taxes) == proforma.tax_amount
    details = InvoiceLineDetail.objects.filter(line__proforma=proforma)
    # Today's rate beside a row would contradict the tax below it.
    rates = line_rates(taxes) if is_current else []
    language = proforma.customer.language
    body = billed_body(
        details, rates, proforma.legal_entity.tax_date, proforma.invoice_date, language=language
    )
    net = proforma.net_amount + body.paid_later
    rows = tax_rows(taxes, language) if is_current else _tax_as_confirmed(proforma, net)
    originals = originals_of([proforma]).get(proforma.pk, [])
    agreed = agreed_layout(proforma.contract, proforma.customer, proforma.legal_entity)
    before, after = agreed.texts_in(language) if agreed else ("", "")
    return DocumentFacts(
        kind="proforma",
        number=proforma.number,
        document_date=proforma.invoice_date,
        sections=body.sections,
        deductions=body.deductions,
        currency=proforma.currency,
        net=net,
        gross=net + sum((row.tax for row in rows), ZERO),
        tax_rows=rows,
        period=period_of(body.sections),
        originals=named_originals(originals),
        original_kind=kind_of(originals),
        before=before,
        after=after,
        payment_terms=_terms_of(proforma, net + sum((row.tax for row in rows), ZERO) - body.paid_later),
        **heading_of(proforma),
    )


def layout_of(proforma: Proforma) -> Layout:
    """How its rows are printed: as is agreed; contract, customer and legal entity are loaded."""
    agreed = agreed_layout(proforma.contract, proforma.customer, proforma.legal_entity)
    return agreed.facts_in(proforma.customer.language) if agreed else DETAIL


def _terms_of(proforma: Proforma, to_pay: Decimal) -> str:
    """How its invoice will be payable if it is dated like the proforma, in the customer's language."""
    customer, currency = proforma.customer, proforma.currency
    terms = agreed_terms(proforma.contract, customer)
    due = due_of(terms, proforma.invoice_date, to_pay, currency, agreed=None)
    return said_terms(
        customer.language,
        currency,
        to_pay,
        invoice_date=proforma.invoice_date,
        due_date=due.last,
        parts=due.parts,
        discount_percent=due.discount_percent,
        discount_until=due.discount_until,
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


def named_originals(originals: Iterable[Proforma]) -> tuple[Original, ...]:
    """The documents that are corrected, by number and date: invoices, or proformas while one has none."""
    named = tuple(originals)
    if kind_of(named) == "invoice":
        return tuple(
            Original(one.customer_invoice_number, one.customer_invoice_date or one.invoice_date)
            for one in named
        )
    return tuple(Original(one.number, one.invoice_date) for one in named)


def kind_of(originals: Iterable[Proforma]) -> OriginalKind:
    """Whether corrected documents are named by their invoices."""
    return "invoice" if all(one.customer_invoice_number for one in originals) else "proforma"


def billed_body(
    details: DetailQuerySet,
    rates: Sequence[LineRate],
    tax_date: str,
    invoice_date: date,
    *,
    language: str,
) -> Body:
    """The printed ones of a proforma's details by contract line, in one statement.

    Once the proforma is confirmed the database freezes them. `rates` are those of the document
    (`line_rates`), `tax_date` is the rule of its legal entity (decision 17), and `invoice_date` its own.
    What advances take off comes last, under a heading in `language`. What is kept back or released is no
    service: it stands apart, in the words of `language`, and is in no sum of the sections (B12).
    """
    retained = _Retained()
    rows = _billed_rows(details, rates, tax_date, invoice_date, language, retained)
    # The deductions are known when the rows have been read.
    return Body(sections(rows), tuple(retained.deductions(language)))


def _billed_rows(
    details: DetailQuerySet,
    rates: Sequence[LineRate],
    tax_date: str,
    invoice_date: date,
    language: str,
    retained: _Retained,
) -> Iterator[BilledRow]:
    printed = (
        with_printed_quantity(details.filter(billing_type__in=PRINTED))
        .select_related(*NAMES, *CORRECTED)
        # What advances take off stands below the work, under a heading of its own.
        .annotate(is_taken_off=TAKEN_OFF)
        .order_by("is_taken_off", *document_order())
    )
    titles = labels_in(language)["advances"]
    # In chunks, so that ten thousand rows are not held as models at once.
    for detail in printed.iterator(chunk_size=2000):
        if detail.transaction_class == TransactionClass.RETENTION:
            retained.count(detail)
            continue
        # A detail added by hand has no actual, and no work item before it is confirmed.
        work_item = detail.actual.work_item if detail.actual is not None else detail.work_item
        yield BilledRow(
            section=detail.retainer_use if detail.is_taken_off else detail.line_id,
            title=titles[detail.retainer_use] if detail.is_taken_off else detail.line.name,
            text=detail.printed_text,
            note=detail.correction_reason,
            day=detail.transaction_date,
            **_terms(detail),
            amount=detail.amount,
            tax_rate=_rate(detail, rates, detail.tax_day(tax_date, invoice_date)),
            **_worked_by(work_item),
            kind=detail.transaction_class,
            keys=_keys(detail, work_item),
            is_apart=detail.is_taken_off,
            is_free=detail.billing_type == BillingType.COMPLIMENTARY,
            recorded=recorded_part(detail, work_item, detail.printed_quantity),
        )


class _WorkedBy(TypedDict):
    person: str
    role: str
    task: str


def _worked_by(work_item: WorkItem | None) -> _WorkedBy:
    """Who did it, in which role, on which task; milestones and advances name nobody."""
    names = (work_item.resource, work_item.role, work_item.task) if work_item else ("", "", "")
    person, role, task = (str(name or "") for name in names)
    return _WorkedBy(person=person, role=role, task=task)


def _keys(detail: InvoiceLineDetail, work_item: WorkItem | None) -> frozenset[str]:
    """What named sections of a layout are chosen by; of what was added by hand, its class alone."""
    keys = {section_key("kind", detail.transaction_class)}
    is_by_hand = detail.actual_id is None and detail.corrects_id is None
    if work_item is not None and not is_by_hand:
        keys |= {section_key("role", work_item.role_id), section_key("category", work_item.category_id)}
    return frozenset(keys)


def _rate(detail: InvoiceLineDetail, rates: Sequence[LineRate], on: date) -> Decimal | None:
    if detail.is_taxed_apart and detail.sales_tax_group_id is None:
        return None
    return rate_of(rates, detail.item_sales_tax_group_id, on, apart=detail.sales_tax_group_id)


class _Terms(TypedDict):
    quantity: Decimal | None
    unit: str
    price: Decimal


def _terms(detail: InvoiceLineDetail) -> _Terms:
    """Quantity, unit and price as a customer reads them; a discount is an amount alone."""
    if detail.transaction_class == TransactionClass.DISCOUNT:
        return _Terms(quantity=None, unit="", price=detail.price)
    if detail.is_lump_sum or detail.transaction_class == TransactionClass.RETAINER:
        one = ONE.copy_sign(detail.amount)
        return _Terms(quantity=one, unit=detail.unit or "ls", price=abs(detail.amount))
    return _Terms(quantity=detail.quantity, unit=detail.unit, price=detail.price)


def _tax_of(taxes: Sequence[TaxGroup]) -> Decimal:
    return sum((group.tax_amount for group in taxes), ZERO)


def _tax_as_confirmed(proforma: Proforma, net: Decimal) -> tuple[TaxRow, ...]:
    """One row without a rate: rates changed since it was confirmed, and the tax of that day stands."""
    label = labels_in(proforma.customer.language)["tax"]["title"]
    return (TaxRow(label=label, base=net, tax=proforma.tax_amount),)

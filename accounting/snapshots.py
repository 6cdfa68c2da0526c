"""What an invoice says, frozen when it is posted, and how its document is made of it (C7, RELIABILITY I6).

The snapshot holds everything that could change later: names, addresses, bank, labels, terms, taxes. The
rows of the document come from the proforma's details, which the database freezes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min
from django.utils import translation
from django.utils.translation import gettext as _

from accounting.models import CustomerInvoice, InvoiceProposalLine
from core.documents.document_data import DocumentFacts, DocumentLine, DocumentSection, Party, TaxRow
from core.money import ZERO
from projects.models import Customer, LegalEntity
from projects.taxing import TaxGroup


def snapshot_of(invoice: CustomerInvoice, taxes: Sequence[TaxGroup]) -> dict[str, Any]:
    """Everything of an invoice that its own frozen rows do not hold, ready to be stored as JSON."""
    proposal, proforma = invoice.proposal, invoice.proposal.proforma
    contract, customer = proforma.contract, proforma.customer
    with translation.override(customer.language):
        terms = _("Payable without deduction within %(days)s days.") % {"days": customer.payment_days}
        reasons = [str(group.reason) for group in taxes if group.reason]
    return {
        "language": customer.language,
        "seller": _seller(invoice.legal_entity),
        "customer": _customer(customer),
        "customer_number": customer.number,
        "order_reference": contract.purchase_order or customer.purchase_order,
        "contract": f"{contract.number} {contract.name}",
        "iban": invoice.legal_entity.iban,
        "bic": invoice.legal_entity.bic,
        "bank": invoice.legal_entity.bank_name,
        "payment_terms": terms,
        "notes": [note for note in (proposal.note, *reasons) if note],
        "layout": proposal.layout,
        "taxes": [
            {
                "label": group.name,
                "percent": str(group.percent),
                "base": str(group.base_amount),
                "tax": str(group.tax_amount),
                "note": str(group.reason),
            }
            for group in taxes
            if group.code_id is not None
        ],
    }


def facts_of(invoice: CustomerInvoice) -> DocumentFacts:
    """The facts of an invoice's document, from its snapshot and its frozen rows, in its currency."""
    frozen = invoice.snapshot
    lines = _lines_of(invoice)
    span = lines.aggregate(first=Min("detail__transaction_date"), last=Max("detail__transaction_date"))
    return DocumentFacts(
        kind="invoice" if invoice.gross_amount >= 0 else "credit",
        number=invoice.number,
        document_date=invoice.invoice_date,
        language=frozen["language"],
        seller=_party(frozen["seller"]),
        customer=_party(frozen["customer"]),
        sections=tuple(_sections(lines, _rates(frozen))),
        currency=invoice.currency,
        net=invoice.net_amount,
        gross=invoice.gross_amount,
        tax_rows=tuple(_tax_row(row) for row in frozen["taxes"]),
        period=_period(span),
        due_date=invoice.due_date,
        customer_number=frozen["customer_number"],
        order_reference=frozen["order_reference"],
        contract=frozen["contract"],
        payment_terms=frozen["payment_terms"],
        payment_reference=invoice.number,
        iban=frozen["iban"],
        bic=frozen["bic"],
        bank=frozen["bank"],
        notes=tuple(frozen["notes"]),
    )


def _seller(entity: LegalEntity) -> dict[str, Any]:
    return {
        "name": entity.name,
        "short_name": entity.short_name,
        "address": entity.address.splitlines(),
        "contact": entity.contact.splitlines(),
        "footer": entity.footer.splitlines(),
        "vat_id": entity.vat_id,
    }


def _customer(customer: Customer) -> dict[str, Any]:
    return {
        "name": customer.name,
        "short_name": customer.short_name,
        "address": customer.billing_address.splitlines(),
        "vat_id": customer.vat_id,
    }


def _party(frozen: dict[str, Any]) -> Party:
    said: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in frozen.items()
    }
    return Party(**said)


def _tax_row(row: dict[str, str]) -> TaxRow:
    percent = Decimal(row["percent"])
    return TaxRow(
        label=row["label"],
        base=Decimal(row["base"]),
        tax=Decimal(row["tax"]),
        rate=percent or None,
        note=row["note"],
    )


def _lines_of(invoice: CustomerInvoice) -> Any:
    return (
        InvoiceProposalLine.objects.filter(proposal=invoice.proposal_id)
        .select_related("detail__line", "actual__work_item__resource", "actual__work_item__role")
        .order_by("detail__line__contract_line__number", "detail__transaction_date", "pk")
    )


def _sections(lines: Iterable[InvoiceProposalLine], rate: Decimal | None) -> Iterator[DocumentSection]:
    title, rows = None, []
    for line in lines.iterator(chunk_size=2000) if hasattr(lines, "iterator") else lines:
        if title is not None and line.detail.line.name != title:
            yield DocumentSection(title=title, lines=tuple(rows))
            rows = []
        title = line.detail.line.name
        rows.append(_document_line(line, rate))
    if title is not None:
        yield DocumentSection(title=title, lines=tuple(rows))


def _document_line(line: InvoiceProposalLine, rate: Decimal | None) -> DocumentLine:
    detail, work_item = line.detail, line.actual.work_item
    return DocumentLine(
        text=str(detail),
        amount=line.amount,
        date=detail.transaction_date,
        person=str(work_item.resource or ""),
        role=str(work_item.role or ""),
        quantity=detail.quantity,
        unit=detail.unit,
        unit_price=detail.price if line.amount else ZERO,
        tax_rate=rate,
    )


def _rates(frozen: dict[str, Any]) -> Decimal | None:
    """The one rate of the document, when it has just one."""
    rates = {row["percent"] for row in frozen["taxes"]}
    return Decimal(rates.pop()) if len(rates) == 1 else None


def _period(span: dict[str, date | None]) -> tuple[date, date] | None:
    first, last = span["first"], span["last"]
    return (first, last) if first is not None and last is not None else None

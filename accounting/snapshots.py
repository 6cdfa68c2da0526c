"""What an invoice says, frozen when it is posted, and how its document is made of it (C7, I6).

The snapshot holds everything that could change later: names, addresses, bank, terms, taxes and the rate of
each line. The rows of the document come from the proforma's details, which the database freezes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from accounting.models import CustomerInvoice, InvoiceProposal
from billing.models import InvoiceLineDetail, Proforma
from billing.proforma_facts import billed_body, heading_of, named_originals
from core.documents.building import (
    LineRate,
    credited,
    line_rates,
    period_of,
    said_terms,
    tax_rows,
)
from core.documents.facts import DocumentFacts, Original, Party, TaxRow
from core.documents.layouts import DETAIL
from projects.taxing import TaxGroup

TEXTS = (
    "language",
    "subtitle",
    "customer_number",
    "order_reference",
    "contract",
    "payment_terms",
    "iban",
    "bic",
    "bank",
    "before",
    "after",
)
"""Facts that are in the snapshot under their own name."""


def snapshot_of(
    invoice: CustomerInvoice,
    taxes: Sequence[TaxGroup],
    originals: Sequence[Proforma] = (),
    *,
    parts: Sequence[tuple[date, Decimal]] = (),
) -> dict[str, Any]:
    """Everything of an invoice that its own frozen rows do not hold, ready to be stored as JSON.

    `originals` are the proformas it corrects, which are posted: a credit note names their invoices (I5).
    `parts` are its instalments, each with its day.
    """
    proposal, entity = invoice.proposal, invoice.legal_entity
    heading = heading_of(proposal.proforma)
    return {
        **heading,
        "seller": asdict(heading["seller"]),
        "customer": asdict(heading["customer"]),
        "iban": entity.iban,
        "bic": entity.bic,
        "bank": entity.bank_name,
        "payment_terms": _terms_of(invoice, heading["language"], parts),
        "parts": [[day.isoformat(), str(amount)] for day, amount in parts],
        "notes": [note for note in (proposal.note,) if note],
        **_layout_of(proposal, heading["language"]),
        "originals": [[one.number, one.day.isoformat()] for one in named_originals(originals)],
        "taxes": [_frozen_tax(row) for row in tax_rows(taxes, heading["language"])],
        "rates": [
            [one.item_group, one.since.isoformat(), str(one.percent), one.apart] for one in line_rates(taxes)
        ],
        "tax_date": entity.tax_date,
    }


def _layout_of(proposal: InvoiceProposal, language: str) -> dict[str, Any]:
    """The layout and its texts: what somebody changes about it later holds for later invoices."""
    layout = proposal.layout
    before, after = layout.texts_in(language) if layout else ("", "")
    return {
        "layout": (layout.facts_in(language) if layout else DETAIL).frozen(),
        "before": before,
        "after": after,
    }


def _terms_of(invoice: CustomerInvoice, language: str, parts: Sequence[tuple[date, Decimal]]) -> str:
    """When it is payable, in words: accounting may have chosen another due date than was agreed."""
    return said_terms(
        language,
        invoice.currency,
        invoice.gross_amount,
        invoice_date=invoice.invoice_date,
        due_date=invoice.due_date,
        parts=parts,
        discount_percent=invoice.discount_percent,
        discount_until=invoice.discount_until,
    )


def facts_of(invoice: CustomerInvoice) -> DocumentFacts:
    """The facts of an invoice's document, from its snapshot and its frozen rows, in its currency.

    An invoice that gives money back is a credit note and states positive figures.
    """
    # Turned here, for print and reprint alike; the books keep the negative amounts.
    facts = invoice_facts(invoice)
    return credited(facts) if facts.amount_due < 0 else facts


def invoice_facts(invoice: CustomerInvoice) -> DocumentFacts:
    """The facts as an invoice whatever its total, with the signs of the books."""
    frozen = invoice.snapshot
    details = InvoiceLineDetail.objects.filter(line__proforma__proposal=invoice.proposal_id)
    body = billed_body(
        details,
        _rates(frozen["rates"]),
        frozen["tax_date"],
        invoice.invoice_date,
        language=frozen["language"],
    )
    return DocumentFacts(
        kind="invoice",
        number=invoice.number,
        document_date=invoice.invoice_date,
        seller=_party(frozen["seller"]),
        customer=_party(frozen["customer"]),
        sections=body.sections,
        deductions=body.deductions,
        currency=invoice.currency,
        # The tax is asked for on what is kept back as well, so that it is a part of the net (B12).
        net=invoice.net_amount + body.paid_later,
        gross=invoice.gross_amount + body.paid_later,
        tax_rows=tuple(_tax_row(row) for row in frozen["taxes"]),
        period=period_of(body.sections),
        due_date=invoice.due_date,
        parts=tuple((date.fromisoformat(day), Decimal(amount)) for day, amount in frozen.get("parts", ())),
        payment_reference=invoice.number,
        originals=tuple(
            Original(number, date.fromisoformat(day)) for number, day in frozen.get("originals", ())
        ),
        notes=tuple(frozen["notes"]),
        # A field that was added later is missing in older snapshots: those invoices never said it.
        **{name: frozen[name] for name in TEXTS if name in frozen},
    )


def _party(frozen: Mapping[str, Any]) -> Party:
    """JSON knows no tuples: its lists become some again."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in frozen.items()
    }
    return Party(**values)


def _frozen_tax(row: TaxRow) -> dict[str, str | None]:
    # As text: JSON has no decimals, and a float would change figures (M1).
    return {name: value if value is None else str(value) for name, value in asdict(row).items()}


def _tax_row(frozen: Mapping[str, str]) -> TaxRow:
    return TaxRow(
        label=frozen["label"],
        base=Decimal(frozen["base"]),
        tax=Decimal(frozen["tax"]),
        rate=None if frozen["rate"] is None else Decimal(frozen["rate"]),
        note=frozen["note"],
    )


def _rates(frozen: Sequence[tuple[int | None, str, str, int | None]]) -> list[LineRate]:
    return [
        LineRate(group, date.fromisoformat(since), Decimal(percent), apart)
        for group, since, percent, apart in frozen
    ]

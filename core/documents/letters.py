"""What letters about open invoices share: head, columns and payment block of a document without rows (C11).

Pure: no Django, no database, no clock. They are laid out as an invoice; their rows are documents, each with
its amount and what is open of it, or with the balance after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.documents.document_data import document_data
from core.documents.facts import DocumentFacts, Party
from core.documents.formats import Formats, breakable, clean, clip, grouped_iban
from core.documents.labels import labels_in, language_of
from core.money import ZERO

TEXT_CHARACTERS, TEXT_TOKEN, META_CHARACTERS, META_TOKEN, PAYMENT_TOKEN = 500, 48, 66, 22, 31
COLUMNS = ("date", "text", "rate", "amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Who writes to whom, in which language, about which currency; where to pay."""

    number: str
    printed_on: date
    language: str
    currency: str
    seller: Party
    customer: Party
    customer_number: str
    iban: str = ""
    bic: str = ""
    bank: str = ""

    @property
    def formats(self) -> Formats:
        """The formats of the customer's language for the currency of the letter."""
        region = self.language.replace("_", "-").partition("-")[2].upper()
        return Formats.of(language_of(self.language), region, self.currency)


def letter_data(letter: Letter, *, title: str, intro: str, meta: Mapping[str, str]) -> dict[str, Any]:
    """The template's dictionary with head and address and no rows yet; `meta` is said beside the address.

    Raises ValueError where `document_data` does.
    """
    facts = DocumentFacts(
        kind="invoice",
        number=letter.number,
        document_date=letter.printed_on,
        language=letter.language,
        seller=letter.seller,
        customer=letter.customer,
        intro=intro,
        sections=(),
        currency=letter.currency,
        net=ZERO,
        gross=ZERO,
    )
    labels = labels_in(letter.language)["meta"]
    first = {"number": letter.number, "proforma_date": letter.formats.day(letter.printed_on)}
    said = {labels[key]: value for key, value in {**first, "customer": letter.customer_number}.items()}
    lines = [
        {
            "label": label,
            "value": breakable(clip(value, META_CHARACTERS), META_TOKEN),
            "strong": label == labels["number"],
        }
        for label, value in {**said, **meta}.items()
        if clean(value)
    ]
    return document_data(facts) | {"title": title, "meta": lines, "columns": list(COLUMNS)}


def letter_row(day: str, text: str, amount: str, total: str, note: str = "") -> dict[str, str]:
    """One row: a document with its day, its amount, and what is open of it or the balance after it."""
    return {
        "date": day,
        "text": breakable(clip(text, TEXT_CHARACTERS), TEXT_TOKEN),
        "rate": amount,
        "amount": total,
        "note": clip(note, TEXT_CHARACTERS),
    }


def payment_block(letter: Letter, *, due: str, amount: str, reference: str) -> dict[str, Any] | None:
    """Where to pay how much; nothing where the company names no account."""
    if not letter.iban:
        return None
    words = labels_in(letter.language)["payment"]
    values = [
        {"due": due, "amount": amount},
        {"iban": grouped_iban(letter.iban), "bic": letter.bic},
        {"reference": reference, "bank": letter.bank},
    ]

    def field(key: str, value: str) -> dict[str, Any]:
        text = breakable(clip(value, META_CHARACTERS), PAYMENT_TOKEN)
        return {"label": words[key], "value": text, "big": key in ("due", "amount") and bool(due)}

    columns = [[field(key, value) for key, value in column.items() if clean(value)] for column in values]
    return {"title": words["title"], "columns": columns}

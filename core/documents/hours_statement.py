"""What the statement of prepaid hours of a month says: figures in, the template's dictionary out (A12).

Pure: no Django, no database, no clock. It is laid out as an invoice with other columns, and asks for nothing.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from core.documents.document_data import document_data
from core.documents.facts import DocumentFacts, Party
from core.documents.formats import Formats, breakable, clip
from core.documents.hours_labels import HOURS_LABELS
from core.documents.labels import Labels, labels_in, language_of
from core.money import ZERO

TEXT_CHARACTERS, TEXT_TOKEN, NAME_CHARACTERS, NAME_TOKEN = 500, 48, 60, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursRow:
    """Hours that used the block, or that are beyond it; the text is what the customer reads."""

    day: date
    text: str
    person: str
    hours: Decimal
    is_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursStatement:
    """The hours of one month of a contract line; `overage` is what those over cost, net in `currency`."""

    number: str
    printed_on: date
    language: str
    seller: Party
    customer: Party
    customer_number: str
    contract: str
    line: str
    currency: str
    first_day: date
    last_day: date
    rolled_in: Decimal
    bought: Decimal
    used: Decimal
    over: Decimal
    left: Decimal
    rolled_on: Decimal
    expired: Decimal
    overage_rate: Decimal
    overage: Decimal
    rows: tuple[HoursRow, ...]


def hours_data(facts: HoursStatement) -> dict[str, Any]:
    """Make the template's dictionary in the customer's language: the month, then what was worked.

    Hours over name their rate and their sum. Every row is printed, however many there are. Raises ValueError
    where `document_data` does.
    """
    language = language_of(facts.language)
    region = facts.language.replace("_", "-").partition("-")[2].upper()
    labels, formats = labels_in(language), Formats.of(language, region, facts.currency)
    words = HOURS_LABELS[language]
    return document_data(_as_invoice(facts)) | {
        "title": words["title"],
        "meta": _meta(facts, labels, formats),
        "columns": ["date", "text", "who", "qty", "unit"],
        "heads": {name: labels["columns"][name] for name in ("date", "text", "who", "qty", "unit")},
        "sections": [
            {
                "title": words["month"],
                "note": "",
                "rows": _month(facts, words, labels, formats),
                "subtotal": None,
            },
            {
                "title": words["work"],
                "note": "",
                "rows": _work(facts, words, labels, formats),
                "subtotal": None,
            },
        ],
        "totals": _totals(facts, words, labels, formats),
    }


def _as_invoice(facts: HoursStatement) -> DocumentFacts:
    """Parties and layout are those of an invoice; it has no rows and no amounts."""
    return DocumentFacts(
        kind="invoice",
        number=facts.number,
        document_date=facts.printed_on,
        language=facts.language,
        seller=facts.seller,
        customer=facts.customer,
        subtitle=facts.line,
        sections=(),
        currency=facts.currency,
        net=ZERO,
        gross=ZERO,
    )


def _meta(facts: HoursStatement, labels: Labels, formats: Formats) -> list[dict[str, Any]]:
    values = {
        "number": facts.number,
        "proforma_date": formats.day(facts.printed_on),
        "period": formats.period(facts.first_day, facts.last_day),
        "customer": facts.customer_number,
        "contract": facts.contract,
    }
    return [
        {
            "label": labels["meta"][key],
            "value": breakable(clip(value, 66), 22),
            "strong": key == "number",
        }
        for key, value in values.items()
        if value
    ]


def _month(
    facts: HoursStatement, words: dict[str, str], labels: Labels, formats: Formats
) -> list[dict[str, str]]:
    """One row for each figure; what did not happen is left out."""
    always = {"rolled_in": facts.rolled_in, "bought": facts.bought, "used": facts.used}
    sometimes = {"over": facts.over, "rolled_on": facts.rolled_on, "expired": facts.expired}
    shown = always | {name: hours for name, hours in sometimes.items() if hours}
    note = words["at_rate"].format(rate=formats.money(facts.overage_rate))
    return [
        {
            "date": "",
            "text": words[name],
            "who": "",
            "qty": formats.quantity(hours),
            "unit": labels["units"]["h"],
            "note": note if name == "over" else "",
        }
        for name, hours in shown.items()
    ]


def _work(
    facts: HoursStatement, words: dict[str, str], labels: Labels, formats: Formats
) -> list[dict[str, str]]:
    return [
        {
            "date": formats.day(row.day),
            "text": breakable(clip(row.text, TEXT_CHARACTERS), TEXT_TOKEN),
            "who": breakable(clip(row.person, NAME_CHARACTERS), NAME_TOKEN),
            "qty": formats.quantity(row.hours),
            "unit": labels["units"]["h"],
            "note": words["over"] if row.is_over else "",
        }
        for row in facts.rows
    ]


def _totals(
    facts: HoursStatement, words: dict[str, str], labels: Labels, formats: Formats
) -> list[dict[str, str]]:
    unit = labels["units"]["h"]
    rows = []
    if facts.over:
        rows.append({"label": words["overage"], "value": formats.money(facts.overage), "kind": "plain"})
    left = f"{formats.quantity(facts.left)}\u00a0{unit}"
    return [*rows, {"label": words["left"], "value": left, "kind": "due"}]

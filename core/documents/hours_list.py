"""The list of the hours behind an invoice: the same facts, every entry with its hours and no amounts (C14).

Pure: no Django, no database, no clock. It is laid out as an invoice with other columns, and asks for nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.documents.document_data import document_data
from core.documents.facts import DocumentFacts, DocumentLine, DocumentSection
from core.documents.formats import Formats, breakable, clip
from core.documents.labels import Labels, labels_in, language_of
from core.documents.mail_labels import MAIL_LABELS
from core.money import ZERO

COLUMNS = ("date", "text", "who", "qty", "unit")
DUE = {"kind": "due"}
TEXT_CHARACTERS, TEXT_TOKEN, NAME_CHARACTERS, NAME_TOKEN = 500, 48, 60, 16


def hours_list_data(facts: DocumentFacts) -> dict[str, Any] | None:
    """The template's dictionary of the list, in the customer's language; None where nothing is hours.

    Hours are those that were worked, by contract line and date, as the invoice states them. Raises ValueError
    where `document_data` does.
    """
    sections = [_of_time(section) for section in facts.sections if not section.is_apart]
    sections = [section for section in sections if section.lines]
    if not sections:
        return None
    language = language_of(facts.language)
    region = facts.language.replace("_", "-").partition("-")[2].upper()
    labels, formats = labels_in(language), Formats.of(language, region, facts.currency)
    words = MAIL_LABELS[language]
    document = document_data(
        replace(facts, sections=(), deductions=(), net=ZERO, gross=ZERO, tax_rows=(), **_unsaid())
    )
    lines = [line for section in sections for line in section.lines]
    return document | {
        "title": words["hours_title"],
        "columns": list(COLUMNS),
        "heads": {name: labels["columns"][name] for name in COLUMNS},
        "sections": [_section(section, labels, formats) for section in sections],
        "totals": [
            {"label": labels["words"]["total"], "value": _hours(lines, labels, formats), "kind": "due"}
        ],
    }


def _unsaid() -> dict[str, Any]:
    """What a list of hours does not say: it is no request for money."""
    texts = dict.fromkeys(("payment_terms", "iban", "before", "after", "intro"), "")
    return {**texts, "notes": (), "due_date": None}


def _of_time(section: DocumentSection) -> DocumentSection:
    lines = (line for line in section.lines if line.kind == "time" and hours_of(line) is not None)
    ordered = sorted(lines, key=lambda line: (line.date is None, line.date, line.person))
    return replace(section, lines=tuple(ordered))


def hours_of(line: DocumentLine) -> Decimal | None:
    """The hours worked; of a line that says none, what is billed in hours."""
    if line.recorded is not None:
        return line.recorded
    return line.quantity if line.unit == "h" else None


def _section(section: DocumentSection, labels: Labels, formats: Formats) -> dict[str, Any]:
    rows = [_row(line, labels, formats) for line in section.lines]
    subtotal = None
    if len(rows) > 1:
        total = sum((hours_of(line) or ZERO for line in section.lines), ZERO)
        words = {"label": labels["words"]["subtotal"], "qty": formats.quantity(total)}
        subtotal = {**words, "unit": labels["units"]["h"]}
    return {"title": section.title, "note": "", "rows": rows, "subtotal": subtotal}


def _row(line: DocumentLine, labels: Labels, formats: Formats) -> dict[str, str]:
    return {
        "date": formats.day(line.date) if line.date else "",
        "text": breakable(clip(line.text, TEXT_CHARACTERS), TEXT_TOKEN),
        "who": breakable(clip(line.person, NAME_CHARACTERS), NAME_TOKEN),
        "qty": formats.quantity(hours_of(line) or ZERO),
        "unit": labels["units"]["h"],
        "note": labels["words"]["free"] if line.is_free else "",
    }


def _hours(lines: Sequence[DocumentLine], labels: Labels, formats: Formats) -> str:
    total = sum((hours_of(line) or ZERO for line in lines), ZERO)
    return f"{formats.quantity(total)}\u00a0{labels['units']['h']}"

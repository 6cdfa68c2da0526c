"""What a reminder says: figures in, the template's dictionary out (C11). Pure: no Django, no database."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core.documents.formats import Formats
from core.documents.labels import language_of
from core.documents.letters import Letter, letter_data, letter_row, payment_block
from core.documents.reminder_labels import REMINDER_LABELS
from core.money import ZERO

NAMED = 3
"""So many invoices are named in the payment reference; of more the letter's own number is."""
TIME_TO_PAY = {2: timedelta(days=7), 3: timedelta(days=7)}
"""The time that the usual texts of these levels give; the first one gives none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """An invoice, or its instalment, as it is reminded of: its whole amount and what of it is open."""

    number: str
    day: date
    due: date
    days_late: int
    level: int
    whole: Decimal
    open_amount: Decimal
    part: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderLetter:
    """One reminder of a level; `text` takes the place of the usual words. Amounts in its currency.

    `known_until` is the day up to which the company knows what was paid, None where it knows of no day.
    """

    letter: Letter
    level: int
    rows: tuple[ReminderRow, ...]
    fee: Decimal = ZERO
    text: str = ""
    known_until: date | None = None

    @property
    def open_amount(self) -> Decimal:
        """What is open of all rows."""
        return sum((row.open_amount for row in self.rows), ZERO)


def reminder_title(language: str, level: int) -> str:
    """The title of a reminder of a level in a customer's language."""
    return REMINDER_LABELS[language_of(language)][f"title_{level}"]


def reminder_data(facts: ReminderLetter) -> dict[str, Any]:
    """Make the template's dictionary in the customer's language: what is overdue, the fee, where to pay.

    Raises ValueError where `document_data` does.
    """
    letter = facts.letter
    words, formats = REMINDER_LABELS[language_of(letter.language)], letter.formats
    intro = facts.text.strip() or words[f"text_{facts.level}"]
    to_pay = formats.money(facts.open_amount + facts.fee)
    numbers = [row.number for row in facts.rows]
    reference = ", ".join(dict.fromkeys(numbers)) if len(set(numbers)) <= NAMED else letter.number
    payment = payment_block(letter, due=_due(facts, words), amount=to_pay, reference=reference)
    title = words[f"title_{facts.level}"]
    return letter_data(letter, title=title, intro=intro, meta={}) | {
        "heads": {
            "date": words["date"],
            "text": words["invoice"],
            "rate": words["whole"],
            "amount": words["open"],
        },
        "sections": [
            {
                "title": "",
                "note": "",
                "rows": [_row(row, words, formats) for row in facts.rows],
                "subtotal": None,
            }
        ],
        "totals": _totals(facts, words, formats, to_pay),
        "payment": payment,
        "notes": [words["open_at"].format(day=formats.day(facts.known_until))] if facts.known_until else [],
    }


def _due(facts: ReminderLetter, words: dict[str, str]) -> str:
    """When to pay, as the text above says; a company's own text says it alone."""
    if facts.text.strip():
        return ""
    given = TIME_TO_PAY.get(facts.level)
    return facts.letter.formats.day(facts.letter.printed_on + given) if given else words["at_once"]


def _row(row: ReminderRow, words: dict[str, str], formats: Formats) -> dict[str, str]:
    name = f"{row.number}, {words['part'].format(number=row.part)}" if row.part else row.number
    late = words["late_one" if row.days_late == 1 else "late"]
    said = late.format(due=formats.day(row.due), days=row.days_late)
    note = f"{said}; {words['level'].format(level=row.level)}"
    return letter_row(
        formats.day(row.day), name, formats.amount(row.whole), formats.amount(row.open_amount), note
    )


def _totals(
    facts: ReminderLetter, words: dict[str, str], formats: Formats, to_pay: str
) -> list[dict[str, str]]:
    rows = []
    if facts.fee:
        rows = [
            {"label": words["total"], "value": formats.amount(facts.open_amount), "kind": "plain"},
            {"label": words["fee"], "value": formats.amount(facts.fee), "kind": "plain"},
        ]
    return [*rows, {"label": words["to_pay"], "value": to_pay, "kind": "due"}]

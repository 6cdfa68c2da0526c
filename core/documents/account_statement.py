"""What the statement of a customer's account says: figures in, the template's dictionary out (C11). Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from core.documents.formats import Formats
from core.documents.labels import language_of
from core.documents.letters import Letter, letter_data, letter_row, payment_block
from core.documents.statement_labels import STATEMENT_LABELS
from core.money import ZERO

What = Literal["invoice", "credit", "payment", "payment_back", "write_off", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow:
    """A document of the account, its amount with the sign of what is owed, and the balance after it."""

    number: str
    day: date
    due: date
    what: What
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """A document of which something is open on the last day."""

    number: str
    day: date
    due: date
    days_late: int
    amount: Decimal
    open_amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLetter:
    """The account of one customer in one currency of a span of days; `ages` are five, by days late."""

    letter: Letter
    first: date
    last: date
    opening: Decimal
    closing: Decimal
    rows: tuple[LetterRow, ...]
    open_rows: tuple[OpenRow, ...]
    ages: tuple[Decimal, ...]

    @property
    def overdue(self) -> Decimal:
        """What should have been paid."""
        return sum(self.ages[1:], ZERO)


def account_data(facts: AccountLetter) -> dict[str, Any]:
    """Make the template's dictionary in the customer's language: account, what is open, ages, balance.

    Raises ValueError where `document_data` does.
    """
    letter = facts.letter
    words, formats = STATEMENT_LABELS[language_of(letter.language)], letter.formats
    first, last = formats.day(facts.first), formats.day(facts.last)
    intro = words["intro"].format(currency=letter.currency, first=first, last=last)
    meta = {words["period"]: formats.period(facts.first, facts.last), words["currency"]: letter.currency}
    payment = None
    if facts.overdue > ZERO:
        amount = formats.money(facts.overdue)
        payment = payment_block(letter, due=words["at_once"], amount=amount, reference=letter.customer_number)
    return letter_data(letter, title=words["title"], intro=intro, meta=meta) | {
        "heads": {
            "date": words["date"],
            "text": words["document"],
            "rate": words["amount"],
            "amount": words["balance"],
        },
        "sections": [
            _section(
                words["account"], "", [_opening(facts, words, formats), *_account(facts, words, formats)]
            ),
            _section(words["open"].format(day=last), words["open_note"], _open(facts, words, formats)),
        ],
        "totals": _totals(facts, words, formats),
        "payment": payment,
        "notes": [words["included"].format(day=last)],
    }


def _section(title: str, note: str, rows: list[dict[str, str]]) -> dict[str, Any]:
    return {"title": title, "note": note, "rows": rows, "subtotal": None}


def _opening(facts: AccountLetter, words: dict[str, str], formats: Formats) -> dict[str, str]:
    return letter_row(formats.day(facts.first), words["opening"], "", formats.amount(facts.opening))


def _account(facts: AccountLetter, words: dict[str, str], formats: Formats) -> list[dict[str, str]]:
    return [
        letter_row(
            formats.day(row.day),
            row.number,
            formats.amount(row.amount),
            formats.amount(row.balance),
            words[row.what].format(due=formats.day(row.due)),
        )
        for row in facts.rows
    ]


def _open(facts: AccountLetter, words: dict[str, str], formats: Formats) -> list[dict[str, str]]:
    if not facts.open_rows:
        return [letter_row("", words["nothing_open"], "", "")]
    return [
        letter_row(
            formats.day(row.day),
            row.number,
            formats.amount(row.amount),
            formats.amount(row.open_amount),
            _due_words(row, words, formats),
        )
        for row in facts.open_rows
    ]


def _due_words(row: OpenRow, words: dict[str, str], formats: Formats) -> str:
    if row.amount < ZERO:
        return words["credit"]
    name = "not_due" if row.days_late < 1 else "late_one" if row.days_late == 1 else "late"
    return words[name].format(due=formats.day(row.due), days=row.days_late)


def _totals(facts: AccountLetter, words: dict[str, str], formats: Formats) -> list[dict[str, str]]:
    ages = [
        {"label": words[f"age_{nth}"], "value": formats.amount(amount), "kind": "plain"}
        for nth, amount in enumerate(facts.ages)
        if facts.open_rows
    ]
    closing = words["closing"].format(day=formats.day(facts.last))
    return [*ages, {"label": closing, "value": formats.money(facts.closing), "kind": "due"}]

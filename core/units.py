"""Units of quantities: the codes that are stored, and the words that people read and type for them.

A code that is not among these was typed by somebody and is its own word.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from django.utils.translation import npgettext, pgettext

ONE, SEVERAL = 1, 2

# Context "unit": documents print the same words, from the table of core/documents/labels.py.
WORDS: Mapping[str, Callable[[int], str]] = {
    "h": lambda _count: pgettext("unit", "h"),
    "day": lambda count: npgettext("unit", "day", "days", count),
    "month": lambda count: npgettext("unit", "month", "months", count),
    "pcs": lambda _count: pgettext("unit", "pcs"),
    "ls": lambda _count: pgettext("unit", "flat"),
    "km": lambda _count: pgettext("unit", "km"),
}


def unit_word(code: object, quantity: Decimal | int | None = None) -> str:
    """The word of a unit in the reader's language: of one, or of the quantity that stands before it."""
    word = WORDS.get(str(code))
    if word is None:
        return str(code or "")
    return word(ONE if quantity is None or abs(quantity) == 1 else SEVERAL)


def unit_code(text: str) -> str:
    """The code of a typed unit, in the reader's language or as it is stored; else the word."""
    typed = text.strip()
    for code, word in WORDS.items():
        if typed.lower() in {code, word(ONE).lower(), word(SEVERAL).lower()}:
            return code
    return typed

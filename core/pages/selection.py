"""A selection on a list, and whether it is still what the reader saw when deciding (UX 4)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db.models import QuerySet
from django.http import QueryDict

LONGEST_KEY = 36
LARGEST_KEY = 2**63 - 1
FIGURE = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,8})?")


@dataclass(frozen=True)
class Total:
    """Sum of one currency over a whole filter: rows, amount, and quantity where the unit is one."""

    currency: str
    count: int
    amount: Decimal
    quantity: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True)
class Shift:
    """One currency before and after: what the reader saw and what is there now."""

    currency: str
    expected: Decimal
    found: Decimal

    @property
    def difference(self) -> Decimal:
        """What came on top since; negative when it became less."""
        return self.found - self.expected


class Drift(Exception):
    """The rows that match are not those the reader saw; holds both sides and the form to send again."""

    def __init__(self, post: QueryDict, expected_count: int, totals: Sequence[Total], found_count: int):
        super().__init__("selection-changed")
        self.expected_count, self.found_count = expected_count, found_count
        expected = expected_sums(post)
        found = {total.currency: total.amount for total in totals}
        self.shifts = [
            Shift(currency, expected.get(currency, Decimal(0)), found.get(currency, Decimal(0)))
            for currency in sorted(expected.keys() | found.keys())
            if expected
        ]
        self.fields = [
            (name, value)
            for name, values in post.lists()
            for value in values
            if name not in ("csrfmiddlewaretoken", "token", "expect_count", "expect_sum")
        ]
        self.fields.append(("expect_count", str(found_count)))
        self.fields += [("expect_sum", f"{currency}:{amount:f}") for currency, amount in found.items()]


def expected_sums(post: QueryDict) -> dict[str, Decimal]:
    """What the reader saw, per currency, from `expect_sum=EUR:184220.40`."""
    pairs = (text.partition(":") for text in post.getlist("expect_sum"))
    return {currency: _decimal(text) for currency, _separator, text in pairs}


def _decimal(text: str) -> Decimal:
    if not FIGURE.fullmatch(text):
        raise SuspiciousOperation("a sum of the selection is not a figure")
    return Decimal(text)


def left_out(post: QueryDict) -> set[str]:
    """Keys taken out of “all that match”: named in `exclude`, or shown with a box that was not ticked."""
    return set(post.getlist("exclude")) | (set(post.getlist("shown")) - set(post.getlist("row")))


def keyed(rows: QuerySet[Any], keys: Sequence[str]) -> list[Any]:
    """Keys of a form in the type of the model's key; what cannot be one is answered as a bad request."""
    if any(len(key) > LONGEST_KEY for key in keys):
        raise SuspiciousOperation("a key of the selection is too long")
    try:
        found = [rows.model._meta.pk.to_python(key) for key in keys]
    except ValidationError as error:
        raise SuspiciousOperation("a key of the selection is not a key") from error
    if any(isinstance(key, int) and abs(key) > LARGEST_KEY for key in found):
        raise SuspiciousOperation("a key of the selection is out of range")
    return found

"""A selection on a list, and whether it is still what the user saw when deciding."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db.models import QuerySet
from django.http import QueryDict

from core.kept_forms import NEVER_KEPT

LONGEST_KEY = 36
LARGEST_KEY = 2**63 - 1
FIGURE = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,8})?")


@dataclass(frozen=True)
class Total:
    """Sum of one currency over a whole filter: rows, amount, and quantity where the unit is one.

    `net` is that of documents whose amount is what is to pay of them.
    """

    currency: str
    count: int
    amount: Decimal
    quantity: Decimal | None = None
    unit: str = ""
    net: Decimal | None = None


@dataclass(frozen=True)
class Shift:
    """One currency before and after: what the user saw and what is there now."""

    currency: str
    expected: Decimal
    actual: Decimal

    @property
    def difference(self) -> Decimal:
        """What came on top since; negative when it became less."""
        return self.actual - self.expected


class Drift(Exception):
    """The rows that match are not those the user saw; holds both sides and the form to send again."""

    def __init__(self, post: QueryDict, expected_count: int, totals: Sequence[Total], actual_count: int):
        super().__init__("selection-changed")
        self.expected_count, self.actual_count = expected_count, actual_count
        expected = expected_sums(post)
        actual = {total.currency: total.amount for total in totals}
        self.shifts = [
            Shift(currency, expected.get(currency, Decimal(0)), actual.get(currency, Decimal(0)))
            for currency in sorted(expected.keys() | actual.keys())
            if expected
        ]
        self.fields = [
            (name, value)
            for name, values in post.lists()
            for value in values
            if name not in (*NEVER_KEPT, "token", "expect_count", "expect_sum")
        ]
        self.fields.append(("expect_count", str(actual_count)))
        self.fields += [("expect_sum", f"{currency}:{amount:f}") for currency, amount in actual.items()]


def expected_sums(post: QueryDict) -> dict[str, Decimal]:
    """What the user saw, per currency, from `expect_sum=EUR:184220.40`."""
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
        values = [rows.model._meta.pk.to_python(key) for key in keys]
    except ValidationError as error:
        raise SuspiciousOperation("a key of the selection is not a key") from error
    if any(isinstance(key, int) and abs(key) > LARGEST_KEY for key in values):
        raise SuspiciousOperation("a key of the selection is out of range")
    return values


class Ticks:
    """Which boxes of a list are ticked at first where a selection was kept."""

    def __init__(self, data: QueryDict):
        self.is_everything = data.get("scope") == "filter"
        self.rows, self.left_out = set(data.getlist("row")), left_out(data)

    def holds(self, key: Any) -> bool:
        """Whether the row with this key was ticked."""
        return str(key) not in self.left_out if self.is_everything else str(key) in self.rows

"""Forms as nobody should send them: what a browser would send, with fields spoilt, missing and repeated."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

Sent = dict[str, list[str]]

OWN = ("csrfmiddlewaretoken", "token", "entered_by", "go")
"""What says who sent a form, which one and for the last time, not what is in it."""

SPOILT: dict[str, str] = {
    "junk": "?!(",
    "markup": "<script>alert(1)</script>",
    "a huge number": "9" * 40,
    "a number beyond keys": str(2**64),
    "a negative number": "-5",
    "nearly nothing": "-0.00005",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "an exponent": "1e999",
    "a long text": "Long text " * 1000,
    "a character of no text": "a\x00b",
    "no such day": "2026-02-30",
    "a day beyond years": "99999-01-01",
    "a key of nothing": str(2**31 - 1),
    "nothing": "",
}
"""What stands in a field: how a finding calls it, and the value."""


class Spoiler:
    """Spoils forms, each in another way than the one before, so that all forms together meet all ways.

    `foreign` are keys of another company.
    """

    def __init__(self, foreign: list[str]):
        ways = [*SPOILT.items(), *((f"key {key} of another company", key) for key in foreign)]
        self.count, self._all, self._one = len(ways), cycle(ways), cycle(reversed(ways))
        self._kind = cycle((0, 1, 0, 2, 3))
        self._turn = cycle((True, False))
        self._nth: dict[str, int] = {}
        self._unmet = {word for word, _value in ways}

    def unmet(self) -> set[str]:
        """Ways that no form has met in all of its fields yet."""
        return self._unmet

    def forms(self, name: str, sent: Sent, ways: int) -> Iterator[tuple[str, Sent]]:
        """The form of an address in some ways for all fields, and for one field; each with its words."""
        for _nth in range(ways if self._fields_of(sent) else 0):
            yield self._in_all(sent)
            yield self._in_one(name, sent)
        if not self._fields_of(sent):
            yield "it is empty", {}

    def by_turns(self, name: str, sent: Sent, ways: int) -> Iterator[tuple[str, Sent]]:
        """Half as many: one form in all of its fields, the next one in one of them."""
        for _nth in range(ways if self._fields_of(sent) else 0):
            yield self._in_all(sent) if next(self._turn) else self._in_one(name, sent)

    def _fields_of(self, sent: Sent) -> list[str]:
        return [field for field in sent if field not in OWN]

    def _in_all(self, sent: Sent) -> tuple[str, Sent]:
        word, value = next(self._all)
        self._unmet.discard(word)
        return f"all are {word}", sent | {field: [value] for field in self._fields_of(sent)}

    def _in_one(self, name: str, sent: Sent) -> tuple[str, Sent]:
        """Another field, and another way, whenever the address comes again."""
        fields = self._fields_of(sent)
        nth = self._nth[name] = self._nth.get(name, -1) + 1
        field, (word, value) = fields[nth % len(fields)], next(self._one)
        return (
            (f"{field} is {word}", sent | {field: [value]}),
            (f"{field} is missing", {other: sent[other] for other in sent if other != field}),
            (f"{field} is repeated", sent | {field: [*sent[field], value]}),
            ("it is empty", {}),
        )[next(self._kind)]


def plain(sent: dict[str, Any]) -> Sent:
    """A form with a list for every field."""
    return {name: list(value) if isinstance(value, list) else [value] for name, value in sent.items()}

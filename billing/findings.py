"""What somebody should see before a proforma is confirmed: what it is about, its tick (B7)."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise, lazy

Text = str | Promise


def _written(write: Callable[[], str]) -> str:
    return write()


in_words = lazy(_written, str)
"""A text that is written whenever it is read, in the language of whoever reads it."""
DIGEST_LENGTH = 12
FIGURE = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,8})?")


@dataclass(frozen=True)
class CheckedRow:
    """A detail that a finding is about: what is billed of whom, at a price in the proforma's currency."""

    pk: int
    day: date
    who: str
    text: str
    quantity: Decimal
    unit: str
    price: Decimal
    is_editable: bool = True


@dataclass(frozen=True)
class Check:
    """One finding about one proforma; a blocking one must be corrected, a warning must be ticked.

    `facts` are the figures that were seen, whatever language they are written in: a tick is for them alone.
    `at_most` is a figure that a tick covers as well where it became less, and `numbers` are other proformas,
    of which it covers some as well as all: whoever accepted more has accepted that.
    `details` are the keys of all details concerned, `rows` the first of them in words, `way_out` what the
    link to correct them says, and `proforma` the number of the proforma.
    """

    code: str
    message: Text
    detail: Text = ""
    is_blocking: bool = False
    numbers: tuple[str, ...] = ()
    facts: tuple[object, ...] = ()
    at_most: Decimal | None = None
    details: tuple[int, ...] = ()
    rows: tuple[CheckedRow, ...] = ()
    way_out: Text = ""
    proforma: str = ""

    @property
    def tick(self) -> str:
        """What the box of this warning sends: it changes with the figures that were seen."""
        return f"{self._exactly}{_plain(self.at_most)}:{','.join(self.numbers)}"

    @property
    def _exactly(self) -> str:
        """The part of the tick that must be as it was seen."""
        seen = sha256("\n".join(map(_plain, self.facts)).encode()).hexdigest()[:DIGEST_LENGTH]
        return f"{self.proforma}:{self.code}:{seen}:"

    def is_ticked(self, ticks: Iterable[str]) -> bool:
        """Whether one of the ticks was made beside these figures, or beside more of the same.

        What a run does to the first of its proformas makes less of what the others were ticked for.
        """
        same = self._exactly
        return any(self._covers(tick.removeprefix(same)) for tick in ticks if tick.startswith(same))

    def _covers(self, rest: str) -> bool:
        figure, _colon, numbers = rest.partition(":")
        if not set(self.numbers) <= set(numbers.split(",")):
            return False
        if self.at_most is None:
            return not figure
        return bool(FIGURE.fullmatch(figure)) and Decimal(figure) >= self.at_most

    @property
    def said(self) -> dict[str, str]:
        """Message and detail in every language of the pages, by its tag: for those who read it later."""
        texts = {}
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                texts[language] = f"{self.message}. {self.detail}".strip()
        return texts

    @property
    def more(self) -> int:
        """How many details it is about beyond those that are shown."""
        return max(len(self.details) - len(self.rows), 0)


def _plain(one: object) -> str:
    """As text; zeros at the end of a number come and go with the way it was read."""
    if one is None:
        return ""
    return f"{one.normalize():f}" if isinstance(one, Decimal) else str(one)


def warnings_among(checks: Sequence[Check]) -> list[Check]:
    """The findings that a tick is enough for."""
    return [check for check in checks if not check.is_blocking]

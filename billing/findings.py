"""What somebody should see before a proforma is confirmed: what it is about, its tick (B7)."""

from collections.abc import Callable, Sequence
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
    `details` are the keys of all details concerned, `rows` the first of them in words, `way_out` what the
    link to correct them says, and `proforma` the number of the proforma.
    """

    code: str
    message: Text
    detail: Text = ""
    is_blocking: bool = False
    numbers: tuple[str, ...] = ()
    facts: tuple[object, ...] = ()
    details: tuple[int, ...] = ()
    rows: tuple[CheckedRow, ...] = ()
    way_out: Text = ""
    proforma: str = ""

    @property
    def tick(self) -> str:
        """What the box of this warning sends: it changes with the figures that were seen."""
        # Zeros at the end of a number come and go with the way it was read.
        figures = [f"{one.normalize():f}" if isinstance(one, Decimal) else str(one) for one in self.facts]
        seen = sha256("\n".join([*figures, *self.numbers]).encode()).hexdigest()[:DIGEST_LENGTH]
        return f"{self.proforma}:{self.code}:{seen}"

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


def warnings_among(checks: Sequence[Check]) -> list[Check]:
    """The findings that a tick is enough for."""
    return [check for check in checks if not check.is_blocking]

"""What is said about a text that is no number: one sentence for each code of core/durations.py."""

from django.utils.translation import gettext_lazy as _

from core.durations import Unreadable
from core.refusals import Text

SENTENCES: dict[str, Text] = {
    "empty": _("The value is missing."),
    "other-digits": _("Write the digits 0 to 9."),
    "space-inside": _("Write the number without spaces."),
    "negative": _("The number must not be negative."),
    "exponent": _("Write the number in full, without an exponent."),
    "not-finite": _("This is not a finite number."),
    "not-a-number": _("This is not a number. Write it as 7.5 or 7,5."),
    "not-a-duration": _("This is not a duration. Write it as 7.5, 7,5, 7:30, 7h30 or 90m."),
    "minutes-not-possible": _("Minutes and seconds are two digits from 00 to 59, such as 7:05."),
    "ambiguous": _("“%(text)s” can be read in two ways. Write %(first)s or %(second)s."),
    "too-large": _("The number is too large: %(limit)s is the most that fits."),
    "too-many-places": _("The number has more than %(limit)s decimal places."),
}


def sentence_of(error: Unreadable) -> str:
    """Why a text could not be read and what to write instead, in the language of the page."""
    first, second = error.readings or ("", "")
    return str(SENTENCES[error.code]) % {
        "text": error.text.strip()[:40],
        "first": first,
        "second": second,
        "limit": error.limit,
    }

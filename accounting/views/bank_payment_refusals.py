"""Why the page of bank payments refuses what no verb looks at: what was sent is not what it showed (C11)."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounting.receivable_checks import NewPayment
from accounting.waiting_bookings import WaitingBooking
from core.refusals import Refusal


def against_nothing(new: NewPayment) -> Iterator[Refusal]:
    """Settling says what is settled: keeping all of it on account is another button."""
    if not new.shares:
        message = _("Nothing was chosen that it settles.")
        way_out = _("Enter how much of an open row it settles, or keep it on account.")
        yield Refusal("nothing-chosen", message, str(new), way_out)


def no_longer_returned(waiting: WaitingBooking) -> tuple[Refusal, ...]:
    """Somebody reversed the payment meanwhile, or another one fits as well."""
    if waiting.returned is not None:
        return ()
    message = _("The payment that was shown is reversed already, or is not the only one that fits.")
    way_out = _("Look at the list of payments.")
    return (Refusal("changed-since-shown", message, str(waiting.entry), way_out),)


def against_lines(marks: list[str], certain: Mapping[str, Any]) -> Iterator[Refusal]:
    """Why what was ticked is not entered: it is what the page showed, or nothing."""
    if not marks:
        yield Refusal(
            "nothing-chosen",
            _("No bank booking was chosen."),
            way_out=_("Tick those that are to be settled."),
        )
    elif not certain.keys() >= set(marks):
        message = _("A suggestion is not what this page showed any more.")
        yield Refusal("changed-since-shown", message, way_out=_("Look at it again, then settle it."))

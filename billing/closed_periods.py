"""Days that are closed: why nothing can be dated on them, and every way on that exists (decision 18)."""

from datetime import date

from django.utils.translation import gettext as _

from core.days import day_after
from core.refusals import Refusal
from core.templatetags.display import day as written
from projects.models import LegalEntity


def first_open_day(entity: LegalEntity) -> date | None:
    """The first day on which something of a legal entity may be dated; None where nothing is closed."""
    return None if entity.locked_through is None else day_after(entity.locked_through)


def period_locked(entity: LegalEntity, day: date, subject: str, *, is_draft: bool = False) -> Refusal:
    """That a day is closed; `is_draft` where an open draft carries it, whose date can be changed.

    The ways: another date here, or a finance controller who opens the period again.
    """
    ways = {"day": written(first_open_day(entity))}
    choose = _("Choose %(day)s or a later date, or ask a finance controller to reopen the period.") % ways
    change = _("Set its invoice date to %(day)s or later, or ask a finance controller to reopen the period.")
    return Refusal(
        "period-locked",
        _("%(day)s lies in a closed period.") % {"day": written(day)},
        subject,
        change % ways if is_draft else choose,
    )

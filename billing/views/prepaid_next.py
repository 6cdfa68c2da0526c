"""What happens next with the blocks of prepaid hours: their day to come, or what they wait for (A12)."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Retainer
from billing.not_invoiced import all_reasons, retainer_conditions
from billing.states import NotInvoiced, RetainerStatus
from core.templatetags.display import day, number

UNSTARTED = (RetainerStatus.NOT_READY, RetainerStatus.READY)
NOT_CONFIRMED = (*UNSTARTED, RetainerStatus.ON_DRAFT)

Reasons = Mapping[int, Sequence[NotInvoiced]]


@dataclass(frozen=True)
class NextStep:
    """A sentence, and the block about which more is said on its page, where something is to be done."""

    words: str
    block: Retainer | None = None

    @property
    def url(self) -> str:
        """The page of the block; its reasons stand there."""
        return reverse("advance", args=[self.block.pk]) if self.block else ""

    @property
    def name(self) -> str:
        """What the page is called."""
        return str(self.block or "")


def waiting_reasons(retainers: Iterable[Retainer], today: dt.date) -> Reasons:
    """Why blocks whose day has come are on no confirmed proforma, by key; one statement, none for none."""
    waiting = [one.pk for one in retainers if one.status in NOT_CONFIRMED and one.invoice_on <= today]
    if not waiting:
        return {}
    return all_reasons(Retainer.objects.filter(pk__in=waiting), retainer_conditions(today))


def next_steps(
    blocks: Sequence[Retainer], reasons: Reasons, last_month: dt.date, today: dt.date
) -> list[NextStep]:
    """What becomes of the blocks of one agreement, in the order of their months; months are loaded.

    A block whose day has gone by is not announced for that day: it says what it waits for.
    """
    steps = [*_late(blocks, reasons, today), *_drafted(blocks)]
    following = next((one for one in blocks if one.status in UNSTARTED and one.invoice_on >= today), None)
    if following is not None:
        return [*steps, NextStep(_coming(following))]
    return [*steps, NextStep(_("The last block is that of %(month)s.") % {"month": _month(last_month)})]


def _coming(block: Retainer) -> str:
    words = {"day": day(block.invoice_on)}
    if block.status == RetainerStatus.NOT_READY:
        return _("The next block is invoiced on %(day)s, once it is marked ready.") % words
    return _("The next block is invoiced on %(day)s.") % words


def _late(blocks: Sequence[Retainer], reasons: Reasons, today: dt.date) -> Iterable[NextStep]:
    """The blocks whose day has gone by, the oldest by its name and reasons."""
    late = [one for one in blocks if one.status in UNSTARTED and one.invoice_on < today]
    if not late:
        return
    oldest = late[0]
    said = _("The block of %(month)s was to be invoiced on %(day)s and is on no proforma: %(why)s.") % {
        "month": _month_of(oldest),
        "day": day(oldest.invoice_on),
        "why": ", ".join(str(code.label) for code in _codes(oldest, reasons)),
    }
    yield NextStep(said, oldest)
    if later := len(late) - 1:
        more = ngettext(
            "%(count)s more block of a day gone by waits as well.",
            "%(count)s more blocks of days gone by wait as well.",
            later,
        )
        yield NextStep(more % {"count": number(later)})


def _codes(block: Retainer, reasons: Reasons) -> Sequence[NotInvoiced]:
    """Without a reason of its own it is ready, and the next run takes it."""
    return reasons.get(block.pk) or [NotInvoiced.WAITS_FOR_RUN]


def _drafted(blocks: Iterable[Retainer]) -> Iterable[NextStep]:
    """The first block that a draft holds."""
    held = next((one for one in blocks if one.status == RetainerStatus.ON_DRAFT), None)
    if held is not None:
        words = _("The block of %(month)s is on a draft that nobody has confirmed yet.")
        yield NextStep(words % {"month": _month_of(held)}, held)


def _month_of(block: Retainer) -> str:
    return _month(block.prepaid_month.month) if block.prepaid_month else ""


def _month(first: dt.date) -> str:
    return day(first, "whole_month")

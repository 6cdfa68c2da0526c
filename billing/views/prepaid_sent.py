"""Which statements of prepaid hours were sent, what became of their mails, and what happened else (A12)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.mailing_statements import ASKED
from billing.models import SentStatement
from billing.prepaid_terms import TERMS
from core.days import last_of_month
from core.models import Activity
from core.people import person_name
from core.sent_mails import mail_states
from core.templatetags.activity_words import changes_in_words
from core.templatetags.display import action_label, day
from projects.models import Approval, PrepaidHours, PrepaidMonth
from projects.states import ApprovalStatus, TransactionClass

MOST = 20
"""Statements and events on one page, the latest first."""

SENTENCES = {
    "planned": gettext_lazy("%(who)s agreed the prepaid hours."),
    "terms changed": gettext_lazy("%(who)s changed the terms from %(month)s on."),
    "extended": gettext_lazy("%(who)s extended them."),
    "ended early": gettext_lazy("%(who)s ended them early."),
    "hours expired": gettext_lazy("%(who)s let %(hours)s h expire."),
    "statement sent": gettext_lazy("%(who)s sent the statement of %(month)s to %(customer)s, %(to)s."),
}


@dataclass(frozen=True)
class SentRow:
    """A statement that was sent, and what became of its mail."""

    sent: SentStatement
    sender: str
    state: str


class Event(NamedTuple):
    """What somebody did, in a sentence, with what it changed."""

    at: dt.datetime
    sentence: str
    changes: Sequence[str]


def sent_rows(agreement: PrepaidHours, month: dt.date | None = None) -> list[SentRow]:
    """The latest statements that were sent, of one month or of all; two statements, the documents unread."""
    rows = SentStatement.objects.filter(prepaid_hours=agreement)
    if month is not None:
        rows = rows.filter(month=month)
    latest = list(rows.defer("pdf").select_related("sent_by", "customer").order_by("-pk")[:MOST])
    states = mail_states(ASKED, [one.pk for one in latest])
    return [
        SentRow(one, person_name(one.sent_by), states[one.pk].sentence if one.pk in states else "")
        for one in latest
    ]


def waiting_entries(agreement: PrepaidHours, month: dt.date) -> int:
    """How many entries of a month wait for their approver and are not in the statement yet."""
    waiting = Approval.objects.filter(
        contract_line=agreement.contract_line_id,
        status=ApprovalStatus.SUBMITTED,
        entry__transaction_class=TransactionClass.TIME,
        entry__date__gte=month,
        entry__date__lte=last_of_month(month),
    )
    return waiting.count()


def events_of(agreement: PrepaidHours, currency: str) -> list[Event]:
    """What happened to an agreement, the latest first; one statement."""
    rows = Activity.objects.about(agreement).select_related("actor").order_by("-pk")[:MOST]
    return [Event(one.happened_at, _sentence(one), _changes(one, currency)) for one in rows]


def _changes(activity: Activity, currency: str) -> list[str]:
    """What was changed; terms are named as the months name them."""
    texts: list[str] = []
    for model in (PrepaidMonth, PrepaidHours):
        mine = {
            name: pair
            for name, pair in activity.changes.items()
            if (name in TERMS) == (model is PrepaidMonth)
        }
        part = SimpleNamespace(subject_kind=model._meta.label_lower, changes=mine)
        texts += changes_in_words(part, currency)
    return texts


def _sentence(activity: Any) -> str:
    words = {"who": person_name(activity.actor), "what": action_label(activity.verb)}
    facts = {key: str(value) for key, value in activity.facts.items()}
    if "month" in facts:
        facts["month"] = day(dt.date.fromisoformat(facts["month"]), "whole_month")
    return str(SENTENCES.get(activity.verb, _("%(who)s: %(what)s")) % (facts | words))

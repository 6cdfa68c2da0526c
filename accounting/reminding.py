"""Remind customers of what is overdue, after somebody looked at it; the outbox prints and mails (C11)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import CustomerTransaction, Reminder, ReminderItem
from accounting.reminder_facts import known_days, letter_of
from accounting.reminder_proposals import (
    Key,
    Proposals,
    ProposedReminder,
    proposed_reminders,
    sent_today,
)
from core.activity_log import as_text, log_activity
from core.documents.reminder_letter import reminder_data
from core.money import ZERO
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from core.templatetags.display import money
from projects.models import Customer
from projects.querysets import CustomerQuerySet

BATCH = 500
SENT = "reminder"
"""The kind of outbox row that becomes a mail to the customer."""


@dataclass(frozen=True)
class SentReminders:
    """What was sent, and what was left out because it is not what was shown any more."""

    sent: tuple[Reminder, ...]
    left_out: tuple[Refusal, ...] = ()


def send_reminders(
    customers: CustomerQuerySet,
    shown: Mapping[Key, tuple[int, Decimal]],
    *,
    on: date,
    actor: User,
    at: datetime,
) -> SentReminders:
    """Remind these customers on a day, where what is overdue still is what somebody looked at.

    `shown` has the level and the open amount of each reminder, in its currency, by customer and currency.
    What was paid, disputed or sent meanwhile is left out with its reason; the others go. Words and figures
    are frozen; printing and mailing follow the commit. Locks the customers, then the open rows of their
    subledger. Statements do not depend on how many. Raises Refused when nothing can be sent:
    nothing-chosen, changed-since-shown, sent-today, not-printable, and the reasons of
    `proposed_reminders` (C11, O1).
    """
    with transaction.atomic(durable=True):
        held = {one.pk: one for one in customers.locked()}
        # Held before anything is looked at: a payment that settles these rows comes before or after.
        list(CustomerTransaction.objects.filter(customer__in=held, amount__gt=ZERO).open().locked())
        now = proposed_reminders(customers.filter(pk__in=held), on)
        chosen, left_out = _still_as_shown(now, shown, held)
        made, unprintable = _worded(chosen, on, actor, at)
        left_out += unprintable
        refuse_if([*left_out, *_nothing(shown)] if not made else [])

        sent = Reminder.objects.bulk_create([one for one, _proposal in made], batch_size=BATCH)
        items = [item for one, proposal in made for item in _items(one, proposal)]
        ReminderItem.objects.bulk_create(items, batch_size=BATCH)
        facts = {
            one.pk: {
                "to": one.address,
                "amount": as_text(one.open_amount),
                "currency": one.currency,
                "invoices": ", ".join(str(item.invoice) for item in proposal.items),
            }
            for one, proposal in made
        }
        log_activity("reminder sent", sent, actor=actor, at=at, own_facts=facts)
        enqueue(SENT, [one.pk for one in sent], at=at)
    return SentReminders(tuple(sent), tuple(left_out))


def _still_as_shown(
    now: Proposals, shown: Mapping[Key, tuple[int, Decimal]], held: Mapping[int, Customer]
) -> tuple[list[ProposedReminder], list[Refusal]]:
    chosen, left_out = [], []
    for key, (level, amount) in shown.items():
        one = now.by_key.get(key)
        if key in now.sent_today and key[0] in held:
            left_out.append(sent_today(held[key[0]]))
        elif one is not None and (one.level, one.open_amount) == (level, amount):
            chosen.append(one)
        else:
            left_out.append(_changed(one, str(held.get(key[0], key[1]))))
    return chosen, left_out


def _changed(one: ProposedReminder | None, name: str) -> Refusal:
    way_out = _("Look at the reminders again.")
    if one is None:
        message = _("It was paid, sent or stopped since you looked.")
        return Refusal("changed-since-shown", message, name, way_out)
    message = _("By now %(amount)s is to be reminded of.") % {"amount": money(one.open_amount, one.currency)}
    return Refusal("changed-since-shown", message, str(one.customer), way_out)


def _worded(
    chosen: Sequence[ProposedReminder], on: date, actor: User, at: datetime
) -> tuple[list[tuple[Reminder, ProposedReminder]], list[Refusal]]:
    """A reminder for each proposal with its document in words, and those that cannot be worded."""
    made, left_out = [], []
    known = known_days(chosen, on)
    for one in chosen:
        letter = letter_of(one, on, known.get(one.customer.legal_entity_id))
        try:
            snapshot = reminder_data(letter)
        except ValueError as error:
            message = _("The reminder cannot be printed: %(why)s.") % {"why": error}
            way_out = _("Correct what is named, then send it again.")
            left_out.append(Refusal("not-printable", message, str(one.customer), way_out))
            continue
        reminder = Reminder(
            legal_entity=one.customer.legal_entity,
            customer=one.customer,
            number=letter.letter.number,
            level=one.level,
            date=on,
            currency=one.currency,
            open_amount=one.open_amount,
            fee=one.fee,
            address=one.customer.email,
            language=one.customer.language,
            snapshot=snapshot,
            sent_by=actor,
            sent_at=at,
        )
        made.append((reminder, one))
    return made, left_out


def _items(reminder: Reminder, proposal: ProposedReminder) -> Iterator[ReminderItem]:
    for one in proposal.items:
        yield ReminderItem(
            reminder=reminder,
            invoice=one.invoice,
            part=one.part,
            level=one.level,
            due_date=one.due_date,
            open_amount=one.open_amount,
        )


def _nothing(shown: Mapping[Key, tuple[int, Decimal]]) -> Iterator[Refusal]:
    if not shown:
        yield Refusal(
            "nothing-chosen", _("No reminder was chosen."), way_out=_("Tick those that are to be sent.")
        )

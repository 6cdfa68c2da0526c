"""C11: nobody is reminded twice at one level, of what is paid, or of what is stopped; stops are kept."""

import re
from datetime import timedelta
from decimal import Decimal

from accounting.models import Reminder, ReminderItem, ReminderLevel, ReminderStop
from tests.company import rows
from tests.guards.attacks import Attack, delete, each, insert, refused, row, update
from tests.guards.guarded_rows import GuardedRows

OWN = "a reminder names overdue invoices of its own customer, company and currency"
FOLLOW = "levels of a reminder follow one another"
OPEN = "a reminder asks for no more than is open"
STOPPED = "reminders of this invoice or customer are stopped"
ONCE = re.compile("(?i)unique|reminder_level_once_per_invoice|are never changed")
LIFTED = "a stop of reminders is lifted once and not changed otherwise"
KEPT = "a stop of reminders is kept"
ITS = "a disputed invoice is one of the customer whose reminders are stopped"


def _reminder(guarded: GuardedRows, **columns: object) -> Reminder:
    first = Reminder.objects.earliest("pk")
    later = first.date + timedelta(days=14)
    usual = {
        "legal_entity": first.legal_entity,
        "customer": first.customer,
        "number": "SECOND",
        "level": 2,
        "date": later,
        "currency": first.currency,
        "open_amount": first.open_amount,
        "address": first.address,
        "language": first.language,
        "snapshot": {},
        "sent_by": first.sent_by,
        "sent_at": rows.NOW,
    } | columns
    return Reminder.objects.create(**usual)


def _item(guarded: GuardedRows, reminder: Reminder | None = None, **columns: object) -> ReminderItem:
    """The second reminder of the invoice, as it should be; `columns` spoil it."""
    usual = {
        "reminder": reminder or _reminder(guarded),
        "invoice": guarded.invoice,
        "level": 2,
        "due_date": guarded.invoice.due_date,
        "open_amount": guarded.invoice.gross_amount,
    }
    return ReminderItem(**usual | columns)


def _stop(guarded: GuardedRows, **columns: object) -> ReminderStop:
    usual = {
        "customer": guarded.invoice.customer,
        "reason": "Agreed by phone",
        "stopped_by": guarded.company.accountant,
        "stopped_at": rows.NOW,
    }
    return ReminderStop(**usual | columns)


def _while_stopped(guarded: GuardedRows, **columns: object) -> ReminderItem:
    _stop(guarded, **columns).save()
    return _item(guarded)


def _standing(guarded: GuardedRows, **columns: object) -> ReminderStop:
    stop = _stop(guarded, **columns)
    stop.save()
    return stop


def _another_customer(guarded: GuardedRows) -> Reminder:
    return _reminder(guarded, customer=rows.customer(guarded.company.entity))


def test_the_second_reminder_as_it_should_be_is_taken(guarded: GuardedRows):
    _item(guarded).save()
    assert ReminderItem.objects.count() == 2


@each(
    insert("twice-at-one-level", ONCE, lambda s: _item(s, level=1)),
    insert("third-before-the-second", FOLLOW, lambda s: _item(s, _reminder(s, level=3), level=3)),
    insert("another-instalment-first", FOLLOW, lambda s: _item(s, part=1)),
    insert("beyond-its-reminder", OWN, lambda s: _item(s, _reminder(s, level=1), level=2)),
    insert("of-another-customer", OWN, lambda s: _item(s, _another_customer(s))),
    insert("in-another-currency", OWN, lambda s: _item(s, _reminder(s, currency="USD"))),
    insert("not-due-yet", OWN, lambda s: _item(s, due_date=s.invoice.due_date + timedelta(days=60))),
    insert("more-than-open", OPEN, lambda s: _item(s, open_amount=s.invoice.gross_amount + Decimal("0.01"))),
    insert("nothing", OPEN, lambda s: _item(s, open_amount=Decimal(0))),
    insert("of-a-stopped-customer", STOPPED, _while_stopped),
    insert("of-a-disputed-invoice", STOPPED, lambda s: _while_stopped(s, invoice=s.invoice)),
    insert(
        "on-the-last-day-of-a-stop",
        STOPPED,
        lambda s: _while_stopped(s, until=s.invoice.due_date + timedelta(days=15)),
    ),
    insert(
        "dispute-of-another-customer",
        ITS,
        lambda s: _stop(s, customer=rows.customer(s.company.entity), invoice=s.invoice),
    ),
)
def test_reminders_are_sound(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


@each(
    update("another-reason", LIFTED, lambda s: (row(_standing(s)), {"reason": "x"})),
    update("another-day", LIFTED, lambda s: (row(_standing(s)), {"until": rows.DAY})),
    delete("deleted", KEPT, lambda s: row(_standing(s))),
)
def test_stops_are_lifted_and_not_changed_otherwise(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_a_level_has_its_days_and_no_fee_below_zero(guarded: GuardedRows):
    usual = {"legal_entity": guarded.company.entity, "level": 1}
    for spoilt in ({"days": 0}, {"days": 366}, {"days": 7, "fee": Decimal(-1)}, {"days": 7, "level": 4}):
        with refused(re.compile("(?i)reminder_")):
            ReminderLevel(**usual | spoilt).save()

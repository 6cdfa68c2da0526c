"""Propose reminders by the clock and tell who may send them; nothing is sent without a person (C11)."""

from datetime import date, datetime

from django.db import transaction

from accounting.models import CustomerInvoice, ReminderProposal
from accounting.reminder_proposals import proposed_reminders
from core.outbox import enqueue
from projects.legal_entities import with_day
from projects.models import Customer, LegalEntity
from projects.querysets import LegalEntityQuerySet

PROPOSED = "reminders-proposed"
"""The kind of outbox row that becomes a mail to those who may send reminders."""
BATCH = 500

Wanted = dict[tuple[int, int, int], tuple[CustomerInvoice, date]]
"""What is to be reminded of, by invoice, instalment and level, with the day of its legal entity."""


def propose_reminders(entities: LegalEntityQuerySet, *, at: datetime) -> int:
    """Note what is to be reminded of on the day of each legal entity, once for each level of an invoice.

    Where something is new, those who may send reminders are written to after the commit. Returns how many are
    new. Locks the legal entities that have any; refuses nothing (C11, Q5).
    """
    wanted: Wanted = {}
    for entity, today in with_day(entities, at):
        for one in proposed_reminders(Customer.objects.filter(legal_entity=entity), today).reminders:
            wanted |= {(item.invoice.pk, item.part, item.level): (item.invoice, today) for item in one.items}
    with transaction.atomic(durable=True):
        keys = {invoice.legal_entity_id for invoice, _today in wanted.values()}
        # Held, so that two clocks do not note the same ones.
        list(LegalEntity.objects.filter(pk__in=keys).locked())
        rows = ReminderProposal.objects.filter(invoice__in={invoice for invoice, _part, _level in wanted})
        known = set(rows.values_list("invoice", "part", "level"))
        new = {key: due for key, due in wanted.items() if key not in known}
        ReminderProposal.objects.bulk_create(
            [
                ReminderProposal(invoice=invoice, part=part, level=level, proposed_on=today)
                for (_key, part, level), (invoice, today) in new.items()
            ],
            batch_size=BATCH,
        )
        days = {invoice.legal_entity_id: today for invoice, today in new.values()}
        for key, today in days.items():
            enqueue(PROPOSED, [key], at=at, again=f"@{today}")
    return len(new)

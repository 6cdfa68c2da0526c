"""The facts of a printed reminder, of what is proposed (C11)."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Max

from accounting.models import BankBooking
from accounting.reminder_proposals import ProposedReminder
from core.documents.building import parties
from core.documents.letters import Letter
from core.documents.reminder_letter import ReminderLetter, ReminderRow


def known_days(proposals: Iterable[ProposedReminder], on: date) -> Mapping[int, date]:
    """Up to which day each company knows what was paid: its latest bank booking by `on`; one statement.

    By the key of the company; one without any booking is left out.
    """
    entity = "bank_account__legal_entity"
    companies = {one.customer.legal_entity_id for one in proposals}
    booked = BankBooking.objects.filter(**{f"{entity}__in": companies}, booked_on__lte=on).order_by()
    return dict(booked.values_list(entity).annotate(Max("booked_on")))


def letter_of(proposal: ProposedReminder, on: date, known_until: date | None) -> ReminderLetter:
    """What a proposed reminder says when it is sent on a day, in the customer's language; locks nothing.

    `known_until` as `known_days` says of its company.
    """
    customer = proposal.customer
    entity = customer.legal_entity
    seller, buyer = parties(entity, customer)
    letter = Letter(
        number=f"{customer.number}-{proposal.currency}-{on:%Y%m%d}",
        printed_on=on,
        language=customer.language,
        currency=proposal.currency,
        seller=seller,
        customer=buyer,
        customer_number=customer.number,
        iban=entity.iban,
        bic=entity.bic,
        bank=entity.bank_name,
    )
    rows = tuple(
        ReminderRow(
            number=item.invoice.number,
            day=item.invoice.invoice_date,
            due=item.due_date,
            days_late=item.days_late,
            level=item.level,
            whole=item.whole,
            open_amount=item.open_amount,
            part=item.part,
        )
        for item in proposal.items
    )
    text = proposal.terms.text_in(customer.language)
    return ReminderLetter(
        letter=letter,
        level=proposal.level,
        rows=rows,
        fee=proposal.fee,
        text=text,
        known_until=known_until,
    )

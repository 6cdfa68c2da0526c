"""The facts of a printed reminder, of what is proposed (C11)."""

from datetime import date

from accounting.reminder_proposals import ProposedReminder
from core.documents.building import parties
from core.documents.letters import Letter
from core.documents.reminder_letter import ReminderLetter, ReminderRow


def letter_of(proposal: ProposedReminder, on: date) -> ReminderLetter:
    """What a proposed reminder says when it is sent on a day, in the customer's language; locks nothing."""
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
    return ReminderLetter(letter=letter, level=proposal.level, rows=rows, fee=proposal.fee, text=text)

"""Reminders of a company in tests: what is proposed, and sending all of it as it was shown."""

from datetime import date
from typing import TYPE_CHECKING

from accounting.reminder_proposals import Proposals, ProposedReminder, proposed_reminders
from accounting.reminding import SentReminders, send_reminders
from projects.models import Customer
from tests.company.rows import moment_for

if TYPE_CHECKING:
    from tests.company.builder import Company

ADDRESS = "kreditoren@alster.example"


def reached(company: "Company", address: str = ADDRESS, language: str = "en-gb") -> None:
    """The customer has an address, to which the company's letters go."""
    Customer.objects.filter(pk=company.customer.pk).update(email=address, language=language)
    company.customer.refresh_from_db()


def proposed(company: "Company", on: date) -> Proposals:
    """What is proposed for all customers of the company on a day."""
    return proposed_reminders(Customer.objects.filter(legal_entity=company.entity), on)


def sent(company: "Company", on: date, *chosen: ProposedReminder) -> SentReminders:
    """Everything that is proposed on a day, or what was chosen before, sent by the accountant."""
    shown = chosen or proposed(company, on).reminders
    return send_reminders(
        Customer.objects.filter(legal_entity=company.entity),
        {one.key: (one.level, one.open_amount) for one in shown},
        on=on,
        actor=company.accountant,
        at=moment_for(on),
    )


def said(proposals: Proposals) -> list[tuple[str, int, str, list[tuple[str, int, str]]]]:
    """Customer, level and sum of each proposal, with number, level and open amount of its items."""
    return [
        (
            one.customer.name,
            one.level,
            f"{one.open_amount.normalize():f}",
            [(item.invoice.number, item.level, f"{item.open_amount.normalize():f}") for item in one.items],
        )
        for one in proposals.reminders
    ]


def codes(proposals: Proposals) -> list[str]:
    """Why what is left out is left out."""
    return [one.code for one in proposals.left_out]

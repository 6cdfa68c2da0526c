"""What the demo's customers owe: reminders sent and waiting, a dispute, a file of the bank to settle."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from accounting.importing_bank_files import import_bank_file
from accounting.models import (
    BankAccount,
    BankCsvMapping,
    CustomerInvoice,
    CustomerTransaction,
    ReminderLevel,
)
from accounting.proposing_reminders import propose_reminders
from accounting.reminder_proposals import Proposals, proposed_reminders
from accounting.reminding import send_reminders
from accounting.stopping_reminders import dispute_invoices
from core.money import ZERO
from demo.days import Days
from demo.people import People
from projects.models import Customer, LegalEntity

FEE = Decimal(5)
SECOND_TEXT = {
    "en-gb": "We still miss your payment of the invoices below. Please pay within seven days.",
    "de": "Zu diesen Rechnungen vermissen wir Ihre Zahlung. Bitte zahlen Sie innerhalb von sieben Tagen.",
}
HEAD = "Buchungstag;Verwendungszweck;Name;IBAN;Betrag;Währung"


@dataclass
class ReceivablesOfTheDemo:
    """The accountant reminds and imports; the controller has set up a fee for the second level."""

    entity: LegalEntity
    people: People
    days: Days

    def events(self) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
        """Moments with what happens then: a first reminder two weeks ago, the others wait today."""
        yield self.days.at(self.days.billed[0], "08:45"), self.set_levels
        yield self.days.at(self.days.today - timedelta(days=14), "10:40"), self.remind_one
        yield self.days.at(self.days.today, "06:52"), self.import_bookings
        yield self.days.at(self.days.today, "06:53"), self.dispute_one
        yield self.days.at(self.days.today, "06:54"), self.propose

    def set_levels(self, at: datetime) -> None:
        """The second level costs a fee and has words of its own."""
        level = ReminderLevel.objects.create(legal_entity=self.entity, level=2, days=21, fee=FEE)
        for language, text in SECOND_TEXT.items():
            level.texts.create(language=language, text=text)

    def remind_one(self, at: datetime) -> None:
        """One customer gets its first reminder; the second one is due today."""
        for one in self._proposed(at).reminders[:1]:
            send_reminders(
                Customer.objects.filter(pk=one.customer.pk),
                {one.key: (one.level, one.open_amount)},
                on=at.date(),
                actor=self.people["hanna"],
                at=at,
            )

    def import_bookings(self, at: datetime) -> None:
        """A file of the bank with a payment to settle, one of nobody known, and charges."""
        account = BankAccount.objects.get(legal_entity=self.entity, currency=self.entity.currency)
        rows = CustomerTransaction.objects.filter(legal_entity=self.entity, currency=account.currency)
        owed = (
            rows.open()
            .filter(invoice__isnull=False, open_amount__gt=ZERO)
            .select_related("invoice", "customer")
        )
        latest = owed.filter(customer__reminders__isnull=True).order_by("date", "pk").last()
        day = f"{self.days.today:%d.%m.%Y}"
        lines = [HEAD, f"{day};Kontoführung;;;-9,90;{account.currency}"]
        lines.append(f"{day};Workshop im Herbst;Kontor Nord OHG;;1.180,00;{account.currency}")
        if latest is not None and latest.invoice is not None:
            amount = f"{latest.open_amount:.2f}".replace(".", ",")
            lines.append(f"{day};{latest.invoice.number};{latest.customer.name};;{amount};{account.currency}")
        mapping = BankCsvMapping(
            bank_account=account,
            amount_column=5,
            currency_column=6,
            text_columns="2",
            payer_column=3,
            iban_column=4,
        )
        content = "\n".join(lines).encode()
        import_bank_file(
            account, name="umsaetze.csv", content=content, mapping=mapping, actor=self.people["hanna"], at=at
        )

    def dispute_one(self, at: datetime) -> None:
        """The oldest invoice of the last customer that would be reminded is disputed."""
        for one in self._proposed(at).reminders[1:][-1:]:
            chosen = CustomerInvoice.objects.filter(pk=one.items[0].invoice.pk)
            reason = "Says that two hours are too many"
            hanna = self.people["hanna"]
            dispute_invoices(chosen, until=None, reason=reason, on=at.date(), actor=hanna, at=at)

    def propose(self, at: datetime) -> None:
        """The clock proposes what is to be reminded of."""
        propose_reminders(LegalEntity.objects.filter(pk=self.entity.pk), at=at)

    def _proposed(self, at: datetime) -> Proposals:
        return proposed_reminders(Customer.objects.filter(legal_entity=self.entity), at.date())

"""Which customers are to be reminded of what, and who is left out and why (C11)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from django.db.models import Sum
from django.utils.translation import gettext as _

from accounting.bank_matches import matches_of
from accounting.models import (
    BankBooking,
    CustomerInvoice,
    CustomerTransaction,
    InvoiceInstalment,
    Reminder,
    ReminderItem,
    ReminderStop,
)
from accounting.reminder_levels import LAST, LevelTerms, levels_of
from core.money import ZERO
from core.refusals import Refusal
from core.templatetags.display import day as written
from core.templatetags.display import money
from projects.models import Customer
from projects.querysets import CustomerQuerySet

Key = tuple[int, str]
"""A reminder is to one customer, by its key, in one currency."""


@dataclass(frozen=True)
class DueItem:
    """An invoice, or one instalment of it, whose next level has come; amounts in the invoice's currency."""

    invoice: CustomerInvoice
    part: int
    due_date: date
    whole: Decimal
    open_amount: Decimal
    level: int
    days_late: int

    @property
    def is_partly_paid(self) -> bool:
        """Whether a part was paid already: the rest is reminded of."""
        return self.open_amount < self.whole


@dataclass(frozen=True)
class ProposedReminder:
    """What one customer is to be reminded of in one currency; `on_account` is what is open in its favour."""

    customer: Customer
    currency: str
    items: tuple[DueItem, ...]
    terms: LevelTerms
    on_account: Decimal = ZERO

    @property
    def key(self) -> Key:
        """By customer and currency."""
        return self.customer.pk, self.currency

    @property
    def level(self) -> int:
        """The highest level of its items decides title, text and fee."""
        return max(one.level for one in self.items)

    @property
    def open_amount(self) -> Decimal:
        """What is open of its items."""
        return sum((one.open_amount for one in self.items), ZERO)

    @property
    def fee(self) -> Decimal:
        """The fee of the level, asked for once; none in another currency than the company's."""
        return self.terms.fee if self.currency == self.customer.legal_entity.currency else ZERO


@dataclass(frozen=True)
class Proposals:
    """Reminders to send, in the order of names, and what is left out with its reason."""

    reminders: tuple[ProposedReminder, ...] = ()
    left_out: tuple[Refusal, ...] = ()
    sent_today: frozenset[Key] = frozenset()

    @cached_property
    def by_key(self) -> Mapping[Key, ProposedReminder]:
        """The reminders by customer and currency."""
        return {one.key: one for one in self.reminders}


def proposed_reminders(customers: CustomerQuerySet, on: date) -> Proposals:
    """What these customers are to be reminded of on a day; statements do not depend on how many they are.

    Only what is overdue and open by now, whose next level has come: so many days after the due date, and as
    long after the last level as lies between both. Left out with a reason are stopped customers, disputed
    invoices, customers without an address, those for whom a payment waits at the bank or on account, who
    had a letter in the same currency that day, and what has had its last reminder. Locks nothing (C11).
    """
    known = {one.pk: one for one in customers.select_related("legal_entity")}
    facts = _Facts(known, on)
    due: dict[Key, list[DueItem]] = defaultdict(list)
    left_out = []
    for item in facts.items():
        reason = facts.reason_against(item)
        if reason is None:
            due[item.invoice.customer_id, item.invoice.currency].append(item)
        else:
            left_out.append(reason)
    reminders = []
    for (key, currency), items in due.items():
        levels = facts.levels[known[key].legal_entity_id]
        terms = levels[max(one.level for one in items)]
        credit = facts.credits.get((key, currency), ZERO)
        one = ProposedReminder(known[key], currency, tuple(items), terms, credit)
        reasons = list(facts.reasons_against(one))
        left_out += reasons
        if not reasons:
            reminders.append(one)
    reminders.sort(key=lambda one: (one.customer.name, one.customer.pk, one.currency))
    return Proposals(tuple(reminders), tuple(left_out), facts.sent_today)


@dataclass
class _Facts:
    """What proposals are made of, each read once for all customers."""

    customers: Mapping[int, Customer]
    on: date
    stops: dict[int, ReminderStop] = field(default_factory=dict)
    disputes: dict[int, ReminderStop] = field(default_factory=dict)

    def __post_init__(self) -> None:
        entities = {one.legal_entity_id for one in self.customers.values()}
        self.levels = levels_of(entities)
        self.invoices = list(
            CustomerInvoice.objects.filter(customer__in=self.customers, gross_amount__gt=ZERO)
            .overdue(self.on)
            .select_related("customer")
            .order_by("open_due", "pk")
        )
        parts = InvoiceInstalment.objects.filter(invoice__in=self.invoices)
        self.parts: dict[int, list[InvoiceInstalment]] = defaultdict(list)
        for part in parts.open().order_by("invoice", "number"):
            self.parts[part.invoice_id].append(part)
        of_day = Reminder.objects.filter(customer__in=self.customers, date=self.on)
        self.sent_today = frozenset(of_day.order_by().values_list("customer", "currency"))
        self.sent: dict[tuple[int, int], tuple[int, date]] = {}
        sent = ReminderItem.objects.filter(invoice__in=self.invoices).order_by("level")
        for invoice, part_number, level, day in sent.values_list(
            "invoice", "part", "level", "reminder__date"
        ):
            self.sent[invoice, part_number] = (level, day)
        self._read_stops()
        self._read_money(entities)

    def _read_stops(self) -> None:
        for stop in ReminderStop.objects.filter(customer__in=self.customers).holding_on(self.on):
            if stop.invoice_id is None:
                self.stops[stop.customer_id] = stop
            else:
                self.disputes[stop.invoice_id] = stop

    def _read_money(self, entities: set[int]) -> None:
        rows = CustomerTransaction.objects.filter(customer__in=self.customers, amount__lt=ZERO).open()
        sums = rows.order_by().values_list("customer", "currency").annotate(open=Sum("open_amount"))
        self.credits = {(customer, currency): -amount for customer, currency, amount in sums}
        bookings = BankBooking.objects.filter(bank_account__legal_entity__in=entities, amount__gt=ZERO)
        waiting = matches_of(list(bookings.unmatched().select_related("bank_account").order_by("pk")))
        self.at_bank = {
            (one.customer.pk, one.entry.bank_account.currency): one.entry for one in waiting if one.customer
        }

    def items(self) -> Iterator[DueItem]:
        """What is overdue, item by item, once its next level has come, or the last one is behind it."""
        for invoice in self.invoices:
            parts = self.parts.get(invoice.pk)
            if not parts:
                whole = (0, invoice.due_date, invoice.gross_amount, invoice.open_amount)
                yield from self._item(invoice, *whole)
                continue
            for part in parts:
                if part.due_date < self.on:
                    yield from self._item(invoice, part.number, part.due_date, part.amount, part.open_amount)

    def _item(
        self, invoice: CustomerInvoice, part: int, due: date, whole: Decimal, left: Decimal
    ) -> Iterator[DueItem]:
        levels = self.levels[invoice.customer.legal_entity_id]
        before, sent_on = self.sent.get((invoice.pk, part), (0, None))
        level = before + 1
        if level <= LAST:
            comes = due + timedelta(days=levels[level].days)
            if sent_on is not None:
                # A reminder that went late leaves as much time as one that went on its day.
                pause = max(levels[level].days - levels[before].days, 1)
                comes = max(comes, sent_on + timedelta(days=pause))
            if self.on < comes:
                return
        yield DueItem(invoice, part, due, whole, left, level, (self.on - due) // timedelta(days=1))

    def reason_against(self, item: DueItem) -> Refusal | None:
        """Why one invoice is not reminded of."""
        subject = f"{item.invoice}, {item.invoice.customer}"
        dispute = self.disputes.get(item.invoice.pk)
        if dispute is not None:
            message = _("Disputed: %(reason)s.") % {"reason": dispute.reason.rstrip(".")}
            return Refusal("invoice-disputed", message, subject, _("Lift the stop when it is settled."))
        if item.level > LAST:
            _level, sent_on = self.sent[item.invoice.pk, item.part]
            message = _("The third reminder was sent on %(day)s.") % {"day": written(sent_on)}
            return Refusal("last-level-sent", message, subject, _("Decide how the claim goes on."))
        return None

    def reasons_against(self, reminder: ProposedReminder) -> Iterator[Refusal]:
        """Why a customer is not reminded of anything in this currency."""
        customer, subject = reminder.customer, str(reminder.customer)
        if reminder.key in self.sent_today:
            yield sent_today(customer)
        stop = self.stops.get(customer.pk)
        if stop is not None:
            yield Refusal(
                "reminders-stopped", _stopped(stop), subject, _("Lift the stop, or wait for its day.")
            )
        if not customer.email:
            message = _("%(customer)s has no e-mail address.") % {"customer": customer}
            yield Refusal("address-missing", message, subject, _("Enter it on the customer’s page."))
        booking = self.at_bank.get(reminder.key)
        if booking is not None:
            amount = money(booking.amount, reminder.currency)
            words = {"amount": amount, "day": written(booking.booked_on)}
            message = _("%(amount)s came in on %(day)s and is not settled yet.") % words
            yield Refusal("payment-waits", message, subject, _("Enter its payment first."))
        if reminder.on_account >= reminder.open_amount:
            words = {"amount": money(reminder.on_account, reminder.currency)}
            message = _("%(amount)s on account cover what is overdue.") % words
            yield Refusal("covered-on-account", message, subject, _("Settle both with one another."))


def sent_today(customer: Customer) -> Refusal:
    """Why nothing more goes to a customer on the day of a letter."""
    message = _("A reminder was sent to %(customer)s today.") % {"customer": customer}
    return Refusal("sent-today", message, str(customer), _("Send the next one tomorrow."))


def _stopped(stop: ReminderStop) -> str:
    if stop.until is None:
        return _("No reminders: %(reason)s.") % {"reason": stop.reason.rstrip(".")}
    words = {"day": written(stop.until), "reason": stop.reason.rstrip(".")}
    return _("No reminders until %(day)s: %(reason)s.") % words

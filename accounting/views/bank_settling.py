"""The right side of the page of bank payments: one booking, whose open rows it settles, and its outlook."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.functional import cached_property

from accounting.cash_discounts import offered_on
from accounting.forms.payment_shares import WRITE_OFF, SettleBookingForm
from accounting.models import CustomerTransaction
from accounting.payment_outlook import PaymentOutlook, payment_outlook
from accounting.payment_proposals import discounted_shares, proposed_shares
from accounting.receivable_checks import NewPayment
from accounting.row_names import name_of
from accounting.waiting_bookings import WaitingBooking
from core.admin_kit import change_url
from projects.models import Customer

ROWS_SHOWN = 200


class BookingToSettle:
    """A booking with the customer who paid it: as suggested, as chosen, or as typed."""

    def __init__(
        self,
        user: User,
        waiting: WaitingBooking,
        *,
        customer: Customer | None = None,
        data: Mapping[str, Any] | None = None,
    ):
        self.user, self.waiting, self.entry, self.data = user, waiting, waiting.entry, data
        self.currency = waiting.entry.bank_account.currency
        self.customer = customer or waiting.match.customer

    @property
    def _every_open_row(self) -> QuerySet[CustomerTransaction]:
        mine = CustomerTransaction.objects.visible_to(self.user).filter(
            customer=self.customer, currency=self.currency
        )
        return mine.open().select_related("customer", "invoice", "voucher").order_by("due_date", "pk")

    @cached_property
    def open_rows(self) -> list[CustomerTransaction]:
        """What is open of the customer in the currency of the bank account, by due date.

        The first ones, and whatever else the suggestion settles: what is not shown is not entered.
        """
        if self.customer is None:
            return []
        shown = list(self._every_open_row[:ROWS_SHOWN])
        if len(shown) < ROWS_SHOWN or self.customer != self.waiting.match.customer:
            return shown
        more = self.waiting.match.shares.keys() - {row.pk for row in shown}
        return [*shown, *self._every_open_row.filter(pk__in=more)]

    @property
    def has_more(self) -> bool:
        """Whether more is open than is shown."""
        shown = len(self.open_rows)
        return shown >= ROWS_SHOWN and self._every_open_row.count() > shown

    @cached_property
    def offered(self) -> dict[int, Decimal]:
        """The cash discount that each row offers on the day of the booking."""
        offers = {row.pk: offered_on(row, self.entry.booked_on) for row in self.open_rows}
        return {key: amount for key, amount in offers.items() if amount is not None}

    @cached_property
    def proposed(self) -> Mapping[int, Decimal]:
        """How much of each row the booking is proposed to settle."""
        if self.customer == self.waiting.match.customer:
            return self.waiting.match.shares
        amount, text = self.entry.amount, self.entry.text
        discounted = discounted_shares(self.open_rows, amount, text, self.offered)
        return discounted or proposed_shares(self.open_rows, amount, text)

    @cached_property
    def form(self) -> SettleBookingForm:
        """The form: as proposed, or as it was sent."""
        form = SettleBookingForm(self.user, data=self.data, initial={"customer": self.customer})
        form.add_rows(self.open_rows, self.proposed, self.offered)
        return form

    def or_proposed(self) -> "BookingToSettle":
        """The same; as proposed where nothing was typed for its rows, as of a customer chosen only now."""
        if self.form.has_shares_of(self.open_rows):
            return self
        return BookingToSettle(self.user, self.waiting, customer=self.customer)

    def meant(self, *, settles: bool) -> NewPayment:
        """What is entered: what was typed, also for rows that are not open any more, which is refused."""
        payment = self.payment(settles=settles)
        if not settles:
            return payment
        return replace(payment, shares={**payment.shares, **self.form.vanished(self.open_rows)})

    def payment(self, *, settles: bool = True) -> NewPayment:
        """What is meant by the form, or by the proposal; on account alone unless it `settles`."""
        assert self.customer is not None  # noqa: S101 - the form asks for it
        shares: Mapping[int, Decimal] = {}
        discounted: frozenset[int] = frozenset()
        writes_off = False
        if settles and self.form.is_bound and self.form.is_valid():
            shares, discounted = self.form.shares_of(self.open_rows), self.form.discounted(self.open_rows)
            writes_off = self.form.cleaned_data["difference"] == WRITE_OFF
        elif settles and not self.form.is_bound:
            shares = {row.pk: self.proposed[row.pk] for row in self.open_rows if row.pk in self.proposed}
            discounted = frozenset(
                row.pk for row in self.open_rows if self.form.initial.get(f"discount-{row.pk}")
            )
        return NewPayment(
            customer=self.customer,
            bank_account=self.entry.bank_account,
            date=self.entry.booked_on,
            amount=self.entry.amount,
            currency=self.currency,
            reference=self.entry.text[:500],
            shares=shares,
            writes_off=writes_off,
            bank_booking=self.entry,
            discounted=discounted,
        )

    @cached_property
    def outlook(self) -> PaymentOutlook | None:
        """What it settles, leaves open and posts; nothing without a customer."""
        return payment_outlook(self.payment(), self.open_rows) if self.customer is not None else None

    def shown_rows(self) -> list[dict[str, Any]]:
        """The same rows, each with its fields and with what stays open of it."""
        rests = self.outlook.rests if self.outlook is not None else {}
        return [
            {
                "name": name_of(row),
                "url": change_url(type(row.invoice or row), (row.invoice or row).pk),
                "date": row.date,
                "due": row.due_on,
                "open": row.open_amount,
                "discount": self.offered.get(row.pk),
                "until": row.invoice.discount_until if row.invoice else None,
                "tick": self.form[f"discount-{row.pk}"] if row.pk in self.offered else None,
                "field": self.form[f"share-{row.pk}"],
                "stays": rests.get(row.pk, row.open_amount),
                "is_chosen": row.pk in rests,
            }
            for row in self.open_rows
        ]

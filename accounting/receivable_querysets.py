"""What is asked of the customer subledger: what is open, on any day, and what is settled with what (C11)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Least

from core.fields import AmountField
from core.money import ZERO
from projects.querysets import OfEntityQuerySet

NOTHING = Value(ZERO, output_field=AmountField())


class CustomerTransactionQuerySet(OfEntityQuerySet):
    def with_open(self, on: date | None = None, until: datetime | None = None) -> Self:
        """Each with `open_amount` and `open_base`: what no settlement has taken, on a day or by now.

        Amounts are in the row's currency and, as `open_base`, in the company's; signs are those of the row.
        Of settlements those before the moment `until` count, where one is given.
        """
        owed, credited = (self._taken(side, "amount", on, until) for side in ("settled_by", "settles"))
        owed_base = self._taken("settled_by", "debit_base", on, until)
        credited_base = self._taken("settles", "credit_base", on, until)
        # Named as amounts: the sum of two of them would be read as a plain integer.
        return self.annotate(
            open_amount=ExpressionWrapper(F("amount") - owed + credited, AmountField()),
            open_base=ExpressionWrapper(F("base_amount") - owed_base + credited_base, AmountField()),
        )

    def open(self, on: date | None = None, until: datetime | None = None) -> Self:
        """What is still open, on a day or by now, each with how much of it.

        With a moment `until` only what was posted and settled before it counts: the day as it was known then.
        """
        rows = self if on is None else self.filter(date__lte=on)
        rows = rows if until is None else rows.filter(voucher__posted_at__lt=until)
        return rows.with_open(on, until).exclude(open_amount=ZERO)

    def open_amounts(self) -> list[tuple[int, Decimal]]:
        """Key and open amount of what is still open, in its currency, what is due first before the others."""
        return list(self.open().order_by("due_date", "pk").values_list("pk", "open_amount"))

    def _taken(self, side: str, column: str, on: date | None, until: datetime | None) -> Coalesce:
        # A row is owed by the customer or to the customer, so one of the two sums is always nothing.
        relation: Any = self.model._meta.get_field(side)
        name = relation.field.name
        rows = relation.related_model._base_manager.filter(**{name: OuterRef("pk")})
        if on is not None:
            rows = rows.filter(date__lte=on)
        if until is not None:
            rows = rows.filter(settled_at__lt=until)
        summed = rows.order_by().values(name).annotate(taken=Sum(column)).values("taken")
        return Coalesce(Subquery(summed), NOTHING)


class InstalmentQuerySet(OfEntityQuerySet):
    entity_path: ClassVar[str] = "invoice__legal_entity"

    def with_open(self, on: date | None = None) -> Self:
        """Each with `open_amount`: what of it no settlement has taken, on a day or by now.

        What is settled of an invoice pays its instalments in their order.
        """
        relation: Any = self.model._meta.get_field("invoice").related_model
        rows = relation._meta.get_field("customer_transaction").related_model._default_manager
        owed = rows.filter(invoice=OuterRef("invoice")).with_open(on)
        left = Coalesce(Subquery(owed.values("open_amount")), NOTHING)
        settled = F("invoice__gross_amount") - left
        beyond = Greatest(F("through") - settled, NOTHING)
        return self.annotate(
            open_amount=ExpressionWrapper(Least(F("amount"), beyond), output_field=AmountField())
        )

    def open(self, on: date | None = None) -> Self:
        """Those of which something is open."""
        return self.with_open(on).exclude(open_amount=ZERO)


class PaymentQuerySet(OfEntityQuerySet):
    entity_path: ClassVar[str] = "customer__legal_entity"

    def standing(self) -> Self:
        """Those that were not reversed, and reverse none."""
        return self.filter(reverses__isnull=True, reversed_by__isnull=True)


class BankFileQuerySet(OfEntityQuerySet):
    entity_path: ClassVar[str] = "bank_account__legal_entity"


class BankBookingQuerySet(OfEntityQuerySet):
    entity_path: ClassVar[str] = "bank_account__legal_entity"

    def unmatched(self) -> Self:
        """Bookings that wait: without a standing payment or the reversal of one, and not set aside."""
        return self.without_payment().exclude(pk__in=self._set_aside())

    def without_payment(self) -> Self:
        """Bookings that no standing payment was entered for, nor the reversal of one."""
        return self.exclude(pk__in=self._matched())

    def set_aside(self) -> Self:
        """Bookings that somebody said are no payment of a customer."""
        return self.filter(pk__in=self._set_aside())

    def matched(self) -> Self:
        """Bookings with a payment that stands."""
        return self.filter(pk__in=self._matched())

    def _set_aside(self) -> QuerySet[Any]:
        rows = self.model._meta.get_field("set_asides").related_model._default_manager
        return rows.standing().values("booking")

    def _matched(self) -> QuerySet[Any]:
        relation: Any = self.model._meta.get_field("payments")
        payments = relation.related_model._default_manager.filter(bank_booking__isnull=False)
        stands = Q(reverses__isnull=True, reversed_by__isnull=True)
        # What the bank itself took back stays settled, and so does the booking that took it back.
        taken_back = Q(reverses__isnull=False) | Q(reversed_by__bank_booking__isnull=False)
        return payments.filter(stands | taken_back).values("bank_booking")


class SetAsideBookingQuerySet(OfEntityQuerySet):
    entity_path: ClassVar[str] = "booking__bank_account__legal_entity"

    def standing(self) -> Self:
        """Those that were not brought back."""
        return self.filter(brought_back_at__isnull=True)


class SettlementQuerySet(OfEntityQuerySet):
    entity_path: ClassVar[str] = "debit__legal_entity"

    def standing(self) -> Self:
        """Those that were not undone, and undo none."""
        return self.filter(reverses__isnull=True, reversed_by__isnull=True)

    def touching(self, transactions: QuerySet[Any] | list[int]) -> Self:
        """Those of any of these customer transactions, on either side."""
        return self.filter(Q(debit__in=transactions) | Q(credit__in=transactions))


class ReminderQuerySet(OfEntityQuerySet):
    def without_document(self) -> Self:
        """Reminders that are not printed yet."""
        return self.filter(document__isnull=True)


class ReminderItemQuerySet(OfEntityQuerySet):
    entity_path: ClassVar[str] = "reminder__legal_entity"


class ReminderStopQuerySet(OfEntityQuerySet):
    entity_path: ClassVar[str] = "customer__legal_entity"

    def standing(self) -> Self:
        """Those that were not lifted."""
        return self.filter(lifted_at__isnull=True)

    def holding_on(self, day: date) -> Self:
        """Those that keep a reminder back on a day: the last day of a stop is still one."""
        return self.standing().filter(Q(until__isnull=True) | Q(until__gte=day))


class ReminderProposalQuerySet(OfEntityQuerySet):
    entity_path: ClassVar[str] = "invoice__legal_entity"

    def waiting(self, day: date) -> Self:
        """Proposals that nobody has sent or stopped by a day and of whose invoice something is open."""
        relation: Any = self.model._meta.get_field("invoice").related_model
        sent = relation._meta.get_field("reminder_items").related_model._default_manager.filter(
            invoice=OuterRef("invoice"), part=OuterRef("part"), level__gte=OuterRef("level")
        )
        rows = relation._meta.get_field("customer_transaction").related_model._default_manager
        owed = rows.filter(invoice=OuterRef("invoice")).with_open().filter(open_amount__gt=ZERO)
        stops = relation._meta.get_field("reminder_stops").related_model._default_manager.holding_on(day)
        stopped = stops.filter(
            Q(invoice=OuterRef("invoice")) | Q(invoice__isnull=True, customer=OuterRef("invoice__customer"))
        )
        return self.exclude(Exists(sent)).exclude(Exists(stopped)).filter(Exists(owed))

    def letters(self, day: date) -> Any:
        """The letters that waiting proposals come to: one per customer and currency, one a day of each."""
        relation: Any = self.model._meta.get_field("invoice").related_model
        reminders: Any = relation._meta.get_field("reminder_items").related_model._meta.get_field("reminder")
        gone = reminders.related_model._default_manager.filter(
            customer=OuterRef("invoice__customer"), currency=OuterRef("invoice__currency"), date=day
        )
        waiting = self.waiting(day).exclude(Exists(gone)).order_by()
        return waiting.values("invoice__customer", "invoice__currency").distinct()

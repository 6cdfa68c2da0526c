"""What breaks the customer subledger beside invoices: payments, write-offs and settlements (C11, X6).

They hold on every day, not only today: each row stands on the day of its voucher, nothing is settled before
both sides stand, and an exchange difference on the day of its settlement.
"""

from collections.abc import Callable

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    BankBooking,
    CustomerPayment,
    CustomerTransaction,
    Settlement,
    VoucherLine,
    WriteOff,
)
from accounting.states import ControlKind, VoucherSource
from core.money import ZERO
from core.refusals import Text

Offenders = Callable[[], QuerySet | list[str]]


def _without_subledger_row() -> list[str]:
    """Payments and write-offs that no voucher and no row of the subledger says the same of."""
    wrong: list[str] = []
    for model, kind in (
        (CustomerPayment, VoucherSource.CUSTOMER_PAYMENT),
        (WriteOff, VoucherSource.WRITE_OFF),
    ):
        row = CustomerTransaction.objects.filter(
            voucher__source_kind=kind,
            voucher__source_id=OuterRef("pk"),
            customer=OuterRef("customer"),
            currency=OuterRef("currency"),
            date=OuterRef("date"),
            amount=-OuterRef("amount"),
        )
        wrong += [str(one) for one in model.objects.filter(~Exists(row)).order_by("pk")]
    return wrong


def _payments_off_their_bank() -> QuerySet:
    """Payments whose voucher does not move the account of their bank by what the bank says."""
    line = VoucherLine.objects.filter(
        voucher__source_kind=VoucherSource.CUSTOMER_PAYMENT,
        voucher__source_id=OuterRef("pk"),
        account=OuterRef("bank_account__account"),
        currency=OuterRef("bank_account__currency"),
        amount=OuterRef("bank_amount"),
    )
    return CustomerPayment.objects.filter(~Exists(line)).order_by("pk")


def _on_another_day() -> QuerySet:
    return CustomerTransaction.objects.exclude(date=F("voucher__date")).order_by("pk")


def _over_settled() -> QuerySet:
    """Rows of which more is settled than there is, or of which nothing is open and something of the base."""
    rows = CustomerTransaction.objects.exclude(amount=ZERO).with_open()
    owed = Q(amount__gt=ZERO) & (Q(open_amount__lt=ZERO) | Q(open_amount__gt=F("amount")))
    credit = Q(amount__lt=ZERO) & (Q(open_amount__gt=ZERO) | Q(open_amount__lt=F("amount")))
    left_over = Q(open_amount=ZERO) & ~Q(open_base=ZERO)
    return rows.filter(owed | credit | left_over).order_by("pk")


def _unlike_sides() -> QuerySet:
    alike = {
        "debit__customer": F("credit__customer"),
        "debit__legal_entity": F("credit__legal_entity"),
        "debit__currency": F("credit__currency"),
    }
    early = Q(date__lt=F("debit__date")) | Q(date__lt=F("credit__date"))
    return Settlement.objects.filter(~Q(**alike) | early).order_by("pk")


def _unlike_reversals() -> QuerySet:
    right = {
        "debit": F("reverses__debit"),
        "credit": F("reverses__credit"),
        "amount": -F("reverses__amount"),
        "debit_base": -F("reverses__debit_base"),
        "credit_base": -F("reverses__credit_base"),
    }
    return Settlement.objects.filter(reverses__isnull=False).exclude(**right).order_by("pk")


def _without_difference() -> QuerySet:
    """Settlements at two rates whose difference is not in the books, and others that have one."""
    posted = CustomerTransaction.objects.filter(
        voucher__source_kind=VoucherSource.SETTLEMENT, voucher__source_id=OuterRef("pk")
    )
    right = posted.filter(
        date=OuterRef("date"), amount=ZERO, base_amount=OuterRef("credit_base") - OuterRef("debit_base")
    )
    is_same = Q(debit_base=F("credit_base"))
    return Settlement.objects.filter((is_same & Exists(posted)) | (~is_same & ~Exists(right))).order_by("pk")


def _open_amounts() -> list[str]:
    """Customers whose open rows do not add up to the control account, in their currency or the company's."""
    control = VoucherLine.objects.filter(account__control=ControlKind.CUSTOMER).order_by()
    # What an exchange rate left over is settled by what it is: it has no amount of its own to be open.
    open_rows = CustomerTransaction.objects.exclude(amount=ZERO).with_open().order_by()
    by = ("legal_entity__code", "customer__number", "currency")
    booked = control.values_list("voucher__legal_entity__code", "customer__number", "currency")
    sums = [
        {tuple(row[:3]): tuple(row[3:]) for row in rows if any(row[3:])}
        for rows in (
            booked.annotate(amount=Sum("amount"), base=Sum("base_amount")),
            open_rows.values_list(*by).annotate(amount=Sum("open_amount"), base=Sum("open_base")),
        )
    ]
    keys = sorted(sums[0].keys() | sums[1].keys(), key=str)
    return [" ".join(map(str, key)) for key in keys if sums[0].get(key) != sums[1].get(key)]


def _aside_and_paid() -> QuerySet:
    """Bank bookings that are set aside as no payment and have one that stands."""
    aside = BankBooking.objects.set_aside()
    return aside.exclude(pk__in=BankBooking.objects.without_payment().values("pk")).order_by("pk")


RECEIVABLES: tuple[tuple[str, Text, Offenders], ...] = (
    (
        "C11a",
        _("Every payment and write-off has its voucher and its row of the subledger."),
        _without_subledger_row,
    ),
    ("C11b", _("Every payment moves the account of its bank by what was paid."), _payments_off_their_bank),
    ("C11c", _("Every row of the customer subledger stands on the day of its voucher."), _on_another_day),
    ("C11d", _("No more is settled of a row than there is."), _over_settled),
    ("C11e", _("A settlement joins two sides of one customer, company and currency."), _unlike_sides),
    ("C11f", _("What undoes a settlement is its exact negation."), _unlike_reversals),
    ("C11g", _("A settlement at two exchange rates has its difference in the books."), _without_difference),
    ("C11h", _("What is open of customers adds up to their control account."), _open_amounts),
    ("C11m", _("A bank booking that is no customer payment has none that stands."), _aside_and_paid),
)
"""Invariants of receivables: code, sentence, and who breaks them."""

"""Which payment a bank reverses: a suggestion for bookings below zero, with its reasons (C11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounting.models import BankBooking, CustomerPayment
from core.money import ZERO
from core.templatetags.display import day, number

LONGEST = 90
"""Days after which a bank reverses several payments at once no more."""
SHORTEST = 5
"""Letters and digits that a reference needs to be recognised in a text."""
ACCOUNT, REFERENCE, TEXT = "account", "reference", "text"
WHY = {
    ACCOUNT: gettext_lazy("The account it was paid from"),
    REFERENCE: gettext_lazy("The reference of the bank"),
    TEXT: gettext_lazy("Its text"),
}
"""What speaks for a payment beside its amount, by code, in words."""


@dataclass(frozen=True)
class PaymentReturn:
    """The payments that a booking most likely reverses, and why; certain where more fits than that."""

    payments: tuple[CustomerPayment, ...]
    reasons: tuple[str, ...]
    is_certain: bool = False

    @property
    def payment(self) -> CustomerPayment:
        """The first of them; mostly it is the only one."""
        return self.payments[0]


def returns_of(entries: Sequence[BankBooking]) -> dict[int, PaymentReturn]:
    """The payments that each booking below zero reverses, by the key of the booking; locks nothing.

    Of the same bank account and amount, and not younger. Where several fit, the account of the payer, the
    reference of the bank or the text decide; where they do not, nothing is suggested. Where no single one
    fits, all that the text names, or all from the account of the payer, where they come to the amount. One
    statement, a second one where no single payment fits, none where no booking is below zero.
    """
    below = [one for one in entries if one.amount < ZERO]
    if not below:
        return {}
    payments = list(
        CustomerPayment.objects.standing()
        .filter(
            bank_account__in={one.bank_account_id for one in below},
            bank_amount__in={-one.amount for one in below},
        )
        .select_related("customer", "bank_booking", "bank_account")
        .order_by("pk")
    )
    suggested, unclear = {}, set()
    for entry in below:
        fitting = [(one, tuple(_reasons(one, entry))) for one in payments if _fits(one, entry)]
        # What more than the amount speaks for goes before what has the amount alone.
        best = [pair for pair in fitting if pair[1]] or fitting
        if len(best) == 1:
            ((payment, reasons),) = best
            said = _("The amount of the payment of %(day)s") % {"day": day(payment.date)}
            suggested[entry.pk] = PaymentReturn((payment,), (said, *map(_words, reasons)), bool(reasons))
        elif fitting:
            unclear.add(entry.pk)
    rest = [one for one in below if one.pk not in suggested and one.pk not in unclear]
    return suggested | (_several(rest) if rest else {})


def _several(entries: Sequence[BankBooking]) -> dict[int, PaymentReturn]:
    """Several payments that a booking reverses together; certain, because text or account says which."""
    oldest = min(one.booked_on for one in entries) - timedelta(days=LONGEST)
    payments = list(
        CustomerPayment.objects.standing()
        .filter(bank_account__in={one.bank_account_id for one in entries}, date__gte=oldest)
        .filter(bank_amount__gt=ZERO)
        .select_related("customer", "bank_booking", "bank_account")
        .order_by("pk")
    )
    suggested = {}
    for entry in entries:
        near = [
            one
            for one in payments
            if one.bank_account_id == entry.bank_account_id and one.date <= entry.booked_on
        ]
        reasons = {one.pk: tuple(_reasons(one, entry)) for one in near}
        for why in (TEXT, ACCOUNT):
            chosen = tuple(one for one in near if why in reasons[one.pk])
            if len(chosen) > 1 and sum((one.bank_amount for one in chosen), ZERO) == -entry.amount:
                together = ngettext(
                    "The amount of %(count)s payment",
                    "The amount of %(count)s payments together",
                    len(chosen),
                )
                said = together % {"count": number(len(chosen))}
                suggested[entry.pk] = PaymentReturn(chosen, (said, _words(why)), True)
                break
    return suggested


def _fits(payment: CustomerPayment, entry: BankBooking) -> bool:
    same = payment.bank_account_id == entry.bank_account_id and payment.bank_amount == -entry.amount
    return same and payment.date <= entry.booked_on and payment.bank_booking_id != entry.pk


def _reasons(payment: CustomerPayment, entry: BankBooking) -> list[str]:
    """The codes of what speaks for a payment beside its amount."""
    booked = payment.bank_booking
    reasons = []
    if booked is not None and booked.payer_iban and booked.payer_iban == entry.payer_iban:
        reasons.append(ACCOUNT)
    if booked is not None and booked.reference and booked.reference == entry.reference:
        reasons.append(REFERENCE)
    said = _plain(payment.reference)
    if len(said) >= SHORTEST and said in _plain(entry.text):
        reasons.append(TEXT)
    return reasons


def _words(code: str) -> str:
    return str(WHY[code])


def _plain(text: str) -> str:
    return "".join(one for one in text.upper() if one.isalnum())

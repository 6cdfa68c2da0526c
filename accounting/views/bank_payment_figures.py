"""The four figures above bank payments: what waits, what is certain, what the books say, what is overdue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.models import BankAccount, CustomerInvoice, VoucherLine
from accounting.receivable_querysets import BankBookingQuerySet
from accounting.waiting_bookings import WaitingBooking, WaitingBookings
from core.money import sum_by
from core.templatetags import display

Amounts = list[tuple[Any, str]]


@dataclass(frozen=True)
class BookingTotals:
    """How many bank bookings wait, and what they come to by currency: all of them, however many are shown."""

    count: int
    sums: Amounts

    def has_more_than(self, rows: Sequence[WaitingBooking]) -> bool:
        """Whether more wait than these."""
        return self.count > len(rows)


def totals_of(bookings: BankBookingQuerySet) -> BookingTotals:
    """Count and sums of bank bookings by the database: one statement."""
    grouped = bookings.order_by("bank_account__currency").values("bank_account__currency")
    rows = list(grouped.annotate(count=Count("pk"), sum=Sum("amount")))
    return BookingTotals(
        sum(row["count"] for row in rows), [(row["sum"], row["bank_account__currency"]) for row in rows]
    )


def figures_of(
    user: User, waiting: WaitingBookings, totals: BookingTotals, today: date
) -> list[dict[str, Any]]:
    """All four, per currency, each with the address of its rows: three statements."""
    return [_to_settle(totals), _certain(waiting, totals), _booked(user), overdue(user, today)]


def certain_in(waiting: WaitingBookings, totals: BookingTotals) -> str:
    """How many of those that wait are certain, and of how many where not all are looked at."""
    count, looked_at = len(waiting.certain), len(waiting.rows)
    said = ngettext("%(count)s is certain", "%(count)s are certain", count)
    if totals.has_more_than(waiting.rows):
        said = ngettext(
            "%(count)s of the oldest %(all)s is certain", "%(count)s of the oldest %(all)s are certain", count
        )
    return said % {"count": display.number(count), "all": display.number(looked_at)}


def booked_in_words(totals: BookingTotals) -> str:
    """How many bank bookings wait."""
    said = ngettext("%(count)s bank booking", "%(count)s bank bookings", totals.count)
    return said % {"count": display.number(totals.count)}


def sums_of(rows: Sequence[WaitingBooking]) -> Amounts:
    """What bookings come to, by currency."""
    sums = sum_by((one.entry.bank_account.currency, one.entry.amount) for one in rows)
    return [(amount, currency) for currency, amount in sorted(sums.items())]


def _to_settle(totals: BookingTotals) -> dict[str, Any]:
    return {"label": _("To settle"), "amounts": totals.sums, "detail": [booked_in_words(totals)]}


def _certain(waiting: WaitingBookings, totals: BookingTotals) -> dict[str, Any]:
    count = len(waiting.certain)
    said = ngettext(
        "%(count)s bank booking, settled below", "%(count)s bank bookings, settled together below", count
    )
    detail = [said % {"count": display.number(count)}]
    if totals.has_more_than(waiting.rows):
        looked_at = _("looked at: the oldest %(all)s")
        detail.append(looked_at % {"all": display.number(len(waiting.rows))})
    return {
        "label": _("Certain matches"),
        "amounts": sums_of(waiting.certain),
        "detail": detail,
        "url": "#together" if count else "",
    }


def _booked(user: User) -> dict[str, Any]:
    accounts = list(BankAccount.objects.visible_to(user).select_related("account").order_by("pk"))
    keys = {one.account_id for one in accounts}
    lines = VoucherLine.objects.filter(account__in=keys)
    rows = lines.order_by("currency").values("currency").annotate(sum=Sum("amount"))
    address = ""
    if len(keys) == 1:
        address = f"{reverse('account-statement')}?account={accounts[0].account_id}"
    elif keys:
        # A statement is of one account: several stand together among the balances.
        address = reverse("balances")
    return {
        "label": _("In the books"),
        "amounts": [(row["sum"], row["currency"]) for row in rows],
        "detail": sorted({str(one.account) for one in accounts}),
        "url": address,
    }


def overdue(user: User, today: date) -> dict[str, Any]:
    """What is late of receivables, per currency: one statement."""
    rows = list(CustomerInvoice.objects.visible_to(user).overdue_sums(today))
    count = sum(row["invoices"] for row in rows)
    said = ngettext("%(count)s invoice past its due date", "%(count)s invoices past their due date", count)
    return {
        "label": _("Overdue receivables"),
        "amounts": [(row["open"], row["currency"]) for row in rows],
        "detail": [said % {"count": display.number(count)}],
        "url": reverse("admin:accounting_ageing"),
    }

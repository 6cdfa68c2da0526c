"""The four figures above bank payments: what waits, what is certain, what the books say, what is overdue."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.models import BankAccount, CustomerInvoice, VoucherLine
from accounting.waiting_bookings import WaitingBooking, WaitingBookings
from core.money import sum_by
from core.templatetags import display

Amounts = list[tuple[Any, str]]


def figures_of(user: User, waiting: WaitingBookings, today: date) -> list[dict[str, Any]]:
    """All four, per currency, each with the address of its rows: three statements."""
    return [_to_settle(waiting), _certain(waiting), _booked(user), overdue(user, today)]


def sums_of(rows: Sequence[WaitingBooking]) -> Amounts:
    """What bookings come to, by currency."""
    sums = sum_by((one.entry.bank_account.currency, one.entry.amount) for one in rows)
    return [(amount, currency) for currency, amount in sorted(sums.items())]


def _to_settle(waiting: WaitingBookings) -> dict[str, Any]:
    count = len(waiting.rows)
    said = ngettext("%(count)s line of the bank", "%(count)s lines of the bank", count)
    return {
        "label": _("To settle"),
        "amounts": sums_of(waiting.rows),
        "detail": [said % {"count": display.number(count)}],
    }


def _certain(waiting: WaitingBookings) -> dict[str, Any]:
    count = len(waiting.certain)
    said = ngettext("%(count)s line, settled below", "%(count)s lines, settled together below", count)
    return {
        "label": _("Of it certain"),
        "amounts": sums_of(waiting.certain),
        "detail": [said % {"count": display.number(count)}],
        "url": "#together" if count else "",
    }


def _booked(user: User) -> dict[str, Any]:
    accounts = list(BankAccount.objects.visible_to(user).select_related("account").order_by("pk"))
    lines = VoucherLine.objects.filter(account__in={one.account_id for one in accounts})
    rows = lines.order_by("currency").values("currency").annotate(sum=Sum("amount"))
    statement = reverse("account-statement")
    return {
        "label": _("In the books"),
        "amounts": [(row["sum"], row["currency"]) for row in rows],
        "detail": sorted({str(one.account) for one in accounts}),
        "url": f"{statement}?account={accounts[0].account_id}" if accounts else "",
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

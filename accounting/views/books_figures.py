"""The five figures above the workplace of the books, per currency, each with the address of its rows."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.books_waiting import PeriodToClose, WaitingJournal, WaitingProposals
from accounting.models import CustomerInvoice, InvoiceProposal
from accounting.views.bank_payment_figures import BookingTotals, booked_in_words, certain_in, overdue
from accounting.waiting_bookings import WaitingBookings
from core.access import may
from core.admin_kit import change_url, changelist_url, per_currency
from core.money import sum_by
from core.templatetags.display import number

Amounts = list[tuple[Decimal, str]]


def figures_of(
    user: User,
    today: date,
    journals: Sequence[WaitingJournal],
    proposals: WaitingProposals,
    bookings: tuple[WaitingBookings, BookingTotals] | None,
    closing: PeriodToClose | None,
) -> list[dict[str, Any]]:
    """All that the person may see; receivables cost one statement, the others none."""
    shown = [_journals(journals), _proposals(proposals)]
    if bookings is not None:
        shown.append(_bookings(*bookings))
    if may(user, "accounting.view_customerinvoice"):
        shown.append(overdue(user, today) | {"url": changelist_url(CustomerInvoice, payment="overdue")})
    return [*shown, _closing(closing)]


def _together(amounts: Iterable[Amounts]) -> Amounts:
    sums = sum_by((currency, amount) for one in amounts for amount, currency in one)
    return [(amount, currency) for currency, amount in sorted(sums.items())]


def _journals(journals: Sequence[WaitingJournal]) -> dict[str, Any]:
    cost = _together(one.cost for one in journals)
    count, errors = len(journals), sum(bool(one.errors) for one in journals)
    said = ngettext("%(count)s journal", "%(count)s journals", count) % {"count": number(count)}
    in_error = ngettext("%(count)s with errors", "%(count)s with errors", errors) % {"count": number(errors)}
    detail = (
        [_("cost %(amount)s") % {"amount": per_currency((name, sum_) for sum_, name in cost)}] if cost else []
    )
    return {
        "label": _("Journals to post"),
        "amounts": _together(one.sales for one in journals),
        "detail": [*detail, f"{said}, {in_error}" if errors else said],
        "url": reverse("admin:accounting_integrationjournal_changelist"),
    }


def _proposals(proposals: WaitingProposals) -> dict[str, Any]:
    ready = ngettext("%(count)s ready", "%(count)s ready", proposals.ready_count)
    if proposals.has_more:
        ready = ngettext(
            "%(count)s of the oldest %(all)s ready",
            "%(count)s of the oldest %(all)s ready",
            proposals.ready_count,
        )
    said = ngettext("%(count)s proposal, net", "%(count)s proposals, net", proposals.count)
    return {
        "label": _("Proposals to post"),
        "amounts": proposals.sums,
        "detail": [
            said % {"count": number(proposals.count)},
            ready % {"count": number(proposals.ready_count), "all": number(len(proposals.rows))},
        ],
        "url": changelist_url(InvoiceProposal, status__exact="draft"),
    }


def _bookings(waiting: WaitingBookings, totals: BookingTotals) -> dict[str, Any]:
    return {
        "label": _("Bank bookings to settle"),
        "amounts": totals.sums,
        "detail": [booked_in_words(totals), certain_in(waiting, totals)],
        "url": reverse("bank-payments"),
    }


def _closing(closing: PeriodToClose | None) -> dict[str, Any]:
    if closing is None:
        periods = reverse("admin:accounting_fiscalperiod_changelist")
        return {"label": _("Period to close"), "detail": [_("Nothing is to be closed")], "url": periods}
    count = len(closing.stops)
    said = ngettext("%(count)s reason stops it", "%(count)s reasons stop it", count) % {
        "count": number(count)
    }
    return {
        "label": _("Period to close"),
        "value": str(closing.period),
        "detail": [said % {"count": number(count)} if count else _("Nothing stops it")],
        "url": change_url(type(closing.period), closing.period.pk),
    }

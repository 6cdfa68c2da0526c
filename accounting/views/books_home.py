"""The first page of the books: what waits, how much it is, and the way to each (C5, C8, C11, X6)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounting.ageing import BUCKETS, ageing_of, totals_of
from accounting.books_waiting import SHOWN, period_to_close, waiting_journals, waiting_proposals
from accounting.models import BankBooking, CustomerTransaction, IntegrityCheck, Voucher
from accounting.views.bank_payment_figures import BookingTotals
from accounting.views.bank_payment_figures import totals_of as bank_totals_of
from accounting.views.books_figures import figures_of
from accounting.voucher_sources import documents_of
from accounting.waiting_bookings import WaitingBookings
from core.access import may
from core.admin_kit import Cell
from core.pages import Page
from projects.models import LegalEntity
from projects.views.page_defaults import PageDefaults

BOOKINGS = 300
POSTINGS = 8


class BooksHome(PageDefaults, Page):
    """The workplace of accountants; each figure leads to its rows, each reason to what clears it."""

    permission, title, template_name = (
        "accounting.view_integrationjournal",
        _("What waits"),
        "accounting/books_home.html",
    )

    @cached_property
    def bookings(self) -> tuple[WaitingBookings, BookingTotals] | None:
        """The oldest bank bookings without a payment, and what all come to, for those who may look."""
        if not may(self.user, "accounting.view_bankbooking"):
            return None
        waiting = BankBooking.objects.visible_to(self.user).unmatched()
        rows = waiting.select_related("bank_account").order_by("booked_on", "pk")
        return WaitingBookings(list(rows[:BOOKINGS])), bank_totals_of(waiting)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        journals, proposals = waiting_journals(self.user), waiting_proposals(self.user)
        closing = period_to_close(self.user, self.today)
        # Django's own list of tables; each of its pages says what waits there.
        app_list = admin.site.get_app_list(self.request)
        return super().get_context_data(
            today=self.today,
            kpis=figures_of(self.user, self.today, journals, proposals, self.bookings, closing),
            journals=journals[:SHOWN],
            more_journals=len(journals) > SHOWN,
            proposals=proposals,
            shown_proposals=proposals.rows[:SHOWN],
            closing=closing,
            may_close=may(self.user, "accounting.close_period"),
            may_post=may(self.user, "accounting.post_journal"),
            may_write=may(self.user, "accounting.write_journal_voucher"),
            may_enter=may(self.user, "accounting.post_payment"),
            check=IntegrityCheck.objects.newest(),
            broken=self._broken(),
            app_list=app_list,
            waiting=list(_sentences(app_list)),
            **self._ages(),
            **self._postings(),
            **kwargs,
        )

    def _broken(self) -> list[str]:
        """The companies of the person whose books did not prove: in these nothing is posted (X6)."""
        mine = LegalEntity.objects.visible_to(self.user).filter(books_broken_at__isnull=False)
        return list(mine.order_by("name").values_list("name", flat=True))

    def _ages(self) -> dict[str, Any]:
        if not may(self.user, "accounting.view_customertransaction"):
            return {}
        totals = totals_of(ageing_of(CustomerTransaction.objects.visible_to(self.user), self.today))
        return {"buckets": BUCKETS, "ages": list(totals.items())}

    def _postings(self) -> dict[str, Any]:
        if not may(self.user, "accounting.view_voucher"):
            return {}
        rows = Voucher.objects.visible_to(self.user).select_related("posted_by", "legal_entity")
        debit = Sum("lines__base_amount", filter=Q(lines__base_amount__gt=0))
        newest = list(rows.annotate(debit=debit).order_by("-pk")[:POSTINGS])
        documents = documents_of(newest)
        return {"postings": [(one, documents.get(one.pk, "")) for one in newest]}


def _sentences(app_list: Iterable[dict[str, Any]]) -> Iterable[Cell]:
    for app in app_list:
        for model in app["models"]:
            yield from model["perms"].get("waiting", ())


def books_home(request: HttpRequest) -> HttpResponseBase:
    """The workplace of accountants; for everybody else in the admin its list of tables."""
    if may(request.user, BooksHome.permission):
        return BooksHome.as_view()(request)
    # As Django answers it: whoever may not enter signs in first.
    return admin.site.admin_view(admin.site.index)(request)

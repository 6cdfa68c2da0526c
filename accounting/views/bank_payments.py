"""Bank payments: what the bank has booked on the left, what it settles on the right (C11)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounting.forms.payment_shares import ReversePaymentForm
from accounting.models import BankBooking, CustomerPayment
from accounting.paying import enter_payments
from accounting.receivable_checks import NewPayment
from accounting.reversing_payments import reverse_payments
from accounting.views.bank_payment_figures import BookingTotals, figures_of, sums_of, totals_of
from accounting.views.bank_payment_refusals import against_lines, against_nothing, no_longer_returned
from accounting.views.bank_settling import BookingToSettle
from accounting.waiting_bookings import LOOK, REVERSAL, SUGGESTED, UNKNOWN, WaitingBooking, WaitingBookings
from core.access import may
from core.answering import REFUSED, carry_out, first_answer, keep_answer
from core.missing_permissions import denied
from core.pages import Page
from core.refusals import refuse_if
from core.templatetags import display
from projects.models import Customer
from projects.views.page_defaults import PageDefaults

ENTERS = "accounting.post_payment"
MOST, MATCHED_SHOWN = 300, 100
LONGEST_KEY = 18
OPEN, MATCHED = "open", "matched"
TABS = {
    OPEN: gettext_lazy("To settle"),
    SUGGESTED: gettext_lazy("Suggested"),
    LOOK: gettext_lazy("To look at"),
    UNKNOWN: gettext_lazy("Unknown"),
    REVERSAL: gettext_lazy("Reversals"),
    MATCHED: gettext_lazy("Matched"),
}


class BankPayments(PageDefaults, Page):
    """Every booking without a payment, oldest first; one of them is open, and one click settles it."""

    permission, title = "accounting.view_bankbooking", gettext_lazy("Bank payments")
    template_name = "accounting/bank_payments.html"

    @cached_property
    def waiting(self) -> WaitingBookings:
        """The oldest bookings without a payment, each with its suggestion."""
        rows = self._bookings().unmatched().order_by("booked_on", "pk")
        return WaitingBookings(list(rows[:MOST]))

    @cached_property
    def totals(self) -> BookingTotals:
        """How many wait and what they come to, also of those that the list does not reach."""
        return totals_of(BankBooking.objects.visible_to(self.user).unmatched())

    def _bookings(self) -> Any:
        related = ("bank_account__legal_entity", "bank_account__account", "bank_file__imported_by")
        return BankBooking.objects.visible_to(self.user).select_related(*related)

    @cached_property
    def tab(self) -> str:
        """Which of them are listed."""
        asked = self.request.GET.get("show", OPEN)
        return asked if asked in TABS else OPEN

    @cached_property
    def listed(self) -> list[WaitingBooking]:
        """The rows on the left."""
        if self.tab == OPEN:
            return self.waiting.rows
        return self.waiting.of_kind(self.tab)

    def _chosen(self) -> WaitingBooking | None:
        """The booking that the address names, else the first one that somebody is suggested for."""
        key = _key(self.request.GET.get("booking", ""))
        named = next((one for one in self.waiting.rows if one.entry.pk == key), None)
        known = (one for one in self.listed if one.kind != UNKNOWN)
        return named or next(known, next(iter(self.listed), None))

    def _customer(self, given: Any) -> Customer | None:
        key = _key(given.get("customer", ""))
        visible = Customer.objects.visible_to(self.user).select_related("legal_entity")
        return visible.filter(pk=key).first() if key is not None else None

    # --- What is sent ---------------------------------------------------------------------------

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Settle one booking, keep it on account, reverse a payment, or settle what is certain."""
        if not may(self.user, ENTERS):
            raise denied(ENTERS)
        do = request.POST.get("do", "")
        if do == "together":
            return self._settle_together()
        waiting = self._sent()
        return self._reverse(waiting) if do == "reverse" else self._settle(waiting, do)

    def _sent(self) -> WaitingBooking:
        """The booking that a form is about, also where a payment was entered for it meanwhile."""
        entry = self._bookings().filter(pk=_key(self.request.POST.get("booking", ""))).first()
        if entry is None:
            raise Http404("there is no such booking")
        (waiting,) = WaitingBookings([entry]).rows
        return waiting

    def _settle(self, waiting: WaitingBooking, do: str) -> HttpResponse:
        customer = self._customer(self.request.POST)
        pane = BookingToSettle(self.user, waiting, customer=customer, data=self.request.POST)
        if customer is None or not pane.form.is_valid():
            return self._again(pane, status=REFUSED)
        if do not in ("settle", "on-account"):
            return self._again(pane.or_proposed())
        new = pane.meant(settles=do == "settle")
        words = {"amount": display.money(new.amount, new.currency), "customer": new.customer}
        outcome = carry_out(self.request, lambda: self._enter(new, settles=do == "settle"))
        return self._answer(outcome, _("%(amount)s of %(customer)s entered.") % words, pane)

    def _enter(self, new: NewPayment, *, settles: bool) -> Any:
        refuse_if(against_nothing(new) if settles else ())
        return enter_payments([new], actor=self.user, at=timezone.now())

    def _reverse(self, waiting: WaitingBooking) -> HttpResponse:
        form = ReversePaymentForm(self.request.POST)
        pane = BookingToSettle(self.user, waiting)
        if waiting.returned is None and (address := first_answer(self.request)):
            return HttpResponseRedirect(address)
        if waiting.returned is None or not form.is_valid():
            reasons = no_longer_returned(waiting)
            return self._again(pane, status=REFUSED, refusals=reasons, reversal=form)
        keys = [one.pk for one in waiting.returned.payments]
        outcome = carry_out(
            self.request,
            lambda: reverse_payments(
                CustomerPayment.objects.filter(pk__in=keys),
                on=waiting.entry.booked_on,
                reason=form.cleaned_data["reason"],
                booking=waiting.entry,
                actor=self.user,
                at=timezone.now(),
            ),
        )
        said = ngettext("%(count)s payment reversed.", "%(count)s payments reversed.", len(keys))
        return self._answer(outcome, said % {"count": len(keys)}, pane, reversal=form)

    def _settle_together(self) -> HttpResponse:
        marks = self.request.POST.getlist("line")
        certain = {one.mark: one.match for one in self.waiting.certain}

        def enter() -> Any:
            refuse_if(against_lines(marks, certain))
            payments = [certain[mark].payment() for mark in dict.fromkeys(marks)]
            return enter_payments(payments, actor=self.user, at=timezone.now())

        said = ngettext("%(count)s payment entered.", "%(count)s payments entered.", len(marks))
        return self._answer(carry_out(self.request, enter), said % {"count": len(marks)}, None)

    def _answer(
        self,
        outcome: Any,
        said: str,
        pane: BookingToSettle | None,
        reversal: ReversePaymentForm | None = None,
    ) -> HttpResponse:
        if outcome.failure is not None:
            failure = outcome.failure
            return self._again(pane, status=failure.status, refusals=failure.refusals, reversal=reversal)
        address = f"{reverse('bank-payments')}?{urlencode({'show': self.tab})}"
        if outcome.first_answer is not None:
            messages.info(self.request, _("This form was sent before and counted once."))
            return HttpResponseRedirect(outcome.first_answer or address)
        keep_answer(self.request, address)
        messages.success(self.request, said)
        return HttpResponseRedirect(address)

    def _again(
        self,
        pane: BookingToSettle | None,
        *,
        status: int = 200,
        refusals: Any = (),
        reversal: ReversePaymentForm | None = None,
    ) -> HttpResponse:
        context = self.get_context_data(pane=pane, refusals=refusals, reversal=reversal)
        return self.render_to_response(context, status=status)

    # --- What is shown --------------------------------------------------------------------------

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pane: BookingToSettle | None = kwargs.pop("pane", None)
        if pane is None and self.tab != MATCHED:
            chosen = self._chosen()
            pane = (
                BookingToSettle(self.user, chosen, customer=self._customer(self.request.GET))
                if chosen
                else None
            )
        reversal = kwargs.pop("reversal", None)
        if pane is not None and pane.waiting.returned is not None and reversal is None:
            reversal = ReversePaymentForm(initial={"reason": pane.entry.text[:200]})
        place = [one.entry.pk for one in self.listed]
        certain = self.waiting.certain
        return super().get_context_data(
            shown=self.tab,
            tabs=self._tabs(),
            listed=self.listed,
            list_title=TABS[self.tab],
            sums=self.totals.sums if self.tab == OPEN else sums_of(self.listed),
            matched=self._matched() if self.tab == MATCHED else [],
            pane=pane,
            line_number=place.index(pane.entry.pk) + 1 if pane and pane.entry.pk in place else None,
            reversal=reversal,
            certain=[(one, [(key, self.waiting.names[key]) for key in one.match.shares]) for one in certain],
            certain_sums=sums_of(certain),
            may_enter=may(self.user, ENTERS),
            kpis=figures_of(self.user, self.waiting, self.totals, self.today),
            has_more=self.totals.has_more_than(self.waiting.rows),
            **kwargs,
        )

    def _tabs(self) -> list[dict[str, Any]]:
        counts: dict[str, int | None] = dict.fromkeys(TABS)
        counts[OPEN] = self.totals.count
        # Of what kind one is, only those say that are looked at: no count where that is not all.
        if not self.totals.has_more_than(self.waiting.rows):
            counts |= {kind: len(self.waiting.of_kind(kind)) for kind in (SUGGESTED, LOOK, UNKNOWN, REVERSAL)}
        return [
            {"label": label, "url": f"?show={name}", "count": counts[name], "current": name == self.tab}
            for name, label in TABS.items()
        ]

    def _matched(self) -> list[CustomerPayment]:
        """The newest payments that a booking stands behind."""
        rows = CustomerPayment.objects.visible_to(self.user).filter(bank_booking__isnull=False)
        related = ("customer", "bank_booking", "bank_account", "reversed_by")
        return list(rows.select_related(*related).order_by("-pk")[:MATCHED_SHOWN])


def _key(text: str) -> int | None:
    """A key that an address or a form names; none where it is no number, or too long for one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY else None

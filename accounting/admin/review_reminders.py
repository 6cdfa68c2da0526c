"""Looking at proposed reminders before they are sent: per customer, with what is left out and why (C11)."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.models import BankBooking, Reminder
from accounting.reminder_facts import known_days, letter_of
from accounting.reminder_proposals import Key, ProposedReminder, proposed_reminders
from accounting.reminding import send_reminders
from accounting.states import LevelOfReminders
from core.access import may
from core.activity_log import as_text
from core.admin_kit import change_url, changelist_url, per_currency, signed_in_user
from core.answering import REFUSED, carry_out, keep_answer
from core.documents.reminder_letter import reminder_data
from core.missing_permissions import denied
from core.money import sum_by
from core.pages.documents import shown_document
from core.templatetags import display
from projects.models import Customer
from projects.views.page_defaults import today_of

VIEW, SEND = "accounting.view_reminder", "accounting.send_reminder"
LONGEST_KEY = 18
CURRENCY = 3


class ReviewPages:
    """The addresses of the review of reminders: the list, and the letter of one as it would go."""

    def __init__(self, site: AdminSite):
        self.site = site

    @property
    def urls(self) -> list[URLPattern]:
        """Both pages, open to those who may look at reminders."""
        view = self.site.admin_view
        name = "accounting_reminder"
        return [
            path("review/", view(self.review), name=f"{name}_review"),
            path("review/<int:key>-<str:currency>.pdf", view(self.letter), name=f"{name}_letter"),
        ]

    def review(self, request: HttpRequest) -> HttpResponse:
        """What is proposed today; what is ticked is sent."""
        user = signed_in_user(request)
        if not may(user, VIEW):
            raise denied(VIEW)
        if request.method != "POST":
            return self._page(request, None)
        if not may(user, SEND):
            raise denied(SEND)
        shown = _shown(request)
        outcome = carry_out(
            request,
            lambda: send_reminders(
                Customer.objects.visible_to(user).filter(pk__in={key for key, _currency in shown}),
                shown,
                on=today_of(request),
                actor=user,
                at=timezone.now(),
            ),
        )
        if outcome.failure is not None:
            return self._page(request, set(shown), outcome.failure.refusals, outcome.failure.status)
        address = changelist_url(Reminder)
        if outcome.first_answer is not None:
            return HttpResponseRedirect(outcome.first_answer or address)
        keep_answer(request, address)
        count = len(outcome.result.sent)
        said = ngettext("%(count)s reminder is on its way.", "%(count)s reminders are on their way.", count)
        messages.success(request, said % {"count": count})
        for refusal in outcome.result.left_out:
            messages.warning(request, str(refusal))
        return HttpResponseRedirect(address)

    def letter(self, request: HttpRequest, key: int, currency: str) -> HttpResponse:
        """The document of one proposal, as it would be sent today; nothing is kept."""
        user = signed_in_user(request)
        if not may(user, VIEW):
            raise denied(VIEW)
        on = today_of(request)
        customers = Customer.objects.visible_to(user).filter(pk=key)
        proposal = proposed_reminders(customers, on).by_key.get((key, currency))
        if proposal is None:
            raise Http404
        known = known_days([proposal], on)
        facts = letter_of(proposal, on, known.get(proposal.customer.legal_entity_id))
        back = reverse("admin:accounting_reminder_review")
        return shown_document(
            request, reminder_data(facts), facts.letter.number, title=_("Reminder as PDF"), back=back
        )

    def _page(
        self, request: HttpRequest, ticked: set[Key] | None, refusals: Any = (), status: int = 200
    ) -> HttpResponse:
        user, on = signed_in_user(request), today_of(request)
        proposals = proposed_reminders(Customer.objects.visible_to(user), on)
        context = {
            **self.site.each_context(request),
            "opts": Reminder._meta,
            "title": _("Reminders to send"),
            "rows": [_row(one, ticked is None or one.key in ticked) for one in proposals.reminders],
            "total": _sums(proposals.reminders),
            "left_out": proposals.left_out,
            "refusals": refusals,
            "on": on,
            "known_until": _known_until(user),
            "may_send": may(user, SEND),
            "sent_url": changelist_url(Reminder),
            "stops_url": reverse("admin:accounting_reminderstop_changelist"),
        }
        return TemplateResponse(request, "admin/review_reminders.html", context, status=status or REFUSED)


def _shown(request: HttpRequest) -> dict[Key, tuple[int, Decimal]]:
    """What was ticked, each with the level and the amount that stood beside it; what is none is left out."""
    shown: dict[Key, tuple[int, Decimal]] = {}
    for sent in request.POST.getlist("reminder"):
        key, _dash, rest = sent.partition("-")
        currency, _colon, figures = rest.partition(":")
        level, _colon, amount = figures.partition(":")
        is_key = key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY and len(currency) == CURRENCY
        try:
            if is_key:
                shown[int(key), currency] = (int(level), Decimal(amount))
        except (InvalidOperation, ValueError):
            continue
    return shown


def _sums(reminders: Iterable[ProposedReminder]) -> str:
    return per_currency(sorted(sum_by((one.currency, one.open_amount) for one in reminders).items()))


def _known_until(user: Any) -> Any:
    """The day of the latest bank booking: what was paid later is not known yet."""
    rows = BankBooking.objects.visible_to(user).order_by("-booked_on")
    return rows.values_list("booked_on", flat=True).first()


def _row(one: ProposedReminder, is_ticked: bool) -> dict[str, Any]:
    key = f"{one.customer.pk}-{one.currency}"
    return {
        "value": f"{key}:{one.level}:{as_text(one.open_amount)}",
        "is_ticked": is_ticked,
        "customer": one.customer,
        "url": reverse("admin:accounting_statement", args=[one.customer.pk]),
        "level": LevelOfReminders(one.level).label,
        "items": one.items,
        "count": len(one.items),
        "currency": one.currency,
        "open": one.open_amount,
        "fee": one.fee,
        "on_account": one.on_account,
        "letter": reverse("admin:accounting_reminder_letter", args=[one.customer.pk, one.currency]),
        "invoices": [(item, change_url(type(item.invoice), item.invoice.pk)) for item in one.items],
        "label": _("Send to %(customer)s, %(amount)s")
        % {"customer": one.customer, "amount": display.money(one.open_amount, one.currency)},
    }

"""The statement of prepaid hours of a month: as PDF, sent to its customer, and as it was sent (A12)."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from billing.expiring import RELATED
from billing.forms.statements import SendStatementForm
from billing.mailing_statements import send_prepaid_statement
from billing.models import SentStatement
from billing.prepaid_facts import statement_of
from billing.views.advance_tabs import VIEW
from billing.views.advances import PLAN
from billing.views.prepaid import OfPrepaid, month_of
from billing.views.prepaid_figures import PrepaidCard, cards_of
from billing.views.prepaid_sent import sent_rows, waiting_entries
from core.days import last_of_month
from core.documents.hours_statement import hours_data
from core.pages import ActionPage, DetailPage
from core.pages.documents import shown_document
from projects.models import Customer, PrepaidHours
from projects.views.page_defaults import PageDefaults


class PrepaidStatement(PageDefaults, DetailPage):
    """The hours of the month that the address names, in the language of who has bought them."""

    permission, title = VIEW, _("Statement of prepaid hours as PDF")

    def get_queryset(self) -> QuerySet[PrepaidHours]:
        """With the customer, whom a month without a block is addressed to."""
        seen = PrepaidHours.objects.visible_to(self.user)
        return seen.select_related(*RELATED, "contract_line__contract__customer")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Rendered on the spot: hours of a month change until all of its work is approved."""
        (card,) = cards_of([self.object], self.today, month_of(request.GET.get("month", "")))
        facts = statement_of(card.use, card.month, buyer_of(card), self.today)
        back = reverse("prepaid", args=[self.object.pk])
        return shown_document(request, hours_data(facts), facts.number, title=self.title, back=back)


class SendStatement(OfPrepaid, ActionPage):
    """To whom the statement of the month that the address names goes; the button sends it."""

    permission, title, form_class = PLAN, _("Send the statement"), SendStatementForm
    template_name = "billing/prepaid_send.html"

    @cached_property
    def card(self) -> PrepaidCard:
        """The card of the month; without one in the address that of today."""
        shown = month_of(self.request.GET.get("month", ""))
        (card,) = cards_of([self.object], self.today, shown)
        return card

    @property
    def month(self) -> dt.date:
        return self.card.month.month

    @property
    def cancel_url(self) -> str:
        """The card of the month."""
        return f"{reverse('prepaid', args=[self.object.pk])}?month={self.month:%Y-%m}"

    def get_queryset(self) -> QuerySet[PrepaidHours]:
        return super().get_queryset().select_related(*RELATED, "contract_line__contract__customer")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Who gets it, what speaks against sending it now, and what was sent of the month before."""
        buyer = buyer_of(self.card)
        return super().get_context_data(
            buyer=buyer,
            may_change=Customer.objects.changeable_by(self.user).filter(pk=buyer.pk).exists()
            and self.may("projects.change_customer"),
            is_over=last_of_month(self.month) < self.today,
            waiting=waiting_entries(self.object, self.month),
            sent=sent_rows(self.object, self.month),
            **kwargs,
        )

    def get_success_message(self) -> str:
        return str(_("On its way to %(address)s") % {"address": self.result.address})

    def call_verb(self, form: SendStatementForm) -> SentStatement:
        """Send it to the address that was shown."""
        address, now = form.cleaned_data["address"], timezone.now()
        return send_prepaid_statement(
            self.chosen, self.month, address=address, actor=self.user, on=self.today, at=now
        )


class SentStatementPdf(PageDefaults, DetailPage):
    """A statement as it was sent."""

    permission, title = VIEW, _("Statement as it was sent")

    def get_queryset(self) -> QuerySet[SentStatement]:
        return SentStatement.objects.visible_to(self.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The bytes that the mail has."""
        return _document(self.object.number, bytes(self.object.pdf))


def buyer_of(card: PrepaidCard) -> Customer:
    """Who bought the month, else the customer of the contract."""
    return card.retainer.customer if card.retainer else card.contract.customer


def _document(number: str, pdf: bytes) -> HttpResponse:
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{number}.pdf"'
    return response

"""The statement of prepaid hours of a month as PDF (A12)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from billing.expiring import RELATED
from billing.prepaid_facts import statement_of
from billing.views.advance_tabs import VIEW
from billing.views.prepaid import month_of
from billing.views.prepaid_figures import cards_of
from core.documents.hours_statement import hours_data
from core.documents.rendering import render_document
from core.pages import DetailPage
from projects.models import PrepaidHours
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
        customer = card.retainer.customer if card.retainer else card.contract.customer
        facts = statement_of(card.use, card.month, customer, self.today)
        response = HttpResponse(render_document(hours_data(facts)), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{facts.number}.pdf"'
        return response

"""Adding a line by hand to a draft."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.adding_by_hand import add_manual_detail
from billing.forms.manual_line import ManualLineForm
from billing.models import InvoiceLineDetail
from billing.views.proforma import DRAFT, ProformaMixin
from core.pages import FormPage
from projects.views.page_defaults import today_of


class AddLine(ProformaMixin, FormPage):
    """Work that nobody recorded, or a fixed amount: confirming records it (N6, N7)."""

    permission, title, form_class = DRAFT, _("Add a line by hand"), ManualLineForm
    template_name, submit_label = "billing/manual_line.html", _("Add the line")
    success_message = _("Line added. The totals are added up again.")

    def get_initial(self) -> dict[str, Any]:
        """Today, or the cut-off where that is earlier; an hour."""
        return {"transaction_date": min(today_of(self.request), self.object.cut_off_date), "unit": "h"}

    def get_form_kwargs(self) -> dict[str, Any]:
        """The lines and the currency are those of the proforma."""
        return super().get_form_kwargs() | {"proforma": self.object}

    def form_valid(self, form: ManualLineForm) -> HttpResponse:
        """Add what was typed."""
        line, detail, user = form.cleaned_data["line"], form.detail(), self.user
        return self.answer(lambda: add_manual_detail(line, detail, actor=user, at=timezone.now()), form)

    def get_success_url(self) -> str:
        """The proforma, at the new line."""
        added: InvoiceLineDetail = self.result
        return f"{self.cancel_url}#d{added.pk}"

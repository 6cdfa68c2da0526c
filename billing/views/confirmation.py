"""Confirming one proforma: what will happen is shown before it does."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.checks import checks_of
from billing.confirming import confirm_proformas
from billing.findings import Check, warnings_among
from billing.forms.confirmation import ConfirmationForm
from billing.models import InvoiceLineDetail, Proforma
from billing.retentions import KEPT_BACK, RELEASED
from billing.seen_contents import contents_of
from billing.totalling import tax_estimates
from billing.views.confirmation_lines import TAKEN_BACK, UNBILLED_WORK, lines_of
from core.money import ZERO
from core.pages import ActionPage
from projects.states import WORKED

RELATED = ("contract", "customer", "legal_entity", "sales_tax_group")


class Confirm(ActionPage):
    """Confirm one proforma on a page of its own."""

    permission, title = "billing.confirm_proforma", gettext_lazy("Confirm")
    template_name, form_class, verb = "billing/proforma_confirm.html", ConfirmationForm, confirm_proformas
    success_message = gettext_lazy("Confirmed. It is read-only now and goes to accounting.")
    slug_field = slug_url_kwarg = "number"

    def get_queryset(self) -> QuerySet[Proforma]:
        return Proforma.objects.confirmable_by(self.user).select_related(*RELATED)

    @property
    def cancel_url(self) -> str:
        """The proforma."""
        return reverse("proforma", args=[self.object.number])

    @cached_property
    def checks(self) -> list[Check]:
        """What blocks it and what needs a tick."""
        return checks_of([self.object], tax_estimates([self.object]), by=self.user, at=timezone.now())[
            self.object.pk
        ]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What is confirmed already leads to itself: there is nothing to look at before doing it."""
        if self.object.is_open:
            return super().get(request, *args, **kwargs)
        words = {"number": self.object.number, "status": self.object.get_status_display()}
        messages.info(request, _("%(number)s is “%(status)s” already.") % words)
        return HttpResponseRedirect(self.cancel_url)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The proforma and its warnings, which a tick is enough for."""
        return super().get_form_kwargs() | {
            "proforma": self.object,
            "content": ""
            if self.request.method == "POST"
            else contents_of([self.object])[self.object.number],
            "warnings": warnings_among(self.checks),
        }

    def get_verb_kwargs(self, form: ConfirmationForm) -> dict[str, Any]:
        """The warnings that were ticked, which stay in the history, and what was seen."""
        seen = {self.object.number: form.cleaned_data["expected"]}
        ticks = form.cleaned_data["accepted"]
        contents = {self.object.number: form.cleaned_data["content"]}
        return super().get_verb_kwargs(form) | {
            "accepted": ticks,
            "seen_totals": seen,
            "seen_contents": contents,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Net and total as the document has them, the details and their span, and what blocks it."""
        details = InvoiceLineDetail.objects.filter(line__proforma=self.object)
        worked = Q(transaction_class__in=WORKED)
        span = details.aggregate(
            first=Min("transaction_date", filter=worked),
            last=Max("transaction_date", filter=worked),
            count=Count("pk"),
            unbilled=Count("pk", filter=UNBILLED_WORK),
            taken_back=Count("pk", filter=TAKEN_BACK),
            kept=Sum("amount", filter=KEPT_BACK, default=ZERO),
            released=Sum("amount", filter=RELEASED, default=ZERO),
        )
        paid_later = span["kept"] + span["released"]
        blocking = [check for check in self.checks if check.is_blocking]
        lines = lines_of([self.object]).get(self.object.pk, ())
        return super().get_context_data(
            span=span,
            net=self.object.net_amount - paid_later,
            total=self.object.gross_amount - paid_later,
            blocking=blocking,
            lines=lines,
            **kwargs,
        )

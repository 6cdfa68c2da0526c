"""Confirming, one proforma or a selection: what will happen is shown before it does."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.checks import checks_of
from billing.confirming import confirm_proformas
from billing.findings import Check, warnings_among
from billing.forms.confirmation import ConfirmationForm
from billing.models import InvoiceLineDetail, Proforma
from billing.totalling import tax_estimates
from billing.views.proformas import Proformas
from core.money import ZERO
from core.pages import ActionPage, ConfirmedAction, SelectionAction
from core.refusals import Refusal, refuse_if

MANY = 50
"""Beyond this many, whoever confirms a selection types how many there are."""

RELATED = ("contract", "customer", "legal_entity", "sales_tax_group")


class Confirm(ActionPage):
    """Confirm one proforma on a page of its own."""

    permission, title = "billing.confirm_proforma", gettext_lazy("Confirm")
    template_name, form_class, verb = "billing/proforma_confirm.html", ConfirmationForm, confirm_proformas
    success_message = gettext_lazy("Confirmed. It is read-only now and goes to accounting.")
    slug_field = slug_url_kwarg = "number"

    def get_queryset(self) -> QuerySet[Proforma]:
        return Proforma.objects.visible_to(self.user).select_related(*RELATED)

    @property
    def cancel_url(self) -> str:
        """The proforma."""
        return reverse("proforma", args=[self.object.number])

    @cached_property
    def checks(self) -> list[Check]:
        """What blocks it and what needs a tick."""
        return checks_of([self.object], tax_estimates([self.object]))[self.object.pk]

    def get_form_kwargs(self) -> dict[str, Any]:
        """The proforma and its warnings, which a tick is enough for."""
        return super().get_form_kwargs() | {
            "proforma": self.object,
            "warnings": warnings_among(self.checks),
        }

    def get_verb_kwargs(self, form: ConfirmationForm) -> dict[str, Any]:
        """The warnings that were ticked, which stay in the history, and the total that was seen."""
        seen = {self.object.number: form.cleaned_data["expected"]}
        ticks = form.cleaned_data["accepted"]
        return super().get_verb_kwargs(form) | {"accepted": ticks, "seen_totals": seen}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The span of its details, and what blocks it."""
        details = InvoiceLineDetail.objects.filter(line__proforma=self.object)
        span = details.aggregate(
            first=Min("transaction_date"), last=Max("transaction_date"), count=Count("pk")
        )
        blocking = [check for check in self.checks if check.is_blocking]
        return super().get_context_data(span=span, blocking=blocking, **kwargs)


@dataclass(frozen=True)
class CurrencySum:
    """What would be confirmed in one currency."""

    currency: str
    count: int
    net: Decimal
    tax: Decimal
    gross: Decimal

    @property
    def seen(self) -> str:
        """What the page shows, as its form sends it back."""
        return f"{self.currency}:{self.count}:{self.gross:f}"


@dataclass(frozen=True)
class Summary:
    """A selection before it is confirmed: sums per currency, what is blocked and what needs a second look."""

    allowed: list[Proforma]
    blocked: list[tuple[Proforma, list[Check]]]
    warned: list[tuple[Proforma, list[Check]]]

    @property
    def count_to_type(self) -> int:
        """How many there are, where that is so many that the user types it; else nothing."""
        return len(self.allowed) if len(self.allowed) > MANY else 0

    @cached_property
    def sums(self) -> list[CurrencySum]:
        """Count, net, tax and total per currency, never across."""
        currencies = sorted({proforma.currency for proforma in self.allowed})
        return [_sum_of(currency, self.allowed) for currency in currencies]


def _sum_of(currency: str, proformas: list[Proforma]) -> CurrencySum:
    own = [proforma for proforma in proformas if proforma.currency == currency]
    return CurrencySum(
        currency,
        len(own),
        sum((one.net_amount for one in own), ZERO),
        sum((one.tax_amount for one in own), ZERO),
        sum((one.gross_amount for one in own), ZERO),
    )


def summary_of(selected: QuerySet[Proforma]) -> Summary:
    """Look at every selected proforma as confirming would, in a constant number of statements."""
    proformas = list(selected.select_related(*RELATED).order_by("number"))
    checks = checks_of(proformas, tax_estimates(proformas))
    is_blocked = {one.pk: any(check.is_blocking for check in checks[one.pk]) for one in proformas}
    return Summary(
        allowed=[one for one in proformas if not is_blocked[one.pk]],
        blocked=[
            (one, [check for check in checks[one.pk] if check.is_blocking])
            for one in proformas
            if is_blocked[one.pk]
        ],
        warned=[(one, checks[one.pk]) for one in proformas if checks[one.pk] and not is_blocked[one.pk]],
    )


class ConfirmSelected(ConfirmedAction, SelectionAction):
    """Confirm a selection, after a summary per currency; what is blocked is named and left out."""

    permission, list_page = "billing.confirm_proforma", Proformas
    title, success_message = (
        gettext_lazy("Confirm proformas"),
        gettext_lazy("%(count)s confirmed; they go to accounting"),
    )
    verb, template_name = confirm_proformas, "billing/proformas_confirm.html"

    def get_targets(self) -> QuerySet[Proforma]:
        """What nothing blocks; the summary of all that was selected is kept."""
        selected = super().get_targets()
        self.summary = summary_of(selected)
        return selected.filter(pk__in=[proforma.pk for proforma in self.summary.allowed])

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        """The warnings that were ticked, each on its own proforma; they stay in the history."""
        return super().get_verb_kwargs(form) | {"accepted": self.request.POST.getlist("accepted")}

    def call_verb(self, form: Any) -> Any:
        """Confirm what the user saw, and nothing else."""
        refuse_if(unseen(self.summary, self.request.POST))
        return super().call_verb(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sent = self.request.POST
        return super().get_context_data(
            summary=self.summary,
            ticked=set(sent.getlist("accepted")),
            asked=self.ANSWER in sent,
            **kwargs,
        )


def unseen(summary: Summary, post: QueryDict) -> Iterator[Refusal]:
    """What changed since the summary was shown."""
    seen = sorted(post.getlist("seen"))
    if seen != sorted(one.seen for one in summary.sums):
        message = _("The selection or its totals changed since this page was shown.")
        yield Refusal("changed-meanwhile", message, "", _("Look at the new totals, then confirm."))
    if summary.count_to_type and post.get("count", "").strip() != str(summary.count_to_type):
        message = _("Type how many proformas you confirm.")
        yield Refusal("count-not-typed", message, "", _("The number is in the heading."))

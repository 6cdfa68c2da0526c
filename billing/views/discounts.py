"""Discounts and fees on the lines of a draft: granted, changed, charged (B12)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from billing.discounting import Allowance, change_discount, charge_fee, grant_discount
from billing.discounts import charged_by
from billing.forms.discounts import DiscountForm, FeeForm
from billing.models import Discount, InvoiceLine, Proforma
from billing.views.proforma import DRAFT, ProformaMixin
from core.pages import FormPage


class OfLine(ProformaMixin, FormPage):
    """A form about one line of an open draft; it leads back to the draft."""

    permission, template_name = DRAFT, "billing/discount_form.html"

    def get_queryset(self) -> QuerySet[Proforma]:
        """Drafts alone: what is confirmed has no such page."""
        return super().get_queryset().open()  # type: ignore[attr-defined]

    @cached_property
    def line(self) -> InvoiceLine:
        """The line that the address names, of this proforma; 404 when it is not there."""
        lines = InvoiceLine.objects.select_related("proforma", "contract_line")
        return get_object_or_404(lines, pk=self.kwargs["line"], proforma=self.object)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The line, for its currency."""
        return super().get_form_kwargs() | {"line": self.line}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The line with what it charges before discounts."""
        return super().get_context_data(
            object=self.object, line=self.line, charged=charged_by(self.line), **kwargs
        )

    def get_success_url(self) -> str:
        """The draft."""
        return self.cancel_url


class GrantDiscount(OfLine):
    title, form_class = _("Grant a discount"), DiscountForm
    submit_label, success_message = _("Grant discount"), _("Discount granted: the totals are added up again")

    def form_valid(self, form: DiscountForm) -> HttpResponse:
        allowance, user, now = Allowance(**form.cleaned_data), self.user, timezone.now()
        return self.answer(lambda: grant_discount(self.line, allowance, actor=user, at=now), form)


class ChangeDiscount(OfLine):
    """Also of a discount that the contract grants: here it is changed for this draft alone."""

    title, form_class = _("Change a discount"), DiscountForm
    success_message = _("Discount changed: the totals are added up again")

    @cached_property
    def discount(self) -> Discount:
        """The discount that the address names, of this proforma; 404 when it is not there."""
        rows = Discount.objects.select_related("line__proforma", "line__contract_line")
        return get_object_or_404(rows, pk=self.kwargs["discount"], line__proforma=self.object)

    @property
    def line(self) -> InvoiceLine:
        """The line that it stands on."""
        return self.discount.line

    def get_form_kwargs(self) -> dict[str, Any]:
        """The discount, for its present values."""
        return super().get_form_kwargs() | {"discount": self.discount}

    def form_valid(self, form: DiscountForm) -> HttpResponse:
        allowance, user, now = Allowance(**form.cleaned_data), self.user, timezone.now()
        return self.answer(lambda: change_discount(self.discount, allowance, actor=user, at=now), form)


class ChargeFee(OfLine):
    title, form_class = _("Charge a fee"), FeeForm
    submit_label, success_message = _("Charge fee"), _("Fee added: the totals are added up again")

    def form_valid(self, form: FeeForm) -> HttpResponse:
        asked, user, now = form.cleaned_data, self.user, timezone.now()
        return self.answer(
            lambda: charge_fee(
                self.line,
                asked["amount"],
                asked["text"],
                item_sales_tax_group=asked["item_sales_tax_group"],
                actor=user,
                at=now,
            ),
            form,
        )

"""Exchange rates: entered from a day on, corrected with a reason until they are used (C9)."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import DecimalValidator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounting.correcting_rates import correct_exchange_rate, is_in_use
from core.admin_kit import ActionPreview, AdminAction, Cell, Panel, ReadOnlyAdmin, columns, link_to
from core.fields import MOST_DIGITS
from core.number_inputs import NumberField
from core.templatetags import display
from projects.entering_costs import CURRENCIES
from projects.models import ExchangeRate
from projects.querysets import OfEntityQuerySet
from projects.watching_budgets import look_again

PLACES = 9


class ExchangeRateForm(forms.ModelForm):
    """A rate of a currency of ISO 4217 that is not the company's own."""

    class Meta:
        model = ExchangeRate
        fields = ("legal_entity", "currency", "starts_on", "rate")

    def clean(self) -> dict[str, Any]:
        """The code is one of the standard, in capitals, and another than the company's."""
        cleaned_data = super().clean() or {}
        currency, entity = cleaned_data.get("currency", ""), cleaned_data.get("legal_entity")
        if currency and currency not in CURRENCIES:
            self.add_error(
                "currency", ValidationError(_("Enter a code of ISO 4217, such as USD."), "not-a-currency")
            )
        elif entity is not None and currency == entity.currency:
            self.add_error(
                "currency", ValidationError(_("It is the currency of the company."), "own-currency")
            )
        return cleaned_data


class RateCorrectionForm(forms.Form):
    """The rate that was meant, and why it was another one."""

    rate = NumberField(label=_("Rate"), places=PLACES, validators=[DecimalValidator(MOST_DIGITS, PLACES)])
    reason = forms.CharField(label=_("Reason"), max_length=200)


class CorrectRate(AdminAction):
    """For a rate that was mistyped; what is in the books at it keeps it."""

    name, label, permission = "correct", _("Correct"), "projects.add_exchangerate"
    confirms = True
    on_many = False
    form_class = RateCorrectionForm

    def preview(
        self, request: HttpRequest, targets: OfEntityQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """The rate as it is, and that it is refused once it is used."""
        chosen = list(targets.order_by("pk"))
        rows = [
            (link_to(one), Cell(display.day(one.starts_on)), Cell(display.rate(one.rate), is_figure=True))
            for one in chosen
        ]
        used = any(is_in_use(one) for one in chosen)
        return ActionPreview(
            ExchangeRate.objects.filter(pk__in=[one.pk for one in chosen]),
            ",".join(f"{one.pk} {one.rate}" for one in chosen),
            effects=(
                _("The log keeps the old rate, the new one and the reason."),
                *((_("Something is in the books at it: it is not corrected any more."),) if used else ()),
            ),
            panels=(Panel(_("Exchange rates"), (_("Rate"), _("From"), _("Now")), rows),),
            submit_label=_("Correct"),
            is_possible=bool(chosen) and not used,
        )

    def run(
        self, targets: OfEntityQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> ExchangeRate:
        """Call the verb."""
        rate, reason = cleaned_data["rate"], cleaned_data["reason"]
        return correct_exchange_rate(targets, rate, reason=reason, actor=actor, at=at)

    def get_success_message(self, result: ExchangeRate) -> Any:
        """That it was done."""
        return _("Corrected")


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdmin):
    """A rate holds from its day on; a new one is added, and a mistyped one corrected until it is used."""

    adds = True
    action_classes: ClassVar = (CorrectRate,)
    form = ExchangeRateForm
    list_display = (
        "currency",
        columns.day("starts_on", _("from")),
        columns.rate("rate", _("rate")),
        "legal_entity",
    )
    list_filter = (("legal_entity", RelatedOnlyFieldListFilter), "currency")
    list_select_related = ("legal_entity",)
    search_fields = ("currency",)
    date_hierarchy = "starts_on"
    fields = ("legal_entity", "currency", "starts_on", "rate")

    def save_model(self, request: Any, obj: ExchangeRate, form: Any, change: bool) -> None:
        """A new rate changes what budgets count of other currencies."""
        super().save_model(request, obj, form, change)
        look_again(obj.legal_entity, at=timezone.now())

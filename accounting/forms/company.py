"""A company and the books it begins with."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.chart_of_accounts import CHARTS, USUAL_CHART
from accounting.new_books import Books
from accounting.usual_taxes import USUAL_TAXES
from core.day_inputs import DayField
from projects.forms.choices import CountryField, CurrencyField
from projects.models import LegalEntity

MONTHS_OF_A_YEAR = 12


def time_zones() -> Iterator[tuple[str, str]]:
    """Names of places, as the time zone database writes them."""
    yield from ((name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name)


def last_day_of_year(first_day: date) -> date:
    """The day before the same month begins again."""
    return first_day.replace(day=1, year=first_day.year + 1) - timedelta(days=1)


class CompanyChangeForm(forms.ModelForm):
    """What documents show of a company, and where it banks."""

    country = CountryField(label=_("Country"))
    timezone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, initial="Europe/Berlin")

    class Meta:
        model = LegalEntity
        fields: Sequence[str] = (
            *("name", "short_name", "address", "country", "language", "timezone"),
            *("vat_id", "tax_number", "iban", "bic", "bank_name", "contact"),
            *("registered_office", "managing_directors", "register_entry"),
        )
        widgets: ClassVar = {
            "address": forms.Textarea(attrs={"rows": 3}),
            "contact": forms.Textarea(attrs={"rows": 2}),
        }

    def validate_unique(self) -> None:
        """The verb says that a code is taken, with everything else that is wrong."""


class CompanyForm(CompanyChangeForm):
    """A new company: what it is, and the books it begins with."""

    currency = CurrencyField(label=_("Currency of the books"), initial="EUR")
    first_day = DayField(
        label=_("The fiscal year begins on"), help_text=_("Twelve months from here are opened.")
    )
    chart = forms.ChoiceField(
        label=_("Chart of accounts"),
        choices=[(name, chart.title) for name, chart in CHARTS.items()],
        initial=USUAL_CHART,
        help_text=_("Numbers and names can be changed until an account is used."),
    )
    accrues = forms.BooleanField(
        label=_("Accrue revenue of time and material before it is invoiced"),
        required=False,
        initial=True,
    )
    taxes = forms.ChoiceField(
        label=_("Sales tax"), choices=[(name, taxes.title) for name, taxes in USUAL_TAXES.items()]
    )
    role_names = forms.CharField(
        label=_("What hours are billed as"),
        required=False,
        initial="Consultant\nSenior consultant\nProject lead",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One role in each line; each gets a price."),
    )

    class Meta(CompanyChangeForm.Meta):
        fields: Sequence[str] = ("code", "currency", *CompanyChangeForm.Meta.fields)

    field_order = ("name", "short_name", "code", "address", "country", "currency", "language", "timezone")

    @property
    def books(self) -> Books:
        """The books that were chosen."""
        cleaned: dict[str, Any] = self.cleaned_data
        first_day = cleaned["first_day"].replace(day=1)
        return Books(
            first_day,
            last_day_of_year(first_day),
            chart=cleaned["chart"],
            accrues=cleaned["accrues"],
            taxes=USUAL_TAXES[cleaned["taxes"]],
            role_names=cleaned["role_names"].splitlines(),
        )


class FiscalYearForm(forms.Form):
    """A further fiscal year."""

    first_day = DayField(label=_("The fiscal year begins on"))

    @property
    def days(self) -> tuple[date, date]:
        """Its first and its last day."""
        first_day = self.cleaned_data["first_day"].replace(day=1)
        return first_day, last_day_of_year(first_day)

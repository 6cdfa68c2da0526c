"""Prepaid hours as somebody types them: what a month has, its rates, and for how many months (A12)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.prepaid_terms import MOST_MONTHS, NewTerms, PrepaidTerms
from core.day_inputs import DayField
from core.number_inputs import NumberField
from core.templatetags.display import day
from projects.models import ContractLine, PrepaidHours, PrepaidMonth
from projects.querysets import ContractLineQuerySet
from projects.states import ENDED_CONTRACTS, BillingMethod


class BlockLineField(forms.ModelChoiceField):
    """A contract line that may have prepaid hours."""

    def label_from_instance(self, line: Any) -> str:
        """Contract, line and currency."""
        return f"{line.contract.number} {line.contract.name}, {line.name}, {line.contract.currency}"


class RatesForm(forms.Form):
    """What a month has, and what its hours cost; the verb judges it."""

    hours = NumberField(label=_("Hours a month"), least=2, signed=True)
    block_rate = NumberField(
        label=_("Rate of the block"), least=2, signed=True, help_text=_("For an hour within the block.")
    )
    overage_rate = NumberField(
        label=_("Overage rate"), least=2, signed=True, help_text=_("For an hour beyond the block.")
    )
    roll_over_hours = NumberField(
        label=_("Hours that roll over at most"),
        least=2,
        signed=True,
        help_text=_("Unused hours are used in the next month first, and expire with it. 0: none do."),
    )


class PrepaidForm(RatesForm):
    """The terms of prepaid hours; the verb judges them."""

    field_order = ("line",)

    line = BlockLineField(
        label=_("Contract line"), queryset=ContractLine.objects.none(), empty_label=_("Choose")
    )
    first_month = DayField(label=_("First month"), help_text=_("Any day of it."))
    months = forms.IntegerField(label=_("How many months"), min_value=1, max_value=MOST_MONTHS)

    def __init__(self, *args: Any, lines: ContractLineQuerySet, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # Only lines that can have them are offered; the verb checks again.
        self.fields["line"].queryset = (  # type: ignore[attr-defined]
            lines.filter(
                billing_method=BillingMethod.TIME_AND_MATERIAL,
                project__isnull=False,
                includes_time=True,
                prepaid_hours__isnull=True,
            )
            .exclude(contract__status__in=ENDED_CONTRACTS)
            .select_related("contract__legal_entity")
            .order_by("contract__number", "number")
        )

    def terms(self) -> PrepaidTerms:
        """What was typed, as the verb takes it."""
        asked = {name: value for name, value in self.cleaned_data.items() if name != "line"}
        return PrepaidTerms(**asked | {"first_month": asked["first_month"].replace(day=1)})


class PrepaidTermsForm(RatesForm):
    """Other terms, and the month from which on they hold."""

    since = forms.ChoiceField(
        label=_("From this month on"), help_text=_("Later months get these terms as well.")
    )
    field_order = ("since",)

    def __init__(self, *args: Any, months: Sequence[PrepaidMonth], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["since"].choices = [  # type: ignore[attr-defined]
            (one.month.isoformat(), day(one.month, "whole_month")) for one in months
        ]

    def month(self) -> dt.date:
        """The month that was chosen."""
        return dt.date.fromisoformat(self.cleaned_data["since"])

    def terms(self) -> NewTerms:
        """What was typed, as the verb takes it."""
        return NewTerms(**{name: value for name, value in self.cleaned_data.items() if name != "since"})


class ExtendForm(forms.Form):
    """How many months more."""

    months = forms.IntegerField(label=_("How many months more"), min_value=1, max_value=MOST_MONTHS)


class EndForm(forms.Form):
    """The month with which prepaid hours end."""

    last_month = forms.ChoiceField(label=_("Last month"))

    def __init__(self, *args: Any, agreement: PrepaidHours, **kwargs: Any):
        super().__init__(*args, **kwargs)
        months = agreement.months.filter(month__lt=agreement.last_month).values_list("month", flat=True)
        self.fields["last_month"].choices = [  # type: ignore[attr-defined]
            (month.isoformat(), day(month, "whole_month")) for month in months
        ]

    def month(self) -> dt.date:
        """What was chosen."""
        return dt.date.fromisoformat(self.cleaned_data["last_month"])

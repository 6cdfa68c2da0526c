"""Milestones as somebody types them: one, a row of equal ones, or a part of one (B2)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.milestone_plans import PlannedMilestone
from billing.models import Milestone
from billing.recurring import instalment_days
from core.day_inputs import DayField
from core.days import possible_day
from core.money import minor_places, part_out, rounded_fraction
from core.number_inputs import NumberField
from core.pages.keep_mine import SeenForm
from projects.models import ContractLine, ProjectContract
from projects.states import BillingMethod

MOST_MILESTONES = 120
PERIODS = [
    ("weekly", _("every week")),
    ("biweekly", _("every two weeks")),
    ("four_weekly", _("every four weeks")),
    ("monthly", _("every month")),
    ("quarterly", _("every quarter")),
    ("yearly", _("every year")),
]


def fixed_price_lines(contract: ProjectContract) -> Any:
    """The lines of a contract that milestones are planned on."""
    lines = ContractLine.objects.filter(contract=contract, billing_method=BillingMethod.FIXED_PRICE)
    return lines.order_by("number")


class MilestoneForm(forms.Form):
    """One milestone; the verb judges the amount."""

    line = forms.ModelChoiceField(label=_("Contract line"), queryset=ContractLine.objects.none())
    name = forms.CharField(label=_("Milestone"), max_length=120)
    due_on = DayField(label=_("Due date"))
    amount = NumberField(label=_("Amount"), least=2, signed=True)
    external_description = forms.CharField(
        label=_("Description on the invoice"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Left empty, the invoice shows the name of the milestone."),
    )

    def __init__(self, *args: Any, contract: ProjectContract, **kwargs: Any):
        super().__init__(*args, **kwargs)
        lines = fixed_price_lines(contract)
        self.fields["line"].queryset = lines  # type: ignore[attr-defined]
        self.fields["line"].initial = lines.first()
        self.fields["amount"].label = _("Amount in %(currency)s") % {"currency": contract.currency}

    def plan(self) -> PlannedMilestone:
        """What was typed, as the verb takes it."""
        names = ("name", "due_on", "amount", "external_description")
        return PlannedMilestone(**{name: self.cleaned_data[name] for name in names})


class ChangeMilestoneForm(SeenForm, MilestoneForm):
    """A milestone stays on its line."""

    def __init__(self, *args: Any, milestone: Milestone, **kwargs: Any):
        kwargs["initial"] = {
            "name": milestone.name,
            "due_on": milestone.due_on,
            "amount": milestone.amount,
            "external_description": milestone.external_description,
        }
        super().__init__(*args, **kwargs)
        del self.fields["line"]
        self.see(milestone)


class InstalmentsForm(forms.Form):
    """A row of milestones of equal amounts; the last one takes the rounding."""

    line = forms.ModelChoiceField(label=_("Contract line"), queryset=ContractLine.objects.none())
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Each gets its number behind it: Instalment 1, 2, 3.")
    )
    total = NumberField(label=_("Amount of all together"), least=2, signed=True)
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_MILESTONES)
    starts_on = DayField(label=_("First due date"))
    period = forms.ChoiceField(label=_("Then"), choices=PERIODS, initial="monthly")

    def __init__(self, *args: Any, contract: ProjectContract, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.contract = contract
        lines = fixed_price_lines(contract)
        self.fields["line"].queryset = lines  # type: ignore[attr-defined]
        self.fields["line"].initial = lines.first()

    def clean(self) -> dict[str, Any] | None:
        """Not the first day alone, the last one too can be agreed on."""
        asked = super().clean() or {}
        if {"period", "starts_on", "count"} <= asked.keys():
            possible_day(instalment_days(asked["period"], asked["starts_on"], asked["count"])[-1])
        return asked

    def plans(self) -> list[PlannedMilestone]:
        """The milestones, in the order of their days."""
        asked = self.cleaned_data
        places = minor_places(self.contract.currency)
        amounts = part_out(asked["total"], asked["count"], places=places)
        days = instalment_days(asked["period"], asked["starts_on"], asked["count"])
        return [
            PlannedMilestone(f"{asked['name']} {number}", day, amount)
            for number, (day, amount) in enumerate(zip(days, amounts, strict=True), 1)
        ]


class PartForm(forms.Form):
    """A part of a milestone, as an amount or in percent."""

    name = forms.CharField(label=_("Name of the part"), max_length=120)
    percent = NumberField(label=_("Percent of it"), required=False)
    amount = NumberField(label=_("Or an amount"), least=2, required=False, signed=True)

    def __init__(self, *args: Any, milestone: Milestone, **kwargs: Any):
        kwargs["initial"] = {"name": milestone.name}
        super().__init__(*args, **kwargs)
        self.milestone = milestone

    def clean(self) -> dict[str, Any] | None:
        """One of the two, and not both."""
        values = super().clean() or {}
        given = [name for name in ("percent", "amount") if values.get(name) is not None]
        if not self.errors and len(given) != 1:
            raise forms.ValidationError(_("Enter the percentage or the amount, one of them."), "one-of-two")
        return values

    def part(self) -> Decimal:
        """The amount of the part, rounded once to the minor unit."""
        amount: Decimal | None = self.cleaned_data["amount"]
        if amount is not None:
            return amount
        percent: Decimal = self.cleaned_data["percent"]
        places = minor_places(self.milestone.contract_line.contract.currency)
        return rounded_fraction(Fraction(self.milestone.amount) * Fraction(percent) / 100, places)

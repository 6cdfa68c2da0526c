"""Advances as somebody types them: one, a series, a refund, and how much a draft applies (B3)."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing.forms.milestones import MOST_MILESTONES, PERIODS
from billing.models import InvoiceLineDetail, Retainer
from billing.recurring import MONTH_END, instalment_days
from billing.retainer_plans import PlannedRetainer, instalments
from core.day_inputs import DayField
from core.days import possible_day
from core.money import ZERO, has_places, minor_places
from core.number_inputs import NumberField
from projects.models import ContractLineCustomer, Customer, ProjectContract
from projects.querysets import ContractQuerySet
from projects.states import ENDED_CONTRACTS

LAST_DAYS = (MONTH_END, _("every month, on its last day"))


class PayerField(forms.ChoiceField):
    """A contract and one of the customers who pay for it."""

    contracts: ContractQuerySet

    def offer(self, contracts: ContractQuerySet) -> None:
        """The payers of these contracts that have not ended; one statement."""
        self.contracts = contracts.exclude(status__in=ENDED_CONTRACTS)
        rows = (
            ContractLineCustomer.objects.filter(
                contract_line__contract__in=self.contracts, contract_line__project__isnull=False
            )
            .order_by("contract_line__contract__number", "customer__name")
            .values_list(
                "contract_line__contract",
                "customer",
                "contract_line__contract__number",
                "contract_line__contract__name",
                "customer__name",
                "contract_line__contract__currency",
            )
        )
        payers = {
            f"{contract}-{customer}": f"{number} {name}, {who}, {currency}"
            for contract, customer, number, name, who, currency in rows
        }
        self.choices = [("", _("Choose")), *payers.items()]

    def clean(self, value: Any) -> tuple[ProjectContract, Customer]:
        """The two that were chosen."""
        contract, customer = super().clean(value).split("-")
        return self.contracts.get(pk=contract), Customer.objects.get(pk=customer)


class AdvanceAmountField(NumberField):
    """A net amount above zero; what cannot be stored is not read in the first place."""

    def __init__(self, **kwargs: Any):
        super().__init__(least=2, signed=True, **kwargs)

    def validate(self, value: Any) -> None:
        """Refuse what no advance comes to. Raises ValidationError: amount-not-positive."""
        super().validate(value)
        if value is not None and value <= ZERO:
            raise ValidationError(_("An advance has an amount above zero."), "amount-not-positive")


class AppliedAmountField(NumberField):
    """What is applied: zero or more."""

    def __init__(self, **kwargs: Any):
        super().__init__(least=2, signed=True, **kwargs)

    def validate(self, value: Any) -> None:
        """Refuse what cannot be applied. Raises ValidationError: amount-negative."""
        super().validate(value)
        if value is not None and value < ZERO:
            raise ValidationError(_("The amount that is applied is zero or more."), "amount-negative")


def refuse_parts_of_a_cent(form: forms.Form, name: str, currency: str) -> None:
    """Refuse an amount at its field where the currency has fewer places than were typed."""
    amount = form.cleaned_data.get(name)
    if amount is not None and not has_places(amount, minor_places(currency)):
        message = _("The amount has more decimals than %(currency)s.")
        form.add_error(name, ValidationError(message, "below-minor-unit", {"currency": currency}))


class AdvanceForm(forms.Form):
    """One advance."""

    payer = PayerField(label=_("Contract and customer"))
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Printed on the invoice and where it is applied.")
    )
    amount = AdvanceAmountField(label=_("Amount, net"))
    invoice_on = DayField(label=_("Invoice date"))

    def __init__(self, *args: Any, contracts: ContractQuerySet, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["payer"].offer(contracts)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        """In the places of the contract's currency."""
        asked = super().clean() or {}
        if "payer" in asked:
            refuse_parts_of_a_cent(self, "amount", asked["payer"][0].currency)
        return asked

    def plans(self) -> list[PlannedRetainer]:
        """What was typed, as the verb takes it."""
        asked = self.cleaned_data
        return [PlannedRetainer(asked["name"], asked["invoice_on"], asked["amount"])]


class ChangeAdvanceForm(AdvanceForm):
    """An advance stays with its contract and customer."""

    def __init__(self, *args: Any, retainer: Retainer, **kwargs: Any):
        kwargs["initial"] = {
            "name": retainer.name,
            "amount": retainer.amount,
            "invoice_on": retainer.invoice_on,
        }
        super().__init__(*args, contracts=ProjectContract.objects.none(), **kwargs)
        del self.fields["payer"]
        self.currency = retainer.contract.currency
        label = _("Amount, net, in %(currency)s") % {"currency": self.currency}
        self.fields["amount"].label = label

    def clean(self) -> dict[str, Any] | None:
        """In the places of its own currency."""
        asked = super().clean()
        refuse_parts_of_a_cent(self, "amount", self.currency)
        return asked


class ScheduleForm(forms.Form):
    """A series of equal advances; the last one takes the rounding."""

    payer = PayerField(label=_("Contract and customer"))
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("Each gets its number: Advance 1/3, 2/3, 3/3."),
    )
    total = AdvanceAmountField(label=_("Total, net"))
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_MILESTONES)
    starts_on = DayField(label=_("First invoice date"))
    period = forms.ChoiceField(label=_("How often"), choices=[*PERIODS, LAST_DAYS], initial="month_end")

    def __init__(self, *args: Any, contracts: ContractQuerySet, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["payer"].offer(contracts)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        """Not the first day alone, the last one too can be agreed on; and each part is something."""
        asked = super().clean() or {}
        if "payer" in asked:
            refuse_parts_of_a_cent(self, "total", asked["payer"][0].currency)
        if {"period", "starts_on", "count"} <= asked.keys():
            try:
                possible_day(instalment_days(asked["period"], asked["starts_on"], asked["count"])[-1])
            except ValidationError as error:
                self.add_error("starts_on", error)
                return asked
        if not self.errors and any(plan.amount <= ZERO for plan in self.plans()):
            message = _("So many parts leave nothing for one of them: choose fewer, or a larger total.")
            self.add_error("count", ValidationError(message, "amount-not-positive"))
        return asked

    def plans(self) -> list[PlannedRetainer]:
        """The advances, in the order of their days."""
        asked = self.cleaned_data
        contract, _customer = asked["payer"]
        days = instalment_days(asked["period"], asked["starts_on"], asked["count"])
        places = minor_places(contract.currency)
        return instalments(asked["name"], asked["total"], days, places=places)


class RefundForm(forms.Form):
    """Why a balance goes back; printed on the document."""

    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("Printed on the document."))


class AppliedForm(forms.Form):
    """How much of an advance a draft applies."""

    amount = AppliedAmountField(label=_("Apply now"), help_text=_("0 keeps it for later."))

    def __init__(self, *args: Any, detail: InvoiceLineDetail, **kwargs: Any):
        kwargs["initial"] = {"amount": -detail.amount}
        super().__init__(*args, **kwargs)
        self.currency = detail.line.proforma.currency
        self.fields["amount"].label = _("Apply now, %(currency)s, net") % {"currency": self.currency}

    def clean(self) -> dict[str, Any] | None:
        """In the places of the draft's currency."""
        asked = super().clean()
        refuse_parts_of_a_cent(self, "amount", self.currency)
        return asked

    def applied(self) -> Decimal:
        """What was typed."""
        typed: Decimal = self.cleaned_data["amount"]
        return typed

"""Rows of the form of a contract: who pays, and what is chargeable."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.contract_offers import Offers, PickField, words_of_kinds
from core.money import ZERO
from core.number_inputs import NumberField
from projects.agreements import ChargeRule, PayerShare

YES_OR_NO = [("no", _("non-chargeable")), ("yes", _("chargeable"))]


class RowForm(forms.Form):
    """A part of the form that is left out while it is empty."""

    @property
    def is_empty(self) -> bool:
        """Whether the row says nothing yet."""
        return False


class PayerForm(RowForm):
    """A payer of a line, or a customer of the contract; a row without one is left out."""

    customer = PickField(label=_("Payer"), required=False)
    split_percent = NumberField(label=_("Share in percent"), required=False)
    not_to_exceed_amount = NumberField(label=_("Not to exceed"), required=False)

    def __init__(self, data: Any, prefix: str, offers: Offers):
        super().__init__(data, prefix=prefix)
        self.fields["customer"].offer(offers.customers)  # type: ignore[attr-defined]

    @property
    def is_empty(self) -> bool:
        """A row without a payer."""
        return not self.data.get(self.add_prefix("customer"))

    def share(self, *, is_rounding: bool) -> PayerShare:
        """The payer as the verbs take it."""
        cleaned = self.cleaned_data
        percent, limit = cleaned["split_percent"] or ZERO, cleaned["not_to_exceed_amount"]
        return PayerShare(cleaned["customer"], percent, is_rounding, limit)


class RuleForm(RowForm):
    """A chargeability rule: what it is about, and what it says; a row about nothing is left out."""

    about = forms.ChoiceField(label=_("Task, role or category"), required=False)
    is_chargeable = forms.ChoiceField(label=_("It is"), choices=YES_OR_NO, required=False)

    def __init__(self, data: Any, prefix: str, subjects: Mapping[str, Sequence[Any]]):
        super().__init__(data, prefix=prefix)
        self.subjects = {f"{kind}-{row.pk}": (kind, row) for kind, rows in subjects.items() for row in rows}
        words = words_of_kinds()
        groups = [
            (words[kind], [(f"{kind}-{row.pk}", row.name) for row in rows])
            for kind, rows in subjects.items()
            if rows
        ]
        self.fields["about"].choices = [("", ""), *groups]  # type: ignore[attr-defined]

    @property
    def is_empty(self) -> bool:
        """A row that is about nothing."""
        return not self.data.get(self.add_prefix("about"))

    def rule(self) -> ChargeRule:
        """The rule as the verbs take it."""
        kind, row = self.subjects[self.cleaned_data["about"]]
        return ChargeRule(**{kind: row}, is_chargeable=self.cleaned_data["is_chargeable"] == "yes")


def shares_of(payers: Sequence[PayerForm], rounding: str) -> tuple[PayerShare, ...]:
    """The payers as the verbs take them, one of them marked."""
    return tuple(
        form.share(is_rounding=str(place) == rounding)
        for place, form in enumerate(payers)
        if not form.is_empty
    )

"""When a retention is released, and how much of it (B12)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Proforma, Retention
from core.day_inputs import DayField
from core.money import minor_places
from core.number_inputs import NumberField, SharePercentField
from core.templatetags.display import money


class ReleaseForm(forms.Form):
    """How much, and on which draft; the verb judges both."""

    amount = NumberField(label=_("Amount"), least=2, signed=True)
    into = forms.ChoiceField(label=_("Where it goes"), required=False, widget=forms.RadioSelect)
    invoice_date = DayField(label=_("Invoice date"))

    def __init__(self, *args: Any, retention: Retention, drafts: list[Proforma], **kwargs: Any):
        super().__init__(*args, **kwargs)
        currency = retention.line.proforma.currency
        self.fields["amount"] = NumberField(
            label=_("Release now, in %(currency)s") % {"currency": currency},
            least=minor_places(currency),
            signed=True,
        )
        self.fields["into"].choices = [  # type: ignore[attr-defined]
            ("", _("A new draft")),
            *((one.number, f"{one.number}, {money(one.net, one.currency)}") for one in drafts),
        ]
        self.fields["into"].initial = ""


class ChangeReleaseForm(forms.Form):
    """The day, and what has to happen before."""

    release_on = DayField(label=_("Release date"), required=False)
    condition = forms.CharField(label=_("Condition"), max_length=120, required=False)


class KeepForm(forms.Form):
    """What a draft keeps back."""

    percent = SharePercentField(label=_("Percent of the net"), signed=True)
    release_on = DayField(label=_("Release date"), required=False)
    condition = forms.CharField(
        label=_("Condition"), max_length=120, required=False, help_text=_("Is printed")
    )

"""What is asked before a proforma becomes final: warnings were seen, and the total is the one shown."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Proforma
from core.templatetags.display import money, plain


class ConfirmationForm(forms.Form):
    """One box per warning (a `code` and a `message`), all of them needed, and the total the user saw."""

    accepted = forms.MultipleChoiceField(
        label=_("I have checked this"), required=False, widget=forms.CheckboxSelectMultiple
    )
    expected = forms.DecimalField(widget=forms.HiddenInput, max_digits=20, decimal_places=8)

    def __init__(self, *args: Any, proforma: Proforma, warnings: Sequence[Any], **kwargs: Any):
        kwargs["initial"] = {"expected": plain(proforma.gross_amount)}
        super().__init__(*args, **kwargs)
        self.proforma, self.warnings = proforma, warnings
        accepted = cast(forms.MultipleChoiceField, self.fields["accepted"])
        accepted.choices = [(check.code, check.message) for check in warnings]

    def clean_expected(self) -> Decimal:
        """Whoever confirms must have seen the total that is confirmed."""
        seen, now = self.cleaned_data["expected"], self.proforma.gross_amount
        if seen != now:
            raise forms.ValidationError(
                _("The total is %(now)s now; this page showed %(seen)s. Look at it again, then confirm.")
                % {
                    "now": money(now, self.proforma.currency),
                    "seen": money(seen, self.proforma.currency),
                }
            )
        return seen

    def clean_accepted(self) -> list[str]:
        """Every warning is ticked."""
        accepted = self.cleaned_data["accepted"]
        left = [str(check.message) for check in self.warnings if check.code not in accepted]
        if left:
            raise forms.ValidationError(
                _("Tick what you have checked: %(left)s.") % {"left": "; ".join(left)}
            )
        return accepted

"""What is asked before a proforma becomes final: warnings were seen, and the total is the one shown."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from billing.findings import Check
from billing.models import Proforma
from core.templatetags.display import plain


class ConfirmationForm(forms.Form):
    """One box per warning, and the total the user saw; the verb judges both under its locks.

    A tick is for the figures it was made beside, so that a box of another page counts for nothing.
    """

    accepted = forms.MultipleChoiceField(
        label=_("I have checked this"), required=False, widget=forms.CheckboxSelectMultiple
    )
    expected = forms.DecimalField(widget=forms.HiddenInput, max_digits=20, decimal_places=8)

    # A hash of what the page was opened with; without it nothing was seen, and the verb refuses.
    content = forms.CharField(widget=forms.HiddenInput, max_length=32, required=False)

    def __init__(
        self, *args: Any, proforma: Proforma, content: str, warnings: Sequence[Check], **kwargs: Any
    ):
        kwargs["initial"] = {"expected": plain(proforma.gross_amount), "content": content}
        super().__init__(*args, **kwargs)
        self.proforma, self.warnings = proforma, warnings
        accepted = cast(forms.MultipleChoiceField, self.fields["accepted"])
        # Ticks that have become outdated are no error of the form: the verb says what is not ticked.
        offered = {*self.ticked, *(check.tick for check in warnings)}
        accepted.choices = [(tick, tick) for tick in offered]

    @property
    def ticked(self) -> set[str]:
        """The ticks that were sent."""
        return set(self.data.getlist("accepted")) if isinstance(self.data, QueryDict) else set()

    @property
    def not_ticked(self) -> list[Check]:
        """The warnings whose boxes were left empty when the form was sent."""
        return [check for check in self.warnings if check.tick not in self.ticked] if self.is_bound else []

    def clean_expected(self) -> Decimal:
        """Whoever confirms must have seen a total."""
        return Decimal(self.cleaned_data["expected"])

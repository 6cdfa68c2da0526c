"""Other hours and rates of prepaid hours from a month on: old and new are shown before (A12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from billing.changing_prepaid_terms import TermsChange, change_prepaid_terms, terms_change
from billing.forms.prepaid import PrepaidTermsForm
from billing.models import Retainer
from billing.prepaid_terms import payers_of
from billing.views.advances import PLAN
from billing.views.prepaid import OfPrepaid
from billing.views.prepaid_words import figures_in_words
from core.money import ZERO, times
from core.pages import FormPage
from projects.models import PrepaidMonth


@dataclass(frozen=True)
class ChangedBlock:
    """A month as it is agreed, in words, and its amounts before and after, in the contract's currency."""

    month: PrepaidMonth
    before: Decimal
    after: Decimal

    @property
    def words(self) -> str:
        """Hours, rates and cap before the change."""
        return figures_in_words(self.month)


class ChangePrepaidTerms(OfPrepaid, FormPage):
    """The first click shows each block before and after, the second makes the change."""

    permission, title, form_class = PLAN, _("Change the terms"), PrepaidTermsForm
    template_name, submit_label = "billing/prepaid_terms.html", _("Show the blocks")
    success_message = _("Terms changed: the blocks of these months are planned anew")

    @cached_property
    def months(self) -> list[PrepaidMonth]:
        """All months of the agreement."""
        return list(self.object.months.order_by("month"))

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"months": self.months}

    def get_initial(self) -> dict[str, Any]:
        """The first month of which nothing is invoiced, with its terms."""
        blocks = Retainer.objects.filter(prepaid_month__in=self.months)
        untouched = {one.prepaid_month_id for one in blocks if one.is_untouched}
        first = next((one for one in self.months if one.pk in untouched), self.months[-1])
        return {
            "since": first.month.isoformat(),
            "hours": first.hours,
            "block_rate": first.block_rate,
            "overage_rate": first.overage_rate,
            "roll_over_hours": first.roll_over_hours,
        }

    def form_valid(self, form: PrepaidTermsForm) -> HttpResponse:
        """Make it where it was shown; otherwise show it."""
        since, new, now = form.month(), form.terms(), timezone.now()
        if "make" in self.request.POST:
            return self.answer(
                lambda: change_prepaid_terms(self.chosen, since, new, actor=self.user, on=self.today, at=now),
                form,
            )
        line = self.object.contract_line
        change = terms_change(self.object, since, new)
        reasons = change.reasons_against(line, payers_of(line))
        blocks = [] if reasons else _blocks(change, line.contract.currency)
        shown = {
            "blocks": blocks,
            "refusals": reasons,
            "new": figures_in_words(new),
            "total": sum((one.after for one in blocks), ZERO),
        }
        return self.render_to_response(self.get_context_data(form=form, **shown))


def _blocks(change: TermsChange, currency: str) -> Sequence[ChangedBlock]:
    after = times(change.new.hours, change.new.block_rate, currency)
    return [ChangedBlock(one, times(one.hours, one.block_rate, currency), after) for one in change.changed]

"""Which figures of the ledger are shown: those of a period, or the days of one account."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounting.account_lines import currencies_of
from accounting.balances import RESULT_KINDS
from accounting.models import Account, FiscalPeriod
from accounting.states import AccountKind
from core.day_inputs import DayField
from projects.models import Customer

WITH_POSTINGS, ALL_ACCOUNTS = "posted", "all"
RESULT, EVERY = "result", "every"
TOGETHER = {
    "": _("This account alone"),
    AccountKind.ASSET.value: _("All assets"),
    AccountKind.LIABILITY.value: _("All liabilities"),
    AccountKind.EQUITY.value: _("All equity"),
    AccountKind.REVENUE.value: pgettext_lazy("accounts", "All revenue"),
    AccountKind.EXPENSE.value: pgettext_lazy("accounts", "All expenses"),
    RESULT: _("Revenue and expenses"),
    EVERY: _("All accounts"),
}
"""The sums of a trial balance, each of which has a statement of its own."""


class PeriodChoice(forms.ModelChoiceField):
    """A fiscal period, the newest first, with its company where there are several."""

    def label_from_instance(self, obj: Any) -> str:
        """The name of the period, and whose it is."""
        return f"{obj}, {obj.legal_entity.name}"


class BalancesForm(forms.Form):
    """The period whose balances are shown."""

    period = PeriodChoice(FiscalPeriod.objects.none(), label=_("Period"), empty_label=None)
    compared = PeriodChoice(
        FiscalPeriod.objects.none(), label=_("Compare with"), required=False, empty_label=_("Nothing")
    )
    accounts = forms.ChoiceField(
        label=_("Accounts"),
        choices=[(WITH_POSTINGS, _("With postings")), (ALL_ACCOUNTS, _("All"))],
        required=False,
    )
    dimension = forms.CharField(label=_("Financial dimension"), max_length=40, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        periods = (
            FiscalPeriod.objects.visible_to(user).select_related("legal_entity").order_by("-starts_on", "pk")
        )
        for name in ("period", "compared"):
            self.fields[name].queryset = periods  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Periods of two companies are not compared: each has a chart of accounts of its own."""
        cleaned: dict[str, Any] = super().clean() or {}
        period, compared = cleaned.get("period"), cleaned.get("compared")
        if period and compared and period.legal_entity_id != compared.legal_entity_id:
            self.add_error("compared", _("Compare with a period of the same company."))
        return cleaned


class StatementForm(forms.Form):
    """The account, or those of its company that a sum is of, and the days of a statement."""

    account = forms.ModelChoiceField(Account.objects.none(), label=_("Account"), empty_label=None)
    together = forms.ChoiceField(label=_("Accounts"), choices=list(TOGETHER.items()), required=False)
    first = DayField(label=_("From"))
    last = DayField(label=_("To"))
    customer = forms.ModelChoiceField(
        Customer.objects.none(), label=_("Customer"), required=False, empty_label=_("All customers")
    )
    dimension = forms.CharField(label=_("Financial dimension"), max_length=40, required=False)
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.accounts: QuerySet[Account] = Account.objects.none()
        self.currencies: list[str] = []
        self.fields["account"].queryset = Account.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["customer"].queryset = Customer.objects.visible_to(user).order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The days are in order."""
        cleaned: dict[str, Any] = super().clean() or {}
        account, together = cleaned.get("account"), cleaned.get("together", "")
        if account is not None:
            self.accounts = _together(account, together)
            self.currencies = currencies_of(self.accounts)
            # In the currency of the company it is the books as they are, with every line.
            if cleaned.get("currency") == account.legal_entity.currency:
                cleaned["currency"] = ""
            if (cleaned.get("currency") or "") not in ("", *self.currencies):
                self.add_error("currency", _("Nothing was booked in this currency."))
        first: date | None = cleaned.get("first")
        last: date | None = cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day lies before the first one."))
        return cleaned


def _together(account: Account, together: str) -> QuerySet[Account]:
    """The account alone, or those of its company that belong to the same sum."""
    if not together:
        return Account.objects.filter(pk=account.pk)
    mine = Account.objects.filter(legal_entity=account.legal_entity_id)
    if together == EVERY:
        return mine
    return mine.filter(kind__in=RESULT_KINDS if together == RESULT else [together])

"""The rows of a journal voucher as they are typed: account, debit or credit, and what they are about."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import get_language
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from accounting.line_shares import BETWEEN, LineShare, read_shares
from accounting.models import Account, JournalVoucherLine
from core.day_inputs import DayField
from core.durations import Unreadable
from core.money import ZERO
from core.number_inputs import NumberField, typed
from projects.models import LegalEntity

FIRST_ROWS, MORE_ROWS, MOST_ROWS = 6, 6, 400
CURRENCY_LETTERS = 3
LONGEST_VALUE = 40


class VoucherForm(forms.Form):
    """What the whole voucher says: whose it is, its day and what it is for."""

    legal_entity = forms.ModelChoiceField(LegalEntity.objects.none(), label=_("Company"), empty_label=None)
    date = DayField(label=_("Date"))
    text = forms.CharField(
        label=_("Text"), max_length=200, help_text=_("What it is for, as it is read in the ledger.")
    )
    reversed_on = DayField(
        label=_("Reversed on"),
        required=False,
        help_text=_("Of an accrual the first day of the next period; empty where it stays."),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        entities = LegalEntity.objects.visible_to(user).order_by("pk")
        self.fields["legal_entity"].queryset = entities  # type: ignore[attr-defined]


class VoucherRowForm(forms.Form):
    """One row; a row in which nothing is typed is no line."""

    account = forms.ChoiceField(label=_("Account"), required=False)
    debit = NumberField(label=_("Debit"), places=4, least=2, required=False)
    credit = NumberField(label=_("Credit"), places=4, least=2, required=False)
    currency = forms.CharField(label=_("Currency"), max_length=CURRENCY_LETTERS, required=False)
    text = forms.CharField(label=_("Text"), max_length=200, required=False)
    dimension = forms.CharField(label=_("Dimension"), max_length=200, required=False)
    customer = forms.CharField(label=_("Customer number"), max_length=40, required=False)
    project = forms.CharField(label=_("Project number"), max_length=40, required=False)

    def __init__(self, *args: Any, row: int, accounts: Sequence[Account], **kwargs: Any):
        super().__init__(*args, prefix=f"line-{row}", **kwargs)
        self.row, self.accounts = row, {str(one.pk): one for one in accounts}
        self.shares: tuple[LineShare, ...] = ()
        choices = [(key, str(one)) for key, one in self.accounts.items()]
        self.fields["account"].choices = [("", ""), *choices]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = _("%(label)s, line %(row)s") % {
                "label": field.label,
                "row": row,
            }

    @property
    def cells(self) -> list[Any]:
        """The inputs in the order of the columns."""
        return [self[name] for name in self.fields]

    @property
    def is_blank(self) -> bool:
        """Whether nothing is typed in the row."""
        return not any(str(self[name].value() or "").strip() for name in self.fields)

    def clean_dimension(self) -> str:
        """One value, or several with their percents. Raises ValidationError: too-long."""
        typed: str = self.cleaned_data["dimension"].strip()
        try:
            self.shares = read_shares(typed, get_language() or "")
        except Unreadable as error:
            raise forms.ValidationError(
                _gettext("Type each value with its percent, as in north 60; south 40."), "shares-unclear"
            ) from error
        values = [one.dimension for one in self.shares] or [typed]
        if max(map(len, values)) > LONGEST_VALUE:
            raise forms.ValidationError(_gettext("A value has at most 40 characters."), "too-long")
        return "" if self.shares else typed

    def clean(self) -> dict[str, Any]:
        """An account, and one of debit and credit; the row is empty or whole."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.is_blank or self.errors:
            return cleaned
        if not cleaned.get("account"):
            self.add_error("account", _("Choose an account."))
        debit, credit = cleaned.get("debit"), cleaned.get("credit")
        if (debit is None) == (credit is None):
            self.add_error("debit", _("Type a debit or a credit, not both."))
        return cleaned | {"currency": (cleaned.get("currency") or "").upper()}

    @property
    def chosen_account(self) -> Account:
        """The account that was chosen."""
        return self.accounts[self.cleaned_data["account"]]

    @property
    def amount(self) -> Decimal:
        """The debit, or the credit below zero."""
        debit, credit = self.cleaned_data["debit"], self.cleaned_data["credit"]
        return Decimal(debit) if debit is not None else -Decimal(credit)


def rows_of(count: str) -> int:
    """How many rows were sent, within bounds."""
    return min(max(int(count), 1), MOST_ROWS) if count.isascii() and count.isdigit() else FIRST_ROWS


def accounts_to_choose(user: User, kept: Iterable[int]) -> list[Account]:
    """The accounts that journal vouchers may move, in the order of their numbers."""
    accounts = Account.objects.visible_to(user).exclude(pk__in=list(kept))
    return list(accounts.order_by("number", "legal_entity", "pk"))


def rows_of_lines(lines: Iterable[JournalVoucherLine]) -> list[list[JournalVoucherLine]]:
    """Lines as they were typed: the parts of one amount are one row."""
    rows: dict[int, list[JournalVoucherLine]] = {}
    for line in lines:
        rows.setdefault(line.first_part or line.position, []).append(line)
    return list(rows.values())


def initial_of(parts: Sequence[JournalVoucherLine]) -> dict[str, Any]:
    """What the row of a line, or of the parts of one amount, begins with."""
    line = parts[0]
    amount = line.amount if line.whole is None else line.whole
    shares = [f"{one.dimension} {typed(one.percent)}" for one in parts if one.percent is not None]
    return {
        "account": str(line.account_id),
        "debit": amount if amount > ZERO else None,
        "credit": -amount if amount < ZERO else None,
        "currency": line.currency,
        "text": line.text,
        "dimension": f"{BETWEEN} ".join(shares) or line.dimension,
        "customer": line.customer.number if line.customer else "",
        "project": line.project.number if line.project else "",
    }


def unknown(number: str) -> str:
    """What is said of a number that no row of the company has."""
    return _gettext("Nothing of this company has the number %(number)s.") % {"number": number}

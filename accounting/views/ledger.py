"""The ledger as accountants read it: trial balance, profit and loss, balance sheet (C6)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Min, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounting.balances import RESULT_KINDS, AccountBalance, Span, balances_of, by_kind, summed
from accounting.forms.ledger import ALL_ACCOUNTS, EVERY, RESULT, WITH_POSTINGS, BalancesForm
from accounting.models import FiscalPeriod, Voucher
from accounting.states import AccountKind
from core.pages import Page
from core.refusals import Text
from core.spreadsheets import CSV_TYPE, Figure, Head, for_the_reader, written_csv
from projects.views.page_defaults import PageDefaults

PERMISSION = "accounting.view_voucher"
ONE_DAY = timedelta(days=1)
ALL, TRIAL, PROFIT, POSITION = "all", "trial", "profit", "position"
KINDS = {
    AccountKind.ASSET: _("Assets"),
    AccountKind.LIABILITY: _("Liabilities"),
    AccountKind.EQUITY: _("Equity"),
    AccountKind.REVENUE: pgettext_lazy("accounts", "Revenue"),
    AccountKind.EXPENSE: pgettext_lazy("accounts", "Expenses"),
}
TABS = {
    ALL: _("All on one page"),
    TRIAL: _("Trial balance"),
    PROFIT: _("Profit and loss"),
    POSITION: _("Balance sheet"),
}


@dataclass(frozen=True)
class KindOfAccounts:
    """The accounts of a kind, their sum, and what the address of its statement ends with."""

    kind: AccountKind
    accounts: list[AccountBalance]
    sums: AccountBalance
    key: str

    @property
    def label(self) -> Text:
        """The kind in words."""
        return KINDS[self.kind]


class Balances(PageDefaults, Page):
    """Trial balance, result and balance sheet of a period, each figure a link to its account statement."""

    permission, title, template_name = PERMISSION, _("Balances and results"), "accounting/balances.html"

    @cached_property
    def periods(self) -> QuerySet[FiscalPeriod]:
        """The periods the user may see, the newest first."""
        return (
            FiscalPeriod.objects.visible_to(self.user).select_related("legal_entity").order_by("-starts_on")
        )

    @cached_property
    def form(self) -> BalancesForm:
        """What the address asks for; without anything the last period with postings, and the one before."""
        if "period" in self.request.GET:
            return BalancesForm(self.request.GET, user=self.user)
        last = Voucher.objects.visible_to(self.user).aggregate(last=Max("date"))["last"] or self.today
        period = self.periods.filter(starts_on__lte=last).first() or self.periods.last()
        before = self.periods.filter(
            legal_entity=getattr(period, "legal_entity", None),
            starts_on__lt=getattr(period, "starts_on", last),
        ).first()
        chosen = {"period": getattr(period, "pk", ""), "compared": getattr(before, "pk", "")}
        return BalancesForm({**chosen, "accounts": WITH_POSTINGS}, user=self.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The page, or the trial balance as a file."""
        if request.GET.get("export") == "csv" and self.form.is_valid():
            return self._as_csv()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = self.request.GET.get("show", ALL)
        shown = shown if shown in TABS else ALL
        more = self._figures() if self.form.is_valid() else {}
        return super().get_context_data(
            form=self.form,
            has_periods=self.periods.exists(),
            tabs=self._tabs(shown),
            shown=shown,
            **more,
            **kwargs,
        )

    def _tabs(self, shown: str) -> list[dict[str, Any]]:
        query = self.request.GET.copy()
        query.pop("show", None)
        query.pop("export", None)
        rest = f"&{query.urlencode()}" if query else ""
        return [
            {"label": label, "url": f"?show={name}{rest}", "current": name == shown}
            for name, label in TABS.items()
        ]

    def _balances(self) -> list[AccountBalance]:
        period, compared = self.form.cleaned_data["period"], self.form.cleaned_data["compared"]
        rows = balances_of(
            period.legal_entity,
            Span(period.starts_on, period.ends_on),
            Span(compared.starts_on, compared.ends_on) if compared else None,
            self.form.cleaned_data["dimension"].strip(),
        )
        if self.form.cleaned_data["accounts"] == ALL_ACCOUNTS:
            return rows
        return [one for one in rows if not one.is_empty]

    def _figures(self) -> dict[str, Any]:
        period, rows = self.form.cleaned_data["period"], self._balances()
        groups = [
            KindOfAccounts(kind, accounts, sums, _together(accounts, kind))
            for kind, accounts, sums in by_kind(rows)
        ]
        total = summed(rows)
        result = summed(one.sums for one in groups if one.kind in RESULT_KINDS)
        return {
            "period": period,
            "past_day": min(period.ends_on, self.today),
            "compared": self.form.cleaned_data["compared"],
            "currency": period.legal_entity.currency,
            "dimension": self.form.cleaned_data["dimension"].strip(),
            **self._statements(),
            "groups": groups,
            "result_groups": [one for one in groups if one.kind in RESULT_KINDS],
            "position_groups": [one for one in groups if one.kind not in RESULT_KINDS],
            "result_key": _together(rows, RESULT),
            "total_key": _together(rows, EVERY),
            "total": total,
            "result": result,
            "is_balanced": not any((total.opening, total.movement, total.closing)),
        }

    def _statements(self) -> dict[str, str]:
        """Where the figures of an account lead, each to the days that it is about; its key is added."""
        period, compared = self.form.cleaned_data["period"], self.form.cleaned_data["compared"]
        addresses = {"url": self._statement_of(period.starts_on, period.ends_on)}
        of_entity = self.periods.filter(legal_entity=period.legal_entity_id)
        # No voucher lies before the first period of its company (G6).
        begin = of_entity.aggregate(first=Min("starts_on"))["first"]
        if begin < period.starts_on:
            addresses["before_url"] = self._statement_of(begin, period.starts_on - ONE_DAY)
        if compared is not None:
            addresses["compared_url"] = self._statement_of(compared.starts_on, compared.ends_on)
            ends = sorted([compared.ends_on, period.ends_on])
            addresses["change_url"] = self._statement_of(min(ends[0] + ONE_DAY, ends[1]), ends[1])
        return addresses

    def _statement_of(self, first: date, last: date) -> str:
        asked = {"first": first, "last": last, "dimension": self.form.cleaned_data["dimension"].strip()}
        days = urlencode({name: value for name, value in asked.items() if value})
        return f"{reverse('account-statement')}?{days}&account="

    def _as_csv(self) -> StreamingHttpResponse:
        period = self.form.cleaned_data["period"]
        heads = [
            Head(name, name) for name in ("account", "name", "kind", "opening", "debit", "credit", "closing")
        ]
        rows = (
            [
                one.account.number,
                one.account.name,
                one.account.kind,
                *(Figure(value, 2) for value in (one.opening, one.debit, one.credit, one.closing)),
            ]
            for one in self._balances()
            if one.account is not None
        )
        return csv_file(f"trial-balance-{period.starts_on:%Y-%m}", heads, rows)


def _together(rows: list[AccountBalance], what: str) -> str:
    """What the address of a statement ends with for a sum: an account of the company, and which of them."""
    account = next((one.account for one in rows if one.account is not None), None)
    return f"{account.pk}&{urlencode({'together': what})}" if account is not None else ""


def csv_file(name: str, heads: list[Head], rows: Any) -> StreamingHttpResponse:
    """The rows as a file, sent while they are read."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingHttpResponse(for_the_reader(written_csv(heads, rows)), CSV_TYPE, headers=disposition)

"""The statement of one account: its lines with the balance after each (C6)."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounting.account_lines import lines_of, page_of, totals_of
from accounting.balances import Span
from accounting.forms.ledger import TOGETHER, StatementForm
from accounting.models import Account, VoucherLine
from accounting.views.ledger import PERMISSION, csv_file
from accounting.voucher_sources import documents_of
from core.pages import Page
from core.spreadsheets import Figure, Head
from projects.views.page_defaults import PageDefaults

SHOWN_LINES = 100
CURSOR = re.compile(r"(\d{8})-(\d{1,18})", re.ASCII)


class AccountStatement(PageDefaults, Page):
    """The lines of one account with the balance after each, a hundred at a time."""

    permission, title, template_name = PERMISSION, _("Account statement"), "accounting/account_statement.html"

    @cached_property
    def form(self) -> StatementForm:
        """What the address asks for; without an account the first one of customers, of this year."""
        given = self.request.GET.dict()
        days = {"first": given.get("first") or self._year, "last": given.get("last") or self.today}
        if "account" not in given:
            accounts = Account.objects.visible_to(self.user)
            first = accounts.exclude(control="").first() or accounts.first()
            given["account"] = str(getattr(first, "pk", ""))
        return StatementForm({**given, **days}, user=self.user)

    @property
    def _year(self) -> date:
        return self.today.replace(month=1, day=1)

    @property
    def span(self) -> Span:
        """The days asked for."""
        return Span(self.form.cleaned_data["first"], self.form.cleaned_data["last"])

    @property
    def lines(self) -> QuerySet[VoucherLine]:
        """The lines of the account, of one customer or dimension where one is chosen."""
        cleaned = self.form.cleaned_data
        return lines_of(
            self.form.accounts if cleaned["together"] else cleaned["account"],
            cleaned["customer"],
            cleaned["dimension"],
            cleaned["currency"],
        )

    @property
    def currency(self) -> str:
        """The currency of every figure."""
        own: str = self.form.cleaned_data["account"].legal_entity.currency
        return self.form.cleaned_data["currency"] or own

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The page, or every line of the span as a file."""
        if request.GET.get("export") == "csv" and self.form.is_valid():
            return self._as_csv()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = self._figures() if self.form.is_valid() else {}
        return super().get_context_data(form=self.form, **more, **kwargs)

    def _figures(self) -> dict[str, Any]:
        account, together = self.form.cleaned_data["account"], self.form.cleaned_data["together"]
        totals = totals_of(self.lines, self.span)
        page = page_of(self.lines, self.span, self._after(), SHOWN_LINES)
        documents = documents_of([line.voucher for line in page.lines])
        currency = self.currency
        return {
            "account": account,
            "name": TOGETHER[together] if together else account,
            "together": together,
            "currencies": self._switch(account.legal_entity.currency),
            "span": self.span,
            "currency": currency,
            "totals": totals,
            "page": page,
            "is_first": self._after() is None,
            "rows": [(line, documents.get(line.voucher_id)) for line in page.lines],
            "kpis": [
                {"label": _("Balance before"), "amounts": [(totals.opening, currency)]},
                {"label": _("Debit"), "amounts": [(totals.debit, currency)]},
                {"label": _("Credit"), "amounts": [(totals.credit, currency)]},
                {"label": pgettext_lazy("of an account", "Balance"), "amounts": [(totals.closing, currency)]},
            ],
        }

    def _switch(self, own: str) -> list[dict[str, Any]]:
        """The books as they are, then each other currency that something was booked in."""
        others = [one for one in self.form.currencies if one != own]
        if not others:
            return []
        chosen = self.form.cleaned_data["currency"]
        return [
            {"code": code, "key": key, "current": chosen == key}
            for code, key in ((own, ""), *((one, one) for one in others))
        ]

    def _after(self) -> tuple[date, int] | None:
        """The line that this part follows; an address that names none begins at the first."""
        place = CURSOR.fullmatch(self.request.GET.get("after", ""))
        if place is None:
            return None
        try:
            return date.fromisoformat(place[1]), int(place[2])
        except ValueError:
            return None

    def _as_csv(self) -> StreamingHttpResponse:
        account, together = self.form.cleaned_data["account"], self.form.cleaned_data["together"]
        names = ("date", "voucher", "source", "customer", "project", "debit", "credit", "balance", "currency")
        heads = [Head(name, name) for name in (*names, *(["account"] if together else []))]
        name = f"accounts-{together}" if together else f"account-{account.number}"
        return csv_file(name, heads, self._rows(is_of_several=bool(together)))

    def _rows(self, *, is_of_several: bool) -> Any:
        balance = totals_of(self.lines, self.span).opening
        lines = self.lines.filter(day__gte=self.span.first, day__lte=self.span.last)
        for line in lines.select_related("voucher", "account", "customer", "project").iterator(
            chunk_size=1000
        ):
            figure: Decimal = line.figure  # type: ignore[attr-defined]
            balance += figure
            yield [
                line.voucher.date,
                line.voucher.number,
                str(line.voucher.get_source_kind_display()),
                line.customer.name if line.customer else None,
                line.project.number if line.project else None,
                Figure(figure, 2) if figure > 0 else None,
                Figure(-figure, 2) if figure < 0 else None,
                Figure(balance, 2),
                self.currency,
                *([line.account.number] if is_of_several else []),
            ]

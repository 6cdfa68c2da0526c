"""Backlog, work in progress, receivables and what is on account at the end of any past day (X3)."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounting.as_of import AsOf
from accounting.forms.as_of import EFFECTIVE, AsOfForm
from accounting.standing import Standing, what_stood
from accounting.standing_rows import rows_of
from accounting.states import StandingKind
from accounting.views.ledger import PERMISSION, csv_file
from core.pages import Page
from core.spreadsheets import Cell, Figure, Head
from projects.models import LegalEntity
from projects.views.page_defaults import PageDefaults, entity_of

SHOWN_ROWS = 100
ROWS_AT_ONCE = 1000
LONGEST_KEY = 18
HEADS = [
    Head("kind", _("Kind")),
    Head("date", _("Date")),
    Head("text", _("What")),
    Head("customer", _("Customer")),
    Head("project", _("Project")),
    Head("currency", _("Currency")),
    Head("amount", _("Amount")),
    Head("own_currency", _("Currency of the company")),
    Head("own_amount", _("Amount in the company’s currency")),
    Head("recorded", _("Recorded")),
    Head("became", _("What became of it")),
]


class StoodOn(PageDefaults, Page):
    """What stood at the end of a day in one of two views, beside the ledger, with the rows of one kind."""

    permission, title, template_name = PERMISSION, _("As of a day"), "accounting/as_of.html"

    @cached_property
    def form(self) -> AsOfForm:
        """What the address asks for; what it does not say is the user's company, today, as known today."""
        company = entity_of(self.user)
        usual: dict[str, Any] = {
            "company": getattr(company, "pk", ""),
            "day": self.today,
            "view": EFFECTIVE,
            "show": StandingKind.BACKLOG,
        }
        given = {name: value for name, value in self.request.GET.items() if name in usual and value}
        return AsOfForm(usual | given, user=self.user, today=self.today)

    @property
    def at(self) -> AsOf:
        """The day that is asked for."""
        return self.form.chosen

    @property
    def kind(self) -> StandingKind:
        """Whose rows are listed."""
        kind: StandingKind = self.form.cleaned_data["show"]
        return kind

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The page, or all rows of the kind that is shown as a file."""
        if request.GET.get("export") == "csv" and self.form.is_valid():
            return self._as_csv()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        has_company = LegalEntity.objects.visible_to(self.user).exists()
        more = self._figures() if has_company and self.form.is_valid() else {}
        return super().get_context_data(form=self.form, has_company=has_company, **more, **kwargs)

    def _figures(self) -> dict[str, Any]:
        at, after = self.at, self._after()
        stood = what_stood(at)
        page = rows_of(self.kind, at, after, SHOWN_ROWS)
        return {
            "at": at,
            "stood": stood,
            "kinds": [(one, self._statements(one)) for one in stood.kinds],
            "currency": at.legal_entity.currency,
            "shown": self.kind,
            "tabs": self._tabs(),
            "rows": page.rows,
            "next_key": page.next_key,
            "is_first": not after,
        }

    def _statements(self, one: Standing) -> list[tuple[str, str]]:
        """The accounts of a kind and where their statements are: of the year of the day."""
        span = urlencode({"first": f"{self.at.day:%Y}-01-01", "last": f"{self.at.day:%Y-%m-%d}"})
        address = f"{reverse('account-statement')}?{span}&account="
        return [(str(account), f"{address}{account.pk}") for account in one.accounts]

    def _tabs(self) -> list[dict[str, Any]]:
        query = self.request.GET.copy()
        for name in ("show", "after", "export"):
            query.pop(name, None)
        rest = f"&{query.urlencode()}" if query else ""
        return [
            {"label": kind.label, "url": f"?show={kind}{rest}#rows", "current": kind == self.kind}
            for kind in StandingKind
        ]

    def _after(self) -> int:
        """The key that this part of the rows follows; an address that names none begins at the first."""
        given = self.request.GET.get("after", "")
        is_key = given.isascii() and given.isdecimal() and len(given) <= LONGEST_KEY
        return int(given) if is_key else 0

    def _as_csv(self) -> StreamingHttpResponse:
        return csv_file(f"{self.kind}-{self.at.day:%Y%m%d}-{self.at.legal_entity.code}", HEADS, self._rows())

    def _rows(self) -> Iterator[list[Cell]]:
        kind, at, own = self.kind, self.at, self.at.legal_entity.currency
        after: int | None = 0
        while after is not None:
            page = rows_of(kind, at, after, ROWS_AT_ONCE)
            for row in page.rows:
                yield [
                    str(kind),
                    row.day,
                    row.text,
                    row.party,
                    row.project,
                    row.currency,
                    Figure(row.amount, 2),
                    own,
                    None if row.base is None else Figure(row.base, 2),
                    row.recorded,
                    row.fate.words,
                ]
            after = page.next_key

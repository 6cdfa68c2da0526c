"""The close of a fiscal year: shown account by account, drafted, and posted by another person (C8)."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounting.closing_years import close_years
from accounting.models import Account, FiscalPeriod, JournalVoucher
from accounting.posting_context import PostingContext
from accounting.querysets import PeriodQuerySet
from accounting.states import PeriodStatus
from accounting.year_ends import FiscalYear, reasons_against_year, results_of, year_to
from core.admin_kit import ActionPreview, AdminAction, Cell, Panel, change_url, changelist_url, link_to
from core.money import ZERO
from core.refusals import Refusal
from core.templatetags import display

HEADS = (_("Account"), _("Dimension"), _("Balance at the end of the year"))


class CloseYear(AdminAction):
    """Moves the result of the year that ends with a period to retained earnings."""

    name, label, permission = "close-year", _("Close the fiscal year"), "accounting.close_period"
    confirms = True

    def is_available(self, obj: FiscalPeriod) -> bool:
        """Once the period is closed, it may be the last one of its year."""
        return obj.status == PeriodStatus.CLOSED

    def preview(
        self, request: HttpRequest, targets: PeriodQuerySet, cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """Every account that gives its balance away, and what stands in the way."""
        years = [year_to(one) for one in targets.select_related("legal_entity").order_by("starts_on", "pk")]
        refusals: list[Refusal] = []
        panels, seen = [], []
        for year in years:
            refusals += reasons_against_year(year, PostingContext.of(year.legal_entity))
            results = results_of(year)
            panels.append(_panel(year, results))
            seen.append(f"{year.last} {sorted(results.items())}")
        return ActionPreview(
            targets,
            "; ".join(seen),
            effects=(
                *(_short(year) for year in years if year.is_short),
                _("A draft moves every balance to retained earnings on the next day."),
                _("Another person posts it."),
                _("The results of the year stay as they were: no report of a result counts the close."),
                _("Its periods are opened again only after the close is reversed."),
            ),
            panels=panels,
            refusals=refusals,
            submit_label=_("Write the close"),
            is_possible=bool(years) and not refusals,
        )

    def run(
        self, targets: PeriodQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> list[JournalVoucher]:
        """Call the verb."""
        return close_years(targets, actor=actor, at=at)

    def get_success_message(self, result: list[JournalVoucher]) -> str:
        """How many drafts wait for posting."""
        words = ngettext(
            "The close of %(count)s fiscal year is kept as a draft. Another person posts it.",
            "The closes of %(count)s fiscal years are kept as drafts. Another person posts them.",
            len(result),
        )
        return words % {"count": len(result)}

    def get_success_url(self, result: list[JournalVoucher], cancel_url: str) -> str:
        """To the draft."""
        if len(result) == 1:
            return change_url(JournalVoucher, result[0].pk)
        return changelist_url(JournalVoucher)


def _short(year: FiscalYear) -> str:
    return _("%(first)s to %(last)s is shorter than a year: close it only if it is a whole fiscal year.") % {
        "first": display.day(year.first),
        "last": display.day(year.last),
    }


def _panel(year: FiscalYear, results: dict[tuple[int, str], Any]) -> Panel:
    accounts = Account.objects.in_bulk({account for account, _dimension in results})
    own = year.legal_entity.currency
    rows = [
        (
            link_to(accounts[account]),
            Cell(dimension or display.NOTHING),
            Cell(display.money(amount, own), is_figure=True),
        )
        for (account, dimension), amount in results.items()
    ]
    title = _("%(company)s, %(first)s to %(last)s, result %(total)s") % {
        "company": year.legal_entity.name,
        "first": display.day(year.first),
        "last": display.day(year.last),
        "total": display.money(-sum(results.values(), ZERO), own),
    }
    return Panel(title, HEADS, rows, _("No account of revenue or expense has a balance."))

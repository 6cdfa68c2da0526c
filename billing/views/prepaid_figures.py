"""What the card of prepaid hours shows: months, the block of one month, and the hours over (A12)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.expiring import expiring
from billing.models import InvoiceLineDetail, Retainer
from billing.states import RetainerUse
from billing.views.overage import over_rows, shown_month
from billing.views.prepaid_next import NextStep, Reasons, next_steps, waiting_reasons
from billing.views.prepaid_words import terms_in_words, terms_that_follow
from core.days import day_before, first_of_month, last_of_month
from core.money import ZERO
from core.templatetags.chart_pictures import Slice
from core.templatetags.display import day, money, number, quantity
from projects.models import Actual, PrepaidHours, PrepaidMonth
from projects.prepaid_plans import MonthOfHours
from projects.prepaid_use import PrepaidUse, UsedRow, use_of

MOST_MONTHS = 12
MOST_OVER = 10
"""Rows beyond the block on a card; the page of the agreement has all work of the month."""


@dataclass(frozen=True)
class MonthRow:
    """One month of the table; `overage` is what its hours over cost, in the contract's currency."""

    plan: MonthOfHours
    overage: Decimal
    is_current: bool


@dataclass(frozen=True)
class OverRow:
    """Hours of one entry beyond the block."""

    actual: Actual
    words: str


@dataclass(frozen=True)
class SharedRows:
    """What the cards of a page have in common, read once: blocks, their invoices, and rows beyond them."""

    today: dt.date
    shown: dt.date
    retainers: Mapping[int, Retainer]
    numbers: Mapping[int, tuple[str, str]]
    actuals: Mapping[int, Actual]
    reasons: Reasons


class PrepaidCard:
    """The card of one agreement as of a day; sentences and figures are ready to print."""

    def __init__(self, use: PrepaidUse, shared: SharedRows):
        self.use, self.shared, self.agreement = use, shared, use.agreement
        self.line = self.agreement.contract_line
        self.contract = self.line.contract
        self.currency = self.contract.currency
        self.month = shown_month(use, shared.shown)
        self.rows = self._rows()
        self.expiring = expiring(use, day_before(shared.today))

    @property
    def agreed(self) -> PrepaidMonth:
        """What was agreed for the month."""
        return self.use.terms[self.month.month]

    @property
    def retainer(self) -> Retainer | None:
        """The block of the month as money."""
        return self.shared.retainers.get(self.agreed.pk)

    @property
    def invoice(self) -> tuple[str, str] | None:
        """The proforma that asks for the block, and what to call it."""
        return self.shared.numbers.get(self.retainer.pk) if self.retainer else None

    @property
    def over(self) -> list[OverRow]:
        """The latest rows beyond the block, the last first."""
        rows = over_rows(self.use, self.month.month)[:MOST_OVER]
        return [OverRow(self.shared.actuals[row.pk], self._worth(row)) for row in rows]

    @property
    def more_over(self) -> int:
        """How many more rows are beyond the block."""
        return max(len(over_rows(self.use, self.month.month)) - MOST_OVER, 0)

    @property
    def title(self) -> str:
        return _("Prepaid hours: %(line)s") % {"line": self.line.name}

    @property
    def terms(self) -> str:
        """What was agreed for the month, in a sentence."""
        customer = (self.retainer or self.contract).customer
        return terms_in_words(self.contract.number, customer.name, self.agreed)

    @property
    def later_terms(self) -> list[str]:
        """What holds from later months on."""
        return terms_that_follow(self.agreed, self.use.months)

    @property
    def heading(self) -> str:
        return _("Statement for %(month)s") % {"month": day(self.month.month, "whole_month")}

    @property
    def bar(self) -> list[Slice]:
        """What was used: rolled over, of the block, over."""
        inside = self.month.used - self.month.over
        rolled = min(self.month.rolled_in, max(inside, ZERO))
        month = day(self.month.month, "whole_month")
        return [
            Slice(_("Rolled over, used first"), rolled),
            Slice(_("Block of %(month)s") % {"month": month}, max(inside - rolled, ZERO)),
            Slice(_("Over"), self.month.over),
        ]

    @property
    def bar_words(self) -> str:
        """The bar in a sentence."""
        return _("%(used)s used: %(parts)s") % {
            "used": quantity(self.month.used, "h"),
            "parts": ", ".join(f"{piece.label} {quantity(piece.value, 'h')}" for piece in self.bar),
        }

    @property
    def entries(self) -> str:
        """How many entries used hours of the month."""
        first = self.month.month
        count = len({row.work_item for row in self.use.rows if first_of_month(row.day) == first})
        words = ngettext("%(count)s entry", "%(count)s entries", count)
        return words % {"count": number(count)}

    @property
    def entries_url(self) -> str:
        """The time of the project in the month."""
        first = self.month.month
        asked = {"project": str(self.line.project_id), "kind": "time"}
        span = {"date_after": first.isoformat(), "date_before": last_of_month(first).isoformat()}
        return f"{reverse('entries')}?{urlencode(asked | span)}"

    @property
    def backlog_url(self) -> str:
        return f"{reverse('backlog')}?{urlencode({'contract': self.contract.number})}"

    @property
    def overage(self) -> Decimal:
        """What the hours over of the month cost."""
        return next((row.overage for row in self.rows if row.is_current), ZERO)

    @property
    def foot(self) -> list[str]:
        """What is open of the hours over, in sentences."""
        words = []
        waiting = sum((row.amount for row in over_rows(self.use, self.month.month) if row.is_open), ZERO)
        if waiting:
            words.append(_("%(amount)s of it is on the backlog.") % {"amount": self._money(waiting)})
        if self.month.unplaced:
            words.append(
                _("%(hours)s more are beyond the block, but billed at its rate already.")
                % {"hours": quantity(self.month.unplaced, "h")}
            )
        return words

    @property
    def steps(self) -> list[NextStep]:
        """What becomes of its blocks."""
        blocks = [self.shared.retainers[one.pk] for one in self.use.months if one.pk in self.shared.retainers]
        return next_steps(blocks, self.shared.reasons, self.agreement.last_month, self.shared.today)

    @property
    def expires(self) -> str:
        """The hours that may expire now, with their worth; empty where there are none."""
        hours = sum((one.hours for one in self.expiring), ZERO)
        worth = sum((one.amount for one in self.expiring), ZERO)
        return f"{quantity(hours, 'h')}, {self._money(worth)}" if hours else ""

    def _rows(self) -> list[MonthRow]:
        last = max(shown_month(self.use, self.shared.today).month, self.month.month)
        passed = [one for one in self.use.plan.months if one.month <= last]
        overage = {
            one.month: sum((row.amount for row in over_rows(self.use, one.month)), ZERO) for one in passed
        }
        return [
            MonthRow(one, overage[one.month], one.month == self.month.month) for one in passed[-MOST_MONTHS:]
        ]

    def _worth(self, row: UsedRow) -> str:
        return f"{quantity(row.quantity, 'h')}, {self._money(row.amount)}"

    def _money(self, amount: Decimal) -> str:
        return money(amount, self.currency)


def cards_of(
    agreements: Sequence[PrepaidHours], today: dt.date, shown: dt.date | None = None
) -> list[PrepaidCard]:
    """The cards of agreements, which have line and contract loaded; seven statements at most for any number.

    They show the month of `shown`, which is today's unless given.
    """
    shown = shown or today
    uses = use_of(agreements)
    months = [month.pk for use in uses for month in use.months]
    rows = Retainer.objects.filter(prepaid_month__in=months).select_related("customer", "prepaid_month")
    retainers = {one.prepaid_month_id: one for one in rows if one.prepaid_month_id is not None}
    numbers = _numbers(retainers.values())
    over = [row.pk for use in uses for row in over_rows(use, shown_month(use, shown).month)[:MOST_OVER]]
    actuals = Actual.objects.filter(pk__in=over).select_related("work_item__resource").in_bulk()
    reasons = waiting_reasons(retainers.values(), today)
    shared = SharedRows(today, shown, retainers, numbers, actuals, reasons)
    return [PrepaidCard(use, shared) for use in uses]


def _numbers(retainers: Any) -> dict[int, tuple[str, str]]:
    """By retainer the number of the proforma that invoices it, and what to call it: its invoice, if any."""
    details = InvoiceLineDetail.objects.filter(
        retainer__in=list(retainers), retainer_use=RetainerUse.INVOICE, corrects__isnull=True
    )
    rows = details.order_by("pk").values_list(
        "retainer", "line__proforma__number", "line__proforma__customer_invoice_number"
    )
    return {key: (proforma, invoice or proforma) for key, proforma, invoice in rows}

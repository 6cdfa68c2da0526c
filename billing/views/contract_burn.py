"""The pace of a contract: what was billed and what waits, month by month, against its value."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from billing.contract_positions import billed_work
from billing.models import MilestoneShare, Proforma
from core.money import ZERO
from core.templatetags.burn_picture import Burn
from core.templatetags.display import amount, day
from projects.models import BacklogItem, ProjectContract

MOST_MONTHS = 60
AHEAD = 24
FEW_LABELS = 12
Months = dict[dt.date, Decimal]


def burn_of(contract: Any, today: dt.date) -> dict[str, Any]:
    """The chart with its table; empty for a contract without value and limit, or without work.

    Billed counts at the invoice date; the row with drafts and unbilled counts all work at its own date, so
    both end on the figures at the head of the page.
    """
    confirmed = Proforma.objects.confirmed().filter(contract=contract)
    details = billed_work().filter(line__proforma__in=confirmed)
    billed = _by_month(details, "line__proforma__invoice_date", "amount")
    worked = _worked(contract, today)
    limit = contract.not_to_exceed_amount
    if not worked or (contract.value is None and limit is None):
        return {"burn": None}
    months = _months(contract, min([*billed, *worked]), today)
    passed = [month for month in months if month <= today]
    rows = _cumulative(billed, passed), _cumulative(worked, passed)
    burn = Burn(_labels(months), *rows, contract.value, limit)
    return {
        "burn": burn,
        "burn_detail": _("Cumulative, in %(currency)s, to %(day)s")
        % {"currency": contract.currency, "day": day(today)},
        "burn_legend": [("series-mid", _("Billed")), ("series-soft", _("Drafts and unbilled"))],
        "burn_heads": [_("To the end of"), _("Billed"), _("With drafts and unbilled")],
        "burn_rows": [
            [day(month, "month"), *(amount(value, contract.currency) for value in values)]
            for month, *values in zip(passed, *rows, strict=True)
        ],
    }


def _worked(contract: ProjectContract, today: dt.date) -> Months:
    """All chargeable work by the month it was done in: billed, on drafts, and unbilled up to today."""
    details = billed_work().filter(line__proforma__contract=contract)
    items = BacklogItem.objects.chargeable().off_draft().filter(contract=contract)
    shares = MilestoneShare.objects.filter(milestone__contract_line__contract=contract).unbilled(today)
    together: Months = defaultdict(lambda: ZERO)
    for rows, dated, what in (
        (details, "transaction_date", "amount"),
        (items, "transaction_date", "amount"),
        (shares, "milestone__due_on", "open_amount"),
    ):
        for month, total in _by_month(rows, dated, what).items():
            together[min(month, today.replace(day=1))] += total
    return dict(together)


def _by_month(rows: QuerySet, dated: str, what: str) -> Months:
    counted = rows.order_by().annotate(month=TruncMonth(dated)).values_list("month").annotate(sum=Sum(what))
    return dict(counted)


def _months(contract: ProjectContract, first: dt.date, today: dt.date) -> list[dt.date]:
    """First days of the months from the first one with a figure to the end of the contract, not too many.

    A third as many as have passed are to come at least, so that what is reached has something ahead of it.
    """
    start = min(first, contract.starts_on or first).replace(day=1)
    reached = _between(start, today) + 1
    passed = [_later(start, nth) for nth in range(reached)][-MOST_MONTHS:]
    agreed = _between(today, max(contract.ends_on or today, today))
    ahead = min(max(-(-len(passed) // 3), agreed), AHEAD)
    return passed + [_later(passed[-1], nth) for nth in range(1, ahead + 1)]


def _between(first: dt.date, last: dt.date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _later(month: dt.date, count: int) -> dt.date:
    years, rest = divmod(month.month - 1 + count, 12)
    return dt.date(month.year + years, rest + 1, 1)


def _cumulative(values: Months, months: list[dt.date]) -> list[Decimal]:
    before = sum((value for month, value in values.items() if month < months[0]), ZERO)
    return list(accumulate((values.get(month, ZERO) for month in months), initial=before))[1:]


def _labels(months: list[dt.date]) -> list[str]:
    """As many labels as fit."""
    step = -(-len(months) // FEW_LABELS)
    return [day(month, "month") if nth % step == 0 else "" for nth, month in enumerate(months)]

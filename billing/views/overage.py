"""Hours beyond the blocks of a month: which rows they are, and what they cost over all agreements (A12)."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.expiring import RELATED, expiring
from core.days import day_before, first_of_month
from core.money import ZERO, sum_by
from core.templatetags.display import day, money, quantity
from projects.models import PrepaidHours, ProjectContract
from projects.prepaid_plans import MonthOfHours
from projects.prepaid_use import PrepaidUse, UsedRow, use_of


def shown_month(use: PrepaidUse, today: dt.date) -> MonthOfHours:
    """The month of a day, else the first or the last one of the agreement."""
    months = use.plan.months
    passed = [one for one in months if one.month <= today]
    return passed[-1] if passed else months[0]


def over_rows(use: PrepaidUse, month: dt.date) -> list[UsedRow]:
    """The rows of a month at the overage rate, the latest first."""
    mine = [row for row in use.rows if first_of_month(row.day) == month and use.is_over(row)]
    return sorted(mine, key=lambda row: (row.day, row.work_item, row.pk), reverse=True)


def prepaid_kpis(agreements: Any, today: dt.date) -> list[dict[str, Any]]:
    """Over all agreements: the hours over of a month and their cost, those left of it, what may expire."""
    uses = use_of(agreements.select_related(*RELATED))
    month = first_of_month(today)
    of_month = [one for use in uses for one in use.plan.months if one.month == month]
    waiting = [one for use in uses for one in expiring(use, day_before(today))]
    words = {"month": day(month, "whole_month")}
    return [
        _over(uses, month),
        {
            "label": _("Hours left in %(month)s") % words,
            "value": quantity(sum((one.left for one in of_month), ZERO), "h"),
        },
        {
            "label": _("Unused hours that may expire"),
            "value": quantity(sum((one.hours for one in waiting), ZERO), "h"),
        },
    ]


def prepaid_kpi(agreements: Any, today: dt.date) -> dict[str, Any]:
    """The hours over of a month with what they cost, over all agreements."""
    return _over(use_of(agreements.select_related(*RELATED)), first_of_month(today))


def _over(uses: Sequence[PrepaidUse], month: dt.date) -> dict[str, Any]:
    rows = [(use.agreement, row) for use in uses for row in over_rows(use, month)]
    worth = sum_by((one.contract_line.contract.currency, row.amount) for one, row in rows)
    sums = [money(amount, currency) for currency, amount in sorted(worth.items())]
    return {
        "label": _("Prepaid hours over in %(month)s") % {"month": day(month, "whole_month")},
        "value": quantity(sum((row.quantity for _one, row in rows), ZERO), "h"),
        "detail": [_("%(amount)s at its own rate") % {"amount": ", ".join(sums)}] if sums else [],
        "url": reverse("prepaid-hours"),
    }


def prepaid_left(contract: ProjectContract, today: dt.date) -> list[tuple[str, int, Decimal]]:
    """Lines with prepaid hours: name, key of the agreement, and hours left of the month of a day."""
    agreements = PrepaidHours.objects.filter(contract_line__contract=contract).select_related("contract_line")
    uses = use_of(agreements.order_by("contract_line__number"))
    left = [(use, shown_month(use, today).left) for use in uses]
    return [(use.agreement.contract_line.name, use.agreement.pk, hours) for use, hours in left]

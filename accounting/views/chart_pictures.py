"""The two charts of the overview, each in one currency: unbilled work by age, and a year of invoices."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from accounting.models import CustomerInvoice
from core.money import ZERO
from core.people import person_name
from core.templatetags.chart_pictures import Bar, Column, Slice, columns_chart, stacked_bars
from core.templatetags.display import amount, day, money
from projects.models import BacklogItem

AGES = {"0–30": "age_30", "31–60": "age_60", "61–90": "age_90", "91+": "age_more"}
MONTHS = 12
MOST_BARS = 6
FEW_BARS = 3
"""Fewer managers than this would leave most of the picture empty."""

Row = dict[str, Any]
Picture = dict[str, Any]


def unbilled_by_age(user: User, today: date) -> Sequence[Row]:
    """Unbilled chargeable work per contract manager, paying customer and currency, by age."""
    backlog = BacklogItem.objects.visible_to(user).off_draft().chargeable()
    sums: list[Any] = list(backlog.summed("contract__manager", "customer__name", "currency", today=today))
    return sums


def invoiced_by_month(user: User, today: date) -> Sequence[Row]:
    """Posted invoices of the last twelve months per month and currency, before tax."""
    first = _months(today)[0]
    posted = CustomerInvoice.objects.visible_to(user)
    months: list[Any] = list(posted.filter(invoice_date__gte=first, invoice_date__lte=today).by_month())
    return months


def age_chart(rows: Sequence[Row], currency: str) -> Picture:
    """One bar per manager, the largest first; per customer where few managers would leave it empty."""
    mine = [row for row in rows if row["currency"] == currency]
    managers = {row["contract__manager"] for row in mine}
    if len(managers) >= FEW_BARS:
        names = _names(managers)
        bars = _added_up(mine, lambda row: names.get(row["contract__manager"], _("Without a manager")))
        head, detail = _("Manager"), _("Per project manager, in days, %(currency)s")
    else:
        bars = _added_up(mine, lambda row: row["customer__name"])
        head, detail = _("Customer"), _("Per customer, in days, %(currency)s")
    drawn: Any = _("Nothing is unbilled.")
    if bars:
        drawn = stacked_bars(
            [
                Bar(label, [Slice(age, max(sums[name], ZERO)) for age, name in AGES.items()])
                for label, sums in bars[:MOST_BARS]
            ],
            currency,
            key="unbilled",
        )
    return {
        "key": "unbilled-age",
        "title": _("Unbilled work by age"),
        "detail": detail % {"currency": currency},
        "chart": drawn,
        "legend": [(f"age-{nth}", _("%(age)s days") % {"age": age}) for nth, age in enumerate(AGES, start=1)],
        "heads": [head, *AGES, _("Total")],
        "rows": [
            [
                label,
                *(amount(sums[name], currency) for name in AGES.values()),
                amount(sums["total"], currency),
            ]
            for label, sums in bars
        ],
    }


def _added_up(rows: Sequence[Row], named: Callable[[Row], str]) -> list[tuple[str, dict[str, Decimal]]]:
    """The sums of each name, the largest first."""
    sums: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        known = sums.setdefault(named(row), dict.fromkeys((*AGES.values(), "total"), ZERO))
        for name in known:
            known[name] += row[name]
    return sorted(sums.items(), key=lambda pair: -pair[1]["total"])


def month_chart(rows: Sequence[Row], currency: str, today: date) -> Picture:
    """Twelve columns, what was credited below the line."""
    months = _months(today)
    by_month = {row["month"]: row for row in rows if row["currency"] == currency}
    invoiced = [by_month.get(month, {}).get("invoiced", ZERO) for month in months]
    credited = [by_month.get(month, {}).get("credited", ZERO) for month in months]
    columns = [
        Column(day(month, "month_alone"), up, down)
        for month, up, down in zip(months, invoiced, credited, strict=True)
    ]
    figures = zip(months, invoiced, credited, strict=True)
    legend = [("series-1", _("Invoiced, %(sum)s") % {"sum": money(sum(invoiced, Decimal(0)), currency)})]
    if any(credited):
        legend.append(
            ("series-2", _("Credited, %(sum)s") % {"sum": money(sum(credited, Decimal(0)), currency)})
        )
    return {
        "key": "invoiced",
        "title": _("Invoiced, last 12 months"),
        "detail": _("%(currency)s before tax, by invoice date") % {"currency": currency},
        "chart": columns_chart(columns, currency),
        "legend": legend,
        "heads": [_("Month"), _("Invoiced"), _("Credited")],
        "rows": [
            [day(month, "month"), amount(up, currency), amount(down, currency)] for month, up, down in figures
        ],
    }


def currencies_of(*charts: Sequence[Row]) -> list[str]:
    """Currencies that occur in any chart, the one with the most rows first."""
    counted: dict[str, int] = {}
    for rows in charts:
        for row in rows:
            counted[row["currency"]] = counted.get(row["currency"], 0) + 1
    return sorted(counted, key=lambda currency: (-counted[currency], currency))


def _months(today: date) -> list[date]:
    """First days of the last twelve months, this one last."""
    last = today.year * MONTHS + today.month - 1
    return [date(nth // MONTHS, nth % MONTHS + 1, 1) for nth in range(last - MONTHS + 1, last + 1)]


def _names(keys: Any) -> dict[int, str]:
    people = get_user_model().objects.in_bulk({key for key in keys if key is not None})
    return {key: person_name(person) for key, person in people.items()}

"""The context of the page of a price list: forms, figures, previous and next lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from projects.forms.price_lists import PriceListDaysForm
from projects.forms.prices import CategoryPricesForm, MaterialPricesForm, PriceInputs, RolePricesForm
from projects.models import Approval, BacklogItem, PriceList, RolePrice
from projects.price_figures import (
    contracts_on,
    costs_today,
    lists_in_time,
    margin_of,
    next_list_of,
    next_prices,
    own_prices,
    total_hours,
    unpriced_roles,
)
from projects.price_querysets import PriceListQuerySet
from projects.rerating_preview import rerating_of
from projects.rerating_scope import rerateable_by
from projects.states import PriceContext, PriceUnit
from projects.views.price_repairs import Gap, gap_between

MOST_REPRICED = 2000
"""Entries that the page reckons at the prices of the next list; the preview takes any number."""


@dataclass(frozen=True)
class RoleLine:
    """A line of role prices with what the role costs today, and what is left of its price in percent."""

    line: PriceInputs
    cost: Decimal | None
    margin: Decimal | None


def price_list_context(
    price_list: PriceList,
    user: User,
    today: date,
    *,
    may_change: bool,
    may_add: bool,
    may_see_cost: bool,
) -> dict[str, Any]:
    """Everything the page shows, with new forms; a form that was sent replaces its own."""
    unpriced = unpriced_roles(price_list)
    is_sales = price_list.context == PriceContext.SALES
    shows_cost = is_sales and may_see_cost
    costs = costs_today(price_list, today) if shows_cost else {}
    used_by = contracts_on(price_list) if is_sales else []
    following = next_list_of(price_list, user)
    days = {name: getattr(price_list, name) for name in ("name", "starts_on", "ends_on")}
    return {
        "price_list": price_list,
        "is_sales": is_sales,
        "shows_cost": shows_cost,
        "may_change": may_change,
        "may_add": may_add,
        "days_form": PriceListDaysForm(initial=days),
        "roles_form": RolePricesForm(price_list=price_list, unpriced=unpriced),
        "categories_form": CategoryPricesForm(price_list=price_list),
        "materials_form": MaterialPricesForm(price_list=price_list),
        "costs": costs,
        "unpriced": unpriced,
        "in_time": list(in_time(lists_in_time(price_list, user).with_state(today))),
        "own_prices": own_prices(price_list, user, today),
        "following": following,
        **(_next_context(price_list, following, user) if following else {}),
        "used_by": used_by,
        "used_hours": total_hours(used_by),
    }


def _next_context(price_list: PriceList, following: PriceList, user: User) -> dict[str, Any]:
    """What the next list changes: prices, and what unbilled work would be worth, where it is not too much."""
    waiting = BacklogItem.objects.filter(work_item__approval__price_list=price_list).order_by()
    priced = Approval.objects.approved().filter(pk__in=waiting.values("work_item__approval"))
    work = rerateable_by(priced, user)
    preview = rerating_of(work, prices=following) if work.count() <= MOST_REPRICED else None
    by_role = {one.subject: one for one in preview.worth_by(lambda old: old.entry.role_id)} if preview else {}
    prices = next_prices(price_list, following)
    hours = [one.row.unit == PriceUnit.HOUR for one in prices]
    return {
        "next_prices": [
            (one, by_role.get(one.row.role_id) if is_hour else None)
            for one, is_hour in zip(prices, hours, strict=True)
        ],
        "next_worth": preview.worth() if preview else [],
        "next_customers": preview.by_customer() if preview else [],
    }


def in_time(lists: PriceListQuerySet) -> Iterator[tuple[PriceList, Gap | None]]:
    """Lists of one kind in order of their days, each with the days after it on which nothing has a price."""
    rows = list(lists)
    for one, following in zip(rows, [*rows[1:], None], strict=True):
        yield one, gap_between(one, following) if following else None


def role_lines(form: RolePricesForm, costs: dict[tuple[int, str], Decimal]) -> Iterator[RoleLine]:
    """The lines of a form of role prices with cost and margin."""
    for line in form.lines():
        if isinstance(line.row, RolePrice):
            cost = costs.get((line.row.role_id, line.row.unit))
            yield RoleLine(line, cost, margin_of(line.row.price, cost))
        elif line.unpriced is not None:
            yield RoleLine(line, costs.get((line.unpriced.role.pk, PriceUnit.HOUR)), None)

"""Figures of the page of a price list: costs, margins, previous and next lists, work without a price."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum

from core.money import ZERO, share_percent
from core.querysets import AnyUser
from projects.models import Approval, BacklogItem, PriceList, Role, RolePrice
from projects.price_querysets import PriceListQuerySet
from projects.states import PriceContext, PriceUnit, TransactionClass


@dataclass(frozen=True)
class Unpriced:
    """A role whose approved or waiting work has no price of this kind: hours, and of how many people."""

    role: Role
    hours: Decimal
    people: int


@dataclass(frozen=True)
class NextPrice:
    """What a price becomes with the next list of its kind, and the unbilled hours that had it."""

    row: RolePrice
    price: Decimal | None
    change: Decimal | None
    change_percent: Decimal | None
    hours: Decimal


@dataclass(frozen=True)
class OwnPrice:
    """The price of a contract list, and that of the general list."""

    row: RolePrice
    list_price: Decimal | None


def unpriced_roles(price_list: PriceList) -> list[Unpriced]:
    """Roles whose work in the days and of the kind of a list has no price: hours, people (A7)."""
    work = Approval.objects.living().filter(
        entry__transaction_class=TransactionClass.TIME,
        entry__legal_entity=price_list.legal_entity_id,
        entry__unit=PriceUnit.HOUR,
    )
    if price_list.context == PriceContext.SALES:
        work = work.filter(is_priced=False, sales_currency=price_list.currency)
    else:
        work = work.filter(is_cost_priced=False, cost_currency=price_list.currency)
    if price_list.contract_id is not None:
        work = work.filter(contract_line__contract=price_list.contract_id)
    if price_list.starts_on is not None:
        work = work.filter(entry__date__gte=price_list.starts_on)
    if price_list.ends_on is not None:
        work = work.filter(entry__date__lte=price_list.ends_on)
    sums = (
        work.order_by()
        .values_list("entry__role")
        .annotate(hours=Sum("submitted_quantity"), people=Count("entry__resource", distinct=True))
    )
    roles = Role.objects.in_bulk([role for role, _hours, _people in sums])
    rows = [Unpriced(roles[role], hours, people) for role, hours, people in sums]
    return sorted(rows, key=lambda one: one.role.name)


def costs_today(price_list: PriceList, today: date) -> dict[tuple[int, str], Decimal]:
    """What each role costs today by role and unit, where the general cost list is in the list's currency."""
    costs = PriceList.objects.holding_on(today).filter(
        legal_entity=price_list.legal_entity_id,
        context=PriceContext.COST,
        currency=price_list.currency,
        contract=None,
    )
    rows = RolePrice.objects.filter(price_list__in=costs.values("pk"))
    holding = rows.filter(Q(ends_on=None) | Q(ends_on__gte=today))
    return {(row.role_id, row.unit): row.price for row in holding}


def margin_of(price: Decimal, cost: Decimal | None) -> Decimal | None:
    """What of a price is left after the cost, in percent; None without a price or a cost."""
    return None if cost is None or not price else share_percent(price - cost, price)


def lists_in_time(price_list: PriceList, user: AnyUser) -> PriceListQuerySet:
    """The lists of the same kind in order of their days."""
    return PriceList.objects.visible_to(user).alike(price_list).in_time()


def own_prices(price_list: PriceList, user: AnyUser, today: date) -> list[OwnPrice]:
    """Prices of contract lists that are used instead of a general list today or later."""
    if price_list.contract_id is not None:
        return []
    lists = PriceList.objects.visible_to(user).filter(
        legal_entity=price_list.legal_entity_id,
        context=price_list.context,
        currency=price_list.currency,
        contract__isnull=False,
    )
    rows = RolePrice.objects.filter(price_list__in=lists.holding_between(today, None).values("pk"))
    related = ("role", "price_list__contract__customer")
    general = {(row.role_id, row.unit): row.price for row in price_list.role_prices.all()}
    return [
        OwnPrice(row, general.get((row.role_id, row.unit)))
        for row in rows.select_related(*related).order_by("price_list__contract__number", "role__name")
    ]


def contracts_on(price_list: PriceList) -> list[tuple[str, str, Decimal]]:
    """Contracts with unbilled hours that a list priced: number, customer and hours, the most hours first."""
    items = BacklogItem.objects.filter(
        work_item__approval__price_list=price_list, work_item__transaction_class=TransactionClass.TIME
    )
    sums = items.order_by().values_list("contract__number", "contract__customer__name")
    return list(sums.annotate(hours=Sum("quantity")).order_by("-hours", "contract__number"))


def total_hours(rows: Iterable[tuple[str, str, Decimal]]) -> Decimal:
    """All hours of the contracts on a list."""
    return sum((hours for _number, _customer, hours in rows), ZERO)


def next_list_of(price_list: PriceList, user: AnyUser) -> PriceList | None:
    """The list of the same kind that follows; none for a list without an end."""
    if price_list.ends_on is None:
        return None
    return lists_in_time(price_list, user).filter(starts_on__gt=price_list.ends_on).first()


def next_prices(price_list: PriceList, following: PriceList) -> list[NextPrice]:
    """What the prices of roles become with the following list, and unbilled hours priced by this one."""
    new = {(row.role_id, row.unit): row.price for row in following.role_prices.all()}
    items = BacklogItem.objects.filter(
        work_item__approval__price_list=price_list,
        work_item__transaction_class=TransactionClass.TIME,
        work_item__unit=PriceUnit.HOUR,
    )
    sums = items.order_by().values_list("work_item__role").annotate(hours=Sum("quantity"))
    unbilled = dict(sums)
    rows = price_list.role_prices.select_related("role").order_by("role__name", "-unit")
    return [_next_price(row, new.get((row.role_id, row.unit)), unbilled) for row in rows]


def _next_price(row: RolePrice, price: Decimal | None, unbilled: dict[int, Decimal]) -> NextPrice:
    change = None if price is None else price - row.price
    percent = share_percent(change, row.price) if change and row.price else None
    hours = unbilled.get(row.role_id, ZERO) if row.unit == PriceUnit.HOUR else ZERO
    return NextPrice(row, price, change, percent, hours)

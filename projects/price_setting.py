"""Create, change, copy, end and delete price lists, and set their prices (A7).

Two lists of the same legal entity, context, currency and contract (or none) never hold on one day, and a list
or a price that work was priced by is never deleted.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import changes_of, log_activity
from core.days import DAYS_ALLOWED, day_after, day_before, is_possible
from core.refusals import Refusal, refuse_if
from projects.models import LegalEntity, PriceList, ProjectContract
from projects.price_querysets import PriceListQuerySet
from projects.price_rows import (
    Row,
    changes_by,
    copied_rows,
    reasons_against_rows,
    remove_rows,
    terms_of,
    write_rows,
)
from projects.price_usage import uses_of_lists, uses_of_rows
from projects.states import PriceContext


def create_price_list(
    legal_entity: LegalEntity,
    *,
    name: str,
    context: str,
    currency: str,
    starts_on: date | None,
    ends_on: date | None,
    contract: ProjectContract | None = None,
    actor: User,
    at: datetime,
) -> PriceList:
    """Create a price list without prices; a list with a contract goes before the general ones.

    Legal entity, context, currency and contract never change afterwards. Locks the legal entity, so that two
    lists made at once see each other. Raises Refused: name-taken, day-not-possible, ends-before-start,
    lists-overlap, other-entity, other-currency (A7).
    """
    made = PriceList(
        legal_entity=legal_entity,
        name=name,
        context=context,
        currency=currency,
        starts_on=starts_on,
        ends_on=ends_on,
        contract=contract,
    )
    # Not durable: the admin saves a list and its rows in one transaction of its own.
    with transaction.atomic():
        _lock_entity(legal_entity.pk)
        refuse_if([*_reasons_against(made), *_wrong_contract(made)])

        made.save(force_insert=True)
        log_activity("created", [made], actor=actor, at=at)
    return made


def change_price_list(
    price_list: PriceList,
    *,
    name: str,
    starts_on: date | None,
    ends_on: date | None,
    actor: User,
    at: datetime,
) -> PriceList:
    """Rename a price list or move its first and last day; what was priced by it keeps its prices.

    Locks the legal entity, then the list. Raises Refused: name-taken, day-not-possible,
    ends-before-start, lists-overlap (A7).
    """
    # Not durable: the admin saves a list and its rows in one transaction of its own.
    with transaction.atomic():
        (held,) = _locked(PriceList.objects.filter(pk=price_list.pk))
        terms = {"name": name, "starts_on": starts_on, "ends_on": ends_on}
        changes = changes_of([held], terms)
        held.name, held.starts_on, held.ends_on = name, starts_on, ends_on
        refuse_if(_reasons_against(held))

        held.save(update_fields=list(terms))
        if changes:
            log_activity("changed", [held], actor=actor, at=at, changes=changes)
    return held


def end_price_lists(price_lists: PriceListQuerySet, *, last_day: date, actor: User, at: datetime) -> int:
    """Let price lists hold through a day and no longer; a list that ends earlier is left as it is.

    Locks their legal entities, then the lists. Raises Refused: day-not-possible, ends-before-start (A7).
    """
    with transaction.atomic(durable=True):
        chosen = [one for one in _locked(price_lists) if one.ends_on is None or one.ends_on > last_day]
        changes = changes_of(chosen, {"ends_on": last_day})
        for one in chosen:
            one.ends_on = last_day
        refuse_if(reason for one in chosen for reason in _wrong_days(one))

        PriceList.objects.filter(pk__in=[one.pk for one in chosen]).update(ends_on=last_day)
        log_activity("ended", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def copy_price_list(
    price_list: PriceList,
    *,
    name: str,
    starts_on: date,
    ends_on: date | None,
    actor: User,
    at: datetime,
) -> PriceList:
    """Copy a price list with its prices to a new period; the old one ends the day before, if not earlier.

    Prices that ended before the new period are not copied. Locks the legal entity, then the old list. Raises
    Refused: name-taken, day-not-possible, ends-before-start, lists-overlap, copy-starts-too-early (A7).
    """
    with transaction.atomic(durable=True):
        (old,) = _locked(PriceList.objects.filter(pk=price_list.pk))
        last_day = day_before(starts_on)
        made = PriceList(
            legal_entity_id=old.legal_entity_id,
            name=name,
            context=old.context,
            currency=old.currency,
            starts_on=starts_on,
            ends_on=ends_on,
            contract_id=old.contract_id,
        )
        # The old list is judged by the days it will have, not by those it has.
        refuse_if([*_starts_too_early(old, starts_on), *_reasons_against(made, but=old)])

        if old.ends_on is None or old.ends_on > last_day:
            changes = changes_of([old], {"ends_on": last_day})
            old.ends_on = last_day
            old.save(update_fields=["ends_on"])
            log_activity("ended", [old], actor=actor, at=at, changes=changes)
        made.save(force_insert=True)
        write_rows(made, copied_rows(old, starts_on))
        log_activity("copied", [made], actor=actor, at=at, facts={"from": old.name})
    return made


def delete_price_lists(price_lists: PriceListQuerySet, *, actor: User, at: datetime) -> int:
    """Delete price lists with their prices; the activity log keeps that they were there.

    Locks their legal entities, then the lists. Raises Refused: price-list-in-use (A7).
    """
    with transaction.atomic(durable=True):
        chosen = _locked(price_lists)
        refuse_if(
            Refusal("price-list-in-use", str(use), str(use.subject), _("Give it a last day instead."))
            for use in uses_of_lists(chosen)
        )

        log_activity("deleted", chosen, actor=actor, at=at)
        PriceList.objects.filter(pk__in=[one.pk for one in chosen]).delete()
    return len(chosen)


def set_prices(
    price_list: PriceList,
    rows: Sequence[Row],
    *,
    removed: Sequence[Row] = (),
    actor: User,
    at: datetime,
) -> int:
    """Set prices of a list: a row that is there already is changed, one that is not is added.

    Prices are per unit in the list's currency, four places at most, not rounded; what waiting or approved
    work took stays as it is. `removed` are rows of the list that no work was priced by. Any number of rows
    in as many statements. Locks the list. Returns how many rows are new, different or gone. Raises Refused:
    negative-price, price-too-fine, unit-missing, unit-unknown, priced-twice, category-without-price,
    method-of-sales, price-in-use (A7).
    """
    # Not durable: the admin saves a list and its rows in one transaction of its own.
    with transaction.atomic():
        (held,) = _locked(PriceList.objects.filter(pk=price_list.pk))
        refuse_if([*reasons_against_rows(held, rows), *_in_use(held, removed)])

        changes = changes_by(held, rows) | {str(row): [terms_of(row), ""] for row in removed}
        write_rows(held, rows)
        remove_rows(removed)
        if changes:
            log_activity("prices set", [held], actor=actor, at=at, changes={held.pk: changes})
    return len(changes)


# --- What keeps them from it ----------------------------------------------------------------------


def _lock_entity(*keys: int) -> None:
    """Hold legal entities against other changes of their price lists, not against work recorded for them."""
    entities = LegalEntity.objects.filter(pk__in=keys).order_by("pk")
    list(entities.select_for_update(no_key=True).values_list("pk", flat=True))


def _locked(price_lists: PriceListQuerySet) -> list[PriceList]:
    """The lists, after the lock on their legal entities, in order of key."""
    _lock_entity(*set(price_lists.order_by().values_list("legal_entity", flat=True)))
    return list(price_lists.locked())


def _in_use(price_list: PriceList, rows: Sequence[Row]) -> Iterable[Refusal]:
    for use in uses_of_rows(price_list, rows):
        yield Refusal("price-in-use", str(use), str(use.subject), _("Give it a last day instead."))


def _reasons_against(one: PriceList, but: PriceList | None = None) -> Iterable[Refusal]:
    """Why a list cannot be as it says; `but` is a list that will have ended before."""
    names = PriceList.objects.filter(legal_entity=one.legal_entity_id, name=one.name)
    if names.exclude(pk=one.pk).exists():
        message = _("There is a price list of this name already.")
        yield Refusal("name-taken", message, str(one), _("Choose another name."))
    yield from _wrong_days(one)
    ended = [other.pk for other in (one, but) if other is not None and other.pk is not None]
    for other in (
        PriceList.objects.alike(one).holding_between(one.starts_on, one.ends_on).exclude(pk__in=ended)
    ):
        yield _overlap(one, other)


def _overlap(one: PriceList, other: PriceList) -> Refusal:
    days = {"other": other.name, "first": other.starts_on, "last": other.ends_on}
    if other.starts_on is None:
        days["first"] = _("the beginning")
    if other.ends_on is None:
        message = _("It shares days with %(other)s, which holds from %(first)s on.") % days
    else:
        message = _("It shares days with %(other)s, which holds from %(first)s to %(last)s.") % days
    if other.starts_on is not None and (one.starts_on is None or one.starts_on < other.starts_on):
        way_out = _("End it on %(day)s, or start the other one later.") % {"day": day_before(other.starts_on)}
    elif other.ends_on is not None:
        way_out = _("Start it on %(day)s, or end the other one earlier.") % {"day": day_after(other.ends_on)}
    else:
        way_out = _("End the other one before this one starts.")
    return Refusal("lists-overlap", message, str(one), way_out)


def _wrong_days(one: PriceList) -> Iterable[Refusal]:
    for field, day in ((_("Valid from"), one.starts_on), (_("Valid to"), one.ends_on)):
        if not is_possible(day):
            values = {"field": field, "day": day}
            message = _("%(field)s: %(day)s is not a possible day.") % values
            yield Refusal("day-not-possible", message, str(one), DAYS_ALLOWED)
    if one.starts_on is not None and one.ends_on is not None and one.ends_on < one.starts_on:
        yield Refusal(
            "ends-before-start",
            _("It would end on %(last)s, before it starts on %(first)s.")
            % {"last": one.ends_on, "first": one.starts_on},
            str(one),
            _("Choose a last day on or after the first."),
        )


def _starts_too_early(old: PriceList, starts_on: date) -> Iterable[Refusal]:
    if old.starts_on is not None and starts_on <= old.starts_on:
        message = _("The list that is copied starts on %(day)s.") % {"day": old.starts_on}
        yield Refusal("copy-starts-too-early", message, str(old), _("Choose a later first day for the copy."))


def _wrong_contract(one: PriceList) -> Iterable[Refusal]:
    contract = one.contract
    if contract is None:
        return
    if contract.legal_entity_id != one.legal_entity_id:
        message = _("Contract %(contract)s is of another legal entity.") % {"contract": contract}
        yield Refusal("other-entity", message, str(one), _("Choose a contract of the same legal entity."))
    # A sales list in another currency would never be asked.
    elif one.context == PriceContext.SALES and contract.currency != one.currency:
        message = _("Contract %(contract)s is in %(currency)s.") % {
            "contract": contract,
            "currency": contract.currency,
        }
        yield Refusal("other-currency", message, str(one), _("Choose the currency of the contract."))

"""Create, change, copy, end and delete price lists, and set their prices (A7).

Two lists of the same legal entity, context, currency and contract (or none) never hold on one day, and a list
or a price that work was priced by is never deleted.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import changes_of, log_activity
from core.days import day_after, day_before
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from projects.models import LegalEntity, PriceList, ProjectContract
from projects.price_list_checks import reasons_against_list, wrong_contract, wrong_days
from projects.price_querysets import PriceListQuerySet
from projects.price_rows import (
    PricesOfList,
    Row,
    changes_by,
    copied_rows,
    reasons_against_rows,
    remove_rows,
    terms_of,
    write_rows,
)
from projects.price_usage import uses_of_lists, uses_of_rows


def create_price_list(
    legal_entity: LegalEntity,
    *,
    name: str,
    context: str,
    currency: str,
    starts_on: date | None,
    ends_on: date | None,
    contract: ProjectContract | None = None,
    shortening: PriceListQuerySet | None = None,
    actor: User,
    at: datetime,
) -> PriceList:
    """Create a price list without prices; a list with a contract goes before the general ones.

    Lists in `shortening` that hold on its days are shortened, see `change_price_list`. Legal entity, context,
    currency and contract never change afterwards. Locks the legal entity, so that two lists made at once see
    each other, then the lists that are shortened. Raises Refused: name-taken, day-not-possible,
    ends-before-start, lists-overlap, other-entity, other-currency (A7).
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
        shortened = _shortened_for(made, shortening)
        refuse_if([*reasons_against_list(made, shortened), *wrong_contract(made)])

        _write_days(shortened, actor, at)
        made.save(force_insert=True)
        log_activity("created", [made], actor=actor, at=at)
    return made


def change_price_list(
    price_list: PriceList,
    *,
    name: str,
    starts_on: date | None,
    ends_on: date | None,
    shortening: PriceListQuerySet | None = None,
    actor: User,
    at: datetime,
) -> PriceList:
    """Rename a price list or move its first and last day; what was priced by it keeps its prices.

    Lists in `shortening` that hold on its days are shortened: an earlier one ends the day before, a later
    one starts the day after. Locks the legal entity, then the lists. Raises Refused: name-taken,
    day-not-possible, ends-before-start, lists-overlap (A7).
    """
    # Not durable: the admin saves a list and its rows in one transaction of its own.
    with transaction.atomic():
        (held,) = _locked(PriceList.objects.filter(pk=price_list.pk))
        terms = {"name": name, "starts_on": starts_on, "ends_on": ends_on}
        changes = changes_of([held], terms)
        held.name, held.starts_on, held.ends_on = name, starts_on, ends_on
        shortened = _shortened_for(held, shortening)
        refuse_if(reasons_against_list(held, shortened))

        _write_days(shortened, actor, at)
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
        refuse_if(reason for one in chosen for reason in wrong_days(one))

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
        refuse_if([*_starts_too_early(old, starts_on), *reasons_against_list(made, [old])])

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
        return _set(held, rows, removed, actor, at)


def save_price_lists(
    legal_entity: LegalEntity, lists: Sequence[PricesOfList], *, actor: User, at: datetime
) -> int:
    """Create new price lists and set prices of new and existing ones, all or nothing.

    Prices are per unit in the currency of their list. Locks the legal entity, then each list that exists.
    Returns how many lists and prices are new or different. Raises Refused: name-taken, day-not-possible,
    ends-before-start, lists-overlap and those of `set_prices` (A7, A13, X8).
    """
    count = 0
    with transaction.atomic(durable=True):
        _lock_entity(legal_entity.pk)
        for one in lists:
            if one.price_list.pk is None:
                held = one.price_list
                refuse_if(reasons_against_list(held))
                held.save(force_insert=True)
                log_activity("created", [held], actor=actor, at=at, facts={"by": "file"})
                count += 1
            else:
                (held,) = PriceList.objects.filter(pk=one.price_list.pk).locked()
                count += _move(held, one.days, actor, at)
            count += _set(held, one.rows, (), actor, at)
    return count


def _move(held: PriceList, days: Mapping[str, date | None], actor: User, at: datetime) -> int:
    """Give a list other days; returns whether it has."""
    changes = changes_of([held], days)
    if not changes:
        return 0
    for name, day in days.items():
        setattr(held, name, day)
    refuse_if(reasons_against_list(held))
    held.save(update_fields=list(days))
    log_activity("changed", [held], actor=actor, at=at, changes=changes, facts={"by": "file"})
    return 1


def _set(held: PriceList, rows: Sequence[Row], removed: Sequence[Row], actor: User, at: datetime) -> int:
    refuse_if([*reasons_against_rows(held, rows), *_in_use(held, removed)])

    changes = changes_by(held, rows) | {str(row): [terms_of(row), ""] for row in removed}
    write_rows(held, rows)
    remove_rows(removed)
    if changes:
        log_activity("prices set", [held], actor=actor, at=at, changes={held.pk: changes})
    return len(changes)


# --- Lists that are shortened ---------------------------------------------------------------------


def _shortened_for(one: PriceList, movable: PriceListQuerySet | None) -> list[PriceList]:
    """Those of the movable lists that hold on days of `one`, with their new days, unsaved."""
    if movable is None:
        return []
    alike = PriceList.objects.alike(one).holding_between(one.starts_on, one.ends_on)
    others = alike.filter(pk__in=movable.order_by().values("pk")).exclude(pk=one.pk)
    moved = []
    for other in others.locked():
        if one.starts_on is not None and (other.starts_on is None or other.starts_on < one.starts_on):
            other.ends_on = day_before(one.starts_on)
            moved.append(other)
        elif one.ends_on is not None:
            other.starts_on = day_after(one.ends_on)
            moved.append(other)
    return moved


def _write_days(moved: Sequence[PriceList], actor: User, at: datetime) -> None:
    """Save the new days of lists, and log the days before."""
    before = PriceList.objects.in_bulk([one.pk for one in moved])
    changes = {
        one.pk: changes_of([before[one.pk]], {"starts_on": one.starts_on, "ends_on": one.ends_on})[one.pk]
        for one in moved
    }
    PriceList.objects.bulk_update(moved, ["starts_on", "ends_on"])
    log_activity("moved", moved, actor=actor, at=at, changes=changes)


# --- Locks and refusals ---------------------------------------------------------------------------


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


def _starts_too_early(old: PriceList, starts_on: date) -> Iterable[Refusal]:
    if old.starts_on is not None and starts_on <= old.starts_on:
        message = _("The list that is copied starts on %(day)s.") % {"day": written(old.starts_on)}
        yield Refusal("copy-starts-too-early", message, str(old), _("Choose a later first day for the copy."))

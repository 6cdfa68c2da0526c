"""Refusals for price lists: name, days, overlaps with other lists, contract (A7)."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from core.days import DAYS_ALLOWED, day_after, day_before, is_possible
from core.refusals import Refusal
from core.templatetags.display import day as written
from projects.models import PriceList
from projects.price_querysets import PriceListQuerySet
from projects.states import PriceContext


def reasons_against_list(one: PriceList, shortened: Collection[PriceList] = ()) -> Iterable[Refusal]:
    """Refusals for a new or changed list; `shortened` lists are checked with their new days."""
    names = PriceList.objects.filter(legal_entity=one.legal_entity_id, name=one.name)
    if names.exclude(pk=one.pk).exists():
        message = _("There is a price list of this name already.")
        yield Refusal("name-taken", message, str(one), _("Choose another name."))
    yield from wrong_days(one)
    for other in overlapping(one).exclude(pk__in=[other.pk for other in shortened]):
        yield _overlap(one, other)
    for other in shortened:
        yield from wrong_days(other)


def overlapping(one: PriceList) -> PriceListQuerySet:
    """The lists of its kind that hold on one of its days, in order of their days."""
    alike = PriceList.objects.alike(one).holding_between(one.starts_on, one.ends_on)
    return alike.exclude(pk=one.pk).in_time()


def _overlap(one: PriceList, other: PriceList) -> Refusal:
    days = {"other": other.name, "first": written(other.starts_on), "last": written(other.ends_on)}
    if other.starts_on is None:
        days["first"] = _("the beginning")
    if other.ends_on is None:
        message = _("It shares days with %(other)s, which holds from %(first)s on.") % days
    else:
        message = _("It shares days with %(other)s, which holds from %(first)s to %(last)s.") % days
    if other.starts_on is not None and (one.starts_on is None or one.starts_on < other.starts_on):
        way_out = _("End it on %(day)s, or start the other one later.") % {
            "day": written(day_before(other.starts_on))
        }
    elif other.ends_on is not None:
        way_out = _("Start it on %(day)s, or end the other one earlier.") % {
            "day": written(day_after(other.ends_on))
        }
    else:
        way_out = _("End the other one before this one starts.")
    return Refusal("lists-overlap", message, str(one), way_out)


def wrong_days(one: PriceList) -> Iterable[Refusal]:
    for field, day in ((_("Valid from"), one.starts_on), (_("Valid to"), one.ends_on)):
        if not is_possible(day):
            values = {"field": field, "day": written(day)}
            message = _("%(field)s: %(day)s is not a possible day.") % values
            yield Refusal("day-not-possible", message, str(one), DAYS_ALLOWED)
    if one.starts_on is not None and one.ends_on is not None and one.ends_on < one.starts_on:
        yield Refusal(
            "ends-before-start",
            _("It would end on %(last)s, before it starts on %(first)s.")
            % {"last": written(one.ends_on), "first": written(one.starts_on)},
            str(one),
            _("Choose a last day on or after the first."),
        )


def wrong_contract(one: PriceList) -> Iterable[Refusal]:
    contract = one.contract
    if contract is None:
        return
    if contract.legal_entity_id != one.legal_entity_id:
        message = _("Contract %(contract)s is of another legal entity.") % {"contract": contract}
        yield Refusal("other-entity", message, str(one), _("Choose a contract of the same legal entity."))
    # A sales list in another currency would never be used.
    elif one.context == PriceContext.SALES and contract.currency != one.currency:
        message = _("Contract %(contract)s is in %(currency)s.") % {
            "contract": contract,
            "currency": contract.currency,
        }
        yield Refusal("other-currency", message, str(one), _("Choose the currency of the contract."))

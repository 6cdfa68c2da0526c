"""Buttons that resolve an overlap of price lists by shortening one of them (A7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from core.days import day_after, day_before
from core.templatetags.display import day
from projects.models import PriceList
from projects.price_list_checks import overlapping


@dataclass(frozen=True)
class Repair:
    """A button that sends the form again: its name, value and label."""

    name: str
    value: str
    label: str


@dataclass(frozen=True)
class Gap:
    """Days between two lists of a kind, on which nothing has a price."""

    first: date
    last: date


def repairs_of(one: PriceList, user: User) -> Iterator[Repair]:
    """The buttons for a list with the days that were typed; `one` is unsaved.

    The list itself may be shortened; other lists only where the user may change them.
    """
    others = list(overlapping(one))
    movable = set(PriceList.objects.changeable_by(user).filter(pk__in=[other.pk for other in others]))
    for other in others:
        facts = {"list": other.name}
        if _starts_before(one, other) and other.starts_on is not None:
            last = day_before(other.starts_on)
            yield Repair("ends_on", f"{last}", _("End this list on %(day)s") % {"day": day(last)})
        elif other.ends_on is not None and (one.ends_on is None or one.ends_on > other.ends_on):
            first = day_after(other.ends_on)
            yield Repair("starts_on", f"{first}", _("Start this list on %(day)s") % {"day": day(first)})
        if other not in movable:
            continue
        if _starts_before(other, one) and one.starts_on is not None:
            words = _("End %(list)s on %(day)s") % (facts | {"day": day(day_before(one.starts_on))})
            yield Repair("shortening", str(other.pk), words)
        elif one.ends_on is not None and (other.ends_on is None or other.ends_on > one.ends_on):
            words = _("Start %(list)s on %(day)s") % (facts | {"day": day(day_after(one.ends_on))})
            yield Repair("shortening", str(other.pk), words)


def gap_between(one: PriceList, following: PriceList) -> Gap | None:
    """The days between two lists that follow one another, if there are any."""
    if one.ends_on is None or following.starts_on is None:
        return None
    first, last = day_after(one.ends_on), day_before(following.starts_on)
    return Gap(first, last) if first <= last else None


def _starts_before(one: PriceList, other: PriceList) -> bool:
    return (one.starts_on or date.min) < (other.starts_on or date.min)

"""Possible duplicates of expenses: shown, but never refused (A8)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from core.money import times
from core.templatetags.display import day as written
from projects.models import Entry, Receipt
from projects.states import TransactionClass

COSTS = (TransactionClass.EXPENSE, TransactionClass.MATERIAL, TransactionClass.FEE)

Likeness = tuple[int, date, str, Decimal]
"""Person, day, currency and amount, which two entries of one expense have in common."""


@dataclass(frozen=True)
class Duplicate:
    """Another live entry that may be the same expense; `entry` is None for users who may not see it."""

    entry: Entry | None
    has_same_receipt: bool

    def __str__(self) -> str:
        # Without the amount, which is a cost: not everybody who decides may see what work costs.
        if self.entry is None:
            return (
                _("The same receipt is on an entry that you may not see.")
                if self.has_same_receipt
                else _("An entry that you may not see has the same person, day and amount.")
            )
        facts = {
            "day": written(self.entry.date),
            "person": self.entry.resource.name if self.entry.resource else _("Without a person"),
            "what": str(self.entry.category or self.entry.get_transaction_class_display()),
        }
        if self.has_same_receipt:
            return _("Same receipt as %(what)s of %(day)s, %(person)s") % facts
        return _("Same day and amount as %(what)s of %(day)s, %(person)s") % facts


def duplicates_of(entries: Sequence[Entry], user: User) -> dict[int, list[Duplicate]]:
    """The entries each of these may be a duplicate of, by its key; those that have none are left out.

    Two expenses are alike that have the same person, day, amount and currency; two costs of a company that
    have the same receipt are too, whoever reported them. Only live entries count. Amounts are quantity times
    price, rounded to the minor unit of the currency. Three statements at most, however many entries. Locks
    nothing (A8).
    """
    costs = [one for one in entries if one.transaction_class in COSTS and one.price is not None]
    if not costs:
        return {}
    with_same_receipt, alike = _with_same_receipt(costs), _alike(costs)
    others = {pk for pairs in (with_same_receipt, alike) for keys in pairs.values() for pk in keys}
    rows = Entry.objects.visible_to(user).filter(pk__in=others).select_related("resource", "category")
    seen = {one.pk: one for one in rows} if others else {}
    return {
        one.pk: [
            *(Duplicate(seen.get(pk), True) for pk in sorted(with_same_receipt[one.pk])),
            *(Duplicate(seen.get(pk), False) for pk in sorted(alike[one.pk] - with_same_receipt[one.pk])),
        ]
        for one in costs
        if with_same_receipt[one.pk] or alike[one.pk]
    }


def _with_same_receipt(entries: Sequence[Entry]) -> defaultdict[int, set[int]]:
    """The other live entries of the company with a file of the same content, by key of the entry."""
    own = Receipt.objects.filter(entry__in=[one.pk for one in entries])
    rows = Receipt.objects.filter(
        sha256__in=own.values("sha256"), entry__in=Entry.objects.live().values("pk")
    )
    holders: dict[tuple[int, str], set[int]] = defaultdict(set)
    for company, digest, pk in rows.values_list("entry__legal_entity", "sha256", "entry"):
        holders[company, digest].add(pk)
    pairs: defaultdict[int, set[int]] = defaultdict(set)
    for keys in holders.values():
        for pk in keys:
            pairs[pk] |= keys - {pk}
    return pairs


def _alike(entries: Sequence[Entry]) -> defaultdict[int, set[int]]:
    """The other live expenses of the same person, day, amount and currency, by key of the entry."""
    pairs: defaultdict[int, set[int]] = defaultdict(set)
    asked = [one for one in entries if one.transaction_class == TransactionClass.EXPENSE and one.resource_id]
    if not asked:
        return pairs
    rows = Entry.objects.live().filter(
        transaction_class=TransactionClass.EXPENSE,
        resource__in={one.resource_id for one in asked},
        date__in={one.date for one in asked},
        price__isnull=False,
    )
    holders: dict[Likeness, set[int]] = defaultdict(set)
    for one in rows:
        holders[_likeness(one)].add(one.pk)
    for one in asked:
        # What is not live any more, such as a correction's original, is no duplicate and has none.
        keys = holders[_likeness(one)]
        pairs[one.pk] = keys - {one.pk} if one.pk in keys else set()
    return pairs


def _likeness(entry: Entry) -> Likeness:
    assert entry.resource_id is not None
    return entry.resource_id, entry.date, entry.currency, _amount(entry)


def _amount(entry: Entry) -> Decimal:
    assert entry.price is not None
    return times(entry.quantity, entry.price, entry.currency)

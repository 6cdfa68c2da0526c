"""Which work was priced by which list and row (A7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q
from django.utils.translation import ngettext

from projects.models import Approval, CategoryPrice, MaterialPrice, PriceList, RolePrice
from projects.price_rows import Row
from projects.states import TransactionClass

GROUPED = (
    "entry__transaction_class",
    "entry__role",
    "entry__category",
    "entry__product",
    "entry__unit",
)


@dataclass(frozen=True)
class Use:
    """Something that was used: by how many submissions, and the first of them."""

    subject: PriceList | Row
    count: int
    first: str

    def __str__(self) -> str:
        text = ngettext(
            "%(count)s submission took its price from it: %(first)s.",
            "%(count)s submissions took their prices from it, the first of them %(first)s.",
            self.count,
        )
        return text % {"count": self.count, "first": self.first}


def uses_of_lists(price_lists: Sequence[PriceList]) -> list[Use]:
    """The lists among these that priced work, sales or cost; two statements and one for the names."""
    counted: dict[int, tuple[int, int]] = {}
    for column in ("price_list", "cost_price_list"):
        used = Approval.objects.filter(**{f"{column}__in": price_lists}).order_by()
        for key, count, first in used.values_list(column).annotate(Count("pk"), Min("pk")):
            counted[key] = (count, first)
    return _named((one, *counted[one.pk]) for one in price_lists if one.pk in counted)


def uses_of_rows(price_list: PriceList, rows: Sequence[Row]) -> list[Use]:
    """The rows of a list that priced work: one statement for any number of rows, and one for the names."""
    used = Approval.objects.filter(Q(price_list=price_list) | Q(cost_price_list=price_list)).order_by()
    groups = list(used.values(*GROUPED).annotate(count=Count("pk"), first=Min("pk")))
    uses = []
    for row in rows:
        mine = [group for group in groups if _is_priced_by(row, group)]
        if mine:
            count = sum(group["count"] for group in mine)
            uses.append((row, count, min(group["first"] for group in mine)))
    return _named(uses)


def _named(uses: Iterable[tuple[PriceList | Row, int, int]]) -> list[Use]:
    listed = list(uses)
    firsts = Approval.objects.select_related("entry__resource", "entry__project").in_bulk(
        [first for _subject, _count, first in listed]
    )
    return [Use(subject, count, _name_of(firsts[first])) for subject, count, first in listed]


def _name_of(approval: Approval) -> str:
    entry = approval.entry
    return ", ".join(str(part) for part in (entry, entry.resource, entry.project.number) if part)


def _is_priced_by(row: Row, group: dict[str, Any]) -> bool:
    kind, unit = group["entry__transaction_class"], group["entry__unit"]
    if isinstance(row, RolePrice):
        # By day or by hour: an hour may have been priced by the rate of a day, so both count as used.
        return kind == TransactionClass.TIME and group["entry__role"] == row.role_id
    if isinstance(row, MaterialPrice):
        return kind == TransactionClass.MATERIAL and (group["entry__product"], unit) == (
            row.product,
            row.unit,
        )
    if not isinstance(row, CategoryPrice) or kind == TransactionClass.TIME:
        return False
    return group["entry__category"] == row.category_id and row.unit in ("", unit)

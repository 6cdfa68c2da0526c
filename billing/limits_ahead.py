"""What limits will keep back when ready work is drafted, found out before it is (A6, X4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils.translation import ngettext

from core.money import ZERO
from core.templatetags.display import money, number
from projects.contract_limits import ContractLimits, limited
from projects.models import BacklogItem, ProjectContract
from projects.querysets import BacklogQuerySet
from projects.states import BillingStatus, LimitLevel, NotToExceedStatus

WAITING = Q(status=BillingStatus.READY) | Q(not_to_exceed_status=NotToExceedStatus.FAILED)


@dataclass(frozen=True)
class Kept:
    """An entry that stays behind, the limit it would exceed, and whether it was ready until then."""

    item: BacklogItem
    level: str
    was_ready: bool


@dataclass(frozen=True)
class KeptByLimit:
    """Entries that limits of one level keep back, and their amount in one currency."""

    level: LimitLevel
    currency: str
    entries: int
    amount: Decimal

    def __str__(self) -> str:
        words = ngettext(
            "%(count)s entry of %(amount)s stays in the backlog: it exceeds the limit of the %(level)s",
            "%(count)s entries of %(amount)s stay in the backlog: they exceed the limit of the %(level)s",
            self.entries,
        )
        return words % {
            "count": number(self.entries),
            "amount": money(self.amount, self.currency),
            "level": self.level.label,
        }


class LimitsAhead:
    """Waiting work of contracts with limits, checked draft after draft, as drafting will check it.

    Changes nothing and locks nothing. What fits is used up by the draft that takes it, so that a later one
    finds what is left.
    """

    def __init__(self, limits: ContractLimits, waiting: Sequence[BacklogItem]):
        self._limits = limits
        self._waiting: dict[int, list[BacklogItem]] = defaultdict(list)
        self._kept: dict[int, list[Kept]] = defaultdict(list)
        # The earliest last, where a list gives it away without moving the others.
        for item in sorted(waiting, key=lambda one: (one.transaction_date, one.pk), reverse=True):
            self._waiting[item.contract_line_id].append(item)

    @classmethod
    def of(cls, contracts: Iterable[int], items: BacklogQuerySet) -> "LimitsAhead":
        """Read what waits among `items` on those of the contracts, given by key, that have limits.

        One statement where no contract has a limit, else eight.
        """
        keys = list(
            limited(ProjectContract.objects.filter(pk__in=list(contracts))).values_list("pk", flat=True)
        )
        if not keys:
            return cls(ContractLimits({}, {}), [])
        waiting = items.filter(WAITING, contract__in=keys).chargeable().select_related("work_item")
        return cls(ContractLimits.of(keys), list(waiting))

    @property
    def lines(self) -> set[int]:
        """The contract lines, by key, of which something waits."""
        return {line for line, waiting in self._waiting.items() if waiting}

    def keep_back(self, cut_offs: Mapping[int, date]) -> list[Kept]:
        """What stays behind when lines, by key, are drafted up to their cut-offs; the rest is drafted.

        What a limit keeps back at one cut-off stays behind at a later one as well and is named again.
        """
        ready: list[BacklogItem] = []
        for line, cut_off in cut_offs.items():
            for item in self._due(line, cut_off):
                if item.status == BillingStatus.READY:
                    ready.append(item)
                else:
                    self._kept[line].append(Kept(item, item.exceeded_limit, was_ready=False))
        verdicts = self._limits.judge_again(ready)
        failed = [one for one in ready if verdicts[one.pk].status == NotToExceedStatus.FAILED]
        fresh = [Kept(one, verdicts[one.pk].level, was_ready=True) for one in failed]
        kept = [*(one for line in cut_offs for one in self._kept[line]), *fresh]
        for one in fresh:
            self._kept[one.item.contract_line_id].append(Kept(one.item, one.level, was_ready=False))
        return kept

    def _due(self, line: int, cut_off: date) -> Iterable[BacklogItem]:
        waiting = self._waiting[line]
        while waiting and waiting[-1].transaction_date <= cut_off:
            yield waiting.pop()


def by_limit(kept: Iterable[Kept]) -> tuple[KeptByLimit, ...]:
    """What stays behind by the limit that keeps it, in the order in which limits are checked."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    amounts: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for one in kept:
        counts[one.level, one.item.currency] += 1
        amounts[one.level, one.item.currency] += one.item.amount
    return _in_order((*key, counts[key], amounts[key]) for key in counts)


def kept_among(items: BacklogQuerySet) -> tuple[KeptByLimit, ...]:
    """What limits keep back of open items, as it was found when it was checked last; one statement."""
    rows = items.over_limit().order_by().values_list("exceeded_limit", "currency")
    return _in_order(rows.annotate(count=Count("pk"), sum=Sum("amount")))


def _in_order(rows: Iterable[tuple[str, str, int, Decimal]]) -> tuple[KeptByLimit, ...]:
    order = list(LimitLevel)
    kept = [
        KeptByLimit(LimitLevel(level), currency, entries, amount) for level, currency, entries, amount in rows
    ]
    return tuple(sorted(kept, key=lambda one: (order.index(one.level), one.currency)))

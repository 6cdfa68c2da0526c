"""Not-to-exceed limits: the agreed amounts, what is used of them, and which work still fits (A6, M5)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, Q, Sum, Value, When

from core.fields import AmountField
from core.money import ZERO
from core.querysets import KEYS_PER_STATEMENT
from projects.limit_verdicts import COMMITTED, NOT_APPLICABLE, Verdict
from projects.models import (
    Actual,
    ActualEvent,
    BacklogItem,
    ContractCustomer,
    ContractLine,
    ContractLineCustomer,
    ProjectContract,
)
from projects.querysets import ContractQuerySet
from projects.states import BALANCES, BillingStatus, BillingType, LimitLevel, NotToExceedStatus

BATCH = 500

Level = tuple[LimitLevel, int, int]
"""A limit: where it was agreed, the key of line or contract, and that of the customer or zero."""
Payment = tuple[int, int, int]
"""Contract, contract line and customer: who pays for what."""


@dataclass(frozen=True)
class Candidate:
    """One customer's share of an entry that asks to be billed; the amount is in the contract's currency."""

    key: int
    entry: int
    day: date
    payment: Payment
    amount: Decimal

    @property
    def levels(self) -> list[Level]:
        """The limits it may meet, in the order in which they are checked."""
        return levels_of(self.payment)


OF_CUSTOMER = (LimitLevel.LINE_CUSTOMER, LimitLevel.CONTRACT_CUSTOMER)


def levels_of(payment: Payment) -> list[Level]:
    """The limits that may hold for a payment: line customer, line, contract customer, contract."""
    contract, line, customer = payment
    return [
        (LimitLevel.LINE_CUSTOMER, line, customer),
        (LimitLevel.LINE, line, 0),
        (LimitLevel.CONTRACT_CUSTOMER, contract, customer),
        (LimitLevel.CONTRACT, contract, 0),
    ]


class ContractLimits:
    """The limits of a set of contracts and what is used of each: one pass judges any number of candidates.

    Used is what was invoiced, what is on drafts, and what waits and fits already. What failed, or was reset,
    does not count. Amounts are in each contract's currency.
    """

    def __init__(self, agreed: Mapping[Level, Decimal], used: Mapping[Payment, Decimal]):
        self.agreed = agreed
        self.used: dict[Level, Decimal] = defaultdict(lambda: ZERO)
        self.add(used)

    @classmethod
    def of(cls, contracts: Collection[int]) -> "ContractLimits":
        """Read limits and use of contracts, given by key, in six statements."""
        return cls(_agreed(contracts), _added_up([*_invoiced(contracts), *_recorded(contracts)]))

    @classmethod
    def billed(cls, contracts: Collection[int]) -> "ContractLimits":
        """Limits and what was invoiced, in five statements; what drafts hold and what waits is left out."""
        return cls(_agreed(contracts), _added_up(_invoiced(contracts)))

    def add(self, payments: Mapping[Payment, Decimal]) -> None:
        """Let further amounts count, by who pays."""
        for payment, amount in payments.items():
            self._use(payment, amount)

    def exceeded_with(self, payments: Mapping[Payment, Decimal]) -> dict[Level, Decimal]:
        """What would be used of each limit that further amounts would exceed, in the order of checking.

        A limit of which they take nothing is not exceeded by them.
        """
        taken: dict[Level, Decimal] = defaultdict(lambda: ZERO)
        for payment, amount in payments.items():
            for level in levels_of(payment):
                taken[level] += amount
        order = list(LimitLevel)
        return {
            level: self.used[level] + taken[level]
            for level in sorted(taken, key=lambda level: (order.index(level[0]), level[1:]))
            if level in self.agreed
            and taken[level] > 0
            and self.used[level] + taken[level] > self.agreed[level]
        }

    def judge_again(self, items: Sequence[BacklogItem]) -> dict[int, Verdict]:
        """The verdict on each open item by its key; what counts already is taken out first.

        No draft holds the items, and they bring their work item along. Those that fit count afterwards, as if
        they were drafted.
        """
        for item in items:
            if counts(item):
                self._use(payment_of(item), -item.amount)
        return self.judge(candidate_of(item) for item in items)

    def judge(self, candidates: Iterable[Candidate]) -> dict[int, Verdict]:
        """The verdict on each candidate by its key, in order of date: earlier work is within the limit first.

        An entry is not divided: it fits as a whole or waits as a whole. Where several customers pay for it,
        each share is checked against the customer's own limits, and the shares that pass are checked
        together against those of line and contract.
        """
        entries: dict[int, list[Candidate]] = defaultdict(list)
        for one in sorted(candidates, key=lambda one: (one.day, one.key)):
            entries[one.entry].append(one)
        verdicts: dict[int, Verdict] = {}
        for shares in entries.values():
            verdicts |= self._judge_entry(shares)
        return verdicts

    def _judge_entry(self, shares: Sequence[Candidate]) -> dict[int, Verdict]:
        own = [one for one in shares if not self._exceeded(one, one.amount, OF_CUSTOMER)]
        together = sum((one.amount for one in own), ZERO)
        verdicts: dict[int, Verdict] = {}
        for one in shares:
            if not any(level in self.agreed for level in one.levels):
                verdicts[one.key] = NOT_APPLICABLE
                continue
            exceeded = self._exceeded(one, together if one in own else one.amount, tuple(LimitLevel))
            verdicts[one.key] = exceeded or COMMITTED
        for one in own:
            if verdicts[one.key] == COMMITTED:
                self._use(one.payment, one.amount)
        return verdicts

    def _exceeded(self, one: Candidate, shared: Decimal, among: Collection[LimitLevel]) -> Verdict | None:
        """The first limit that is exceeded; those of line and contract are asked for what is `shared`."""
        for level in one.levels:
            limit, amount = self.agreed.get(level), one.amount if level[0] in OF_CUSTOMER else shared
            # What takes nothing fits even where the limit was lowered below what is used.
            if level[0] not in among or limit is None or amount <= 0:
                continue
            beyond = self.used[level] + amount - limit
            if beyond > 0:
                return Verdict(NotToExceedStatus.FAILED, level[0].value, beyond)
        return None

    def _use(self, payment: Payment, amount: Decimal) -> None:
        for level in levels_of(payment):
            if level in self.agreed:
                self.used[level] += amount


def limited(contracts: ContractQuerySet) -> ContractQuerySet:
    """Those of the contracts that have a limit anywhere."""
    of_lines = ContractLine.objects.filter(not_to_exceed_amount__isnull=False).values("contract")
    of_payers = ContractLineCustomer.objects.filter(not_to_exceed_amount__isnull=False)
    of_customers = ContractCustomer.objects.filter(not_to_exceed_amount__isnull=False)
    return contracts.filter(
        Q(not_to_exceed_amount__isnull=False)
        | Q(pk__in=of_lines)
        | Q(pk__in=of_payers.values("contract_line__contract"))
        | Q(pk__in=of_customers.values("contract"))
    )


def lock_limits(contracts: ContractQuerySet) -> list[int]:
    """Lock the contracts that have limits until the transaction ends; returns their keys.

    Two who use up one limit at once wait for each other here. Contracts come before approvals and backlog
    items in the order of locks (D10).
    """
    return [contract.pk for contract in limited(contracts).only("pk").locked()]


def commit_new_work(contracts: Collection[int], events: Iterable[ActualEvent]) -> list[BacklogItem]:
    """Check what `events` opened on contracts with limits, and write the verdicts; returns what failed.

    The caller locked the contracts with `lock_limits`. Statements do not depend on how many items (A6).
    """
    if not contracts:
        return []
    # By the event of the actual: work items have no index that leads to their backlog.
    opened = BacklogItem.objects.filter(actual__event__in=list(events), contract__in=contracts)
    return commit(list(opened.chargeable().select_related("work_item")))


def commit(items: Sequence[BacklogItem]) -> list[BacklogItem]:
    """Check chargeable items that no draft holds, and write the verdicts; returns what failed.

    What failed is not ready any more. Items bring their work item along and are locked or new (A6).
    """
    verdicts = ContractLimits.of({item.contract_id for item in items}).judge_again(items)
    failed = [item for item in items if verdicts[item.pk].status == NotToExceedStatus.FAILED]
    _write_failed(failed, verdicts)
    for status in (NotToExceedStatus.COMMITTED, NotToExceedStatus.NOT_APPLICABLE):
        same = [one for one in items if verdicts[one.pk].status == status != one.not_to_exceed_status]
        set_status(same, status)
    return failed


def set_status(items: Sequence[BacklogItem], status: NotToExceedStatus) -> None:
    """Write one status that names no limit on any number of items."""
    keys = [item.pk for item in items]
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        part = BacklogItem.objects.filter(pk__in=keys[start : start + KEYS_PER_STATEMENT])
        part.update(not_to_exceed_status=status, exceeded_limit="", exceeded_by=None)


def candidate_of(item: BacklogItem) -> Candidate:
    """A backlog item that asks to be billed; its work item is loaded."""
    return Candidate(
        item.pk,
        # Work that came from no approval stands for itself; keys of approvals are positive.
        item.work_item.approval_id or -item.work_item_id,
        item.transaction_date,
        payment_of(item),
        item.amount,
    )


def payment_of(item: BacklogItem) -> Payment:
    """Who pays a backlog item under which line and contract."""
    return item.contract_id, item.contract_line_id, item.customer_id


def counts(item: BacklogItem) -> bool:
    """Whether a chargeable item on no draft counts against its limits: it fits, or none was agreed."""
    return item.not_to_exceed_status not in NOT_COUNTED


NOT_COUNTED = (NotToExceedStatus.FAILED, NotToExceedStatus.NOT_EVALUATED)


def _write_failed(failed: Sequence[BacklogItem], verdicts: Mapping[int, Verdict]) -> None:
    # The database lets nothing be ready beyond its limit, so it is taken back first.
    ready = [item for item in failed if item.status == BillingStatus.READY]
    BacklogItem.objects.walk(ready, BacklogItem.mark_not_ready)
    by_level: dict[str, list[BacklogItem]] = defaultdict(list)
    for item in failed:
        verdict = verdicts[item.pk]
        item.not_to_exceed_status = verdict.status
        item.exceeded_limit, item.exceeded_by = verdict.level, verdict.exceeded_by
        by_level[verdict.level].append(item)
    # Status and limit are the same for many, so that only the amounts differ row by row.
    for level, items in by_level.items():
        for start in range(0, len(items), BATCH):
            _write_exceeded(level, items[start : start + BATCH])


def _write_exceeded(level: str, items: Sequence[BacklogItem]) -> None:
    by_amount: dict[Decimal | None, list[int]] = defaultdict(list)
    for item in items:
        by_amount[item.exceeded_by].append(item.pk)
    # Where a limit is used up, work of the same amount exceeds it by the same: a condition for each amount.
    whens = [
        When(pk__in=keys, then=Value(amount, output_field=AmountField()))
        for amount, keys in by_amount.items()
    ]
    BacklogItem.objects.filter(pk__in=[item.pk for item in items]).update(
        not_to_exceed_status=NotToExceedStatus.FAILED,
        exceeded_limit=level,
        exceeded_by=Case(*whens, output_field=AmountField()),
    )


def _added_up(rows: Iterable[tuple[int, int, int, Decimal]]) -> dict[Payment, Decimal]:
    sums: dict[Payment, Decimal] = defaultdict(lambda: ZERO)
    for contract, line, customer, amount in rows:
        sums[contract, line, customer] += amount
    return sums


def _agreed(contracts: Collection[int]) -> dict[Level, Decimal]:
    """All limits of these contracts in four statements, by level and key."""
    limit = "not_to_exceed_amount"
    given = {f"{limit}__isnull": False}
    of_contracts = ProjectContract.objects.filter(pk__in=contracts, **given)
    of_lines = ContractLine.objects.filter(contract__in=contracts, **given)
    of_customers = ContractCustomer.objects.filter(contract__in=contracts, **given)
    of_payers = ContractLineCustomer.objects.filter(contract_line__contract__in=contracts, **given)
    agreed: dict[Level, Decimal] = {}
    for key, amount in of_contracts.values_list("pk", limit):
        agreed[LimitLevel.CONTRACT, key, 0] = amount
    for key, amount in of_lines.values_list("pk", limit):
        agreed[LimitLevel.LINE, key, 0] = amount
    for key, customer, amount in of_customers.values_list("contract", "customer", limit):
        agreed[LimitLevel.CONTRACT_CUSTOMER, key, customer] = amount
    for key, customer, amount in of_payers.values_list("contract_line", "customer", limit):
        agreed[LimitLevel.LINE_CUSTOMER, key, customer] = amount
    return agreed


def _invoiced(contracts: Collection[int]) -> Iterable[tuple[int, int, int, Decimal]]:
    """What was billed to date less what was credited, by who pays; milestones count like work."""
    of_line = "work_item__contract_line"
    billed = (
        Actual.objects.billed_sales()
        .filter(
            # Over the lines, whose key is the one that work items are found by.
            **{f"{of_line}__contract__in": contracts},
            billing_type=BillingType.CHARGEABLE,
            # An advance is not work: it uses no limit, and what it pays for counts in full.
        )
        .exclude(work_item__transaction_class__in=BALANCES)
    )
    paid = billed.order_by().values_list(f"{of_line}__contract", of_line, "work_item__customer")
    return paid.annotate(sum=Sum("amount"))


def _recorded(contracts: Collection[int]) -> Iterable[tuple[int, int, int, Decimal]]:
    """What waits and fits, and what drafts hold, by who pays."""
    counted = Q(status=BillingStatus.ON_DRAFT) | ~Q(not_to_exceed_status__in=NOT_COUNTED)
    items = BacklogItem.objects.chargeable().filter(counted, contract__in=contracts)
    paid = items.order_by().values_list("contract", "contract_line", "customer")
    return paid.annotate(sum=Sum("amount"))

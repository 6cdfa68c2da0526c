"""What a run of a batch job would do if it started now, without doing it (B6, X4)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from billing.discounts import NOT_LOWERED
from billing.draft_targets import reasons_against
from billing.due import Due, due_for, first_open_day
from billing.limits_ahead import KeptByLimit, LimitsAhead, by_limit
from billing.models import BatchJob, InvoiceSchedule, MilestoneShare, Retainer
from billing.payers import PAYER_IS_FREE, on_hold
from billing.terms_ahead import TermsAhead
from core.money import ZERO
from core.refusals import Refusal
from projects.models import BacklogItem, Customer, ProjectContract
from projects.querysets import BacklogQuerySet
from projects.states import BillingType


@dataclass(frozen=True)
class Expected:
    """What one contract would get on one run date, in its currency, or why it would get nothing.

    `held` are customers on hold, whose share waits while the others are invoiced. `amount` is after standing
    discounts and what is kept back, before advances that were invoiced earlier; `available` is how much of
    them there is to be applied.
    """

    contract: ProjectContract
    run_date: date
    invoice_date: date
    cut_off: date
    lines: int
    entries: int
    milestones: int
    advances: int
    amount: Decimal
    retained: Decimal
    available: Decimal
    reasons: tuple[Refusal, ...]
    kept: tuple[KeptByLimit, ...]
    held: tuple[Refusal, ...]

    @property
    def net(self) -> Decimal:
        """What documents will name net, before advances: what is kept back is charged, and paid later."""
        return self.amount + self.retained

    @property
    def outcome(self) -> str:
        """`blocked`, `create` or `nothing`."""
        if self.reasons:
            return "blocked"
        return "create" if self.entries or self.milestones or self.advances else "nothing"


@dataclass(frozen=True)
class _Ready:
    """Work that one customer pays for: entries, what is charged, and what of it discounts lower."""

    entries: int = 0
    amount: Decimal = ZERO
    lowered: Decimal = ZERO

    def __add__(self, other: "_Ready") -> "_Ready":
        return _Ready(self.entries + other.entries, self.amount + other.amount, self.lowered + other.lowered)

    def __sub__(self, other: "_Ready") -> "_Ready":
        return _Ready(self.entries - other.entries, self.amount - other.amount, self.lowered - other.lowered)


LineOfCustomer = tuple[int, int]
"""Contract line and customer, by key."""
_ByCustomer = dict[int, _Ready]
"""By the key of the customer."""


@dataclass(frozen=True)
class _Held:
    """What waits for a customer on hold."""

    customer: Customer
    ready: _Ready


def preview_run(job: BatchJob, business_date: date) -> list[Expected]:
    """Everything due for a job by a date: what is ready up to each line's cut-off, what blocks it or stays.

    Amounts are in each contract's currency and those of the drafts that a run would make: what is not charged
    counts as an entry and not as money, standing discounts and retentions are taken off, and what exceeds a
    limit is `kept`, by limit. What a run would refuse stands among the `reasons`. Changes nothing and locks
    nothing: until the run starts, figures may move. Statements do not depend on how much is ready (A6, B6,
    B12, X4).
    """
    due = due_for(job, business_date)
    keys = {one.contract.pk for one in due}
    loaded = ProjectContract.objects.select_related("customer", "legal_entity").in_bulk(keys)
    rows = [row for one in due for row in one.schedules]
    lines = {row.contract_line_id for row in rows}
    items = BacklogItem.objects.filter(PAYER_IS_FREE, contract_line__in=lines)
    foreseen = _Foreseen(
        _ready_by_row(rows),
        LimitsAhead.of(keys, items),
        _held_by_row(rows),
        _available_of(keys),
        TermsAhead.of(loaded.values()),
    )
    return [foreseen.expect(one, loaded[one.contract.pk], job) for one in due]


class _Foreseen:
    """What drafts would take, one after the other: what one takes is there no more for the next."""

    def __init__(
        self,
        ready: dict[int, _ByCustomer],
        limits: LimitsAhead,
        held: dict[int, list[_Held]],
        available: dict[int, Decimal],
        terms: TermsAhead,
    ):
        self._available = available
        self._terms = terms
        self._ready = ready
        self._held = held
        self._limits = limits
        self._taken: dict[int, _ByCustomer] = defaultdict(dict)

    def expect(self, due: Due, contract: ProjectContract, job: BatchJob) -> Expected:
        run_date = due.run_date
        invoice_date = first_open_day(contract, run_date) if job.uses_next_open_day else run_date
        reasons = tuple(reasons_against([contract], invoice_date))
        ready = self._ready_of(due.schedules)
        shares = [share for share in due.shares if not share.customer.is_on_hold]
        retainers = [one for one in due.retainers if not one.customer.is_on_hold]
        held = self._held_of(due)
        # Where nobody else pays, a customer on hold is why the contract gets nothing.
        if not any(one.entries for one in ready.values()) and not shares and not retainers and held:
            reasons, held = (*reasons, *held), ()
            ready = self._waiting_of(due.schedules)
            shares, retainers = due.shares, due.retainers
        kept = []
        # What is blocked takes nothing: a later row of the line finds all of it.
        if not reasons:
            kept = self._limits.keep_back(due.cut_offs)
            for one in kept:
                if one.was_ready:
                    ready[one.item.contract_line_id, one.item.customer_id] -= _of_item(one.item)
            self._taken |= {row.contract_line_id: self._through(row) for row in due.schedules}
        lines = {row.contract_line_id for row in due.schedules}
        charged, retained = self._charged(contract, ready, shares, lines)
        return Expected(
            contract=contract,
            run_date=run_date,
            invoice_date=invoice_date,
            # Milestones alone have no schedule row, hence no cut-off: the run date is used.
            cut_off=max(due.cut_offs.values(), default=due.run_date),
            lines=len(due.schedules),
            entries=sum(one.entries for one in ready.values()),
            milestones=len(shares),
            advances=len(retainers),
            available=self._available.get(contract.pk, ZERO),
            amount=sum((one.amount for one in retainers), ZERO) + charged,
            retained=retained,
            reasons=reasons,
            kept=by_limit(kept),
            held=held,
        )

    def _held_of(self, due: Due) -> tuple[Refusal, ...]:
        customers = [share.customer for share in due.shares if share.customer.is_on_hold]
        customers += [one.customer for one in due.retainers if one.customer.is_on_hold]
        customers += [one.customer for row in due.schedules for one in self._held.get(row.pk, ())]
        by_key = {one.pk: one for one in customers}
        return tuple(on_hold(by_key[key], str(due.contract)) for key in sorted(by_key))

    def _ready_of(self, rows: Sequence[InvoiceSchedule]) -> dict[LineOfCustomer, _Ready]:
        ready: dict[LineOfCustomer, _Ready] = defaultdict(_Ready)
        for row in rows:
            line = row.contract_line_id
            for customer, one in self._through(row).items():
                ready[line, customer] += one - self._taken[line].get(customer, _Ready())
        return ready

    def _waiting_of(self, rows: Sequence[InvoiceSchedule]) -> dict[LineOfCustomer, _Ready]:
        ready: dict[LineOfCustomer, _Ready] = defaultdict(_Ready)
        for row in rows:
            for one in self._held.get(row.pk, ()):
                ready[row.contract_line_id, one.customer.pk] += one.ready
        return ready

    def _through(self, row: InvoiceSchedule) -> _ByCustomer:
        return self._ready.get(row.pk, {})

    def _charged(
        self,
        contract: ProjectContract,
        ready: dict[LineOfCustomer, _Ready],
        shares: Iterable[MilestoneShare],
        lines: set[int],
    ) -> tuple[Decimal, Decimal]:
        """Work and milestones less discounts and retentions, and those retentions.

        Each customer gets a draft, of the due lines.
        """
        amount, retained = sum((one.amount for one in ready.values()), ZERO), ZERO
        charged: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
        for (line, customer), one in ready.items():
            charged[customer][line] += one.lowered
        for share in shares:
            amount += share.due_amount
            charged[share.customer_id][share.milestone.contract_line_id] += share.due_amount
        lines = lines.union(*charged.values())
        for customer, by_line in charged.items():
            off, kept_back = self._terms.lowered_by(contract, customer, by_line, lines=lines)
            amount -= off + kept_back
            retained += kept_back
        return amount, retained


def _of_item(item: BacklogItem) -> _Ready:
    """One chargeable entry; limits keep back no balances."""
    return _Ready(1, item.amount, item.amount)


def _sums_of(ready: BacklogQuerySet) -> Iterable[tuple[int, int, _Ready]]:
    """The schedule row, the customer, and what is ready of both; one statement."""
    chargeable = Q(billing_type=BillingType.CHARGEABLE)
    lowered = chargeable & ~Q(work_item__transaction_class__in=NOT_LOWERED)
    sums = ready.values_list("contract_line__schedule", "customer").annotate(
        count=Count("pk"),
        charged=Sum("amount", filter=chargeable, default=ZERO),
        lowered=Sum("amount", filter=lowered, default=ZERO),
    )
    for row, customer, *sums_of_both in sums.order_by("contract_line__schedule", "customer"):
        yield row, customer, _Ready(*sums_of_both)


def _ready_by_row(rows: Sequence[InvoiceSchedule]) -> dict[int, _ByCustomer]:
    """What is ready up to the cut-off of each schedule row, by customer."""
    by_row: dict[int, _ByCustomer] = defaultdict(dict)
    for row, customer, ready in _sums_of(_ready_up_to(rows).filter(PAYER_IS_FREE)):
        by_row[row][customer] = ready
    return dict(by_row)


def _held_by_row(rows: Sequence[InvoiceSchedule]) -> dict[int, list[_Held]]:
    """What customers on hold would pay of what is ready up to the cut-off of each schedule row."""
    sums = list(_sums_of(_ready_up_to(rows).exclude(PAYER_IS_FREE)))
    customers = Customer.objects.in_bulk({customer for _row, customer, _ready in sums}) if sums else {}
    by_row: dict[int, list[_Held]] = defaultdict(list)
    for row, customer, ready in sums:
        by_row[row].append(_Held(customers[customer], ready))
    return dict(by_row)


def _ready_up_to(rows: Sequence[InvoiceSchedule]) -> BacklogQuerySet:
    # One statement for all rows: each row's own cut-off is compared in the database.
    up_to = Q(transaction_date__lte=F("contract_line__schedule__cut_off_date"))
    return BacklogItem.objects.ready().filter(up_to, contract_line__schedule__in=rows).order_by()


def _available_of(contracts: Iterable[int]) -> dict[int, Decimal]:
    """What is available of advances, by the key of the contract; one statement."""
    rows = Retainer.objects.available().filter(contract__in=list(contracts), customer__is_on_hold=False)
    return dict(rows.order_by().values_list("contract").annotate(sum=Sum("available_amount")))

"""What a run of a batch job would do if it started now, without doing it (B6, X4)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from billing.draft_targets import reasons_against
from billing.due import Due, due_for, first_open_day
from billing.limits_ahead import KeptByLimit, LimitsAhead, by_limit
from billing.models import BatchJob, InvoiceSchedule, Retainer
from billing.payers import PAYER_IS_FREE, on_hold
from core.money import ZERO
from core.refusals import Refusal
from projects.models import BacklogItem, Customer, ProjectContract
from projects.querysets import BacklogQuerySet
from projects.states import BillingType


@dataclass(frozen=True)
class Expected:
    """What one contract would get on one run date, in its currency, or why it would get nothing.

    `held` are customers on hold, whose share waits while the others are invoiced. `amount` is before advances
    that were invoiced earlier; `available` is how much of them there is to be applied.
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
    available: Decimal
    reasons: tuple[Refusal, ...]
    kept: tuple[KeptByLimit, ...]
    held: tuple[Refusal, ...]

    @property
    def outcome(self) -> str:
        """`blocked`, `create` or `nothing`."""
        if self.reasons:
            return "blocked"
        return "create" if self.entries or self.milestones or self.advances else "nothing"


@dataclass(frozen=True)
class _Held:
    """What waits for a customer on hold."""

    customer: Customer
    entries: int
    amount: Decimal


def preview_run(job: BatchJob, business_date: date) -> list[Expected]:
    """Everything due for a job by a date: what is ready up to each line's cut-off, what blocks it or stays.

    Amounts are in each contract's currency and those of the drafts that a run would make: what is not charged
    counts as an entry and not as money, and what exceeds a limit is `kept`, by limit. What a run would refuse
    stands among the `reasons`. Changes nothing and locks nothing: until the run starts, figures may move.
    Statements do not depend on how much is ready (A6, B6, X4).
    """
    due = due_for(job, business_date)
    keys = {one.contract.pk for one in due}
    loaded = ProjectContract.objects.select_related("customer", "legal_entity").in_bulk(keys)
    rows = [row for one in due for row in one.schedules]
    lines = {row.contract_line_id for row in rows}
    items = BacklogItem.objects.filter(PAYER_IS_FREE, contract_line__in=lines)
    foreseen = _Foreseen(
        _ready_by_row(rows), LimitsAhead.of(keys, items), _held_by_row(rows), _available_of(keys)
    )
    return [foreseen.expect(one, loaded[one.contract.pk], job) for one in due]


class _Foreseen:
    """What drafts would take, one after the other: what one takes is there no more for the next."""

    def __init__(
        self,
        ready: dict[int, tuple[int, Decimal]],
        limits: LimitsAhead,
        held: dict[int, list[_Held]],
        available: dict[int, Decimal],
    ):
        self._available = available
        self._ready = ready
        self._held = held
        self._limits = limits
        self._taken: dict[int, tuple[int, Decimal]] = defaultdict(lambda: (0, ZERO))

    def expect(self, due: Due, contract: ProjectContract, job: BatchJob) -> Expected:
        run_date = due.run_date
        invoice_date = first_open_day(contract, run_date) if job.uses_next_open_day else run_date
        reasons = tuple(reasons_against([contract], invoice_date))
        entries, amount = self._ready_of(due.schedules)
        shares = [share for share in due.shares if not share.customer.is_on_hold]
        retainers = [one for one in due.retainers if not one.customer.is_on_hold]
        held = self._held_of(due)
        # Where nobody else pays, a customer on hold is why the contract gets nothing.
        if not entries and not shares and not retainers and held:
            reasons, held = (*reasons, *held), ()
            waiting = [one for row in due.schedules for one in self._held.get(row.pk, ())]
            entries = sum(one.entries for one in waiting)
            amount = sum((one.amount for one in waiting), ZERO)
            shares, retainers = due.shares, due.retainers
        kept = []
        # What is blocked takes nothing: a later row of the line finds all of it.
        if not reasons:
            kept = self._limits.keep_back(due.cut_offs)
            lost = [one.item.amount for one in kept if one.was_ready]
            entries, amount = entries - len(lost), amount - sum(lost, ZERO)
            self._taken |= {row.contract_line_id: self._through(row) for row in due.schedules}
        return Expected(
            contract=contract,
            run_date=run_date,
            invoice_date=invoice_date,
            # Milestones alone have no schedule row, hence no cut-off: the run date is used.
            cut_off=max(due.cut_offs.values(), default=due.run_date),
            lines=len(due.schedules),
            entries=entries,
            milestones=len(shares),
            advances=len(retainers),
            available=self._available.get(contract.pk, ZERO),
            amount=amount
            + sum((share.due_amount for share in shares), ZERO)
            + sum((one.amount for one in retainers), ZERO),
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

    def _ready_of(self, rows: Sequence[InvoiceSchedule]) -> tuple[int, Decimal]:
        count, amount = 0, ZERO
        for row in rows:
            own_count, own_amount = self._through(row)
            taken_count, taken_amount = self._taken[row.contract_line_id]
            count, amount = count + own_count - taken_count, amount + own_amount - taken_amount
        return count, amount

    def _through(self, row: InvoiceSchedule) -> tuple[int, Decimal]:
        return self._ready.get(row.pk, (0, ZERO))


def _ready_by_row(rows: Sequence[InvoiceSchedule]) -> dict[int, tuple[int, Decimal]]:
    """How many entries are ready up to the cut-off of each schedule row, and what is charged for them."""
    chargeable = Q(billing_type=BillingType.CHARGEABLE)
    sums = (
        _ready_up_to(rows)
        .filter(PAYER_IS_FREE)
        .values_list("contract_line__schedule")
        .annotate(count=Count("pk"), charged=Sum("amount", filter=chargeable, default=ZERO))
    )
    return {row: (count, amount) for row, count, amount in sums}


def _held_by_row(rows: Sequence[InvoiceSchedule]) -> dict[int, list[_Held]]:
    """What customers on hold would pay of what is ready up to the cut-off of each schedule row."""
    waiting = _ready_up_to(rows).exclude(PAYER_IS_FREE)
    chargeable = Q(billing_type=BillingType.CHARGEABLE)
    sums = list(
        waiting.values("contract_line__schedule", "customer")
        .annotate(count=Count("pk"), charged=Sum("amount", filter=chargeable, default=ZERO))
        .order_by("contract_line__schedule", "customer")
    )
    customers = Customer.objects.in_bulk({one["customer"] for one in sums}) if sums else {}
    by_row: dict[int, list[_Held]] = defaultdict(list)
    for one in sums:
        held = _Held(customers[one["customer"]], one["count"], one["charged"])
        by_row[one["contract_line__schedule"]].append(held)
    return dict(by_row)


def _ready_up_to(rows: Sequence[InvoiceSchedule]) -> BacklogQuerySet:
    # One statement for all rows: each row's own cut-off is compared in the database.
    up_to = Q(transaction_date__lte=F("contract_line__schedule__cut_off_date"))
    return BacklogItem.objects.ready().filter(up_to, contract_line__schedule__in=rows).order_by()


def _available_of(contracts: Iterable[int]) -> dict[int, Decimal]:
    """What is available of advances, by the key of the contract; one statement."""
    rows = Retainer.objects.available().filter(contract__in=list(contracts), customer__is_on_hold=False)
    return dict(rows.order_by().values_list("contract").annotate(sum=Sum("available_amount")))

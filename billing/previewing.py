"""What a run of a batch job would do if it started now, without doing it (B6, X4)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from billing.drafting import reasons_against
from billing.limits_ahead import KeptByLimit, LimitsAhead, by_limit
from billing.models import BatchJob, InvoiceSchedule
from billing.scheduling import Due, due_for
from core.money import ZERO
from core.refusals import Refusal
from projects.models import BacklogItem, ProjectContract
from projects.states import BillingType


@dataclass(frozen=True)
class Expected:
    """What one contract would get on one run date, in its currency, or why it would get nothing."""

    contract: ProjectContract
    run_date: date
    cut_off: date
    lines: int
    entries: int
    milestones: int
    amount: Decimal
    reasons: tuple[Refusal, ...]
    kept: tuple[KeptByLimit, ...]

    @property
    def outcome(self) -> str:
        """`blocked`, `create` or `nothing`."""
        if self.reasons:
            return "blocked"
        return "create" if self.entries or self.milestones else "nothing"


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
    items = BacklogItem.objects.filter(contract_line__in={row.contract_line_id for row in rows})
    foreseen = _Foreseen(_ready_by_row(rows), LimitsAhead.of(keys, items))
    return [foreseen.expect(one, loaded[one.contract.pk]) for one in due]


class _Foreseen:
    """What drafts would take, one after the other: what one takes is there no more for the next."""

    def __init__(self, ready: dict[int, tuple[int, Decimal]], limits: LimitsAhead):
        self._ready = ready
        self._limits = limits
        self._taken: dict[int, tuple[int, Decimal]] = defaultdict(lambda: (0, ZERO))

    def expect(self, due: Due, contract: ProjectContract) -> Expected:
        reasons = tuple(reasons_against([contract], due.run_date))
        entries, amount = self._ready_of(due.schedules)
        kept = []
        # What is blocked takes nothing: a later row of the line finds all of it.
        if not reasons:
            kept = self._limits.keep_back(_cut_offs(due))
            lost = [one.item.amount for one in kept if one.was_ready]
            entries, amount = entries - len(lost), amount - sum(lost, ZERO)
            self._taken |= {row.contract_line_id: self._through(row) for row in due.schedules}
        return Expected(
            contract=contract,
            run_date=due.run_date,
            # Milestones alone have no schedule row, hence no cut-off: the run date stands for it.
            cut_off=max(_cut_offs(due).values(), default=due.run_date),
            lines=len(due.schedules),
            entries=entries,
            milestones=len(due.shares),
            amount=amount + sum((share.open_amount for share in due.shares), ZERO),
            reasons=reasons,
            kept=by_limit(kept),
        )

    def _ready_of(self, rows: Sequence[InvoiceSchedule]) -> tuple[int, Decimal]:
        count, amount = 0, ZERO
        for row in rows:
            own_count, own_amount = self._through(row)
            taken_count, taken_amount = self._taken[row.contract_line_id]
            count, amount = count + own_count - taken_count, amount + own_amount - taken_amount
        return count, amount

    def _through(self, row: InvoiceSchedule) -> tuple[int, Decimal]:
        return self._ready.get(row.pk, (0, ZERO))


def _cut_offs(due: Due) -> dict[int, date]:
    return {row.contract_line_id: row.cut_off_date for row in due.schedules}


def _ready_by_row(rows: Sequence[InvoiceSchedule]) -> dict[int, tuple[int, Decimal]]:
    """How many entries are ready up to the cut-off of each schedule row, and what is charged for them."""
    # One statement for all rows: each row's own cut-off is compared in the database.
    up_to = Q(transaction_date__lte=F("contract_line__schedule__cut_off_date"))
    chargeable = Q(billing_type=BillingType.CHARGEABLE)
    sums = (
        BacklogItem.objects.ready()
        .filter(up_to, contract_line__schedule__in=rows)
        .order_by()
        .values_list("contract_line__schedule")
        .annotate(count=Count("pk"), charged=Sum("amount", filter=chargeable, default=ZERO))
    )
    return {row: (count, amount) for row, count, amount in sums}

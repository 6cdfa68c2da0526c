"""What a run of a batch job would do if it started now, without doing it (B6, X4)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from billing.drafting import reasons_against
from billing.models import BatchJob, InvoiceSchedule
from billing.scheduling import Due, due_for
from core.money import ZERO
from core.refusals import Refusal
from projects.models import BacklogItem, ProjectContract


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

    @property
    def outcome(self) -> str:
        """`blocked`, `create` or `nothing`."""
        if self.reasons:
            return "blocked"
        return "create" if self.entries or self.milestones else "nothing"


def preview_run(job: BatchJob, business_date: date) -> list[Expected]:
    """Everything due for a job by a date, with what is ready up to each line's cut-off and what blocks it.

    Amounts are in each contract's currency; what a run would refuse stands among the `reasons`. Changes
    nothing and locks nothing: until the run starts, figures may move. Statements do not depend on how much
    is ready (B6, X4).
    """
    due = due_for(job, business_date)
    contracts = ProjectContract.objects.filter(pk__in={one.contract.pk for one in due})
    loaded = contracts.select_related("customer", "legal_entity").in_bulk()
    ready = _ready_by_row([row for one in due for row in one.schedules])
    return list(_expectations(due, loaded, ready))


def _expectations(
    due: Sequence[Due],
    loaded: dict[int, ProjectContract],
    ready: dict[int, tuple[int, Decimal]],
) -> Iterator[Expected]:
    for one in due:
        contract = loaded[one.contract.pk]
        entries = [ready.get(row.pk, (0, ZERO)) for row in one.schedules]
        yield Expected(
            contract=contract,
            run_date=one.run_date,
            # Milestones alone have no schedule row, hence no cut-off: the run date stands for it.
            cut_off=max([one.run_date if not one.schedules else date.min, *_cut_offs(one)]),
            lines=len(one.schedules),
            entries=sum(count for count, _amount in entries),
            milestones=len(one.shares),
            amount=sum((amount for _count, amount in entries), ZERO)
            + sum((share.amount for share in one.shares), ZERO),
            reasons=tuple(reasons_against([contract], one.run_date)),
        )


def _cut_offs(due: Due) -> list[date]:
    return [row.cut_off_date for row in due.schedules]


def _ready_by_row(rows: Sequence[InvoiceSchedule]) -> dict[int, tuple[int, Decimal]]:
    """Count and amount that each schedule row would take; an earlier row of the line takes its part first."""
    # One statement for all rows: each row's own cut-off is compared in the database.
    up_to = Q(transaction_date__lte=F("contract_line__schedule__cut_off_date"))
    sums = (
        BacklogItem.objects.ready()
        .filter(up_to, contract_line__schedule__in=rows)
        .order_by()
        .values_list("contract_line__schedule")
        .annotate(count=Count("pk"), amount=Sum("amount"))
    )
    through = {row: (count, amount) for row, count, amount in sums}
    # A line that missed a day is due twice; the earlier row takes what is dated up to its cut-off.
    taken: dict[int, tuple[int, Decimal]] = defaultdict(lambda: (0, ZERO))
    own = {}
    for row in sorted(rows, key=lambda row: (row.run_date, row.pk)):
        count, amount = through.get(row.pk, (0, ZERO))
        before_count, before_amount = taken[row.contract_line_id]
        own[row.pk] = (count - before_count, amount - before_amount)
        taken[row.contract_line_id] = (count, amount)
    return own

"""What is due for a job by a date, contract by contract (B6, decision 10)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar, cast

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from billing.models import (
    BatchJob,
    BatchOutcome,
    BatchRun,
    InvoiceSchedule,
    MilestoneShare,
    Proforma,
    Retainer,
)
from core.templatetags.display import day
from projects.models import BacklogItem, ProjectContract
from projects.querysets import BacklogQuerySet
from projects.states import ContractStatus

INVOICED_OR_SAID_WHY = (ContractStatus.CONFIRMED, ContractStatus.ON_HOLD)
"""What is on hold is due too, so that the run says why it gets nothing."""
DUE_ROW = ("schedule", "milestone_share", "retainer")
Row = TypeVar("Row", bound=Model)
DueKey = tuple[int | None, int | None, int | None]
"""Which due row an outcome is about: one of the three is set."""


@dataclass
class Due:
    """What is due for one contract on one run date."""

    contract: ProjectContract
    run_date: date
    schedules: list[InvoiceSchedule] = field(default_factory=list)
    shares: list[MilestoneShare] = field(default_factory=list)
    retainers: list[Retainer] = field(default_factory=list)

    @property
    def cut_offs(self) -> dict[int, date]:
        """Up to which day work is taken, by contract line."""
        return {row.contract_line_id: row.cut_off_date for row in self.schedules}

    @property
    def rows(self) -> int:
        """How many due rows it is, each of which gets an outcome."""
        return len(self.schedules) + len(self.shares) + len(self.retainers)


def due_for(job: BatchJob, business_date: date) -> list[Due]:
    """Everything due by a date, missed days included, oldest run date first.

    Three statements, whatever is due; locks nothing, so a run looks again for what is left (decision 10, Q3).
    """
    due_by_key: dict[tuple[date, int], Due] = {}

    def due(contract: ProjectContract, run_date: date) -> Due:
        return due_by_key.setdefault((run_date, contract.pk), Due(contract, run_date))

    rows = InvoiceSchedule.objects.due_on(business_date).filter(
        contract_line__contract__legal_entity=job.legal_entity
    )
    related = "contract_line__contract__legal_entity"
    for row in rows.select_related(related).order_by("run_date", "pk"):
        due(row.contract_line.contract, row.run_date).schedules.append(row)
    # Milestones are due on their own day and need no schedule.
    shares = (
        MilestoneShare.objects.ready()
        .due_through(business_date)
        .filter(
            milestone__contract_line__contract__legal_entity=job.legal_entity,
            milestone__contract_line__contract__status__in=INVOICED_OR_SAID_WHY,
        )
    )
    for share in shares.select_related("milestone__contract_line__contract__legal_entity", "customer"):
        due(share.milestone.contract_line.contract, share.milestone.due_on).shares.append(share)
    # The invoice date of an advance is its run date.
    retainers = (
        Retainer.objects.ready()
        .due_through(business_date)
        .filter(contract__legal_entity=job.legal_entity, contract__status__in=INVOICED_OR_SAID_WHY)
    )
    for retainer in retainers.select_related("contract__legal_entity", "customer"):
        due(retainer.contract, retainer.invoice_on).retainers.append(retainer)
    return [due_by_key[key] for key in sorted(due_by_key)]


def due_of(run: BatchRun) -> list[Due]:
    """What a run still has to settle: due, asked for by the run, and without an outcome of it.

    Five statements, whatever is due; locks nothing.
    """
    settled: set[DueKey] = set(run.outcomes.values_list(*DUE_ROW))
    # A run that tries failed rows again takes these and no others.
    asked: set[DueKey] = set(run.retries.values_list(*DUE_ROW))

    def is_left(key: DueKey) -> bool:
        return key not in settled and (not asked or key in asked)

    left = []
    for due in due_for(cast(BatchJob, run.job), run.business_date):
        due.schedules = [row for row in due.schedules if is_left((row.pk, None, None))]
        due.shares = [share for share in due.shares if is_left((None, share.pk, None))]
        due.retainers = [one for one in due.retainers if is_left((None, None, one.pk))]
        if due.rows:
            left.append(due)
    return left


def still_due_of(outcomes: Sequence[BatchOutcome], day: date) -> list[BatchOutcome]:
    """Those whose due row is due on a day: neither run, drafted nor taken back since; three statements."""
    due: tuple[tuple[str, QuerySet], ...] = (
        ("schedule_id", InvoiceSchedule.objects.due_on(day)),
        ("milestone_share_id", MilestoneShare.objects.ready().due_through(day)),
        ("retainer_id", Retainer.objects.ready().due_through(day)),
    )
    left = {name: set(rows.filter(outcomes__in=outcomes).values_list("pk", flat=True)) for name, rows in due}
    return [one for one in outcomes if any(getattr(one, name) in keys for name, keys in left.items())]


def leave_out_what_is_no_longer_due(due: Due) -> None:
    """Drop rows that were skipped, moved, drafted or taken back since they were read: others settle them.

    One statement for each kind of row there is.
    """
    if due.schedules:
        rows = InvoiceSchedule.objects.due_on(due.run_date).filter(run_date=due.run_date)
        due.schedules = _left(due.schedules, rows)
    if due.shares:
        due.shares = _left(due.shares, MilestoneShare.objects.ready().due_through(due.run_date))
    if due.retainers:
        due.retainers = _left(due.retainers, Retainer.objects.ready().due_through(due.run_date))


def _left(rows: list[Row], still_due: QuerySet) -> list[Row]:
    keys = set(still_due.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [row for row in rows if row.pk in keys]


def ready_up_to_cut_offs(due: Due) -> BacklogQuerySet:
    """The work of the due lines, each up to its own cut-off."""
    up_to = Q(pk__in=[])
    for line_id, cut_off in due.cut_offs.items():
        up_to |= Q(contract_line=line_id, transaction_date__lte=cut_off)
    return BacklogItem.objects.filter(up_to)


def first_open_day(contract: ProjectContract, on: date) -> date:
    """The day itself, or the first one after the closed periods of the contract's legal entity."""
    locked_through = contract.legal_entity.locked_through
    return on if locked_through is None or on > locked_through else locked_through + timedelta(days=1)


def cut_offs_of(proforma: Proforma) -> dict[int, date]:
    """Up to which day a run took the work of each contract line, by the key of the line; one statement.

    Lines of one run date may have cut-offs of their own. Empty for what people drafted (decision 10).
    """
    if proforma.scheduled_for is None:
        return {}
    of_run = Q(outcomes__proforma=proforma) | Q(outcomes__more_proformas=proforma)
    return dict(
        InvoiceSchedule.objects.filter(of_run)
        .order_by()
        .values_list("contract_line", "cut_off_date")
        .distinct()
    )


def cut_off_words(proforma: Proforma) -> dict[int, str]:
    """The same in words, to be put behind other words about the line."""
    words = _(", work up to %(day)s")
    return {line: words % {"day": day(cut_off)} for line, cut_off in cut_offs_of(proforma).items()}

"""The batch of a company: mornings on which it runs, and workers who are killed while it does."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from billing.models import BatchJob, BatchRun, InvoiceFrequency, Proforma
from billing.planning_runs import generate_schedule
from billing.scheduling import request_run, run_batch, start_due_runs
from billing.states import DueOutcome, RunStatus
from projects.models import ContractLine, Project, ProjectContract
from tests.company import Company, rows
from tests.company.rows import NOW, next_number
from tests.company.text import table

MORNING = time(5, 30)
"""In Berlin half past seven in summer and half past six in winter; the job runs at six."""


FIRST_OF_MONTH = {"period": "monthly", "day_of_month": 1}


class Batch:
    """A company whose contract is invoiced by the clock."""

    def __init__(self, company: Company | None = None):
        self.company = company or Company()
        self.job = BatchJob.objects.create(
            name=f"Create invoices {next_number()}",
            legal_entity=self.company.entity,
            runs_at=time(6, 0),
        )

    @classmethod
    def monthly(cls) -> "Batch":
        """A contract with eight ready hours at 200, due on the first of October and of November."""
        made = cls()
        company = made.company
        company.is_managed_by(company.manager)
        company.approved(8)
        company.ready()
        made.schedule(company.line, **FIRST_OF_MONTH)
        return made

    def another_contract(self, *, hours: int = 2) -> ProjectContract:
        """A second contract of the entity, with ready hours and the same schedule."""
        company = self.company
        payer = rows.customer(company.entity)
        deal = rows.contract(company.entity, payer)
        project = Project.objects.create(
            legal_entity=company.entity, number=f"X{next_number()}", name="Other", customer=payer
        )
        line = rows.contract_line(deal, payer, project=project)
        company.approved(hours, project=project)
        company.ready()
        self.schedule(line, **FIRST_OF_MONTH)
        return deal

    def schedule(self, line: ContractLine, **frequency: Any) -> int:
        named = InvoiceFrequency.objects.create(name=f"Frequency {next_number()}", **frequency)
        return generate_schedule(
            line,
            named,
            starts_on=date(2026, 10, 1),
            ends_on=date(2026, 11, 16),
            actor=self.company.manager,
            at=NOW,
        )

    def morning(self, day: date) -> BatchRun | None:
        """The clock strikes: the run of the day is made and worked through, unless there is one."""
        start_due_runs(now=datetime.combine(day, MORNING, UTC))
        for run in BatchRun.objects.filter(job=self.job, business_date=day, status=RunStatus.QUEUED):
            run_batch(run.pk, clock=lambda: datetime.combine(day, MORNING, UTC))
        return BatchRun.objects.filter(job=self.job, business_date=day).order_by("-pk").first()

    def by_hand(self, day: date, clock: Any = None) -> BatchRun:
        run = request_run(self.job, day, actor=self.company.manager, at=datetime.combine(day, MORNING, UTC))
        run_batch(run.pk, clock=clock or (lambda: datetime.combine(day, MORNING, UTC)))
        return BatchRun.objects.get(pk=run.pk)

    def invoiced(self) -> str:
        """Every proforma: its run date, and each line with its amount."""
        return "\n".join(
            f"{draft.scheduled_for} "
            + ", ".join(
                f"{line.name} {line.amount:.2f}" for line in draft.lines.order_by("contract_line__number")
            )
            for draft in Proforma.objects.filter(legal_entity=self.company.entity).order_by("pk")
        )

    def outcomes(self, run: BatchRun) -> list[str]:
        return [
            f"{row.contract} {DueOutcome(row.outcome).name.lower()} {row.message} {row.way_out}".strip()
            for row in run.outcomes.select_related("contract").order_by("pk")
        ]


def october() -> Batch:
    """Prototype for a fixed price, implementation every other Monday, expenses every first Monday."""
    batch = Batch()
    company = batch.company
    ContractLine.objects.filter(pk=company.line.pk).update(name="Implementation", includes_expense=False)
    expenses = rows.contract_line(
        company.contract, company.customer, name="Expenses", project=company.project, includes_time=False
    )
    prototype = company.fixed_price_line(name="Prototype")
    assert batch.schedule(company.line, period="biweekly", weekday=0) == 4
    assert batch.schedule(expenses, period="monthly", weekday=0, occurrence=1) == 2
    company.milestone("5000", line=prototype, due_on=date(2026, 10, 5))
    company.milestone("12000", line=prototype, due_on=date(2026, 11, 3))

    company.sells_expenses_at_cost_plus("10")
    for day, hours in [(2, 8), (4, 1), (5, 4), (16, 8), (29, 2)]:
        company.approved(hours, date=date(2026, 10, day))
    company.approved(1, "expense", price=Decimal(500), date=date(2026, 10, 1))
    company.approved(1, "expense", price=Decimal(100), date=date(2026, 10, 20))
    company.ready()
    return batch


def many_contracts(count: int) -> tuple[Batch, list[ProjectContract]]:
    """Contracts of as many customers, each with eight ready hours and a run every other Monday."""
    batch = Batch()
    company = batch.company
    contracts = []
    for _each in range(count):
        customer = rows.customer(company.entity)
        contract = rows.contract(company.entity, customer)
        project = Project.objects.create(
            legal_entity=company.entity, number=f"M{next_number()}", name="One of many", customer=customer
        )
        line = rows.contract_line(contract, customer, project=project)
        batch.schedule(line, period="biweekly", weekday=0)
        company.approved(8, date=date(2026, 10, 2), project=project)
        contracts.append(contract)
    company.ready()
    return batch, contracts


EXPECTED = table("""
    2026-10-05 Implementation 1800.00, Expenses 550.00, Prototype 5000.00
    2026-10-19 Implementation 2400.00
    2026-11-02 Implementation 400.00, Expenses 110.00
    2026-11-03 Prototype 12000.00
""")


class Killed(BaseException):
    """The worker is gone; nothing in the program may catch this."""


class Dying:
    """A clock that kills the worker who reads it for the `after + 1`th time."""

    def __init__(self, now: datetime, after: int):
        self.now, self.left = now, after

    def __call__(self) -> datetime:
        if not self.left:
            raise Killed
        self.left -= 1
        return self.now

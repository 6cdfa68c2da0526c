"""Rows for every list page: `add_rows(n)` puts n of each kind before one reader who holds every role."""

from datetime import time, timedelta
from typing import Any

from billing.models import BatchJob, BatchOutcome, BatchRun, InvoiceSchedule, NumberSeries
from billing.states import DueOutcome, RunTrigger
from projects.models import ImportBatch, ImportMapping, Resource, Role, TransactionCategory
from projects.roles import TEAM_MEMBER
from tests.company import Company, book_rows, invoicing_rows, journal_rows, rows
from tests.company.rows import CUT_OFF, DAY, NOW


def add_rows(at: Company, reader: Any, count: int) -> None:
    """Add `count` customers, each with everything that some list shows, and own entries of the reader."""
    series = NumberSeries.objects.filter(legal_entity=at.entity).first() or invoicing_rows.number_series(at)
    own, _made = Resource.objects.get_or_create(
        legal_entity=at.entity, code="me", name="Reader", user=reader, role=at.role
    )
    job = BatchJob.objects.create(name=f"Job {rows.next_number()}", legal_entity=at.entity, runs_at=time(6))
    for nth in range(count):
        _import(at, reader)
        ImportMapping.objects.create(legal_entity=at.entity, name=f"Layout {rows.next_number()}")
        at.person(TEAM_MEMBER)
        Role.objects.create(name=f"Role {rows.next_number()}")
        TransactionCategory.objects.create(name=f"Kind {rows.next_number()}", transaction_class="expense")
        Resource.objects.create(legal_entity=at.entity, code=f"s{rows.next_number()}", name="Subcontractor")
        there = at.with_another_customer()
        rows.approval(there)
        rows.uncovered(there)
        rows.price_list(there)
        rows.recall_request(there)
        rows.delegation(reader, at.manager)
        rows.approval_rule(there, "weekend", project=there.project)
        journal_rows.correction(there)
        journal_rows.entry_journal(there)
        journal_rows.cancellation(there)
        rows.entry(at, resource=own, project=there.project)
        cost = {"transaction_class": "expense", "role": None, "status": "draft"}
        rows.entry(at, resource=own, project=there.project, **cost)
        rows.approved_hours(there)
        invoicing_rows.draft_of(there, rows.approved_hours(there))
        invoicing_rows.milestone_share(there)
        invoicing_rows.retainer(there)
        keeping = invoicing_rows.keeping(invoicing_rows.draft_of(there, rows.approved_hours(there)))
        invoicing_rows.confirm(keeping, there)
        posted = invoicing_rows.confirm(invoicing_rows.draft_of(there, rows.approved_hours(there)), there)
        book_rows.post(there, posted, series)
        day = CUT_OFF + timedelta(days=nth)
        row = InvoiceSchedule.objects.create(contract_line=there.line, run_date=day, cut_off_date=DAY)
        run = BatchRun.objects.create(
            job=job,
            business_date=day,
            trigger=RunTrigger.CLOCK,
            requested_by=at.manager,
            requested_at=NOW + timedelta(days=nth),
        )
        BatchOutcome.objects.create(
            run=run,
            schedule=row,
            contract=there.contract,
            outcome=DueOutcome.NOTHING_TO_BILL,
            happened_at=NOW,
        )


def _import(at: Company, reader: Any) -> ImportBatch:
    return ImportBatch.objects.create(
        legal_entity=at.entity,
        source="timesheet",
        file_name=f"hours-{rows.next_number()}.csv",
        file_sha256="0" * 64,
        row_count=1,
        created_count=1,
        known_count=0,
        imported_by=reader,
        imported_at=NOW,
    )

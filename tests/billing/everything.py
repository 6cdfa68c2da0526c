"""A contract with a row of every kind, and what was written while somebody sends forms about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from billing.discounting import Allowance, grant_discount
from billing.models import BatchOutcome, BatchRun, InvoiceLine
from billing.removing import delete_drafts
from billing.states import DueOutcome
from projects.roles import PROJECT_MANAGER
from tests.company import Company, invoicing_rows, only, retainers, rows
from tests.company.batch import Batch
from tests.company.prepaid import APPLICATION_CARE, NOVEMBER, agreed
from tests.company.rows import DAY, NOW


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside has not happened afterwards; verbs may be called inside."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


def contract_of_everything() -> Company:
    """A contract with a row of every kind: drafts, one deleted, one in review, invoices, advances, a run."""
    batch = Batch()
    at = batch.company
    at.is_managed_by(at.person(PROJECT_MANAGER))
    at.billed()
    at.approved(4)
    retainers.invoiced(at, "300")
    retainers.planned(at, "500")
    at.milestone("5000")
    at.milestone("700", is_ready=False)
    batch.schedule(at.line, period="biweekly", weekday=0)
    delete_drafts(only(at.draft()), actor=at.manager, at=NOW)
    at.approved(3)
    draft = at.draft()
    line = InvoiceLine.objects.filter(proforma=draft).first()
    grant_discount(line, Allowance(percent=Decimal(5), reason="Friend"), actor=at.manager, at=NOW)
    at.approved(2)
    at.drafts(on=draft.invoice_date)
    kept = invoicing_rows.keeping(invoicing_rows.draft_of(at, rows.approved_hours(at)))
    invoicing_rows.confirm(kept, at)
    # Last, and of later months: the work above is priced and billed without a block.
    agreed(at, replace(APPLICATION_CARE, first_month=NOVEMBER))
    run = BatchRun.objects.create(
        job=batch.job, business_date=DAY, trigger="clock", requested_by=at.manager, requested_at=NOW
    )
    BatchOutcome.objects.create(
        run=run, contract=at.contract, outcome=DueOutcome.NOTHING_TO_BILL, happened_at=NOW
    )
    return at


class Written:
    """Statements that write something about the work, the contracts or the books."""

    # What is written whoever asks: that a form was sent, and the session of who sent it.
    TECHNICAL = ("_formtoken", "django_session")

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and not any(one in sql for one in self.TECHNICAL):
            self.statements.append(sql)
        return execute(sql, params, many, context)

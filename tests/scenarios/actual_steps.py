"""What happens in the matrix of actuals, step by step, each by the verb that people use (matrix 4.1)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from billing.ending import lose_contracts
from projects.agreements import head_of, terms_of
from projects.cancelling import accept_recalls, cancel_approvals
from projects.contracting import confirm_contracts
from projects.correcting import correct_entries
from projects.correction_plans import NewValues
from projects.journal_cancelling import choose_actuals, confirm_cancellations
from projects.journalling import TypedLine, add_line, confirm_journals, start_journal
from projects.models import (
    Actual,
    Approval,
    CancellationJournal,
    Entry,
    EntryJournal,
    ProjectContract,
    Task,
)
from projects.requesting_recalls import request_recalls
from projects.rerating import rerate_work
from projects.rerating_preview import rerating_of
from projects.states import (
    ApprovalStatus,
    TransactionType,
)
from projects.submitting import recall_entries
from projects.writing_contracts import change_contract
from tests.company import Company, only, rows
from tests.company.rows import DAY, NOW

Step = Callable[[Company], Any]
LATER = date(2026, 3, 20)


def submit(at: Company) -> None:
    at.submitted(8)


def recall(at: Company) -> None:
    recall_entries(Entry.objects.all(), actor=at.worker, at=NOW)


def approve(**terms: Any) -> Step:
    return lambda at: at.approved(8, **terms)


def expense(at: Company) -> None:
    at.sells_expenses_at_cost_plus("10")
    at.approved(1, "expense", price=Decimal(500))


def material(at: Company) -> None:
    at.sells_material_for("75")
    at.approved(5, "material", price=Decimal(50), product="Cable")


def fee(at: Company) -> None:
    at.approved(1, "fee", price=Decimal(500))


def share(at: Company) -> None:
    at.is_shared_by("33.33", "33.33", "33.34")


def leave_the_class_out(at: Company) -> None:
    type(at.line).objects.filter(pk=at.line.pk).update(includes_time=False)


def cancel(at: Company) -> None:
    living = Approval.objects.filter(status=ApprovalStatus.APPROVED)
    cancel_approvals(living, comment="Wrong", actor=at.manager, on=DAY, at=NOW)


def ask_back(at: Company) -> None:
    request_recalls(Entry.objects.all(), reason="Wrong day", actor=at.worker, at=NOW)


def give_back(at: Company) -> None:
    accept_recalls(Approval.objects.all(), actor=at.manager, on=DAY, at=NOW)


def correct(at: Company) -> None:
    values = NewValues(date=date(2026, 3, 3))
    correct_entries(Entry.objects.all(), values, reason="Wrong day", actor=at.accountant, on=DAY, at=NOW)


def type_facts(at: Company) -> None:
    journal = start_journal(at.entity, reason="Opening", actor=at.accountant, at=NOW)
    usual = {"transaction_class": "time", "project": at.project, "date": DAY, "description": "Before"}
    cost = TypedLine(
        type=TransactionType.COST,
        quantity=Decimal(8),
        price=Decimal(100),
        contract_line=at.line,
        **usual,
    )
    add_line(only(journal), cost, actor=at.accountant, at=NOW)
    if at.line.is_time_and_material:
        sales = replace(cost, type=TransactionType.UNBILLED_SALES, price=Decimal(200), customer=at.customer)
        add_line(only(journal), sales, actor=at.accountant, at=NOW)


def confirm_facts(at: Company) -> None:
    confirm_journals(EntryJournal.objects.all(), actor=at.accountant, on=DAY, at=NOW)


def choose_facts(at: Company) -> None:
    choose_actuals(Actual.objects.all(), reason="Typed twice", actor=at.accountant, at=NOW)


def cancel_facts(at: Company) -> None:
    confirm_cancellations(CancellationJournal.objects.all(), actor=at.accountant, on=DAY, at=NOW)


def work_before_the_contract(at: Company) -> None:
    """The project of a contract that nobody has confirmed yet."""
    method = at.line.billing_method
    at.contract = rows.draft_contract(at)
    at.line = at.contract.lines.select_related("project").get()
    type(at.line).objects.filter(pk=at.line.pk).update(billing_method=method)
    at.project = at.line.project


def raise_the_price(at: Company) -> None:
    at.sells_hours_for("210")


def confirm_the_contract(at: Company) -> None:
    confirm_contracts(only(at.contract), actor=at.manager, on=LATER, at=NOW)


def lose_the_contract(at: Company) -> None:
    lose_contracts(ProjectContract.objects.all(), actor=at.manager, on=LATER, at=NOW)


def limit_to_a_task(at: Company) -> None:
    at.line.tasks.add(Task.objects.create(project=at.project, code="A", name="A"))


def approve_on_the_task(at: Company) -> None:
    at.approved(8, task=Task.objects.get(code="A"))


def take_the_task_off(at: Company) -> None:
    other = Task.objects.create(project=at.project, code="B", name="B")
    changed = [
        replace(own, tasks=(other,)) if own.name == at.line.name else own for own in terms_of(at.contract)
    ]
    change_contract(only(at.contract), head_of(at.contract), changed, actor=at.manager, on=LATER, at=NOW)


def leave_the_project_out(at: Company) -> None:
    type(at.line).objects.filter(pk=at.line.pk).update(project=None)


def join_the_project(at: Company) -> None:
    changed = [
        replace(own, project=at.project) if own.project is None else own for own in terms_of(at.contract)
    ]
    change_contract(only(at.contract), head_of(at.contract), changed, actor=at.manager, on=LATER, at=NOW)


def rate_again(at: Company) -> None:
    living = Approval.objects.filter(status=ApprovalStatus.APPROVED)
    shown = rerating_of(living, prices=None)
    rerate_work(living, reason="Raised", expected=shown.digest, actor=at.accountant, on=LATER, at=NOW)

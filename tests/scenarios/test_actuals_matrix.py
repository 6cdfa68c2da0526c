"""The matrix of actuals, row by row with its numbers: an hour costs 100 and sells for 200 (matrix 4.1).

Each row says what happens, step by step, and all actuals that stand afterwards: type, billing type, sign,
quantity, amount, billing status and adjustment status, by time and material and at a fixed price. After each
step the books prove themselves: nothing is lost, nothing is doubled, and every reversal is exact.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.ending import lose_contracts
from core.refusals import Refused
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
    BillingType,
    TransactionType,
)
from projects.submitting import recall_entries
from projects.writing_contracts import change_contract
from tests.company import Company, only, rows
from tests.company.checking import assert_proven
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

Step = Callable[[Company], Any]
LATER = date(2026, 3, 20)


@dataclass(frozen=True)
class Row:
    """One row of the matrix: its steps, and what stands afterwards on either kind of line."""

    code: str
    steps: list[Step]
    hours: str
    fixed: str


# --- What happens -------------------------------------------------------------------------------------


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


# --- What stands afterwards ---------------------------------------------------------------------------

COST = "cost chargeable +8 +800.00 - -"
SOLD = table("""
    cost      chargeable  +8   +800.00  -          -
    unbilled  chargeable  +8  +1600.00  not_ready  -
""")
COST_TAKEN_BACK = table("""
    cost  chargeable  +8  +800.00  cancelled  adjusted
    cost  chargeable  -8  -800.00  cancelled  unadjustable
""")
SOLD_TAKEN_BACK = table("""
    cost      chargeable  +8   +800.00  cancelled  adjusted
    unbilled  chargeable  +8  +1600.00  cancelled  adjusted
    cost      chargeable  -8   -800.00  cancelled  unadjustable
    unbilled  chargeable  -8  -1600.00  cancelled  unadjustable
""")
SOLD_FOR_210 = SOLD.replace("1600", "1680")

MATRIX = [
    Row("#1", [submit, recall], "", ""),
    Row("#2", [approve()], SOLD, COST),
    Row(
        "#3",
        [approve(billable=6)],
        table("""
            cost      chargeable      +8   +800.00  -          -
            unbilled  chargeable      +6  +1200.00  not_ready  -
            unbilled  non-chargeable  +2   +400.00  not_ready  -
        """),
        COST,
    ),
    Row(
        "#4",
        [approve(billable=10)],
        table("""
            cost      chargeable   +8   +800.00  -          -
            unbilled  chargeable  +10  +2000.00  not_ready  -
        """),
        COST,
    ),
    Row(
        "#4b",
        [approve(billing_type=BillingType.COMPLIMENTARY)],
        table("""
            cost      complimentary  +8   +800.00  -          -
            unbilled  complimentary  +8  +1600.00  not_ready  -
        """),
        "cost complimentary +8 +800.00 - -",
    ),
    Row(
        "#4c",
        [leave_the_class_out, approve()],
        "cost not-available +8 +800.00 - -",
        "cost not-available +8 +800.00 - -",
    ),
    Row("#5", [approve(), cancel], SOLD_TAKEN_BACK, COST_TAKEN_BACK),
    Row("#5, asked back", [approve(), ask_back, give_back], SOLD_TAKEN_BACK, COST_TAKEN_BACK),
    Row(
        "#6",
        [expense],
        table("""
            cost      chargeable  +1  +500.00  -          -
            unbilled  chargeable  +1  +550.00  not_ready  -
        """),
        "cost chargeable +1 +500.00 - -",
    ),
    Row(
        "#7",
        [material],
        table("""
            cost      chargeable  +5  +250.00  -          -
            unbilled  chargeable  +5  +375.00  not_ready  -
        """),
        "cost chargeable +5 +250.00 - -",
    ),
    Row(
        "#8",
        [share, approve()],
        table("""
            cost      chargeable  +2.6664  +266.64  -          -
            unbilled  chargeable  +2.6664  +533.28  not_ready  -
            cost      chargeable  +2.6664  +266.64  -          -
            unbilled  chargeable  +2.6664  +533.28  not_ready  -
            cost      chargeable  +2.6672  +266.72  -          -
            unbilled  chargeable  +2.6672  +533.44  not_ready  -
        """),
        COST,
    ),
    Row(
        "#10",
        [approve(), correct],
        f"{SOLD_TAKEN_BACK}\n{SOLD}",
        f"{COST_TAKEN_BACK}\n{COST}",
    ),
    Row(
        "#11",
        [type_facts, confirm_facts],
        table("""
            cost      chargeable  +8   +800.00  -          -
            unbilled  chargeable  +8  +1600.00  not_ready  -
        """),
        COST,
    ),
    Row(
        "#11b, chosen",
        [type_facts, confirm_facts, choose_facts],
        table("""
            cost      chargeable  +8   +800.00  -          in_process
            unbilled  chargeable  +8  +1600.00  not_ready  in_process
        """),
        "cost chargeable +8 +800.00 - in_process",
    ),
    Row(
        "#11b",
        [type_facts, confirm_facts, choose_facts, cancel_facts],
        SOLD_TAKEN_BACK,
        COST_TAKEN_BACK,
    ),
    Row("#12", [fee], "unbilled chargeable +1 +500.00 not_ready -", "fee-not-billable"),
    Row(
        "#13",
        [work_before_the_contract, approve(), raise_the_price, confirm_the_contract],
        f"{SOLD_TAKEN_BACK}\n{SOLD_FOR_210}",
        f"{COST_TAKEN_BACK}\n{COST}",
    ),
    Row(
        "#14",
        [approve(), lose_the_contract],
        table("""
            cost      chargeable  +8   +800.00  -          -
            unbilled  chargeable  +8  +1600.00  cancelled  adjusted
            unbilled  chargeable  -8  -1600.00  cancelled  unadjustable
        """),
        COST,
    ),
    Row(
        "#15",
        [limit_to_a_task, approve_on_the_task, take_the_task_off],
        f"{SOLD_TAKEN_BACK}\ncost not-available +8 +800.00 - -",
        f"{COST_TAKEN_BACK}\ncost not-available +8 +800.00 - -",
    ),
    Row(
        "#16",
        [leave_the_project_out, approve(), join_the_project],
        f"{COST_TAKEN_BACK}\n{SOLD}".replace("chargeable", "not-available", 2),
        f"{COST_TAKEN_BACK}\n{COST}".replace("chargeable", "not-available", 2),
    ),
    Row("B11", [approve(), raise_the_price, rate_again], f"{SOLD_TAKEN_BACK}\n{SOLD_FOR_210}", COST),
]

each_row = pytest.mark.parametrize("row", MATRIX, ids=[row.code for row in MATRIX])


def walk(company: Company, steps: list[Step]) -> str:
    """Take the steps; after each the books prove themselves. Says what stands, or why it was refused."""
    for step in steps:
        try:
            step(company)
        except Refused as refused:
            return ", ".join(refused.codes)
        assert_proven()
    return company.statuses()


@each_row
def test_by_time_and_material(row: Row) -> None:
    assert walk(Company(), row.steps) == row.hours


@each_row
def test_at_a_fixed_price(row: Row) -> None:
    company = Company()
    company.works_at_a_fixed_price()
    if row.code == "B11":
        # Work whose price changes nothing is left out of the rating, and nothing else was asked for.
        assert walk(company, row.steps) == "nothing-to-rate"
        assert company.statuses() == row.fixed
        return
    assert walk(company, row.steps) == row.fixed

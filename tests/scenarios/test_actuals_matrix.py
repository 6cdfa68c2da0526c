"""The matrix of actuals, row by row with its numbers: an hour costs 100 and sells for 200 (matrix 4.1).

Each row says what happens, step by step, and all actuals that stand afterwards: type, billing type, sign,
quantity, amount, billing status and adjustment status, by time and material and at a fixed price. After each
step the books prove themselves: nothing is lost, nothing is doubled, and every reversal is exact.
"""

from dataclasses import dataclass

import pytest

from core.refusals import Refused
from projects.states import (
    BillingType,
)
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.text import table
from tests.scenarios.actual_steps import (
    Step,
    approve,
    approve_on_the_task,
    ask_back,
    cancel,
    cancel_facts,
    choose_facts,
    confirm_facts,
    confirm_the_contract,
    correct,
    expense,
    fee,
    give_back,
    join_the_project,
    leave_the_class_out,
    leave_the_project_out,
    limit_to_a_task,
    lose_the_contract,
    material,
    raise_the_price,
    rate_again,
    recall,
    share,
    submit,
    take_the_task_off,
    type_facts,
    work_before_the_contract,
)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Row:
    """One row of the matrix: its steps, and what stands afterwards on either kind of line."""

    code: str
    steps: list[Step]
    hours: str
    fixed: str


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

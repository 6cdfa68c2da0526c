"""The matrix of corrections, row by row with its numbers (R1 to R9), read like that of confirmations."""

import pytest

from projects.states import BillingType
from tests.company.text import table
from tests.scenarios.matrix_steps import (
    Row,
    confirm,
    correct_to,
    draft,
    edit,
    expense,
    fee,
    material,
    milestone,
    walk,
    work,
)

pytestmark = pytest.mark.django_db

MATRIX = [
    Row(
        "R1 in full",
        [work(), draft, confirm, correct_to(quantity="0"), confirm],
        "-1600",
        table("""
            cost      chargeable  +8   +800.00  -          -
            unbilled  chargeable  +8  +1600.00  posted     -
            unbilled  chargeable  -8  -1600.00  posted     unadjustable
            billed    chargeable  +8  +1600.00  posted     adjusted
            unbilled  chargeable  +8  +1600.00  not_ready  -
            billed    chargeable  -8  -1600.00  posted     unadjustable
        """),
        table("""
            2026-03-02 chargeable +8 +1600.00 not_ready
        """),
    ),
    Row(
        "R2 8 h to 6 h",
        [work(), draft, confirm, correct_to(quantity="6"), confirm],
        "-400",
        table("""
            cost      chargeable  +8   +800.00  -          -
            unbilled  chargeable  +8  +1600.00  posted     -
            unbilled  chargeable  -8  -1600.00  posted     unadjustable
            billed    chargeable  +8  +1600.00  posted     adjusted
            unbilled  chargeable  +6  +1200.00  posted     -
            unbilled  chargeable  +2   +400.00  not_ready  -
            unbilled  chargeable  -6  -1200.00  posted     unadjustable
            billed    chargeable  +6  +1200.00  posted     -
            billed    chargeable  -8  -1600.00  posted     unadjustable
        """),
        table("""
            2026-03-02 chargeable +2 +400.00 not_ready
        """),
    ),
    Row(
        "4.6 a, the 2 h are billed after all",
        [work(), draft, confirm, correct_to(quantity="6"), confirm, draft, confirm],
        "400",
        table("""
            cost      chargeable  +8   +800.00  -       -
            unbilled  chargeable  +8  +1600.00  posted  -
            unbilled  chargeable  -8  -1600.00  posted  unadjustable
            billed    chargeable  +8  +1600.00  posted  adjusted
            unbilled  chargeable  +6  +1200.00  posted  -
            unbilled  chargeable  +2   +400.00  posted  -
            unbilled  chargeable  -6  -1200.00  posted  unadjustable
            billed    chargeable  +6  +1200.00  posted  -
            billed    chargeable  -8  -1600.00  posted  unadjustable
            unbilled  chargeable  -2   -400.00  posted  unadjustable
            billed    chargeable  +2   +400.00  posted  -
        """),
    ),
    Row(
        "4.6 b, the 2 h are given away",
        [
            work(),
            draft,
            confirm,
            correct_to(quantity="6"),
            confirm,
            draft,
            edit(billing_type=BillingType.NON_CHARGEABLE),
            confirm,
        ],
        "0",
        table("""
            cost      chargeable      +8   +800.00  -          -
            unbilled  chargeable      +8  +1600.00  posted     -
            unbilled  chargeable      -8  -1600.00  posted     unadjustable
            billed    chargeable      +8  +1600.00  posted     adjusted
            unbilled  chargeable      +6  +1200.00  posted     -
            unbilled  chargeable      +2   +400.00  cancelled  adjusted
            unbilled  chargeable      -6  -1200.00  posted     unadjustable
            billed    chargeable      +6  +1200.00  posted     -
            billed    chargeable      -8  -1600.00  posted     unadjustable
            unbilled  non-chargeable  +2   +400.00  posted     -
            unbilled  chargeable      -2   -400.00  cancelled  unadjustable
            unbilled  non-chargeable  -2   -400.00  posted     unadjustable
            billed    non-chargeable  +2   +400.00  posted     -
        """),
    ),
    Row(
        "R3 8 h to 10 h",
        [work(), draft, confirm, correct_to(quantity="10"), confirm],
        "400",
        table("""
            cost      chargeable   +8   +800.00  -       -
            unbilled  chargeable   +8  +1600.00  posted  -
            unbilled  chargeable   -8  -1600.00  posted  unadjustable
            billed    chargeable   +8  +1600.00  posted  adjusted
            unbilled  chargeable  +10  +2000.00  posted  -
            unbilled  chargeable  -10  -2000.00  posted  unadjustable
            billed    chargeable  +10  +2000.00  posted  -
            billed    chargeable   -8  -1600.00  posted  unadjustable
        """),
    ),
    Row(
        "R4 200 to 180",
        [work(), draft, confirm, correct_to(price="180"), confirm],
        "-160",
        table("""
            cost      chargeable  +8   +800.00  -       -
            unbilled  chargeable  +8  +1600.00  posted  -
            unbilled  chargeable  -8  -1600.00  posted  unadjustable
            billed    chargeable  +8  +1600.00  posted  adjusted
            unbilled  chargeable  +8  +1440.00  posted  -
            unbilled  chargeable  -8  -1440.00  posted  unadjustable
            billed    chargeable  +8  +1440.00  posted  -
            billed    chargeable  -8  -1600.00  posted  unadjustable
        """),
    ),
    Row(
        "R5 expense in full",
        [expense, draft, confirm, correct_to(quantity="0"), confirm],
        "-550",
        table("""
            cost      chargeable  +1  +500.00  -          -
            unbilled  chargeable  +1  +550.00  posted     -
            unbilled  chargeable  -1  -550.00  posted     unadjustable
            billed    chargeable  +1  +550.00  posted     adjusted
            unbilled  chargeable  +1  +550.00  not_ready  -
            billed    chargeable  -1  -550.00  posted     unadjustable
        """),
        table("""
            2026-03-02 chargeable +1 +550.00 not_ready
        """),
    ),
    Row(
        "R5 material 5 to 3",
        [material, draft, confirm, correct_to(quantity="3"), confirm],
        "-150",
        table("""
            cost      chargeable  +5  +250.00  -          -
            unbilled  chargeable  +5  +375.00  posted     -
            unbilled  chargeable  -5  -375.00  posted     unadjustable
            billed    chargeable  +5  +375.00  posted     adjusted
            unbilled  chargeable  +3  +225.00  posted     -
            unbilled  chargeable  +2  +150.00  not_ready  -
            unbilled  chargeable  -3  -225.00  posted     unadjustable
            billed    chargeable  +3  +225.00  posted     -
            billed    chargeable  -5  -375.00  posted     unadjustable
        """),
        table("""
            2026-03-02 chargeable +2 +150.00 not_ready
        """),
    ),
    Row(
        "R5 material 5 to 6",
        [material, draft, confirm, correct_to(quantity="6"), confirm],
        "75",
        table("""
            cost      chargeable  +5  +250.00  -       -
            unbilled  chargeable  +5  +375.00  posted  -
            unbilled  chargeable  -5  -375.00  posted  unadjustable
            billed    chargeable  +5  +375.00  posted  adjusted
            unbilled  chargeable  +6  +450.00  posted  -
            unbilled  chargeable  -6  -450.00  posted  unadjustable
            billed    chargeable  +6  +450.00  posted  -
            billed    chargeable  -5  -375.00  posted  unadjustable
        """),
    ),
    Row(
        "R6 fee in full",
        [fee, draft, confirm, correct_to(amount="0"), confirm],
        "-500",
        table("""
            unbilled  chargeable  +1  +500.00  posted     -
            unbilled  chargeable  -1  -500.00  posted     unadjustable
            billed    chargeable  +1  +500.00  posted     adjusted
            unbilled  chargeable  +1  +500.00  not_ready  -
            billed    chargeable  -1  -500.00  posted     unadjustable
        """),
        table("""
            2026-03-02 chargeable +1 +500.00 not_ready
        """),
    ),
    Row(
        "R7 fee of 500 to 300",
        [fee, draft, confirm, correct_to(amount="300"), confirm],
        "-200",
        table("""
            unbilled  chargeable    +1  +500.00  posted     -
            unbilled  chargeable    -1  -500.00  posted     unadjustable
            billed    chargeable    +1  +500.00  posted     adjusted
            unbilled  chargeable  +0.6  +300.00  posted     -
            unbilled  chargeable  +0.4  +200.00  not_ready  -
            unbilled  chargeable  -0.6  -300.00  posted     unadjustable
            billed    chargeable  +0.6  +300.00  posted     -
            billed    chargeable    -1  -500.00  posted     unadjustable
        """),
        table("""
            2026-03-02 chargeable +0.4 +200.00 not_ready
        """),
    ),
    Row(
        "R8 milestone in full",
        [milestone, draft, confirm, correct_to(amount="0"), confirm],
        "-5000",
        table("""
            billed  chargeable  +1  +5000.00  posted  adjusted
            billed  chargeable  -1  -5000.00  posted  unadjustable
        """),
        table("""
            milestone +5000.00 ready
        """),
    ),
    Row(
        "R9 milestone of 5,000 to 3,000",
        [milestone, draft, confirm, correct_to(amount="3000"), confirm],
        "-2000",
        table("""
            billed  chargeable    +1  +5000.00  posted  adjusted
            billed  chargeable  +0.6  +3000.00  posted  -
            billed  chargeable    -1  -5000.00  posted  unadjustable
        """),
        table("""
            milestone +2000.00 ready
        """),
    ),
    Row(
        "R2 twice: 8 h to 6 h to 5 h",
        [
            work(),
            draft,
            confirm,
            correct_to(quantity="6"),
            confirm,
            correct_to(quantity="5"),
            confirm,
        ],
        "-200",
        table("""
            cost      chargeable  +8   +800.00  -          -
            unbilled  chargeable  +8  +1600.00  posted     -
            unbilled  chargeable  -8  -1600.00  posted     unadjustable
            billed    chargeable  +8  +1600.00  posted     adjusted
            unbilled  chargeable  +6  +1200.00  posted     -
            unbilled  chargeable  +2   +400.00  not_ready  -
            unbilled  chargeable  -6  -1200.00  posted     unadjustable
            billed    chargeable  +6  +1200.00  posted     adjusted
            billed    chargeable  -8  -1600.00  posted     unadjustable
            unbilled  chargeable  +5  +1000.00  posted     -
            unbilled  chargeable  +1   +200.00  not_ready  -
            unbilled  chargeable  -5  -1000.00  posted     unadjustable
            billed    chargeable  +5  +1000.00  posted     -
            billed    chargeable  -6  -1200.00  posted     unadjustable
        """),
        table("""
            2026-03-02 chargeable +2 +400.00 not_ready
            2026-03-02 chargeable +1 +200.00 not_ready
        """),
    ),
    Row(
        "R1 and billed again",
        [work(), draft, confirm, correct_to(quantity="0"), confirm, draft, confirm],
        "1600",
        table("""
            cost      chargeable  +8   +800.00  -       -
            unbilled  chargeable  +8  +1600.00  posted  -
            unbilled  chargeable  -8  -1600.00  posted  unadjustable
            billed    chargeable  +8  +1600.00  posted  adjusted
            unbilled  chargeable  +8  +1600.00  posted  -
            billed    chargeable  -8  -1600.00  posted  unadjustable
            unbilled  chargeable  -8  -1600.00  posted  unadjustable
            billed    chargeable  +8  +1600.00  posted  -
        """),
    ),
]


@pytest.mark.parametrize("row", MATRIX, ids=[row.code for row in MATRIX])
def test_what_is_corrected(row: Row) -> None:
    walk(row)

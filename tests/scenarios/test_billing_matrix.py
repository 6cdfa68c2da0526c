"""The matrix of confirmations, row by row with its numbers (N1 to N10, N15, N16).

An hour costs 100 and sells for 200, an expense of 500 for 550, five cables of 75 for 375. Each row says what
happens, step by step, what the last proforma asks for, every actual that stands afterwards (type, billing
type, quantity, amount, billing status, adjustment status) and what waits in the backlog. After each step the
books prove themselves: nothing is lost, nothing is doubled, and every reversal is exact.
"""

import pytest

from billing.states import Remainder
from projects.states import BillingType
from tests.company.text import table
from tests.scenarios.matrix_steps import (
    Row,
    by_hand,
    confirm,
    draft,
    edit,
    expense,
    fee,
    fixed_price_line,
    material,
    milestone,
    on_the_fixed_price_line,
    walk,
    work,
)

pytestmark = pytest.mark.django_db

MATRIX = [
    Row(
        "N1 unchanged",
        [work(), draft, confirm],
        "1600",
        table("""
            cost      chargeable  +8   +800.00  -       -
            unbilled  chargeable  +8  +1600.00  posted  -
            unbilled  chargeable  -8  -1600.00  posted  unadjustable
            billed    chargeable  +8  +1600.00  posted  -
        """),
    ),
    Row(
        "N2 8 h to 6 h, written off",
        [work(), draft, edit(quantity="6"), confirm],
        "1200",
        table("""
            cost      chargeable      +8   +800.00  -          -
            unbilled  chargeable      +8  +1600.00  cancelled  adjusted
            unbilled  chargeable      +6  +1200.00  posted     -
            unbilled  non-chargeable  +2   +400.00  posted     -
            unbilled  chargeable      -8  -1600.00  cancelled  unadjustable
            unbilled  chargeable      -6  -1200.00  posted     unadjustable
            unbilled  non-chargeable  -2   -400.00  posted     unadjustable
            billed    chargeable      +6  +1200.00  posted     -
            billed    non-chargeable  +2   +400.00  posted     -
        """),
    ),
    Row(
        "N2 8 h to 6 h, kept",
        [work(), draft, edit(quantity="6", remainder=Remainder.KEEP), confirm],
        "1200",
        table("""
            cost      chargeable  +8   +800.00  -          -
            unbilled  chargeable  +8  +1600.00  cancelled  adjusted
            unbilled  chargeable  +6  +1200.00  posted     -
            unbilled  chargeable  +2   +400.00  not_ready  -
            unbilled  chargeable  -8  -1600.00  cancelled  unadjustable
            unbilled  chargeable  -6  -1200.00  posted     unadjustable
            billed    chargeable  +6  +1200.00  posted     -
        """),
        table("""
            2026-03-02 chargeable +2 +400.00 not_ready
        """),
    ),
    Row(
        "N3 8 h to 10 h",
        [work(), draft, edit(quantity="10"), confirm],
        "2000",
        table("""
            cost      chargeable   +8   +800.00  -          -
            unbilled  chargeable   +8  +1600.00  cancelled  adjusted
            unbilled  chargeable  +10  +2000.00  posted     -
            unbilled  chargeable  -10  -2000.00  posted     unadjustable
            unbilled  chargeable   -8  -1600.00  cancelled  unadjustable
            billed    chargeable  +10  +2000.00  posted     -
        """),
    ),
    Row(
        "N4 non-chargeable",
        [work(), draft, edit(billing_type=BillingType.NON_CHARGEABLE), confirm],
        "0",
        table("""
            cost      chargeable      +8   +800.00  -          -
            unbilled  chargeable      +8  +1600.00  cancelled  adjusted
            unbilled  non-chargeable  +8  +1600.00  posted     -
            unbilled  chargeable      -8  -1600.00  cancelled  unadjustable
            unbilled  non-chargeable  -8  -1600.00  posted     unadjustable
            billed    non-chargeable  +8  +1600.00  posted     -
        """),
    ),
    Row(
        "N4 complimentary",
        [work(), draft, edit(billing_type=BillingType.COMPLIMENTARY), confirm],
        "0",
        table("""
            cost      chargeable     +8   +800.00  -          -
            unbilled  chargeable     +8  +1600.00  cancelled  adjusted
            unbilled  complimentary  +8  +1600.00  posted     -
            unbilled  chargeable     -8  -1600.00  cancelled  unadjustable
            unbilled  complimentary  -8  -1600.00  posted     unadjustable
            billed    complimentary  +8  +1600.00  posted     -
        """),
    ),
    Row(
        "N5 200 to 180",
        [work(), draft, edit(price="180"), confirm],
        "1440",
        table("""
            cost      chargeable  +8   +800.00  -          -
            unbilled  chargeable  +8  +1600.00  cancelled  adjusted
            unbilled  chargeable  +8  +1440.00  posted     -
            unbilled  chargeable  -8  -1600.00  cancelled  unadjustable
            unbilled  chargeable  -8  -1440.00  posted     unadjustable
            billed    chargeable  +8  +1440.00  posted     -
        """),
    ),
    Row(
        "N6 3 h by hand",
        [work(), draft, by_hand(3, 200), confirm],
        "2200",
        table("""
            cost      chargeable  +8   +800.00  -       -
            unbilled  chargeable  +8  +1600.00  posted  -
            unbilled  chargeable  -8  -1600.00  posted  unadjustable
            billed    chargeable  +8  +1600.00  posted  -
            unbilled  chargeable  +3   +600.00  posted  -
            unbilled  chargeable  -3   -600.00  posted  unadjustable
            billed    chargeable  +3   +600.00  posted  -
        """),
    ),
    Row(
        "N7 600 by hand",
        [fixed_price_line, work(), draft, on_the_fixed_price_line("fee", 600), confirm],
        "2200",
        table("""
            cost      chargeable  +8   +800.00  -       -
            unbilled  chargeable  +8  +1600.00  posted  -
            unbilled  chargeable  -8  -1600.00  posted  unadjustable
            billed    chargeable  +8  +1600.00  posted  -
            billed    chargeable  +1   +600.00  posted  -
        """),
    ),
    Row(
        "N8 milestone of 5,000",
        [milestone, draft, confirm],
        "5000",
        table("""
            billed  chargeable  +1  +5000.00  posted  -
        """),
    ),
    Row(
        "N9 fee of 500",
        [fee, draft, confirm],
        "500",
        table("""
            unbilled  chargeable  +1  +500.00  posted  -
            unbilled  chargeable  -1  -500.00  posted  unadjustable
            billed    chargeable  +1  +500.00  posted  -
        """),
    ),
    Row(
        "N10 expense unchanged",
        [expense, draft, confirm],
        "550",
        table("""
            cost      chargeable  +1  +500.00  -       -
            unbilled  chargeable  +1  +550.00  posted  -
            unbilled  chargeable  -1  -550.00  posted  unadjustable
            billed    chargeable  +1  +550.00  posted  -
        """),
    ),
    Row(
        "N10 expense to 440",
        [expense, draft, edit(price="440"), confirm],
        "440",
        table("""
            cost      chargeable  +1  +500.00  -          -
            unbilled  chargeable  +1  +550.00  cancelled  adjusted
            unbilled  chargeable  +1  +440.00  posted     -
            unbilled  chargeable  -1  -550.00  cancelled  unadjustable
            unbilled  chargeable  -1  -440.00  posted     unadjustable
            billed    chargeable  +1  +440.00  posted     -
        """),
    ),
    Row(
        "N10 material 5 to 3",
        [material, draft, edit(quantity="3"), confirm],
        "225",
        table("""
            cost      chargeable      +5  +250.00  -          -
            unbilled  chargeable      +5  +375.00  cancelled  adjusted
            unbilled  chargeable      +3  +225.00  posted     -
            unbilled  non-chargeable  +2  +150.00  posted     -
            unbilled  chargeable      -5  -375.00  cancelled  unadjustable
            unbilled  chargeable      -3  -225.00  posted     unadjustable
            unbilled  non-chargeable  -2  -150.00  posted     unadjustable
            billed    chargeable      +3  +225.00  posted     -
            billed    non-chargeable  +2  +150.00  posted     -
        """),
    ),
    Row(
        "N10 material 5 to 6",
        [material, draft, edit(quantity="6"), confirm],
        "450",
        table("""
            cost      chargeable  +5  +250.00  -          -
            unbilled  chargeable  +5  +375.00  cancelled  adjusted
            unbilled  chargeable  +6  +450.00  posted     -
            unbilled  chargeable  -6  -450.00  posted     unadjustable
            unbilled  chargeable  -5  -375.00  cancelled  unadjustable
            billed    chargeable  +6  +450.00  posted     -
        """),
    ),
    Row(
        "N15 product of 250",
        [fixed_price_line, work(), draft, on_the_fixed_price_line("material", 250), confirm],
        "1850",
        table("""
            cost      chargeable  +8   +800.00  -       -
            unbilled  chargeable  +8  +1600.00  posted  -
            unbilled  chargeable  -8  -1600.00  posted  unadjustable
            billed    chargeable  +8  +1600.00  posted  -
            billed    chargeable  +1   +250.00  posted  -
        """),
    ),
    Row(
        "N16 complimentary from the approval on",
        [work(billing_type=BillingType.COMPLIMENTARY), draft, confirm],
        "0",
        table("""
            cost      complimentary  +8   +800.00  -       -
            unbilled  complimentary  +8  +1600.00  posted  -
            unbilled  complimentary  -8  -1600.00  posted  unadjustable
            billed    complimentary  +8  +1600.00  posted  -
        """),
    ),
    Row(
        "N2 and N3 of one approval: 6 h of 8 h billable, both parts edited",
        [work(billable=6), draft, edit(quantity="7"), confirm],
        "1400",
        table("""
            cost      chargeable      +8   +800.00  -          -
            unbilled  chargeable      +6  +1200.00  cancelled  adjusted
            unbilled  non-chargeable  +2   +400.00  cancelled  adjusted
            unbilled  chargeable      +7  +1400.00  posted     -
            unbilled  non-chargeable  +7  +1400.00  posted     -
            unbilled  chargeable      -7  -1400.00  posted     unadjustable
            unbilled  non-chargeable  -7  -1400.00  posted     unadjustable
            unbilled  chargeable      -6  -1200.00  cancelled  unadjustable
            unbilled  non-chargeable  -2   -400.00  cancelled  unadjustable
            billed    chargeable      +7  +1400.00  posted     -
            billed    non-chargeable  +7  +1400.00  posted     -
        """),
    ),
]


@pytest.mark.parametrize("row", MATRIX, ids=[row.code for row in MATRIX])
def test_what_is_confirmed(row: Row) -> None:
    walk(row)

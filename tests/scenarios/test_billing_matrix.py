"""The matrix of confirmations and corrections, row by row with its numbers (N1 to N10, N15, N16, R1 to R9).

An hour costs 100 and sells for 200, an expense of 500 for 550, five cables of 75 for 375. Each row says what
happens, step by step, what the last proforma asks for, every actual that stands afterwards (type, billing
type, quantity, amount, billing status, adjustment status) and what waits in the backlog. After each step the
books prove themselves: nothing is lost, nothing is doubled, and every reversal is exact.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import MilestoneShare, Proforma
from billing.states import MilestoneStatus, Remainder
from projects.states import BillingType
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.corrections import correct
from tests.company.text import table

pytestmark = pytest.mark.django_db

Step = Callable[[Company], Any]


@dataclass(frozen=True)
class Row:
    """One row of the matrix: its steps, the net amount of the last proforma, and what stands afterwards."""

    code: str
    steps: list[Step]
    net: str
    actuals: str
    backlog: str = ""


# --- What happens -------------------------------------------------------------------------------------


def work(**terms: Any) -> Step:
    return lambda at: at.approved(8, **terms)


def expense(at: Company) -> None:
    at.sells_expenses_at_cost_plus("10")
    at.approved(1, "expense", price=Decimal(500))


def material(at: Company) -> None:
    at.sells_material_for("75")
    at.approved(5, "material", price=Decimal(50), product="Cable")


def fee(at: Company) -> None:
    at.approved(1, "fee", price=Decimal(500))


def milestone(at: Company) -> None:
    at.milestone("5000")


def fixed_price_line(at: Company) -> None:
    at.fixed_price_line()


def draft(at: Company) -> None:
    at.draft()


def opened() -> Proforma:
    """The draft that is open."""
    return Proforma.objects.open().get()


def edit(**changes: Any) -> Step:
    return lambda at: at.edit(opened(), **changes)


def by_hand(hours: int, price: int) -> Step:
    return lambda at: at.add_by_hand(
        opened(), at.line, transaction_class="time", quantity=Decimal(hours), price=Decimal(price)
    )


def on_the_fixed_price_line(transaction_class: str, price: int) -> Step:
    def add(at: Company) -> None:
        line = opened().lines.get(contract_line__billing_method="fixed_price").contract_line
        columns = {"transaction_class": transaction_class, "unit": "pcs", "price": Decimal(price)}
        at.add_by_hand(opened(), line, **columns)

    return add


def confirm(at: Company) -> None:
    at.confirm(opened())


def correct_to(**remaining: str) -> Step:
    """Draft the correction of the one row that was billed first, and that may have been corrected since."""

    def start(at: Company) -> None:
        (billed,) = billed_rows(Proforma.objects.earliest("pk"))
        correct(at, BilledCorrection(billed, **{name: Decimal(of) for name, of in remaining.items()}))

    return start


# --- What stands afterwards ---------------------------------------------------------------------------

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

each_row = pytest.mark.parametrize("row", MATRIX, ids=[row.code for row in MATRIX])


def waiting(company: Company) -> str:
    """What can be billed next: the backlog, and what is open of milestones."""
    shares = MilestoneShare.objects.exclude(status=MilestoneStatus.POSTED)
    of_milestones = [f"milestone {share.open_amount:+.2f} {share.status}" for share in shares]
    return "\n".join(filter(None, [company.backlog(), *of_milestones]))


@each_row
def test_what_is_confirmed_and_corrected(row: Row) -> None:
    company = Company()
    for step in row.steps:
        step(company)
        assert_proven()
    last = Proforma.objects.latest("pk")
    assert (last.net_amount, last.tax_amount) == (Decimal(row.net), Decimal(row.net) / 5)
    assert company.statuses() == row.actuals
    assert waiting(company) == row.backlog

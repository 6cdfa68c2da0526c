"""Correcting what was confirmed, row by row (R1 to R9; decision 7): the ledger after each step."""

from decimal import Decimal

import pytest

from billing.correction_rows import BilledCorrection
from billing.models import MilestoneShare
from billing.states import MilestoneStatus
from projects.models import Adjustment
from projects.states import BillingType
from tests.company import Company, details_of
from tests.company.corrections import billed_row, correct, corrected
from tests.company.text import table

pytestmark = pytest.mark.django_db


def invoiced(company, hours=8):
    company.approved(hours)
    (confirmed,) = company.confirm(company.draft())
    return confirmed


BILLED = """
    cost      chargeable  +8   +800.00
    unbilled  chargeable  +8  +1600.00  invoiced
    unbilled  chargeable  -8  -1600.00  mirror
    billed    chargeable  +8  +1600.00  adjusted
    """


def test_drafting_a_correction_writes_no_actuals_and_shows_both_sides():
    company = Company()
    first = invoiced(company)
    before = company.actuals()
    draft = correct(company, BilledCorrection(billed_row(first), quantity=Decimal(6)))
    assert company.actuals() == before
    assert [
        (detail.quantity, detail.price, detail.amount, detail.billing_type) for detail in details_of(draft)
    ] == [(-8, 200, -1600, BillingType.CHARGEABLE), (6, 200, 1200, BillingType.CHARGEABLE)]
    assert (draft.net_amount, draft.tax_amount, draft.gross_amount) == (-400, -80, -480)


def test_r1_full_credit_opens_the_work_again():
    company = Company()
    credit = corrected(company, invoiced(company), quantity="0")
    assert (credit.net_amount, credit.tax_amount, credit.gross_amount) == (-1600, -320, -1920)
    assert company.actuals() == table(
        BILLED
        + """unbilled  chargeable  +8  +1600.00  not_ready
    billed    chargeable  -8  -1600.00  mirror
    """
    )
    assert company.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"
    assert not Adjustment.objects.exists()


def test_r1_credited_in_full_and_billed_again_is_the_same_invoice():
    company = Company()
    first = invoiced(company)
    corrected(company, first, quantity="0")
    (second,) = company.confirm(company.draft())
    assert (second.net_amount, second.tax_amount) == (first.net_amount, first.tax_amount) == (1600, 320)
    assert company.backlog() == ""


def test_r2_eight_hours_to_six():
    company = Company()
    credit = corrected(company, invoiced(company), quantity="6")
    assert credit.net_amount == -400
    assert company.actuals() == table(
        BILLED
        + """unbilled  chargeable  +6  +1200.00  invoiced
    unbilled  chargeable  +2   +400.00  not_ready
    unbilled  chargeable  -6  -1200.00  mirror
    billed    chargeable  +6  +1200.00
    billed    chargeable  -8  -1600.00  mirror
    """
    )
    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"
    assert not Adjustment.objects.exists()


def test_r2_the_two_hours_are_billed_after_all():
    company = Company()
    corrected(company, invoiced(company), quantity="6")
    (second,) = company.confirm(company.draft())
    assert second.net_amount == 400
    assert company.backlog() == ""


def test_r2_the_two_hours_are_given_away():
    company = Company()
    corrected(company, invoiced(company), quantity="6")
    draft = company.draft()
    company.edit(draft, billing_type=BillingType.NON_CHARGEABLE)
    (second,) = company.confirm(draft)
    assert (second.net_amount, company.backlog()) == (0, "")


def test_r3_eight_hours_to_ten():
    company = Company()
    debit = corrected(company, invoiced(company), quantity="10")
    assert debit.net_amount == 400
    assert company.actuals() == table(
        BILLED
        + """unbilled  chargeable  +10  +2000.00  invoiced
    unbilled  chargeable  -10  -2000.00  mirror
    billed    chargeable  +10  +2000.00
    billed    chargeable   -8  -1600.00  mirror
    """
    )
    adjustment = Adjustment.objects.get()
    assert (adjustment.quantity, adjustment.amount) == (2, 400)


def test_r4_a_lower_price_leaves_no_rest():
    company = Company()
    credit = corrected(company, invoiced(company), price="180")
    assert credit.net_amount == -160
    assert company.actuals() == table(
        BILLED
        + """unbilled  chargeable  +8  +1440.00  invoiced
    unbilled  chargeable  -8  -1440.00  mirror
    billed    chargeable  +8  +1440.00
    billed    chargeable  -8  -1600.00  mirror
    """
    )
    assert company.backlog() == ""
    adjustment = Adjustment.objects.get()
    assert (adjustment.quantity, adjustment.amount) == (0, -160)


@pytest.mark.parametrize(
    ("kind", "quantity", "remaining", "credited", "rest"),
    [
        ("expense", 4, "0", "-400", "+4 +400.00"),
        ("expense", 4, "1", "-300", "+3 +300.00"),
        ("material", 4, "1", "-300", "+3 +300.00"),
    ],
)
def test_r5_expenses_and_material(kind, quantity, remaining, credited, rest):
    company = Company()
    company.sells_expenses_at_cost_plus("0")
    company.sells_material_for("100")
    company.approved(
        quantity, kind, **({"price": Decimal(100)} if kind == "expense" else {"product": "Cable"})
    )
    (first,) = company.confirm(company.draft())
    assert first.net_amount == 400
    credit = corrected(company, first, quantity=remaining)
    assert credit.net_amount == Decimal(credited)
    assert company.backlog() == f"2026-03-02 chargeable {rest} not_ready"


def a_fee(company):
    company.approved(1, "fee", price=Decimal(500))
    (first,) = company.confirm(company.draft())
    return first


def test_r6_a_fee_in_full():
    company = Company()
    credit = corrected(company, a_fee(company), amount="0")
    assert credit.net_amount == -500
    assert company.backlog() == "2026-03-02 chargeable +1 +500.00 not_ready"


def test_r7_a_fee_of_500_to_300():
    company = Company()
    credit = corrected(company, a_fee(company), amount="300")
    assert credit.net_amount == -200
    assert company.actuals() == table("""
        unbilled  chargeable  +1    +500.00  invoiced
        unbilled  chargeable  -1    -500.00  mirror
        billed    chargeable  +1    +500.00  adjusted
        unbilled  chargeable  +0.6  +300.00  invoiced
        unbilled  chargeable  +0.4  +200.00  not_ready
        unbilled  chargeable  -0.6  -300.00  mirror
        billed    chargeable  +0.6  +300.00
        billed    chargeable  -1    -500.00  mirror
    """)
    assert company.backlog() == "2026-03-02 chargeable +0.4 +200.00 not_ready"


def a_milestone(company, amount="5000"):
    company.milestone(amount)
    (first,) = company.confirm(company.draft())
    return first


def share_of():
    share = MilestoneShare.objects.get()
    return share.status, share.billed_amount, share.open_amount


def test_r8_a_milestone_in_full_is_ready_again_and_billed_again():
    company = Company()
    first = a_milestone(company)
    assert share_of() == (MilestoneStatus.POSTED, 5000, 0)
    credit = corrected(company, first, amount="0")
    assert credit.net_amount == -5000
    assert company.actuals() == table("""
        billed  chargeable  +1  +5000.00  adjusted
        billed  chargeable  -1  -5000.00  mirror
    """)
    assert share_of() == (MilestoneStatus.READY, 0, 5000)
    (again,) = company.confirm(company.draft())
    assert again.net_amount == 5000
    assert share_of() == (MilestoneStatus.POSTED, 5000, 0)


def test_r9_a_milestone_in_part_opens_the_rest():
    company = Company()
    credit = corrected(company, a_milestone(company), amount="3000")
    assert credit.net_amount == -2000
    assert company.actuals() == table("""
        billed  chargeable  +1    +5000.00  adjusted
        billed  chargeable  +0.6  +3000.00
        billed  chargeable  -1    -5000.00  mirror
    """)
    assert share_of() == (MilestoneStatus.READY, 3000, 2000)
    (rest,) = company.confirm(company.draft())
    assert rest.net_amount == 2000
    assert share_of() == (MilestoneStatus.POSTED, 5000, 0)

"""Confirming a proforma, row by row (N1 to N10, N16; decisions 2 to 5)."""

from decimal import Decimal

import pytest

from billing.models import MilestoneShare, Proforma
from billing.removing import remove_details
from billing.states import MilestoneStatus, ProformaStatus, Remainder
from projects.models import Adjustment, BacklogItem, WorkItem
from projects.states import BillingType, TransactionClass
from tests.company import Company, details_of
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


def test_drafting_and_editing_write_no_actuals():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.edit(draft, quantity="6", price="150", billing_type=BillingType.COMPLIMENTARY)
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  on_draft
    """)


def test_n1_unchanged():
    company = Company()
    company.approved(8)
    draft = company.draft()
    assert (draft.net_amount, draft.tax_amount, draft.gross_amount) == (1600, 320, 1920)

    company.confirm(draft)
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  invoiced
        unbilled  chargeable  -8  -1600.00  mirror
        billed    chargeable  +8  +1600.00
    """)
    assert company.backlog() == ""
    confirmed = Proforma.objects.get()
    assert confirmed.status == ProformaStatus.CONFIRMED
    assert (confirmed.net_amount, confirmed.tax_amount, confirmed.gross_amount) == (1600, 320, 1920)
    assert (confirmed.confirmed_by, confirmed.confirmed_at) == (company.manager, NOW)


def test_n2_reduced_and_written_off():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.edit(draft, quantity="6")
    (confirmed,) = company.confirm(draft)
    assert confirmed.net_amount == 1200
    assert company.actuals() == table("""
        cost      chargeable      +8   +800.00
        unbilled  chargeable      +8  +1600.00  adjusted
        unbilled  chargeable      +6  +1200.00  invoiced
        unbilled  non-chargeable  +2   +400.00  invoiced
        unbilled  chargeable      -8  -1600.00  mirror
        unbilled  chargeable      -6  -1200.00  mirror
        unbilled  non-chargeable  -2   -400.00  mirror
        billed    chargeable      +6  +1200.00
        billed    non-chargeable  +2   +400.00
    """)
    assert company.backlog() == ""
    assert not Adjustment.objects.exists()


def test_n2_reduced_and_kept_in_the_backlog_then_billed_after_all():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.edit(draft, quantity="6", remainder=Remainder.KEEP)
    (first,) = company.confirm(draft)
    assert first.net_amount == 1200
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  adjusted
        unbilled  chargeable  +6  +1200.00  invoiced
        unbilled  chargeable  +2   +400.00  not_ready
        unbilled  chargeable  -8  -1600.00  mirror
        unbilled  chargeable  -6  -1200.00  mirror
        billed    chargeable  +6  +1200.00
    """)
    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"

    (second,) = company.confirm(company.draft())
    assert second.net_amount == 400
    assert company.backlog() == ""
    assert company.actuals().splitlines()[-2:] == [
        "unbilled chargeable -2 -400.00 mirror",
        "billed chargeable +2 +400.00",
    ]


def test_n3_raised():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.edit(draft, quantity="10")
    (confirmed,) = company.confirm(draft)
    assert confirmed.net_amount == 2000
    assert company.actuals() == table("""
        cost      chargeable   +8   +800.00
        unbilled  chargeable   +8  +1600.00  adjusted
        unbilled  chargeable  +10  +2000.00  invoiced
        unbilled  chargeable  -10  -2000.00  mirror
        unbilled  chargeable   -8  -1600.00  mirror
        billed    chargeable  +10  +2000.00
    """)
    adjustment = Adjustment.objects.get()
    assert (adjustment.quantity, adjustment.amount) == (2, 400)


@pytest.mark.parametrize("billing_type", [BillingType.NON_CHARGEABLE, BillingType.COMPLIMENTARY])
def test_n4_given_away(billing_type):
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.edit(draft, billing_type=billing_type)
    (confirmed,) = company.confirm(draft)
    assert (confirmed.net_amount, confirmed.tax_amount) == (0, 0)
    word = billing_type.name.lower().replace("_", "-")
    assert company.actuals() == table(f"""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  adjusted
        unbilled  {word}      +8  +1600.00  invoiced
        unbilled  chargeable  -8  -1600.00  mirror
        unbilled  {word}      -8  -1600.00  mirror
        billed    {word}      +8  +1600.00
    """)


def test_n5_cheaper():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.edit(draft, price="180")
    (confirmed,) = company.confirm(draft)
    assert confirmed.net_amount == 1440
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  adjusted
        unbilled  chargeable  +8  +1440.00  invoiced
        unbilled  chargeable  -8  -1600.00  mirror
        unbilled  chargeable  -8  -1440.00  mirror
        billed    chargeable  +8  +1440.00
    """)
    adjustment = Adjustment.objects.get()
    assert (adjustment.quantity, adjustment.amount) == (0, -160)


def test_fewer_hours_at_another_price_leave_their_rest_at_the_old_one():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.edit(draft, quantity="6", price="180", remainder=Remainder.KEEP)
    (confirmed,) = company.confirm(draft)
    assert confirmed.net_amount == 1080
    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"
    adjustment = Adjustment.objects.get()
    assert (adjustment.quantity, adjustment.amount) == (0, -120)


def test_an_edit_that_is_taken_back_leaves_no_trace_and_no_cent():
    company = Company()
    company.sells_hours_for("10.07")
    company.is_shared_by("33.33", "33.33", "33.34")
    company.approved(8)
    company.ready()
    drafts = company.drafts()
    before = [draft.net_amount for draft in drafts]
    assert sum(before) == Decimal("80.56")
    for draft in drafts:
        hours = details_of(draft).get().quantity
        company.edit(draft, quantity="1")
        company.edit(draft, quantity=hours)
    assert [draft.net_amount for draft in Proforma.objects.order_by("pk")] == before

    company.confirm(*drafts)
    assert company.actuals().count("adjusted") == 0
    assert company.actuals().count("invoiced") == 3


def test_n6_three_hours_by_hand_on_a_time_and_material_line():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.add_by_hand(draft, company.line, quantity=Decimal(3), price=Decimal(200))
    (confirmed,) = company.confirm(draft)
    assert confirmed.net_amount == 2200
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  invoiced
        unbilled  chargeable  -8  -1600.00  mirror
        billed    chargeable  +8  +1600.00
        unbilled  chargeable  +3   +600.00  invoiced
        unbilled  chargeable  -3   -600.00  mirror
        billed    chargeable  +3   +600.00
    """)


def test_n7_six_hundred_by_hand_on_a_fixed_price_line():
    company = Company()
    fixed = company.fixed_price_line()
    company.approved(8)
    draft = company.draft()
    company.add_by_hand(draft, fixed, quantity=Decimal(1), price=Decimal(600))
    (confirmed,) = company.confirm(draft)
    assert confirmed.net_amount == 2200
    assert company.actuals().splitlines()[4:] == ["billed chargeable +1 +600.00"]
    assert list(confirmed.lines.order_by("contract_line__number").values_list("amount", flat=True)) == [
        1600,
        600,
    ]


def test_n8_a_milestone_of_5000():
    company = Company()
    share = company.milestone("5000")
    (draft,) = company.drafts()
    assert (draft.net_amount, draft.tax_amount, draft.gross_amount) == (5000, 1000, 6000)
    assert MilestoneShare.objects.get().status == MilestoneStatus.ON_DRAFT

    company.confirm(draft)
    assert company.actuals() == "billed chargeable +1 +5000.00"
    assert MilestoneShare.objects.get().status == MilestoneStatus.POSTED
    item = WorkItem.objects.get()
    assert (item.transaction_class, item.quantity, item.amount) == (TransactionClass.MILESTONE, 1, 5000)
    assert item.contract_line == share.milestone.contract_line


def test_n9_a_fee_of_500():
    company = Company()
    company.approved(1, "fee", price=Decimal(500))
    (confirmed,) = company.confirm(company.draft())
    assert confirmed.net_amount == 500
    assert company.actuals() == table("""
        unbilled  chargeable  +1  +500.00  invoiced
        unbilled  chargeable  -1  -500.00  mirror
        billed    chargeable  +1  +500.00
    """)


def test_n10_an_expense_unchanged():
    company = Company()
    company.sells_expenses_at_cost_plus("10")
    company.approved(1, "expense", price=Decimal(500))
    (confirmed,) = company.confirm(company.draft())
    assert confirmed.net_amount == 550
    assert company.actuals() == table("""
        cost      chargeable  +1  +500.00
        unbilled  chargeable  +1  +550.00  invoiced
        unbilled  chargeable  -1  -550.00  mirror
        billed    chargeable  +1  +550.00
    """)


def test_n10_material_reduced_from_five_to_three():
    company = Company()
    company.sells_material_for("75")
    company.approved(5, "material", price=Decimal(50), product="Cable")
    draft = company.draft()
    company.edit(draft, quantity="3")
    (confirmed,) = company.confirm(draft)
    assert confirmed.net_amount == 225
    assert company.actuals() == table("""
        cost      chargeable      +5  +250.00
        unbilled  chargeable      +5  +375.00  adjusted
        unbilled  chargeable      +3  +225.00  invoiced
        unbilled  non-chargeable  +2  +150.00  invoiced
        unbilled  chargeable      -5  -375.00  mirror
        unbilled  chargeable      -3  -225.00  mirror
        unbilled  non-chargeable  -2  -150.00  mirror
        billed    chargeable      +3  +225.00
        billed    non-chargeable  +2  +150.00
    """)


def test_n16_given_away_already_when_approved():
    company = Company()
    company.approved(8, billing_type=BillingType.COMPLIMENTARY)
    (confirmed,) = company.confirm(company.draft())
    assert (confirmed.net_amount, confirmed.tax_amount, confirmed.gross_amount) == (0, 0, 0)
    assert company.actuals() == table("""
        cost      complimentary  +8   +800.00
        unbilled  complimentary  +8  +1600.00  invoiced
        unbilled  complimentary  -8  -1600.00  mirror
        billed    complimentary  +8  +1600.00
    """)


def test_three_customers_get_a_proforma_each_of_their_share():
    company = Company()
    payers = company.is_shared_by("33.33", "33.33", "33.34")
    company.approved(8)
    company.ready()
    drafts = company.drafts()
    assert [(draft.customer, draft.net_amount) for draft in drafts] == list(
        zip(payers, [Decimal("533.28"), Decimal("533.28"), Decimal("533.44")], strict=True)
    )

    company.confirm(*drafts)
    assert company.backlog() == ""
    assert [row for row in company.actuals().splitlines() if row.startswith("billed")] == [
        "billed chargeable +2.6664 +533.28",
        "billed chargeable +2.6664 +533.28",
        "billed chargeable +2.6672 +533.44",
    ]


def test_what_is_taken_off_a_draft_is_ready_again():
    company = Company()
    company.approved(8)
    company.approved(2)
    draft = company.draft()
    remove_details(details_of(draft).filter(quantity=Decimal(2)), actor=company.manager, at=NOW)
    (confirmed,) = company.confirm(draft)
    assert confirmed.net_amount == 1600
    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 ready"
    assert BacklogItem.objects.get().actual.mirror.count() == 0

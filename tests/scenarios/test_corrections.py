"""Correcting what was confirmed, row by row (R1 to R9; decision 7): the ledger after each step."""

from decimal import Decimal

import pytest

from accounting.models import CustomerInvoice
from accounting.proving import prove
from accounting.snapshots import facts_of
from billing.correction_rows import BilledCorrection, billed_rows
from billing.ending import complete_contracts
from billing.models import MilestoneShare, Proforma
from billing.states import MilestoneStatus
from core.documents.facts import Original
from projects.contracting import reopen_contracts
from projects.models import Adjustment
from projects.states import BillingType
from tests.company import Company, details_of, only
from tests.company.checking import refused
from tests.company.corrections import billed_row, correct, corrected
from tests.company.rows import CUT_OFF, NOW
from tests.company.text import table
from tests.projects.test_cancelling import cancel

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


def test_the_rest_of_a_milestone_can_be_credited_too_and_both_are_billed_once_more():
    company = Company()
    first = a_milestone(company)
    corrected(company, first, amount="3000")
    (rest,) = company.confirm(company.draft())
    corrected(company, rest, amount="0")
    corrected(company, first, amount="0")
    assert share_of() == (MilestoneStatus.READY, 0, 5000)
    (again,) = company.confirm(company.draft())
    assert again.net_amount == 5000


def test_a_second_correction_takes_the_latest_billed_row():
    company = Company()
    first = invoiced(company)
    corrected(company, first, quantity="6")
    (row,) = billed_rows(first)
    assert (row.quantity, row.amount) == (6, 1200)
    credit = corrected(company, first, quantity="5")
    assert credit.net_amount == -200
    assert company.backlog() == table("""
        2026-03-02 chargeable +2 +400.00 not_ready
        2026-03-02 chargeable +1 +200.00 not_ready
    """)
    assert billed_rows(Proforma.objects.get(pk=credit.pk)) == billed_rows(first)


def test_work_added_by_hand_is_credited_and_waits_like_any_other():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.add_by_hand(draft, company.line, quantity=Decimal(3), transaction_class="time")
    (first,) = company.confirm(draft)
    assert first.net_amount == 2200
    by_hand = next(row for row in billed_rows(first) if row.quantity == 3)
    credit = correct(company, BilledCorrection(by_hand, quantity=Decimal(0)))
    (confirmed,) = company.confirm(credit)
    assert confirmed.net_amount == -600
    assert company.backlog() == "2026-03-02 chargeable +3 +600.00 not_ready"


def test_four_and_a_half_and_three_and_a_half_hours_credited_and_one_more_makes_four_and_a_half():
    company = Company()
    company.approved(Decimal("4.5"))
    company.approved(Decimal("3.5"))
    (first,) = company.confirm(company.draft())
    assert first.net_amount == 1600
    row = next(one for one in billed_rows(first) if one.quantity == Decimal("3.5"))
    (credit,) = company.confirm(correct(company, BilledCorrection(row, quantity=Decimal(0))))
    assert credit.net_amount == -700
    company.approved(1)
    (second,) = company.confirm(company.draft())
    assert (second.net_amount, sum(one.quantity for one in billed_rows(second))) == (900, Decimal("4.5"))


def test_a_correction_is_added_to_an_open_draft_of_the_same_customer():
    company = Company()
    first = invoiced(company)
    company.approved(2)
    draft = company.draft()
    both = correct(
        company,
        BilledCorrection(billed_row(first), quantity=Decimal(6)),
        into=Proforma.objects.filter(pk=draft.pk),
    )
    assert (both.pk, both.net_amount) == (draft.pk, 0)
    (confirmed,) = company.confirm(both)
    assert confirmed.net_amount == 0
    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"


def test_credited_in_full_the_hours_are_changed_and_billed_anew():
    company = Company()
    approval = company.approved(8)
    (first,) = company.confirm(company.draft())
    with refused("invoiced"):
        cancel(company, approval)
    corrected(company, first, quantity="6")
    with refused("invoiced"):
        cancel(company, approval)
    corrected(company, first, quantity="0")
    cancel(company, approval)
    assert company.backlog() == ""
    company.approved(7)
    (again,) = company.confirm(company.draft())
    assert again.net_amount == 1400
    assert [finding.proof.code for finding in prove() if finding.count] == []


def test_what_a_completed_contract_invoiced_is_corrected_when_it_is_open_again():
    company = Company()
    first = invoiced(company)
    complete_contracts(only(company.contract), actor=company.manager, at=NOW)
    with refused("contract-not-confirmed"):
        correct(company, BilledCorrection(billed_row(first), quantity=Decimal(6)))
    reopen_contracts(only(company.contract), actor=company.manager, on=CUT_OFF, at=NOW)
    corrected(company, first, quantity="6")
    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"


def test_books_of_a_correction_end_at_what_is_billed_and_what_waits():
    company = Company()
    first = invoiced(company)
    company.journalise()
    (invoice,) = company.invoices()
    credit = corrected(company, first, quantity="6")
    company.journalise()
    (note,) = company.invoices()
    assert (invoice.net_amount, note.net_amount, note.tax_amount) == (1600, -400, -80)
    assert credit.pk == note.proposal.proforma_id
    facts = facts_of(note)
    assert (facts.kind, facts.originals) == ("credit", (Original(invoice.number, invoice.invoice_date),))
    assert company.voucher(note) == table("""
        1400 Trade receivables  -480.00
        1776 Sales tax payable   +80.00
        8400 Invoiced revenue   +400.00
    """)
    # Six hours are owed and invoiced; the other two are accrued again, as work in progress.
    assert company.ledger() == table("""
        1400 Trade receivables                +1440.00
        1450 Work in progress, sales value     +400.00
        1776 Sales tax payable                 -240.00
        4100 Project cost                      +800.00
        4199 Payroll allocation                -800.00
        8400 Invoiced revenue                 -1200.00
        8450 Accrued revenue, sales value      -400.00
    """)
    assert [finding.proof.code for finding in prove() if finding.count] == []


def test_a_credit_note_is_not_posted_before_the_invoice_it_names():
    company = Company()
    first = invoiced(company)
    corrected(company, first, quantity="6")
    company.journalise()
    proposals = company.proposals()
    credit = proposals.filter(proforma__net_amount=-400)
    with refused("original-not-posted"):
        company.post(credit)
    assert not CustomerInvoice.objects.exists()
    company.post(proposals.filter(proforma=first))
    (note,) = company.post(credit)
    assert note.net_amount == -400

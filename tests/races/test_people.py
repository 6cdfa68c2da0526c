"""Eight people do the same thing in the same moment: it is done once (F17, F18)."""

from decimal import Decimal

from accounting.models import CustomerInvoice, InvoiceProposal
from accounting.pulling import pull_proposals
from billing.ending import lose_contracts
from billing.marking_ready import mark_ready
from billing.models import InvoiceLineDetail, Proforma
from core.models import Activity
from projects.approving import approve_entries
from projects.models import Actual, BacklogItem
from projects.states import TransactionType
from tests.company import Company, only
from tests.company.checking import unbalanced
from tests.company.rows import CUT_OFF, DAY, NOW
from tests.company.text import table
from tests.races.starting import MARKS, at_once, codes

pytestmark = MARKS

EIGHT = 8


def test_the_same_draft_is_confirmed_once():
    company = Company()
    company.approved(8)
    draft = company.draft()
    answers = at_once(*[lambda: company.confirm(draft)] * EIGHT)
    assert codes(answers) == ["already-confirmed"] * 7
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  invoiced
        unbilled  chargeable  -8  -1600.00  mirror
        billed    chargeable  +8  +1600.00
    """)
    assert Activity.objects.filter(verb="confirmed").count() == 1


def test_the_same_submission_is_approved_once():
    company = Company()
    approval = company.submitted(8)
    answers = at_once(
        *[lambda: approve_entries(only(approval), actor=company.manager, on=DAY, at=NOW)] * EIGHT
    )
    assert codes(answers) == ["not-submitted"] * 7
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  not_ready
    """)


def test_a_contract_that_is_lost_while_work_is_approved_keeps_nothing_open():
    company = Company()
    waiting = [company.submitted(hours) for hours in range(1, 7)]
    approving = [
        lambda one=one: approve_entries(only(one), actor=company.manager, on=DAY, at=NOW) for one in waiting
    ]
    contract = only(company.contract)
    answers = at_once(*approving, lambda: lose_contracts(contract, actor=company.manager, on=DAY, at=NOW))
    assert codes(answers) == []
    # Approved before it, the work was reversed; approved after it, it has no contract line.
    assert company.backlog() == ""
    sold = Actual.objects.filter(type=TransactionType.UNBILLED_SALES)
    assert sum(sold.values_list("amount", flat=True)) == 0
    assert sum(Actual.objects.filter(type=TransactionType.COST).values_list("quantity", flat=True)) == 21


def test_the_same_items_are_marked_once():
    company = Company()
    company.approved(8)
    answers = at_once(*[lambda: mark_ready(BacklogItem.objects.all(), actor=company.manager, at=NOW)] * EIGHT)
    assert codes(answers) == ["not-markable"] * 7


def test_many_drafters_of_one_contract_claim_each_item_once():
    company = Company()
    for hours in range(1, 13):
        company.approved(hours)
    company.milestone("5000")
    company.ready()
    answers = at_once(*[company.drafts] * EIGHT)
    assert codes(answers) == []
    assert sum(len(drafts) for drafts in answers) == Proforma.objects.count() == 1
    assert InvoiceLineDetail.objects.count() == 13
    assert Proforma.objects.get().net_amount == 78 * 200 + 5000


def test_confirming_while_others_edit_bills_what_the_proforma_says():
    company = Company()
    company.approved(8)
    draft = company.draft()
    edits = [lambda hours=hours: company.edit(draft, quantity=str(hours)) for hours in range(1, 8)]
    answers = at_once(*edits, lambda: company.confirm(draft))
    assert set(codes(answers)) <= {"frozen"}
    proforma, detail = Proforma.objects.get(), InvoiceLineDetail.objects.get()
    assert proforma.status == "confirmed"
    billed = Actual.objects.filter(type=TransactionType.BILLED_SALES, billing_type=1)
    assert [(row.quantity, row.amount) for row in billed] == [(detail.quantity, detail.amount)]
    assert proforma.net_amount == detail.amount == detail.quantity * 200
    sold = Actual.objects.exclude(type=TransactionType.COST).values_list("quantity", flat=True)
    assert sum(sold) == 8


def test_the_same_proposal_is_posted_once_and_takes_one_number():
    company = Company()
    company.approved(8)
    company.confirm(company.draft())
    company.journalise()
    company.proposals()
    answers = at_once(*[lambda: company.post(InvoiceProposal.objects.all())] * EIGHT)
    assert codes(answers) == ["already-posted"] * 7
    assert CustomerInvoice.objects.get().number == "RE-2026-00001"
    assert "1400 Trade receivables +1920.00" in company.ledger()
    assert unbalanced() == []


def test_different_proposals_are_numbered_without_a_gap():
    company = Company()
    for hours in range(1, EIGHT + 1):
        company.approved(hours)
        company.confirm(company.draft())
    company.journalise()
    company.proposals()
    keys = list(InvoiceProposal.objects.values_list("pk", flat=True))
    answers = at_once(*[lambda key=key: company.post(InvoiceProposal.objects.filter(pk=key)) for key in keys])
    assert codes(answers) == []
    assert sorted(CustomerInvoice.objects.values_list("series_number", flat=True)) == list(
        range(1, EIGHT + 1)
    )
    assert sum(CustomerInvoice.objects.values_list("net_amount", flat=True)) == Decimal(36 * 200)


def test_journals_are_imported_and_posted_once():
    company = Company()
    for hours in range(1, 5):
        company.approved(hours)
    answers = at_once(*[company.journalise] * EIGHT)
    assert set(codes(answers)) <= {"already-posted"}
    company.journalise()
    assert "1450 Work in progress, sales value +2000.00" in company.ledger()
    assert "4100 Project cost +1000.00" in company.ledger()
    assert unbalanced() == []


def test_proposals_are_made_once():
    company = Company()
    for hours in range(1, 4):
        company.approved(hours)
        company.confirm(company.draft(CUT_OFF))
    answers = at_once(*[lambda: pull_proposals(Proforma.objects.all(), at=NOW)] * EIGHT)
    assert codes(answers) == []
    assert sum(answer.count for answer in answers) == InvoiceProposal.objects.count() == 3

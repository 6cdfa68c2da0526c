"""Eight people do the same thing in the same moment: it is done once (RELIABILITY F17, F18)."""

from decimal import Decimal

from accounting.models import CustomerInvoice, InvoiceProposal
from accounting.pulling import pull_proposals
from billing.marking_ready import mark_ready
from billing.models import InvoiceLineDetail, Proforma
from core.models import Activity
from projects.approving import approve_entries
from projects.models import Actual, BacklogItem
from projects.states import TransactionType
from tests.factories.world import CUT_OFF, DAY, NOW
from tests.races.starting import MARKS, at_once, codes
from tests.telling import table, unbalanced
from tests.trade import Trade, only

pytestmark = MARKS

EIGHT = 8


def test_the_same_draft_is_confirmed_once():
    trade = Trade()
    trade.approved(8)
    draft = trade.draft()
    answers = at_once(*[lambda: trade.confirm(draft)] * EIGHT)
    assert codes(answers) == ["already-confirmed"] * 7
    assert trade.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  invoiced
        unbilled  chargeable  -8  -1600.00  mirror
        billed    chargeable  +8  +1600.00
    """)
    assert Activity.objects.filter(verb="confirmed").count() == 1


def test_the_same_submission_is_approved_once():
    trade = Trade()
    approval = trade.submitted(8)
    answers = at_once(*[lambda: approve_entries(only(approval), actor=trade.manager, on=DAY, at=NOW)] * EIGHT)
    assert codes(answers) == ["not-submitted"] * 7
    assert trade.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  not_ready
    """)


def test_the_same_items_are_marked_once():
    trade = Trade()
    trade.approved(8)
    answers = at_once(*[lambda: mark_ready(BacklogItem.objects.all(), actor=trade.manager, at=NOW)] * EIGHT)
    assert codes(answers) == ["not-markable"] * 7


def test_many_drafters_of_one_contract_claim_each_item_once():
    trade = Trade()
    for hours in range(1, 13):
        trade.approved(hours)
    trade.milestone("5000")
    trade.ready()
    answers = at_once(*[trade.drafts] * EIGHT)
    assert codes(answers) == []
    assert sum(len(drafts) for drafts in answers) == Proforma.objects.count() == 1
    assert InvoiceLineDetail.objects.count() == 13
    assert Proforma.objects.get().net_amount == 78 * 200 + 5000


def test_confirming_while_others_edit_bills_what_the_proforma_says():
    trade = Trade()
    trade.approved(8)
    draft = trade.draft()
    edits = [lambda hours=hours: trade.edit(draft, quantity=str(hours)) for hours in range(1, 8)]
    answers = at_once(*edits, lambda: trade.confirm(draft))
    assert set(codes(answers)) <= {"frozen"}
    proforma, detail = Proforma.objects.get(), InvoiceLineDetail.objects.get()
    assert proforma.status == "confirmed"
    billed = Actual.objects.filter(type=TransactionType.BILLED_SALES, billing_type=1)
    assert [(row.quantity, row.amount) for row in billed] == [(detail.quantity, detail.amount)]
    assert proforma.net_amount == detail.amount == detail.quantity * 200
    sold = Actual.objects.exclude(type=TransactionType.COST).values_list("quantity", flat=True)
    assert sum(sold) == 8


def test_the_same_proposal_is_posted_once_and_takes_one_number():
    trade = Trade()
    trade.approved(8)
    trade.confirm(trade.draft())
    trade.journalise()
    trade.proposals()
    answers = at_once(*[lambda: trade.post(InvoiceProposal.objects.all())] * EIGHT)
    assert codes(answers) == ["already-posted"] * 7
    assert CustomerInvoice.objects.get().number == "RE-2026-00001"
    assert "1400 Trade receivables +1920.00" in trade.ledger()
    assert unbalanced() == []


def test_different_proposals_are_numbered_without_a_gap():
    trade = Trade()
    for hours in range(1, EIGHT + 1):
        trade.approved(hours)
        trade.confirm(trade.draft())
    trade.journalise()
    trade.proposals()
    keys = list(InvoiceProposal.objects.values_list("pk", flat=True))
    answers = at_once(*[lambda key=key: trade.post(InvoiceProposal.objects.filter(pk=key)) for key in keys])
    assert codes(answers) == []
    assert sorted(CustomerInvoice.objects.values_list("series_number", flat=True)) == list(
        range(1, EIGHT + 1)
    )
    assert sum(CustomerInvoice.objects.values_list("net_amount", flat=True)) == Decimal(36 * 200)


def test_journals_are_imported_and_posted_once():
    trade = Trade()
    for hours in range(1, 5):
        trade.approved(hours)
    answers = at_once(*[trade.journalise] * EIGHT)
    assert set(codes(answers)) <= {"already-posted"}
    trade.journalise()
    assert "1450 Work in progress, sales value +2000.00" in trade.ledger()
    assert "4100 Project cost +1000.00" in trade.ledger()
    assert unbalanced() == []


def test_proposals_are_made_once():
    trade = Trade()
    for hours in range(1, 4):
        trade.approved(hours)
        trade.confirm(trade.draft(CUT_OFF))
    answers = at_once(*[lambda: pull_proposals(Proforma.objects.all(), at=NOW)] * EIGHT)
    assert codes(answers) == []
    assert sum(answer.count for answer in answers) == InvoiceProposal.objects.count() == 3

"""Eight people do the same thing in the same moment: it is done once (F17, F18)."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.test import Client
from django.urls import reverse

from accounting.models import CustomerInvoice, InvoiceProposal
from accounting.pulling import pull_proposals
from billing.ending import lose_contracts
from billing.marking_ready import mark_ready
from billing.models import InvoiceLineDetail, Proforma
from core.models import Activity
from core.refusals import Refused
from projects.approving import approve_entries
from projects.cancelling import cancel_approvals
from projects.correcting import correct_entries
from projects.correction_plans import NewValues
from projects.journalling import TypedLine, add_line, confirm_journals, start_journal
from projects.models import Actual, Approval, BacklogItem, EntryJournal, PriceList, ProjectContract
from projects.price_setting import change_price_list, create_price_list
from projects.roles import PROJECT_ACCOUNTANT
from projects.states import (
    BillingType,
    ContractStatus,
    EntryJournalStatus,
    NotToExceedStatus,
    PriceContext,
    TransactionClass,
    TransactionType,
)
from projects.submitting import submit_entries
from tests.company import Company, only, rows
from tests.company.checking import unbalanced
from tests.company.people import signed_in
from tests.company.rows import CUT_OFF, DAY, NOW
from tests.company.text import table
from tests.races.starting import MARKS, at_once, codes

pytestmark = MARKS

EIGHT = 8
FEW = 4
"""Those who each wait for a whole verb of the one before must not wait longer than the database lets them."""


def typed_journal(company: Company, quantity: int) -> EntryJournal:
    """A draft journal with cost and unbilled sales of so many hours on the company's contract line."""
    journal = start_journal(company.entity, reason="Before the system", actor=company.accountant, at=NOW)
    for kind, customer in ((TransactionType.COST, None), (TransactionType.UNBILLED_SALES, company.customer)):
        typed = TypedLine(
            type=kind,
            transaction_class=TransactionClass.TIME,
            project=company.project,
            contract_line=company.line,
            customer=customer,
            date=DAY,
            quantity=Decimal(quantity),
            price=Decimal(200),
            description="Work before the system",
        )
        add_line(only(journal), typed, actor=company.accountant, at=NOW)
    return journal


def new_sales_list(browser: Client, name: str) -> Any:
    """Save a sales list for 2026 on the page of new lists, as it comes filled in but for the name."""
    address = reverse("new-price-list")
    form = browser.get(address).context["form"]
    shown = {field.name: field.value() for field in form if field.value() is not None}
    return browser.post(
        address, shown | {"name": name, "context": "sales", "currency": "EUR", "starts_on": "2026-01-01"}
    )


def make_list(company: Company, name: str, first: date, last: date | None) -> PriceList:
    return create_price_list(
        company.entity,
        name=name,
        context=PriceContext.SALES,
        currency="EUR",
        starts_on=first,
        ends_on=last,
        actor=company.accountant,
        at=NOW,
    )


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


def test_a_contract_that_is_lost_while_a_journal_of_it_is_confirmed_keeps_nothing_open():
    company = Company()
    journals = [typed_journal(company, hours) for hours in range(1, FEW + 1)]
    confirming = [
        lambda one=one: confirm_journals(only(one), actor=company.accountant, on=DAY, at=NOW)
        for one in journals
    ]
    contract = only(company.contract)
    answers = at_once(*confirming, lambda: lose_contracts(contract, actor=company.manager, on=DAY, at=NOW))
    # Confirmed before it, the journal was reversed; confirmed after it, it is refused and stays a draft.
    # Losing the contract closes its project too, which is a second reason.
    assert set(codes(answers)) <= {"contract-ended", "project-closed"}
    late = [answer for answer in answers if isinstance(answer, Refused)]
    assert all("contract-ended" in answer.codes for answer in late)
    assert ProjectContract.objects.get(pk=company.contract.pk).status == ContractStatus.LOST
    assert company.backlog() == ""
    confirmed = EntryJournal.objects.filter(status=EntryJournalStatus.CONFIRMED).count()
    assert confirmed == len(journals) - len(late)
    # Cost, unbilled sales and the reversal of these.
    assert Actual.objects.count() == 3 * confirmed


def test_a_contract_that_is_lost_while_work_is_moved_to_it_keeps_nothing_open():
    company = Company()
    other = rows.contract(company.entity, company.customer)
    project = rows.project(company)
    rows.contract_line(other, company.customer, project=project)
    known = [company.approved(hours) for hours in range(1, FEW + 1)]
    moving = [
        lambda one=one: correct_entries(
            only(one.entry),
            NewValues(project=project),
            reason="Other project",
            actor=company.accountant,
            on=DAY,
            at=NOW,
        )
        for one in known
    ]
    answers = at_once(*moving, lambda: lose_contracts(only(other), actor=company.manager, on=DAY, at=NOW))
    # Moved before it, the work was reversed; afterwards no contract includes it, or its project is closed.
    assert set(codes(answers)) <= {"project-closed"}
    assert not BacklogItem.objects.filter(contract=other).exists()
    assert unbalanced() == []


def test_a_contract_that_is_lost_while_approvals_are_cancelled_gets_no_work_back():
    company = Company()
    known = [company.approved(hours) for hours in range(1, FEW + 1)]
    cancelling = [
        lambda one=one: cancel_approvals(
            only(one), comment="Wrong task", actor=company.manager, on=DAY, at=NOW
        )
        for one in known
    ]
    contract = only(company.contract)
    answers = at_once(*cancelling, lambda: lose_contracts(contract, actor=company.manager, on=DAY, at=NOW))
    assert codes(answers) == []
    # Cancelled before it, what waits again left the contract with it; cancelled after it, it never came back.
    assert list(Approval.objects.waiting().values_list("contract_line", flat=True)) == [None] * len(known)
    assert company.backlog() == ""


def test_the_same_entries_are_submitted_once():
    company = Company()
    entries = [company.entry(1) for _each in range(6)]
    answers = at_once(*[lambda: submit_entries(only(*entries), actor=company.worker, at=NOW)] * EIGHT)
    assert codes(answers) == ["not-submittable"] * 6 * 7
    assert sorted(Approval.objects.values_list("entry", flat=True)) == sorted(one.pk for one in entries)
    assert Activity.objects.filter(verb="submitted").count() == 6


def test_approvals_that_meet_at_a_limit_never_make_more_of_it_chargeable():
    company = Company()
    limit = Decimal(1000)
    ProjectContract.objects.filter(pk=company.contract.pk).update(not_to_exceed_amount=limit)
    waiting = [company.submitted(2) for _each in range(FEW)]
    answers = at_once(
        *[
            lambda one=one: approve_entries(only(one), actor=company.manager, on=DAY, at=NOW)
            for one in waiting
        ]
    )
    assert codes(answers) == []
    items = BacklogItem.objects.filter(billing_type=BillingType.CHARGEABLE)
    within = items.filter(not_to_exceed_status=NotToExceedStatus.COMMITTED)
    held = items.filter(not_to_exceed_status=NotToExceedStatus.FAILED)
    # Two hours are 400: two fit into 1,000, and whoever comes third is held back, whoever that is.
    assert sum(within.values_list("amount", flat=True)) == 800 <= limit
    assert list(held.values_list("exceeded_limit", "exceeded_by").distinct()) == [("contract", Decimal(200))]
    assert (within.count(), held.count()) == (2, FEW - 2)


def test_of_two_price_lists_for_the_same_days_one_is_saved():
    company = Company.bare()
    browsers = {name: signed_in(company.person(PROJECT_ACCOUNTANT)) for name in ("Mine", "Yours")}
    answers = at_once(*[partial(new_sales_list, browser, name) for name, browser in browsers.items()])
    assert codes(answers) == []
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    (refused,) = [answer for answer in answers if answer.status_code == 422]
    kept = PriceList.objects.get(legal_entity=company.entity)
    assert f"It shares days with {kept.name}" in refused.content.decode()
    assert PriceList.objects.filter(legal_entity=company.entity).count() == 1


def test_lists_that_are_made_and_moved_at_once_never_overlap():
    company = Company.bare()
    old = make_list(company, "Old", date(2025, 1, 1), date(2025, 12, 31))
    made = [lambda nth=nth: make_list(company, f"New {nth}", date(2026, 1, 1), None) for nth in range(6)]
    moved = lambda: change_price_list(  # noqa: E731
        old, name="Old", starts_on=date(2025, 1, 1), ends_on=None, actor=company.accountant, at=NOW
    )
    answers = at_once(*made, moved, moved)
    # Either the old list was moved, twice to the same days, and no new one fits, or one new list was first.
    new, refusals = PriceList.objects.exclude(pk=old.pk).count(), len(codes(answers))
    assert set(codes(answers)) == {"lists-overlap"}
    assert (new, refusals) in [(0, 6), (1, 7)]


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

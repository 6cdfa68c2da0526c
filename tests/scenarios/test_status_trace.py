"""Eight hours from the entry to the posted invoice: what every status says at every moment (matrix 4.5).

An hour costs 100 and sells for 200; a limit of 2,000 was agreed. Statuses of actuals are derived: the five
of billing and the three of adjustment all occur here, each on exactly the rows the matrix names.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.models import IntegrationJournalLine, InvoiceProposal
from billing.models import Proforma
from projects.approving import approve_entries
from projects.cancelling import accept_recalls, cancel_approvals
from projects.journal_cancelling import choose_actuals, confirm_cancellations
from projects.journalling import TypedLine, add_line, confirm_journals, start_journal
from projects.models import (
    Actual,
    Approval,
    BacklogItem,
    CancellationJournal,
    Entry,
    EntryJournal,
    ProjectContract,
)
from projects.requesting_recalls import request_recalls
from projects.states import ActualBillingStatus, AdjustmentStatus, TransactionType
from projects.waiting_limits import waiting_verdicts
from tests.company import Company, only
from tests.company.checking import assert_proven, refused
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    company = Company()
    ProjectContract.objects.filter(pk=company.contract.pk).update(not_to_exceed_amount=Decimal(2000))
    return company


def work_stands(limit: str = "") -> str:
    """Entry, approval, and what the limits say of it."""
    entry, approval = Entry.objects.get(), Approval.objects.living().get()
    checked = limit or BacklogItem.objects.values_list("not_to_exceed_status", flat=True).get()
    return f"{entry.status} {approval.status} {checked}"


def documents() -> str:
    """The proforma, the journal lines of cost and unbilled sales, and the proposal."""
    drafts = [one.status for one in Proforma.objects.all()]
    lines = [one.status for one in IntegrationJournalLine.objects.order_by("pk")]
    proposals = [one.status for one in InvoiceProposal.objects.all()]
    return " / ".join(", ".join(words) or "-" for words in (drafts, lines, proposals))


def stamp() -> str:
    """The number of the draft on the backlog item."""
    return BacklogItem.objects.get().proforma_number


APPROVED = """
    cost      chargeable  +8   +800.00  -  -
    unbilled  chargeable  +8  +1600.00  {status}  -
"""
INVOICED = """
    cost      chargeable  +8   +800.00  -       -
    unbilled  chargeable  +8  +1600.00  posted  -
    unbilled  chargeable  -8  -1600.00  posted  unadjustable
    billed    chargeable  +8  +1600.00  posted  -
"""


def test_from_the_submission_to_the_posted_invoice(at):
    approval = at.submitted(8)
    verdict = waiting_verdicts(list(only(approval).select_related("entry", "contract_line__contract")))
    assert work_stands(verdict[approval.pk].status) == "submitted submitted committed"
    assert (at.statuses(), documents()) == ("", "- / - / -")

    approve_entries(only(approval), actor=at.manager, on=DAY, at=NOW)
    assert work_stands() == "approved approved committed"
    assert at.statuses() == table(APPROVED.format(status="not_ready"))
    at.journalise()
    assert documents() == "- / posted, posted / -"

    at.ready()
    assert at.statuses() == table(APPROVED.format(status="ready"))

    (draft,) = at.drafts()
    assert at.statuses() == table(APPROVED.format(status="on_draft"))
    assert (work_stands(), stamp(), documents()) == (
        "approved approved committed",
        draft.number,
        "draft / posted, posted / -",
    )
    assert_not_given_back(at, "on-draft")

    at.confirm(draft)
    assert at.statuses() == table(INVOICED)
    at.propose()
    assert documents() == "confirmed / posted, posted / draft"
    # The reversal of the confirmation never reaches the books: posting the invoice takes the accrual back.
    mirror = Actual.objects.get(reverses__isnull=False)
    assert not IntegrationJournalLine.objects.filter(actual=mirror).exists()
    at.journalise()
    assert IntegrationJournalLine.objects.count() == 2
    assert_not_given_back(at, "invoiced")

    (invoice,) = at.post(at.proposals())
    assert at.statuses() == table(INVOICED)
    assert documents() == "posted / posted, posted / posted"
    proforma = Proforma.objects.get()
    assert (proforma.customer_invoice_number, proforma.customer_invoice_tax) == (invoice.number, 320)
    assert at.voucher(invoice) == table("""
        1400 Trade receivables              +1920.00
        1450 Work in progress, sales value  -1600.00
        1776 Sales tax payable               -320.00
        8400 Invoiced revenue               -1600.00
        8450 Accrued revenue, sales value   +1600.00
    """)
    assert_proven()


def assert_not_given_back(at: Company, why: str) -> None:
    """The approval is not cancelled; once it is invoiced, its entry is not even asked back."""
    with refused(why):
        cancel_approvals(Approval.objects.living(), comment="Wrong", actor=at.manager, on=DAY, at=NOW)
    if why == "invoiced":
        with refused(why):
            request_recalls(Entry.objects.all(), reason="Wrong day", actor=at.worker, at=NOW)


def test_a_recall_is_refused_while_a_draft_holds_the_work(at):
    at.approved(8)
    request_recalls(Entry.objects.all(), reason="Wrong day", actor=at.worker, at=NOW)
    assert work_stands() == "recall_requested approved committed"
    at.draft()
    with refused("on-draft"):
        accept_recalls(Approval.objects.living(), actor=at.manager, on=DAY, at=NOW)


def test_a_cancelled_approval_is_cancelled_adjusted_and_its_mirrors_unadjustable(at):
    approval = at.approved(8)
    cancel_approvals(only(approval), comment="Wrong", actor=at.manager, on=DAY, at=NOW)
    assert at.statuses() == table("""
        cost      chargeable  +8   +800.00  cancelled  adjusted
        unbilled  chargeable  +8  +1600.00  cancelled  adjusted
        cost      chargeable  -8   -800.00  cancelled  unadjustable
        unbilled  chargeable  -8  -1600.00  cancelled  unadjustable
    """)


def test_typed_facts_are_in_process_until_their_cancellation_is_confirmed(at):
    journal = start_journal(at.entity, reason="Opening", actor=at.accountant, at=NOW)
    fact = TypedLine(
        type=TransactionType.COST,
        transaction_class="time",
        project=at.project,
        date=DAY,
        description="Before",
        quantity=Decimal(8),
        price=Decimal(100),
        contract_line=at.line,
    )
    add_line(only(journal), fact, actor=at.accountant, at=NOW)
    confirm_journals(EntryJournal.objects.all(), actor=at.accountant, on=DAY, at=NOW)
    assert at.statuses() == "cost chargeable +8 +800.00 - -"
    choose_actuals(Actual.objects.all(), reason="Typed twice", actor=at.accountant, at=NOW)
    assert at.statuses() == "cost chargeable +8 +800.00 - in_process"
    confirm_cancellations(CancellationJournal.objects.all(), actor=at.accountant, on=DAY, at=NOW)
    assert at.statuses() == table("""
        cost  chargeable  +8  +800.00  cancelled  adjusted
        cost  chargeable  -8  -800.00  cancelled  unadjustable
    """)


def test_every_status_there_is_occurs_in_this_trace(at):
    at.approved(8, date=date(2026, 3, 3))
    at.approved(1, date=date(2026, 3, 4))
    at.ready()
    at.drafts()
    seen = _seen()
    cancel_approvals(only(at.approved(1)), comment="Wrong", actor=at.manager, on=DAY, at=NOW)
    at.approved(1, date=date(2026, 3, 5))
    seen |= _seen()
    at.ready()
    seen |= _seen()
    at.confirm(*Proforma.objects.all())
    seen |= _seen()
    billing = {one for one, _adjustment in seen}
    assert billing == set(ActualBillingStatus.values)
    # What is in process is only what a journal typed; the test above shows it.
    assert {one for _billing, one in seen} == set(AdjustmentStatus.values) - {AdjustmentStatus.IN_PROCESS}


def _seen() -> set[tuple[Any, Any]]:
    return set(Actual.objects.with_statuses().values_list("billing_status", "adjustment_status"))

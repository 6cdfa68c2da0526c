"""One bad line of two hundred: the others reach the books, and the one says why (C1, C5, C6)."""

import pytest

from accounting.models import (
    CustomerInvoice,
    IntegrationJournal,
    IntegrationJournalLine,
    InvoiceProposal,
    PostingAccount,
)
from accounting.posting import Posted
from accounting.posting_by_clock import post_scheduled
from accounting.scheduling_invoices import schedule_posting
from accounting.states import JournalStatus, PostingType
from core.models import Activity
from projects.models import Customer, TransactionCategory
from projects.roles import PROJECT_ACCOUNTANT
from tests.company import Company
from tests.company.checking import assert_proven, refused, unbalanced
from tests.company.many import many_confirmed, many_contracts, work_on
from tests.company.rows import NOW, next_number

pytestmark = pytest.mark.django_db

WHY = "No account is set for this posting type: Procurement integration account."


def selling_cables() -> Company:
    company = Company()
    company.sells_material_for("200")
    return company


def test_of_two_hundred_journal_lines_one_waits_and_says_why():
    company = selling_cables()
    *contracts, last = many_contracts(company, 100)
    work_on(company, contracts)
    bought = TransactionCategory.objects.create(
        name=f"Bought {next_number()}", transaction_class="material", unit="pcs", is_purchased=True
    )
    company.categories["material"] = bought
    work_on(company, [last])
    role = PostingAccount.objects.filter(posting_type=PostingType.PROCUREMENT)
    account = role.get(legal_entity=company.entity).account
    role.delete()

    assert company.journalise() == Posted(posted=199, failed=1)
    (bad,) = IntegrationJournalLine.objects.filter(status="error")
    assert (bad.error, bad.actual.work_item.contract, bad.amount) == (WHY, last, 100)
    waiting = IntegrationJournal.objects.get(status=JournalStatus.ERROR)
    assert list(waiting.lines.all()) == [bad]
    assert Activity.objects.filter(verb="posted").latest("pk").facts == {"posted": 199, "failed": 1}
    assert "4100 Project cost +9900.00" in company.ledger()
    assert unbalanced() == []

    PostingAccount.objects.create(
        legal_entity=company.entity, posting_type=PostingType.PROCUREMENT, account=account
    )
    assert company.post_journals() == Posted(posted=1, failed=0)
    assert "4100 Project cost +10000.00" in company.ledger()
    assert_proven()


def test_of_two_hundred_proposals_one_waits_and_says_why():
    company = selling_cables()
    confirmed = many_confirmed(company, 200)
    company.journalise()
    company.propose()
    company.admit(company.accountant, PROJECT_ACCOUNTANT)
    unlucky = confirmed[77]
    held = Customer.objects.filter(pk=unlucky.customer_id)
    held.update(is_on_hold=True)

    proposals = InvoiceProposal.objects.all()
    with refused("customer-on-hold"):
        company.post(proposals)
    schedule_posting(proposals, NOW.date(), actor=company.accountant, at=NOW)
    assert post_scheduled(at=NOW) == 199
    (waiting,) = InvoiceProposal.objects.unposted()
    assert waiting.proforma == unlucky
    assert "on hold" in waiting.not_posted_because
    numbers = list(CustomerInvoice.objects.order_by("series_number").values_list("series_number", flat=True))
    assert numbers == list(range(1, 200))
    assert_proven()

    held.update(is_on_hold=False)
    assert post_scheduled(at=NOW) == 1
    assert CustomerInvoice.objects.get(proposal=waiting).series_number == 200
    assert "1400 Trade receivables +48000.00" in company.ledger()
    assert_proven()

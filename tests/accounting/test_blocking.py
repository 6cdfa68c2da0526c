"""What blocks a proposal: unbilled sales that are not in the books yet (C5, decision 14)."""

import pytest

from accounting.blocking import blocking_counts, blocking_journals, blocking_lines
from accounting.models import IntegrationJournal, InvoiceProposal, PostingAccount
from accounting.pulling import pull_journals
from accounting.states import PostingType
from tests.company import Company
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


def proposed(company: Company, *hours: int) -> InvoiceProposal:
    for each in hours:
        company.approved(each)
    draft = company.draft()
    company.confirm(draft)
    company.propose()
    return InvoiceProposal.objects.get(proforma=draft)


def test_work_that_was_never_pulled_blocks_and_no_journal_holds_it():
    company = Company()
    proposal = proposed(company, 8, 4)
    assert sorted(line.amount for line in blocking_lines([proposal])) == [800, 1600]
    assert blocking_counts([proposal]) == {proposal.pk: 2}
    assert list(blocking_journals([proposal])) == []


def test_a_draft_journal_is_named_until_it_is_posted():
    company = Company()
    proposal = proposed(company, 8)
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    assert blocking_counts([proposal]) == {proposal.pk: 1}
    assert list(blocking_journals([proposal])) == [IntegrationJournal.objects.get()]
    company.post_journals()
    assert blocking_counts([proposal]) == {}
    assert list(blocking_journals([proposal])) == []


def test_lines_in_an_error_journal_still_block():
    company = Company()
    proposal = proposed(company, 8)
    PostingAccount.objects.filter(posting_type=PostingType.WIP_SALES_VALUE).delete()
    company.journalise()
    assert blocking_counts([proposal]) == {proposal.pk: 1}
    assert [journal.status for journal in blocking_journals([proposal])] == ["error"]


def test_what_claims_no_actual_blocks_nothing():
    company = Company()
    company.milestone("5000")
    draft = company.draft()
    company.confirm(draft)
    company.propose()
    proposal = InvoiceProposal.objects.get()
    assert proposal.lines.count() == 1
    assert blocking_counts([proposal]) == {}


def test_each_proposal_is_counted_for_itself():
    company = Company()
    first = proposed(company, 8)
    company.journalise()
    second = proposed(company, 4)
    assert blocking_counts([first, second]) == {second.pk: 1}

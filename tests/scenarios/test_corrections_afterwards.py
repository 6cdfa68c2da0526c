"""Corrections one after another, and what they leave on drafts, contracts and in the books (R1 to R9)."""

from decimal import Decimal

import pytest

from accounting.models import CustomerInvoice
from accounting.proving import prove
from accounting.snapshots import facts_of
from billing.correction_rows import BilledCorrection, billed_rows
from billing.ending import complete_contracts
from billing.models import Proforma
from billing.states import MilestoneStatus
from core.documents.facts import Original
from projects.contracting import reopen_contracts
from tests.company import Company, only
from tests.company.checking import refused
from tests.company.corrections import billed_row, correct, corrected
from tests.company.rows import CUT_OFF, NOW
from tests.company.text import table
from tests.projects.test_cancelling import cancel
from tests.scenarios.test_corrections import a_milestone, invoiced, share_of

pytestmark = pytest.mark.django_db


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

"""A set of proposals is posted in the order in which its invoices name one another (I5, L5, P15)."""

from datetime import timedelta

import pytest

from accounting.invoicing import posting_outlook
from accounting.models import CustomerInvoice, InvoiceProposal
from accounting.pulling import pull_proposals
from billing.models import Proforma
from tests.company import Company, only
from tests.company.checking import assert_proven, refused, statements
from tests.company.corrections import corrected
from tests.company.retainers import invoiced, position
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db


def billed(company: Company, hours: int = 8) -> Proforma:
    """A confirmed proforma of a day's work; nothing of it is posted."""
    company.approved(hours)
    (confirmed,) = company.confirm(company.draft())
    return confirmed


def dated(proforma: Proforma, days: int) -> None:
    """Accounting gives the proposal another date."""
    rows = InvoiceProposal.objects.filter(proforma=proforma)
    rows.update(accounting_date=CUT_OFF + timedelta(days=days))


def posted(company: Company) -> list[str]:
    """What a set of everything that waits becomes: numbers, nets, and what each names."""
    return [
        " ".join(
            [one.number, f"{one.net_amount:.2f}", *(number for number, _day in one.snapshot["originals"])]
        )
        for one in company.post(company.proposals())
    ]


def test_an_invoice_and_its_correction_are_posted_in_one_set_and_the_note_names_its_number():
    company = Company()
    first = billed(company)
    corrected(company, first, quantity="6")
    company.journalise()
    assert posted(company) == ["RE-2026-00001 1600.00", "RE-2026-00002 -400.00 RE-2026-00001"]
    note = CustomerInvoice.objects.get(net_amount=-400)
    assert note.snapshot["originals"] == [["RE-2026-00001", CUT_OFF.isoformat()]]
    assert_proven()


def test_a_chain_of_corrections_follows_its_invoices_whatever_their_keys_are():
    company = Company()
    first = billed(company)
    second = corrected(company, first, quantity="6")
    third = corrected(company, second, quantity="5")
    company.journalise()
    # Imported the other way round: the last correction has the smallest key.
    for one in (third, second, first):
        pull_proposals(only(one), at=NOW).count_or_raise()
    assert posted(company) == [
        "RE-2026-00001 1600.00",
        "RE-2026-00002 -400.00 RE-2026-00001",
        "RE-2026-00003 -200.00 RE-2026-00002",
    ]
    assert_proven()


def test_numbers_follow_the_dates_so_a_note_is_not_dated_before_its_invoice():
    company = Company()
    first = billed(company)
    note = corrected(company, first, quantity="6")
    company.journalise()
    company.propose()
    dated(first, 1)
    with refused("original-not-posted"):
        company.post(company.proposals())
    # One date for all of them: the note comes after what it corrects.
    day = CUT_OFF + timedelta(days=1)
    assert [one.proposal.proforma_id for one in company.post(company.proposals(), invoice_date=day)] == [
        first.pk,
        note.pk,
    ]


def test_one_that_is_refused_stops_itself_and_what_names_it_and_nothing_else():
    company = Company()
    first = billed(company)
    note = corrected(company, first, quantity="6")
    further = corrected(company, note, quantity="5")
    company.journalise()
    other = billed(company, 4)
    company.journalise()
    company.propose()
    # Of another day, which is closed by now.
    dated(first, -60)
    company.entity.locked_through = CUT_OFF - timedelta(days=30)
    company.entity.save()
    outlook = posting_outlook(InvoiceProposal.objects.all(), actor=company.accountant)
    assert [(one.subject, one.code) for one in outlook.refusals] == [
        (first.number, "period-closed"),
        (note.number, "original-not-posted"),
        (further.number, "original-not-posted"),
    ]
    good = InvoiceProposal.objects.exclude(proforma__in=[first, note, further])
    assert [one.proposal.proforma_id for one in company.post(good)] == [other.pk]


def test_an_advance_is_posted_before_what_takes_it_off():
    company = Company()
    retainer = invoiced(company)
    advance = Proforma.objects.get()
    use = billed(company)
    company.journalise()
    company.propose()
    with refused("advance-not-posted"):
        company.post(only(InvoiceProposal.objects.get(proforma=use)))
    assert posted(company) == ["RE-2026-00001 1000.00", "RE-2026-00002 600.00"]
    assert CustomerInvoice.objects.get(number="RE-2026-00001").proposal.proforma == advance
    assert position(retainer) == "used_up 1000.00 1000.00 0.00 0.00"
    assert_proven()


def test_an_advance_and_its_use_by_an_earlier_date_are_refused():
    company = Company()
    invoiced(company)
    advance = Proforma.objects.get()
    billed(company)
    company.journalise()
    company.propose()
    dated(advance, 1)
    with refused("advance-not-posted"):
        company.post(company.proposals())


def test_statements_do_not_depend_on_how_many_name_one_another():
    counts = []
    for pairs in (2, 12):
        company = Company()
        for each in range(pairs):
            invoiced(company, "100", name=f"Advance {each}", on=DAY)
            billed(company, 2)
        company.journalise()
        company.propose()
        mine = InvoiceProposal.objects.filter(legal_entity=company.entity)
        assert mine.count() == 2 * pairs
        counts.append(statements(lambda company=company, mine=mine: company.post(mine)))
    assert counts[0] == counts[1]

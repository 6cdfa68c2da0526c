"""The verdict is kept and stops what would build on broken books; the next check clears it (C12, X6)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounting.checking_books import ask_for_check, check_books, check_by_night
from accounting.closing import close_periods
from accounting.invoicing import posting_outlook
from accounting.models import (
    CustomerInvoice,
    FiscalPeriod,
    IntegrationJournal,
    IntegrityCheck,
    IntegrityFinding,
    InvoiceProposal,
    PostingAccount,
)
from accounting.outbox_handlers import sweep_outbox
from accounting.posting import post_journals
from accounting.proving import PROOFS
from accounting.pulling import pull_journals
from accounting.states import CheckOccasion
from core import guarding
from core.log_chain import anchor
from core.models import Activity
from projects.models import LegalEntity
from tests.company import Company
from tests.company.checking import assert_proven, refused
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


def check() -> IntegrityCheck:
    return check_books(occasion=CheckOccasion.ASKED, clock=lambda: NOW)


@pytest.fixture
def lift() -> Iterator[Callable[[], None]]:
    """Called once the company stands: from then on the database lets everything through."""
    yield lambda: guarding.lift(connection)
    guarding.install(connection)


def codes_against_posting(company: Company) -> list[str]:
    posted = InvoiceProposal.objects.filter(legal_entity=company.entity)
    outlook = posting_outlook(posted, actor=company.accountant)
    return sorted(one.code for one in outlook.refusals)


def test_a_check_keeps_both_sides_of_every_identity():
    company = Company()
    company.billed(8)
    company.approved(4)
    company.journalise()
    made = check()
    assert (made.proof_count, made.broken_count, made.occasion) == (len(PROOFS), 0, "asked")
    sides = {one.code: (one.left, one.right) for one in made.findings.all()}
    assert sides["J3"] == ({"EUR": "2400"}, {"EUR": "2400"})
    assert sides["G4a"] == ({"EUR": "1920"}, {"EUR": "1920"})
    assert sides["G5"] == ({"EUR": "800"}, {"EUR": "800"})
    assert sides["G7b"] == ({"EUR": "320"}, {"EUR": "320"})
    assert sides["L2"] == ({"": "1"}, {"": "1"})
    assert sides["S1"] == ({"": "2"}, {"": "2"})


def test_while_the_books_are_broken_nothing_is_confirmed_posted_or_closed(lift: Callable[[], None]):
    company, other = Company(), Company()
    company.billed(8)
    company.approved(4)
    draft = company.draft()
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    other.billed(2)
    lift()
    due = CustomerInvoice.objects.get(customer=company.customer).due_date
    mine = CustomerInvoice.objects.filter(customer=company.customer)
    mine.update(due_date=due + timedelta(days=30))
    assert check().broken_count == 2
    with refused("books-broken"):
        company.confirm(draft)
    with refused("books-broken"):
        post_journals(IntegrationJournal.objects.postable(), actor=company.accountant, at=NOW)
    assert codes_against_posting(company) == ["already-posted", "books-broken"]
    assert Activity.objects.filter(verb="books broken").get().subject_id == company.entity.pk
    assert LegalEntity.objects.get(pk=other.entity.pk).books_broken_at is None, "their books prove"

    mine.update(due_date=due)
    assert check().broken_count == 0
    company.confirm(draft)
    assert Activity.objects.filter(verb="books proven").get().subject_id == company.entity.pk


def test_a_period_is_not_closed_over_broken_books(lift: Callable[[], None]):
    company = Company()
    company.billed(8)
    lift()
    CustomerInvoice.objects.update(snapshot={})
    january = FiscalPeriod.objects.filter(legal_entity=company.entity, starts_on__month=1)
    with pytest.raises(Exception, match="found something that breaks them"):
        close_periods(january, actor=company.accountant, at=NOW)
    assert january.get().status == "open"
    assert IntegrityCheck.objects.newest().occasion == "closing"


def test_a_posting_type_that_is_pointed_elsewhere_breaks_nothing():
    """What was posted stays on its account; a controller's ordinary change is no false alarm."""
    company = Company()
    company.approved(8)
    company.journalise()
    wip = PostingAccount.objects.get(legal_entity=company.entity, posting_type="wip_sales_value")
    other = PostingAccount.objects.get(legal_entity=company.entity, posting_type="wip_cost_value").account
    PostingAccount.objects.filter(pk=wip.pk).update(account=other)
    assert_proven()


def test_books_are_checked_once_a_night():
    Company().billed(8)
    night = NOW.replace(hour=3, minute=10)
    assert check_by_night(clock=lambda: night.replace(hour=2)) is None
    made = check_by_night(clock=lambda: night)
    assert made is not None
    assert (made.occasion, made.asked_by, made.checked_at) == ("nightly", None, night)
    assert check_by_night(clock=lambda: night + timedelta(hours=5)) is None
    assert check_by_night(clock=lambda: night + timedelta(days=1)) is not None


def test_what_a_check_found_is_kept_for_a_quarter():
    check_by_night(clock=lambda: NOW.replace(hour=3))
    check_by_night(clock=lambda: NOW.replace(hour=3) + timedelta(days=100))
    assert IntegrityCheck.objects.count() == 1
    assert IntegrityFinding.objects.count() == len(PROOFS)


def test_a_check_that_somebody_asks_for_is_done_by_the_worker():
    company = Company()
    ask_for_check(actor=company.accountant, at=NOW)
    ask_for_check(actor=company.accountant, at=NOW)
    sweep_outbox(now=NOW)
    assert list(IntegrityCheck.objects.values_list("occasion", "asked_by")) == [
        ("asked", company.accountant.pk)
    ]


def test_the_command_compares_the_log_with_an_anchor_kept_outside():
    Company().billed(8)
    check()
    out = StringIO()
    call_command("check_integrity", stdout=out)
    kept = str(anchor())
    assert f"anchor of the activity log: {kept}" in out.getvalue()
    call_command("check_integrity", "--anchor", kept, stdout=out)
    for forged in ("1:" + "0" * 64, "x", kept + "0"):
        with pytest.raises(CommandError, match="was written anew"):
            call_command("check_integrity", "--anchor", forged, stdout=out)

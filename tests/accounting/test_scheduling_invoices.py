"""Proposals are checked where the company asks for it, and posted by the clock on their day (C5)."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import OperationalError

from accounting.invoicing import post_proposals
from accounting.models import CustomerInvoice, InvoiceProposal
from accounting.posting_by_clock import post_scheduled
from accounting.reviewing import review_proposals
from accounting.scheduling_invoices import mark_checked, schedule_posting
from core.models import Activity
from projects.models import Customer, LegalEntity
from tests.company import Company, only
from tests.company.checking import assert_proven, refused, unchanged
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)


def proposed(company: Company) -> InvoiceProposal:
    right = Permission.objects.get(codename="post_invoice")
    company.accountant.user_permissions.add(right)
    company.approved(8)
    company.journalise()
    company.confirm(company.draft())
    return company.proposals().order_by("pk").last()


def asks_for_checks(company: Company) -> None:
    LegalEntity.objects.filter(pk=company.entity.pk).update(checks_proposals=True)


def schedule(company: Company, proposal: InvoiceProposal, on: date | None) -> int:
    return schedule_posting(only(proposal), on, actor=company.accountant, at=NOW)


def test_what_must_be_checked_is_posted_after_somebody_has_checked_it():
    company = Company()
    proposal = proposed(company)
    asks_for_checks(company)
    with refused("not-checked"):
        company.post(company.proposals())
    assert mark_checked(only(proposal), actor=company.accountant, at=NOW) == 1
    noted = Activity.objects.get(verb="checked")
    assert (noted.subject_id, noted.actor) == (proposal.pk, company.accountant)
    assert len(company.post(company.proposals())) == 1
    with refused("already-posted"):
        mark_checked(only(proposal), actor=company.accountant, at=NOW)
    assert_proven()


def test_what_is_decided_afterwards_takes_the_check_off_again():
    company = Company()
    proposal = proposed(company)
    asks_for_checks(company)
    mark_checked(only(proposal), actor=company.accountant, at=NOW)
    review_proposals(only(proposal), {"note": "Thank you"}, actor=company.accountant, at=NOW)
    assert (company.proposals().get().checked_by, company.proposals().get().checked_at) == (None, None)
    with refused("not-checked"):
        company.post(company.proposals())


def test_whoever_confirmed_it_neither_checks_nor_schedules_it():
    company = Company()
    proposal = proposed(company)
    with refused("own-confirmation"):
        mark_checked(only(proposal), actor=company.manager, at=NOW)
    with refused("own-confirmation"):
        schedule_posting(only(proposal), TOMORROW, actor=company.manager, at=NOW)


def test_the_clock_posts_on_the_day_in_the_name_of_whoever_scheduled_it():
    company = Company()
    proposal = proposed(company)
    assert schedule(company, proposal, TOMORROW) == 1
    noted = Activity.objects.get(verb="posting scheduled")
    assert noted.changes == {"post_on": ["", TOMORROW.isoformat()]}
    assert post_scheduled(at=NOW) == 0
    assert not CustomerInvoice.objects.exists()
    assert post_scheduled(at=NOW + timedelta(days=1)) == 1
    invoice = CustomerInvoice.objects.get()
    assert (invoice.posted_by, invoice.invoice_date) == (company.accountant, proposal.accounting_date)
    assert post_scheduled(at=NOW + timedelta(days=1)) == 0
    assert_proven()


def test_what_is_refused_that_day_keeps_the_reason_and_no_other_waits_for_it():
    company = Company()
    bad, good = proposed(company), proposed(company)
    InvoiceProposal.objects.filter(pk=bad.pk).update(sales_tax_group=None)
    for one in (bad, good):
        schedule(company, one, TODAY)
    assert post_scheduled(at=NOW) == 1
    waiting = InvoiceProposal.objects.unposted().get()
    assert waiting == bad
    assert waiting.not_posted_because.startswith("It has no sales tax group.")
    with unchanged():
        assert post_scheduled(at=NOW) == 0


def test_a_bad_one_does_not_put_a_later_date_before_an_earlier_one():
    company = Company()
    late, bad, early = proposed(company), proposed(company), proposed(company)
    InvoiceProposal.objects.filter(pk=bad.pk).update(sales_tax_group=None)
    InvoiceProposal.objects.filter(pk=early.pk).update(accounting_date=date(2026, 3, 2))
    for one in (late, bad, early):
        schedule(company, one, TODAY)
    assert post_scheduled(at=NOW) == 2
    posted = CustomerInvoice.objects.order_by("series_number")
    assert list(posted.values_list("proposal", flat=True)) == [early.pk, late.pk]
    assert_proven()


def test_a_customer_put_on_hold_after_confirmation_is_billed_once_it_is_released():
    company = Company()
    schedule(company, proposed(company), TODAY)
    Customer.objects.update(is_on_hold=True)
    assert post_scheduled(at=NOW) == 0
    assert "Release the customer first." in InvoiceProposal.objects.get().not_posted_because
    Customer.objects.update(is_on_hold=False)
    assert post_scheduled(at=NOW) == 1
    assert_proven()


def test_a_day_that_is_over_is_refused_and_none_takes_the_schedule_back():
    company = Company()
    proposal = proposed(company)
    with refused("day-is-over"):
        schedule(company, proposal, TODAY - timedelta(days=1))
    schedule(company, proposal, TODAY)
    schedule(company, proposal, None)
    assert post_scheduled(at=NOW) == 0
    assert company.proposals().get().scheduled_by is None


def test_those_whose_day_has_come_are_not_behind_others_and_those_never_refused_go_first(monkeypatch):
    monkeypatch.setattr("accounting.posting_by_clock.MOST", 1)
    company = Company()
    later, bad, good = proposed(company), proposed(company), proposed(company)
    InvoiceProposal.objects.filter(pk=bad.pk).update(sales_tax_group=None)
    schedule(company, later, TOMORROW)
    schedule(company, bad, TODAY)
    schedule(company, good, TODAY)
    assert [post_scheduled(at=NOW) for _tick in range(3)] == [0, 1, 0]
    assert CustomerInvoice.objects.get().proposal == good
    assert_proven()


def test_a_company_whose_time_zone_is_not_known_stops_no_other():
    other, company = Company(), Company()
    for one in (other, company):
        schedule(one, proposed(one), TODAY)
    LegalEntity.objects.filter(pk=other.entity.pk).update(timezone="Nowhere/Else")
    assert post_scheduled(at=NOW) == 1
    assert CustomerInvoice.objects.get().legal_entity == company.entity


def test_rows_that_somebody_holds_wait_and_the_other_company_is_posted(monkeypatch):
    held, company = Company(), Company()
    for one in (held, company):
        schedule(one, proposed(one), TODAY)

    def post(proposals, **by):
        if proposals.filter(legal_entity=held.entity).exists():
            raise OperationalError("database is locked")
        return post_proposals(proposals, **by)

    monkeypatch.setattr("accounting.posting_by_clock.post_proposals", post)
    assert post_scheduled(at=NOW) == 1
    waiting = InvoiceProposal.objects.unposted().get()
    assert (waiting.legal_entity, waiting.not_posted_because) == (held.entity, "")


def test_nothing_is_posted_in_the_name_of_somebody_who_left():
    company = Company()
    schedule(company, proposed(company), TODAY)
    User.objects.filter(pk=company.accountant.pk).update(is_active=False)
    assert post_scheduled(at=NOW) == 0
    because = InvoiceProposal.objects.get().not_posted_because
    assert because.endswith(" may not post invoices any more. Schedule it again, or post it.")
    User.objects.filter(pk=company.accountant.pk).update(is_active=True)
    company.accountant.user_permissions.clear()
    assert post_scheduled(at=NOW) == 0
    assert not CustomerInvoice.objects.exists()

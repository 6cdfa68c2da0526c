"""Customers that are not reminded, disputed invoices, and what the clock proposes (C11)."""

from datetime import date

import pytest
from django.core import mail

from accounting.models import CustomerInvoice, ReminderProposal, ReminderStop
from accounting.outbox_handlers import sweep_outbox
from accounting.proposing_reminders import propose_reminders
from accounting.stopping_reminders import dispute_invoices, lift_stops, stop_reminders
from core.models import Activity
from projects.models import Customer, LegalEntity
from projects.roles import PROJECT_ACCOUNTANT
from tests.company import Company, only
from tests.company.checking import refused
from tests.company.receivables import pays
from tests.company.reminders import codes, proposed, reached, sent
from tests.company.rows import moment_for

pytestmark = pytest.mark.django_db

FIRST = date(2026, 5, 7)
AT = moment_for(FIRST)


@pytest.fixture
def at() -> Company:
    company = Company()
    company.invoice = company.billed(8)
    reached(company)
    return company


def stopped(at: Company, until: date | None = None, reason: str = "Agreed by phone") -> ReminderStop:
    customers = Customer.objects.filter(pk=at.customer.pk)
    (stop,) = stop_reminders(customers, until=until, reason=reason, on=FIRST, actor=at.accountant, at=AT)
    return stop


def disputed(at: Company, reason: str = "Two hours too many", **options: object) -> ReminderStop:
    acting = {"until": None, "reason": reason, "on": FIRST, "actor": at.accountant, "at": AT} | options
    (stop,) = dispute_invoices(CustomerInvoice.objects.filter(pk=at.invoice.pk), **acting)
    return stop


def test_a_stopped_customer_is_left_out_with_the_reason_until_the_day_is_over(at):
    stopped(at, until=date(2026, 5, 20))
    (why,) = proposed(at, date(2026, 5, 20)).left_out
    assert (why.code, why.message) == (
        "reminders-stopped",
        "No reminders until 20 May 2026: Agreed by phone.",
    )
    assert len(proposed(at, date(2026, 5, 21)).reminders) == 1


def test_a_disputed_invoice_is_left_out_and_the_others_are_reminded_of(at):
    other = at.billed(4)
    disputed(at)
    (one,) = proposed(at, FIRST).reminders
    assert [item.invoice for item in one.items] == [other]
    (why,) = proposed(at, FIRST).left_out
    assert (why.code, why.message) == ("invoice-disputed", "Disputed: Two hours too many.")


def test_a_lifted_stop_lets_it_be_proposed_again_and_is_noted(at):
    stop = stopped(at)
    assert codes(proposed(at, FIRST)) == ["reminders-stopped"]
    assert lift_stops(only(stop), actor=at.accountant, at=AT) == 1
    assert len(proposed(at, FIRST).reminders) == 1
    noted = Activity.objects.filter(subject_kind="accounting.reminderstop").order_by("pk")
    assert [(one.verb, one.actor) for one in noted] == [
        ("reminders stopped", at.accountant),
        ("reminders resumed", at.accountant),
    ]
    with refused("lifted-already"):
        lift_stops(only(stop), actor=at.accountant, at=AT)


def test_what_makes_no_sense_is_refused(at):
    with refused("reason-missing", "day-is-over"):
        stopped(at, until=date(2026, 5, 6), reason=" ")
    with refused("reason-missing"):
        disputed(at, reason="")
    stopped(at)
    disputed(at)
    with refused("stopped-already"):
        stopped(at)
    with refused("stopped-already"):
        disputed(at)
    acting = {"until": None, "reason": "x", "on": FIRST, "actor": at.accountant, "at": AT}
    with refused("nothing-chosen"):
        stop_reminders(Customer.objects.none(), **acting)
    with refused("nothing-chosen"):
        dispute_invoices(CustomerInvoice.objects.none(), **acting)


def test_the_mail_counts_letters_and_says_how_many_invoices_are_overdue(at):
    hanna = at.person(PROJECT_ACCOUNTANT)
    hanna.email = "hanna@example.org"
    hanna.save()
    at.billed(4)
    assert propose_reminders(LegalEntity.objects.filter(pk=at.entity.pk), at=AT) == 2
    sweep_outbox(now=AT)
    (letter,) = [one for one in mail.outbox if "reminder" in one.subject]
    # Both invoices stand in one letter to their customer.
    assert letter.subject == f"1 reminder proposed, {at.entity.name}"
    assert "2 invoices are overdue" in letter.body


def test_the_clock_proposes_once_and_tells_those_who_may_send(at):
    hanna = at.person(PROJECT_ACCOUNTANT)
    hanna.email = "hanna@example.org"
    hanna.save()
    entities = LegalEntity.objects.filter(pk=at.entity.pk)
    assert propose_reminders(entities, at=moment_for(date(2026, 5, 6))) == 0
    assert propose_reminders(entities, at=AT) == 1
    assert propose_reminders(entities, at=AT) == 0
    sweep_outbox(now=AT)
    (letter,) = [one for one in mail.outbox if "reminder" in one.subject]
    assert letter.to == ["hanna@example.org"]
    assert letter.subject == f"1 reminder proposed, {at.entity.name}"
    assert "/admin/accounting/reminder/review/" in letter.body

    assert ReminderProposal.objects.waiting(FIRST).count() == 1
    sent(at, FIRST)
    assert ReminderProposal.objects.waiting(FIRST).count() == 0
    # The next level is new; it stops waiting when the invoice is paid.
    second = date(2026, 5, 21)
    assert propose_reminders(entities, at=moment_for(second)) == 1
    assert ReminderProposal.objects.waiting(second).count() == 1
    stop = disputed(at)
    assert ReminderProposal.objects.waiting(second).count() == 0
    lift_stops(only(stop), actor=at.accountant, at=AT)
    pays(at, "1920", at.invoice.customer_transaction, on=date(2026, 4, 1))
    assert ReminderProposal.objects.waiting(second).count() == 0


def test_a_company_whose_time_zone_is_unknown_keeps_no_other_from_its_proposals(at):
    other = Company.bare()
    LegalEntity.objects.filter(pk=other.entity.pk).update(timezone="Europe/Nowhere")
    assert propose_reminders(LegalEntity.objects.all(), at=AT) == 1

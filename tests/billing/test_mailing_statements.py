"""The statement of prepaid hours goes to the customer by mail: to whom, what, and what is refused (A12)."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from smtplib import SMTPDataError

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse

from accounting.outbox_handlers import sweep_outbox
from billing import mailing_statements
from billing.mailing_statements import send_prepaid_statement
from billing.models import SentStatement
from core.documents.rendering import RenderingFailed
from core.models import Activity, OutboxEntry
from projects.models import Customer, PrepaidHours
from tests.company import Company, only
from tests.company.checking import assert_proven, refused, statements, unchanged
from tests.company.prepaid import APPLICATION_CARE, agreed, work
from tests.company.rows import moment_for

pytestmark = pytest.mark.django_db

SEPTEMBER = date(2026, 9, 4)
AT = moment_for(SEPTEMBER)
FIVE_HOURS = replace(APPLICATION_CARE, hours=Decimal(5), roll_over_hours=Decimal(0), months=2)
ADDRESS = "buchhaltung@alster.example"


@pytest.fixture
def at(company: Company) -> Company:
    company.agreement = agreed(company, FIVE_HOURS)
    reached(company, ADDRESS)
    company.manager.first_name, company.manager.last_name = "Katrin", "Lang"
    company.manager.email = "katrin@example.org"
    company.manager.save()
    work(company, (8, 3, "4"), (8, 4, "2"))
    return company


def reached(company: Company, address: str, language: str = "de") -> None:
    Customer.objects.filter(pk=company.customer.pk).update(email=address, language=language)


def sent(company: Company, *, month: date = date(2026, 8, 1), address: str = ADDRESS) -> SentStatement:
    return send_prepaid_statement(
        only(company.agreement), month, address=address, actor=company.manager, on=SEPTEMBER, at=AT
    )


def test_the_customer_gets_the_document_in_its_language_and_it_is_kept(at):
    one = sent(at)
    assert not mail.outbox
    assert sweep_outbox(now=AT) >= 1
    (letter,) = mail.outbox
    assert (letter.to, letter.reply_to) == ([ADDRESS], ["katrin@example.org"])
    assert letter.subject == f"Stundennachweis für August 2026, {at.line.name}"
    assert letter.body.splitlines() == [
        f"Im Anhang steht der Stundennachweis Ihres Kontingents für August 2026: {at.contract.number}, "
        f"{at.line.name}.",
        "",
        "Fragen dazu beantwortet Katrin Lang: katrin@example.org.",
        "",
        at.entity.name,
    ]
    ((name, content, kind),) = letter.attachments
    assert (name, kind) == (f"{at.contract.number}-2026-08.pdf", "application/pdf")
    assert content == bytes(one.pdf)
    assert content.startswith(b"%PDF-")
    assert hashlib.sha256(content).hexdigest() == one.sha256
    assert (one.address, one.language, one.sent_by, one.sent_at) == (ADDRESS, "de", at.manager, AT)

    # What was not sent twice is not sent twice by another sweep.
    sweep_outbox(now=AT)
    assert len(mail.outbox) == 1
    assert_proven()


def test_who_sent_it_when_and_to_whom_is_noted(at):
    one = sent(at)
    noted = Activity.objects.get(verb="statement sent")
    assert (noted.actor, noted.happened_at, noted.subject_id) == (at.manager, AT, at.agreement.pk)
    assert noted.facts == {
        "month": "2026-08-01",
        "to": ADDRESS,
        "customer": str(at.customer),
        "sha256": one.sha256,
    }


def test_what_was_sent_stays_as_it_was_when_hours_change(at):
    first = sent(at)
    work(at, (8, 5, "1"))
    second = sent(at)
    assert first.sha256 != second.sha256
    sweep_outbox(now=AT)
    assert [letter.attachments[0][1] for letter in mail.outbox] == [bytes(first.pdf), bytes(second.pdf)]


def test_a_mail_that_does_not_leave_is_tried_again_and_keeps_no_other(at, monkeypatch):
    one, deliver = sent(at), EmailBackend.send_messages
    refusal = SMTPDataError(451, "try later")
    monkeypatch.setattr(EmailBackend, "send_messages", lambda *_: (_ for _ in ()).throw(refusal))
    sweep_outbox(now=AT)
    entry = OutboxEntry.objects.get(effect_key=f"prepaid-statement:{one.pk}")
    assert (entry.status, entry.attempts) == ("pending", 1)
    monkeypatch.setattr(EmailBackend, "send_messages", deliver)
    sweep_outbox(now=AT)
    assert [letter.to for letter in mail.outbox] == [[ADDRESS]]


def test_without_an_address_nothing_is_sent_and_the_way_out_is_named(at):
    reached(at, "")
    with refused("address-missing") as said:
        sent(at)
    (why,) = said.value.refusals
    assert why.message == f"{at.customer} has no e-mail address."
    assert why.way_out == "Enter it on the customer’s page, then send the statement."


def test_another_address_than_the_one_that_was_shown_is_refused(at):
    reached(at, "neu@alster.example")
    with refused("address-changed"):
        sent(at)


def test_a_month_without_a_block_or_that_has_not_begun_is_refused(at):
    agreement = agreed(at.with_another_customer(), APPLICATION_CARE)
    reached(at, ADDRESS)
    with refused("month-not-bought"):
        sent(at, month=date(2026, 10, 1))
    Customer.objects.update(email=ADDRESS)
    with refused("month-not-begun"):
        send_prepaid_statement(
            only(agreement), date(2026, 10, 1), address=ADDRESS, actor=at.manager, on=SEPTEMBER, at=AT
        )


def test_a_document_that_cannot_be_printed_is_refused(at, monkeypatch):
    def fails(*_args, **_kwargs):
        raise RenderingFailed("no font")

    monkeypatch.setattr(mailing_statements, "render_document", fails)
    with refused("not-printable") as said:
        sent(at)
    assert said.value.refusals[0].message == "The statement cannot be printed: no font."


def test_sending_costs_the_same_for_many_rows(at):
    few = statements(lambda: sent(at))
    work(at, *((8, day, "1") for day in range(6, 18)))
    assert statements(lambda: sent(at)) == few


# --- The page -------------------------------------------------------------------------------------


@pytest.fixture
def in_september():
    with time_machine.travel(datetime(2026, 9, 4, 12, tzinfo=UTC), tick=False):
        yield


def text_of(answer):
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_the_page_names_the_recipient_and_its_button_sends(at, in_september, manager):
    address = reverse("prepaid-send", args=[at.agreement.pk]) + "?month=2026-08"
    at.submitted(1, date=date(2026, 8, 20))
    card = reverse("prepaid", args=[at.agreement.pk])
    assert address in text_of(manager.get(f"{card}?month=2026-08"))
    with unchanged():
        page = text_of(manager.get(address))
    assert f"{at.customer.name}, {ADDRESS}" in page
    assert f"Send to {ADDRESS}" in page
    assert "1 entry of the month waits for its approver and is not on the statement." in page
    assert "is not over" not in page
    answer = manager.post(address, {"address": ADDRESS}, follow=True)
    assert answer.redirect_chain == [(f"{card}?month=2026-08", 302)]
    said = text_of(answer)
    assert f"On its way to {ADDRESS}" in said
    assert "waits to leave" in said
    assert f"sent the statement of August 2026 to {at.customer}, {ADDRESS}." in said
    sweep_outbox(now=AT)
    again = text_of(manager.get(address))
    assert "Sent before" in again
    assert "handed to the mail server" in again
    kept = manager.get(reverse("prepaid-sent", args=[SentStatement.objects.get().pk]))
    assert kept.content == bytes(SentStatement.objects.get().pdf)


def test_the_page_says_what_is_missing_and_where_it_is_entered(at, in_september, manager):
    reached(at, "")
    address = reverse("prepaid-send", args=[at.agreement.pk]) + "?month=2026-09"
    page = text_of(manager.get(address))
    assert f"{at.customer.name} has no e-mail address, so that nothing can be sent." in page
    assert reverse("change-customer", args=[at.customer.pk]) in page
    assert "Send to" not in page
    assert "September 2026 is not over: its hours may still change." in page
    with unchanged():
        answer = manager.post(address, {"address": ""})
    assert answer.status_code == 422
    assert "has no e-mail address." in text_of(answer)


def test_only_who_manages_the_contract_sends_and_who_sees_it_reads(at, in_september, stranger, team_member):
    one = sent(at)
    address = reverse("prepaid-send", args=[at.agreement.pk])
    for client, page, status in (
        (stranger, address, 404),
        (team_member, address, 403),
        (stranger, reverse("prepaid-sent", args=[one.pk]), 404),
        (team_member, reverse("prepaid-sent", args=[one.pk]), 403),
    ):
        assert client.get(page).status_code == status
    assert stranger.post(address, {"address": ADDRESS}).status_code == 404
    assert PrepaidHours.objects.count() == SentStatement.objects.count() == 1

"""The statement of a customer's account: as PDF, sent by mail, kept as it was sent (C11)."""

import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail

from accounting.importing_bank_files import import_bank_file
from accounting.models import CustomerTransaction, SentAccountStatement
from accounting.outbox_handlers import sweep_outbox
from accounting.sending_statements import send_account_statement
from accounting.statement_facts import account_letter
from core.documents.account_statement import AccountLetter, account_data
from core.documents.rendering import RenderingFailed
from core.models import Activity
from projects.models import Customer
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.bank_statements import Booked, camt
from tests.company.checking import assert_proven, refused
from tests.company.receivables import bank_of, owed, pays
from tests.company.reminders import ADDRESS, reached
from tests.company.rows import NOW, moment_for

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 3, 1), date(2026, 5, 7)
AT = moment_for(LAST)
PAGE = "accounting_statement"


@pytest.fixture
def at() -> Iterator[Company]:
    """100.00 from January, 1,920.00 invoiced on 31 March, of which 920.00 were paid on 1 April."""
    with time_machine.travel(AT, tick=False):
        company = Company()
        owed(company, "100", on=date(2026, 1, 5))
        company.invoice = company.billed(8)
        row = CustomerTransaction.objects.get(invoice=company.invoice)
        pays(company, "920", row, parts=("920",), on=date(2026, 4, 1))
        reached(company)
        yield company


def letter(at: Company, currency: str = "EUR", last: date = LAST) -> AccountLetter | None:
    customer = Customer.objects.select_related("legal_entity").get(pk=at.customer.pk)
    return account_letter(CustomerTransaction.objects.all(), customer, currency, FIRST, last, last)


def sent(
    at: Company, currency: str = "EUR", last: date = LAST, address: str = ADDRESS
) -> SentAccountStatement:
    customers = Customer.objects.filter(pk=at.customer.pk)
    acting = {"actor": at.accountant, "on": LAST, "at": AT}
    return send_account_statement(customers, currency, FIRST, last, address=address, **acting)


def test_the_account_runs_from_its_opening_to_what_is_open_by_age(at):
    facts = letter(at)
    assert (facts.opening, facts.closing, facts.overdue) == (100, 1100, 1100)
    assert [(row.what, row.amount, row.balance) for row in facts.rows] == [
        ("invoice", 1920, 2020),
        ("payment", -920, 1100),
    ]
    assert [(row.open_amount, row.days_late) for row in facts.open_rows] == [(100, 122), (1000, 7)]
    assert facts.ages == (0, 1000, 0, 0, 100)
    # As it stood: before the payment the whole invoice was open, and not due.
    assert letter(at, last=date(2026, 3, 31)).ages == (1920, 0, 0, 100, 0)


def test_the_document_says_so_in_the_language_of_the_customer(at):
    reached(at, language="de")
    printed = account_data(letter(at))
    account, left = printed["sections"]
    assert [(row["text"], row["rate"], row["amount"]) for row in account["rows"]] == [
        ("Saldovortrag", "", "100,00"),
        (at.invoice.number, "1.920,00", "2.020,00"),
        (account["rows"][2]["text"], "−920,00", "1.100,00"),
    ]
    assert left["title"].replace("\xa0", " ") == "Offen am 07.05.2026"
    assert [(row["label"], row["value"].replace("\xa0", " ")) for row in printed["totals"]] == [
        ("Nicht fällig", "0,00"),
        ("1 bis 30 Tage überfällig", "1.000,00"),
        ("31 bis 60 Tage überfällig", "0,00"),
        ("61 bis 90 Tage überfällig", "0,00"),
        ("Mehr als 90 Tage überfällig", "100,00"),
        ("Saldo am 07.05.2026", "1.100,00 €"),
    ]


def test_the_customer_gets_it_and_it_is_kept_as_it_was_sent(at):
    at.accountant.email = "hanna@example.org"
    at.accountant.save()
    one = sent(at)
    assert (one.balance, one.address, one.language, one.sent_by) == (1100, ADDRESS, "en-gb", at.accountant)
    assert not mail.outbox
    sweep_outbox(now=AT)
    (message,) = mail.outbox
    assert (message.to, message.reply_to) == ([ADDRESS], ["hanna@example.org"])
    assert message.subject == f"Statement of account to 7 May 2026, {at.entity.name}"
    ((name, content, kind),) = message.attachments
    assert (name, kind) == (f"{at.customer.number}-EUR-20260507.pdf", "application/pdf")
    assert (content, hashlib.sha256(content).hexdigest()) == (bytes(one.pdf), one.sha256)
    noted = Activity.objects.get(verb="statement sent")
    assert (noted.facts["to"], noted.facts["balance"], noted.subject_id) == (ADDRESS, "1100", at.customer.pk)
    assert_proven()


def test_what_cannot_be_sent_is_refused_with_its_reason(at, monkeypatch):
    with refused("nothing-to-state"):
        sent(at, "USD")
    with refused("day-ahead"):
        sent(at, last=date(2026, 5, 8))
    with refused("address-changed"):
        sent(at, address="old@example.org")

    def fails(*_: object) -> bytes:
        raise RenderingFailed("no paper")

    with monkeypatch.context() as patched:
        patched.setattr("accounting.sending_statements.render_document", fails)
        with refused("not-printable"):
            sent(at)
    reached(at, "")
    with refused("address-missing"):
        sent(at)


def test_the_page_shows_prints_and_sends_it(at):
    client = AdminClient(at.person(PROJECT_ACCOUNTANT))
    content = camt(Booked("100.00", at.customer.name, payer=at.customer.name, on="2026-05-06"))
    import_bank_file(bank_of(at), name="may.xml", content=content, actor=at.accountant, at=NOW)
    days = {"first": FIRST.isoformat(), "last": LAST.isoformat()}
    page = client.shown(PAGE, at.customer.pk, **days)
    text = page.content.decode()
    for said in ("€1,100.00", "By age", "Not in this statement yet", ADDRESS, "Nothing was sent yet."):
        assert said in text, said
    pdf = client.shown(f"{PAGE}_document", at.customer.pk, "EUR", **days)
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    assert client.shown(f"{PAGE}_document", at.customer.pk, "USD", **days).status_code == 404

    form: dict[str, Any] = {"currency": "EUR", "address": ADDRESS, **days}
    wrong = client.sent(PAGE, at.customer.pk, data=form | {"address": "old@example.org"})
    assert (wrong.status_code, wrong.context["refusals"][0].code) == (422, "address-changed")
    answer = client.sent(PAGE, at.customer.pk, data=form)
    assert messages_of(answer) == [f"The statement is on its way to {ADDRESS}."]
    one = SentAccountStatement.objects.get()
    assert one.balance == Decimal(1100)
    assert client.shown(f"{PAGE}_sent", one.pk).content == bytes(one.pdf)
    assert "Statement to 7 May 2026" in client.shown(PAGE, at.customer.pk).content.decode()


def test_who_may_not_send_looks_and_another_company_sees_nothing(at):
    one = sent(at)
    controller = AdminClient(at.person(FINANCE_CONTROLLER))
    assert "Send statement" not in controller.shown(PAGE, at.customer.pk).content.decode()
    assert controller.sent(PAGE, at.customer.pk, data={"currency": "EUR"}).status_code == 403
    stranger = AdminClient(Company.bare().person(PROJECT_ACCOUNTANT))
    assert stranger.shown(PAGE, at.customer.pk).status_code == 404
    assert stranger.shown(f"{PAGE}_sent", one.pk).status_code == 404

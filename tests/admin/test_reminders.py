"""Reminders in the admin: reviewed, sent, seen on invoice, customer and ageing; stopped and lifted (C11)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from accounting.models import Reminder, ReminderLevel, ReminderStop
from accounting.outbox_handlers import sweep_outbox
from projects.roles import FINANCE_CONTROLLER
from tests.admin.admin_client import AdminClient, formset, messages_of
from tests.company import Company
from tests.company.checking import unchanged
from tests.company.receivables import pays
from tests.company.reminders import reached
from tests.company.rows import moment_for

pytestmark = pytest.mark.django_db

FIRST = date(2026, 5, 7)
REVIEW = "accounting_reminder_review"


@pytest.fixture(autouse=True)
def seventh_of_may() -> Iterator[None]:
    with time_machine.travel(moment_for(FIRST), tick=False):
        yield


@pytest.fixture
def owed(company: Company) -> Any:
    """1,920.00 that were due on 30 April."""
    invoice = company.billed(8)
    reached(company)
    return invoice


def ticks(page: Any) -> list[str]:
    return [row["value"] for row in page.context["rows"]]


def test_reminders_are_reviewed_and_sent_and_stand_everywhere(
    company: Company, accountant: AdminClient, owed: Any
):
    page = accountant.shown(REVIEW)
    (tick,) = ticks(page)
    assert tick == f"{company.customer.pk}-EUR:1:1920"
    text = page.content.decode()
    for said in ("1 reminder proposed: €1,920.00", owed.number, "7 days late", "kreditoren@alster.example"):
        assert said in text
    letter = accountant.shown("accounting_reminder_letter", company.customer.pk, "EUR")
    assert (letter.status_code, letter.content[:5]) == (200, b"%PDF-")
    assert Reminder.objects.count() == 0

    answer = accountant.sent(REVIEW, data={"reminder": [tick]})
    assert (answer.status_code, answer.url) == (302, reverse("admin:accounting_reminder_changelist"))
    assert messages_of(answer) == ["1 reminder is on its way."]
    sweep_outbox(now=moment_for(FIRST))
    reminder = Reminder.objects.get()
    assert accountant.shown("accounting_reminder_document", reminder.pk).content[:5] == b"%PDF-"
    sent = "First reminder, 7 May 2026"
    for name, args in (
        ("accounting_customerinvoice_changelist", ()),
        ("accounting_ageing", ()),
        ("accounting_statement", (company.customer.pk,)),
    ):
        assert sent in accountant.shown(name, *args).content.decode(), name
    invoice = accountant.shown("accounting_customerinvoice_change", owed.pk).content.decode()
    assert "kreditoren@alster.example" in invoice
    page = accountant.shown("accounting_reminder_change", reminder.pk).content.decode()
    assert owed.number in page
    customer = accountant.get(reverse("customer", args=[company.customer.pk]))
    assert sent in customer.content.decode()
    assert ticks(accountant.shown(REVIEW)) == []


def test_what_is_not_as_shown_keeps_the_page_with_the_reason(
    company: Company, accountant: AdminClient, owed: Any
):
    (tick,) = ticks(accountant.shown(REVIEW))
    pays(company, "20", owed.customer_transaction, parts=("20",), on=date(2026, 4, 1))
    with unchanged():
        answer = accountant.sent(REVIEW, data={"reminder": [tick]})
    assert answer.status_code == 422
    assert [one.code for one in answer.context["refusals"]] == ["changed-since-shown"]
    assert ticks(answer) == [f"{company.customer.pk}-EUR:1:1900"]
    for spoilt in ([], ["x"], ["1-EUR"], ["99999999999999999999-EUR:1:1"], ["1-EUR:1:1e999999"]):
        answer = accountant.sent(REVIEW, data={"reminder": spoilt})
        assert answer.status_code == 422, spoilt


def test_a_controller_looks_and_does_not_send(company: Company, admin_client_of: Any, owed: Any):
    controller = admin_client_of(FINANCE_CONTROLLER)
    page = controller.shown(REVIEW)
    assert len(ticks(page)) == 1
    assert "Send what is ticked" not in page.content.decode()
    assert controller.sent(REVIEW, data={"reminder": ticks(page)}).status_code == 403
    assert Reminder.objects.count() == 0


def test_an_invoice_is_disputed_and_its_customer_stopped_from_the_list(
    company: Company, accountant: AdminClient, owed: Any
):
    page = accountant.chosen("accounting_customerinvoice", "dispute", owed)
    answer = accountant.confirms(page, reason="Two hours too many", until="")
    assert messages_of(answer) == ["1 invoice is disputed."]
    left = accountant.shown(REVIEW)
    assert ticks(left) == []
    assert "Disputed: Two hours too many" in left.content.decode()
    stop = ReminderStop.objects.get()
    answer = accountant.sent("accounting_reminderstop_action", stop.pk, "lift")
    assert messages_of(answer) == ["1 stop lifted."]
    assert len(ticks(accountant.shown(REVIEW))) == 1

    page = accountant.chosen("accounting_customerinvoice", "stop-reminders", owed)
    answer = accountant.confirms(page, reason="Agreed by phone", until="2026-05-20")
    assert messages_of(answer) == ["1 customer is not reminded."]
    assert "No reminders until 20 May 2026: Agreed by phone" in accountant.shown(REVIEW).content.decode()


def test_a_controller_sets_days_fee_and_texts_of_a_level(company: Company, admin_client_of: Any, owed: Any):
    controller = admin_client_of(FINANCE_CONTROLLER)
    data = {"legal_entity": company.entity.pk, "level": "1", "days": "3", "fee": "2.50"}
    texts = formset("texts", {"language": "de", "text": "Bitte zahlen Sie."})
    assert controller.sent("accounting_reminderlevel_add", data=data | texts).status_code == 302
    level = ReminderLevel.objects.get()
    assert (level.days, level.fee, level.texts.get().text) == (3, 2.5, "Bitte zahlen Sie.")


def test_another_companys_customers_are_not_reminded_of(company: Company, accountant: AdminClient, owed: Any):
    other = Company()
    other.billed(8)
    reached(other)
    assert ticks(accountant.shown(REVIEW)) == [f"{company.customer.pk}-EUR:1:1920"]
    assert accountant.shown("accounting_reminder_letter", other.customer.pk, "EUR").status_code == 404
    answer = accountant.sent(REVIEW, data={"reminder": [f"{other.customer.pk}-EUR:1:1920"]})
    assert answer.status_code == 422
    assert Reminder.objects.count() == 0

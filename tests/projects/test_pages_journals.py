"""The pages of actuals, entry journals and cancellation journals."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from projects.models import Actual, CancellationJournal, EntryJournal
from projects.roles import (
    FINANCE_CONTROLLER,
    PROJECT_ACCOUNTANT,
    PROJECT_MANAGER,
    TEAM_MEMBER,
)
from tests.company import Company, journal_rows
from tests.company.checking import assert_proven, statements
from tests.company.people import signed_in
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company()


@pytest.fixture
def accountant(at: Company) -> Client:
    return signed_in(at.admit(at.accountant, PROJECT_ACCOUNTANT))


@pytest.fixture
def day_of_work() -> Iterator[None]:
    """The day on which everything happens, because pages read the clock."""
    with time_machine.travel(NOW, tick=False):
        yield


def a_line(at: Company, **values: Any) -> dict[str, Any]:
    """What is typed for eight hours at 200."""
    return {
        "type": "2",
        "transaction_class": "time",
        "date": "2026-03-02",
        "project": at.project.pk,
        "contract_line": at.line.pk,
        "customer": at.customer.pk,
        "quantity": "8",
        "unit": "h",
        "price": "200",
        "billing_type": "1",
        "description": "Work before the system",
    } | values


def begun(at: Company, accountant: Client) -> EntryJournal:
    answer = accountant.post("/journals/new/", {"legal_entity": at.entity.pk, "reason": "Opening"})
    journal = EntryJournal.objects.get()
    assert answer.url == reverse("entry-journal", args=[journal.pk])
    return journal


def test_journal_is_typed_and_confirmed_in_pages(at: Company, accountant: Client, day_of_work: None) -> None:
    journal = begun(at, accountant)
    address = f"/journals/{journal.pk}/"
    assert b"No line yet" in accountant.get(address).content
    assert accountant.post(f"{address}line/", a_line(at)).url == address
    assert b"Work before the system" in accountant.get(address).content
    assert accountant.post(f"{address}confirm/").url == address
    assert at.actuals() == "unbilled chargeable +8 +1600.00 not_ready"
    page = accountant.get(address)
    assert page.context["is_open"] is False
    assert b"Remove" not in page.content
    assert_proven()


def test_line_that_is_wrong_comes_back_with_its_reason(
    at: Company, accountant: Client, day_of_work: None
) -> None:
    journal = begun(at, accountant)
    answer = accountant.post(f"/journals/{journal.pk}/line/", a_line(at, customer="", amount="7"))
    assert answer.status_code == 422
    assert {one.code for one in answer.context["refusals"]} == {"amount-differs", "payer-missing"}
    assert answer.context["form"]["description"].value() == "Work before the system"
    assert not journal.lines.exists()


def test_billed_sales_are_refused_with_a_sentence(at: Company, accountant: Client, day_of_work: None) -> None:
    journal = begun(at, accountant)
    answer = accountant.post(f"/journals/{journal.pk}/line/", a_line(at, type="3"))
    assert [one.code for one in answer.context["refusals"]] == ["billed-sales-need-a-proforma"]


def test_line_is_removed(at: Company, accountant: Client, day_of_work: None) -> None:
    journal = begun(at, accountant)
    accountant.post(f"/journals/{journal.pk}/line/", a_line(at))
    line = journal.lines.get()
    accountant.post(f"/journals/{journal.pk}/line/{line.pk}/remove/")
    assert not journal.lines.exists()


def test_actuals_are_listed_with_their_statuses_and_filtered_by_them(at: Company, accountant: Client) -> None:
    at.approved(8)
    at.ready()
    at.approved(1)
    shown = accountant.get("/actuals/?billing=ready").context["table"].rows
    assert [(row.record.quantity, row.record.billing_status) for row in shown] == [(8, "ready")]
    page = accountant.get("/actuals/")
    assert len(page.context["table"].rows) == 4
    assert b"Ready to invoice" in page.content


def test_cost_is_shown_in_the_currency_of_the_cost(accountant: Client) -> None:
    there = Company(currency="USD")
    there.approved(8)
    client = signed_in(there.admit(there.accountant, PROJECT_ACCOUNTANT))
    shown = {
        row.record.type: row.record.its_currency for row in client.get("/actuals/").context["table"].rows
    }
    assert shown == {1: "EUR", 2: "USD"}


def test_rows_of_an_entry_journal_are_cancelled_in_pages(at: Company, accountant: Client) -> None:
    journal_rows.entry_journal(at, is_confirmed=True)
    at.approved(8)
    everything = {"scope": "page", "row": [str(one.pk) for one in Actual.objects.all()]}
    asked = accountant.post("/actuals/cancel/", everything)
    assert (asked.status_code, asked.context["count"]) == (200, 3)
    answer = accountant.post(
        "/actuals/cancel/", everything | {"reason": "Typed twice", "go": "1"}, follow=True
    )
    journal = CancellationJournal.objects.get()
    assert answer.redirect_chain[0][0] == f"/cancellations/{journal.pk}/"
    said = [str(message) for message in answer.context["messages"]]
    assert sum("no entry journal wrote it" in text for text in said) == 2
    assert b"In process" in answer.content
    accountant.post(f"/cancellations/{journal.pk}/confirm/")
    assert at.statuses().splitlines()[0] == "cost chargeable +2 +100.00 cancelled adjusted"
    assert_proven()


def test_cancellation_is_discarded_in_pages(at: Company, accountant: Client) -> None:
    journal = journal_rows.cancellation(at)
    accountant.post(f"/cancellations/{journal.pk}/discard/")
    page = accountant.get(f"/cancellations/{journal.pk}/")
    assert (page.context["is_open"], list(page.context["rows"])) == (False, [])


def test_approved_work_alone_cannot_be_cancelled_so(at: Company, accountant: Client) -> None:
    at.approved(8)
    everything = {"scope": "page", "row": [str(one.pk) for one in Actual.objects.all()]}
    answer = accountant.post("/actuals/cancel/", everything | {"reason": "Wrong", "go": "1"})
    assert answer.status_code == 422
    assert [one.code for one in answer.context["refusals"]] == ["nothing-to-cancel"]
    assert at.statuses() == table("""
        cost      chargeable  +8   +800.00  -          -
        unbilled  chargeable  +8  +1600.00  not_ready  -
    """)


SEES = [(PROJECT_ACCOUNTANT, 200), (FINANCE_CONTROLLER, 200), (PROJECT_MANAGER, 403), (TEAM_MEMBER, 403)]


@pytest.mark.parametrize(("role", "status"), SEES)
@pytest.mark.parametrize("address", ["/actuals/", "/journals/", "/cancellations/"])
def test_who_sees_journals_of_facts(at: Company, address: str, role: str, status: int) -> None:
    assert signed_in(at.person(role)).get(address).status_code == status


@pytest.mark.parametrize("role", [FINANCE_CONTROLLER, PROJECT_MANAGER, TEAM_MEMBER])
def test_accountants_alone_write_and_cancel(at: Company, role: str) -> None:
    client = signed_in(at.person(role))
    journal, cancellation = journal_rows.entry_journal(at), journal_rows.cancellation(at)
    for address in [
        "/journals/new/",
        f"/journals/{journal.pk}/line/",
        f"/journals/{journal.pk}/confirm/",
        f"/journals/{journal.pk}/line/{journal.lines.get().pk}/remove/",
        "/actuals/cancel/",
        f"/cancellations/{cancellation.pk}/confirm/",
        f"/cancellations/{cancellation.pk}/discard/",
    ]:
        assert client.post(address).status_code == 403, address
    assert journal.lines.count() == 1


def test_journals_of_another_company_are_not_there(accountant: Client) -> None:
    there = Company.bare()
    journal, cancellation = journal_rows.entry_journal(there), journal_rows.cancellation(there)
    for address in (f"/journals/{journal.pk}/", f"/cancellations/{cancellation.pk}/"):
        assert accountant.get(address).status_code == 404
        assert accountant.post(f"{address}confirm/").status_code == 404


def test_statements_of_a_journal_do_not_grow_with_its_lines(at: Company, accountant: Client) -> None:
    journal, counts = journal_rows.entry_journal(at), []
    for more in (1, 3):
        for _each in range(more):
            journal_rows.typed_line(journal, at)
        address = f"/journals/{journal.pk}/"
        accountant.get(address)
        counts.append(statements(partial(accountant.get, address)))
    assert counts[0] == counts[1]

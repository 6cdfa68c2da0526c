"""The trace goes on to the payment: settlements, write-offs, credit notes, reminders, and back (X5)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounting.models import CustomerInvoice, Settlement
from accounting.offsetting import settle_open
from accounting.unsettling import unsettle
from billing.models import Proforma
from projects.models import Entry, Project, ProjectContract, WorkItem
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company, reminders
from tests.company.checking import statements, unchanged
from tests.company.corrections import corrected
from tests.company.people import signed_in
from tests.company.receivables import pays
from tests.company.rows import CUT_OFF, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company()


@pytest.fixture
def accountant(at: Company) -> Client:
    return signed_in(at.admit(at.accountant, PROJECT_ACCOUNTANT))


def of_entry(client: Client) -> Any:
    entry = Entry.objects.order_by("pk").first()
    assert entry is not None
    return client.get(reverse("trace-entry", args=[entry.pk]))


def of_document(client: Client, proforma: Proforma) -> Any:
    return client.get(reverse("trace-document", args=[proforma.number]))


def settled(page: Any) -> list[tuple[str, str, str, bool]]:
    return [
        (paid.invoice.number, one.what, f"{one.amount:.2f}", one.is_undone)
        for paid in page.context["payments"]
        for one in paid.settlements
    ]


def left(page: Any) -> list[str]:
    return [f"{paid.invoice.open_amount:.2f}" for paid in page.context["payments"]]


def test_the_trace_of_an_hour_ends_with_what_paid_it(at: Company, accountant: Client) -> None:
    invoice = at.billed(8)
    assert left(of_entry(accountant)) == ["1920.00"]
    payment = pays(
        at, "900", invoice.customer_transaction, parts=("900",), on=CUT_OFF, reference="Transfer 7"
    )
    with unchanged():
        page = of_entry(accountant)
    assert settled(page) == [(invoice.number, "Customer payment", "900.00", False)]
    assert left(page) == ["1020.00"]
    body = page.content.decode()
    assert f'href="{reverse("admin:accounting_customerpayment_change", args=[payment.pk])}"' in body
    assert "Transfer 7" in body
    assert "Partly paid" in body


def test_what_was_undone_stays_in_sight(at: Company, accountant: Client) -> None:
    invoice = at.billed(8)
    pays(at, "1920", invoice.customer_transaction, on=CUT_OFF)
    unsettle(Settlement.objects.all(), reason="Another one", actor=at.accountant, at=NOW)
    page = of_entry(accountant)
    assert settled(page) == [
        (invoice.number, "Customer payment", "1920.00", True),
        (invoice.number, "Customer payment", "-1920.00", True),
    ]
    assert left(page) == ["1920.00"]


def test_a_credit_note_stands_beside_its_original_and_settles_it(at: Company, accountant: Client) -> None:
    invoice = at.billed(8)
    original = invoice.proposal.proforma
    correction = corrected(at, original, quantity="6")
    (credit,) = at.invoices()
    rows = [one.customer_transaction.pk for one in (invoice, credit)]
    settle_open({rows[0]: Decimal(480), rows[1]: Decimal(-480)}, actor=at.accountant, at=NOW)
    for page in (
        of_entry(accountant),
        of_document(accountant, original),
        of_document(accountant, correction),
    ):
        assert settled(page) == [
            (invoice.number, f"Credit note {credit.number}", "480.00", False),
            (credit.number, f"Invoice {invoice.number}", "480.00", False),
        ]
        assert left(page) == ["1440.00", "0.00"]
        assert f'href="{reverse("trace-invoice", args=[credit.number])}"' in page.content.decode()


def test_reminders_of_the_invoice_are_in_it(at: Company, accountant: Client) -> None:
    invoice = at.billed(8)
    reminders.reached(at)
    reminders.sent(at, date(2026, 6, 30))
    page = of_document(accountant, invoice.proposal.proforma)
    [paid] = page.context["payments"]
    [item] = paid.reminders
    assert (item.open_amount, item.level) == (1920, 1)
    assert (
        f'href="{reverse("admin:accounting_reminder_change", args=[item.reminder_id])}"'
        in page.content.decode()
    )


def test_a_document_leads_back_to_the_work_on_it(at: Company, accountant: Client) -> None:
    invoice = at.billed(8)
    page = of_document(accountant, invoice.proposal.proforma)
    [line] = page.context["lines"]
    assert line.work_item_id == WorkItem.objects.get().pk
    assert f'href="{reverse("trace-work", args=[line.work_item_id])}"' in page.content.decode()
    assert page.context["next_key"] is None


def test_a_long_document_is_shown_in_parts(
    at: Company, accountant: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounting.views.trace.SHOWN_LINES", 2)
    for hours in (1, 2, 3):
        at.approved(hours)
    draft = at.draft()
    address = reverse("trace-document", args=[draft.number])
    first = accountant.get(address)
    assert [one.detail.amount for one in first.context["lines"]] == [200, 400]
    after = first.context["next_key"]
    second = accountant.get(f"{address}?after={after}")
    assert [one.detail.amount for one in second.context["lines"]] == [600]
    assert f"after={after}" in first.content.decode()
    assert accountant.get(f"{address}?after=%00").context["is_first"]


def test_a_manager_sees_whether_it_is_paid_and_not_by_which_transfer(at: Company) -> None:
    invoice = at.billed(8)
    pays(at, "900", invoice.customer_transaction, parts=("900",), on=CUT_OFF, reference="Transfer 7")
    Project.objects.filter(pk=at.project.pk).update(manager=at.manager)
    ProjectContract.objects.filter(pk=at.contract.pk).update(manager=at.manager)
    manager = signed_in(at.admit(at.manager, PROJECT_MANAGER))
    for page in (of_entry(manager), of_document(manager, invoice.proposal.proforma)):
        body = page.content.decode()
        assert "Partly paid" in body
        assert "€1,020.00" in body
        assert "Transfer 7" not in body
        assert "admin" not in body


def test_a_team_member_sees_nothing_of_the_payment(at: Company) -> None:
    invoice = at.billed(8)
    pays(at, "1920", invoice.customer_transaction, on=CUT_OFF)
    worker = signed_in(at.admit(at.worker, TEAM_MEMBER))
    page = of_entry(worker)
    assert "payments" not in page.context
    assert "€1,920.00" not in page.content.decode()
    assert of_document(worker, invoice.proposal.proforma).status_code == 403


def test_statements_do_not_grow_with_payments(at: Company, accountant: Client) -> None:
    invoice = at.billed(8)
    row = CustomerInvoice.objects.get(pk=invoice.pk).customer_transaction
    pays(at, "100", row, parts=("100",), on=CUT_OFF)
    few = statements(lambda: of_entry(accountant))
    for _each in range(3):
        pays(at, "100", row, parts=("100",), on=CUT_OFF)
    assert statements(lambda: of_entry(accountant)) == few

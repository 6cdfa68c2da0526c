"""The trace: from an entry to its voucher, and back from any of its rows (A10)."""

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from accounting.models import IntegrationJournalLine, ProjectTransaction, Voucher
from accounting.printing import print_invoices
from projects.correcting import correct_entries
from projects.correction_plans import NewValues
from projects.models import Actual, Approval, BacklogItem, Entry, WorkItem
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company, journal_rows, only
from tests.company.checking import statements
from tests.company.people import signed_in
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company()


@pytest.fixture
def accountant(at: Company) -> Client:
    return signed_in(at.admit(at.accountant, PROJECT_ACCOUNTANT))


def of(entry: Entry) -> str:
    return reverse("trace-entry", args=[entry.pk])


def test_from_the_entry_to_the_voucher_of_its_invoice(at: Company, accountant: Client) -> None:
    invoice = at.billed(8)
    unprinted = accountant.get(of(Entry.objects.get())).content.decode()
    assert reverse("invoice-pdf", args=[invoice.number]) not in unprinted
    print_invoices(only(invoice), at=NOW)
    page = accountant.get(of(Entry.objects.get()))
    assert page.status_code == 200
    trace = page.context["trace"]
    [approval] = trace.approvals
    assert approval == Approval.objects.get()
    [work] = trace.work
    assert (work.cost, work.unbilled, work.billed) == (800, 0, 1600)
    assert [(row.actual.amount, row.actual.billing_status) for row in work.rows] == [
        (800, ""),
        (1600, "posted"),
        (-1600, "posted"),
        (1600, "posted"),
    ]
    [traced] = trace.invoices
    voucher = Voucher.objects.get(source_kind="customer_invoice")
    assert (traced.invoice, traced.voucher) == (invoice, voucher)
    text = page.content.decode()
    for address in [
        reverse("proforma", args=[traced.proforma.number]),
        reverse("invoice-pdf", args=[invoice.number]),
        reverse("admin:accounting_voucher_change", args=[voucher.pk]),
        *(
            reverse("admin:accounting_integrationjournalline_change", args=[line.pk])
            for line in IntegrationJournalLine.objects.all()
        ),
        reverse("contract", args=[at.contract.number]),
    ]:
        assert f'href="{address}"' in text


def test_draft_that_holds_the_work_is_named(at: Company, accountant: Client) -> None:
    at.approved(8)
    draft = at.draft()
    page = accountant.get(of(Entry.objects.get()))
    [row] = [row for row in page.context["trace"].work[0].rows if row.proforma]
    assert (row.proforma, row.actual.billing_status) == (draft, "on_draft")


def test_corrected_entry_leads_to_the_one_that_took_its_place_and_back(
    at: Company, accountant: Client
) -> None:
    at.approved(8)
    correct_entries(
        Entry.objects.all(), NewValues(date=CUT_OFF), reason="Late", actor=at.accountant, on=DAY, at=NOW
    )
    old, new = Entry.objects.order_by("pk")
    assert f'href="{of(new)}"' in accountant.get(of(old)).content.decode()
    assert f'href="{of(old)}"' in accountant.get(of(new)).content.decode()
    [work] = accountant.get(of(old)).context["trace"].work
    assert (work.cost, work.unbilled) == (0, 0)


def test_every_row_of_approved_work_leads_back_to_its_entry(at: Company, accountant: Client) -> None:
    at.billed(8)
    at.approved(4)
    entry = Entry.objects.order_by("pk").first()
    work = WorkItem.objects.get(approval__entry=entry)
    answer = accountant.get(reverse("trace-work", args=[work.pk]))
    assert answer.url == f"{of(entry)}#work-{work.pk}"
    to_trace = f'href="{reverse("trace-work", args=[work.pk])}"'
    actual = Actual.objects.filter(work_item=work).first()
    for address in [
        reverse("actuals"),
        reverse("admin:projects_actual_change", args=[actual.pk]),
        reverse(
            "admin:accounting_integrationjournalline_change",
            args=[IntegrationJournalLine.objects.filter(actual__work_item=work).first().pk],
        ),
        reverse(
            "admin:accounting_projecttransaction_change",
            args=[ProjectTransaction.objects.filter(actual__work_item=work).first().pk],
        ),
    ]:
        assert to_trace in accountant.get(address).content.decode(), address
    waiting = WorkItem.objects.exclude(pk=work.pk).get()
    row = reverse("backlog-row", args=[BacklogItem.objects.get(work_item=waiting).pk])
    assert f'href="{row}?' in accountant.get(f"{reverse('backlog')}?all=1").content.decode()
    assert f'href="{reverse("trace-work", args=[waiting.pk])}"' in accountant.get(row).content.decode()


def test_proforma_leads_back_to_the_work_on_it(at: Company, accountant: Client) -> None:
    at.approved(8)
    draft = at.draft()
    page = accountant.get(reverse("proforma", args=[draft.number])).content.decode()
    assert f'href="{reverse("trace-work", args=[WorkItem.objects.get().pk])}"' in page


def test_work_without_an_entry_has_a_trace_of_its_own(at: Company, accountant: Client) -> None:
    at.milestone("5000")
    at.confirm(at.draft())
    (invoice,) = at.invoices()
    page = accountant.get(reverse("trace-work", args=[WorkItem.objects.get().pk]))
    assert page.status_code == 200
    [traced] = page.context["trace"].invoices
    assert traced.invoice == invoice
    [row] = page.context["trace"].work[0].rows
    assert (row.actual.amount, row.proforma) == (5000, traced.proforma)


def test_fact_of_an_entry_journal_can_be_traced(at: Company, accountant: Client) -> None:
    journal_rows.entry_journal(at, is_confirmed=True)
    page = accountant.get(reverse("trace-work", args=[WorkItem.objects.get().pk]))
    assert [row.actual.amount for row in page.context["trace"].work[0].rows] == [100]


def test_entry_that_waits_has_come_to_nothing_yet(at: Company, accountant: Client) -> None:
    approval = at.submitted(8)
    page = accountant.get(of(approval.entry))
    assert b"Nothing yet: actuals are written" in page.content


def test_own_entries_lead_to_their_trace(at: Company) -> None:
    approval = at.approved(8)
    worker = signed_in(at.admit(at.worker, TEAM_MEMBER))
    assert f'href="{of(approval.entry)}"' in worker.get(reverse("entries")).content.decode()
    page = worker.get(of(approval.entry))
    assert page.status_code == 200
    assert b"admin" not in page.content
    assert b"Cost" not in page.content


def test_cost_and_books_are_for_those_who_may_see_them(at: Company, accountant: Client) -> None:
    at.billed(8)
    entry = Entry.objects.get()
    assert b"\xe2\x82\xac800.00" in accountant.get(of(entry)).content
    at.is_managed_by(at.manager)
    type(at.project).objects.filter(pk=at.project.pk).update(manager=at.manager)
    manager = signed_in(at.admit(at.manager, PROJECT_MANAGER))
    text = manager.get(of(entry)).content
    assert b"\xe2\x82\xac800.00" not in text
    assert b"Voucher" not in text
    assert "€1,600.00".encode() in text


SEES = [
    (PROJECT_ACCOUNTANT, 200),
    (FINANCE_CONTROLLER, 200),
    (PROJECT_MANAGER, 404),
    (TEAM_MEMBER, 404),
    ("", 403),
]


@pytest.mark.parametrize(("role", "status"), SEES)
def test_who_may_trace_whose_work(at: Company, role: str, status: int) -> None:
    approval = at.approved(8)
    client = signed_in(at.person(*([role] if role else [])))
    assert client.get(of(approval.entry)).status_code == status


def test_work_of_another_company_is_not_there(accountant: Client) -> None:
    there = Company()
    approval = there.approved(8)
    assert accountant.get(of(approval.entry)).status_code == 404
    work = WorkItem.objects.get(approval=approval)
    assert accountant.get(reverse("trace-work", args=[work.pk])).status_code == 404


def test_statements_do_not_grow_with_what_came_of_it(at: Company, accountant: Client) -> None:
    one = at.approved(8)
    few = statements(partial(accountant.get, of(one.entry)))
    at.is_shared_by("25", "25", "25", "25")
    shared = at.approved(8)
    assert statements(partial(accountant.get, of(shared.entry))) <= few
    assert WorkItem.objects.filter(approval=shared).count() == 4

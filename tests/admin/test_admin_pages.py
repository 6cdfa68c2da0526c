"""Every admin page opens with rows of every kind in few statements; the index says what waits."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import BatchJob, BatchOutcome, BatchRun, InvoiceSchedule, Milestone
from core.access import rows_visible_to
from core.models import OutboxEntry
from projects.models import DocumentLayout
from projects.roles import ADMINISTRATOR, FINANCE_CONTROLLER
from tests.admin.admin_client import AdminClient
from tests.admin.test_matrix import ADMIN_PAGES, SEEN
from tests.company import Company, rows
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


def month_end(company: Company) -> None:
    """A row on every admin page: posted work, open work, a batch run with an outcome, parked work."""
    company.approved(8)
    company.confirm(company.draft())
    company.invoices()
    company.approved(4, date=DAY + timedelta(days=1))
    company.confirm(company.draft())
    company.proposals()
    job = BatchJob.objects.create(
        name=f"Job {company.entity.code}",
        legal_entity=company.entity,
        runs_at="05:00",
    )
    run = BatchRun.objects.create(
        job=job, business_date=DAY, trigger="person", requested_by=company.manager, requested_at=NOW
    )
    row = InvoiceSchedule.objects.create(contract_line=company.line, run_date=DAY, cut_off_date=DAY)
    outcome = {"outcome": "nothing_to_bill", "contract": company.contract, "happened_at": NOW}
    BatchOutcome.objects.create(run=run, schedule=row, **outcome)
    OutboxEntry.objects.create(effect_key="x", kind="x", status="parked", created_at=NOW)
    rows.terms(14)


def statements(admin_client: AdminClient, name: str) -> int:
    admin_client.shown(f"{name}_changelist")
    with CaptureQueriesContext(connection) as captured:
        assert admin_client.shown(f"{name}_changelist").status_code == 200
    return len(captured)


@pytest.mark.parametrize("role", [FINANCE_CONTROLLER, ADMINISTRATOR])
def test_every_row_of_every_admin_page_opens(company: Company, admin_client_of: Any, role: str):
    month_end(company)
    DocumentLayout.objects.create(name="By person", rows="person")
    admin_client = admin_client_of(role)
    opened = set()
    for name in SEEN[role]:
        shown = name.replace(".", "_")
        for row in admin_client.shown(f"{shown}_changelist").context["cl"].result_list[:2]:
            page = admin_client.shown(f"{shown}_change", row.pk)
            assert (page.status_code, b"Traceback" in page.content) == (200, False), name
            opened.add(name)
    nothing_to_open = {
        # Opened with their rows in tests/admin/test_payments.py and tests/accounting/test_bank_files.py.
        "accounting.bankbooking",
        "accounting.bankfile",
        "accounting.customerpayment",
        "accounting.receivablespolicy",
        "accounting.settlement",
        # And in tests/admin/test_journal_vouchers.py and test_revaluations.py.
        "accounting.reminder",
        "accounting.reminderlevel",
        "accounting.reminderstop",
        "accounting.journalvoucher",
        "accounting.recurringvoucher",
        "accounting.revaluation",
        # And in tests/accounting/test_pages_opening.py.
        "accounting.openingitem",
        # And in tests/admin/test_dimensions.py.
        "accounting.financialdimension",
        # And in tests/accounting/test_exporting.py.
        "accounting.datevsettings",
        "accounting.voucherexport",
        # A month that was posted has neither.
        "accounting.integritycheck",
        "accounting.revenueestimate",
        "accounting.costrevenuerule",
        "projects.exchangerate",
        "billing.invoicefrequency",
        "projects.task",
    }
    assert SEEN[role] - opened <= nothing_to_open


@pytest.mark.parametrize(
    "name",
    [
        "accounting_integrationjournal",
        "accounting_integrationjournalline",
        "accounting_invoiceproposal",
        "accounting_customerinvoice",
        "accounting_voucher",
        "accounting_customertransaction",
        "accounting_projecttransaction",
        "billing_proforma",
        "projects_actual",
        "projects_contractline",
    ],
)
def test_statements_do_not_grow_with_the_rows(company: Company, accountant: AdminClient, name: str):
    month_end(company)
    few = statements(accountant, name)
    for day in range(2, 6):
        company.approved(2, date=date(2026, 3, 1) + timedelta(days=day))
        company.confirm(company.draft())
    company.journalise()
    company.proposals()
    # Kinds of date filters may add or take away one: the hierarchy shows days of a month or months of a year.
    assert statements(accountant, name) <= few + 1


def test_the_first_page_says_what_waits_and_leads_there(company: Company, accountant: AdminClient):
    month_end(company)
    page = accountant.get(reverse("admin:index"))
    waiting = {
        str(cell.text): cell.url
        for app in page.context["app_list"]
        for model in app["models"]
        for cell in model["perms"].get("waiting", ())
    }
    assert waiting == {
        "1 customer invoice not printed yet": "/admin/accounting/customerinvoice/",
        "1 customer invoice overdue": "/admin/accounting/customerinvoice/?payment=overdue",
        "1 invoice proposal to post": "/admin/accounting/invoiceproposal/?status__exact=draft",
        "1 outbox entry parked": "/admin/core/outboxentry/?status__exact=parked",
    }
    for address in waiting.values():
        assert accountant.get(address).context["cl"].result_count == 1


def test_milestones_can_be_posted_without_any_journal(company: Company, accountant: AdminClient):
    company.milestone("5000")
    company.confirm(company.draft())
    (proposal,) = company.proposals()
    page = accountant.shown("accounting_invoiceproposal_action", proposal.pk, "post")
    assert page.context["preview"].refusals == ()
    assert Milestone.objects.get().amount == 5000


def test_a_form_token_of_somebody_else_is_refused(
    company: Company, accountant: AdminClient, admin_client_of: Any
):
    company.approved(8)
    page = accountant.shown("accounting_integrationjournal_list_action", "import")
    accountant.confirms(page, unit="months", token="k" * 32)
    other = admin_client_of("Project accountant")
    answer = other.confirms(page, unit="months", token="k" * 32)
    assert (answer.status_code, [one.code for one in answer.context["refusals"]]) == (
        409,
        ["form-already-used"],
    )
    again = accountant.confirms(page, unit="months", token="k" * 32)
    assert again.status_code == 302


def test_a_model_without_a_scope_shows_no_rows():
    with pytest.raises(ImproperlyConfigured, match="Session has no visible_to"):
        rows_visible_to(AnonymousUser(), Session)
    assert len(ADMIN_PAGES) > 30

"""The overview and the posted invoices: figures are the sums of the rows they lead to."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounting.models import CustomerInvoice
from billing.models import MilestoneShare, NumberSeries, Proforma
from projects.models import BacklogItem, ProjectContract, Resource
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER, ROLES
from tests.architecture.many_rows import add_rows
from tests.company import Company, book_rows, invoicing_rows, rows
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db


SUMMER = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def summer(monkeypatch):
    """Three months after the work was done, whatever day it is."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: SUMMER)


@pytest.fixture
def at():
    made = Company.bare()
    add_rows(made, made.person(), 2)
    return made


@pytest.fixture
def accountant(at):
    return signed_in(at.person(PROJECT_ACCOUNTANT))


def figures(client):
    return {str(figure["label"]): figure for figure in client.get("/").context["kpis"]}


def amounts_behind(client, figure):
    """Sums of the list that a figure leads to: the nets, of documents with theirs."""
    totals = client.get(figure["url"]).context["totals"]
    return [(total.amount if total.net is None else total.net, total.currency) for total in totals]


def test_every_figure_is_the_sum_of_the_rows_it_leads_to(at, accountant):
    BacklogItem.objects.filter(status="not_ready").update(status="ready")
    shown = figures(accountant)
    assert list(shown) == [
        "Unbilled work",
        "Ready to invoice",
        "Drafts to confirm",
        "Confirmed, not yet posted",
        "Overdue receivables",
    ]
    for label in ("Unbilled work", "Ready to invoice", "Drafts to confirm", "Confirmed, not yet posted"):
        assert shown[label]["amounts"] == amounts_behind(accountant, shown[label]), label
    assert shown["Unbilled work"]["amounts"] == [(Decimal(1600), "EUR")]
    assert shown["Drafts to confirm"]["amounts"] == [(Decimal(1600), "EUR")]


def test_where_nothing_waits_there_is_a_dash_and_words_for_it():
    client = signed_in(Company.bare().person(PROJECT_ACCOUNTANT))
    shown = figures(client)
    assert [(figure["amounts"], figure["detail"]) for figure in shown.values()] == [
        ([], ["No entry waits"]),
        ([], ["No entry waits"]),
        ([], ["No draft waits"]),
        ([], ["No proforma waits in accounting"]),
        ([], ["No invoice is past its due date"]),
    ]
    page = " ".join(client.get("/").content.decode().split())
    assert page.count('<span class="kpi-value">–</span>') == 5


def test_overdue_is_what_was_due_before_today(at, accountant):
    invoices = CustomerInvoice.objects.all()
    late = figures(accountant)["Overdue receivables"]
    totals = accountant.get(late["url"]).context["totals"]
    assert late["amounts"] == [(one.amount, one.currency) for one in totals]
    assert late["amounts"] == [(Decimal(1600), "EUR")]
    assert invoices.overdue(invoices.earliest("due_date").due_date).count() == 0


def test_managers_see_their_own_contracts_only(at):
    stranger = signed_in(at.person(PROJECT_MANAGER))
    assert figures(stranger)["Unbilled work"]["amounts"] == []
    manager = at.manager
    manager.groups.set(at.person(PROJECT_MANAGER).groups.all())
    at.entity.memberships.create(user=manager)
    assert figures(signed_in(manager))["Unbilled work"]["amounts"] == [(Decimal(1600), "EUR")]


def test_old_work_and_old_drafts_need_attention(at, accountant):
    MilestoneShare.objects.update(status="not_ready")
    titles = {notice.title for notice in accountant.get("/").context["notices"]}
    assert "Unbilled for more than 60 days" in titles
    assert any(title.startswith("Draft waiting for") for title in titles)
    assert "Milestone due 2 Mar, not marked ready" in titles
    assert len(accountant.get("/").context["notices"]) <= 8


def test_the_overview_asks_a_fixed_number_of_questions(at):
    client = signed_in(at.person(*ROLES))
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    add_rows(at, Resource.objects.get(code="me").user, 2)
    with CaptureQueriesContext(connection) as many:
        client.get("/")
    assert len(few) == len(many) <= 23


def test_a_year_of_invoices_stands_in_its_months(at, accountant):
    (_ages, months) = accountant.get("/").context["charts"]
    figures = {str(row[0]): row[1] for row in months["rows"]}
    assert len(figures) == 12
    assert (figures["Mar 2026"], figures["Apr 2026"]) == ("1,600.00", "0.00")


def test_unbilled_work_stands_by_customer_while_managers_are_few_and_then_by_manager(at, accountant):
    (ages, _months) = accountant.get("/").context["charts"]
    payers = sorted({item.customer.name for item in BacklogItem.objects.exclude(status="on_draft")})
    each = ["0.00", "0.00", "0.00", "800.00", "800.00"]
    assert sorted(ages["rows"]) == [[name, *each] for name in payers]
    for contract in ProjectContract.objects.filter(pk__in=BacklogItem.objects.values("contract"))[:2]:
        contract.manager = at.person(PROJECT_MANAGER)
        contract.save()
    add_rows(at, Resource.objects.get(code="me").user, 1)
    (ages, _months) = accountant.get("/").context["charts"]
    assert ages["heads"][0] == "Manager"
    assert [row[5] for row in ages["rows"]] == ["800.00"] * 3


def test_ages_go_by_the_day_of_the_company_and_the_page_names_its_zone(at, accountant):
    """At half past eleven in the evening in London it is the next day in Berlin."""
    evening = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    Proforma.objects.open().update(created_at=evening)
    assert figures(accountant)["Drafts to confirm"]["detail"][1] == "oldest 0 days"
    Proforma.objects.open().update(created_at=evening - timedelta(hours=1))
    assert figures(accountant)["Drafts to confirm"]["detail"][1] == "oldest 1 day"
    assert "Times are those of Europe/Berlin." in accountant.get("/").content.decode()


# --- Invoices -------------------------------------------------------------------------------------


def unprinted(at):
    """An invoice that was posted a moment ago."""
    confirmed = invoicing_rows.confirm(invoicing_rows.draft_of(at, rows.approved_hours(at)), at)
    return book_rows.invoice(
        at, book_rows.proposal(confirmed), NumberSeries.objects.get(legal_entity=at.entity)
    )


def test_the_list_adds_up_per_currency_and_says_what_is_being_printed(at, accountant):
    unprinted(at)
    page = accountant.get(reverse("invoices"))
    totals = [(total.currency, total.count, total.amount) for total in page.context["totals"]]
    assert totals == [("EUR", 3, Decimal(2400))]
    assert "Being printed" in page.content.decode()


def test_the_printed_bytes_come_as_they_were_stored(at, accountant):
    response = accountant.get(reverse("invoice-pdf", args=[CustomerInvoice.objects.first().number]))
    assert (response.content, response["Content-Type"]) == (b"%PDF", "application/pdf")
    name = CustomerInvoice.objects.first().number
    assert response["Content-Disposition"] == f'inline; filename="{name}.pdf"'


def test_an_invoice_that_is_being_printed_has_no_file_yet(at, accountant):
    address = reverse("invoice-pdf", args=[unprinted(at).number])
    assert accountant.get(address).status_code == 404


def test_invoices_of_contracts_one_does_not_manage_are_not_there(at):
    stranger = Company.bare()
    reader = signed_in(stranger.person(PROJECT_ACCOUNTANT))
    invoice = CustomerInvoice.objects.first()
    assert reader.get(reverse("invoice-pdf", args=[invoice.number])).status_code == 404
    assert list(reader.get(reverse("invoices")).context["table"].rows) == []

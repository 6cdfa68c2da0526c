"""The first page of the books: what waits with its amounts, what stops it, and the way to each (C5, C8)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounting import books_waiting
from accounting.importing_bank_files import import_bank_file
from accounting.models import FiscalPeriod, InvoiceProposal
from accounting.pulling import pull_journals
from projects.models import LegalEntity
from projects.roles import ADMINISTRATOR, FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER
from tests.admin.admin_client import AdminClient
from tests.company import Company
from tests.company.bank_statements import Booked, camt
from tests.company.receivables import bank_of
from tests.company.rows import NOW, moment_for

pytestmark = pytest.mark.django_db

HOME = "/admin/"


@pytest.fixture(autouse=True)
def third_of_april() -> Iterator[None]:
    with time_machine.travel(moment_for(date(2026, 4, 3)), tick=False):
        yield


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def accountant(company: Company) -> AdminClient:
    return AdminClient(company.person(PROJECT_ACCOUNTANT))


def imported(company: Company) -> None:
    """What was approved is in the integration journal, and nothing of it is posted."""
    pull_journals(company.entity, actor=company.accountant, at=NOW)


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def shown(answer: Any) -> dict[str, tuple[list[Any], str]]:
    return {
        str(one["label"]): (
            [(amount, currency) for amount, currency in one.get("amounts", ())],
            "; ".join(map(str, one["detail"])),
        )
        for one in answer.context["kpis"]
    }


def test_every_step_says_how_much_waits(company: Company, accountant: AdminClient) -> None:
    """Eight hours at 200.00 are invoiced, three more are confirmed and not posted, two are approved."""
    invoice = company.billed(8)
    company.approved(3)
    company.confirm(company.draft())
    company.propose()
    company.approved(2, date=date(2026, 3, 4))
    imported(company)
    import_bank_file(
        bank_of(company),
        name="april.xml",
        content=camt(Booked("1920.00", invoice.number), Booked("-9.90", "Fee")),
        actor=company.accountant,
        at=NOW,
    )
    answer = accountant.get(HOME)
    figures = shown(answer)
    assert figures["Journals to post"] == ([(1000, "EUR")], "cost €500.00; 1 journal")
    assert figures["Proposals to post"] == ([(600, "EUR")], "1 proposal, net; 0 ready")
    assert [f"{amount:.2f}" for amount, _name in figures["Bank bookings to settle"][0]] == ["1910.10"]
    assert figures["Bank bookings to settle"][1] == "2 bank bookings; 1 is certain"
    page = text_of(answer)
    assert "1 line waits for its journal. Post the journals first." in page
    for address in (
        reverse("admin:accounting_integrationjournal_list_action", args=["post-all"]),
        reverse("bank-payments"),
        reverse("admin:accounting_ageing"),
        reverse("admin:accounting_journalvoucher_write"),
    ):
        assert f'href="{address}"' in page, address
    assert [one.number for one, _document in answer.context["postings"]][0].startswith("RV-")
    assert answer.context["postings"][0][0].debit == 3520


def test_the_period_that_is_closed_next_says_what_stops_it(company: Company, accountant: AdminClient) -> None:
    company.approved(2)
    imported(company)
    closing = accountant.get(HOME).context["closing"]
    first = FiscalPeriod.objects.filter(legal_entity=company.entity).order_by("starts_on").first()
    assert closing.period == first
    FiscalPeriod.objects.filter(legal_entity=company.entity, ends_on__lt=date(2026, 3, 1)).delete()
    answer = accountant.get(HOME)
    assert [stop.code for stop in answer.context["closing"].stops] == ["journals-unposted"]
    assert "Cannot be closed yet" in text_of(answer)
    company.post_journals()
    controller = AdminClient(company.person(FINANCE_CONTROLLER))
    answer = controller.get(HOME)
    period = answer.context["closing"].period
    assert answer.context["closing"].stops == ()
    close = reverse("admin:accounting_fiscalperiod_action", args=[period.pk, "close"])
    assert f'href="{close}"' in text_of(answer)
    assert f'href="{close}"' not in text_of(accountant.get(HOME))


def test_a_proposal_that_nothing_stops_is_ready(company: Company, accountant: AdminClient) -> None:
    company.approved(3)
    company.confirm(company.draft())
    company.journalise()
    company.propose()
    assert shown(accountant.get(HOME))["Proposals to post"][1] == "1 proposal, net; 1 ready"
    InvoiceProposal.objects.update(sales_tax_group=None)
    answer = accountant.get(HOME)
    assert answer.context["proposals"].ready_count == 0
    assert [one.refusal.code for one in answer.context["proposals"].rows] == ["sales-tax-group-missing"]


def test_who_keeps_no_books_has_the_list_of_tables(company: Company, accountant: AdminClient) -> None:
    administrator = AdminClient(company.person(ADMINISTRATOR))
    answer = administrator.get(HOME)
    assert answer.status_code == 200
    assert answer.context["app_list"]
    assert AdminClient(company.person(PROJECT_MANAGER)).get(HOME).status_code == 302
    other = AdminClient(Company().person(PROJECT_ACCOUNTANT)).get(HOME)
    assert other.context["journals"] == []
    assert accountant.get(HOME).status_code == 200


def test_statements_do_not_depend_on_how_much_waits(company: Company, accountant: AdminClient) -> None:
    company.approved(3)
    company.confirm(company.draft())
    company.propose()
    imported(company)
    accountant.get(HOME)
    with CaptureQueriesContext(connection) as few:
        accountant.get(HOME)
    for day in range(2, 6):
        company.approved(2, date=date(2026, 3, day))
        company.confirm(company.draft())
    company.propose()
    imported(company)
    with CaptureQueriesContext(connection) as many:
        accountant.get(HOME)
    assert len(many) == len(few)


def test_broken_books_stop_every_proposal_of_their_company_alone(
    company: Company, accountant: AdminClient
) -> None:
    """Whether they are broken is said of the company, not of all that one check looked at."""
    company.approved(3)
    company.confirm(company.draft())
    company.journalise()
    company.propose()
    other = AdminClient(Company().person(PROJECT_ACCOUNTANT))
    LegalEntity.objects.filter(pk=company.entity.pk).update(books_broken_at=NOW)
    answer = accountant.get(HOME)
    assert [one.refusal.code for one in answer.context["proposals"].rows] == ["books-broken"]
    assert shown(answer)["Proposals to post"][1] == "1 proposal, net; 0 ready"
    assert f"The books of {company.entity.name} do not prove" in text_of(answer)
    assert other.get(HOME).context["broken"] == []
    assert "do not prove" not in text_of(other.get(HOME))


def test_of_more_proposals_than_are_looked_at_it_says_so(
    company: Company, accountant: AdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books_waiting, "LOOKED_AT", 1)
    for day in (2, 3):
        company.approved(3, date=date(2026, 3, day))
        company.confirm(company.draft())
    company.journalise()
    company.propose()
    assert shown(accountant.get(HOME))["Proposals to post"] == (
        [(1200, "EUR")],
        "2 proposals, net; 1 of the oldest 1 ready",
    )

"""The page that names every document before a selection is confirmed: what it says, and its ways out."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounting.outbox_handlers import sweep_outbox
from billing.asking_reviews import submit_for_review
from billing.models import BatchRun, InvoiceLineDetail, Proforma, ProformaReview
from billing.run_estimates import expected_time
from billing.states import ProformaStatus, RunKind, RunStatus, RunTrigger
from core.models import Activity
from projects.models import Customer, LegalEntity
from tests.billing.proforma_pages import fresh
from tests.company import Company, only
from tests.company.checking import unchanged
from tests.company.invoicing_rows import invoiced_retainer, of_retainer
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

ADDRESS = "/proformas/confirm/"


@pytest.fixture
def at(company: Company) -> Company:
    return company


def shown(manager: Client, *drafts: Proforma, **more: Any) -> str:
    """The page, with its words one space apart."""
    answer = manager.post(ADDRESS, {"row": [one.pk for one in drafts]} | more)
    return " ".join(answer.content.decode().split())


def test_where_nothing_can_be_confirmed_the_heading_says_so_and_there_is_no_button(manager, draft):
    Customer.objects.update(is_on_hold=True)
    page = shown(manager, draft)
    assert "This proforma cannot be confirmed" in page
    assert ("Back to the list" in page, 'name="go"' in page) == (True, False)


def test_what_is_confirmed_already_is_one_line_and_not_a_refusal_each(manager, company, draft):
    company.confirm(draft)
    company.approved(4)
    second = company.draft()
    page = shown(manager, draft, second)
    assert "Confirm 1 of 2 proformas" in page
    assert "1 is confirmed already; to change it, open it and choose “Correct”" in page


def test_the_figures_above_the_list_are_its_sums(manager, company, draft):
    company.approved(4)
    second = company.draft()
    page = shown(manager, draft, second)
    for words in ("EUR, 2 proformas", "€2,880.00", "net €2,400.00, tax €480.00", "0 proformas"):
        assert words in page, words


@pytest.fixture
def waiting(company, draft) -> ProformaReview:
    """A draft that only Felix can confirm, who was asked."""
    LegalEntity.objects.update(second_person_above=1000)
    felix = company.second_person()
    felix.first_name, felix.email = "Felix", "felix@example.org"
    felix.save()
    submit_for_review(only(draft), reviewer=felix, actor=company.manager, at=NOW)
    sweep_outbox(now=NOW)
    return draft.reviews.get()


def test_who_must_clear_it_is_reminded_from_the_list_once_a_day(manager, draft, waiting):
    assert "Remind Felix" in shown(manager, draft)
    page = shown(manager, draft, remind=draft.pk)
    assert ("Reminded by mail" in page, "Reminded today at" in page, "Remind Felix" in page) == (
        True,
        True,
        False,
    )
    sweep_outbox(now=NOW + timedelta(days=400))
    assert [one.to for one in mail.outbox] == [["felix@example.org"], ["felix@example.org"]]
    assert Activity.objects.get(verb="reminded").facts["reminded"] == "Felix"
    with unchanged():
        again = shown(manager, draft, remind=draft.pk)
    assert "Felix was reminded today already" in again
    assert "Remind Felix" not in manager.get(reverse("proforma", args=[draft.number])).content.decode()


def test_a_closed_invoice_date_is_set_to_the_first_open_day_and_the_selection_stays(manager, company, draft):
    company.approved(4)
    second = company.draft()
    LegalEntity.objects.update(locked_through=draft.invoice_date)
    Proforma.objects.filter(pk=second.pk).update(invoice_date=draft.invoice_date + timedelta(days=3))
    assert "Confirm 1 of 2 proformas" in shown(manager, draft, second)
    page = shown(manager, draft, second, open_day=draft.pk)
    open_day = draft.invoice_date + timedelta(days=1)
    assert (fresh(draft).invoice_date, fresh(second).invoice_date) == (
        open_day,
        draft.invoice_date + timedelta(days=3),
    )
    assert f"The invoice date of {draft.number} is" in page
    assert "Confirm 2 proformas: €2,880.00" in page
    (logged,) = Activity.objects.filter(verb="redated")
    assert logged.changes["invoice_date"] == [draft.invoice_date.isoformat(), open_day.isoformat()]


def test_a_document_that_was_not_selected_is_left_alone(manager, company, draft):
    company.approved(4)
    second = company.draft()
    with unchanged():
        page = shown(manager, draft, remind=second.pk)
    assert "No row was selected." in page


def test_nobody_without_the_right_acts_on_a_document_of_the_list(stranger, draft, waiting):
    with unchanged():
        answer = stranger.post(ADDRESS, {"row": [draft.pk], "open_day": draft.pk})
    assert (answer.status_code, fresh(draft).status) == (409, ProformaStatus.IN_REVIEW)


def test_what_advances_take_off_stands_under_what_is_to_pay(manager, company, draft):
    held = invoiced_retainer(company, "500")
    line = draft.lines.get()
    detail = of_retainer(line, held, "-500", "apply")
    InvoiceLineDetail.objects.bulk_create([detail])
    page = shown(manager, draft)
    assert "To pay after advances" in page
    assert "after €500.00 of advances" in page


def ended(count: int, seconds: int, status: str = RunStatus.FINISHED, user: Any = None) -> None:
    BatchRun.objects.create(
        kind=RunKind.CONFIRMATION,
        business_date=date(2026, 6, 1),
        trigger=RunTrigger.PERSON,
        status=status,
        requested_by=user,
        requested_at=NOW,
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=seconds),
        due_count=count,
    )


def test_the_time_is_estimated_from_the_latest_runs_of_the_kind(manager, company, draft):
    assert expected_time(RunKind.CONFIRMATION, 7) is None
    assert "It may take a while;" in shown(manager, draft)
    ended(10, 20, user=company.manager)
    ended(30, 100, RunStatus.WITH_FAILURES, company.manager)
    # What was stopped says nothing.
    ended(1, 900, RunStatus.STOPPED, company.manager)
    assert expected_time(RunKind.CONFIRMATION, 7) == timedelta(seconds=21)
    assert expected_time(RunKind.CONTRACTS, 7) is None
    assert expected_time(RunKind.CONFIRMATION, 0) is None
    assert "It takes about 3 s," in shown(manager, draft)


def test_a_handful_that_is_confirmed_already_is_said_to_be(manager, company, draft):
    asked = manager.post(ADDRESS, {"row": [draft.pk]})
    seen = [one.seen for one in asked.context["summary"].sums]
    answer = manager.post(ADDRESS, {"row": [draft.pk], "go": "1", "seen": seen}, follow=True)
    assert [str(one) for one in answer.context["messages"]] == ["1 proforma confirmed"]

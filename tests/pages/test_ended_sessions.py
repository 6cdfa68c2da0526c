"""What somebody entered is kept when the session ended, and given back to nobody else."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounting.models import IntegrationJournal
from billing.asking_reviews import submit_for_review
from billing.models import Proforma
from projects.models import Entry, TeamMember
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, TEAM_MEMBER
from projects.states import EntryStatus
from tests.billing.proforma_pages import form_of, only_detail
from tests.company import Company, only, rows
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW
from tests.pages.answering import PASSWORD, selection, text_of, ticked, time_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    made = Company.bare()
    made.resource.user = made.person(TEAM_MEMBER)
    made.resource.user.set_password(PASSWORD)
    made.resource.user.save()
    made.resource.save()
    TeamMember.objects.create(project=made.project, resource=made.resource, role=made.role)
    return made


@pytest.fixture
def client(at) -> Client:
    return signed_in(at.resource.user)


@pytest.fixture
def drafts(at) -> list[Entry]:
    return [rows.entry(at, status=EntryStatus.DRAFT) for _nth in range(3)]


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def draft(company) -> Proforma:
    """Eight hours at 200."""
    company.approved(8)
    return company.draft()


@pytest.fixture
def accountant(company) -> Client:
    """Somebody who drafts on the pages and posts in the admin."""
    user = get_user_model().objects.create_user("accountant", password=PASSWORD)
    return signed_in(company.admit(user, PROJECT_ACCOUNTANT, FINANCE_CONTROLLER))


# --- A session that has ended -----------------------------------------------------------


def session_ends(client: Client) -> None:
    """The session of a browser is over, as after twelve hours; the browser still holds its cookie."""
    Session.objects.filter(session_key=client.session.session_key).update(
        expire_date=rows.NOW.replace(year=2020)
    )


def sign_in(client: Client, response, name: str, password: str = PASSWORD):
    """Sign in where the answer leads, and follow to what comes after."""
    assert response.status_code == 302
    address, _mark, following = response["Location"].partition("?next=")
    assert address in ("/sign-in/", "/admin/login/")
    assert client.get(following).status_code == 302
    sent = {"username": name, "password": password, "next": following}
    return client.post(address, sent, follow=True)


def test_after_signing_in_again_the_form_stands_filled(at, client):
    session_ends(client)
    response = client.post(reverse("record-time"), time_form(at, hours="25"))
    assert Entry.objects.count() == 0
    shown = sign_in(client, response, at.resource.user.username)
    assert shown.status_code == 200
    assert shown.request["PATH_INFO"] == reverse("record-time")
    assert "Your session had ended. What you entered was kept: look at it, then send it again." in text_of(
        shown
    )
    assert 'value="Workshop with Mia"' in shown.content.decode()
    assert shown.context["form"].errors == {}
    assert Entry.objects.count() == 0
    address = shown.request["PATH_INFO"] + "?" + shown.request["QUERY_STRING"]
    assert client.post(address, time_form(at))["Location"] == reverse("entries")
    assert Entry.objects.get().date == DAY


def test_after_signing_in_again_a_change_is_still_a_change(company, draft, accountant):
    address = reverse("proforma-detail-edit", args=[draft.number, only_detail(draft).pk])
    sent = form_of(accountant.get(address)) | {"external_description": "Said otherwise"}
    session_ends(accountant)
    shown = sign_in(accountant, accountant.post(address, sent), "accountant")
    assert "Said otherwise" in shown.content.decode()
    assert shown.context["form"].changed_data == ["external_description"]
    assert only_detail(draft).external_description != "Said otherwise"


def test_after_signing_in_again_the_rows_are_ticked(at, client, drafts):
    session_ends(client)
    response = client.post(reverse("submit-entries"), selection(drafts[0], drafts[2]))
    shown = sign_in(client, response, at.resource.user.username)
    assert shown.request["PATH_INFO"] == reverse("entries")
    assert "What you entered was kept" in text_of(shown)
    assert shown.context["filter_query"] == "status=draft"
    assert ticked(shown) == {drafts[0].pk, drafts[2].pk}
    assert {entry.status for entry in Entry.objects.all()} == {EntryStatus.DRAFT}


def test_after_signing_in_again_an_action_of_the_admin_waits_for_a_click(company, draft, accountant):
    company.confirm(draft)
    company.journalise()
    journal = IntegrationJournal.objects.get()
    address = reverse("admin:accounting_integrationjournal_changelist")
    session_ends(accountant)
    sent = {"action": "post", "_selected_action": [journal.pk], "index": 0}
    shown = sign_in(accountant, accountant.post(address, sent), "accountant")
    assert "Your session had ended" in text_of(shown)
    assert "Nothing of it has been carried out." in text_of(shown)
    body = shown.content.decode()
    assert f'<form class="card narrow" method="post" action="{address}">' in body
    assert "Send it again" in body
    assert IntegrationJournal.objects.get().status == journal.status
    # What the button sends is what was sent; the admin goes on where it stopped, and asks first.
    asked = accountant.post(address, dict(shown.context["fields"]))
    assert "journal lines will be posted." in asked.content.decode()


def test_what_somebody_entered_is_not_shown_to_somebody_else(at, client):
    session_ends(client)
    response = client.post(reverse("record-time"), time_form(at))
    other = Company.bare().person(TEAM_MEMBER)
    other.set_password(PASSWORD)
    other.save()
    shown = sign_in(client, response, other.username)
    assert shown.status_code == 404
    assert "Workshop with Mia" not in shown.content.decode()


def test_a_form_says_who_it_was_shown_to_where_the_old_session_is_gone(at, client):
    (mark,) = re.findall(
        r'name="entered_by" value="([^"]+)"', client.get(reverse("record-time")).content.decode()
    )
    Session.objects.all().delete()
    response = client.post(reverse("record-time"), time_form(at, entered_by=mark))
    shown = sign_in(client, response, at.resource.user.username)
    assert 'value="Workshop with Mia"' in shown.content.decode()


def test_nothing_is_kept_of_strangers_and_no_password_ever(at, client):
    stranger = Client()
    response = stranger.post(reverse("record-time"), time_form(at))
    assert response["Location"] == "/sign-in/?next=/"
    session_ends(client)
    response = client.post(reverse("record-time"), {"old_password": "secret"})
    assert response["Location"] == "/sign-in/?next=/"
    assert "kept_forms" not in client.session


def test_signing_out_after_the_session_ended_leads_to_the_sign_in_and_no_further(at, client):
    session_ends(client)
    assert client.post("/sign-out/")["Location"] == "/sign-in/?next=/"


def test_an_action_without_a_page_waits_for_a_click(company, draft, accountant):
    felix = company.second_person()
    submit_for_review(only(draft), reviewer=felix, actor=company.manager, at=NOW)
    address = reverse("proforma-take-back", args=[draft.number])
    session_ends(accountant)
    shown = sign_in(accountant, accountant.post(address, {"token": "0a1b"}), "accountant")
    assert "What you entered was kept. Nothing of it has been carried out." in text_of(shown)
    assert Proforma.objects.get().status == "in_review"
    answer = accountant.post(shown.context["kept"].address, dict(shown.context["fields"]))
    assert (answer.status_code, Proforma.objects.get().status) == (302, "draft")


def test_what_is_too_long_to_keep_is_said(at, client):
    session_ends(client)
    response = client.post(reverse("record-time"), time_form(at, description="x" * 30_000))
    shown = sign_in(client, response, at.resource.user.username)
    assert "What you entered was kept, except files and very long texts." in text_of(shown)
    assert 'value="Workshop with Mia"' in shown.content.decode()


def test_a_row_of_a_table_that_lost_its_session_leaves_for_the_sign_in(at, client):
    session_ends(client)
    response = client.post(reverse("record-time"), time_form(at), headers={"hx-request": "true"})
    assert response["HX-Redirect"].startswith("/sign-in/?next=/kept/")


# --- A form whose token was exchanged ---------------------------------------------------


def test_a_form_of_ours_with_an_old_token_is_kept(at):
    client = signed_in(at.resource.user, enforce_csrf_checks=True)
    response = client.post(
        reverse("record-time"), time_form(at), headers={"origin": "http://testserver"}, follow=True
    )
    assert response.request["PATH_INFO"] == reverse("record-time")
    assert 'value="Workshop with Mia"' in response.content.decode()
    assert Entry.objects.count() == 0


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}, {"origin": "null"}])
def test_a_form_of_another_site_is_refused_and_not_kept(at, headers):
    client = signed_in(at.resource.user, enforce_csrf_checks=True)
    response = client.post(reverse("record-time"), time_form(at), headers=headers)
    assert response.status_code == 403
    assert "kept_forms" not in client.session
    assert Entry.objects.count() == 0


def test_the_sign_in_itself_is_never_kept():
    response = Client(enforce_csrf_checks=True).post(
        "/sign-in/", {"username": "mia", "password": PASSWORD}, headers={"origin": "http://testserver"}
    )
    assert response.status_code == 403

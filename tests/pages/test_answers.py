"""Whatever goes wrong with an action is said in words; nothing changes, the form or the selection is kept."""

import re

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from core.models import Activity, FormToken
from core.querysets import StateMachineQuerySet
from projects.models import Approval, Entry, TeamMember
from projects.roles import TEAM_MEMBER
from projects.states import EntryStatus
from projects.views.entries import ChangeTime, Submit
from tests.company import Company, rows
from tests.company.people import signed_in
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


def way_back(response) -> str:
    """Where the page of reasons leads back to."""
    (address,) = re.findall(r'<a class="btn primary" href="([^"]+)"', response.content.decode())
    return address.replace("&amp;", "&")


def states() -> list:
    return list(Entry.objects.order_by("pk").values_list("status", "quantity", "external_description"))


def changed_by_somebody_else(monkeypatch) -> None:
    """Somebody submits the rows after the verb has read them and before it writes."""
    compare_and_set = StateMachineQuerySet.walk

    def late(self, rows, transition, **stamps):
        self.filter(pk__in=[row.pk for row in rows]).update(status=EntryStatus.SUBMITTED)
        compare_and_set(self, rows, transition, **stamps)

    monkeypatch.setattr(StateMachineQuerySet, "walk", late)


def stopped_by_a_guard(targets, **_arguments):
    """Write what a guard of the database refuses: the activity log is never changed."""
    with transaction.atomic():
        targets.update(external_description="lost")
        Activity.objects.update(verb="forged")


def doubled(targets, **_arguments):
    """Write a row a second time that may stand there once."""
    with transaction.atomic():
        targets.update(external_description="lost")
        token = FormToken.objects.first()
        FormToken.objects.bulk_create([FormToken(token=token.token, user=token.user, used_at=token.used_at)])


def waited_too_long(targets, **_arguments):
    """Wait for rows that somebody else holds, until the database gives up."""
    with transaction.atomic():
        targets.update(external_description="lost")
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '55P03'; END $$")
        cause = Exception("database is locked")
        cause.sqlite_errorname = "SQLITE_BUSY"
        raise OperationalError("database is locked") from cause


FAILURES = {
    "refused-by-the-database": (stopped_by_a_guard, "are never changed"),
    "contradicts-the-database": (doubled, "This contradicts what somebody else saved a moment ago."),
    "rows-are-busy": (waited_too_long, "Somebody else is changing the same rows right now."),
}
each_failure = pytest.mark.parametrize("code", FAILURES)


@pytest.fixture
def logged(at) -> None:
    """Something stands in the activity log."""
    Activity.objects.create(
        subject_kind="projects.entry",
        subject_id=1,
        verb="added",
        actor=at.resource.user,
        happened_at=rows.NOW,
    )


# --- A selection ----------------------------------------------------------------------


def test_a_refused_selection_is_ticked_again_on_its_list(at, client, drafts):
    submitted = rows.entry(at, status=EntryStatus.SUBMITTED, date=rows.CUT_OFF)
    before = states()
    response = client.post(reverse("submit-entries"), selection(drafts[0], submitted, filter="", query=""))
    assert response.status_code == 422
    assert "Nothing was changed, for one reason." in text_of(response)
    assert 'data-code="not-submittable"' in response.content.decode()
    assert states() == before
    assert ticked(client.get(way_back(response))) == {drafts[0].pk, submitted.pk}


def test_a_selection_that_changed_meanwhile_is_answered_and_kept(client, drafts, monkeypatch):
    before = states()
    changed_by_somebody_else(monkeypatch)
    response = client.post(reverse("submit-entries"), selection(*drafts[:2]))
    assert response.status_code == 409
    assert "Somebody changed these rows a moment ago. Reload the page, then try again." in text_of(response)
    assert states() == before
    assert Approval.objects.count() == 0
    assert way_back(response).startswith("/entries/?status=draft&sort=-date&kept=")
    assert ticked(client.get(way_back(response))) == {drafts[0].pk, drafts[1].pk}


@each_failure
def test_a_selection_that_the_database_refuses_is_answered_and_kept(
    client, drafts, logged, monkeypatch, code
):
    verb, sentence = FAILURES[code]
    monkeypatch.setattr(Submit, "verb", verb)
    before = states()
    response = client.post(reverse("submit-entries"), selection(drafts[2], token="0a1b"))
    assert response.status_code == 409
    assert sentence in text_of(response)
    assert f'data-code="{code}"' in response.content.decode()
    assert states() == before
    assert FormToken.objects.count() == 0
    assert ticked(client.get(way_back(response))) == {drafts[2].pk}


def test_an_empty_selection_is_answered(client):
    response = client.post(reverse("submit-entries"), {"filter": "status=draft"})
    assert response.status_code == 422
    assert "No row was selected. Tick the rows you mean" in text_of(response)


def test_a_kept_selection_of_all_that_match_leaves_out_what_was_unticked(client, drafts, at):
    rows.entry(at, status=EntryStatus.SUBMITTED)
    sent = {"scope": "filter", "filter": "", "query": "all=1", "expect_count": "9"}
    response = client.post(
        reverse("submit-entries"), {**sent, "shown": [drafts[0].pk, drafts[1].pk], "row": [drafts[1].pk]}
    )
    assert response.status_code == 409
    (address,) = set(re.findall(r'href="(/entries/\?[^"]+kept=[^"]+)"', response.content.decode()))
    shown = client.get(address.replace("&amp;", "&"))
    assert shown.context["table"].all_selected
    assert drafts[0].pk not in ticked(shown)
    assert len(ticked(shown)) == 3


# --- A form ---------------------------------------------------------------------------


def test_a_refused_form_keeps_what_was_typed(at, client):
    response = client.post(reverse("record-time"), time_form(at, hours="25"))
    assert response.status_code == 422
    assert "Nothing was changed, for one reason." in text_of(response)
    assert 'value="Workshop with Mia"' in response.content.decode()
    assert (Entry.objects.count(), FormToken.objects.count()) == (0, 0)


@each_failure
def test_a_form_that_the_database_refuses_keeps_what_was_typed(at, client, drafts, logged, monkeypatch, code):
    verb, sentence = FAILURES[code]
    monkeypatch.setattr(ChangeTime, "verb", lambda targets, report, **arguments: verb(targets))
    before = states()
    response = client.post(reverse("change-time", args=[drafts[0].pk]), time_form(at))
    assert response.status_code == 409
    assert sentence in text_of(response)
    assert 'value="Workshop with Mia"' in response.content.decode()
    assert states() == before
    assert FormToken.objects.count() == 0


def test_a_fault_of_ours_is_not_taken_for_an_answer(at, client, drafts, monkeypatch):
    def broken(targets, **_arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(Submit, "verb", broken)
    with pytest.raises(ZeroDivisionError):
        client.post(reverse("submit-entries"), selection(drafts[0], token="0a1b"))
    assert FormToken.objects.count() == 0


def test_an_error_of_the_database_that_nobody_can_mend_by_waiting_is_not_an_answer(
    client, drafts, monkeypatch
):
    def unplugged(targets, **_arguments):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Submit, "verb", unplugged)
    with pytest.raises(OperationalError):
        client.post(reverse("submit-entries"), selection(drafts[0]))

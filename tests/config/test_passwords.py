"""Everyone changes their own password, and a forgotten one is replaced by a link in a mail (A13)."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounting.outbox_handlers import sweep_outbox
from core.models import Activity, OutboxEntry, PasswordRequest
from projects.new_person import NewPerson
from projects.password_links import ask_for_password_link
from projects.roles import TEAM_MEMBER
from projects.staffing import admit_people
from tests.company import Company
from tests.company.checking import refused
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

OLD, NEW = "a quiet afternoon", "another quiet evening"


@pytest.fixture
def mia():
    return get_user_model().objects.create_user("mia", "mia@example.com", OLD)


def ask(address: str, client: Client | None = None):
    return (client or Client()).post(reverse("forgotten-password"), {"mail": address})


def link_of(sent) -> str:
    return re.search(r"https?://[^/]+(/password/\S+)", sent.body)[1]


def choose(link: str, password: str = NEW):
    client = Client()
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0] if form.redirect_chain else link
    return client.post(address, {"new_password1": password, "new_password2": password})


def test_one_changes_ones_own_password_and_stays_signed_in(mia):
    client = Client()
    client.force_login(mia)
    fields = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(reverse("change-password"), fields).status_code == 302
    mia.refresh_from_db()
    assert mia.check_password(NEW)
    assert client.get(reverse("change-password")).status_code == 200
    assert Activity.objects.about(mia).get().verb == "password changed"


@pytest.mark.parametrize(
    "fields",
    [
        {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW},
        {"old_password": OLD, "new_password1": "short", "new_password2": "short"},
        {"old_password": OLD, "new_password1": NEW, "new_password2": OLD},
    ],
)
def test_a_wrong_old_or_a_weak_new_password_changes_nothing(mia, fields):
    client = Client()
    client.force_login(mia)
    assert client.post(reverse("change-password"), fields).status_code == 422
    mia.refresh_from_db()
    assert mia.check_password(OLD)


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(mia):
    assert ask("MIA@example.com")["Location"] == reverse("password-link-sent")
    sweep_outbox(now=timezone.now())
    (sent,) = mail.outbox
    assert sent.to == ["mia@example.com"]
    link = link_of(sent)
    assert choose(link)["Location"] == reverse("sign-in")
    mia.refresh_from_db()
    assert mia.check_password(NEW)
    assert "is not valid any more" in Client().get(link, follow=True).content.decode()


def test_nobody_learns_who_has_an_account(mia):
    known, unknown = ask("mia@example.com"), ask("nobody@example.com")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert OutboxEntry.objects.filter(kind="password-forgotten").count() == 1


def test_a_closed_account_gets_no_link(mia):
    mia.is_active = False
    mia.save()
    ask("mia@example.com")
    assert not OutboxEntry.objects.exists()


def test_from_one_place_it_is_asked_five_times_in_a_quarter_of_an_hour(mia):
    for nth in range(5):
        assert ask(f"nobody{nth}@example.com").status_code == 302
    answer = ask("mia@example.com")
    assert answer.status_code == 422
    assert [one.code for one in answer.context["refusals"]] == ["asked-too-often"]
    assert not OutboxEntry.objects.exists()
    PasswordRequest.objects.update(asked_at=timezone.now() - timedelta(minutes=16))
    assert ask("mia@example.com").status_code == 302


def test_one_person_gets_two_mails_however_many_places_ask(mia):
    for nth in range(4):
        ask_for_password_link("mia@example.com", asked_from=f"10.0.0.{nth}", at=NOW + timedelta(seconds=nth))
    assert OutboxEntry.objects.filter(kind="password-forgotten").count() == 2
    for _nth in range(4):
        ask_for_password_link("other@example.com", asked_from="10.0.0.9", at=NOW)
    ask_for_password_link("other@example.com", asked_from="10.0.0.9", at=NOW)
    with refused("asked-too-often"):
        ask_for_password_link("mia@example.com", asked_from="10.0.0.9", at=NOW)


def test_somebody_invited_chooses_a_password_and_signs_in():
    at = Company.bare()
    person = NewPerson("nina", "Nina", "Berg", "nina@example.com", (TEAM_MEMBER,))
    admit_people(at.entity, [person], actor=at.manager, at=NOW)
    sweep_outbox(now=NOW)
    (sent,) = mail.outbox
    assert "Nina Berg" in sent.body
    choose(link_of(sent))
    assert get_user_model().objects.get(username="nina").check_password(NEW)


def test_the_sign_in_page_leads_to_the_link():
    assert reverse("forgotten-password") in Client().get(reverse("sign-in")).content.decode()

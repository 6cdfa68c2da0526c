"""Every page asks who you are first; the few that do not are named here."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from demo.people import PASSWORD, STAFF
from projects.roles import ROLES
from tests.company import Company, rows
from tests.company.people import signed_in
from tests.pages.walking import Route, routes

pytestmark = pytest.mark.django_db

OPEN = {
    "health",
    "sign-in",
    "set-theme",
    "forgotten-password",
    "password-link-sent",
    "password_reset_confirm",
}
"""What strangers may ask for: whether it runs, to sign in or get a new password, and in which light."""

SIGN_IN = ("/sign-in/?next=", "/admin/login/?next=")

IN_ADMIN = {"login"}
"""The admin's own sign-in, which leads to the same check."""


def is_open(route: Route) -> bool:
    return route.name in (IN_ADMIN if route.in_admin else OPEN)


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_page_needs_signing_in(method):
    answers = {}
    for route in routes():
        if is_open(route):
            continue
        for address in route.addresses(["1"]):
            response = getattr(Client(), method)(address)
            if response.status_code != 302 or not response["Location"].startswith(SIGN_IN):
                answers[address] = response.status_code
    assert answers == {}


def test_the_product_has_its_pages():
    names = {route.name for route in routes() if not route.in_admin}
    assert names >= {
        "overview",
        "approvals",
        "entries",
        "imports",
        "invoices",
        "backlog",
        "proformas",
        "runs",
    }


def test_health_tells_that_the_database_answers_and_nothing_else():
    response = Client().get("/health/")
    assert (response.status_code, response.json()) == (200, {"database": "ok"})


def test_signing_in_leads_to_where_one_wanted_to_go():
    get_user_model().objects.create_user("mia", password="a long way home 31")
    client = Client()
    sent = {"username": "mia", "password": "a long way home 31", "next": "/entries/"}
    response = client.post("/sign-in/", sent)
    assert (response.status_code, response["Location"]) == (302, "/entries/")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(elsewhere):
    get_user_model().objects.create_user("mia", password="a long way home 31")
    sent = {"username": "mia", "password": "a long way home 31", "next": elsewhere}
    assert Client().post("/sign-in/", sent)["Location"] == "/"


def test_five_wrong_passwords_lock_the_account():
    get_user_model().objects.create_user("mia", password="a long way home 31")
    client = Client()
    answers = [
        client.post("/sign-in/", {"username": "mia", "password": "wrong"}).status_code for _nth in range(5)
    ]
    assert answers == [200, 200, 200, 200, 429]
    sent = {"username": "mia", "password": "a long way home 31"}
    assert client.post("/sign-in/", sent).status_code == 429


def test_the_demo_names_its_people_and_no_other_installation_does(settings, tmp_path):
    settings.VAR = tmp_path
    (tmp_path / "demo-logins.txt").touch()
    shown = {}
    for mode in ("demo", "production"):
        settings.MODE = mode
        body = Client().get("/sign-in/").content.decode()
        shown[mode] = (PASSWORD in body, all(person.login in body for person in STAFF))
    assert shown == {"demo": (True, True), "production": (False, False)}


def test_signing_out_takes_a_form_and_ends_the_session():
    client = signed_in(rows.user())
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/").status_code == 302


def test_every_role_finds_a_page_of_its_own_after_signing_in():

    at = Company.bare()
    answers = {role: signed_in(at.person(role)).get("/").status_code for role in ["", *ROLES]}
    assert set(answers.values()) == {200}

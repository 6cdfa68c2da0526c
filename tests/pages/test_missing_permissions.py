"""Who may not do something reads which roles may, and who gives them; never a code."""

import re

import pytest
from django.urls import reverse

from core.missing_permissions import denied, roles_with
from projects.roles import ADMINISTRATOR, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company, rows
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

CODE = re.compile(r"\b(?:projects|billing|accounting|auth|core)\.[a-z]+_\w+")


@pytest.fixture
def at() -> Company:
    made = Company.bare()
    administrator = rows.user("ada")
    administrator.first_name, administrator.last_name = "Ada", "Lindqvist"
    administrator.save()
    made.admit(administrator, ADMINISTRATOR)
    return made


def test_a_page_names_the_roles_that_may_open_it_and_who_gives_them(at):
    client = signed_in(at.admit(at.worker, TEAM_MEMBER))
    answer = client.get(reverse("proforma-order", args=["PF-1"]))
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "This page is not for your role" in page
    assert "may do it: " in page
    assert "Project manager" in page
    assert "Roles are given by Ada Lindqvist." in page
    assert CODE.search(page) is None


def test_roles_are_named_by_what_they_hold(at):
    assert "Project manager" in roles_with("billing.confirm_proforma")
    assert "Team member" not in roles_with("billing.confirm_proforma")
    assert roles_with("billing.nothing_of_the_kind") == []
    assert str(denied("billing.nothing_of_the_kind")).startswith("No role may do this.")


def test_where_nobody_gives_roles_it_says_so():
    company = Company.bare()
    company.admit(company.manager, PROJECT_MANAGER)
    assert "Roles are given by the administrator of this installation." in str(denied("billing.mark_ready"))

"""The administrator's pages: people, their roles, what they may see; never one's own, never the books."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from core.models import Activity
from projects.models import LegalEntityMembership
from projects.roles import (
    ADMINISTRATOR,
    FINANCE_CONTROLLER,
    PROJECT_ACCOUNTANT,
    PROJECT_MANAGER,
    TEAM_MEMBER,
    clashing_roles,
)
from tests.admin.admin_client import AdminClient
from tests.company import Company, rows
from tests.company.people import superuser

pytestmark = pytest.mark.django_db

NO_ROWS = {"entity_memberships-TOTAL_FORMS": "0", "entity_memberships-INITIAL_FORMS": "0"}


def described(someone: User, *roles: str, **changes: Any) -> dict[str, Any]:
    groups = list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))
    usual = {"username": someone.username, "is_active": "on", "groups": groups}
    return usual | NO_ROWS | changes


def test_a_new_colleague_is_added_with_role_and_legal_entity(company: Company, administrator: AdminClient):
    data = {"username": "nina", "password1": "copper-lantern-77", "password2": "copper-lantern-77"}
    assert (
        administrator.sent("auth_user_add", data=data | {"usable_password": "true"} | NO_ROWS).status_code
        == 302
    )
    nina = User.objects.get(username="nina")
    rows = {
        "entity_memberships-TOTAL_FORMS": "1",
        "entity_memberships-0-user": nina.pk,
        "entity_memberships-0-legal_entity": company.entity.pk,
    }
    answer = administrator.sent("auth_user_change", nina.pk, data=described(nina, PROJECT_ACCOUNTANT, **rows))
    assert answer.status_code == 302
    nina = User.objects.get(pk=nina.pk)
    assert (nina.is_staff, nina.is_superuser) == (True, False)
    assert LegalEntityMembership.objects.get(user=nina).legal_entity == company.entity
    assert Activity.objects.about(nina).count() == 2


def test_the_admin_opens_and_closes_with_the_roles(company: Company, administrator: AdminClient):
    someone = company.person(PROJECT_ACCOUNTANT)
    assert someone.is_staff
    rows = {"entity_memberships-TOTAL_FORMS": "1", "entity_memberships-INITIAL_FORMS": "1"}
    membership = someone.entity_memberships.get()
    rows |= {
        "entity_memberships-0-id": membership.pk,
        "entity_memberships-0-user": someone.pk,
        "entity_memberships-0-DELETE": "on",
    }
    data = described(someone, TEAM_MEMBER, **rows)
    assert administrator.sent("auth_user_change", someone.pk, data=data).status_code == 302
    someone = User.objects.get(pk=someone.pk)
    assert (someone.is_staff, someone.entity_memberships.count()) == (False, 0)


def test_who_administers_people_keeps_no_books(company: Company, administrator: AdminClient):
    someone = company.person(FINANCE_CONTROLLER)
    data = described(someone, FINANCE_CONTROLLER, ADMINISTRATOR)
    answer = administrator.sent("auth_user_change", someone.pk, data=data)
    assert "One person must not hold these roles together: Administrator, Finance controller." in str(
        answer.context["errors"]
    )
    assert [group.name for group in someone.groups.all()] == [FINANCE_CONTROLLER]


@pytest.mark.parametrize(
    ("roles", "clash"),
    [
        ({ADMINISTRATOR, PROJECT_MANAGER}, {ADMINISTRATOR, PROJECT_MANAGER}),
        ({ADMINISTRATOR, TEAM_MEMBER}, set()),
        ({PROJECT_ACCOUNTANT, PROJECT_MANAGER}, set()),
        (set(), set()),
    ],
)
def test_roles_that_go_together_and_roles_that_do_not(roles: set[str], clash: set[str]):
    assert clashing_roles(roles) == clash


def test_nobody_changes_their_own_row_or_password_here(administrator: AdminClient):
    own = administrator.user
    data = described(own, ADMINISTRATOR, FINANCE_CONTROLLER)
    assert administrator.sent("auth_user_change", own.pk, data=data).status_code == 403
    assert administrator.shown("auth_user_password_change", own.pk).status_code == 403
    assert [group.name for group in own.groups.all()] == [ADMINISTRATOR]


def test_only_a_superuser_changes_a_superuser(company: Company, administrator: AdminClient):
    root = superuser(company.entity, password="copper-lantern-77")
    password = {"password1": "silver-lantern-78", "password2": "silver-lantern-78", "usable_password": "true"}
    data = described(root) | {"is_active": ""}
    assert administrator.shown("auth_user_change", root.pk).status_code == 200
    assert administrator.sent("auth_user_change", root.pk, data=data).status_code == 403
    assert administrator.sent("auth_user_password_change", root.pk, data=password).status_code == 403
    root.refresh_from_db()
    assert (root.is_active, root.check_password("copper-lantern-77")) == (True, True)
    other = AdminClient(User.objects.create_superuser("other"))
    assert other.sent("auth_user_password_change", root.pk, data=password).status_code == 302
    root.refresh_from_db()
    assert root.check_password("silver-lantern-78")


def test_a_superuser_is_not_made_by_a_form(administrator: AdminClient):
    someone = rows.user("plain")
    data = described(someone, is_superuser="on", is_staff="on", user_permissions=["1"])
    assert administrator.sent("auth_user_change", someone.pk, data=data).status_code == 302
    someone = User.objects.get(pk=someone.pk)
    assert (someone.is_superuser, someone.is_staff, someone.user_permissions.count()) == (False, False, 0)


def test_roles_are_shown_and_stand_in_the_code(administrator: AdminClient):
    group = Group.objects.get(name=PROJECT_ACCOUNTANT)
    page = administrator.shown("auth_group_change", group.pk)
    assert "accounting.post_invoice" in page.content.decode()
    assert administrator.sent("auth_group_change", group.pk, data={"name": "Boss"}).status_code == 403
    assert administrator.sent("auth_group_add", data={"name": "Boss"}).status_code == 403


def test_the_activity_log_is_read_by_controllers_for_what_they_see(company: Company, controller: AdminClient):
    company.billed()
    other = Company()
    other.billed()
    seen = set(controller.shown("core_activity_changelist").context["cl"].queryset)
    assert seen
    names = {one.subject_name for one in seen}
    assert str(company.entity.customer_invoices.get().proposal) in names
    mine = {f"{one.subject_kind} {one.subject_id}" for one in seen}
    theirs = other.entity.customer_invoices.get().proposal
    assert f"accounting.invoiceproposal {theirs.pk}" not in mine


def test_the_history_of_a_thing_tells_who_moved_it(company: Company, controller: AdminClient):
    company.billed()
    journal = company.entity.integration_journals.get()
    page = controller.shown("accounting_integrationjournal_history", journal.pk)
    assert [one.verb for one in page.context["activities"]] == ["posted", "imported"]
    assert company.accountant.username in page.content.decode()

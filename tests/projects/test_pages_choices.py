"""Billing roles, transaction categories and resources in the browser: allowed, refused, invisible (A13)."""

import pytest
from django.urls import reverse

from core.models import Activity
from projects.models import Project, Resource, Role, TeamMember, TransactionCategory
from projects.roles import (
    ADMINISTRATOR,
    FINANCE_CONTROLLER,
    PROJECT_ACCOUNTANT,
    PROJECT_MANAGER,
    TEAM_MEMBER,
)
from tests.company import Company, rows
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

KINDS = {"role": "roles", "category": "categories", "resource": "resources"}


@pytest.fixture
def at() -> Company:
    return Company()


@pytest.fixture
def manager(at):
    return signed_in(at.person(PROJECT_MANAGER))


def codes(answer) -> list[str]:
    return [one.code for one in answer.context["refusals"]]


def shown(client, name: str, query: str = "all=1") -> set:
    return set(client.get(f"{reverse(name)}?{query}").context["table"].data.data)


def row_of(at: Company, kind: str):
    return {"role": at.role, "category": at.categories["expense"], "resource": at.resource}[kind]


def test_a_role_is_added_changed_closed_and_reopened(at, manager):
    answer = manager.post(reverse("add-role"), {"name": "Architect", "is_chargeable": "on"})
    assert answer["Location"] == reverse("roles")
    role = Role.objects.get(name="Architect")
    page = reverse("role", args=[role.pk])
    assert manager.post(page, {"name": "Lead architect"})["Location"] == reverse("roles")
    role.refresh_from_db()
    assert (role.name, role.is_chargeable) == ("Lead architect", False)
    assert Activity.objects.about(role).first().changes == {
        "name": ["Architect", "Lead architect"],
        "is_chargeable": ["True", "False"],
    }
    close = reverse("close-role", args=[role.pk])
    assert "no longer offered" in manager.get(close).content.decode()
    assert manager.post(close)["Location"] == page
    assert role not in shown(manager, "roles", "")
    assert role in shown(manager, "roles", "state=closed")
    manager.post(reverse("reopen-role", args=[role.pk]))
    assert role in shown(manager, "roles", "")


def test_a_category_is_added_with_a_word_for_its_unit(at, manager):
    fields = {"transaction_class": "expense", "name": "Training", "unit": "days", "is_chargeable": "on"}
    fields |= {"item_sales_tax_group": at.item_group.pk}
    assert manager.post(reverse("add-category"), fields)["Location"] == reverse("categories")
    made = TransactionCategory.objects.get(name="Training")
    assert (made.unit, made.item_sales_tax_group, made.is_default) == ("day", at.item_group, False)
    # The class stays: entries of that class name it.
    page = reverse("category", args=[made.pk])
    manager.post(page, {"name": "Courses", "unit": "pcs", "transaction_class": "fee"})
    made.refresh_from_db()
    assert (made.name, made.unit, made.transaction_class) == ("Courses", "pcs", "expense")


def test_a_class_has_one_default_and_it_is_not_closed(at, manager):
    first = TransactionCategory.objects.create(name="Travel", transaction_class="expense", is_default=True)
    fields = {"transaction_class": "expense", "name": "Meals", "unit": "pcs", "is_default": "on"}
    answer = manager.post(reverse("add-category"), fields)
    assert (answer.status_code, codes(answer)) == (422, ["default-taken"])
    assert 'value="Meals"' in answer.content.decode()
    assert not TransactionCategory.objects.filter(name="Meals").exists()
    answer = manager.post(reverse("close-category", args=[first.pk]))
    assert (answer.status_code, codes(answer)) == (422, ["is-default"])
    assert not TransactionCategory.objects.get(pk=first.pk).is_closed


def test_a_name_stands_once(at, manager):
    answer = manager.post(reverse("add-role"), {"name": at.role.name})
    assert (answer.status_code, codes(answer)) == (422, ["already-exists"])
    assert Role.objects.filter(name=at.role.name).count() == 1


def test_somebody_whose_hours_others_record_is_a_resource_without_a_user(at, manager):
    form = manager.get(reverse("add-resource")).context["form"]
    assert "user" not in form.fields
    fields = {"legal_entity": at.entity.pk, "code": "sub-1", "name": "Ada Sub", "role": at.role.pk}
    assert manager.post(reverse("add-resource"), fields)["Location"] == reverse("resources")
    made = Resource.objects.get(code="sub-1")
    assert (made.user, made.role) == (None, at.role)
    # A field that the form does not have is not taken from the request.
    manager.post(reverse("resource", args=[made.pk]), {"name": "Ada Sub", "role": "", "user": at.manager.pk})
    made.refresh_from_db()
    assert (made.user, made.role) == (None, None)


def test_who_administers_people_says_as_whom_a_resource_signs_in(at):
    administrator = signed_in(at.person(ADMINISTRATOR))
    mia = at.person(TEAM_MEMBER)
    fields = {"legal_entity": at.entity.pk, "code": "mia", "name": "Mia Otte", "user": mia.pk}
    assert administrator.post(reverse("add-resource"), fields).status_code == 302
    made = Resource.objects.get(code="mia")
    assert made.user == mia
    # Each user is one resource: those who are one already are not offered for another.
    form = administrator.get(reverse("add-resource")).context["form"]
    assert mia not in form.fields["user"].queryset
    own = administrator.get(reverse("resource", args=[made.pk])).context["form"]
    assert mia in own.fields["user"].queryset


def test_a_closed_role_is_refused_and_stays_where_it_is(at, manager):
    other = Role.objects.create(name="Gone", is_closed=True)
    fields = {"legal_entity": at.entity.pk, "code": "x", "name": "X", "role": other.pk}
    answer = manager.post(reverse("add-resource"), fields)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["role"])
    Resource.objects.filter(pk=at.resource.pk).update(role=other)
    form = manager.get(reverse("resource", args=[at.resource.pk])).context["form"]
    assert other in form.fields["role"].queryset


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_used_is_not_deleted_and_the_page_says_by_what(at, manager, kind):
    at.approved(2)
    at.approved(30, "expense")
    used = row_of(at, kind)
    answer = manager.post(reverse(f"delete-{kind}", args=[used.pk]))
    assert (answer.status_code, codes(answer)) == (422, ["in-use"])
    assert "name it." in answer.content.decode() or "names it." in answer.content.decode()
    assert type(used).objects.filter(pk=used.pk).exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_used_is_deleted(at, manager, kind):
    unused = {
        "role": lambda: Role.objects.create(name="Unused"),
        "category": lambda: TransactionCategory.objects.create(name="Unused", transaction_class="fee"),
        "resource": lambda: Resource.objects.create(legal_entity=at.entity, code="u", name="Unused"),
    }[kind]()
    answer = manager.post(reverse(f"delete-{kind}", args=[unused.pk]))
    assert answer["Location"] == reverse(KINDS[kind])
    assert not type(unused).objects.filter(pk=unused.pk).exists()


def test_work_that_waits_keeps_a_resource_open(at, manager):
    rows.approval(at)
    answer = manager.post(reverse("close-resource", args=[at.resource.pk]))
    assert (answer.status_code, codes(answer)) == (422, ["work-waiting"])
    assert not Resource.objects.get(pk=at.resource.pk).is_closed


MAY_CHANGE = {
    "role": {PROJECT_MANAGER, ADMINISTRATOR},
    "category": {PROJECT_MANAGER, PROJECT_ACCOUNTANT},
    "resource": {PROJECT_MANAGER, ADMINISTRATOR},
}
MAY_LOOK = {PROJECT_ACCOUNTANT, FINANCE_CONTROLLER}


@pytest.mark.parametrize("role", [PROJECT_MANAGER, PROJECT_ACCOUNTANT, ADMINISTRATOR, *MAY_LOOK, TEAM_MEMBER])
@pytest.mark.parametrize("kind", KINDS)
def test_each_role_changes_looks_or_is_refused(at, kind, role):
    client, row = signed_in(at.person(role)), row_of(at, kind)
    changes, looks = role in MAY_CHANGE[kind], role in MAY_CHANGE[kind] | MAY_LOOK
    page = client.get(reverse(KINDS[kind]))
    assert page.status_code == (200 if looks else 403)
    if looks:
        address = f'href="{reverse(kind, args=[row.pk])}"'
        assert (address in page.content.decode()) is changes
        assert page.context["may_add"] is changes
    expected = 200 if changes else 403
    assert client.get(reverse(kind, args=[row.pk])).status_code == expected
    assert client.get(reverse(f"add-{kind}")).status_code == expected
    if not changes:
        for step in ("close", "reopen", "delete"):
            assert client.post(reverse(f"{step}-{kind}", args=[row.pk])).status_code == 403, step
        assert type(row).objects.filter(pk=row.pk).exists()


def test_resources_of_another_company_are_invisible(at):
    stranger = signed_in(Company.bare().person(PROJECT_MANAGER))
    assert at.resource not in shown(stranger, "resources")
    assert stranger.get(reverse("resource", args=[at.resource.pk])).status_code == 404
    for step in ("close", "reopen", "delete"):
        assert stranger.post(reverse(f"{step}-resource", args=[at.resource.pk])).status_code == 404, step


def test_a_place_in_a_team_is_changed_by_the_manager_of_the_project_alone(at):
    user = at.person(PROJECT_MANAGER)
    Project.objects.filter(pk=at.project.pk).update(manager=user)
    member = TeamMember.objects.create(project=at.project, resource=at.resource, role=at.role)
    lead = Role.objects.create(name="Lead")
    address = reverse("change-team-member", args=[member.pk])
    fields = {"role": lead.pk, "is_approver": "on", "starts_on": "2026-03-01"}
    other = signed_in(at.person(PROJECT_MANAGER))
    assert other.post(address, fields).status_code == 404
    client = signed_in(user)
    assert address in client.get(reverse("project", args=[at.project.pk])).content.decode()
    assert client.post(address, fields)["Location"] == reverse("project", args=[at.project.pk])
    member.refresh_from_db()
    assert (member.resource, member.role, member.is_approver) == (at.resource, lead, True)
    assert str(member.starts_on) == "2026-03-01"

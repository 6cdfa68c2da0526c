"""Choices of admin forms: only rows that the user may see, and never all rows of a model without a scope."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from accounting.models import Account, CostRevenueProfile
from core.admin_kit import ReadOnlyAdmin, ReadOnlyInline
from projects.models import LegalEntityMembership, Resource
from tests.admin.admin_client import AdminClient
from tests.admin.test_matrix import ADMIN_PAGES
from tests.company import Company

pytestmark = pytest.mark.django_db


class BareResourceAdmin(ReadOnlyAdmin):
    """Offers users, of which Django does not say who may see whom, and names no rows for them."""

    fields = ("name", "user")


class BarePersonAdmin(ReadOnlyAdmin):
    """Offers groups in a relation of many."""

    fields = ("username", "groups")


class BareMembershipInline(ReadOnlyInline):
    model = LegalEntityMembership
    fields = ("user",)


def request_of(admin_client: AdminClient) -> Any:
    request = RequestFactory().get("/")
    request.user = admin_client.user
    return request


@pytest.mark.parametrize(
    ("page_class", "model", "field", "named"),
    [
        (BareResourceAdmin, Resource, "user", "User"),
        (BarePersonAdmin, User, "groups", "Group"),
        (BareMembershipInline, User, "user", "User"),
    ],
)
def test_a_choice_of_a_model_without_scope_is_refused_loudly(
    administrator: AdminClient, page_class: Any, model: Any, field: str, named: str
):
    page = page_class(model, admin.site)
    with pytest.raises(ImproperlyConfigured, match=f"the queryset of {named} has no visible_to"):
        page.formfield_for_dbfield(page.opts.get_field(field), request_of(administrator))


def test_every_form_offers_scoped_rows_or_those_it_names(company: Company):
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("root")
    offered = 0
    for page in ADMIN_PAGES.values():
        if page.adds or page.changes:
            inlines = page.get_inline_instances(request)
            forms = [page.get_form(request), *(one.get_formset(request).form for one in inlines)]
            fields = [field for form in forms for field in form.base_fields.values()]
            offered += sum(hasattr(field, "queryset") for field in fields)
    assert offered == 74


def test_users_are_offered_to_those_who_may_see_them(company: Company, accountant: AdminClient):
    stranger = Company().person("Project manager")
    page = accountant.shown("projects_project_add")
    offered = page.context["adminform"].form.fields["manager"].queryset
    assert accountant.user in offered
    assert stranger not in offered


def test_inline_choices_are_of_the_users_own_legal_entity(company: Company, controller: AdminClient):
    other = Company()
    profile = CostRevenueProfile.objects.filter(legal_entity=company.entity).first()
    page = controller.shown("accounting_costrevenueprofile_change", profile.pk)
    (inline,) = page.context["inline_admin_formsets"]
    offered = set(inline.formset.empty_form.fields["project"].queryset)
    assert company.project in offered
    assert other.project not in offered


def test_a_foreign_choice_that_is_sent_anyway_is_refused_at_its_field(
    company: Company, controller: AdminClient
):
    other = Company()
    data = {"legal_entity": other.entity.pk, "number": "9999", "name": "Theirs", "kind": "asset"}
    answer = controller.sent("accounting_account_add", data=data)
    assert list(answer.context["adminform"].form.errors) == ["legal_entity"]
    assert not Account.objects.filter(number="9999").exists()


def test_all_roles_are_offered_to_those_who_administer_people(company: Company, administrator: AdminClient):
    page = administrator.shown("auth_user_change", company.person("Project manager").pk)
    offered = page.context["adminform"].form.fields["groups"].queryset
    assert set(offered) == set(Group.objects.all())

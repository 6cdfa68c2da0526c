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
from tests.admin.conftest import Desk, person
from tests.admin.test_matrix import ADMIN_PAGES
from tests.trade import Trade

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


def request_of(desk: Desk) -> Any:
    request = RequestFactory().get("/")
    request.user = desk.user
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
    administrator: Desk, page_class: Any, model: Any, field: str, named: str
):
    page = page_class(model, admin.site)
    with pytest.raises(ImproperlyConfigured, match=f"the queryset of {named} has no visible_to"):
        page.formfield_for_dbfield(page.opts.get_field(field), request_of(administrator))


def test_every_form_offers_scoped_rows_or_those_it_names(trade: Trade):
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("root")
    offered = 0
    for page in ADMIN_PAGES.values():
        if page.adds or page.changes:
            inlines = page.get_inline_instances(request)
            forms = [page.get_form(request), *(one.get_formset(request).form for one in inlines)]
            fields = [field for form in forms for field in form.base_fields.values()]
            offered += sum(hasattr(field, "queryset") for field in fields)
    assert offered == 32


def test_users_are_offered_to_those_who_may_see_them(trade: Trade, accountant: Desk):
    stranger = person("Project manager", Trade().entity)
    page = accountant.shown("billing_batchjob_add")
    offered = page.context["adminform"].form.fields["acts_as"].queryset
    assert accountant.user in offered
    assert stranger not in offered


def test_inline_choices_are_of_the_users_own_legal_entity(trade: Trade, controller: Desk):
    other = Trade()
    profile = CostRevenueProfile.objects.filter(legal_entity=trade.entity).first()
    page = controller.shown("accounting_costrevenueprofile_change", profile.pk)
    (inline,) = page.context["inline_admin_formsets"]
    offered = set(inline.formset.empty_form.fields["project"].queryset)
    assert trade.project in offered
    assert other.project not in offered


def test_a_foreign_choice_that_is_sent_anyway_is_refused_at_its_field(trade: Trade, controller: Desk):
    other = Trade()
    data = {"legal_entity": other.entity.pk, "number": "9999", "name": "Theirs", "kind": "asset"}
    answer = controller.sent("accounting_account_add", data=data)
    assert list(answer.context["adminform"].form.errors) == ["legal_entity"]
    assert not Account.objects.filter(number="9999").exists()


def test_all_roles_are_offered_to_those_who_administer_people(trade: Trade, administrator: Desk):
    page = administrator.shown("auth_user_change", person("Project manager", trade.entity).pk)
    offered = page.context["adminform"].form.fields["groups"].queryset
    assert set(offered) == set(Group.objects.all())

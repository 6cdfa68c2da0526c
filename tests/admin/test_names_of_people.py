"""People are called by their names in lists, filters and choices of the admin, as on the pages."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist
from django.forms import ModelChoiceField
from django.urls import reverse

from core.admin_kit import PeopleFilter
from projects.roles import FINANCE_CONTROLLER
from tests.company import Company
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db


def is_person(model_admin: Any, name: Any) -> bool:
    try:
        field = model_admin.opts.get_field(name) if isinstance(name, str) else None
    except FieldDoesNotExist:
        return False
    return field is not None and field.related_model is User


@pytest.mark.parametrize("model_admin", admin.site._registry.values(), ids=lambda one: one.opts.label)
def test_no_list_filter_or_choice_shows_who_somebody_signs_in_as(model_admin, rf):
    company = Company.bare()
    ada = company.accountant
    User.objects.filter(pk=ada.pk).update(first_name="Ada", last_name="Lindqvist", is_superuser=True)
    request = rf.get("/")
    request.user = User.objects.get(pk=ada.pk)
    assert [one for one in model_admin.get_list_display(request) if is_person(model_admin, one)] == []
    for one in model_admin.get_list_filter(request):
        name, kind = one if isinstance(one, tuple) else (one, None)
        assert not is_person(model_admin, name) or kind is PeopleFilter
    if not (getattr(model_admin, "adds", False) or getattr(model_admin, "changes", False)):
        return
    for field in model_admin.get_form(request).base_fields.values():
        if isinstance(field, ModelChoiceField) and field.queryset.model is User:
            assert field.label_from_instance(request.user) == "Ada Lindqvist"


def test_the_activity_log_names_people_in_its_rows_and_its_filter():
    company = Company()
    User.objects.filter(pk=company.manager.pk).update(first_name="Katrin", last_name="Moser")
    company.approved(8)
    company.draft()
    client = signed_in(company.person(FINANCE_CONTROLLER))
    page = client.get(reverse("admin:core_activity_changelist")).content.decode()
    assert "Katrin Moser" in page
    assert f">{company.manager.username}<" not in page

"""Every day that is typed goes through one field, which refuses the years that nobody can mean (A7, A13).

Found are the forms themselves, those of the admin, and, by the text of the modules, fields that a form makes
when it is opened. What filters of lists search for is written nowhere and may be any day.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db import models
from django.forms.forms import BaseForm
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import get_resolver

from core.day_inputs import DayField
from core.days import DAYS_ALLOWED
from tests.architecture.source_tree import PACKAGES
from tests.architecture.test_list_pages import descendants
from tests.company.people import superuser

ROOT = Path(__file__).parents[2]
PLAIN = re.compile(r"forms\.DateField\(|forms\.SelectDateWidget|forms\.fields\.DateField")
OUTSIDE = [date(1, 1, 1), date(1899, 12, 31), date(2200, 1, 1), date(9999, 12, 31)]


def ours(cls: type) -> bool:
    """Forms of the product; those of filter sets are made by django-filter."""
    return cls.__module__.split(".")[0] in PACKAGES and ".filters" not in cls.__module__


def is_made_over(form: type) -> bool:
    """Forms over rows in the admin have fields made by their page, which is asked itself."""
    return not hasattr(form, "base_fields") or (
        issubclass(form, forms.BaseModelForm) and ".admin" in form.__module__
    )


def days_of(form: type[BaseForm]) -> Iterator[tuple[str, forms.Field]]:
    for name, field in form.base_fields.items():  # type: ignore[attr-defined]
        if isinstance(field, forms.DateField):
            yield f"{form.__module__}.{form.__qualname__}.{name}", field


def of_pages() -> list[tuple[str, forms.Field]]:
    """Day fields of every form that the product declares."""
    # Opening the addresses imports every view, and with them every form.
    assert get_resolver().url_patterns
    declared = {form for form in descendants(BaseForm) if ours(form) and not is_made_over(form)}
    return [day for form in sorted(declared, key=repr) for day in days_of(form)]


def of_admin(request: HttpRequest) -> list[tuple[str, forms.Field]]:
    """Day fields of every page of the admin on which somebody can change something, inlines included."""
    typed: list[tuple[str, forms.Field]] = []
    for page in admin.site._registry.values():
        if not ours(type(page)):
            continue
        typed += _of_admin_page(page, request)
    return typed


def _of_admin_page(page: ModelAdmin, request: HttpRequest) -> Iterator[tuple[str, forms.Field]]:
    for field in (one for one in page.model._meta.concrete_fields if type(one) is models.DateField):
        made = page.formfield_for_dbfield(field, request)
        if made is not None:
            yield f"{type(page).__name__}.{field.name}", made
    for inline in page.get_inline_instances(request):
        for field in (one for one in inline.model._meta.concrete_fields if type(one) is models.DateField):
            made = inline.formfield_for_dbfield(field, request)
            if made is not None:
                yield f"{type(inline).__name__}.{field.name}", made


def plain(typed: list[tuple[str, forms.Field]]) -> list[str]:
    return [name for name, field in typed if not isinstance(field, DayField)]


def plain_in_text(root: Path) -> list[str]:
    """Modules that make a day field of Django's own."""
    paths = (path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return sorted(
        str(path.relative_to(root))
        for path in paths
        if PLAIN.search(path.read_text()) and path.parent.name != "filters"
    )


def test_every_form_takes_days_by_the_one_field() -> None:
    typed = of_pages()
    assert plain(typed) == []
    assert plain_in_text(ROOT) == []
    # Entries, costs, corrections, journals, stand-ins, runs, drafts, contracts, price lists, records.
    assert len(typed) >= 20


@pytest.mark.django_db
def test_every_form_of_the_admin_takes_days_by_the_one_field(rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = superuser()
    typed = of_admin(request)
    assert plain(typed) == []
    assert len(typed) >= 10


@pytest.mark.parametrize("day", OUTSIDE)
def test_each_of_them_refuses_in_one_sentence(day: date) -> None:
    for name, field in of_pages():
        with pytest.raises(forms.ValidationError) as refused:
            field.clean(day.isoformat())
        assert (name, refused.value.error_list[0].code) == (name, "day-not-possible")
        assert (name, refused.value.messages) == (name, [str(DAYS_ALLOWED)])
        assert field.clean("2026-11-30") == date(2026, 11, 30)


def test_a_plain_field_is_found(tmp_path: Path) -> None:
    columns: dict[str, Any] = {"day": forms.DateField(), "__module__": "planted"}
    planted = type("Planted", (forms.Form,), columns)
    assert plain(list(days_of(planted))) == ["planted.Planted.day"]
    module = tmp_path / "projects" / "forms" / "planted.py"
    module.parent.mkdir(parents=True)
    module.write_text('self.fields["day"] = forms.DateField(label="Day")')
    assert plain_in_text(tmp_path) == ["projects/forms/planted.py"]

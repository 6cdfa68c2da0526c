"""A label says "optional" where, and only where, a field may stay empty: it is written by one component."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest
from django import forms
from django.template.loader import render_to_string

import billing.forms
import projects.forms
from tests.architecture.source_tree import ROOT

SAID = ("optional", "required", "mandatory")


def classes_of(package: ModuleType) -> Iterator[type[forms.BaseForm]]:
    for entry in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(entry.name)
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, forms.BaseForm) and one.__module__ == entry.name:
                yield one


FORMS = [*classes_of(billing.forms), *classes_of(projects.forms)]


@pytest.mark.parametrize("form_class", FORMS, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_no_label_says_by_itself_whether_a_field_is_required(form_class):
    fields = getattr(form_class, "base_fields", {})
    wrong = [name for name, one in fields.items() if any(said in str(one.label).lower() for said in SAID)]
    assert wrong == []
    # What may stay empty in some cases only is not called optional; what is required never is.
    assert [
        name for name in getattr(form_class, "needed", ()) if name in fields and fields[name].required
    ] == []


class Three(forms.Form):
    needed = ("sometimes",)
    always = forms.CharField()
    sometimes = forms.CharField(required=False)
    never = forms.CharField(required=False)


def test_the_component_marks_what_may_stay_empty():
    def marked(name: str) -> bool:
        shown = render_to_string("components/field.html", {"field": Three()[name], "optional": True})
        return "optional" in shown

    assert (marked("always"), marked("sometimes"), marked("never")) == (False, False, True)


def test_the_page_that_says_so_marks_every_field_of_it():
    """The page of a contract says that every field is required unless marked optional."""
    for path in sorted(ROOT.glob("templates/billing/contract_edit*.html")):
        for line in path.read_text().splitlines():
            if "components/field.html" in line and "optional=True" not in line:
                assert any(f"field={name}" in line for name in REQUIRED_THERE), line


REQUIRED_THERE = ("line.name", "line.billing_method", "rule.about", "rule.is_chargeable")

"""Nobody reads the name of a constraint: those without a sentence of their own have a plain one."""

from datetime import date

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from projects.models import ProjectContract
from tests.company import Company

NAMED = [
    (model, constraint)
    for model in apps.get_models()
    if model.__module__.split(".")[0] in {"core", "projects", "billing", "accounting"}
    for constraint in model._meta.constraints
]


def test_no_constraint_says_its_name() -> None:
    assert len(NAMED) > 100
    assert [one.name for _model, one in NAMED if one.name in one.get_violation_error_message()] == []


@pytest.mark.django_db
def test_what_contradicts_itself_is_said_in_words() -> None:
    contract: ProjectContract = Company.bare().contract
    contract.starts_on, contract.ends_on = date(2026, 2, 1), date(2026, 1, 1)
    with pytest.raises(ValidationError) as caught:
        contract.validate_constraints()
    assert caught.value.messages == ["These values contradict each other: check what was entered."]

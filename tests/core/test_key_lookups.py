"""A number that no column can hold matches no row: as a key, as a foreign key, alone and in a list."""

import pytest
from django.apps import apps
from django.db import models

from tests.company import Company

pytestmark = pytest.mark.django_db

TOO_LARGE = [2**63, -(2**63) - 1, 2**64, 10**400]
"""The first on either side that a column of eight bytes does not hold, what people type, and worse."""


def columns() -> list[tuple[type[models.Model], str]]:
    """Every key, foreign key and whole number of every model."""
    kinds = (models.IntegerField, models.ForeignKey, models.AutoField)
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, kinds) and not isinstance(_column(field), models.CharField | models.UUIDField)
    ]


def _column(field):
    while field.remote_field:
        field = field.target_field
    return field


@pytest.mark.parametrize("number", TOO_LARGE, ids=["2**63", "-2**63-1", "2**64", "10**400"])
def test_a_number_that_does_not_fit_matches_nothing_in_any_column(number):
    asked = columns()
    assert len(asked) > 300
    for model, name in asked:
        rows = model._default_manager.all()
        assert not rows.filter(**{name: number}).exists(), (model, name)
        assert not rows.filter(**{f"{name}__in": [number]}).exists(), (model, name)


def test_the_others_of_a_list_are_found():
    entity = Company().entity
    known = type(entity).objects.filter(pk__in=[2**64, entity.pk, -(2**64)])
    assert list(known) == [entity]
    assert list(entity.customers.filter(legal_entity__in=[2**64, entity.pk])) == list(entity.customers.all())
    assert list(entity.customers.filter(legal_entity_id=2**64)) == []


def test_what_is_left_out_by_a_number_that_does_not_fit_is_nothing():
    entity = Company().entity
    everything = list(entity.customers.order_by("pk"))
    assert everything
    assert list(entity.customers.exclude(pk__in=[2**64]).order_by("pk")) == everything
    assert list(entity.customers.exclude(legal_entity=2**64).order_by("pk")) == everything
    assert list(entity.customers.exclude(legal_entity__in=[2**64]).order_by("pk")) == everything

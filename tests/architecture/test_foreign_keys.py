"""A foreign key is an import: it points to its own app or to one below, never up."""

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from tests.architecture.source_tree import APPS


def climbing_keys(tables: Iterable[type[models.Model]]) -> Iterator[str]:
    """Relations of our tables, those through tables of their own too, that point to a higher app."""
    for table in tables:
        if table._meta.app_label not in APPS:
            continue
        for field in [*table._meta.concrete_fields, *table._meta.local_many_to_many]:
            target = field.related_model
            if target is not None and _level(target) > _level(table):
                yield f"{table._meta.label}.{field.name} points up to {target._meta.label}"


def _level(table: type[models.Model]) -> int:
    """How high its app stands; Django's own tables are below all of ours."""
    label = table._meta.app_label
    return APPS.index(label) if label in APPS else -1


def test_foreign_keys_descend() -> None:
    tables = apps.get_models(include_auto_created=True)
    assert {table._meta.app_label for table in tables} >= set(APPS)
    assert list(climbing_keys(tables)) == []


@isolate_apps("core", "projects", "billing")
def test_a_key_that_climbs_is_found() -> None:
    class Proforma(models.Model):
        class Meta:
            app_label = "billing"

    class Hour(models.Model):
        bill = models.ForeignKey(Proforma, models.PROTECT)
        bills = models.ManyToManyField(Proforma, related_name="+")

        class Meta:
            app_label = "projects"

    class Line(models.Model):
        hour = models.ForeignKey(Hour, models.PROTECT)

        class Meta:
            app_label = "billing"

    class Activity(models.Model):
        hour = models.ForeignKey(Hour, models.PROTECT)

        class Meta:
            app_label = "core"

    tables = [Proforma, Hour, Line, Activity]
    assert list(climbing_keys(tables)) == [
        "projects.Hour.bill points up to billing.Proforma",
        "projects.Hour.bills points up to billing.Proforma",
        "core.Activity.hour points up to projects.Hour",
    ]

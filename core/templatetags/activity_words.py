"""What a row of the log changed, in words: the field by its name, its value before and after (B10).

The log keeps plain texts, so that it outlives what it is about; here they are read by the kind
of their field.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.fields import AmountField, PercentField, PriceField, QuantityField
from core.templatetags.display import NOTHING, amount, day, moment, money, percent, quantity, rate

register = template.Library()


@register.filter
def changes_in_words(activity: Any, currency: str = "") -> list[str]:
    """One text for each field that was changed: `Quantity: 8.00 → 6.00`."""
    return words_of_changes(activity.subject_kind, activity.changes, currency)


def words_of_changes(kind: str, changes: Mapping[str, Sequence[str]], currency: str = "") -> list[str]:
    """The same of changes that are kept as a fact, of rows of one kind."""
    model = _model(kind)
    return [
        f"{_label(model, name)}: {_word(model, name, old, currency)} → {_word(model, name, new, currency)}"
        # PostgreSQL keeps the keys of a fact in an order of its own.
        for name, (old, new) in sorted(changes.items())
    ]


@register.filter
def facts_in_words(activity: Any, currency: str = "") -> list[str]:
    """What was changed, then whatever else was noted, one text each."""
    model = _model(activity.subject_kind)
    others = [
        f"{_label(model, name)}: {fact}"
        for name, fact in sorted(activity.facts.items())
        if not isinstance(fact, dict | list)
    ]
    return changes_in_words(activity, currency) + others


def _model(kind: str) -> type[models.Model] | None:
    """The model that a log is about; none for one that is gone since."""
    try:
        return apps.get_model(kind)
    except (LookupError, ValueError):
        return None


def _field(model: type[models.Model] | None, name: str) -> models.Field | None:
    try:
        field = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None


def _label(model: type[models.Model] | None, name: str) -> str:
    field = _field(model, name)
    return str(capfirst(str(field.verbose_name) if field else name.replace("_", " ")))


def _word(model: type[models.Model] | None, name: str, text: str, currency: str) -> str:
    """The value as a page writes it; as it was kept where it cannot be read any more."""
    field = _field(model, name)
    if text == "":
        return NOTHING
    if field is None:
        return text
    named = {str(value): str(label) for value, label in field.flatchoices}
    if named:
        return named.get(text, text)
    try:
        return _written(field, text, currency)
    except (ValueError, InvalidOperation):
        return text


def _written(field: models.Field, text: str, currency: str) -> str:
    if isinstance(field, models.BooleanField):
        return _("yes") if text == str(True) else _("no")
    if isinstance(field, models.DateTimeField):
        return moment(dt.datetime.fromisoformat(text))
    if isinstance(field, models.DateField):
        return day(dt.date.fromisoformat(text))
    if isinstance(field, AmountField):
        return money(Decimal(text), currency) if currency else amount(Decimal(text))
    for kind, write in ((PriceField, rate), (PercentField, percent), (QuantityField, quantity)):
        if isinstance(field, kind):
            return str(write(Decimal(text)))
    return text

"""What changed in a contract and its lines, in words: the field, what it said before and what it says now."""

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.fields import AmountField, PercentField, QuantityField
from core.models import Activity
from core.templatetags.display import NOTHING, day, money, percent, quantity
from projects.agreement_changes import OF
from projects.models import Chargeability, ContractLineCustomer

ROWS_BELOW: tuple[type[models.Model], ...] = (ContractLineCustomer, Chargeability)
"""The models whose fields are named with the payer or rule they belong to."""
LABELS_BELOW = {
    "split_percent": gettext_lazy("Share of %(what)s"),
    "is_rounding": gettext_lazy("%(what)s takes the rounding"),
    "not_to_exceed_amount": gettext_lazy("Limit of %(what)s"),
    "is_chargeable": gettext_lazy("%(what)s is chargeable"),
}
LABELS = {
    "details": gettext_lazy("Details"),
    "invoice schedule": gettext_lazy("Schedule"),
    "first run from": gettext_lazy("First run from"),
    "last run up to": gettext_lazy("Last run up to"),
}
WORDS: dict[type[models.Field], Callable[[str, str], str]] = {
    models.BooleanField: lambda text, currency: _("yes") if text == str(True) else _("no"),
    models.DateField: lambda text, currency: day(dt.date.fromisoformat(text)),
    AmountField: lambda text, currency: money(Decimal(text), currency),
    PercentField: lambda text, currency: percent(Decimal(text)),
    QuantityField: lambda text, currency: quantity(Decimal(text)),
}
"""How a value of each kind of field is written, given its plain text and the currency of amounts."""


class AgreedAnew(NamedTuple):
    """One field of a contract, a line, a payer or a rule."""

    label: str
    before: str
    after: str


def changes_in_words(one: Activity, currency: str) -> list[AgreedAnew]:
    """What one row of the log changed: own fields, then payer by payer; in its currency."""
    return [
        AgreedAnew(
            label_of(one.subject_kind, name),
            *(word_of(one.subject_kind, name, text, currency) for text in pair),
        )
        # PostgreSQL keeps the keys of a fact in an order of its own.
        for name, pair in sorted(one.changes.items(), key=lambda change: change[0].partition(OF)[::-1])
    ]


def label_of(kind: str, name: str) -> str:
    """The field by its name on forms; of a payer or a rule with whom or what it is about."""
    column, _of, about = name.partition(OF)
    if about:
        return LABELS_BELOW[column] % {"what": about}
    field = _field(kind, name)
    return str(capfirst(field.verbose_name) if field else LABELS.get(name, name))


def word_of(kind: str, name: str, text: str, currency: str) -> str:
    """A value as the pages write it; the log keeps plain text."""
    field = _field(kind, name)
    if not text or field is None:
        return text or NOTHING
    for kind_of_field, words in WORDS.items():
        if isinstance(field, kind_of_field):
            return words(text, currency)
    return str(dict(field.flatchoices).get(text, text))


def _field(kind: str, name: str) -> Any:
    column, _of, about = name.partition(OF)
    candidates: Iterable[Any] = ROWS_BELOW if about else (apps.get_model(kind),)
    for model in candidates:
        try:
            return model._meta.get_field(column)
        except FieldDoesNotExist:
            continue
    return None

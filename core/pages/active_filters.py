"""How a list is filtered: the address is the state, and every filter that is set can be removed."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.forms import BoundField, Field, Form
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.kept_forms import PARAMETER
from core.templatetags.display import day, plain

NOT_FILTERS = ("page", "per_page", "sort", "select", "all", "export", "row", "group", PARAMETER)
"""Parameters of a list that do not decide which rows match."""

SEARCH = "q"


@dataclass(frozen=True)
class ActiveFilter:
    """One filter that is set: its field, its value in words, and the address of the list without it."""

    label: str | Promise
    value: str
    without: str


def without_empty(params: QueryDict) -> QueryDict:
    """The parameters that have a value."""
    kept = QueryDict(mutable=True)
    for name, values in params.lists():
        filled = [value for value in values if value != ""]
        if filled:
            kept.setlist(name, filled)
    return kept


def canonical(params: QueryDict) -> str:
    """The filter alone, in one order, without page and sorting: what a selection of all that match means."""
    kept = QueryDict(mutable=True)
    for name in sorted(params):
        if name not in NOT_FILTERS:
            kept.setlist(name, sorted(params.getlist(name)))
    return kept.urlencode()


def parameters(name: str, field: Field) -> list[str]:
    """Names of a field in an address; a range has two."""
    suffixes = getattr(field.widget, "suffixes", None)
    return [f"{name}_{suffix}" if suffix else name for suffix in suffixes] if suffixes else [name]


def active_filters(form: Form, params: QueryDict) -> list[ActiveFilter]:
    """One for each filter that is set, without the search, which has its own box."""
    active = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if name == SEARCH or value in (None, "", [], ()) or (hasattr(value, "exists") and not value):
            continue
        rest = params.copy()
        for parameter in [*parameters(name, field), "page"]:
            rest.pop(parameter, None)
        if not canonical(rest):
            rest["all"] = "1"
        label = field.label or name
        active.append(ActiveFilter(label, display_value(value, form[name]), f"?{rest.urlencode()}"))
    return active


def display_value(value: Any, bound: BoundField) -> str:
    """Value of a filter in the words of the page."""
    if isinstance(value, slice):
        return _span(value)
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(display_value(one, bound) for one in value)
    labels = {str(key): str(label) for key, label in _flat(getattr(bound.field, "choices", None))}
    return labels.get(str(value), str(value))


def _span(value: slice) -> str:
    start, stop = (day(edge) if isinstance(edge, dt.date) else edge for edge in (value.start, value.stop))
    if value.start is None:
        return _("up to %(stop)s") % {"stop": stop}
    if value.stop is None:
        return _("from %(start)s") % {"start": start}
    return _("%(start)s to %(stop)s") % {"start": start, "stop": stop}


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    if choices is None or hasattr(choices, "queryset"):
        return []
    return [
        pair
        for key, label in choices
        for pair in (label if isinstance(label, (list, tuple)) else [(key, label)])
    ]

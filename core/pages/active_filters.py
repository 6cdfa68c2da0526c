"""How a list is narrowed: the address is the state, and every filter that holds is a chip (UX 4)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.forms import BoundField, Field, Form
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.templatetags.display import day, plain

WITHOUT_ROWS = ("page", "per_page", "sort", "select", "all")
SEARCH = "q"


@dataclass(frozen=True)
class Chip:
    """One filter that holds: its field, its value in words, and the address of the list without it."""

    label: str | Promise
    value: str
    without: str


def cleared(asked: QueryDict) -> QueryDict:
    """The parameters that say something: empty ones are dropped, the page is kept."""
    found = QueryDict(mutable=True)
    for name, values in asked.lists():
        said = [value for value in values if value != ""]
        if said:
            found.setlist(name, said)
    return found


def canonical(asked: QueryDict) -> str:
    """The filter alone, in one order, without page and sorting: what a selection of all that match means."""
    found = QueryDict(mutable=True)
    for name in sorted(asked):
        if name not in WITHOUT_ROWS:
            found.setlist(name, sorted(asked.getlist(name)))
    return found.urlencode()


def parameters(name: str, field: Field) -> list[str]:
    """Names under which a field stands in an address; a range has two."""
    suffixes = getattr(field.widget, "suffixes", None)
    return [f"{name}_{suffix}" if suffix else name for suffix in suffixes] if suffixes else [name]


def chips(form: Form, asked: QueryDict) -> list[Chip]:
    """One chip per filter that holds; the search stands in its own box."""
    found = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if name == SEARCH or value in (None, "", [], ()) or (hasattr(value, "exists") and not value):
            continue
        rest = asked.copy()
        for parameter in [*parameters(name, field), "page"]:
            rest.pop(parameter, None)
        if not canonical(rest):
            rest["all"] = "1"
        found.append(Chip(field.label or name, worded(value, form[name]), f"?{rest.urlencode()}"))
    return found


def worded(value: Any, bound: BoundField) -> str:
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
        return ", ".join(worded(one, bound) for one in value)
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

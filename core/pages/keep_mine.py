"""Two people at one form: whoever comes second sees both versions, and keeps one of them (B7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from core.answering import CONFLICT
from core.models import Activity
from core.number_inputs import typed
from core.pages.actions import AnswerMixin
from core.refusals import Refusal
from core.seen_values import EDITED_MEANWHILE, last_change_of, read_seen, seen_of, text_of, write_seen
from core.templatetags.display import NOTHING, day


class SeenForm(forms.Form):
    """A form over one row that carries along what it saw of it; call `see` with the row when it is made."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=20_000)

    def see(self, row: models.Model) -> None:
        """Remember the row's values of the fields that the form has; to be called last in `__init__`."""
        names = {field.name for field in row._meta.fields}
        self.seen_names = [name for name in self.fields if name in names]
        self.fields["seen"].initial = write_seen(seen_of(row, self.seen_names))

    def seen_values(self) -> dict[str, str]:
        """What the form saw, of its own fields alone; of what was not carried along, an empty text."""
        carried = read_seen(self.cleaned_data["seen"])
        return {name: carried.get(name, "") for name in self.seen_names}


@dataclass(frozen=True)
class Version:
    """A field that somebody else has changed: their value, and mine where I have changed it as well."""

    label: str
    theirs: str
    mine: str
    is_mine: bool


@dataclass(frozen=True)
class Versions:
    """Both versions of a row, who made the other one, and when."""

    fields: Sequence[Version]
    change: Activity | None


class KeepMine(AnswerMixin):
    """A page with a `SeenForm` over one row: what is refused with `edited-meanwhile` shows both versions."""

    def get_row(self) -> models.Model:
        """The row as it is now, read again."""
        raise NotImplementedError

    def refuse(
        self, refusals: Sequence[Refusal], form: forms.BaseForm | None = None, *, status: int = 422
    ) -> HttpResponse:
        """Both versions where somebody else was faster; else the reasons as on every page."""
        faster = any(one.code == EDITED_MEANWHILE for one in refusals)
        if not faster or not isinstance(form, SeenForm):
            return super().refuse(refusals, form, status=status)
        row = self.get_row()
        versions = versions_of(form, row)
        kwargs = self.get_form_kwargs()
        fresh = type(form)(**kwargs | {"data": None, "files": None})
        again = type(form)(**kwargs | {"data": _with_theirs(form, fresh, row)})
        context = self.get_context_data(form=again, versions=versions)
        return self.render_to_response(context, status=CONFLICT)


def versions_of(form: SeenForm, row: models.Model) -> Versions:
    """What both have changed since the form was opened."""
    seen, now = form.seen_values(), seen_of(row, form.seen_names)
    fields = []
    for name in form.seen_names:
        if now[name] == seen[name]:
            continue
        theirs = getattr(row, name)
        is_mine = text_of(form.cleaned_data[name]) != seen[name]
        mine = form.cleaned_data[name] if is_mine else theirs
        label = str(form.fields[name].label)
        fields.append(Version(label, _shown(form, name, theirs), _shown(form, name, mine), is_mine))
    return Versions(fields, last_change_of(row))


def _with_theirs(form: SeenForm, fresh: SeenForm, row: models.Model) -> QueryDict:
    """What I sent, on top of what they saved: sent again it writes my changes knowingly, and keeps theirs."""
    data, seen = QueryDict(mutable=True), form.seen_values()
    data.update(form.data)
    for name in form.seen_names:
        theirs = fresh[name].value()
        value = "" if theirs is None else str(theirs)
        data[form[name].html_initial_name] = value
        if text_of(form.cleaned_data[name]) == seen[name]:
            data[form[name].html_name] = value
    data["seen"] = write_seen(seen_of(row, form.seen_names))
    return data


def _shown(form: forms.Form, name: str, value: Any) -> str:
    choices = dict(getattr(form.fields[name], "choices", ())) if not isinstance(value, models.Model) else {}
    if value in choices:
        return str(choices[value])
    if isinstance(value, Decimal):
        return typed(value, 2)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return NOTHING if value in (None, "") else str(value)

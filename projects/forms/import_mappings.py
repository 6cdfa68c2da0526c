"""A mapping of one's own: each field beside the columns of a file that was sent."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects.forms.imports import DATES, HOURS
from projects.layouts import FIELDS, JOINED, NEEDED, known_mappings
from projects.models import ImportMapping

FIELD_LABELS: dict[str, str | Promise] = {
    "id": _("Id of the row"),
    "date": _("Date"),
    "person": _("Person"),
    "login": _("Username or mail address"),
    "customer": _("Customer"),
    "project": _("Project"),
    "project_number": _("Project number"),
    "task": _("Task"),
    "role": _("Role"),
    "category": _("Category"),
    "quantity": _("Hours"),
    "description": _("Description"),
    "chargeable": _("Chargeable"),
    "invoiced": _("Invoiced elsewhere"),
}
FIELD_HELP: dict[str, str | Promise] = {
    "id": _("Identifies a row; without one, rows are identified by their content."),
    "person": _("First and last name may stand in two columns: choose both."),
    "description": _("Several columns are joined in the order of the file."),
    "invoiced": _("Rows with yes are left out."),
}


MEANING = ("makes_master_data", "is_total", "is_history", "shortens_descriptions")


class MappingForm(forms.ModelForm):
    """Name, a column for each field, and what a file of this layout means."""

    class Meta:
        model = ImportMapping
        fields = ("name", *MEANING)

    hours = forms.ChoiceField(label=_("Hours written as"), choices=HOURS, required=False)
    dates = forms.ChoiceField(label=_("Dates written as"), choices=DATES, required=False)

    def __init__(self, *args: Any, head: Sequence[str], first: Sequence[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        saved = {name: [part[0] for part in parts] for name, parts in self.instance.columns.items()}
        names = list(dict.fromkeys([*head, *(name for some in saved.values() for name in some)]))
        values = dict(zip(head, first, strict=False))
        choices = [
            (name, f"{name}: {values[name][:30]}" if values.get(name) else name) for name in names if name
        ]
        for name in FIELDS:
            self.fields[f"column_{name}"] = _column_field(name, choices)
            initial = saved.get(name) or (_likely(name, head) if not self.instance.pk else [])
            self.initial[f"column_{name}"] = initial if name in JOINED else "".join(initial[:1])
        self.initial.update(hours=self.instance.hours, dates=self.instance.dates)

    @property
    def of_columns(self) -> list[forms.BoundField]:
        """The fields that name columns."""
        return [self[f"column_{name}"] for name in FIELDS]

    @property
    def of_meaning(self) -> list[forms.BoundField]:
        """The fields that say what a file means."""
        return [self[name] for name in ("hours", "dates", *MEANING)]

    def mapping(self) -> ImportMapping:
        """The mapping as it was entered, not saved."""
        made: ImportMapping = self.save(commit=False)
        made.hours, made.dates = self.cleaned_data["hours"], self.cleaned_data["dates"]
        made.columns = {
            name: [[column] for column in _as_list(self.cleaned_data[f"column_{name}"])]
            for name in FIELDS
            if self.cleaned_data[f"column_{name}"]
        }
        return made


def _column_field(name: str, choices: Sequence[tuple[str, str]]) -> forms.Field:
    words: dict[str, Any] = {
        "label": FIELD_LABELS[name],
        "required": name in NEEDED,
        "help_text": FIELD_HELP.get(name, ""),
    }
    if name in JOINED:
        widget = forms.SelectMultiple(attrs={"size": 4})
        return forms.MultipleChoiceField(choices=choices, widget=widget, **words)
    return forms.ChoiceField(choices=[("", "–"), *choices], **words)


def _likely(name: str, head: Sequence[str]) -> list[str]:
    """The columns that other layouts call so, as a first proposal."""
    synonyms = {
        synonym.casefold()
        for mapping in known_mappings().values()
        for part in mapping.columns.get(name, ())
        for synonym in part
    }
    likely = [column for column in head if column.casefold() in synonyms]
    return likely if name == "person" else likely[:1]


def _as_list(chosen: str | Sequence[str]) -> list[str]:
    return [chosen] if isinstance(chosen, str) else list(chosen)

"""Forms of importing hours: upload, how to read the file, decisions about its rows."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from core.table_files import CHUNK, MOST_BYTES
from projects.import_states import ImportNameKind, NameDecision
from projects.layouts import SHORTENED, Mapping
from projects.models import ImportName, LegalEntity, Project, Resource, Role

ACCEPTED = ".csv,.txt,.tsv,.xlsx,text/csv"
DECISIONS_ID = "decisions"
AS_FOUND = ("", _("Detected"))
ENCODINGS = [
    AS_FOUND,
    ("utf-8-sig", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("windows-1252", "Windows-1252"),
]
SEPARATORS = [AS_FOUND, (",", _("Comma")), (";", _("Semicolon")), ("\t", _("Tab")), ("|", _("Vertical bar"))]
HOURS = [
    AS_FOUND,
    ("comma", _("Decimal comma: 7,5")),
    ("point", _("Decimal point: 7.5")),
    ("seconds", _("Seconds: 27000")),
]
DATES = [
    AS_FOUND,
    ("%Y-%m-%d", _("year-month-day")),
    ("%d.%m.%Y", _("day.month.year")),
    ("%d/%m/%Y", _("day/month/year")),
    ("%m/%d/%Y", _("month/day/year")),
    ("%Y/%m/%d", _("year/month/day")),
    ("%d-%m-%Y", _("day-month-year")),
    ("%m-%d-%Y", _("month-day-year")),
    ("%d.%m.%y", _("day.month.year of two digits")),
    ("%d-%b-%y", _("day-month-year, month as a word")),
    ("%d %b %Y", _("day month year, month as a word")),
]
LONG_DESCRIPTIONS = [("", _("Listed as errors")), (SHORTENED, _("Shortened to 500 characters"))]


class UploadForm(forms.Form):
    """Which file, for which company; its layout is found out."""

    legal_entity = forms.ModelChoiceField(
        label=_("Company"), queryset=LegalEntity.objects.none(), empty_label=None
    )
    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
        help_text=_(
            "CSV or XLSX, up to 64 MB. Harvest, Toggl Track, Clockify, Kimai and Jira Tempo are recognised."
        ),
    )
    dates = forms.FileField(
        label=_("File of dates"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
        help_text=_("Only where a layout keeps its dates in a second file."),
    )

    def __init__(self, *args: Any, entities: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["legal_entity"]).queryset = entities

    def clean(self) -> dict[str, Any]:
        """Refuse a file that is too large before it is kept."""
        cleaned = super().clean() or {}
        for name in ("file", "dates"):
            sent = cleaned.get(name)
            if sent is not None and sent.size > MOST_BYTES:
                message = _("The file has more than %(most)s MB: split it, for example by month.")
                self.add_error(
                    name, forms.ValidationError(message, "too-many-bytes", {"most": MOST_BYTES // CHUNK})
                )
        return cleaned


class ReadingForm(forms.Form):
    """How a file is to be read where the person knows better than what was found."""

    mapping = forms.ChoiceField(label=_("Layout of the file"), required=False)
    encoding = forms.ChoiceField(label=_("Text encoding"), choices=ENCODINGS, required=False)
    separator = forms.ChoiceField(label=_("Separator"), choices=SEPARATORS, required=False)
    hours = forms.ChoiceField(label=_("Hours written as"), choices=HOURS, required=False)
    dates = forms.ChoiceField(label=_("Dates written as"), choices=DATES, required=False)
    descriptions = forms.ChoiceField(label=_("Long descriptions"), choices=LONG_DESCRIPTIONS, required=False)

    def __init__(self, *args: Any, mappings: Iterable[Mapping], **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = [AS_FOUND, *((one.name, one.title) for one in mappings)]
        cast(forms.ChoiceField, self.fields["mapping"]).choices = choices


class DecisionsForm(forms.Form):
    """One decision for each group of rows, and for each name that is not here yet."""

    wrong = forms.ChoiceField(
        label=_("Rows that cannot be imported"),
        required=False,
        choices=[("", _("Import nothing")), ("leave_out", _("Leave out and list"))],
    )
    changed = forms.ChoiceField(
        label=_("Changed rows"),
        required=False,
        choices=[("", _("Update the drafts")), ("keep", _("Leave the drafts as they are"))],
    )
    invoiced = forms.ChoiceField(
        label=_("Rows invoiced elsewhere"),
        required=False,
        choices=[("", _("Leave out")), ("keep", _("Keep, not chargeable"))],
    )
    default_role = forms.ModelChoiceField(
        label=_("Role of people who have none"), queryset=Role.objects.none(), required=False
    )

    def __init__(self, *args: Any, names: Iterable[ImportName], entity: LegalEntity, **kwargs: Any):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["default_role"]).queryset = Role.objects.all()
        self.names = list(names)
        here: dict[str, list[tuple[str, str]]] = {}
        if self.names:
            here[ImportNameKind.PROJECT] = _choices(
                Project.objects.filter(legal_entity=entity, is_closed=False)
            )
            here[ImportNameKind.PERSON] = _choices(Resource.objects.filter(legal_entity=entity))
        for name in self.names:
            label = _("Decision for %(name)s") % {"name": name.text}
            self.fields[_field_of(name)] = forms.ChoiceField(
                label=label, required=False, choices=_decisions(here.get(name.kind, []))
            )

        # They stand in several parts of the page, beside what they decide about.
        for one in self.fields.values():
            one.widget.attrs |= {"form": DECISIONS_ID, "class": "input"}

    @property
    def decisions(self) -> dict[int, NameDecision | int]:
        """What was decided about each name, by its key: a decision, or the key of what is used."""
        decided: dict[int, NameDecision | int] = {}
        for name in self.names:
            choice = self.cleaned_data.get(_field_of(name), "")
            if choice:
                decided[name.pk] = int(choice) if choice.isdecimal() else NameDecision(choice)
        return decided

    def of_names(self) -> list[tuple[ImportName, forms.BoundField]]:
        """Each name with its field."""
        return [(name, self[_field_of(name)]) for name in self.names]


def _field_of(name: ImportName) -> str:
    return f"name_{name.pk}"


def _choices(rows: Any) -> list[tuple[str, str]]:
    return [(str(row.pk), str(row)) for row in rows]


def _decisions(here: list[tuple[str, str]]) -> list[Any]:
    own = [(NameDecision.CREATE, _("Create it")), (NameDecision.LEAVE_OUT, _("Leave its rows out"))]
    return [*own, (_("Use an existing one"), here)] if here else own

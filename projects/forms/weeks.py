"""The weekly grid of a person's hours, as a form: typed, checked cell by cell, nothing lost."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.number_inputs import DurationField
from core.refusals import Refusal
from projects.forms.entries import TaskField
from projects.forms.week_rows import (
    DAYS,
    MOST_ROWS,
    DayCell,
    RowKey,
    WeekRow,
    WeekRows,
    as_key,
    as_text,
    hours_of_entries,
)
from projects.models import Entry, Project, Resource, Role, Task
from projects.states import EntryStatus
from projects.week_cells import CellReport

OPEN = (EntryStatus.DRAFT, EntryStatus.RETURNED)
ADDING = frozenset({"add_project", "add_task", "add_role"})
DESCRIPTIONS = frozenset({"external_description", "description"})


class WeekForm(forms.Form):
    """The hours of `person` in the week from `monday` on.

    `entries` are those that may be shown, `projects` those that rows may be added for.

    What was typed stays whatever the button was: rows that are copied or added are shown beside it, and
    nothing is written before it is saved. Then each cell is judged by itself: what can be kept is saved, the
    others keep their text and say why.
    """

    add_project = forms.ModelChoiceField(
        label=_("Add a row: project"), queryset=Project.objects.none(), required=False
    )
    add_task = TaskField(label=_("Task"), queryset=Task.objects.none(), required=False)
    add_role = forms.ModelChoiceField(
        label=_("Role"), queryset=Role.objects.filter(is_closed=False), required=False
    )
    external_description = forms.CharField(
        label=_("Description, printed on the invoice"), max_length=500, required=False
    )
    description = forms.CharField(label=_("Internal note, never printed"), max_length=500, required=False)

    def __init__(
        self,
        *args: Any,
        person: Resource,
        monday: date,
        today: date,
        entries: QuerySet[Entry],
        projects: QuerySet[Project],
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.person, self.monday, self.today = person, monday, today
        self._has_focus = False
        self.source = WeekRows(person, monday, entries=entries, projects=projects.filter(is_closed=False))
        self._offer()
        for row in self.rows:
            for cell in row.cells:
                if self._is_open(row, cell):
                    self._add_input(row, cell)
        if self.is_bound:
            self._fill_what_was_not_sent()
        self._describe()

    # --- What it shows ------------------------------------------------------------------

    @cached_property
    def rows(self) -> list[WeekRow]:
        """Rows with hours, rows that were added or copied, and what was used lately."""
        sent = self.data.getlist("row") if isinstance(self.data, QueryDict) else []
        keys = [key for text in sent[:MOST_ROWS] if (key := as_key(text))]
        return self.source.read(keys)

    @property
    def week_rows(self) -> list[WeekRow]:
        """Rows of this week."""
        return [row for row in self.rows if not row.lately]

    @property
    def lately_rows(self) -> list[WeekRow]:
        """Rows of the last three weeks that this one has not."""
        return [row for row in self.rows if row.lately]

    @property
    def entries(self) -> list[Entry]:
        """The entries that stand in the cells."""
        return [cell.entry for row in self.rows for cell in row.cells if cell.entry]

    def bind_cells(self) -> None:
        """Give each cell its input and the errors of that input; once, before the page shows them."""
        for row in self.rows:
            for cell in row.cells:
                if cell.field_name:
                    cell.bound = self[cell.field_name]
                    cell.errors = [*cell.bound.errors, *cell.errors]
                    self._remember(cell)
                    if cell.errors:
                        self._mark_as_failed(cell)

    @property
    def failed(self) -> int:
        """How many cells say what cannot be kept, with the descriptions that are open as one of them."""
        wrong = sum(bool(cell.errors) for row in self.rows for cell in row.cells)
        return wrong + bool(DESCRIPTIONS & self.errors.keys())

    @property
    def is_readable(self) -> bool:
        """Whether all cells and their descriptions can be read."""
        return not self.errors.keys() - ADDING

    # --- What it says -------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """A row is added for a project, a role, and a task of that project; a description has hours."""
        cleaned = super().clean() or {}
        if self.adds:
            project, task = cleaned.get("add_project"), cleaned.get("add_task")
            if project is None:
                self.add_error("add_project", gettext("Choose a project."))
            elif task is not None and task.project_id != project.pk:
                self.add_error("add_task", gettext("Choose a task of this project."))
            if cleaned.get("add_role") is None:
                self.add_error("add_role", gettext("Choose a role."))
        self._ask_for_described_hours(cleaned)
        return cleaned

    def reports(self) -> list[CellReport]:
        """What was changed and can be read, cell by cell; what was left as it is says nothing."""
        return [self._report(row, cell) for row in self.rows for cell in row.cells if self._says_more(cell)]

    def take_refusals(self, refusals: Iterable[Refusal]) -> list[Refusal]:
        """Put each refusal to the cell it names; returns those that name none."""
        cells = {cell.name: cell for row in self.rows for cell in row.cells if cell.field_name}
        rest = []
        for refusal in refusals:
            if refusal.subject in cells:
                cells[refusal.subject].errors.append(f"{refusal.message} {refusal.way_out}".strip())
            else:
                rest.append(refusal)
        return rest

    # --- The page again -------------------------------------------------------------------

    def again(self) -> QueryDict | None:
        """What the page shows again where a button only asked for that: nothing is written by it."""
        if "restore" in self.data:
            return self._without([f"h-{self.data['restore']}"])
        if "open" in self.data:
            return self.with_open_cell(self.data["open"])
        if "copy" in self.data:
            return self.with_last_week(hours=self.data["copy"] == "hours")
        return self.with_added_row() if self.adds and not ADDING & self.errors.keys() else None

    @property
    def adds(self) -> bool:
        """Whether a row was asked for."""
        return "add" in self.data

    def with_unsaved(self, refusals: Iterable[Refusal]) -> QueryDict:
        """What was sent, without what was saved: cells that were refused or unreadable keep their text."""
        refused = {refusal.subject for refusal in refusals}
        said = [cell for row in self.rows for cell in row.cells if self._says_more(cell)]
        return self._without([cell.field_name for cell in said if cell.name not in refused])

    def with_added_row(self) -> QueryDict:
        """What was sent, with the row that was asked for."""
        values = self.cleaned_data
        task = values["add_task"].pk if values["add_task"] else 0
        return self._with_rows([(values["add_project"].pk, task, values["add_role"].pk, 0)])

    def with_last_week(self, *, hours: bool) -> QueryDict:
        """What was sent, with the rows of the week before.

        With `hours`, cells from today on that hold nothing are filled; they are written when they are saved.
        """
        before = self.source.last_week()
        data = self._with_rows([key for key, _entry in before])
        taken = {cell.field_name for row in self.rows for cell in row.cells if cell.entry}
        for key, entry in before:
            day = entry.date + timedelta(days=DAYS)
            name = _field_name(key, day)
            if hours and day >= self.today and name not in taken and not str(data.get(name, "")).strip():
                data[name] = DurationField(least=2).prepare_value(DayCell(day, "", entry).hours)
        return data

    def with_open_cell(self, key: str) -> QueryDict:
        """What was sent, with the descriptions of one cell open."""
        data = self._with_rows([])
        data["describe"], data["external_description"], data["description"] = key, "", ""
        for cell in (cell for row in self.rows for cell in row.cells):
            if cell.key == key and cell.entry:
                data["external_description"] = cell.entry.external_description
                data["description"] = cell.entry.description
        return data

    def last_week(self) -> tuple[int, Decimal]:
        """How many rows the week before has, and its hours."""
        before = self.source.last_week()
        return len({key for key, _entry in before}), hours_of_entries(entry for _key, entry in before)

    # --- How it is made -----------------------------------------------------------------

    def _offer(self) -> None:
        projects = self.source.projects
        cast(forms.ModelChoiceField, self.fields["add_project"]).queryset = projects
        tasks = Task.objects.filter(project__in=projects.values("pk"), is_closed=False)
        tasks = tasks.select_related("project").order_by("project__number", "code")
        cast(forms.ModelChoiceField, self.fields["add_task"]).queryset = tasks
        self.fields["add_role"].initial = self.person.role_id

    def _add_input(self, row: WeekRow, cell: DayCell) -> None:
        cell.field_name = _field_name(row.key, cell.day)
        attributes = {
            "aria-label": gettext("Hours, %(cell)s") % {"cell": cell.name},
            "class": "input number",
            "inputmode": "decimal",
            "autocomplete": "off",
        }
        self.fields[cell.field_name] = DurationField(
            label=cell.name,
            required=False,
            least=2,
            initial=cell.hours,
            widget=forms.TextInput(attrs=attributes),
        )

    def _is_open(self, row: WeekRow, cell: DayCell) -> bool:
        """Whether a cell may be typed in: a draft, what came back, or nothing yet on an open day."""
        if cell.entry is not None:
            return cell.entry.status in OPEN
        return not self.person.legal_entity.is_locked_on(cell.day) and not row.project.is_closed

    def _describe(self) -> None:
        """Open the descriptions of one cell: the one whose button was pressed, or the one that was open."""
        wanted = self.data.get("describe", "")
        for row in self.rows:
            for cell in row.cells:
                cell.is_described = bool(cell.field_name) and cell.key == wanted

    def _ask_for_described_hours(self, cleaned: dict[str, Any]) -> None:
        """A description without hours has no entry to stand on, and must not be lost for that."""
        if not any(cleaned.get(name) for name in DESCRIPTIONS):
            return
        for cell in (cell for row in self.rows for cell in row.cells if cell.field_name):
            empty = cell.field_name in cleaned and not cleaned[cell.field_name]
            if self._says(cell) and cell.entry is None and empty:
                self.add_error(cell.field_name, gettext("Type the hours that you described."))

    def _mark_as_failed(self, cell: DayCell) -> None:
        """Let the input say where its reason stands; the first of them has the focus."""
        attributes = cell.bound.field.widget.attrs
        attributes |= {"aria-invalid": "true", "aria-describedby": f"error-{cell.key}"}
        if not self._has_focus:
            attributes["autofocus"] = self._has_focus = True

    def _remember(self, cell: DayCell) -> None:
        """Let a script undo what was typed and not saved."""
        saved = cell.bound.field.prepare_value(cell.hours) or ""
        if self.is_bound and cell.bound.value() != saved:
            cell.bound.field.widget.attrs["data-saved"] = saved

    def _fill_what_was_not_sent(self) -> None:
        """A cell that the page did not show when it was sent stays as it is; it was not cleared."""
        data = cast(QueryDict, self.data).copy()
        for cell in (cell for row in self.rows for cell in row.cells if cell.field_name):
            if cell.field_name not in data:
                data[cell.field_name] = self.fields[cell.field_name].prepare_value(cell.hours) or ""
        self.data = data

    def _without(self, names: Collection[str]) -> QueryDict:
        """What was sent without these cells, and without the descriptions of one of them."""
        data = self._with_rows([])
        for name in names:
            data.pop(name, None)
        if f"h-{data.get('describe', '')}" in names:
            del data["describe"]
        return data

    def _with_rows(self, keys: Iterable[RowKey]) -> QueryDict:
        data = cast(QueryDict, self.data).copy()
        shown = [row.text for row in self.week_rows]
        data.setlist("row", list(dict.fromkeys([*shown, *map(as_text, keys)])))
        return data

    def _says(self, cell: DayCell) -> bool:
        """Whether the descriptions that were sent are those of this cell."""
        return self.data.get("describe", "") == cell.key

    def _says_more(self, cell: DayCell) -> bool:
        """Whether what was sent for a cell can be read and is not what it holds."""
        if not cell.field_name or cell.field_name in self.errors:
            return False
        if self._says(cell) and DESCRIPTIONS & self.errors.keys():
            return False
        return cell.field_name in self.changed_data or self._descriptions_changed(cell)

    def _descriptions_changed(self, cell: DayCell) -> bool:
        if not self._says(cell) or cell.entry is None:
            return False
        sent = (self.cleaned_data["external_description"], self.cleaned_data["description"])
        return sent != (cell.entry.external_description, cell.entry.description)

    def _report(self, row: WeekRow, cell: DayCell) -> CellReport:
        hours, says = self.cleaned_data[cell.field_name], self._says(cell)
        sent = str(self.data.get(f"seen-{row.text}", "")).split("|")
        return CellReport(
            row.project,
            row.task,
            row.role,
            cell.day,
            cell.name,
            # Nothing and zero both clear a cell.
            hours if hours and hours.quantity else None,
            seen=sent[(cell.day - self.monday).days] if len(sent) == DAYS else "",
            entry=cell.entry.pk if cell.entry else None,
            description=self.cleaned_data["description"] if says else None,
            external_description=self.cleaned_data["external_description"] if says else None,
        )


def _field_name(key: RowKey, day: date) -> str:
    return f"h-{as_text(key)}-{day:%Y%m%d}"

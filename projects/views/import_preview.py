"""What the page of an import shows before anything is saved: figures, groups, names and rows (X8)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from core.refusals import Refusal
from projects.column_styles import RowError
from projects.forms.imports import DecisionsForm
from projects.import_files import mappings_for
from projects.import_sentences import refusal_of, refusals_of, restored
from projects.import_states import ImportNameKind, ImportRowState
from projects.models import ImportBatch, ImportName, ImportRow
from projects.views.import_groups import COMES_IN, figures_of, groups_of, whole_of
from projects.views.import_layout import columns_shown, reading_form, tiles_of, unused_columns

ROWS_PER_PAGE = 20
MOST_NAMES = 50
"""More names than this are one decision: they are created."""


def open_names(batch: ImportBatch) -> QuerySet[ImportName]:
    """Names of projects and people without a record in rows that will be imported: the user decides."""
    rows = batch.rows.filter(state__in=COMES_IN)
    used = Q(pk__in=rows.values("project")) | Q(pk__in=rows.values("person"))
    # What somebody decided a moment ago is shown again, so the decision does not count here.
    created = batch.names.exclude(Q(target_id__isnull=False) & Q(decision="use"))
    return created.filter(used).select_related("parent").order_by("-kind", "text")[:MOST_NAMES]


def preview_context(
    batch: ImportBatch, asked: Mapping[str, str], form: DecisionsForm | None = None
) -> dict[str, Any]:
    """Everything that the page of a file that was read shows."""
    names = list(open_names(batch))
    decisions = form or DecisionsForm(names=names, entity=batch.legal_entity, initial=_initial(batch))
    groups = list(groups_of(batch, decisions))
    counts = {group.state: 0 for group in groups}
    for group in groups:
        counts[group.state] += group.count
    problems = [restored(raw) for raw in batch.shown.get("problems", [])]
    mappings = mappings_for(batch.legal_entity)
    used = batch.shown.get("mapping", {})
    return {
        "title": _("Import hours from %(layout)s") % {"layout": used["title"]} if used else _("Import hours"),
        "problems": refusals_of(problems, len(problems)),
        "refused_before": batch.shown.get("refused", []),
        "reading": reading_form(batch, mappings.values()),
        "tiles": tiles_of(batch, mappings),
        "columns": columns_shown(batch),
        "unused": unused_columns(batch),
        "kpis": figures_of(batch, groups) if batch.row_count else [],
        "groups": groups,
        "whole": whole_of(groups),
        "decisions": decisions,
        "names": _names(batch, names, decisions),
        "needs_role": _needs_role(batch),
        "wrong_count": counts.get(ImportRowState.ERROR, 0),
        "coming_in": counts.get(ImportRowState.NEW, 0),
        "changing": counts.get(ImportRowState.CHANGED, 0),
        "may_import": bool(batch.row_count) and not problems,
        "has_work": bool(counts.get(ImportRowState.NEW, 0) or counts.get(ImportRowState.CHANGED, 0)),
        **_rows(batch, asked, counts),
    }


def progress_context(batch: ImportBatch, now: datetime) -> dict[str, Any]:
    """The progress of a worker."""
    percent = min(100 * batch.read_count // batch.row_count, 100) if batch.row_count else 0
    is_interrupted = batch.alive_at is not None and not batch.is_in_hand(now)
    return {"percent": percent, "is_interrupted": is_interrupted, "now": now}


def _initial(batch: ImportBatch) -> dict[str, Any]:
    """The earlier decisions, where the import was refused."""
    decided = batch.shown.get("decisions", {})
    return {
        "wrong": "leave_out" if decided.get("leave_errors_out") else "",
        "changed": "" if decided.get("update_drafts", True) else "keep",
        "invoiced": "keep" if decided.get("keep_invoiced") else "",
        "default_role": batch.default_role_id,
    }


def _names(batch: ImportBatch, names: Sequence[ImportName], form: DecisionsForm) -> list[dict[str, Any]]:
    """Each name without a record, with its rows and hours and the decision."""
    fields = {name.pk: bound for name, bound in form.of_names()}
    sums = {
        row[column]: row
        for column in ("project", "person")
        for row in batch.rows.filter(state__in=COMES_IN, **{f"{column}__in": names}).summed(column)
    }
    return [
        {
            "name": name,
            "icon": "contract" if name.kind == ImportNameKind.PROJECT else "people",
            "count": sums[name.pk]["count"],
            "hours": sums[name.pk]["hours"],
            "field": fields[name.pk],
        }
        for name in names
        if name.pk in fields and name.pk in sums
    ]


def _rows(batch: ImportBatch, asked: Mapping[str, str], counts: Mapping[str, int]) -> dict[str, Any]:
    """The rows of one state, or those that need a look first, a page at a time."""
    state = asked.get("state", "")
    rows = batch.rows.select_related("project__parent", "task", "person", "role", "entry")
    rows = rows.filter(state=state) if state in ImportRowState.values else rows
    order = {one: nth for nth, one in enumerate(ImportRowState.values)}
    # Errors first, then what changes, is left out, comes in, is here.
    ordered = rows.order_by(_order_of_states(order), "number")
    page = Paginator(ordered, ROWS_PER_PAGE).get_page(asked.get("page"))
    tabs = [("", _("Needs attention first"), sum(counts.values()))]
    tabs += [(one.value, one.label, counts[one.value]) for one in ImportRowState if counts.get(one.value)]
    return {
        "tabs": [
            {
                "label": label,
                "url": f"?state={value}#rows" if value else "?#rows",
                "count": count,
                "current": state == value,
            }
            for value, label, count in tabs
        ],
        "rows": [{"row": row, "reasons": _reasons(row), "was": _was(row)} for row in page],
        "page": page,
        "state": state,
    }


def _order_of_states(order: Mapping[str, int]) -> Any:
    whens = [When(state=state, then=Value(nth)) for state, nth in order.items()]
    return Case(*whens, default=Value(len(order)), output_field=IntegerField())


def _reasons(row: ImportRow) -> list[Refusal]:
    return [refusal_of(error) for error in errors_of(row)]


def errors_of(row: ImportRow) -> list[RowError]:
    """What is wrong with a row, as it was stored."""
    return [replace(restored(raw), number=row.number) for raw in row.errors]


def _was(row: ImportRow) -> dict[str, Any]:
    """Hours and description of the existing entry where a changed row differs."""
    if row.state != ImportRowState.CHANGED or row.entry is None:
        return {}
    pairs = {
        "hours": (row.entry.quantity, row.quantity),
        "description": (row.entry.description, row.description),
    }
    return {name: before for name, (before, now) in pairs.items() if before != now}


def _needs_role(batch: ImportBatch) -> bool:
    return batch.rows.filter(state__in=COMES_IN, role__isnull=True).exists()

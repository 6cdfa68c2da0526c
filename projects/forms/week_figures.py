"""What the page of a week says of its rows: sums by day and project, and what an approver looks at twice."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from core.templatetags.display import day
from projects.forms.week_rows import DAYS, WeekRow, hours_of_entries
from projects.models import Entry, Project
from projects.work_coverage import WorkCoverage, uncovered_words


def totals_of(rows: Sequence[WeekRow]) -> list[dict[str, Any]]:
    """Chargeable, non-chargeable and all hours that are saved, by day and of the week."""
    kinds = [
        ("chargeable", gettext("Chargeable"), [row for row in rows if row.is_chargeable]),
        ("other", gettext("Non-chargeable"), [row for row in rows if not row.is_chargeable]),
        ("all", gettext("Total"), rows),
    ]
    return [
        {
            "kind": kind,
            "label": label,
            "days": [hours_of_entries(row.cells[nth].entry for row in some) for nth in range(DAYS)],
            "week": hours_of_entries(cell.entry for row in some for cell in row.cells),
        }
        for kind, label, some in kinds
    ]


def hours_by_project(rows: Sequence[WeekRow]) -> list[tuple[Project, Decimal]]:
    """Hours of the week by project, of every project that has a row."""
    entries: dict[Project, list[Entry]] = {}
    for row in rows:
        entries.setdefault(row.project, []).extend(cell.entry for cell in row.cells if cell.entry)
    return [(project, hours_of_entries(some)) for project, some in entries.items()]


def notices_of(
    rows: Sequence[WeekRow], today: date, coverage: WorkCoverage
) -> Iterator[tuple[str, str, str]]:
    """What an approver will look at twice in what is ready: (sentence, details, key of the cell)."""
    for row in rows:
        ready = [cell for cell in row.cells if cell.entry and cell.field_name and cell.day <= today]
        place = f"{row.project.name}, {row.task or row.role}"
        if ready and not row.is_on_team:
            yield gettext("Not on the team of %(project)s") % {"project": row.project.name}, place, ""
        # A contract may end in the middle of a week, so each day has its own reason.
        uncovered: dict[str, list[str]] = defaultdict(list)
        for cell in ready:
            if cell.entry and (reason := coverage.sentence_of(cell.entry)):
                uncovered[reason].append(day(cell.day, "weekday"))
        for reason, days in uncovered.items():
            yield uncovered_words(reason), f"{place}: {', '.join(days)}", ""
        for cell in ready:
            if row.is_chargeable and not cell.entry.external_description:
                yield gettext("No description on chargeable time"), cell.name, cell.key

"""A week of hours, cell by cell: what can be kept is written, the rest says why, and nobody is overtaken."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.durations import Duration
from core.models import Activity
from core.refusals import Refused
from projects.entering import WeekRecorded, record_week
from projects.models import Approval, Entry, Project, Task
from projects.states import EntryStatus
from projects.submitting import recall_entries, submit_entries
from projects.week_cells import CellReport, seen_as
from tests.company import Company, rows
from tests.company.checking import statements
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db

TUESDAY, WEDNESDAY = date(2026, 3, 3), date(2026, 3, 4)


@dataclass
class Week:
    """The week of a company's worker: cells, what stands in them, and what was said of them."""

    at: Any

    def cell(self, hours, day=DAY, name="", entry=None, **columns):
        """A cell that says `hours`, None to clear it, over `entry` as it stands."""
        columns = {"seen": seen_as([entry] if entry else []), "task": None} | columns
        said = hours if hours is None else Duration(Decimal(hours), None)
        key = entry.pk if entry else None
        columns = {"entry": key, **columns}
        return CellReport(
            self.at.project, role=self.at.role, day=day, name=name or f"{day}", hours=said, **columns
        )

    def entry(self, hours, day=DAY, **columns):
        """An entry that stands there, a draft unless it is said."""
        return rows.entry(
            self.at, **{"status": EntryStatus.DRAFT, "date": day, "quantity": Decimal(hours)} | columns
        )

    def task(self, code, **columns):
        return Task.objects.create(project=self.at.project, code=code, name=code, **columns)

    def record(self, *cells):
        return record_week(self.at.resource, cells, actor=self.at.worker, at=NOW)

    def refused(self, *cells):
        """The reasons where nothing of it could be written."""
        with pytest.raises(Refused) as caught:
            self.record(*cells)
        return caught.value.codes

    def hours(self):
        return list(Entry.objects.kept().order_by("date", "pk").values_list("date", "quantity"))


@pytest.fixture
def week():
    return Week(Company.bare())


def said(recorded):
    return [(one.code, one.subject) for one in recorded.refusals]


def test_a_week_is_written_in_as_many_statements_for_many_cells_as_for_one(week):
    days = [date(2026, 3, day) for day in range(2, 9)]
    few = statements(lambda: week.record(week.cell("8")))
    Entry.objects.all().delete()
    assert statements(lambda: week.record(*(week.cell("8", day) for day in days))) == few
    assert Entry.objects.count() == 7
    assert Activity.objects.filter(verb="entered").count() == 8


def test_the_cells_that_can_be_kept_are_written_and_the_others_say_why(week):
    kept = week.entry("7.5")
    recorded = week.record(
        week.cell("7", entry=kept, name="Monday"),
        week.cell("-1", TUESDAY, name="Tuesday"),
        week.cell("6", WEDNESDAY, name="Wednesday"),
        week.cell("8", date(2026, 4, 30), name="far"),
        week.cell("8", date(2026, 3, 5), seen="somebody else's", name="Thursday"),
    )
    assert recorded.count == 2
    assert said(recorded) == [
        ("negative-quantity", "Tuesday"),
        ("too-far-ahead", "far"),
        ("changed-meanwhile", "Thursday"),
    ]
    assert week.hours() == [(DAY, 7), (WEDNESDAY, 6)]
    # What was not written left no history either.
    assert sorted(Activity.objects.values_list("verb", flat=True)) == ["changed", "entered"]


def test_where_nothing_can_be_kept_the_week_is_refused_and_nothing_changes(week):
    kept = week.entry("7.5")
    codes = week.refused(week.cell("25", entry=kept), week.cell("-1", TUESDAY))
    assert codes == ("negative-quantity", "daily-maximum")
    assert week.hours() == [(DAY, Decimal("7.5"))]
    assert not Activity.objects.exists()


def test_a_cell_that_fills_more_than_a_day_spares_the_other_cells_of_that_day(week):
    task = week.task("T")
    recorded = week.record(week.cell("75", name="typing error"), week.cell("3", task=task))
    assert (recorded.count, said(recorded)) == (1, [("daily-maximum", "typing error")])
    assert "2 Mar 2026 would have 75.00" in str(recorded.refusals[0])
    assert week.hours() == [(DAY, 3)]


def test_cells_that_are_too_many_for_their_day_are_refused_together_and_other_days_are_written(week):
    task = week.task("T")
    week.entry("4", task=week.task("U"))
    recorded = week.record(
        week.cell("12", name="one"), week.cell("12", task=task, name="two"), week.cell("8", TUESDAY)
    )
    assert said(recorded) == [("daily-maximum", "one"), ("daily-maximum", "two")]
    assert "2 Mar 2026 would have 28.00" in str(recorded.refusals[0])
    assert week.hours() == [(DAY, 4), (TUESDAY, 8)]


def test_a_cell_that_makes_a_long_day_shorter_is_written_beside_one_that_is_refused(week):
    first, second = week.entry("20"), week.entry("2", task=week.task("T"))
    recorded = week.record(
        week.cell("18", entry=first, name="less"),
        week.cell("7", entry=second, task=second.task, name="more"),
    )
    assert (recorded.count, said(recorded)) == (1, [("daily-maximum", "more")])
    assert week.hours() == [(DAY, 18), (DAY, 2)]


def test_hours_are_moved_within_a_full_day(week):
    first, second = week.entry("20"), week.entry("4", task=week.task("T"))
    assert week.record(
        week.cell("4", entry=first), week.cell("20", entry=second, task=second.task)
    ) == WeekRecorded(2)
    assert week.hours() == [(DAY, 4), (DAY, 20)]


def test_a_refused_cell_counts_on_its_day_as_it_stands(week):
    """Ten hours cannot be moved away from a cell that somebody else changed, so they still fill the day."""
    standing = week.entry("20")
    recorded = week.record(
        week.cell("4", entry=standing, seen="as it was", name="stale"),
        week.cell("20", task=week.task("T"), name="new"),
        week.cell("1", TUESDAY),
    )
    assert said(recorded) == [("changed-meanwhile", "stale"), ("daily-maximum", "new")]
    assert week.hours() == [(DAY, 20), (TUESDAY, 1)]


def test_a_day_that_is_longer_than_allowed_by_now_may_become_shorter(week):
    entry = week.entry("12")
    week.at.entity.daily_maximum = 480
    week.at.entity.save()
    assert week.record(week.cell("10", entry=entry)) == WeekRecorded(1)
    assert week.refused(week.cell("11", entry=Entry.objects.get())) == ("daily-maximum",)
    assert week.hours() == [(DAY, 10)]


def test_the_cells_of_a_day_are_added_up_with_what_stands_there(week):
    own = week.entry("10", task=week.task("T"))
    assert week.refused(week.cell("14.5")) == ("daily-maximum",)
    assert week.record(week.cell("24", entry=own, task=own.task)) == WeekRecorded(1)
    assert week.hours() == [(DAY, 24)]


def test_a_cell_with_an_approver_is_neither_changed_nor_cleared(week):
    submit_entries(Entry.objects.filter(pk=week.entry("7.5").pk), actor=week.at.worker, at=NOW)
    entry = Entry.objects.get()
    for hours in ("4", None):
        assert week.refused(week.cell(hours, entry=entry)) == ("not-changeable",)
    assert week.hours() == [(DAY, Decimal("7.5"))]


def test_a_cleared_cell_is_deleted_and_one_that_was_submitted_once_is_withdrawn(week):
    draft, recalled = week.entry("1"), week.entry("2", TUESDAY)
    again = Entry.objects.filter(pk=recalled.pk)
    submit_entries(again, actor=week.at.worker, at=NOW)
    recall_entries(again, actor=week.at.worker, at=NOW)
    recalled = Entry.objects.get(pk=recalled.pk)
    cleared = [week.cell(None, entry=draft), week.cell(None, TUESDAY, entry=recalled)]
    assert week.record(*cleared) == WeekRecorded(2)
    assert list(Entry.objects.values_list("pk", "status")) == [(recalled.pk, EntryStatus.WITHDRAWN)]
    assert Approval.objects.get().entry_id == recalled.pk


def test_a_cell_is_cleared_whatever_its_date_or_project_has_become(week):
    entry = week.entry("8")
    week.at.entity.locked_through = DAY
    week.at.entity.save()
    Project.objects.update(is_closed=True)
    assert week.record(week.cell(None, entry=entry)) == WeekRecorded(1)
    assert not Entry.objects.exists()


def test_a_cell_cannot_name_an_entry_of_another_place_or_person(week):
    stranger = rows.entry(Company.bare(), status=EntryStatus.DRAFT)
    assert week.refused(week.cell("1", entry=stranger, seen="")) == ("changed-meanwhile",)
    assert Entry.objects.get().quantity == 8

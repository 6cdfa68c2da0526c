"""Schedules of contract lines: planned, extended, changed; runs skipped and moved (B4)."""

from datetime import date, timedelta
from typing import Any

import pytest

from billing.models import InvoiceFrequency, InvoiceSchedule, SchedulePlan
from billing.planning_runs import generate_schedule, move_runs, plan_runs, skip_runs, take_up_runs
from billing.recurring import Recurrence
from billing.run_rows import write_rows_ahead
from billing.schedule_plans import PlannedRuns
from billing.states import ScheduleStatus
from core.models import Activity
from projects.models import ProjectContract
from tests.company import Company, only, rows
from tests.company.batch import Batch
from tests.company.checking import refused, statements
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

TODAY = date(2026, 10, 1)
LAST_DAY = Recurrence("monthly", days=(31,))
MONDAYS = Recurrence("biweekly", weekday=0)


def plan(company: Company, recurrence: Recurrence, *, on: date = TODAY, **terms: Any) -> int:
    planned = PlannedRuns(recurrence, **{"starts_on": TODAY} | terms)
    return plan_runs({company.line.pk: planned}, on=on, actor=company.manager, at=NOW)


def ends(company: Company, day: str | None) -> None:
    ProjectContract.objects.filter(pk=company.contract.pk).update(ends_on=day)
    company.line.refresh_from_db()


def runs(*, status: str = "") -> list[str]:
    rows_of = InvoiceSchedule.objects.filter(**{"status": status} if status else {}).order_by("run_date")
    return [f"{one.run_date} up to {one.cut_off_date}" for one in rows_of]


def row(day: str) -> InvoiceSchedule:
    return InvoiceSchedule.objects.get(run_date=day)


# --- Planning -----------------------------------------------------------------------------------


def test_a_schedule_is_as_long_as_its_contract_and_takes_its_last_work():
    company = Company()
    ends(company, "2026-12-31")
    assert plan(company, LAST_DAY) == 4
    assert runs() == [
        "2026-10-31 up to 2026-10-30",
        "2026-11-30 up to 2026-11-29",
        "2026-12-31 up to 2026-12-30",
        # The work of the contract's last day.
        "2027-01-31 up to 2027-01-30",
    ]
    line = Activity.objects.get(verb="scheduled")
    assert (line.subject_kind, line.facts["changes"]) == (
        "projects.contractline",
        {
            "invoice schedule": ["", "Monthly, last day; work up to the day before the run"],
            "first run from": ["", "1 Oct 2026"],
        },
    )


@pytest.mark.parametrize(
    ("rule", "cut_offs"),
    [
        ("day_before", ["2026-10-14", "2026-11-14"]),
        ("run_day", ["2026-10-15", "2026-11-15"]),
        ("month_before", ["2026-09-30", "2026-10-31"]),
    ],
)
def test_work_is_taken_up_to_the_day_that_was_chosen(rule, cut_offs):
    company = Company()
    plan(company, Recurrence("monthly", days=(15,)), ends_on=date(2026, 11, 30), cut_off_rule=rule)
    taken = InvoiceSchedule.objects.order_by("run_date").values_list("cut_off_date", flat=True)
    assert list(map(str, taken)) == cut_offs


def test_several_runs_a_month():
    company = Company()
    plan(company, Recurrence("monthly", days=(10, 20, 31)), ends_on=date(2026, 11, 15))
    assert runs() == [
        "2026-10-10 up to 2026-10-09",
        "2026-10-20 up to 2026-10-19",
        "2026-10-31 up to 2026-10-30",
        "2026-11-10 up to 2026-11-09",
    ]


def test_a_contract_without_an_end_has_rows_a_good_year_ahead_and_time_adds_more():
    company = Company()
    ends(company, None)
    plan(company, LAST_DAY)
    assert runs()[-1] == "2027-10-31 up to 2027-10-30"
    write_rows_ahead(company.entity, on=TODAY + timedelta(days=20))
    assert runs()[-1] == "2027-10-31 up to 2027-10-30"
    write_rows_ahead(company.entity, on=date(2026, 12, 1))
    assert runs()[-1] == "2027-12-31 up to 2027-12-30"
    assert len(runs()) == 15


def test_a_contract_that_is_extended_extends_its_schedule_without_doubling_or_losing_its_weeks():
    company = Company()
    ends(company, "2026-11-01")
    plan(company, MONDAYS)
    before = list(InvoiceSchedule.objects.order_by("pk").values_list("pk", "run_date"))
    assert runs()[-1] == "2026-11-02 up to 2026-11-01"
    ends(company, "2026-11-30")
    for _each in range(2):
        write_rows_ahead(company.entity, on=date(2026, 10, 30))
    assert list(InvoiceSchedule.objects.order_by("pk").values_list("pk", "run_date"))[:3] == before
    # Still the odd Mondays; counted from today it would have been the even ones.
    assert [one[:10] for one in runs()] == [
        "2026-10-05",
        "2026-10-19",
        "2026-11-02",
        "2026-11-16",
        "2026-11-30",
        "2026-12-14",
    ]
    ends(company, "2026-11-01")
    write_rows_ahead(company.entity, on=date(2026, 10, 30))
    assert runs()[-1] == "2026-11-02 up to 2026-11-01"


def test_a_named_frequency_generated_again_keeps_the_weeks_it_had():
    company = Company()
    often = InvoiceFrequency.objects.create(name="Every other Monday", period="biweekly", weekday=0)
    first = {"starts_on": date(2026, 10, 1), "ends_on": date(2026, 10, 31)}
    then = {"starts_on": date(2026, 11, 7), "ends_on": date(2026, 12, 31)}
    assert generate_schedule(company.line, often, **first, actor=company.manager, at=NOW) == 2
    assert generate_schedule(company.line, often, **then, actor=company.manager, at=NOW) == 4
    assert [one[:10] for one in runs()] == [
        "2026-10-05",
        "2026-10-19",
        "2026-11-02",
        "2026-11-16",
        "2026-11-30",
        "2026-12-14",
        "2026-12-28",
    ]


def test_another_start_counts_the_weeks_anew():
    company = Company()
    plan(company, MONDAYS, ends_on=date(2026, 11, 1))
    plan(company, MONDAYS, starts_on=date(2026, 10, 8), ends_on=date(2026, 11, 1))
    assert [one[:10] for one in runs()] == ["2026-10-12", "2026-10-26"]


def test_a_changed_schedule_keeps_what_has_run_and_never_goes_back_behind_it():
    batch = Batch()
    company = batch.company
    plan(company, MONDAYS, ends_on=date(2026, 11, 16))
    batch.morning(date(2026, 10, 5))
    plan(company, Recurrence("weekly", weekday=3), ends_on=date(2026, 10, 20), on=date(2026, 10, 6))
    assert runs(status=ScheduleStatus.SUCCESSFUL) == ["2026-10-05 up to 2026-10-04"]
    # The Thursday of the first week lies before what has run.
    assert runs() == [
        "2026-10-05 up to 2026-10-04",
        "2026-10-08 up to 2026-10-07",
        "2026-10-15 up to 2026-10-14",
    ]


def test_a_schedule_that_is_ended_keeps_what_has_run():
    batch = Batch()
    company = batch.company
    plan(company, MONDAYS, ends_on=date(2026, 11, 16))
    batch.morning(date(2026, 10, 5))
    plan_runs({company.line.pk: None}, on=TODAY, actor=company.manager, at=NOW)
    assert runs() == ["2026-10-05 up to 2026-10-04"]
    assert not SchedulePlan.objects.exists()


@pytest.mark.parametrize(
    ("recurrence", "terms", "code"),
    [
        (Recurrence("weekly"), {}, "weekday-missing"),
        (Recurrence("weekly", weekday=9), {}, "weekday-missing"),
        (Recurrence("biweekly", weekday=1, days=(3,)), {}, "day-of-a-week"),
        (Recurrence("monthly"), {}, "day-missing"),
        (Recurrence("monthly", days=(3,), weekday=1, occurrences=(1,)), {}, "day-and-weekday"),
        (Recurrence("monthly", days=(32,)), {}, "day-out-of-month"),
        (Recurrence("monthly", days=(0,)), {}, "day-out-of-month"),
        (Recurrence("monthly", days=(3, 3)), {}, "day-repeated"),
        (Recurrence("monthly", weekday=4, occurrences=(5,)), {}, "occurrence-out-of-month"),
        (Recurrence("monthly", weekday=4, occurrences=(0,)), {}, "occurrence-out-of-month"),
        (Recurrence("monthly", occurrences=(1,)), {}, "weekday-missing"),
        (LAST_DAY, {"ends_on": date(2026, 9, 30)}, "ends-before-start"),
        (LAST_DAY, {"ends_on": date(2046, 9, 30)}, "longer-than-ten-years"),
        (Recurrence("monthly", days=(10, 20)), {"cut_off_rule": "month_before"}, "periods-overlap"),
    ],
)
def test_what_is_no_schedule_is_refused_and_changes_nothing(recurrence, terms, code):
    company = Company()
    with refused(code):
        plan(company, recurrence, **terms)
    assert (SchedulePlan.objects.count(), runs()) == (0, [])


def test_a_weekday_without_its_number_in_the_month_is_refused():
    company = Company()
    with refused("day-missing", "occurrence-missing"):
        plan(company, Recurrence("monthly", weekday=2))


def test_a_fixed_price_line_has_no_schedule():
    company = Company()
    fixed = company.fixed_price_line()
    with refused("not-time-and-material"):
        plan_runs({fixed.pk: PlannedRuns(LAST_DAY, TODAY)}, on=TODAY, actor=company.manager, at=NOW)


def test_many_schedules_cost_as_many_statements_as_one():
    company = Company()
    lines = [
        rows.contract_line(company.contract, company.customer, project=rows.project(company), name=f"L{nth}")
        for nth in range(12)
    ]

    def planned(some: list[Any]) -> int:
        plans = {line.pk: PlannedRuns(LAST_DAY, TODAY, date(2026, 12, 31)) for line in some}
        return statements(lambda: plan_runs(plans, on=TODAY, actor=company.manager, at=NOW))

    assert planned(lines[:2]) == planned(lines[2:])


# --- Skipping and moving --------------------------------------------------------------------------


@pytest.fixture
def batch() -> Batch:
    """Every other Monday until the middle of November; the first run has taken place."""
    made = Batch()
    company = made.company
    plan(company, MONDAYS, ends_on=date(2026, 11, 16))
    company.approved(8, date=date(2026, 10, 2))
    company.approved(4, date=date(2026, 10, 15))
    company.ready()
    made.morning(date(2026, 10, 5))
    return made


def skip(company: Company, day: str, reason: str = "Christmas") -> int:
    return skip_runs(only(row(day)), reason=reason, actor=company.manager, at=NOW)


def move(company: Company, day: str, to: date, reason: str = "Audit week") -> int:
    return move_runs(only(row(day)), to=to, reason=reason, actor=company.manager, at=NOW)


def test_a_skipped_run_leaves_its_work_to_the_next_one(batch):
    skip(batch.company, "2026-10-19")
    batch.morning(date(2026, 10, 19))
    assert batch.invoiced() == "2026-10-05 Hours 1600.00"
    batch.morning(date(2026, 11, 2))
    assert batch.invoiced().splitlines()[1:] == ["2026-11-02 Hours 800.00"]
    one = Activity.objects.get(verb="run skipped")
    assert (one.from_state, one.to_state) == ("not_run", "skipped")
    assert (one.facts, one.subject_name) == ({"reason": "Christmas"}, f"{batch.company.line}, 19 Oct 2026")


def test_a_skipped_run_is_taken_up_again_and_survives_planning(batch):
    company = batch.company
    skip(company, "2026-10-19")
    plan(company, MONDAYS, ends_on=date(2026, 11, 30))
    assert row("2026-10-19").status == ScheduleStatus.SKIPPED
    take_up_runs(only(row("2026-10-19")), actor=company.manager, at=NOW)
    batch.morning(date(2026, 10, 19))
    assert batch.invoiced().splitlines()[1:] == ["2026-10-19 Hours 800.00"]


def test_a_moved_run_takes_place_on_its_new_day_and_the_old_day_stays_empty(batch):
    company = batch.company
    move(company, "2026-10-19", date(2026, 10, 22))
    plan(company, MONDAYS, ends_on=date(2026, 11, 16))
    moved = row("2026-10-22")
    assert (moved.moved_from, moved.cut_off_date, moved.reason) == (
        date(2026, 10, 19),
        date(2026, 10, 21),
        "Audit week",
    )
    assert not InvoiceSchedule.objects.filter(run_date=date(2026, 10, 19)).exists()
    batch.morning(date(2026, 10, 21))
    assert batch.invoiced() == "2026-10-05 Hours 1600.00"
    batch.morning(date(2026, 10, 22))
    assert batch.invoiced().splitlines()[1:] == ["2026-10-22 Hours 800.00"]
    one = Activity.objects.get(verb="run moved")
    assert one.facts == {
        "reason": "Audit week",
        "changes": {"run_date": ["2026-10-19", "2026-10-22"]},
    }


def test_a_run_that_was_moved_twice_remembers_the_day_of_its_schedule(batch):
    move(batch.company, "2026-10-19", date(2026, 10, 22))
    move(batch.company, "2026-10-22", date(2026, 10, 21))
    assert row("2026-10-21").moved_from == date(2026, 10, 19)


@pytest.mark.parametrize(
    ("day", "to", "reason", "code"),
    [
        ("2026-10-19", date(2026, 11, 2), "x", "day-taken"),
        ("2026-10-19", date(2026, 10, 19), "x", "same-day"),
        ("2026-10-19", date(2026, 10, 5), "x", "day-taken"),
        ("2026-10-19", date(2026, 10, 4), "x", "before-what-has-run"),
        ("2026-10-19", date(2040, 10, 4), "x", "too-far"),
        ("2026-10-19", date(2026, 10, 20), "  ", "reason-missing"),
    ],
)
def test_what_is_not_moved(batch, day, to, reason, code):
    before = runs()
    codes = ["day-taken", "before-what-has-run"] if to == date(2026, 10, 5) else [code]
    with refused(*codes):
        move(batch.company, day, to, reason)
    assert runs() == before


def test_what_has_run_is_neither_moved_nor_skipped(batch):
    company = batch.company
    with refused("run-already"):
        skip(company, "2026-10-05")
    with refused("not-skipped", "before-what-has-run"):
        take_up_runs(only(row("2026-10-05")), actor=company.manager, at=NOW)
    with refused("run-already"):
        move(company, "2026-10-05", date(2026, 10, 6))
    with refused("reason-missing"):
        skip(company, "2026-10-19", " ")
    with refused("nothing-chosen"):
        skip_runs(InvoiceSchedule.objects.none(), reason="x", actor=company.manager, at=NOW)


def test_a_run_moved_into_the_month_of_another_would_take_its_work():
    company = Company()
    first = Recurrence("monthly", days=(1,))
    plan(company, first, ends_on=date(2026, 12, 31), cut_off_rule="month_before")
    with refused("periods-overlap"):
        move(company, "2026-12-01", date(2026, 11, 20))

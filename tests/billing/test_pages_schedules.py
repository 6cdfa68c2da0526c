"""Schedules by page: chosen in words, looked at before saving, runs skipped and moved (B4)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import InvoiceSchedule, SchedulePlan
from billing.states import ScheduleStatus
from projects.models import Project, ProjectContract
from projects.roles import FINANCE_CONTROLLER, PROJECT_MANAGER
from tests.company import Company, rows
from tests.company.batch import Batch
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

MONTHLY = {"repeats": "monthly", "run_on": "day-31", "work_up_to": "day_before", "runs_from": "2026-12-01"}
WEEKS = {"repeats": "biweekly", "run_on": "weekday-0", "runs_from": "2026-10-01", "runs_to": "2026-11-16"}


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 10, 1, 9, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def at(company: Company) -> Company:
    company.is_managed_by(company.manager)
    ProjectContract.objects.filter(pk=company.contract.pk).update(ends_on=date(2027, 2, 28))
    return company


def fields(client: Any, at: Company, **schedule: str) -> dict[str, Any]:
    """The form as its page sends it, with another schedule on the first line."""
    form = client.get(reverse("contract-edit", args=[at.contract.number])).context["form"]
    sent: dict[str, Any] = dict(form.data.lists())
    return sent | {f"line-0-{name}": value for name, value in schedule.items()}


def save(client: Any, at: Company, button: str = "save", **schedule: str) -> Any:
    address = reverse("contract-edit", args=[at.contract.number])
    return client.post(address, fields(client, at, **schedule) | {"do": button})


def runs() -> list[str]:
    rows = InvoiceSchedule.objects.order_by("run_date")
    return [f"{row.run_date} up to {row.cut_off_date}" for row in rows]


# --- On the contract line -------------------------------------------------------------------------


def test_a_schedule_is_looked_at_in_words_before_it_is_saved(at, manager):
    page = save(manager, at, "refresh", **MONTHLY)
    (block,) = page.context["blocks"]
    assert (block.schedule.words, block.schedule.is_saved) == (
        "Monthly, last day; work up to the day before the run",
        False,
    )
    assert [(str(run.run_date), str(run.cut_off_date), run.weekend) for run in block.schedule.runs] == [
        ("2026-12-31", "2026-12-30", ""),
        ("2027-01-31", "2027-01-30", "Sunday"),
        ("2027-02-28", "2027-02-27", "Sunday"),
    ]
    assert "Next runs, not saved yet" in page.content.decode()
    assert not SchedulePlan.objects.exists()


def test_a_schedule_is_saved_with_the_contract_and_shown_as_it_stands(at, manager):
    assert save(manager, at, **MONTHLY).status_code == 302
    assert runs() == [
        "2026-12-31 up to 2026-12-30",
        "2027-01-31 up to 2027-01-30",
        "2027-02-28 up to 2027-02-27",
        "2027-03-31 up to 2027-03-30",
    ]
    shown = manager.get(reverse("contract-edit", args=[at.contract.number]))
    (block,) = shown.context["blocks"]
    assert block.schedule.is_saved
    assert len(block.schedule.runs) == 4
    before = list(InvoiceSchedule.objects.values_list("pk", flat=True))
    save(manager, at)
    assert list(InvoiceSchedule.objects.values_list("pk", flat=True)) == before


def test_a_contract_that_is_made_longer_has_more_runs_and_keeps_its_weeks(at, manager):
    save(manager, at, **WEEKS | {"runs_to": ""})
    before = runs()
    address = reverse("contract-edit", args=[at.contract.number])
    manager.post(address, fields(manager, at) | {"ends_on": "2027-03-31", "do": "save"})
    assert runs()[: len(before)] == before
    assert (len(runs()) - len(before), runs()[-1]) == (2, "2027-04-05 up to 2027-04-04")


def test_a_new_line_has_its_schedule_from_the_start(at, manager):
    other = rows.project(at)
    Project.objects.filter(pk=other.pk).update(manager=at.manager)
    sent = fields(manager, at) | {
        "line-1-name": "Second",
        "line-1-billing_method": "time_and_material",
        "line-1-includes_fee": "on",
        "line-1-project": str(other.pk),
        "line-1-scope": "project",
        "line-1-rounding": "0",
        "line-1-payer-0-customer": str(at.customer.pk),
        "line-1-payer-0-split_percent": "100",
        "do": "save",
    }
    sent |= {f"line-1-{name}": value for name, value in MONTHLY.items()}
    answer = manager.post(reverse("contract-edit", args=[at.contract.number]), sent)
    assert answer.status_code == 302, answer.context["form"].wrong_fields
    assert SchedulePlan.objects.get().contract_line.name == "Second"


def test_a_schedule_is_ended_by_choosing_none(at, manager):
    save(manager, at, **MONTHLY)
    save(manager, at, repeats="")
    assert (SchedulePlan.objects.count(), runs()) == (0, [])


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"run_on": ""}, "run_on", "It does not say on which day of the month it runs."),
        ({"run_on": "weekday-1"}, "run_on", "It does not say which weekday of the month it is."),
        (
            {"repeats": "weekly"},
            "run_on",
            "A schedule by weeks runs on a weekday, not on a day of the month.",
        ),
        ({"also_on": "nth-1-0"}, "run_on", "It names a day of the month and a weekday of the month."),
        ({"also_on": "day-31"}, "also_on", "It names the same day twice."),
        ({"run_on": "nth-1-0", "also_on": "nth-3-1"}, "also_on", "Two runs a month are on the same weekday."),
        ({"runs_to": "2026-11-30"}, "runs_to", "The schedule ends before it starts."),
        ({"runs_from": ""}, "runs_from", "Say from which day on it runs."),
        ({"also_on": "day-15", "work_up_to": "month_before"}, "work_up_to", "Two runs of a month would take"),
        ({"run_on": "day-40"}, "run_on", "Select a valid choice."),
    ],
)
def test_what_is_no_schedule_is_said_at_its_field_and_nothing_is_saved(at, manager, wrong, field, sentence):
    page = save(manager, at, **MONTHLY | wrong | {"name": "Renamed"})
    assert page.status_code == 422
    assert sentence in str(page.context["blocks"][0].form.schedule.errors[field])
    at.line.refresh_from_db()
    assert (SchedulePlan.objects.count(), at.line.name) == (0, "Hours")


def test_who_asks_for_the_next_runs_of_no_schedule_reads_why(at, manager):
    page = save(manager, at, "refresh", **MONTHLY | {"run_on": ""})
    assert "It does not say on which day of the month it runs." in page.content.decode()
    assert page.context["blocks"][0].schedule is None


def test_missed_runs_are_announced(at, manager):
    page = save(manager, at, "refresh", **MONTHLY | {"runs_from": "2026-08-01"})
    assert page.context["blocks"][0].schedule.missed == 2
    assert "2 of these runs lie in the past: the next run makes up for them." in page.content.decode()


# --- One run ------------------------------------------------------------------------------------


@pytest.fixture
def batch(at: Company, manager: Any) -> Batch:
    made = Batch(at)
    save(manager, at, **WEEKS)
    at.approved(8, date=date(2026, 10, 2))
    at.ready()
    made.morning(date(2026, 10, 5))
    return made


def row(day: str) -> InvoiceSchedule:
    return InvoiceSchedule.objects.get(run_date=day)


def test_a_run_is_skipped_with_a_reason_and_taken_up_again(batch, manager):
    one = row("2026-10-19")
    page = manager.get(reverse("schedule", args=[one.pk])).content.decode()
    assert (
        "Skip this run" in page,
        "Every two weeks, Monday; work up to the day before the run" in page,
    ) == (
        True,
        True,
    )
    assert manager.post(reverse("schedule-skip", args=[one.pk]), {"reason": ""}).status_code == 422
    manager.post(reverse("schedule-skip", args=[one.pk]), {"reason": "Customer on holiday"})
    assert row("2026-10-19").status == ScheduleStatus.SKIPPED
    page = manager.get(reverse("schedule", args=[one.pk])).content.decode()
    assert ("Reason: Customer on holiday" in page, "Let this run take place" in page) == (True, True)
    manager.post(reverse("schedule-take-up", args=[one.pk]))
    assert row("2026-10-19").status == ScheduleStatus.NOT_RUN


def test_a_run_is_moved_and_its_page_and_the_list_say_from_where(batch, manager):
    one = row("2026-10-19")
    address = reverse("schedule-move", args=[one.pk])
    taken = manager.post(address, {"to": "2026-11-02", "reason": "Audit"})
    assert (taken.status_code, [one.code for one in taken.context["refusals"]]) == (422, ["day-taken"])
    manager.post(address, {"to": "2026-10-21", "reason": "Audit"})
    assert row("2026-10-21").moved_from == date(2026, 10, 19)
    assert (
        "It was moved from 19 Oct 2026." in manager.get(reverse("schedule", args=[one.pk])).content.decode()
    )
    shown = manager.get(reverse("schedules")).content.decode()
    assert "Every two weeks, Monday; moved from 19 Oct 2026" in shown
    history = manager.get(reverse("contract", args=[batch.company.contract.number]) + "?show=activity")
    said = history.content.decode()
    assert "moved the run" in said
    assert "Audit" in said


def test_a_run_that_has_taken_place_shows_what_came_of_it_and_cannot_be_changed(batch, manager):
    one = row("2026-10-05")
    page = manager.get(reverse("schedule", args=[one.pk])).content.decode()
    (proforma,) = one.outcomes.get().proformas
    assert (proforma.number in page, "Move this run" in page) == (True, False)
    refused = manager.post(reverse("schedule-skip", args=[one.pk]), {"reason": "x"})
    assert [one.code for one in refused.context["refusals"]] == ["run-already"]


def test_only_who_manages_the_contract_changes_its_runs(batch):
    one = row("2026-10-19")
    controller = signed_in(batch.company.person(FINANCE_CONTROLLER))
    other = signed_in(batch.company.person(PROJECT_MANAGER))
    assert controller.get(reverse("schedule", args=[one.pk])).status_code == 200
    for client in (controller, other):
        for name in ("schedule-skip", "schedule-move", "schedule-take-up"):
            assert client.get(reverse(name, args=[one.pk])).status_code in (403, 404)
            assert client.post(reverse(name, args=[one.pk]), {"reason": "x"}).status_code in (403, 404)
    assert other.get(reverse("schedule", args=[one.pk])).status_code == 404
    assert row("2026-10-19").status == ScheduleStatus.NOT_RUN


def test_the_form_asks_as_often_for_many_runs(at, manager):
    def asked(**schedule: str) -> int:
        save(manager, at, **schedule)
        address = reverse("contract-edit", args=[at.contract.number])
        manager.get(address)
        with CaptureQueriesContext(connection) as queries:
            manager.get(address)
        return len(queries)

    few = asked(**MONTHLY)
    assert asked(**WEEKS) == few

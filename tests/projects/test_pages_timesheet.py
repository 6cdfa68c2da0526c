"""My time: the weekly grid in the browser, saved without script, by oneself or for a colleague."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from projects.models import Approval, Entry, ProjectContract, Task, TeamMember
from tests.company import weeks
from tests.company.checking import statements
from tests.company.people import signed_in
from tests.company.weeks import WEEK, cell, draft, form_of, hours, save, shown, with_row

pytestmark = pytest.mark.django_db

WEDNESDAY = date(2026, 3, 4)
NOON = datetime(2026, 3, 4, 12, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture(autouse=True)
def on_wednesday():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def at():
    return weeks.team_of_one()


@pytest.fixture
def worker(at):
    return signed_in(at.worker)


def test_a_row_is_added_hours_are_typed_in_many_ways_and_saved_without_script(at, worker):
    sent = form_of(with_row(at, worker))
    typed = {"7:30": "02", "7,5": "03", "7h30": "04", "90m": "05"}
    for text, day in typed.items():
        sent[cell(at, date(2026, 3, int(day)))] = text
    assert save(worker, sent).status_code == 302
    assert hours() == [
        (date(2026, 3, 2), Decimal("7.5"), "draft"),
        (date(2026, 3, 3), Decimal("7.5"), "draft"),
        (date(2026, 3, 4), Decimal("7.5"), "draft"),
        (date(2026, 3, 5), Decimal("1.5"), "draft"),
    ]
    assert set(Entry.objects.values_list("recorded_by", "seconds")) == {
        (at.worker.pk, 27000),
        (at.worker.pk, 5400),
    }
    page = shown(worker)
    assert [total["week"] for total in page.context["totals"]] == [24, 0, 24]
    assert page.context["by_project"] == [(at.project, Decimal(24))]


def test_cells_are_changed_and_cleared_and_what_was_left_alone_is_not_written(at, worker):
    kept, changed, cleared = (draft(at, date(2026, 3, day)) for day in (2, 3, 4))
    sent = form_of(shown(worker))
    sent[cell(at, changed.date)], sent[cell(at, cleared.date)] = "6", ""
    assert save(worker, sent).status_code == 302
    assert hours() == [(kept.date, 8, "draft"), (changed.date, 6, "draft")]
    assert "Work" in str(Entry.objects.get(pk=changed.pk).external_description)


def test_a_number_with_two_readings_is_asked_below_its_row_and_the_other_cells_are_saved(at, worker):
    sent = form_of(with_row(at, worker))
    sent[cell(at, WEDNESDAY)], sent[cell(at, date(2026, 3, 3))] = "1,234", "8"
    answer = save(worker, sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "can be read in two ways. Write 1234 or 1.234." in page
    assert 'value="1,234"' in page
    assert 'aria-invalid="true"' in page
    assert (answer.context["saved"], answer.context["failed"]) == (1, 1)
    assert "One cell is saved." in page
    assert "One cell needs a change and keeps what you typed." in page
    assert hours() == [(date(2026, 3, 3), 8, "draft")]


def test_every_reason_stands_at_its_cell_and_what_can_be_kept_is_saved(at, worker):
    other = draft(at, date(2026, 3, 3), quantity=Decimal(20))
    sent = form_of(with_row(at, worker))
    sent[cell(at, date(2026, 3, 2))] = "7:30"
    sent[cell(at, other.date)] = "25"
    sent[cell(at, date(2026, 3, 5))] = "1"
    at.entity.entry_days_ahead = 0
    at.entity.save()
    answer = save(worker, sent)
    assert answer.status_code == 422
    (row,) = answer.context["form"].week_rows
    assert [(one.day, error[:35]) for one, error in row.errors] == [
        (date(2026, 3, 3), "3 Mar 2026 would have 25.00\xa0h; the "),
        (date(2026, 3, 5), "5 Mar 2026 is too far ahead. The la"),
    ]
    assert (answer.context["saved"], answer.context["failed"], answer.context["refusals"]) == (1, 2, [])
    assert hours() == [(date(2026, 3, 2), Decimal("7.5"), "draft"), (other.date, 20, "draft")]
    # The page that comes back holds what was typed, and what was saved as it is saved.
    left = form_of(answer)
    assert [left[cell(at, date(2026, 3, day))] for day in (2, 3, 5)] == ["7.50", "25", "1"]
    assert answer.context["totals"][2]["week"] == Decimal("27.5")


def test_a_week_with_a_cell_to_mend_is_sent_again_until_all_of_it_is_saved(at, worker):
    sent = form_of(with_row(at, worker))
    sent[cell(at, date(2026, 3, 2))], sent[cell(at, date(2026, 3, 3))] = "8", "much"
    answer = save(worker, sent)
    # Sent twice by a double click, the cell that is saved already is no change.
    assert save(worker, sent).context["saved"] == 0
    left = form_of(answer) | {cell(at, date(2026, 3, 3)): "6"}
    assert save(worker, left).status_code == 302
    assert hours() == [(date(2026, 3, 2), 8, "draft"), (date(2026, 3, 3), 6, "draft")]


def test_where_no_cell_can_be_kept_the_page_says_that_nothing_was_saved(at, worker):
    sent = form_of(with_row(at, worker))
    sent[cell(at, WEDNESDAY)] = "75"
    page = save(worker, sent).content.decode()
    assert "Nothing was saved yet." in page
    assert 'value="75"' in page
    assert hours() == []


def test_nothing_is_submitted_while_a_cell_needs_a_change(at, worker):
    sent = form_of(with_row(at, worker))
    sent[cell(at, date(2026, 3, 2))], sent[cell(at, date(2026, 3, 3))] = "8", "75"
    answer = save(worker, sent, submit="1")
    assert "Nothing is submitted before that." in answer.content.decode()
    assert hours() == [(date(2026, 3, 2), 8, "draft")]


def test_a_cell_that_cannot_be_kept_is_put_back_to_what_is_saved_without_losing_the_others(at, worker):
    entry = draft(at, quantity=Decimal(5))
    key = cell(at, entry.date)
    sent = form_of(shown(worker)) | {key: "75", cell(at, WEDNESDAY): "33"}
    answer = save(worker, sent)
    assert "Use 5.00" in answer.content.decode()
    restored = form_of(save(worker, form_of(answer), restore=key.removeprefix("h-")))
    assert (restored[key], restored[cell(at, WEDNESDAY)]) == ("5.00", "33")
    assert hours() == [(entry.date, 5, "draft")]


def test_a_description_without_hours_asks_for_them_and_is_kept(at, worker):
    draft(at)
    key = cell(at, WEDNESDAY)
    asked = {"describe": key.removeprefix("h-"), "external_description": "Review", "description": ""}
    answer = save(worker, form_of(shown(worker)) | asked)
    page = answer.content.decode()
    assert "Type the hours that you described." in page
    assert 'value="Review"' in page
    assert save(worker, form_of(answer) | asked | {key: "2"}).status_code == 302
    assert Entry.objects.get(date=WEDNESDAY).external_description == "Review"


def test_a_description_that_is_too_long_keeps_its_cell_open_and_the_others_are_saved(at, worker):
    entry = draft(at)
    key = cell(at, entry.date)
    asked = {"describe": key.removeprefix("h-"), "external_description": "x" * 501, "description": ""}
    answer = save(worker, form_of(shown(worker)) | asked | {key: "7", cell(at, WEDNESDAY): "2"})
    assert (answer.status_code, answer.context["saved"], answer.context["failed"]) == (422, 1, 1)
    assert "x" * 501 in answer.content.decode()
    assert hours() == [(entry.date, 8, "draft"), (WEDNESDAY, 2, "draft")]


def test_a_row_is_added_beside_a_cell_that_cannot_be_read(at, worker):
    draft(at)
    task = Task.objects.create(project=at.project, code="T", name="Tests")
    asked = {"add_project": at.project.pk, "add_task": task.pk, "add_role": at.role.pk}
    answer = save(worker, form_of(shown(worker)) | {cell(at, WEDNESDAY): "much"} | asked, add="1")
    assert [row.task for row in answer.context["form"].week_rows] == [None, task]
    assert form_of(answer)[cell(at, WEDNESDAY)] == "much"


def test_a_cell_that_was_not_on_the_page_is_left_as_it_is(at, worker):
    task = Task.objects.create(project=at.project, code="T", name="Tests")
    sent = form_of(with_row(at, worker))
    draft(at, WEDNESDAY, task=task)
    sent[cell(at, WEDNESDAY)] = "1"
    assert save(worker, sent).status_code == 302
    assert hours() == [(WEDNESDAY, 8, "draft"), (WEDNESDAY, 1, "draft")]


def test_a_cell_that_somebody_else_changed_is_noticed(at, worker):
    entry = draft(at)
    sent = form_of(shown(worker))
    Entry.objects.filter(pk=entry.pk).update(quantity=Decimal(5))
    sent[cell(at, entry.date)] = "6"
    answer = save(worker, sent)
    assert answer.status_code == 422
    assert "changed in the meantime" in answer.content.decode()
    assert hours() == [(entry.date, 5, "draft")]


def test_an_empty_cell_that_was_filled_in_another_tab_is_noticed(at, worker):
    sent = form_of(with_row(at, worker))
    draft(at, WEDNESDAY)
    sent[cell(at, WEDNESDAY)] = "7"
    assert "changed in the meantime" in save(worker, sent).content.decode()
    assert hours() == [(WEDNESDAY, 8, "draft")]


def test_submitting_saves_first_and_leaves_the_days_to_come(at, worker):
    sent = form_of(with_row(at, worker))
    sent[cell(at, date(2026, 3, 3))], sent[cell(at, date(2026, 3, 5))] = "8", "4"
    assert save(worker, sent, submit="1").status_code == 302
    assert hours() == [(date(2026, 3, 3), 8, "submitted"), (date(2026, 3, 5), 4, "draft")]
    page = shown(worker)
    # What waits is read, not typed.
    assert cell(at, date(2026, 3, 3)) not in page.context["form"].fields
    assert save(worker, form_of(page), recall="1").status_code == 302
    assert [status for _day, _hours, status in hours()] == ["draft", "draft"]
    assert Approval.objects.get().status == "recalled"


def test_last_week_is_copied_as_rows_or_as_rows_and_hours_from_today_on(at, worker):
    for day in (23, 24, 25, 26):
        draft(at, date(2026, 2, day), quantity=Decimal(day - 20))
    page = shown(worker)
    assert page.context["last_week"] == (1, 18)
    copied = save(worker, form_of(page), copy="rows")
    assert form_of(copied)[cell(at, WEDNESDAY)] == ""
    copied = save(worker, form_of(page), copy="hours")
    sent = form_of(copied)
    assert [sent[cell(at, date(2026, 3, day))] for day in (2, 3, 4, 5)] == ["", "", "5.00", "6.00"]
    assert Entry.objects.filter(date__gte=date(2026, 3, 2)).count() == 0
    save(worker, sent)
    assert hours()[-2:] == [(WEDNESDAY, 5, "draft"), (date(2026, 3, 5), 6, "draft")]


def test_copying_keeps_what_was_typed(at, worker):
    draft(at, date(2026, 2, 25))
    sent = form_of(with_row(at, worker))
    sent[cell(at, WEDNESDAY)] = "3"
    assert form_of(save(worker, sent, copy="hours"))[cell(at, WEDNESDAY)] == "3"


def test_the_descriptions_of_a_cell_are_opened_and_saved(at, worker):
    entry = draft(at)
    key = cell(at, entry.date).removeprefix("h-")
    opened = save(worker, form_of(shown(worker)), open=key)
    assert 'name="describe"' in opened.content.decode()
    assert 'value="Work"' in opened.content.decode()
    sent = form_of(opened) | {"describe": key, "external_description": "Review", "description": "Long day"}
    assert save(worker, sent).status_code == 302
    entry = Entry.objects.get()
    assert (entry.external_description, entry.description, entry.quantity) == ("Review", "Long day", 8)


def test_two_entries_of_one_day_on_one_task_stand_in_two_rows(at, worker):
    for quantity in (2, 3):
        draft(at, quantity=Decimal(quantity))
    rows_shown = shown(worker).context["form"].week_rows
    assert [(row.key[3], row.total) for row in rows_shown] == [(0, 2), (1, 3)]


def test_hours_are_shown_as_the_language_writes_them_and_exactly(at, worker):
    draft(at, quantity=Decimal("7.25"), seconds=26100)
    draft(at, WEDNESDAY, quantity=Decimal("0.3333"), seconds=1200)
    page = worker.get(reverse("week", args=WEEK), headers={"accept-language": "de"})
    sent = form_of(page)
    assert (sent[cell(at, date(2026, 3, 2))], sent[cell(at, WEDNESDAY)]) == ("7,25", "0:20")
    # Sent back untouched, nothing has changed.
    answer = worker.post(reverse("week", args=WEEK), {**sent, "save": "1"}, headers={"accept-language": "de"})
    assert (answer.status_code, Entry.objects.filter(seconds=1200).count()) == (302, 1)


def test_what_was_used_lately_is_offered_and_joins_the_week_when_hours_are_typed(at, worker):
    task = Task.objects.create(project=at.project, code="T", name="Tests")
    draft(at, date(2026, 2, 20), task=task)
    page = shown(worker)
    assert [row.task for row in page.context["form"].lately_rows] == [task]
    sent = form_of(page)
    sent[cell(at, WEDNESDAY, task)] = "2"
    save(worker, sent)
    assert Entry.objects.get(date=WEDNESDAY).task == task


def test_work_off_the_team_and_without_a_description_is_said(at, worker):
    TeamMember.objects.all().delete()
    draft(at, external_description="")
    page = shown(worker)
    assert [sentence for sentence, _place, _key in page.context["notices"]] == [
        f"Not on the team of {at.project.name}",
        "No description on chargeable time",
    ]
    assert "Not on the team" in page.content.decode()


@pytest.mark.parametrize("week", ["2026-W60", "0001-W01", "text", "2026-10"])
def test_a_week_that_does_not_exist_is_not_found(worker, week):
    assert shown(worker, [week]).status_code == 404


def test_a_date_leads_to_its_week(worker):
    answer = worker.get(reverse("my-time"), {"of": "2026-12-01"})
    assert answer["Location"] == reverse("week", args=["2026-W49"])
    assert worker.get(reverse("my-time"), {"of": "never"}).status_code == 200


def test_the_page_asks_as_many_questions_for_many_rows_as_for_few(at, worker):
    draft(at)
    few = statements(lambda: shown(worker))
    for number in range(12):
        task = Task.objects.create(project=at.project, code=f"T{number}", name=f"Task {number}")
        draft(at, task=task, quantity=Decimal(1))
    assert statements(lambda: shown(worker)) == few


def test_hours_that_cannot_be_submitted_yet_are_saved_all_the_same(at, worker):
    draft(at, WEDNESDAY)
    draft(at, WEDNESDAY, quantity=Decimal(1))
    at.entity.daily_maximum = 480
    at.entity.save()
    sent = form_of(shown(worker)) | {cell(at, date(2026, 3, 3)): "8"}
    answer = worker.post(reverse("week", args=WEEK), {**sent, "submit": "1"}, follow=True)
    page = answer.content.decode()
    assert "It is saved as a draft and not submitted" in page
    assert "4 Mar 2026 would have 9.00" in page
    assert {status for _day, _hours, status in hours()} == {"draft"}
    assert Entry.objects.get(date=date(2026, 3, 3)).quantity == 8


def test_the_grid_says_which_days_no_contract_covers_and_why(at, worker):
    ProjectContract.objects.filter(pk=at.contract.pk).update(ends_on=date(2026, 3, 2))
    for nth in (2, 3, 4, 5):
        draft(at, date(2026, 3, nth))
    notices = shown(worker).context["notices"]
    assert notices == [
        (
            f"No contract covers it: Contract {at.contract.number} covers work until 2 Mar 2026",
            f"{at.project.name}, {at.role}: Tue 3 Mar, Wed 4 Mar",
            "",
        )
    ]

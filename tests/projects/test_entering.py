"""Hours while they are still the worker's own: entered, changed, deleted, and every reason against it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.models import Activity
from core.refusals import Refused
from projects.entering import TimeReport, change_time, delete_entries, enter_time
from projects.models import Entry, Task
from projects.states import EntryStatus
from projects.submitting import recall_entries, submit_entries
from tests.company import Company
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return Company.bare()


@pytest.fixture
def work(at):
    return TimeReport(at.project, None, at.role, DAY, Decimal("7.5"), external_description="Workshop")


def enter(at, work):
    return enter_time(at.resource, work, actor=at.worker, at=NOW)


def only(entry):
    return Entry.objects.filter(pk=entry.pk)


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.codes


def test_hours_become_a_draft_of_the_person_with_a_line_of_history(at, work):
    entry = Entry.objects.get(pk=enter(at, work).pk)
    assert (entry.status, entry.quantity, entry.unit, entry.transaction_class) == (
        EntryStatus.DRAFT,
        Decimal("7.5"),
        "h",
        "time",
    )
    assert (entry.resource, entry.legal_entity, entry.external_description) == (
        at.resource,
        at.entity,
        "Workshop",
    )
    assert Activity.objects.about(entry).get().verb == "entered"


def test_the_internal_description_goes_on_the_invoice_where_no_other_is_given(at, work):
    entry = enter(at, replace(work, description="Night shift", external_description=""))
    assert entry.external_description == "Night shift"


def test_all_reasons_are_said_at_once_and_nothing_is_written(at, work):
    at.entity.locked_through = DAY
    at.entity.save()
    at.project.is_closed = True
    at.project.save()
    task = Task.objects.create(project=Company.bare().project, code="T", name="Elsewhere")
    wrong = replace(work, task=task, quantity=Decimal("24.5"))
    assert refused(enter, at, wrong) == (
        "period-locked",
        "project-closed",
        "task-not-of-project",
        "hours-not-possible",
    )
    assert not Entry.objects.exists()


def test_a_project_of_another_company_is_refused(at, work):
    assert refused(enter, at, replace(work, project=Company.bare().project)) == ("other-entity",)


@pytest.mark.parametrize("hours", ["0", "-1"])
def test_hours_are_more_than_zero(at, work, hours):
    assert refused(enter, at, replace(work, quantity=Decimal(hours))) == ("hours-not-possible",)


def test_a_day_has_twenty_four_hours_however_many_entries(at, work):
    for hours in ("16", "8"):
        enter(at, replace(work, quantity=Decimal(hours)))
    assert refused(enter, at, replace(work, quantity=Decimal("0.0001"))) == ("hours-not-possible",)
    enter(at, replace(work, day=date(2026, 3, 3)))


def test_a_draft_is_changed_and_its_own_hours_do_not_count_against_it(at, work):
    entry = enter(at, replace(work, quantity=Decimal(20)))
    changed = replace(work, quantity=Decimal(24))
    assert change_time(only(entry), changed, actor=at.worker, at=NOW) == 1
    assert only(entry).get().quantity == Decimal(24)


def test_what_is_with_an_approver_is_neither_changed_nor_deleted(at, work):
    entry = enter(at, work)
    submit_entries(only(entry), actor=at.worker, at=NOW)
    assert refused(change_time, only(entry), work, actor=at.worker, at=NOW) == ("not-changeable",)
    assert refused(delete_entries, only(entry), actor=at.worker, at=NOW) == ("not-a-draft",)


def test_a_draft_that_was_never_submitted_is_deleted_and_remembered(at, work):
    entry = enter(at, work)
    assert delete_entries(only(entry), actor=at.worker, at=NOW) == 1
    assert not Entry.objects.exists()
    assert set(Activity.objects.values_list("verb", flat=True)) == {"entered", "deleted"}


def test_what_was_submitted_once_stays_on_record(at, work):
    entry = enter(at, work)
    submit_entries(only(entry), actor=at.worker, at=NOW)
    recall_entries(only(entry), actor=at.worker, at=NOW)
    assert refused(delete_entries, only(entry), actor=at.worker, at=NOW) == ("was-submitted",)
    assert Entry.objects.count() == 1

"""Hours while they are still the worker's own: entered, changed, deleted, and every reason against it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core.models import Activity
from core.refusals import Refused
from projects.entering import TimeReport, change_time, delete_entries, enter_time
from projects.models import Approval, Entry, FiscalSpan, LegalEntity, Task
from projects.states import ApprovalStatus, EntryStatus
from projects.submitting import recall_entries, submit_entries
from tests.company import Company, rows
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


def only(*entries):
    return Entry.objects.filter(pk__in=[entry.pk for entry in entries])


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


def test_the_internal_description_stays_inside_where_no_other_is_given(at, work):
    entry = enter(at, replace(work, description="Night shift", external_description=""))
    assert (entry.description, entry.external_description) == ("Night shift", "")


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
        "daily-maximum",
    )
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2025, 3, 30), "too-far-back"),
        (date(2026, 4, 9), "too-far-ahead"),
        (date(2027, 1, 1), "period-missing"),
    ],
)
def test_a_date_outside_an_open_period_or_its_reach_is_refused_by_every_verb(at, work, day, code):
    entry = enter(at, work)
    wrong = replace(work, day=day)
    for call, on in ((enter_time, at.resource), (change_time, only(entry))):
        assert code in refused(call, on, wrong, actor=at.worker, at=NOW)
    Entry.objects.update(date=day)
    assert code in refused(submit_entries, only(entry), actor=at.worker, at=NOW)
    assert Entry.objects.get().status == EntryStatus.DRAFT


@pytest.mark.parametrize("day", [date(2025, 3, 31), date(2026, 4, 8)])
def test_the_first_and_the_last_day_within_reach_are_taken(at, work, day):
    assert enter(at, replace(work, day=day)).date == day


def test_the_reach_is_set_for_each_company(at, work):
    LegalEntity.objects.filter(pk=at.entity.pk).update(entry_days_back=10, entry_days_ahead=0)
    assert refused(enter, at, replace(work, day=date(2026, 4, 2))) == ("too-far-ahead",)
    assert refused(enter, at, replace(work, day=date(2026, 3, 21))) == ("too-far-back",)
    assert enter(at, replace(work, day=date(2026, 3, 22))).date == date(2026, 3, 22)


def test_a_gap_between_two_periods_is_no_day_to_work_on(at, work):
    FiscalSpan.objects.all().delete()
    for key, first, last in ((1, date(2026, 3, 1), DAY), (2, date(2026, 3, 4), date(2026, 3, 31))):
        FiscalSpan.objects.create(period_key=-key, legal_entity=at.entity, starts_on=first, ends_on=last)
    assert refused(enter, at, replace(work, day=date(2026, 3, 3))) == ("period-missing",)
    assert refused(enter, at, replace(work, day=date(2026, 2, 28))) == ("period-missing",)
    for day in (DAY, date(2026, 3, 4)):
        enter(at, replace(work, day=day))


def test_a_project_of_another_company_is_refused(at, work):
    assert refused(enter, at, replace(work, project=Company.bare().project)) == ("other-entity",)


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ("0", "quantity-missing"),
        ("-1", "negative-quantity"),
        ("0.00001", "quantity-not-possible"),
        ("100000000000", "quantity-not-possible"),
        ("NaN", "quantity-not-possible"),
        ("Infinity", "quantity-not-possible"),
    ],
)
def test_hours_are_a_number_above_zero_that_can_be_kept(at, work, hours, code):
    with pytest.raises(Refused) as caught:
        enter(at, replace(work, quantity=Decimal(hours)))
    assert caught.value.codes == (code,)
    if code == "negative-quantity":
        assert "correct it" in str(caught.value.refusals[0].way_out)
    assert not Entry.objects.exists()


def test_the_database_refuses_a_negative_quantity_whoever_writes_it(at):
    with pytest.raises(IntegrityError, match="entry_quantity_positive"):
        rows.entry(at, quantity=Decimal(-1))


def test_a_day_has_twenty_four_hours_however_many_entries(at, work):
    for hours in ("16", "8"):
        enter(at, replace(work, quantity=Decimal(hours)))
    assert refused(enter, at, replace(work, quantity=Decimal("0.0001"))) == ("daily-maximum",)
    enter(at, replace(work, day=date(2026, 3, 3)))


def test_a_day_is_added_up_in_seconds_and_not_in_rounded_hours(at, work):
    """Thirty-six times forty minutes are a day; as 0.6667 of an hour they would be 24.0012."""
    for _nth in range(36):
        enter(at, replace(work, quantity=Decimal("0.6667"), seconds=2400))
    assert refused(enter, at, replace(work, quantity=Decimal("0.0003"), seconds=1)) == ("daily-maximum",)


def test_a_company_may_set_a_lower_daily_maximum_and_never_a_higher_one(at, work):
    LegalEntity.objects.filter(pk=at.entity.pk).update(daily_maximum=600)
    assert refused(enter, at, replace(work, quantity=Decimal("10.0001"))) == ("daily-maximum",)
    entry = enter(at, replace(work, quantity=Decimal(10)))
    LegalEntity.objects.filter(pk=at.entity.pk).update(daily_maximum=480)
    assert refused(submit_entries, only(entry), actor=at.worker, at=NOW) == ("daily-maximum",)
    with pytest.raises(IntegrityError, match="a_day_has_24_hours"), transaction.atomic():
        LegalEntity.objects.filter(pk=at.entity.pk).update(daily_maximum=1441)


def test_what_was_withdrawn_or_corrected_leaves_the_day(at, work):
    for status in (EntryStatus.WITHDRAWN, EntryStatus.CORRECTED):
        rows.entry(at, status=status, quantity=Decimal(20))
    for status in (EntryStatus.APPROVED, EntryStatus.RECALL_REQUESTED):
        rows.entry(at, status=status, quantity=Decimal(8))
    assert refused(enter, at, replace(work, quantity=Decimal("8.5"))) == ("daily-maximum",)
    enter(at, replace(work, quantity=Decimal(8)))


def test_days_are_added_up_for_a_set_that_is_submitted(at):
    entries = [rows.entry(at, status=EntryStatus.DRAFT, quantity=Decimal(10)) for _each in range(3)]
    assert refused(submit_entries, only(*entries), actor=at.worker, at=NOW) == ("daily-maximum",)
    Entry.objects.filter(pk=entries[0].pk).delete()
    assert len(submit_entries(only(*entries), actor=at.worker, at=NOW)) == 2


def test_a_draft_is_changed_and_its_own_hours_do_not_count_against_it(at, work):
    entry = enter(at, replace(work, quantity=Decimal(20)))
    changed = replace(work, quantity=Decimal(24))
    assert change_time(only(entry), changed, actor=at.worker, at=NOW) == 1
    assert only(entry).get().quantity == Decimal(24)


def test_what_is_with_an_approver_is_neither_changed_nor_deleted(at, work):
    entry = enter(at, work)
    submit_entries(only(entry), actor=at.worker, at=NOW)
    assert refused(change_time, only(entry), work, actor=at.worker, at=NOW) == ("not-changeable",)
    assert refused(delete_entries, only(entry), actor=at.worker, at=NOW) == ("not-deletable",)
    assert Entry.objects.get().status == EntryStatus.SUBMITTED


def test_what_is_no_time_is_not_changed_as_time(at, work):
    cost = rows.entry(at, transaction_class="expense", status=EntryStatus.DRAFT, role=None)
    assert refused(change_time, only(cost), work, actor=at.worker, at=NOW) == ("not-time",)
    assert Entry.objects.get().transaction_class == "expense"


def test_a_draft_that_was_never_submitted_is_deleted_and_remembered(at, work):
    entry = enter(at, work)
    assert delete_entries(only(entry), actor=at.worker, at=NOW) == 1
    assert not Entry.objects.exists()
    assert set(Activity.objects.values_list("verb", flat=True)) == {"entered", "deleted"}


def test_a_recalled_draft_is_deleted_and_what_was_submitted_stays_on_record(at, work):
    entry = enter(at, work)
    submit_entries(only(entry), actor=at.worker, at=NOW)
    recall_entries(only(entry), actor=at.worker, at=NOW)
    assert delete_entries(only(entry), actor=at.worker, at=NOW) == 1
    assert Entry.objects.get().status == EntryStatus.WITHDRAWN
    assert Approval.objects.get().status == ApprovalStatus.RECALLED
    assert not Entry.objects.kept().exists()
    last = Activity.objects.about(entry).order_by("-pk")[0]
    assert (last.verb, last.from_state, last.to_state) == ("withdrawn", "draft", "withdrawn")
    # It is over: nobody changes, submits or deletes it again.
    assert refused(change_time, only(entry), work, actor=at.worker, at=NOW) == ("not-changeable",)
    assert refused(submit_entries, only(entry), actor=at.worker, at=NOW) == ("not-submittable",)
    assert refused(delete_entries, only(entry), actor=at.worker, at=NOW) == ("not-deletable",)


def test_what_was_sent_back_is_deleted_and_keeps_its_reason(at, work):
    entry = enter(at, work)
    submit_entries(only(entry), actor=at.worker, at=NOW)
    Approval.objects.move(Approval.reject, decided_by=at.manager, decided_at=NOW, comment="Not ours")
    Entry.objects.move(Entry.send_back)
    delete_entries(only(entry), actor=at.worker, at=NOW)
    assert (Entry.objects.get().status, Approval.objects.get().comment) == ("withdrawn", "Not ours")


def test_who_recorded_for_a_colleague_is_kept(at, work):
    entry = enter_time(at.resource, work, actor=at.manager, at=NOW)
    assert (entry.recorded_by, entry.resource.user) == (at.manager, at.worker)


def test_a_closed_task_takes_no_more_time(at, work):
    task = Task.objects.create(project=at.project, code="T", name="T", is_closed=True)
    assert refused(enter, at, replace(work, task=task)) == ("task-closed",)
    assert not Entry.objects.exists()

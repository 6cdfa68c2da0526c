"""The history of each thing: which state it was found in, and the old and new value of what was changed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from billing.asking_reviews import submit_for_review, take_back
from billing.marking_ready import (
    hold,
    mark_milestones_not_ready,
    mark_milestones_ready,
    mark_not_ready,
    mark_ready,
)
from billing.models import Proforma
from billing.removing import delete_drafts, remove_details
from billing.scheduling import request_run, run_batch
from core.models import Activity
from projects.approving import change_terms, reject_entries
from projects.contracting import hold_contracts, resume_contracts
from projects.entering import TimeReport, change_time, delete_entries, enter_time
from projects.locking import lock_through
from projects.models import BacklogItem, Project, Task
from projects.states import BillingType, HoldReason
from projects.submitting import recall_entries, submit_entries
from tests.company import Company, details_of, only
from tests.company.batch import Batch
from tests.company.rows import DAY, NOW, next_number

pytestmark = pytest.mark.django_db

Line = tuple[str, str, str, dict[str, list[str]]]


@pytest.fixture
def at() -> Company:
    return Company.bare()


@pytest.fixture
def work(at: Company) -> TimeReport:
    return TimeReport(at.project, None, at.role, DAY, Decimal(8), external_description="Workshop")


def history(of: Any) -> list[Line]:
    """Verb, state before, state after and changes of all that was done to a row, oldest first."""
    rows = Activity.objects.about(of).order_by("pk")
    return [(one.verb, one.from_state, one.to_state, one.changes) for one in rows]


def test_an_entry_that_was_returned_is_submitted_from_returned():
    company = Company()
    approval = company.submitted(8)
    reject_entries(only(approval), actor=company.manager, comment="Which task?", at=NOW)
    submit_entries(only(approval.entry), actor=company.worker, at=NOW)
    recall_entries(only(approval.entry), actor=company.worker, at=NOW)
    assert history(approval.entry) == [
        ("submitted", "draft", "submitted", {}),
        ("returned", "submitted", "returned", {}),
        ("submitted", "returned", "submitted", {}),
        ("recalled", "submitted", "draft", {}),
    ]


def test_entries_in_different_states_are_submitted_together_and_each_keeps_its_own():
    company = Company()
    approval = company.submitted(8)
    reject_entries(only(approval), actor=company.manager, comment="Which task?", at=NOW)
    draft = company.entry(4)
    submit_entries(only(approval.entry, draft), actor=company.worker, at=NOW)
    assert history(approval.entry)[-1] == ("submitted", "returned", "submitted", {})
    assert history(draft)[-1] == ("submitted", "draft", "submitted", {})


def test_an_entry_is_approved_from_submitted():
    approval = Company().approved(8)
    assert history(approval.entry) == [
        ("submitted", "draft", "submitted", {}),
        ("approved", "submitted", "approved", {}),
    ]


def test_a_changed_entry_says_what_it_said_before(at, work):
    entry = enter_time(at.resource, work, actor=at.worker, at=NOW)
    task = Task.objects.create(project=at.project, code="T2", name="Reporting")
    new = replace(work, task=task, quantity=Decimal("6.5"))
    change_time(only(entry), new, actor=at.worker, at=NOW)
    delete_entries(only(entry), actor=at.worker, at=NOW)
    assert history(entry) == [
        ("entered", "", "draft", {}),
        ("changed", "", "", {"task": ["", "Reporting"], "quantity": ["8", "6.5"]}),
        ("deleted", "draft", "", {}),
    ]


def test_changed_terms_say_what_was_to_be_billed_before():
    company = Company()
    first, second = company.submitted(8), company.submitted("6.33")
    terms = {"billable_quantity": Decimal("6.33"), "billing_type": BillingType.COMPLIMENTARY}
    change_terms(only(first, second), **terms, actor=company.manager, at=NOW)
    assert history(first.entry)[-1] == (
        "terms changed",
        "",
        "",
        {"billable_quantity": ["8", "6.33"], "billing_type": ["1", "3"]},
    )
    assert history(second.entry)[-1] == ("terms changed", "", "", {"billing_type": ["1", "3"]})


def test_a_contract_is_held_and_resumed():
    company = Company()
    hold_contracts(only(company.contract), actor=company.manager, at=NOW)
    resume_contracts(only(company.contract), actor=company.manager, at=NOW)
    assert history(company.contract) == [
        ("on hold", "confirmed", "on_hold", {}),
        ("resumed", "on_hold", "confirmed", {}),
    ]


def test_the_lock_date_says_where_it_was():
    company = Company()
    with transaction.atomic():
        lock_through(company.entity, date(2026, 1, 31), actor=company.accountant, at=NOW)
        lock_through(company.entity, None, actor=company.accountant, at=NOW)
    assert [line for line in history(company.entity) if line[0] == "locked"] == [
        ("locked", "", "", {"locked_through": ["", "2026-01-31"]}),
        ("locked", "", "", {"locked_through": ["2026-01-31", ""]}),
    ]


def test_a_backlog_item_is_held_released_and_taken_back():
    company = Company()
    item = company.approved(8).work_items.get()
    items = BacklogItem.objects.filter(work_item=item)
    hold(items, reason=HoldReason.WAITING, actor=company.manager, on=DAY, at=NOW)
    hold(items, reason=HoldReason.DISPUTED, actor=company.manager, on=DAY, at=NOW)
    mark_ready(items, actor=company.manager, at=NOW)
    mark_not_ready(items, actor=company.manager, at=NOW)
    assert history(item) == [
        ("held", "not_ready", "not_ready", {"hold_reason": ["", "waiting"]}),
        ("held", "not_ready", "not_ready", {"hold_reason": ["waiting", "disputed"]}),
        ("ready", "not_ready", "ready", {"hold_reason": ["disputed", ""]}),
        ("not ready", "ready", "not_ready", {}),
    ]


def test_two_backlog_items_of_one_work_item_keep_their_own_holds():
    company = Company()
    item = company.approved(8, billable=6).work_items.get()
    billable, rest = BacklogItem.objects.filter(work_item=item).order_by("-quantity")
    hold(only(billable), reason=HoldReason.WAITING, actor=company.manager, on=DAY, at=NOW)
    mark_ready(only(billable, rest), actor=company.manager, at=NOW)
    assert sorted(history(item)[1:], key=str) == [
        ("ready", "not_ready", "ready", {"hold_reason": ["waiting", ""]}),
        ("ready", "not_ready", "ready", {}),
    ]


def test_a_milestone_is_marked_ready_and_taken_back():
    company = Company()
    share = company.milestone("1000", is_ready=False)
    mark_milestones_ready(only(share), actor=company.manager, at=NOW)
    mark_milestones_not_ready(only(share), actor=company.manager, at=NOW)
    assert history(share) == [
        ("ready", "not_ready", "ready", {}),
        ("not ready", "ready", "not_ready", {}),
    ]


def drafts(company: Company, *hours: int) -> list[Proforma]:
    made = []
    for one in hours:
        company.approved(one)
        made.append(company.draft())
    return made


def test_a_draft_in_review_is_confirmed_from_review():
    company = Company()
    reviewed, draft = drafts(company, 8, 4)
    submit_for_review(only(reviewed), reviewer=company.second_person(), actor=company.manager, at=NOW)
    company.confirm(reviewed, draft)
    assert history(reviewed) == [
        ("drafted", "", "draft", {}),
        ("in review", "draft", "in_review", {}),
        ("confirmed", "in_review", "confirmed", {}),
    ]
    assert history(draft)[-1] == ("confirmed", "draft", "confirmed", {})


def test_a_draft_in_review_is_deleted_from_review():
    company = Company()
    taken_back, reviewed = drafts(company, 8, 4)
    felix = company.second_person()
    submit_for_review(only(taken_back, reviewed), reviewer=felix, actor=company.manager, at=NOW)
    take_back(only(taken_back), actor=company.manager, at=NOW)
    delete_drafts(only(taken_back, reviewed), actor=company.manager, at=NOW)
    assert history(taken_back)[-2:] == [("draft", "in_review", "draft", {}), ("deleted", "draft", "", {})]
    assert history(reviewed)[-1] == ("deleted", "in_review", "", {})


def test_an_edited_detail_says_what_it_said_before():
    company = Company()
    (draft,) = drafts(company, 8)
    detail = details_of(draft).get()
    company.edit(draft, quantity="7.33", price="200", description="Workshop", item_sales_tax_group=None)
    assert history(detail) == [
        ("edited", "", "", {"quantity": ["8", "7.33"], "description": ["time of the day", "Workshop"]})
    ]


def test_a_run_is_requested_and_finished():
    batch = Batch()
    run = request_run(batch.job, DAY, actor=batch.company.accountant, at=NOW)
    run_batch(run.pk, clock=lambda: NOW)
    assert history(run) == [("requested", "", "queued", {}), ("finished", "running", "finished", {})]


def test_another_project_is_named_in_the_changes(at, work):
    entry = enter_time(at.resource, work, actor=at.worker, at=NOW)
    number = f"N{next_number()}"
    other = Project.objects.create(legal_entity=at.entity, number=number, name="Next")
    change_time(only(entry), replace(work, project=other, task=None), actor=at.worker, at=NOW)
    assert history(entry)[-1] == (
        "changed",
        "",
        "",
        {"project": [str(at.project), f"{number} Next"]},
    )


def test_what_came_and_went_is_kept_with_its_values():
    company = Company()
    company.approved(8)
    company.approved(2)
    draft = company.draft()
    gone = details_of(draft).get(quantity=2)
    remove_details(only(gone), actor=company.manager, at=NOW)
    assert history(gone) == [
        ("removed", "", "", {"quantity": ["2", ""], "price": ["200", ""], "amount": ["400", ""]})
    ]
    assert history(draft)[-1] == ("reduced", "", "", {"net_amount": ["2000", "1600"]})

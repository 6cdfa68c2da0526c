"""Decided entries, undo, and entries asked back: what the pages show, do and refuse, by role (A9)."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounting.outbox_handlers import sweep_outbox
from projects.models import Approval, Entry, RecallRequest
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from projects.states import ApprovalStatus, EntryStatus
from tests.company import Company, rows
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    made = Company()
    made.admit(made.worker, TEAM_MEMBER)
    made.is_managed_by(made.person(PROJECT_MANAGER))
    made.project.manager = made.manager
    made.project.save()
    return made


@pytest.fixture
def manager(at: Company) -> Client:
    return signed_in(at.manager)


def status(approval: Approval) -> str:
    return Approval.objects.get(pk=approval.pk).status


def asked_back(at: Company, **columns: Any) -> Approval:
    approval = at.approved(8, **columns)
    client = signed_in(at.worker)
    sent = {"row": approval.entry_id, "go": "1", "reason": "Wrong customer"}
    assert client.post(reverse("request-recall"), sent).status_code == 302
    return approval


def test_an_approval_is_cancelled_from_the_list_with_a_reason(at: Company, manager: Client):
    approval = at.approved(8)
    assert "Approved" in manager.get(reverse("decided-approvals")).content.decode()
    asked = manager.post(reverse("cancel-approvals"), {"row": approval.pk})
    assert "reversed exactly" in asked.content.decode()
    assert manager.post(reverse("cancel-approvals"), {"row": approval.pk, "go": "1"}).status_code == 422
    sent = {"row": approval.pk, "go": "1", "comment": "Wrong task"}
    answer = manager.post(reverse("cancel-approvals"), sent, follow=True)
    assert "1 approval cancelled" in answer.content.decode()
    assert status(approval) == ApprovalStatus.CANCELLED
    assert Approval.objects.waiting().count() == 1


def test_what_a_rule_approved_says_by_which_rule_and_on_whose_behalf(at: Company, manager: Client):
    rows.approval_rule(at, "up_to_hours", "approve", number=Decimal(8), author=at.manager)
    at.submitted(8)
    sweep_outbox(now=NOW)
    page = manager.get(reverse("decided-approvals")).content.decode().replace("\u00a0", " ")
    assert "8.00 h on this day, approved by rule up to 8.00 h" in page
    assert status(Approval.objects.get()) == ApprovalStatus.APPROVED


def test_a_draft_in_the_way_is_named_on_the_page(at: Company, manager: Client):
    approval = at.approved(8)
    draft = at.draft()
    sent = {"row": approval.pk, "go": "1", "comment": "Wrong task"}
    answer = manager.post(reverse("cancel-approvals"), sent)
    assert answer.status_code == 422
    assert f"It is on draft {draft.number}." in answer.content.decode()
    assert status(approval) == ApprovalStatus.APPROVED


def test_an_approval_can_be_undone_at_once(at: Company, manager: Client):
    approval = at.submitted(8)
    answer = manager.post(reverse("approve-entries"), {"row": approval.pk}, follow=True)
    body = answer.content.decode()
    assert f'action="{reverse("undo-approvals")}"' in body
    assert manager.post(reverse("undo-approvals"), {"row": approval.pk})["Location"] == reverse("approvals")
    assert (status(approval), at.backlog()) == (ApprovalStatus.CANCELLED, "")


def test_what_was_sent_back_can_be_undone_at_once(at: Company, manager: Client):
    approval = at.submitted(8)
    sent = {"row": approval.pk, "comment": "Which task?"}
    answer = manager.post(reverse("send-back-entries"), sent, follow=True)
    assert f'action="{reverse("undo-returns")}"' in answer.content.decode()
    manager.post(reverse("undo-returns"), {"row": approval.pk})
    assert Entry.objects.get().status == EntryStatus.SUBMITTED


def test_undo_comes_too_late_after_ten_seconds(at: Company, manager: Client):
    # Decided long ago by this manager.
    approval = at.approved(8)
    answer = manager.post(reverse("undo-approvals"), {"row": approval.pk})
    assert answer.status_code == 422
    assert "more than ten seconds ago" in answer.content.decode()
    assert status(approval) == ApprovalStatus.APPROVED


def test_a_worker_asks_for_an_approved_entry_back_and_the_manager_gives_it_back(at: Company, manager: Client):
    approval = asked_back(at)
    page = manager.get(reverse("recall-requests"))
    body = page.content.decode()
    assert ("Wrong customer" in body, page.context["tabs"][1]["count"]) == (True, 1)
    manager.post(reverse("accept-recalls"), {"row": approval.pk})
    assert (status(approval), Entry.objects.get().status) == (ApprovalStatus.CANCELLED, EntryStatus.RETURNED)


def test_a_request_that_a_draft_hinders_says_so(at: Company, manager: Client):
    approval = at.approved(8)
    draft = at.draft()
    signed_in(at.worker).post(
        reverse("request-recall"), {"row": approval.entry_id, "go": "1", "reason": "Wrong"}
    )
    assert (
        f"{draft.number}: remove it from this draft first"
        in manager.get(reverse("recall-requests")).content.decode()
    )
    assert manager.post(reverse("accept-recalls"), {"row": approval.pk}).status_code == 422


def test_an_entry_stays_approved_where_the_manager_says_why(at: Company, manager: Client):
    approval = asked_back(at)
    assert manager.post(reverse("refuse-recalls"), {"row": approval.pk, "go": "1"}).status_code == 422
    manager.post(reverse("refuse-recalls"), {"row": approval.pk, "go": "1", "comment": "It is right"})
    assert (status(approval), Entry.objects.get().status) == (ApprovalStatus.APPROVED, EntryStatus.APPROVED)
    assert RecallRequest.objects.get().comment == "It is right"


PAGES = ["decided-approvals", "recall-requests"]
ACTIONS = ["cancel-approvals", "undo-approvals", "undo-returns", "accept-recalls", "refuse-recalls"]


@pytest.mark.parametrize("name", PAGES)
def test_who_may_not_approve_does_not_see_decisions(at: Company, name: str):
    for role in (TEAM_MEMBER, PROJECT_ACCOUNTANT):
        assert signed_in(at.person(role)).get(reverse(name)).status_code == 403
    assert signed_in(at.person(FINANCE_CONTROLLER)).get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ACTIONS)
def test_who_may_not_approve_decides_nothing(at: Company, name: str):
    approval = asked_back(at)
    sent = {"row": approval.pk, "go": "1", "comment": "Wrong"}
    for role in (TEAM_MEMBER, PROJECT_ACCOUNTANT):
        assert signed_in(at.person(role)).post(reverse(name), sent).status_code == 403
    # A manager of other projects does not even find the entry.
    assert signed_in(at.person(PROJECT_MANAGER)).post(reverse(name), sent).status_code == 409
    assert status(approval) == ApprovalStatus.APPROVED


def test_other_people_cannot_ask_for_an_entry_back(at: Company):
    approval = at.approved(8)
    sent = {"row": approval.entry_id, "go": "1", "reason": "Mine"}
    assert signed_in(at.person(TEAM_MEMBER)).post(reverse("request-recall"), sent).status_code == 409
    assert signed_in(at.person(FINANCE_CONTROLLER)).post(reverse("request-recall"), sent).status_code == 403
    assert Entry.objects.get().status == EntryStatus.APPROVED


def test_decisions_of_other_projects_are_invisible(at: Company):
    at.approved(8)
    asked_back(at)
    other = signed_in(at.person(PROJECT_MANAGER))
    assert [other.get(reverse(name)).context["table"].page.paginator.count for name in PAGES] == [0, 0]
    controller = signed_in(at.person(FINANCE_CONTROLLER))
    assert [controller.get(reverse(name)).context["table"].page.paginator.count for name in PAGES] == [2, 1]

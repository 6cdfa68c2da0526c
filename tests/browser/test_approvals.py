"""A manager approves, undoes, gives back and writes a rule by page; nothing for axe to find (A9, X12)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.models import Approval, ApprovalRule, Entry, ProjectContract
from projects.requesting_recalls import request_recalls
from projects.submitting import submit_entries
from tests.browser.people import Visitor
from tests.browser.test_accessibility import faults_of
from tests.company import Company, rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MONDAY, SATURDAY = date(2026, 3, 2), date(2026, 3, 7)


@pytest.fixture
def furnished(company: Company) -> Company:
    """A flagged and a held entry, one beyond the contract's limit, an approved one that is asked back."""
    company.project.manager = company.manager
    company.project.save()
    ProjectContract.objects.update(not_to_exceed_amount=Decimal(2000))
    rows.approval_rule(company, "above_hours", number=Decimal(8), author=company.manager)
    rows.approval_rule(company, "weekend", "hold", author=company.manager)
    rows.approval_rule(company, "up_to_hours", "approve", number=Decimal(1), author=company.manager)
    back = company.approved(2)
    request_recalls(
        Entry.objects.filter(approvals=back), reason="Wrong customer", actor=company.worker, at=rows.NOW
    )
    entries = [company.entry("8.5", date=date(2026, 3, 3)), company.entry(4, date=SATURDAY)]
    submit_entries(
        Entry.objects.filter(pk__in=[one.pk for one in entries]), actor=company.worker, at=rows.NOW
    )
    rows.delegation(company.manager, company.accountant)
    return company


def addresses(company: Company) -> Iterator[str]:
    names = "approvals", "decided-approvals", "recall-requests", "approval-rules", "stand-ins"
    yield from map(reverse, (*names, "add-approval-rule", "name-stand-in", "backlog"))
    held = Approval.objects.waiting().get(entry__date=SATURDAY)
    yield from (reverse(name, args=[held.pk]) for name in ("decide-approval", "approval-terms"))
    rule = ApprovalRule.objects.filter(project=None).first()
    rule.project = company.project
    rule.save()
    yield reverse("change-approval-rule", args=[rule.pk])


def test_pages_of_approvals_are_open_to_everybody(furnished: Company, manager: Visitor):
    faults = []
    for address in addresses(furnished):
        manager.visits(address)
        faults += faults_of(manager.page, address)
    assert faults == []


def test_an_approval_is_given_undone_and_given_again(furnished: Company, manager: Visitor):
    manager.visits(reverse("approvals"))
    manager.sees("8.50 h on this day, over 8.00 h", "Held: Weekend", "Within the limits")
    manager.ticks("Tue")
    manager.presses("Approve")
    # The held entry is all that is left: nothing of it is ticked, and nothing that is gone is counted.
    manager.sees("1 entry approved", "0 of 1 ticked")
    manager.presses("Undo")
    manager.sees("1 entry waits for your decision again")
    assert Approval.objects.waiting().count() == 2


def test_a_recall_is_given_back_and_a_held_entry_decided_with_a_comment(furnished: Company, manager: Visitor):
    manager.visits(reverse("recall-requests"))
    manager.sees("Wrong customer")
    manager.ticks("2")
    manager.presses("Give back")
    manager.sees("1 entry given back")
    held = Approval.objects.waiting().get(entry__date=SATURDAY)
    manager.visits(reverse("decide-approval", args=[held.pk]))
    manager.sees("the entry is held until it is decided individually, with a comment")
    manager.page.get_by_label("Comment").fill("It was the go-live")
    manager.page.get_by_role("button", name="Approve").click()
    manager.sees("Entry approved")
    assert Approval.objects.get(pk=held.pk).comment == "It was the go-live"


def test_a_rule_is_written_and_read_as_a_sentence(furnished: Any, manager: Visitor):
    manager.visits(reverse("add-approval-rule"))
    manager.page.get_by_label("Only project").select_option(label=str(furnished.project))
    manager.page.get_by_label("Condition").select_option(value="late")
    manager.page.get_by_label("Number").fill("7")
    manager.presses("Add rule")
    manager.sees("When an entry is submitted later than 7 days after the work")
    assert ApprovalRule.objects.get(kind="late").written_at <= timezone.now()

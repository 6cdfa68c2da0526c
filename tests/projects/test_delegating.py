"""Stand-ins: who decides for whom and when, what is kept of it, and what nobody decides (A9, S1)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from projects.approvers import approvable_by
from projects.approving import approve_entries, reject_entries
from projects.delegating import name_stand_in, withdraw_delegations
from projects.models import Approval, ApprovalDelegation
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from projects.submitting import submit_entries
from tests.company import Company, only
from tests.company.checking import refused, statements
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db

TODAY = DAY
FAR = timedelta(days=3650)


@pytest.fixture
def at() -> Company:
    made = Company()
    made.is_managed_by(made.person(PROJECT_MANAGER))
    made.project.manager = made.manager
    made.project.save()
    return made


@pytest.fixture
def colleague(at: Company) -> Any:
    return at.person(PROJECT_MANAGER)


def name(
    at: Company, stand_in: Any, first: date = TODAY, last: date = TODAY, **options: Any
) -> ApprovalDelegation:
    actor = options.get("actor", at.manager)
    return name_stand_in(stand_in, starts_on=first, ends_on=last, today=TODAY, actor=actor, at=NOW)


def sees(user: Any, on: date = TODAY) -> int:
    return approvable_by(user, on).decidable_by(user).count()


def test_a_stand_in_sees_and_decides_from_day_to_day_what_the_approver_could(at: Company, colleague: Any):
    approval = at.submitted(8)
    assert sees(colleague) == 0
    name(at, colleague, TODAY, TODAY + timedelta(days=2))
    days = [TODAY + timedelta(days=nth) for nth in (-1, 0, 2, 3)]
    assert [sees(colleague, day) for day in days] == [0, 1, 1, 0]
    approve_entries(only(approval), actor=colleague, on=TODAY, at=NOW)
    decided = Approval.objects.get()
    assert (decided.decided_by, decided.on_behalf_of) == (colleague, at.manager)


def test_who_decides_by_own_right_decides_on_nobodys_behalf(at: Company, colleague: Any):
    controller = at.person(FINANCE_CONTROLLER)
    name(at, controller)
    approval = at.submitted(8)
    approve_entries(only(approval), actor=controller, on=TODAY, at=NOW)
    assert Approval.objects.get().on_behalf_of is None


def test_what_a_stand_in_sends_back_says_so_too(at: Company, colleague: Any):
    name(at, colleague, NOW.date(), NOW.date())
    approval = at.submitted(8)
    reject_entries(only(approval), comment="Which task?", actor=colleague, at=NOW)
    assert Approval.objects.get().on_behalf_of == at.manager


def test_a_stand_in_decides_neither_own_work_nor_that_of_the_approver(at: Company):
    worker = at.admit(at.worker, PROJECT_MANAGER)
    name(at, worker)
    own = at.submitted(8)
    assert sees(worker) == 0
    with refused("own-work"):
        approve_entries(only(own), actor=worker, on=TODAY, at=NOW)
    colleague = at.person(PROJECT_MANAGER)
    name(at, colleague)
    at.resource.user = at.manager
    at.resource.save()
    at.submitted(1)
    assert sees(colleague) == 1
    mine = Approval.objects.latest("pk")
    with pytest.raises(IntegrityError, match="nobody_is_stood_in_for"), transaction.atomic():
        Approval.objects.filter(pk=mine.pk).update(on_behalf_of=at.manager)


def test_who_may_not_approve_any_more_has_no_stand_in(at: Company, colleague: Any):
    at.submitted(8)
    name(at, colleague)
    at.admit(at.manager, TEAM_MEMBER)
    assert sees(colleague) == 0


def test_a_stand_in_that_is_withdrawn_decides_nothing_more(at: Company, colleague: Any):
    at.submitted(8)
    delegation = name(at, colleague)
    with refused("not-yours"):
        withdraw_delegations(only(delegation), actor=colleague, at=NOW)
    assert withdraw_delegations(only(delegation), actor=at.manager, at=NOW) == 1
    assert sees(colleague) == 0


def test_who_cannot_stand_in_is_refused(at: Company, colleague: Any):
    for stand_in, code in [
        (at.manager, "own-stand-in"),
        (at.person(PROJECT_ACCOUNTANT), "may-not-approve"),
        (Company.bare().person(PROJECT_MANAGER), "other-company"),
    ]:
        with refused(code):
            name(at, stand_in)
    with refused("ends-before-start"):
        name(at, colleague, TODAY, TODAY - timedelta(days=1))
    with refused("over"):
        name(at, colleague, TODAY - timedelta(days=9), TODAY - timedelta(days=1))


# --- Pages ---


def test_a_stand_in_is_named_in_a_page_and_then_finds_the_inbox(at: Company, colleague: Any):
    approval, client = at.submitted(8), signed_in(colleague)
    assert client.get(reverse("approvals")).context["inbox"].open_week is None
    sent = {"stand_in": colleague.pk, "starts_on": "2020-01-01", "ends_on": "2040-01-01"}
    assert signed_in(at.manager).post(reverse("name-stand-in"), sent).status_code == 302
    assert client.get(reverse("approvals")).context["inbox"].open_week is not None
    client.post(reverse("approve-entries"), {"row": approval.pk})
    body = client.get(reverse("decided-approvals")).content.decode()
    assert f"on behalf of {at.manager.get_full_name() or at.manager.username}" in body


def test_a_stand_in_is_withdrawn_in_the_page_by_who_named_it(at: Company, colleague: Any):
    delegation = name(at, colleague, TODAY, TODAY + FAR)
    assert signed_in(colleague).post(reverse("withdraw-stand-ins"), {"row": delegation.pk}).status_code == 422
    assert (
        signed_in(at.manager).post(reverse("withdraw-stand-ins"), {"row": delegation.pk}).status_code == 302
    )
    delegation.refresh_from_db()
    assert delegation.is_withdrawn


def test_stand_ins_of_others_are_invisible_and_who_may_not_approve_names_none(at: Company, colleague: Any):
    delegation = name(at, colleague, TODAY, TODAY + FAR)
    other = signed_in(at.person(PROJECT_MANAGER))
    assert not other.get(reverse("stand-ins")).context["table"].page.paginator.count
    assert other.post(reverse("withdraw-stand-ins"), {"row": delegation.pk}).status_code == 409
    for role in (TEAM_MEMBER, PROJECT_ACCOUNTANT):
        client = signed_in(at.person(role))
        assert client.get(reverse("stand-ins")).status_code == 403
        assert client.get(reverse("name-stand-in")).status_code == 403
        assert client.post(reverse("withdraw-stand-ins"), {"row": delegation.pk}).status_code == 403


# --- The sidebar ---


def counted(client: Any) -> int | None:
    """What the sidebar says waits in the inbox."""
    sections = client.get(reverse("proformas")).context["navigation"]
    (entry,) = [
        one for section in sections for one in section["entries"] if one["url"] == reverse("approvals")
    ]
    return entry["count"]


def in_inbox(client: Any) -> int:
    return sum(week.entries for week in client.get(reverse("approvals")).context["inbox"].weeks)


def test_the_sidebar_counts_what_a_stand_in_could_decide_and_nothing_else(at: Company, colleague: Any):
    own = at.with_another_customer()
    own.project.manager = colleague
    own.project.save()
    own.submitted(1)
    at.submitted(1, date=DAY + timedelta(days=1))
    at.submitted(1, date=DAY + timedelta(days=2))
    of_the_approver = at.entry(1, date=DAY + timedelta(days=3))
    submit_entries(only(of_the_approver), actor=at.manager, at=NOW)
    client = signed_in(colleague)
    assert (counted(client), in_inbox(client)) == (1, 1)
    delegation = name(at, colleague, TODAY, TODAY + FAR)
    assert (counted(client), in_inbox(client)) == (3, 3)
    # What the approver submitted is for neither of the two.
    assert counted(signed_in(at.manager)) == 2
    withdraw_delegations(only(delegation), actor=at.manager, at=NOW)
    assert (counted(client), in_inbox(client)) == (1, 1)
    name(at, colleague, TODAY + FAR, TODAY + FAR)
    assert counted(client) == 1


def test_who_stands_in_without_a_role_in_groups_is_counted_too(at: Company):
    founder = at.person()
    founder.is_superuser = True
    founder.save()
    at.submitted(1)
    client = signed_in(founder)
    before = counted(client)
    ApprovalDelegation.objects.create(
        delegator=at.manager, stand_in=founder, starts_on=TODAY, ends_on=TODAY + FAR, named_at=NOW
    )
    assert (before, counted(client)) == (1, 1)


def test_the_count_asks_as_often_for_many_entries_as_for_one(at: Company, colleague: Any):
    client = signed_in(colleague)
    at.submitted(1)
    counted(client)
    alone = statements(lambda: counted(client))
    name(at, colleague, TODAY, TODAY + FAR)
    standing_in = statements(lambda: counted(client))
    for nth in range(1, 9):
        at.submitted(1, date=DAY + timedelta(days=nth))
    assert statements(lambda: counted(client)) == standing_in
    # The approver, and what that person may do: in groups, and alone.
    assert standing_in == alone + 3

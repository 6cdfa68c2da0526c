"""The pages of correction journals: choose, new values, both sides, post; and the journal afterwards."""

from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.refusals import Refusal
from projects.correcting import correct_entries
from projects.correction_plans import NewValues
from projects.models import CorrectionJournal, Entry, Project, Resource, TeamMember
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company, journal_rows, only, rows
from tests.company.checking import assert_proven, statements
from tests.company.people import signed_in
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db

CHOOSE, CORRECT = "/corrections/choose/", "/corrections/new/"


@pytest.fixture
def at() -> Company:
    company = Company()
    company.approved(8)
    return company


@pytest.fixture
def accountant(at: Company) -> Client:
    return signed_in(at.admit(at.accountant, PROJECT_ACCOUNTANT))


def other_project(at: Company) -> Project:
    project = Project.objects.create(legal_entity=at.entity, number="N1", name="Other", customer=at.customer)
    rows.contract_line(at.contract, at.customer, project=project)
    return project


def chosen() -> dict[str, Any]:
    return {"scope": "page", "row": [str(pk) for pk in Entry.objects.values_list("pk", flat=True)]}


def test_list_offers_approved_work_that_is_on_no_draft(at: Company, accountant: Client) -> None:
    at.submitted(4)
    offered = accountant.get(CHOOSE).context["table"].rows
    assert [row.record.quantity for row in offered] == [8]
    at.draft()
    assert len(accountant.get(CHOOSE).context["table"].rows) == 0


def test_invoiced_work_is_not_offered(at: Company, accountant: Client) -> None:
    at.confirm(at.draft())
    assert len(accountant.get(CHOOSE).context["table"].rows) == 0


def test_selection_asks_for_new_values_first(accountant: Client) -> None:
    page = accountant.post(CORRECT, chosen())
    assert page.status_code == 200
    assert "preview" not in page.context
    assert not page.context["form"].is_bound


def test_preview_shows_both_sides_and_writes_nothing(at: Company, accountant: Client) -> None:
    project = other_project(at)
    page = accountant.post(CORRECT, chosen() | {"project": project.pk, "reason": "Wrong", "preview": "1"})
    [line] = page.context["preview"].lines
    assert (line.old.entry.project, line.new.entry.project) == (at.project, project)
    assert b"Post the correction" in page.content
    assert not CorrectionJournal.objects.exists()


def test_preview_with_a_reason_against_it_offers_no_posting(at: Company, accountant: Client) -> None:
    page = accountant.post(CORRECT, chosen() | {"project": at.project.pk, "reason": "Wrong", "preview": "1"})
    refusals: list[Refusal] = page.context["preview"].refusals
    assert [one.code for one in refusals] == ["nothing-changes"]
    assert b"Post the correction" not in page.content


def test_reason_is_asked_for_beside_its_field(at: Company, accountant: Client) -> None:
    page = accountant.post(CORRECT, chosen() | {"project": at.project.pk, "preview": "1"})
    assert "reason" in page.context["form"].errors


def test_posting_leads_to_the_journal(at: Company, accountant: Client) -> None:
    project = other_project(at)
    answer = accountant.post(CORRECT, chosen() | {"project": project.pk, "reason": "Wrong", "go": "1"})
    journal = CorrectionJournal.objects.get()
    assert answer.url == reverse("correction", args=[journal.pk])
    page = accountant.get(answer.url)
    assert page.status_code == 200
    [line] = page.context["lines"]
    assert line.changes["project"] == [str(at.project), str(project)]
    assert (line.old.sales_amount, line.new.sales_amount) == (1600, 1600)
    assert [row.record for row in accountant.get("/corrections/").context["table"].rows] == [journal]
    assert_proven()


def test_refusal_of_the_verb_is_shown_with_the_form_as_it_was(at: Company, accountant: Client) -> None:
    answer = accountant.post(CORRECT, chosen() | {"project": at.project.pk, "reason": "Wrong", "go": "1"})
    assert answer.status_code == 422
    assert [one.code for one in answer.context["refusals"]] == ["nothing-changes"]
    assert answer.context["form"]["reason"].value() == "Wrong"
    assert not CorrectionJournal.objects.exists()


def test_work_that_went_on_a_draft_meanwhile_is_not_corrected(at: Company, accountant: Client) -> None:
    project = other_project(at)
    data = chosen() | {"project": project.pk, "reason": "Wrong", "go": "1"}
    at.draft()
    assert accountant.post(CORRECT, data).status_code == 409
    assert not CorrectionJournal.objects.exists()


WHO = [
    (PROJECT_ACCOUNTANT, 200),
    (PROJECT_MANAGER, 200),
    (FINANCE_CONTROLLER, 200),
    (TEAM_MEMBER, 403),
    ("", 403),
]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (PROJECT_ACCOUNTANT, 200),
        (PROJECT_MANAGER, 200),
        (FINANCE_CONTROLLER, 200),
        (TEAM_MEMBER, 403),
        ("", 403),
    ],
)
def test_who_may_correct(at: Company, role: str, status: int) -> None:
    client = signed_in(at.person(*([role] if role else [])))
    assert client.get(CHOOSE).status_code == status
    assert client.get("/corrections/").status_code == status
    answer = client.post(CORRECT, {"scope": "page", "row": []})
    assert answer.status_code == (403 if status == 403 else 422)


def test_manager_sees_no_cost_and_only_own_projects(at: Company) -> None:
    manager = signed_in(at.admit(at.manager, PROJECT_MANAGER))
    assert len(manager.get(CHOOSE).context["table"].rows) == 0
    Project.objects.filter(pk=at.project.pk).update(manager=at.manager)
    assert len(manager.get(CHOOSE).context["table"].rows) == 1
    project = other_project(at)
    Project.objects.filter(pk=project.pk).update(manager=at.manager)
    page = manager.post(CORRECT, chosen() | {"project": project.pk, "reason": "Wrong", "preview": "1"})
    assert page.context["may_see_cost"] is False
    assert b"Cost" not in page.content


def test_manager_moves_work_to_no_project_where_they_are_only_on_the_team(at: Company) -> None:
    manager = at.admit(at.manager, PROJECT_MANAGER)
    Project.objects.filter(pk=at.project.pk).update(manager=manager)
    project = other_project(at)
    person = Resource.objects.create(legal_entity=at.entity, code="R9", name="Nina", user=manager)
    TeamMember.objects.create(project=project, resource=person, role=at.role)
    client, data = signed_in(manager), {"project": project.pk, "reason": "Wrong", "preview": "1"}
    assert client.get(reverse("project", args=[project.pk])).status_code == 200
    refused = client.post(CORRECT, chosen() | data)
    assert "project" in refused.context["form"].errors
    Project.objects.filter(pk=project.pk).update(manager=manager)
    assert "project" not in client.post(CORRECT, chosen() | data).context["form"].errors


def test_journal_of_another_company_is_not_there(at: Company, accountant: Client) -> None:
    journal = journal_rows.correction(Company.bare())
    assert accountant.get(f"/corrections/{journal.pk}/").status_code == 404


def test_statements_of_a_journal_do_not_grow_with_its_lines(at: Company, accountant: Client) -> None:
    counts = []
    for size in (1, 3):
        approvals = [at.approved(1) for _each in range(size)]
        entries = only(*(one.entry for one in approvals))
        values = NewValues(date=CUT_OFF)
        journal = correct_entries(entries, values, reason="Late", actor=at.accountant, on=DAY, at=NOW)
        address = reverse("correction", args=[journal.pk])
        accountant.get(address)
        counts.append(statements(partial(accountant.get, address)))
    assert counts[0] == counts[1]

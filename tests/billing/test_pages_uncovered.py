"""Approved work that no contract line covers is never lost in silence (A3, #16)."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from projects.contracting import confirm_contracts
from projects.models import ContractLine, ProjectContract
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from projects.states import ContractStatus
from tests.company import Company, only, rows
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    made = Company()
    made.admit(made.manager, PROJECT_MANAGER)
    made.project.manager = made.manager
    made.project.save()
    return made


@pytest.fixture
def accountant(at: Company) -> Any:
    return signed_in(at.admit(at.accountant, PROJECT_ACCOUNTANT))


def page(client: Any, **query: str) -> Any:
    return client.get(reverse("uncovered"), query)


def seen(client: Any, **query: str) -> list[str]:
    """What the rows say, column by column, without their tags."""
    table = page(client, **query).context["table"]
    return [" | ".join(str(table_cell) for table_cell in row.cells) for row in table.paginated_rows]


def test_it_says_what_the_work_cost_and_would_sell_for_and_leads_to_the_contract(at, accountant):
    site = rows.project(at)
    at.approved(8, project=site)
    (row,) = seen(accountant)
    assert "€800.00" in row
    assert "€1,600.00" in row
    assert "No contract line names the project" in row
    assert f"{reverse('contract-add')}?project={site.number}" in row
    figures = [one["value"] for one in page(accountant).context["kpis"]]
    assert (figures[0], figures[2]) == ("1", "1")


def test_it_is_gone_once_a_contract_covers_it(at, accountant):
    site = rows.project(at)
    at.approved(8, project=site)
    confirm_contracts(only(rows.draft_contract(at, site)), actor=at.manager, on=DAY, at=NOW)
    assert seen(accountant) == []


def test_each_row_says_what_would_have_to_change(at, accountant):
    ContractLine.objects.filter(pk=at.line.pk).update(includes_expense=False)
    at.approved(1, "expense", price=50)
    assert "No contract line of the project includes this class" in seen(accountant)[0]
    at.line.tasks.add(rows.task(at.project, "A"))
    at.approved(1)
    assert "The contract lines are limited to other tasks" in seen(accountant, kind="time")[0]
    assert f'href="{reverse("contract-edit", args=[at.contract.number])}"' in seen(accountant)[0]
    at.line.tasks.clear()
    ProjectContract.objects.filter(pk=at.contract.pk).update(ends_on=date(2026, 2, 28))
    covers = f"Contract {at.contract.number} covers work until 28 Feb 2026"
    assert covers in seen(accountant, kind="time")[0]
    ProjectContract.objects.filter(pk=at.contract.pk).update(status=ContractStatus.LOST)
    assert "The contract of the project is completed or lost" in seen(accountant, kind="time")[0]


def test_internal_work_stands_apart(at, accountant):
    inside = rows.project(at, customer=None)
    at.approved(8, project=inside)
    assert seen(accountant) == []
    (row,) = seen(accountant, of="internal")
    assert "Internal project" in row
    assert len(seen(accountant, all="1")) == 1


def test_managers_see_their_projects_without_the_cost(at):
    site = rows.project(at, manager=at.manager)
    at.approved(8, project=site)
    at.approved(4, project=rows.project(at))
    manager = signed_in(at.manager)
    (row,) = seen(manager)
    assert "€800.00" not in row
    assert "€1,600.00" in row
    assert page(manager).context["totals"] == ()


def test_others_are_refused_and_see_no_link(at):
    member = signed_in(at.person(TEAM_MEMBER))
    assert page(member).status_code == 403
    assert reverse("uncovered") not in member.get("/").content.decode()


def test_filters_find_it_by_project_customer_person_and_day(at, accountant):
    site, other = rows.project(at), rows.project(at)
    at.approved(8, project=site)
    at.approved(4, project=other, date=date(2026, 3, 5))
    assert len(seen(accountant, project=str(site.pk))) == 1
    assert len(seen(accountant, customer=str(at.customer.pk))) == 2
    assert len(seen(accountant, person=str(at.resource.pk))) == 2
    assert len(seen(accountant, date_after="2026-03-05")) == 1
    assert len(seen(accountant, q="time of the day")) == 2

"""Percent of a limit that is used is one figure, whichever page says it: billed, on drafts, unbilled (A6)."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse

from accounting.outbox_handlers import sweep_outbox
from billing.models import Proforma
from projects.maintaining import change_record
from projects.models import ContractLine, Project, ProjectContract
from projects.roles import PROJECT_MANAGER
from tests.company import Company, only
from tests.company.people import signed_in
from tests.company.rows import NOW
from tests.pages.walking import routes

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    """Limits of 2,000 on contract and line, and an hour at 200 in every state that counts.

    400 are billed, 500 are on a draft whose price was raised from 200 to 250, 200 wait and fit, and 1,200 of
    one entry would exceed the limit and are held: 2,300 in all.
    """
    made = Company()
    made.is_managed_by(made.admit(made.manager, PROJECT_MANAGER))
    Project.objects.filter(pk=made.project.pk).update(manager=made.manager)
    ProjectContract.objects.filter(pk=made.contract.pk).update(not_to_exceed_amount=Decimal(2000))
    ContractLine.objects.filter(pk=made.line.pk).update(not_to_exceed_amount=Decimal(2000))
    made.approved(2)
    made.confirm(made.draft())
    made.approved(2, date=date(2026, 3, 3))
    made.edit(made.draft(), price="250")
    made.approved(1, date=date(2026, 3, 4))
    made.approved(6, date=date(2026, 3, 5))
    return made


USED = re.compile(r"([\d.,]+)% used|<span class=\"percent[^\"]*\">([\d.,]+)%</span>")
"""A percentage in words, and one beside the bar of a meter."""


def pages_with_percentages(at: Company, **values: str) -> dict[str, set[str]]:
    """Every page that says how much of something is used, by name, and the percentages on it."""
    client = signed_in(at.manager)
    shown: dict[str, set[str]] = {}
    for route in routes():
        if route.in_admin or not route.name:
            continue
        for address in route.addresses(list(values.values())):
            answer = client.get(address)
            if answer.status_code == 200 and "text/html" in answer["Content-Type"]:
                text = answer.content.decode()
                percents = {words or meter for words, meter in USED.findall(text)}
                if percents:
                    shown.setdefault(route.name, set()).update(percents)
    return shown


def test_every_page_says_the_same_percentage_of_a_limit(at):
    assert pages_with_percentages(
        at, contract=at.contract.number, proforma=Proforma.objects.first().number, project=str(at.project.pk)
    ) == {"contracts": {"115"}, "contract": {"115"}, "proforma": {"115"}, "project": {"115"}}


def test_the_chart_of_a_contract_ends_on_the_same_figure(at):
    page = signed_in(at.manager).get(reverse("contract", args=[at.contract.number]))
    assert page.context["burn_rows"][-1][1:] == ["400.00", "2,300.00"]
    position = page.context["contract"]
    assert (position.billed, position.drafted, position.unbilled, position.used) == (400, 500, 1400, 2300)


def test_every_page_and_mail_says_the_same_percentage_of_a_budget(at):
    ProjectContract.objects.update(not_to_exceed_amount=None)
    ContractLine.objects.update(not_to_exceed_amount=None)
    at.manager.email = "manager@example.com"
    at.manager.save()
    values = {"budget_hours": Decimal(11), "budget_amount": Decimal(2750)}
    change_record(only(at.project), values, actor=at.manager, at=NOW)
    # 11 hours were approved; at 200 each, for the price of a draft is not agreed before it is confirmed.
    pages = pages_with_percentages(at, project=str(at.project.pk))
    assert {name: pages[name] for name in ("project", "projects")} == {
        "project": {"100", "80"},
        "projects": {"100", "80"},
    }
    for _nth in range(3):
        sweep_outbox(now=NOW)
    assert sorted(one.subject.split(": ")[1] for one in mail.outbox) == [
        "100% of the budget reached",
        "80% of the budget reached",
        "80% of the budget reached",
    ]
    said = [line for one in mail.outbox for line in one.body.splitlines() if line.endswith("%.")]
    assert {line.rsplit(" ", 1)[1] for line in said} == {"100%.", "80%."}

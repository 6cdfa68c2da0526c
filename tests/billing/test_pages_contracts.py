"""Contracts: the list, the page of one with its figures, and the steps of its life."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.contract_positions import percent_used, with_position
from billing.models import InvoiceSchedule, Milestone, MilestoneShare, Proforma
from billing.states import MilestoneStatus
from projects.agreements import ChargeRule, PayerShare, head_of, terms_of
from projects.models import BacklogItem, PriceList, Project, ProjectContract, RolePrice, TeamMember
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER
from projects.states import BillingStatus, ContractStatus, PriceContext
from projects.writing_contracts import change_contract, remove_line
from tests.company import invoicing_rows, only, rows
from tests.company.people import signed_in, superuser
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db

LIST_QUERIES = 12
PARTS = {
    "lines": 24,
    "advances": 14,
    "milestones": 14,
    "invoices": 13,
    "schedule": 13,
    "split": 13,
    "activity": 16,
}


def page_of(at: Any, **query: str) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{reverse('contract', args=[at.contract.number])}?{asked}"


def stand(at: Any) -> ProjectContract:
    return with_position(ProjectContract.objects.filter(pk=at.contract.pk), today=CUT_OFF).get()


def ready(*actuals: Any) -> None:
    BacklogItem.objects.filter(pk__in=[one.pk for one in actuals]).update(status=BillingStatus.READY)


def furnished(at: Any) -> Any:
    """Worth 5,000 and 1,000: 800 billed, 300 on a draft, 950 open, 150 of it ready, a milestone."""
    at.line.contracted_amount = Decimal(5000)
    at.line.save()
    invoicing_rows.confirm(invoicing_rows.draft_of(at, rows.approved_hours(at, "8", "100")), at)
    invoicing_rows.draft_of(at, rows.approved_hours(at, "3", "100"))
    rows.approved_hours(at, "8", "100")
    ready(rows.approved_hours(at, "1.5", "100"))
    stone = invoicing_rows.milestone_share(at, "1000")
    stone.milestone.contract_line.contracted_amount = Decimal(1000)
    stone.milestone.contract_line.save()
    InvoiceSchedule.objects.create(contract_line=at.line, run_date=CUT_OFF, cut_off_date=DAY)
    return at


def test_standing_of_a_contract(at):
    positions = stand(furnished(at))
    assert (positions.value, positions.billed, positions.drafted) == (
        Decimal(6000),
        Decimal(800),
        Decimal(300),
    )
    assert (positions.unbilled, positions.ready, positions.remaining) == (
        Decimal(1950),
        Decimal(1150),
        Decimal(2950),
    )
    assert (positions.next_run, positions.bills_hours, positions.bills_milestones) == (CUT_OFF, True, True)


def test_value_is_unknown_while_a_line_has_neither_amount_nor_limit(at):
    at.line.not_to_exceed_amount = Decimal(700)
    at.line.save()
    assert stand(at).value == Decimal(700)
    rows.contract_line(at.contract, at.customer)
    assert stand(at).value is None
    assert stand(at).remaining is None


def test_milestone_counts_from_its_day_or_from_when_it_is_ready(at):
    share = invoicing_rows.milestone_share(at, "1000")
    Milestone.objects.filter(shares=share).update(due_on=date(2999, 1, 1))
    assert stand(at).unbilled == Decimal(1000)
    MilestoneShare.objects.update(status=MilestoneStatus.NOT_READY)
    assert stand(at).unbilled == Decimal(0)
    Milestone.objects.update(due_on=CUT_OFF)
    assert stand(at).unbilled == Decimal(1000)


def test_team_member_is_refused(at, team_member):
    assert team_member.get(reverse("contracts")).status_code == 403
    assert team_member.get(page_of(at)).status_code == 403


def test_stranger_does_not_find_it(at, stranger):
    assert len(stranger.get(reverse("contracts")).context["table"].rows) == 0
    for name in ("contract", "contract-draft", "contract-confirm"):
        assert stranger.get(reverse(name, args=[at.contract.number])).status_code == 404
    for name in ("contract-draft", "contract-confirm", "contract-hold", "contract-resume"):
        assert stranger.post(reverse(name, args=[at.contract.number])).status_code == 404
    assert ProjectContract.objects.get(pk=at.contract.pk).status == ContractStatus.CONFIRMED


def test_figures_of_the_page_add_up(at, manager):
    furnished(at)
    context = manager.get(page_of(at)).context
    assert [kpi["value"] for kpi in context["kpis"]] == [
        "€6,000.00",
        "€800.00",
        "€300.00",
        "€1,950.00",
        "€2,950.00",
        "–",
    ]
    assert context["caption"] == "1 ready entry, 1 ready milestone, €1,150.00"
    hours, fixed, together = context["lines"]
    assert (hours.unbilled, hours.ready, hours.billed) == (Decimal(950), Decimal(150), Decimal(1100))
    assert (fixed.unbilled, fixed.ready, fixed.billed) == (Decimal(1000), Decimal(1000), Decimal(0))
    assert (together.unbilled, together.ready, together.billed, together.cap) == (
        Decimal(1950),
        Decimal(1150),
        Decimal(1100),
        Decimal(6000),
    )
    assert context["burn"].billed[-1] == Decimal(800)
    assert context["burn"].with_unbilled[-1] == Decimal(3050)


def test_line_over_its_limit_is_named(at, manager):
    at.line.not_to_exceed_amount = Decimal(700)
    at.line.save()
    rows.approved_hours(at, "8", "100")
    assert "Hours is €100.00 over its limit." in manager.get(page_of(at)).content.decode()


def test_rates_prefer_the_list_of_the_contract(at, manager):
    TeamMember.objects.create(project=at.project, resource=at.resource, role=at.role)
    prices = {"General": (None, "100"), "Own": (at.contract, "90")}
    for name, (deal, price) in prices.items():
        made = PriceList.objects.create(
            legal_entity=at.entity, name=name, context=PriceContext.SALES, currency="EUR", contract=deal
        )
        RolePrice.objects.create(price_list=made, role=at.role, price=Decimal(price))
    general = PriceList.objects.get(name="General")
    RolePrice.objects.create(price_list=general, role=at.role, unit="day", price=Decimal(700))
    shown = [(one.price, one.unit) for one in manager.get(page_of(at)).context["rates"]]
    assert shown == [(Decimal(700), "day"), (Decimal(90), "h")]


@pytest.mark.parametrize("part", PARTS)
def test_each_part_opens_within_its_budget(at, manager, part):
    furnished(at)
    manager.get(page_of(at, show=part))
    with CaptureQueriesContext(connection) as captured:
        response = manager.get(page_of(at, show=part))
    assert (response.status_code, response.context["show"]) == (200, part)
    assert len(captured) == PARTS[part]


def test_list_queries_do_not_grow_with_rows(at, manager):
    counts = []
    for _nth in range(2):
        rows.contract(at.entity, at.customer, manager=at.manager)
        manager.get(reverse("contracts"))
        with CaptureQueriesContext(connection) as captured:
            manager.get(reverse("contracts"))
        counts.append(len(captured))
    assert counts == [LIST_QUERIES, LIST_QUERIES]


def test_draft_from_the_contract(at, manager):
    sales = rows.approved_hours(at, "1.5", "100")
    ready(sales, rows.approved_hours(at, "2", "100"))
    address = reverse("contract-draft", args=[at.contract.number])
    (preview,) = [one.preview for one in manager.get(address).context["placements"]]
    assert (preview.entries, preview.amount) == (2, Decimal(350))
    earlier = manager.post(address, {"invoice_date": "2026-03-01"})
    assert (earlier.status_code, earlier.context["drafted"]) == (200, 0)
    assert Proforma.objects.count() == 0
    manager.post(address, {"invoice_date": "2026-03-31", "go": "1"})
    assert Proforma.objects.get().net_amount == Decimal(350)


def test_life_of_a_contract_through_its_pages(at, manager):
    deal = rows.contract(at.entity, at.customer, manager=at.manager, status=ContractStatus.DRAFT)
    steps = {name: reverse(f"contract-{name}", args=[deal.number]) for name in ("confirm", "hold", "resume")}

    def status() -> str:
        return ProjectContract.objects.get(pk=deal.pk).status

    refused = manager.post(steps["confirm"])
    assert [one.code for one in refused.context["refusals"]] == ["no-lines"]
    rows.contract_line(deal, at.customer, project=rows.project(at))
    assert manager.get(steps["confirm"]).status_code == 200
    assert status() == ContractStatus.DRAFT
    for name, after in (("confirm", "confirmed"), ("hold", "on_hold"), ("resume", "confirmed")):
        assert manager.post(steps[name]).status_code == 302
        assert status() == after
    story = manager.get(reverse("contract", args=[deal.number]), {"show": "activity"}).context["events"]
    assert [event.sentence.partition(" ")[2] for event in story] == [
        "resumed the contract: it may be invoiced again.",
        "put the contract on hold: nothing of it is invoiced.",
        "confirmed the contract: it may be invoiced.",
    ]


def test_the_activity_says_in_words_what_was_agreed_otherwise(at, manager):
    other = rows.customer(at.entity)
    deal = rows.contract(at.entity, at.customer, manager=at.manager, status=ContractStatus.DRAFT)
    line = rows.contract_line(deal, at.customer, project=rows.project(at), name="Hours")
    (own,) = terms_of(deal)
    payers = (PayerShare(at.customer, Decimal(60), True, Decimal(900)), PayerShare(other, Decimal(40)))
    head = replace(head_of(deal), ends_on=date(2027, 1, 31), not_to_exceed_amount=Decimal(160_000))
    agreed = replace(own, payers=payers, includes_fee=False, rules=(ChargeRule(role=at.role),))
    change_contract(only(deal), head, [agreed], actor=at.manager, on=DAY, at=NOW)
    remove_line(only(deal), line, actor=at.manager, on=DAY, at=NOW)
    page = manager.get(reverse("contract", args=[deal.number]), {"show": "activity"})
    who, mine, theirs = at.manager.username, at.customer.name, other.name
    removed, of_contract, of_line = page.context["events"]
    assert [one.sentence for one in (removed, of_contract, of_line)] == [
        f"{who} removed the line Hours.",
        f"{who} changed the contract.",
        f"{who} changed the line Hours.",
    ]
    assert {tuple(one) for one in of_line.changes} == {
        ("Fee", "yes", "no"),
        (f"Share of {mine}", "100%", "60%"),
        (f"Limit of {mine}", "–", "€900.00"),
        (f"Share of {theirs}", "–", "40%"),
        (f"{at.role} is chargeable", "–", "no"),
    }
    assert ("Ends on", "–", "31 Jan 2027") in of_contract.changes
    assert ("Not to exceed", "–", "€160,000.00") in of_contract.changes
    assert (f"Share of {theirs}", "40%", "–") in removed.changes
    assert f"Limit of {mine}: – → €900.00" in unescape(page.content.decode())


def test_accountant_sees_it_and_may_not_hold_it(at):
    accountant = signed_in(at.admit(at.accountant, PROJECT_ACCOUNTANT))
    page = accountant.get(page_of(at)).content.decode()
    assert reverse("contract-draft", args=[at.contract.number]) in page
    assert reverse("contract-hold", args=[at.contract.number]) not in page
    assert accountant.post(reverse("contract-hold", args=[at.contract.number])).status_code == 403


def test_who_manages_a_project_of_a_colleagues_contract_sees_it_and_takes_no_step(at, manager):
    colleague = at.person(PROJECT_MANAGER)
    Project.objects.filter(pk=at.project.pk).update(manager=colleague)
    client = signed_in(colleague)
    page = client.get(page_of(at))
    assert (page.status_code, page.context["steps"], page.context["may_change"]) == (200, [], False)
    for name in ("confirm", "hold", "resume", "complete", "lose", "delete"):
        assert client.post(reverse(f"contract-{name}", args=[at.contract.number])).status_code == 404, name
    assert ProjectContract.objects.get().status == ContractStatus.CONFIRMED
    offered = [one.url_name for one in manager.get(page_of(at)).context["steps"]]
    assert offered == ["contract-lose", "contract-complete", "contract-hold"]
    root = signed_in(superuser(at.entity))
    assert [one.url_name for one in root.get(page_of(at)).context["steps"]] == offered
    assert root.post(reverse("contract-hold", args=[at.contract.number])).status_code == 302


@pytest.mark.parametrize("number", ["x", "%00", "..", "%27--", "a" * 500, "%F0%9F%92%A9", "1%2F2"])
def test_hostile_numbers_are_not_found(manager, number):
    assert manager.get(f"/contracts/{number}/").status_code in (400, 404)


@pytest.mark.parametrize("query", ["show=%00", "show=../x", "show=lines&show=x", "page=x"])
def test_hostile_addresses_of_a_contract_are_answered(at, manager, query):
    assert manager.get(f"/contracts/{at.contract.number}/?{query}").status_code == 200


@pytest.mark.parametrize(
    "query", ["status=x", "manager=0", "ends=x", "q=%00", "sort=-methods", "unscheduled=2"]
)
def test_hostile_addresses_of_the_list_are_answered(at, manager, query):
    assert manager.get(f"{reverse('contracts')}?{query}").status_code == 200


def test_percent_used_is_the_same_wherever_it_is_said(at, manager):
    """800 billed, 300 on a draft, 950 unbilled and a milestone of 1,000: 3,050 of 10,000 are 30.5 %."""
    furnished(at)
    ProjectContract.objects.filter(pk=at.contract.pk).update(not_to_exceed_amount=Decimal(10000))
    position = stand(at)
    assert percent_used(position.used, position.not_to_exceed_amount) == Decimal("30.5")
    said = "30.5\N{NO-BREAK SPACE}%", "30.5%"
    draft = Proforma.objects.open().get()
    for address in (page_of(at), reverse("contracts"), reverse("proforma", args=[draft.number])):
        body = manager.get(address).content.decode()
        assert any(words in body for words in said), address


def test_used_of_all_lines_is_that_of_the_contract(at, manager):
    furnished(at)
    lines = manager.get(page_of(at)).context["lines"]
    assert lines[-1].billed + lines[-1].unbilled == stand(at).used

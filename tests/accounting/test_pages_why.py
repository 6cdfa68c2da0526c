"""The pages of why something is on no invoice: figures, the answer of a row, who may clear it (X2)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.marking_ready import hold
from billing.models import MilestoneShare
from projects.contracting import hold_contracts
from projects.models import BacklogItem, Entry, ProjectContract, WorkItem
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.architecture.many_rows import add_rows
from tests.company import Company, only, rows
from tests.company.checking import statements
from tests.company.people import signed_in
from tests.company.receivables import pays
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def april(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 4, 1, 9, 0, tzinfo=UTC))


@pytest.fixture
def at() -> Company:
    made = Company()
    made.is_managed_by(made.admit(made.manager, PROJECT_MANAGER))
    made.project.manager = made.manager
    made.project.save()
    return made


@pytest.fixture
def manager(at: Company) -> Client:
    return signed_in(at.manager)


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def listed(client: Client, name: str = "why", **query: Any) -> Any:
    return client.get(reverse(name), query)


def figures(response: Any) -> dict[str, tuple[str, list[str]]]:
    return {str(one["label"]): (one["value"], one["detail"]) for one in response.context["kpis"]}


def ways(response: Any) -> list[str]:
    """Every way that the page offers, with whether it is sent at once."""
    return [
        f"{way.label}{'' if way.row is None else ' (at once)'}"
        for answer in response.context["answers"]
        for reason in answer.reasons
        for way in reason.ways
    ]


def test_each_figure_leads_to_its_rows_and_to_the_other_reasons(at, manager):
    at.approved(8)
    at.approved(2)
    hold(BacklogItem.objects.filter(quantity=2), reason="waiting", on=DAY, actor=at.manager, at=NOW)
    page = listed(manager)
    assert figures(page) == {"On hold": ("1", ["€400.00"]), "Not marked ready": ("1", ["€1,600.00"])}
    for one in page.context["kpis"]:
        rows_behind = manager.get(reverse("why") + one["url"])
        assert [(total.count, total.currency) for total in rows_behind.context["totals"]] == [(1, "EUR")]
        # The other reasons stay in sight.
        assert set(figures(rows_behind)) == {"On hold", "Not marked ready"}


def test_the_answer_of_a_row_stands_beside_the_list_with_what_to_do(at, manager):
    at.approved(8)
    item = BacklogItem.objects.get()
    hold(only(item), reason="disputed", on=DAY, actor=at.manager, at=NOW)
    page = listed(manager, row=item.pk)
    text = text_of(page)
    assert "On hold: Disputed" in text
    assert "Possible as soon as what stands above is cleared." in text
    assert ways(page) == ["Release (at once)", "Release and mark ready (at once)"]
    assert "200.00 × 8.00 h = €1,600.00" in text
    assert f'<input type="hidden" name="row" value="{item.pk}">' in text


def test_what_a_button_promises_it_does(at, manager):
    at.approved(8)
    item = BacklogItem.objects.get()
    hold(only(item), reason="disputed", on=DAY, actor=at.manager, at=NOW)
    way = [
        way
        for answer in listed(manager, row=item.pk).context["answers"]
        for reason in answer.reasons
        for way in reason.ways
    ][-1]
    manager.post(way.url, {"row": way.row, "token": "once"})
    assert list(BacklogItem.objects.values_list("status", "hold_reason")) == [("ready", "")]


def test_every_link_of_an_answer_opens(at, manager):
    at.approved(8)
    at.ready()
    hold_contracts(only(at.contract), actor=at.manager, at=NOW)
    page = listed(manager, row=BacklogItem.objects.get().pk)
    addresses = [
        way.url
        for answer in page.context["answers"]
        for reason in answer.reasons
        for way in reason.ways
        if way.row is None
    ]
    addresses += [step.url for answer in page.context["answers"] for step in answer.life if step.url]
    assert len(addresses) >= 3
    assert [manager.get(address).status_code for address in addresses] == [200] * len(addresses)


def test_the_life_goes_from_the_entry_to_what_is_still_to_come(at, manager):
    at.approved(8)
    at.ready()
    (answer,) = listed(manager, row=BacklogItem.objects.get().pk).context["answers"]
    assert [(step.title, step.state, step.amount) for step in answer.life] == [
        ("Recorded", "done", "8.00\u00a0h"),
        ("Submitted", "done", "8.00\u00a0h"),
        ("Approved", "done", "€1,600.00"),
        ("In the books as unbilled", "next", "€1,600.00"),
        ("In the backlog", "now", "€1,600.00"),
        ("Proforma draft", "next", "€1,600.00"),
        ("Confirmed", "next", "€1,600.00"),
        ("Invoice posted", "next", "€1,600.00"),
        ("Paid", "next", ""),
    ]


def test_the_life_of_what_is_invoiced_ends_with_its_payment(at, manager):
    invoice = at.billed(8)
    page = manager.get(reverse("why-entry", args=[Entry.objects.get().pk]))
    (answer,) = page.context["answers"]
    assert answer.reasons[0].reason.title.startswith(f"Invoiced: {invoice.number} of ")
    *done, posted, paid = answer.life
    assert {step.state for step in [*done, posted]} == {"done"}
    assert posted.lines[0].startswith(invoice.number)
    assert (paid.title, paid.state, paid.lines[-1]) == ("Paid", "now", "€1,920.00 of the invoice is open")
    pays(at, "1920", invoice.customer_transaction, on=CUT_OFF)
    (answer,) = manager.get(reverse("why-entry", args=[Entry.objects.get().pk])).context["answers"]
    assert (answer.life[-1].state, answer.life[-1].lines) == ("done", ["Paid"])


def test_a_manager_sees_no_cost_and_a_controller_does(at, manager):
    at.approved(8)
    address = reverse("why-entry", args=[Entry.objects.get().pk])
    assert "€800.00" not in text_of(manager.get(address))
    controller = signed_in(at.person(FINANCE_CONTROLLER))
    assert "Cost €800.00" in text_of(controller.get(address))


def test_a_team_member_sees_why_of_own_entries_only_and_asks_the_right_person(at):
    at.approved(8)
    own = Entry.objects.get()
    foreign = at.entry(2, resource=at.worker_on(DAY, Decimal(24)))
    at.admit(at.worker, TEAM_MEMBER)
    client = signed_in(at.worker)
    page = client.get(reverse("why-entry", args=[own.pk]))
    text = text_of(page)
    assert "Not marked ready to invoice" in text
    assert f"{at.manager.username} can clear it" in text
    assert ways(page) == []
    assert "Cost" not in text
    assert client.get(reverse("why-entry", args=[foreign.pk])).status_code == 404
    assert [client.get(reverse(name)).status_code for name in ("why", "why-entries", "why-milestones")] == [
        403
    ] * 3


def test_a_draft_is_cleared_by_its_person(at, manager):
    entry = at.entry(8)
    at.admit(at.worker, TEAM_MEMBER)
    mine = signed_in(at.worker).get(reverse("why-entry", args=[entry.pk]))
    assert "You can clear it" in text_of(mine)
    assert ways(mine) == ["Open my entries"]
    theirs = manager.get(reverse("why-entry", args=[entry.pk]))
    assert f"{at.worker.username} can clear it" in text_of(theirs)
    assert "You can clear it" not in text_of(theirs)


def test_another_manager_is_not_named_for_a_contract_that_is_not_theirs(at, manager):
    other = at.person(PROJECT_MANAGER)
    accountant = at.person(PROJECT_ACCOUNTANT)
    at.approved(8)
    page = text_of(listed(manager, row=BacklogItem.objects.get().pk))
    assert f"You can clear it, or {accountant.username}" in page
    assert other.username not in page


def test_work_that_is_not_approved_or_not_covered_has_its_own_list(at, manager):
    at.entry(3)
    at.submitted(2)
    site = rows.project(at, manager=at.manager)
    at.approved(5, project=site)
    page = listed(manager, "why-entries")
    assert figures(page) == {
        "Not submitted": ("1", ["3.00\u00a0h, no price yet"]),
        "Waits for approval": ("1", ["€400.00"]),
        "No contract covers it": ("1", ["5.00\u00a0h, no price yet"]),
    }
    uncovered = Entry.objects.get(project=site)
    text = text_of(listed(manager, "why-entries", row=uncovered.pk))
    assert "No contract line names the project" in text
    assert f"{reverse('contract-add')}?project={site.number}" in text


def test_milestones_have_their_own_list(at, manager):
    share = at.milestone("5000", is_ready=False)
    page = listed(manager, "why-milestones", row=share.pk)
    assert figures(page) == {"Not marked ready": ("1", ["€5,000.00"])}
    assert ways(page) == ["Mark ready (at once)"]
    assert "Due on 2 Mar 2026, not marked ready" in text_of(page)
    alone = manager.get(reverse("why-milestone", args=[share.pk]))
    assert "Due on 2 Mar 2026, not marked ready" in text_of(alone)


def test_a_contract_names_what_keeps_all_of_it_back_and_leads_to_its_rows(at, manager):
    at.approved(8)
    hold_contracts(only(at.contract), actor=at.manager, at=NOW)
    number = ProjectContract.objects.get().number
    page = manager.get(reverse("why-contract", args=[number]))
    assert f"Contract {number} is on hold" in text_of(page)
    assert ways(page) == ["Resume the contract"]
    behind = manager.get(f"{reverse('why')}?contract={number}")
    assert figures(behind) == {"Contract is on hold": ("1", ["€1,600.00"])}
    assert reverse("why-contract", args=[number]) in text_of(manager.get(reverse("contract", args=[number])))


def test_a_contract_that_nothing_keeps_back_leads_to_the_reasons_of_its_rows(at, manager):
    at.milestone("5000", is_ready=False)
    said = text_of(manager.get(reverse("why-contract", args=[at.contract.number])))
    assert "Nothing keeps back the whole contract; each piece of work, milestone and advance" in said
    assert "Nothing keeps it back" not in said


def test_work_of_a_journal_is_answered_without_an_entry(at, manager):
    sales = rows.approved_hours(at)
    page = manager.get(reverse("why-work", args=[sales.work_item_id]))
    assert "Not marked ready to invoice" in text_of(page)
    assert WorkItem.objects.get(pk=sales.work_item_id).approval is None


def test_the_overview_counts_all_of_it(at, manager):
    at.entry(3)
    at.approved(8)
    at.milestone("5000", is_ready=False)
    shown = {str(one["label"]): one for one in manager.get("/").context["reasons"]}
    assert {label: one["value"] for label, one in shown.items()} == {
        "Not submitted": "1",
        "Not marked ready": "1",
        "Milestones: Not marked ready": "1",
    }
    for one in shown.values():
        assert len(manager.get(one["url"]).context["table"].rows) == 1


@pytest.mark.parametrize("name", ["why", "why-entries", "why-milestones"])
def test_a_row_that_is_gone_or_nonsense_is_said(at, manager, name):
    assert "It is not in this list any more." in text_of(listed(manager, name, row=2**40))
    assert listed(manager, name, row="x" * 50).context["answers"] == ()
    assert listed(manager, name, row="9" * 50).context["answers"] == ()


def test_an_answer_takes_the_same_statements_for_one_reason_as_for_many(at, manager):
    at.approved(8)
    at.ready()
    few = BacklogItem.objects.get()
    manager.get(reverse("why"), {"row": few.pk})
    one = statements(lambda: listed(manager, row=few.pk))
    add_rows(Company.bare(), at.manager, 3)
    for _each in range(3):
        at.approved(1)
    assert statements(lambda: listed(manager, row=few.pk)) <= one + 2
    assert MilestoneShare.objects.exists()

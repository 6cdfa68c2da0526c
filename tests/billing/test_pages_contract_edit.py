"""Contracts are written in the browser, and every button works without a script (A2-A5, A13)."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from projects.agreements import terms_of
from projects.models import ContractLine, ProjectContract
from projects.roles import ADMINISTRATOR, FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from projects.states import ContractStatus
from tests.company import Company, rows
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

NEW = "/contracts/new/"


@pytest.fixture
def at() -> Company:
    made = Company.bare()
    made.admit(made.manager, PROJECT_MANAGER)
    made.project.manager = made.manager
    made.project.save()
    made.is_managed_by(made.manager)
    return made


@pytest.fixture
def browser(at: Company) -> Any:
    return signed_in(at.manager)


def fields(at: Company, **changes: Any) -> dict[str, Any]:
    """A contract with one line, as its form sends it."""
    site = changes.pop("site", None) or rows.project(at, manager=at.manager)
    return {
        "legal_entity": at.entity.pk,
        "name": "Yard management",
        "customer": at.customer.pk,
        "manager": at.manager.pk,
        "currency": "EUR",
        "purchase_order": "PO-90417",
        "not_to_exceed_amount": "160000.50",
        "line-0-name": "Yard software",
        "line-0-billing_method": "time_and_material",
        "line-0-project": site.pk,
        "line-0-includes_time": "on",
        "line-0-scope": "project",
        "line-0-rounding": "0",
        "line-0-payer-0-customer": at.customer.pk,
        "line-0-payer-0-split_percent": "100",
        "do": "save",
    } | changes


def edit(contract: ProjectContract) -> str:
    return reverse("contract-edit", args=[contract.number])


def sent(page: Any) -> dict[str, Any]:
    """What the form on a page would send as it stands."""
    data = dict(page.context["form"].data.lists())
    return {name: values if len(values) != 1 else values[0] for name, values in data.items()}


def newest() -> ProjectContract:
    return ProjectContract.objects.latest("pk")


# --- Create ---------------------------------------------------------------------------------------


def test_a_contract_is_written_and_confirmed_in_the_browser(at, browser):
    assert browser.get(NEW).status_code == 200
    answer = browser.post(NEW, fields(at, do="confirm"))
    made = newest()
    assert answer.url == reverse("contract-confirm", args=[made.number])
    assert (made.name, made.not_to_exceed_amount, made.manager) == (
        "Yard management",
        Decimal("160000.5"),
        at.manager,
    )
    (line,) = terms_of(made)
    assert (line.name, line.includes_time, line.includes_fee) == ("Yard software", True, False)
    assert [(one.customer, one.split_percent, one.is_rounding) for one in line.payers] == [
        (at.customer, 100, True)
    ]
    page = browser.get(answer.url)
    assert "From now on its work and milestones may be invoiced." in page.content.decode()
    browser.post(answer.url)
    assert newest().status == ContractStatus.CONFIRMED


def test_who_pays_alone_needs_no_more_than_a_share(at, browser):
    """One customer, one line, nothing else chosen: the usual contract is confirmed as it is typed."""
    usual = fields(at, do="confirm") | {"line-0-payer-0-customer": ""}
    del usual["line-0-rounding"]
    made = browser.post(NEW, usual)
    assert made["Location"] == reverse("contract-confirm", args=[newest().number])
    (payer,) = terms_of(newest())[0].payers
    assert (payer.customer, payer.split_percent, payer.is_rounding) == (at.customer, Decimal(100), True)
    assert browser.post(made["Location"]).status_code == 302
    assert newest().status == ContractStatus.CONFIRMED


def test_a_share_without_a_payer_is_nobodys_where_somebody_else_pays(at, browser):
    other = rows.customer(at.entity, manager=at.manager)
    two = {"line-0-payer-0-customer": other.pk, "line-0-payer-0-split_percent": "60"}
    two |= {"line-0-payer-1-customer": "", "line-0-payer-1-split_percent": "40"}
    browser.post(NEW, fields(at) | two)
    assert [(one.customer, one.split_percent) for one in terms_of(newest())[0].payers] == [
        (other, Decimal(60))
    ]


def test_the_first_payer_that_is_added_is_the_customer(at, browser):
    lonely = {name: value for name, value in fields(at).items() if "payer" not in name}
    page = browser.post(NEW, lonely | {"do": "add-payer-0"})
    again = browser.post(NEW, sent(page) | {"do": "add-payer-0"})
    data = sent(again)
    assert (data["line-0-payer-0-customer"], data["line-0-payer-0-split_percent"]) == (
        str(at.customer.pk),
        "100",
    )
    assert data["line-0-payer-1-customer"] == ""


def test_the_address_names_project_and_customer_to_start_with(at, browser):
    form = browser.get(NEW, {"project": at.project.number}).context["form"]
    assert form.data["customer"] == str(at.customer.pk)
    assert (form.data["line-0-project"], form.data["line-0-name"]) == (str(at.project.pk), at.project.name)


def test_what_cannot_be_read_is_named_and_nothing_is_lost(at, browser):
    page = browser.post(NEW, fields(at, name="", **{"line-0-payer-0-split_percent": "1.2.3"}))
    assert page.status_code == 422
    labels = [label for label, _id, _error in page.context["form"].wrong_fields]
    assert labels == ["Name on invoices", "Share in percent"]
    text = page.content.decode()
    assert 'value="1.2.3"' in text
    assert "PO-90417" in text
    assert newest() == at.contract


def test_what_the_verb_refuses_keeps_the_form(at, browser):
    page = browser.post(NEW, fields(at, number=at.contract.number))
    assert (page.status_code, [one.code for one in page.context["refusals"]]) == (422, ["number-taken"])
    assert "PO-90417" in page.content.decode()


# --- Buttons without a script ---------------------------------------------------------------------


def test_buttons_change_the_form_and_write_nothing(at, browser):
    page = browser.post(NEW, fields(at, do="add-line"))
    assert (page.status_code, len(page.context["blocks"])) == (200, 2)
    # A line that was added a moment ago is not judged yet.
    assert page.context["form"].wrong_fields == []
    page = browser.post(NEW, sent(page) | {"do": "add-payer-0"})
    page = browser.post(NEW, sent(page) | {"do": "add-rule-0"})
    first = page.context["form"].lines[0]
    assert (len(first.payers), len(first.rules)) == (2, 1)
    page = browser.post(NEW, sent(page) | {"do": "drop-line-1"})
    assert [line.data["line-0-name"] for line in page.context["form"].lines] == ["Yard software"]
    for nonsense in (
        "drop-line-9",
        "drop-payer-7-1",
        "add-nothing",
        "even-x",
        "even-9",
        "\x00",
        "drop-payer",
    ):
        assert browser.post(NEW, sent(page) | {"do": nonsense}).status_code == 200
    assert newest() == at.contract


@pytest.mark.parametrize(("rounding", "shares"), [("0", "33.34 33.33 33.33"), ("2", "33.33 33.33 33.34")])
def test_evenly_distribute_gives_the_rest_to_the_rounding_payer(at, browser, rounding, shares):
    others = [rows.customer(at.entity, manager=at.manager) for _each in range(2)]
    payers = {f"line-0-payer-{nth}-customer": one.pk for nth, one in enumerate(others, start=1)}
    typed = fields(
        at, do="even-0", **payers, **{"line-0-rounding": rounding, "line-0-contracted_amount": "100"}
    )
    page = browser.post(NEW, typed)
    form = page.context["form"]
    assert " ".join(form.data[f"line-0-payer-{nth}-split_percent"] for nth in range(3)) == shares
    block = page.context["blocks"][0]
    assert (block.shares.is_whole, block.shares.paid) == (True, 100)
    browser.post(NEW, sent(page) | {"do": "save"})
    assert [str(one.split_percent.normalize()) for one in terms_of(newest())[0].payers] == shares.split()


def test_the_mark_of_the_rounding_payer_stays_with_its_payer(at, browser):
    other = rows.customer(at.entity, manager=at.manager)
    second = {
        "line-0-payer-1-customer": other.pk,
        "line-0-payer-1-split_percent": "40",
        "line-0-rounding": "1",
    }
    page = browser.post(NEW, fields(at, do="drop-payer-0-0", **second))
    form = page.context["form"]
    assert (form.data["line-0-payer-0-customer"], form.data["line-0-rounding"]) == (str(other.pk), "0")


def test_tasks_of_the_project_may_be_chosen(at, browser):
    site = rows.project(at, manager=at.manager)
    one, other = rows.task(site, "A"), rows.task(site, "B")
    page = browser.post(NEW, fields(at, site=site, do="refresh"))
    assert [key for key, _label in page.context["form"].lines[0].fields["tasks"].choices] == [
        str(one.pk),
        str(other.pk),
    ]
    browser.post(NEW, sent(page) | {"do": "save", "line-0-scope": "tasks", "line-0-tasks": [other.pk]})
    assert terms_of(newest())[0].tasks == (other,)


def test_shares_that_are_not_whole_are_shown_in_money(at, browser):
    short = {"line-0-payer-0-split_percent": "99.99", "line-0-contracted_amount": "96000"}
    page = browser.post(NEW, fields(at, do="refresh", **short))
    shares = page.context["blocks"][0].shares
    assert (shares.percent, shares.missing_percent, shares.missing) == (
        Decimal("99.99"),
        Decimal("0.01"),
        Decimal("9.60"),
    )
    assert page.context["unpaid"] == Decimal("9.60")


# --- Change ---------------------------------------------------------------------------------------


def test_a_contract_stands_in_its_form_as_it_is_written(at, browser):
    task = rows.task(at.project, "A")
    at.line.tasks.add(task)
    ContractLine.objects.update(increment_minutes=15, not_to_exceed_amount=Decimal("900.5"))
    before = terms_of(at.contract)
    page = browser.get(edit(at.contract))
    assert browser.post(edit(at.contract), sent(page) | {"do": "save"}).status_code == 302
    assert terms_of(at.contract) == before


def test_what_is_fixed_is_text_with_its_reason(at, browser):
    rows.approved_hours(at)
    page = browser.get(edit(at.contract)).content.decode()
    assert "Fixed, it is in use" in page
    assert "Fixed since it was confirmed" in page


def test_checks_name_what_stops_the_confirmation(at, browser):
    draft = rows.draft_contract(at, at.project, manager=at.manager)
    page = browser.get(edit(draft))
    assert [one.code for one in page.context["problems"]] == ["lines-overlap"]
    (block,) = page.context["blocks"]
    assert len(block.problems) == 1


def test_an_ended_contract_has_no_form(at, browser):
    ProjectContract.objects.filter(pk=at.contract.pk).update(status=ContractStatus.LOST)
    assert (
        edit(at.contract) not in browser.get(reverse("contract", args=[at.contract.number])).content.decode()
    )
    page = browser.post(edit(at.contract), sent(browser.get(edit(at.contract))) | {"do": "save"})
    assert [one.code for one in page.context["refusals"]] == ["contract-ended"]


# --- Who may --------------------------------------------------------------------------------------


STEPS = (
    "contract-confirm",
    "contract-hold",
    "contract-resume",
    "contract-complete",
    "contract-reopen",
    "contract-lose",
)


@pytest.mark.parametrize("role", [TEAM_MEMBER, FINANCE_CONTROLLER, ADMINISTRATOR])
def test_who_writes_no_contracts_is_refused(at, role):
    client = signed_in(at.person(role))
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, fields(at)).status_code == 403
    assert client.get(edit(at.contract)).status_code == 403
    assert client.post(reverse("contract-delete", args=[at.contract.number])).status_code == 403
    assert newest() == at.contract


def test_another_manager_does_not_see_the_contract(at):
    client = signed_in(at.person(PROJECT_MANAGER))
    for name in ("contract", "contract-edit", "contract-delete", *STEPS):
        assert client.get(reverse(name, args=[at.contract.number])).status_code == 404


def test_who_only_manages_a_project_of_it_does_not_change_it(at):
    other = at.person(PROJECT_MANAGER)
    at.project.manager = other
    at.project.save()
    client = signed_in(other)
    assert client.get(reverse("contract", args=[at.contract.number])).status_code == 200
    assert client.get(edit(at.contract)).status_code == 404


def test_accountants_write_contracts_and_do_not_take_their_steps(at):
    client = signed_in(at.admit(at.accountant, PROJECT_ACCOUNTANT))
    assert client.post(NEW, fields(at, manager=at.accountant.pk)).status_code == 302
    assert client.get(edit(at.contract)).status_code == 200
    for name in STEPS:
        assert client.get(reverse(name, args=[at.contract.number])).status_code == 403


# --- Steps ----------------------------------------------------------------------------------------


def test_each_step_says_what_it_means_before_it_is_taken(at, browser):
    at.entity.save()
    rows.approved_hours(at)
    page = browser.get(reverse("contract-lose", args=[at.contract.number])).content.decode()
    assert "1 unbilled entry, €800.00, is reversed; its cost stays." in page
    assert f"Project {at.project} is closed, because no other contract covers it." in page
    refused = browser.post(reverse("contract-complete", args=[at.contract.number]))
    assert [one.code for one in refused.context["refusals"]] == ["unbilled-work"]
    browser.post(reverse("contract-lose", args=[at.contract.number]))
    assert newest().status == ContractStatus.LOST


def test_a_draft_is_deleted(at, browser):
    draft = rows.draft_contract(at, manager=at.manager)
    answer = browser.post(reverse("contract-delete", args=[draft.number]))
    assert answer.url == reverse("contracts")
    assert newest() == at.contract


def test_work_recorded_before_is_foreseen(at, browser):
    site = rows.project(at)
    entry = rows.entry(at, project=site, status="approved")
    rows.approval(
        at, entry=entry, contract_line=None, status="approved", decided_by=at.manager, decided_at=NOW
    )
    draft = rows.draft_contract(at, site, manager=at.manager)
    page = browser.get(reverse("contract-confirm", args=[draft.number])).content.decode()
    assert "1 entry recorded before, 8.00 h, gets its current line" in page.replace("\u00a0", " ")

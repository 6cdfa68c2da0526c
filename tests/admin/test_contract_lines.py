"""Lines, payers and rules of contracts in the admin, saved by the verb of the pages (A3-A5, A13)."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from core.models import Activity
from projects.agreements import terms_of
from projects.models import ContractLine, ProjectContract
from projects.states import BillingMethod, ContractStatus
from tests.admin.admin_client import AdminClient, formset
from tests.company import Company, rows
from tests.company.checking import statements

pytestmark = pytest.mark.django_db

ADD, CHANGE = "projects_contractline_add", "projects_contractline_change"
CONTRACT = "projects_projectcontract_change"
PAYERS, RULES = "customers", "chargeability"


def payer(customer: Any, percent: str, *, takes_rounding: bool = False, **more: Any) -> dict[str, Any]:
    rounding = {"is_rounding": "on"} if takes_rounding else {}
    return {"customer": customer.pk, "split_percent": percent} | rounding | more


def standing(line: ContractLine) -> list[dict[str, Any]]:
    """The payers of a line as its page sends them unchanged."""
    return [
        payer(one.customer, f"{one.split_percent:f}", takes_rounding=one.is_rounding, id=one.pk)
        for one in line.customers.order_by("pk")
    ]


def page(line: ContractLine | None = None, *, payers: Any = (), rules: Any = (), **typed: Any) -> Any:
    """What the page of a line sends."""
    sent: dict[str, Any] = {
        "name": line.name if line else "Gate hardware",
        "billing_method": line.billing_method if line else BillingMethod.TIME_AND_MATERIAL,
        "project": line.project_id if line else "",
        "increment_rule": "up",
        "increment_scope": "entry",
        "includes_time": "on",
        "includes_expense": "on",
    }
    return sent | typed | formset(PAYERS, *payers) | formset(RULES, *rules)


def said(line: ContractLine) -> str:
    """A line as it stands, in short."""
    terms = next(one for one in terms_of(line.contract) if one.line == line)
    shares = ", ".join(f"{one.split_percent:.2f}{'*' * one.is_rounding}" for one in terms.payers)
    rules = ", ".join(
        f"{'yes' if one.is_chargeable else 'no'} {one.task or one.role or one.category}"
        for one in terms.rules
    )
    return f"{terms.name}: {shares}" + (f" {rules}" if rules else "")


def test_an_accountant_adds_a_line_with_its_payers_and_rules(company: Company, accountant: AdminClient):
    draft, other = rows.draft_contract(company), rows.customer(company.entity)
    opened = accountant.shown(ADD, contract=draft.pk)
    assert opened.context["adminform"].form.initial["contract"] == str(draft.pk)
    task = company.task("Gates")
    sent = page(
        contract=draft.pk,
        project=company.project.pk,
        tasks=[task.pk],
        contracted_amount="50000.00",
        payers=[payer(company.customer, "60", takes_rounding=True), payer(other, "40")],
        rules=[{"task": task.pk}, {"role": company.role.pk, "is_chargeable": "on"}],
    )
    assert accountant.sent(ADD, data=sent).status_code == 302
    made = draft.lines.latest("pk")
    assert said(made) == f"Gate hardware: 60.00*, 40.00 no Gates, yes {company.role}"
    assert (made.contracted_amount, [*made.tasks.all()]) == (Decimal(50000), [task])
    assert Activity.objects.about(made).get().verb == "added"


def test_a_new_line_is_paid_as_its_contract_suggests(company: Company, accountant: AdminClient):
    draft, other = rows.draft_contract(company), rows.customer(company.entity)

    def offered() -> list[tuple[Any, ...]]:
        formset = accountant.shown(ADD, contract=draft.pk).context["inline_admin_formsets"][0].formset
        return [(one["customer"].value(), one["split_percent"].value()) for one in formset.forms]

    assert offered() == [(company.customer.pk, "100"), (None, None)]
    draft.customers.create(customer=company.customer, split_percent=Decimal(60), is_rounding=True)
    draft.customers.create(customer=other, split_percent=Decimal(40))
    assert offered() == [(company.customer.pk, "60"), (other.pk, "40"), (None, None)]


def test_payers_change_places_and_shares_in_one_step(company: Company, accountant: AdminClient):
    company.is_shared_by("60", "40")
    line = ContractLine.objects.get(pk=company.line.pk)
    first, second = line.customers.order_by("pk")
    payers = [
        payer(first.customer, "30", takes_rounding=True, id=first.pk),
        payer(second.customer, "70", id=second.pk),
    ]
    assert accountant.sent(CHANGE, line.pk, data=page(line, payers=payers)).status_code == 302
    assert said(line).endswith(": 30.00*, 70.00")
    changes = Activity.objects.about(line).get().changes
    assert changes[f"split_percent of {first.customer}"] == ["60", "30"]
    assert changes[f"is_rounding of {second.customer}"] == ["True", ""]


def test_a_payer_goes_and_another_comes(company: Company, accountant: AdminClient):
    (own,), new = standing(company.line), rows.customer(company.entity)
    payers = [own | {"DELETE": "on"}, payer(new, "100", takes_rounding=True)]
    answer = accountant.sent(CHANGE, company.line.pk, data=page(company.line, payers=payers))
    assert answer.status_code == 302
    assert [one.customer for one in company.line.customers.all()] == [new]


@pytest.mark.parametrize(
    ("typed", "percent", "rules", "code"),
    [
        ({}, "99.99", [], "split-not-whole"),
        ({"contracted_amount": "-1"}, "100", [], "amount-not-positive"),
        ({"increment_minutes": "15", "day_hours": "8"}, "100", [], "increment-and-day"),
        ({"project": ""}, "100", [], "project-missing"),
        ({}, "100.01", [], "share-out-of-range"),
        ({}, "100", [{"is_chargeable": "on"}], "rule-unclear"),
        ({}, "100", ["role", "role"], "duplicate-rule"),
    ],
)
def test_what_the_page_of_a_contract_refuses_is_refused_here(
    company: Company, accountant: AdminClient, typed: Any, percent: str, rules: Any, code: str
):
    before = said(company.line)
    sent = page(
        company.line,
        payers=[standing(company.line)[0] | {"split_percent": percent}],
        rules=[{"role": company.role.pk} if one == "role" else one for one in rules],
        **typed,
    )
    answer = accountant.sent(CHANGE, company.line.pk, data=sent)
    assert (answer.status_code, code in answer.content.decode()) == (422, True)
    assert said(company.line) == before
    assert not Activity.objects.about(company.line).exists()


def test_a_line_that_claims_the_work_of_another_is_refused(company: Company, accountant: AdminClient):
    sent = page(
        contract=company.contract.pk,
        project=company.project.pk,
        payers=[payer(company.customer, "100", takes_rounding=True)],
    )
    answer = accountant.sent(ADD, data=sent)
    assert (answer.status_code, "lines-overlap" in answer.content.decode()) == (422, True)
    assert company.contract.lines.count() == 1


def test_what_was_used_is_shown_and_no_longer_typed(company: Company, accountant: AdminClient):
    fields = accountant.shown(CHANGE, company.line.pk).context["adminform"].form.fields
    assert {"billing_method", "project"} <= set(fields)
    company.approved(8)
    opened = accountant.shown(CHANGE, company.line.pk)
    assert not {"billing_method", "project"} & set(opened.context["adminform"].form.fields)
    assert "because the line is in use" in opened.content.decode()
    # What is sent for them all the same changes nothing; the rest of the form does.
    sent = page(
        company.line,
        payers=standing(company.line),
        billing_method=BillingMethod.FIXED_PRICE,
        name="Renamed",
    )
    assert accountant.sent(CHANGE, company.line.pk, data=sent).status_code == 302
    line = ContractLine.objects.get(pk=company.line.pk)
    assert (line.name, line.billing_method) == ("Renamed", BillingMethod.TIME_AND_MATERIAL)


def test_a_share_that_milestones_were_split_by_stays(company: Company, accountant: AdminClient):
    line = company.milestone("1000").milestone.contract_line
    opened = accountant.shown(CHANGE, line.pk)
    first = opened.context["inline_admin_formsets"][0].formset.forms[0]
    assert first.fields["split_percent"].disabled
    assert first.fields["DELETE"].disabled
    payers = [
        standing(line)[0] | {"split_percent": "50", "DELETE": "on"},
        payer(rows.customer(company.entity), "50"),
    ]
    answer = accountant.sent(CHANGE, line.pk, data=page(line, payers=payers))
    assert (answer.status_code, "split-not-whole" in answer.content.decode()) == (422, True)
    assert said(line) == "Fixed: 100.00*"


def test_work_follows_the_payers_that_were_changed(company: Company, accountant: AdminClient):
    """What was approved and is on no draft is written again with the new shares (#15)."""
    company.approved(8)
    other = rows.customer(company.entity)
    payers = [standing(company.line)[0] | {"split_percent": "75"}, payer(other, "25")]
    answer = accountant.sent(CHANGE, company.line.pk, data=page(company.line, payers=payers))
    assert answer.status_code == 302
    assert company.unbilled_of(company.customer, other) == [1200, 400]


def test_the_customers_of_a_contract_and_their_limits(company: Company, accountant: AdminClient):
    draft = rows.draft_contract(company)
    sent = {
        "number": draft.number,
        "name": draft.name,
        "customer": company.customer.pk,
        "currency": "EUR",
        **formset(
            PAYERS,
            payer(company.customer, "80", takes_rounding=True, not_to_exceed_amount="700"),
            payer(rows.customer(company.entity), "20"),
        ),
    }
    assert accountant.sent(CONTRACT, draft.pk, data=sent).status_code == 302
    assert [(one.split_percent, one.not_to_exceed_amount) for one in draft.customers.order_by("pk")] == [
        (80, 700),
        (20, None),
    ]


def test_a_line_is_taken_out_unless_it_was_used(company: Company, accountant: AdminClient):
    draft = rows.draft_contract(company)
    line = rows.contract_line(draft, company.customer, project=rows.project(company))
    asked = accountant.shown("projects_contractline_action", line.pk, "remove")
    answer = accountant.confirms(asked)
    assert (answer.status_code, answer.url) == (302, reverse(f"admin:{CONTRACT}", args=[draft.pk]))
    assert not ContractLine.objects.filter(pk=line.pk).exists()
    assert Activity.objects.about(draft).filter(verb="lines removed").exists()
    company.approved(8)
    asked = accountant.shown("projects_contractline_action", company.line.pk, "remove")
    refused = accountant.confirms(asked)
    assert (refused.status_code, "line-in-use" in refused.content.decode()) == (422, True)


def test_what_has_ended_is_only_shown(company: Company, accountant: AdminClient):
    ProjectContract.objects.filter(pk=company.contract.pk).update(status=ContractStatus.LOST)
    opened = accountant.shown(CHANGE, company.line.pk)
    assert not opened.context["adminform"].form.fields
    assert not any(one.has_add_permission for one in opened.context["inline_admin_formsets"])
    sent = page(company.line, payers=standing(company.line), name="Renamed")
    answer = accountant.sent(CHANGE, company.line.pk, data=sent)
    assert answer.status_code == 409
    assert ContractLine.objects.get(pk=company.line.pk).name == company.line.name


def test_three_roles(
    company: Company, accountant: AdminClient, controller: AdminClient, administrator: AdminClient
):
    """Who writes contracts changes lines, a controller sees them, an administrator does not."""
    sent = page(company.line, payers=standing(company.line), name="By somebody")
    shown = controller.shown(CHANGE, company.line.pk)
    assert (shown.status_code, bool(shown.context["adminform"].form.fields)) == (200, False)
    assert str(company.customer) in shown.content.decode()
    for client, seen in ((controller, 200), (administrator, 403)):
        assert client.shown(CHANGE, company.line.pk).status_code == seen
        assert client.shown(ADD).status_code == 403
        assert client.sent(CHANGE, company.line.pk, data=sent).status_code == 403
        assert client.shown("projects_contractline_action", company.line.pk, "remove").status_code == 403
    assert ContractLine.objects.get(pk=company.line.pk).name == company.line.name
    assert accountant.sent(CHANGE, company.line.pk, data=sent).status_code == 302
    assert ContractLine.objects.get(pk=company.line.pk).name == "By somebody"


def test_who_founded_the_company_writes_lines_too(company: Company):
    founder = company.admit(User.objects.create_superuser("founder", password="lighthouse"))
    sent = page(company.line, payers=standing(company.line), name="By the founder")
    assert AdminClient(founder).sent(CHANGE, company.line.pk, data=sent).status_code == 302


def test_the_page_asks_no_statement_for_a_row(company: Company, accountant: AdminClient):
    company.is_shared_by("50", "50")
    few = statements(lambda: accountant.shown(CHANGE, company.line.pk))
    company.is_shared_by("20", "20", "20", "20", "10", "10")
    assert statements(lambda: accountant.shown(CHANGE, company.line.pk)) == few

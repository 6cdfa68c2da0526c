"""A line with prepaid hours gets no discount, day rate or other payer: verb, page and admin (A12)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from projects.agreements import PayerShare, terms_of
from projects.models import ContractLine, ProjectContract
from projects.roles import PROJECT_ACCOUNTANT
from projects.writing_contracts import write_line
from tests.admin.admin_client import AdminClient, formset
from tests.company import Company, only, rows
from tests.company.checking import assert_proven, refused, unchanged
from tests.company.prepaid import agreed
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    return company


@pytest.fixture
def admin(company: Company) -> AdminClient:
    return AdminClient(company.admit(company.accountant, PROJECT_ACCOUNTANT))


@pytest.fixture
def prepaid(company: Company) -> Company:
    agreed(company)
    return company


def written(company: Company, **changes: Any) -> ContractLine:
    (terms,) = terms_of(company.contract)
    contract = only(company.contract)
    return write_line(contract, replace(terms, **changes), actor=company.manager, on=DAY, at=NOW)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"discount_percent": Decimal(5)}, "prepaid-discount"),
        ({"day_hours": Decimal(8)}, "prepaid-day-rate"),
        ({"includes_time": False}, "prepaid-time"),
    ],
)
def test_terms_that_part_hours_and_money_are_refused(prepaid, changes, code):
    with refused(code) as caught:
        written(prepaid, **changes)
    (refusal,) = caught.value.refusals
    assert refusal.way_out
    assert_proven()


def test_a_second_or_another_payer_is_refused(prepaid):
    other = rows.customer(prepaid.entity, manager=prepaid.manager)
    half = Decimal(50)
    two = (PayerShare(prepaid.customer, half, is_rounding=True), PayerShare(other, half))
    with refused("prepaid-payers") as caught:
        written(prepaid, payers=two)
    (refusal,) = caught.value.refusals
    assert refusal.message == f"The line has prepaid hours, which {prepaid.customer} has bought alone."
    assert refusal.way_out == "Add another line for other payers."
    with refused("prepaid-payers"):
        written(prepaid, payers=(PayerShare(other, Decimal(100), is_rounding=True),))


def test_all_reasons_are_said_at_once(prepaid):
    with refused("prepaid-discount", "prepaid-day-rate", "prepaid-time"):
        written(prepaid, discount_percent=Decimal(5), day_hours=Decimal(8), includes_time=False)


def test_other_terms_of_the_line_change_as_ever(prepaid):
    line = written(prepaid, name="Application care", contracted_amount=Decimal(30000))
    assert (line.name, line.contracted_amount) == ("Application care", 30000)
    assert_proven()


def test_a_line_without_prepaid_hours_gets_them(company):
    line = written(company, discount_percent=Decimal(5), discount_reason="Loyal")
    assert line.discount_percent == 5


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            {"discount_percent": "5", "discount_reason": "Loyal"},
            "The line has prepaid hours, and the rate of a block is agreed without a discount.",
        ),
        ({"day_hours": "8"}, "The line has prepaid hours, and its time is not billed in days."),
    ],
)
def test_the_admin_refuses_them_too(prepaid, admin: AdminClient, typed, sentence):
    line = ContractLine.objects.get(pk=prepaid.line.pk)
    payers = [
        {
            "customer": one.customer.pk,
            "split_percent": f"{one.split_percent:f}",
            "id": one.pk,
            **({"is_rounding": "on"} if one.is_rounding else {}),
        }
        for one in line.customers.order_by("pk")
    ]
    sent = {
        "name": line.name,
        "billing_method": line.billing_method,
        "project": line.project_id,
        "increment_rule": "up",
        "increment_scope": "entry",
        "includes_time": "on",
        "includes_expense": "on",
        "includes_material": "on",
        "includes_fee": "on",
        **typed,
        **formset("customers", *payers),
        **formset("chargeability"),
    }
    with unchanged():
        answer = admin.sent("projects_contractline_change", line.pk, data=sent)
    assert sentence in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        (
            "line-0-discount_percent",
            "5",
            "The line has prepaid hours, and the rate of a block is agreed without a discount.",
        ),
        ("line-0-day_hours", "8", "The line has prepaid hours, and its time is not billed in days."),
    ],
)
def test_the_page_refuses_them_and_changes_nothing(prepaid, manager, field, typed, sentence):
    contract = ProjectContract.objects.get(pk=prepaid.contract.pk)
    address = reverse("contract-edit", args=[contract.number])
    data = dict(manager.get(address).context["form"].data.lists())
    sent = {name: values if len(values) != 1 else values[0] for name, values in data.items()} | {"do": "save"}
    with unchanged():
        answer = manager.post(address, sent | {field: typed, "line-0-discount_reason": "Loyal"})
    assert sentence in answer.content.decode()

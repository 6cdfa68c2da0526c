"""Write contracts with their lines, payers and rules (A2-A5, A13)."""

from datetime import date
from decimal import Decimal

import pytest

from projects.agreements import (
    ChargeRule,
    PayerShare,
    evenly_distributed,
)
from projects.approval_terms import TERMS
from projects.models import (
    Approval,
)
from projects.states import ContractStatus
from tests.company import Company, rows
from tests.company.checking import refused
from tests.company.rows import DAY
from tests.projects.contract_writing import FIXED, confirm, create, line, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company.bare()


# --- Create ---------------------------------------------------------------------------------------


def test_a_contract_is_written_as_a_whole(at):
    project, other = rows.project(at), rows.customer(at.entity)
    task = rows.task(project, "A")
    made = create(
        at,
        line(
            at,
            project=project,
            tasks=(task,),
            payers=(PayerShare(at.customer, Decimal(60), is_rounding=True), PayerShare(other, Decimal(40))),
            rules=(ChargeRule(task=task), ChargeRule(role=at.role, is_chargeable=True)),
        ),
        line(at, name="Gate", billing_method=FIXED, contracted_amount=Decimal(50_000)),
        manager=at.manager,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        purchase_order="PO-90417",
        not_to_exceed_amount=Decimal(160_000),
    )
    assert (made.status, made.currency, made.manager) == (ContractStatus.DRAFT, "EUR", at.manager)
    mine, theirs = at.customer.short_name, other.short_name
    assert written(made) == [
        f"1 Hours time_and_material: {mine} 60*, {theirs} 40 only A no task yes role",
        f"2 Gate fixed_price: {mine} 100*",
    ]
    # Who pays a line is a customer of the contract, with no share of further lines.
    assert [str(one) for one in made.customers.order_by("pk")] == [f"{at.customer} 100 %", f"{other} 0 %"]
    confirm(at, made)


def test_a_contract_takes_the_number_that_comes_next(at):
    assert create(at).number == "C-2026-001"
    assert create(at, number="C-2026-041").number == "C-2026-041"
    assert create(at, number="C-2026-99 old").number == "C-2026-99 old"
    assert create(at).number == "C-2026-042"


def test_a_draft_may_be_incomplete_and_may_overlap(at):
    made = create(at, line(at, project=at.project, payers=()))
    assert written(made) == ["1 Hours time_and_material: "]


def test_what_a_contract_cannot_say(at):
    stranger = Company.bare()
    other = rows.customer(at.entity, is_on_hold=True)
    gone = rows.customer(at.entity, is_closed=True)
    for terms, code in [
        ({"name": " "}, "name-missing"),
        ({"number": at.contract.number}, "number-taken"),
        ({"currency": "Euro"}, "currency-unknown"),
        ({"starts_on": DAY, "ends_on": date(2026, 3, 1)}, "ends-before-start"),
        ({"not_to_exceed_amount": Decimal(0)}, "amount-not-positive"),
        ({"retention_percent": Decimal("100.5")}, "retention-out-of-range"),
        ({"retention_months": 241}, "retention-too-long"),
        ({"customer": stranger.customer}, "foreign-customer"),
        ({"customer": other}, "customer-on-hold"),
        ({"customer": gone}, "customer-closed"),
        ({"customers": (PayerShare(at.customer), PayerShare(at.customer))}, "duplicate-payer"),
    ]:
        with refused(code):
            create(at, **terms)


def test_what_a_line_cannot_say(at):
    stranger, closed = Company.bare(), rows.project(at, is_closed=True)
    task, other = rows.task(at.project, "A"), rows.task(rows.project(at), "B")
    half = PayerShare(at.customer, Decimal(50), is_rounding=True)
    for terms, code in [
        ({"name": ""}, "line-name-missing"),
        ({"project": stranger.project}, "foreign-project"),
        ({"project": closed}, "project-closed"),
        ({"project": at.project, "tasks": (other,)}, "foreign-task"),
        ({"project": at.project, "rules": (ChargeRule(task=other),)}, "foreign-task"),
        ({"contracted_amount": Decimal(-1)}, "amount-not-positive"),
        ({"increment_minutes": 0}, "increment-out-of-range"),
        ({"increment_minutes": 1441}, "increment-out-of-range"),
        ({"day_hours": Decimal("24.01")}, "day-out-of-range"),
        ({"increment_minutes": 15, "day_hours": Decimal(8)}, "increment-and-day"),
        ({"discount_percent": Decimal(0)}, "discount-out-of-range"),
        ({"discount_percent": Decimal("100.5")}, "discount-out-of-range"),
        ({"payers": (half, half)}, "duplicate-payer two-rounding-payers"),
        ({"payers": (PayerShare(at.customer, Decimal("100.01")),)}, "share-out-of-range"),
        ({"payers": (half, PayerShare(rows.customer(at.entity), Decimal(50), True))}, "two-rounding-payers"),
        ({"payers": (PayerShare(at.customer, Decimal(1), False, Decimal(-5)),)}, "amount-not-positive"),
        ({"payers": (PayerShare(stranger.customer, Decimal(100)),)}, "foreign-customer"),
        ({"rules": (ChargeRule(),)}, "rule-unclear"),
        ({"project": at.project, "rules": (ChargeRule(task=task, role=at.role),)}, "rule-unclear"),
        (
            {"rules": (ChargeRule(role=at.role), ChargeRule(role=at.role, is_chargeable=True))},
            "duplicate-rule",
        ),
        ({"line": at.line}, "foreign-line"),
    ]:
        asked = line(at, **terms)
        with refused(*code.split()):
            create(at, asked)


# --- Shares ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rounding", "shares"),
    [
        (0, "33.34 33.33 33.33"),
        (1, "33.33 33.34 33.33"),
        (2, "33.33 33.33 33.34"),
        (None, "33.33 33.33 33.34"),
    ],
)
def test_equal_shares_leave_the_rest_to_the_rounding_payer_wherever_it_stands(at, rounding, shares):
    payers = [PayerShare(at.customer, is_rounding=nth == rounding) for nth in range(3)]
    even = evenly_distributed(payers)
    assert " ".join(str(payer.split_percent) for payer in even) == shares
    assert sum(payer.split_percent for payer in even) == 100
    assert [payer.is_rounding for payer in even].index(True) == (2 if rounding is None else rounding)


def test_nobody_shares_nothing(at):
    assert evenly_distributed([]) == ()
    assert evenly_distributed([PayerShare(at.customer)])[0].split_percent == 100


# --- What contract terms say of a submission ------------------------------------------------------

DECISION = {
    "id",
    "entry",
    "status",
    "terms_changed",
    "worker",
    "submitted_by",
    "submitted_at",
    "decided_by",
    "decided_at",
    "on_behalf_of",
    "comment",
}


def test_every_column_of_an_approval_is_said_by_the_terms_or_by_people():
    """A new column must be named here, or in TERMS where confirming a contract shall bring it up to date."""
    assert {field.name for field in Approval._meta.concrete_fields} == DECISION | set(TERMS)

"""Previews ask for what the drafts will: standing discounts, retentions and advances are counted (B12)."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.drafts_ahead import drafts_ahead, previews
from billing.models import MilestoneShare, Proforma
from billing.previewing import preview_run
from projects.models import BacklogItem, ContractLine, ProjectContract
from projects.roles import PROJECT_MANAGER
from tests.company import Company, only
from tests.company.batch import Batch
from tests.company.checking import assert_proven, statements
from tests.company.contracts import contract_with_hours
from tests.company.people import signed_in
from tests.company.retainers import invoiced
from tests.company.rows import CUT_OFF

pytestmark = pytest.mark.django_db
RUN_DATE, SECOND = date(2026, 10, 5), date(2026, 10, 19)
DISCOUNT = {"discount_percent": Decimal(3), "discount_reason": "Framework agreement"}
RETENTION = {"retention_percent": Decimal(10), "retention_months": 3}
HOURS = ("1.25", "7.3", "0.35")
"""Of 200.00 each: 250.00, 1,460.00 and 70.00, which is 1,780.00."""


def agreed(*, discount=False, retention=False, advance=None):
    """A company whose contract lowers what its drafts ask for."""
    company = Company()
    if discount:
        ContractLine.objects.filter(pk=company.line.pk).update(**DISCOUNT)
    if retention:
        ProjectContract.objects.filter(pk=company.contract.pk).update(**RETENTION)
    if advance:
        invoiced(company, advance)
    return company


def worked(company, day=date(2026, 3, 2)):
    for hours in HOURS:
        company.approved(hours, date=day)
    company.ready()


TERMS = [
    ({"discount": True}, "1726.60"),
    ({"retention": True}, "1602.00"),
    ({"advance": "500"}, "1280.00"),
    # 3 % of 1,780.00 is 53.40; a tenth of 1,726.60 is 172.66; 300.00 are applied.
    ({"discount": True, "retention": True, "advance": "300"}, "1253.94"),
]


@pytest.mark.parametrize(("terms", "net"), TERMS)
def test_the_preview_of_drafts_is_the_net_of_the_draft(terms, net):
    company = agreed(**terms)
    worked(company)
    contracts = only(company.contract)
    (bulk,) = drafts_ahead(contracts, CUT_OFF, cut_off=CUT_OFF).made
    of_contract = {"milestone__contract_line__contract": company.contract}
    items = BacklogItem.objects.filter(contract=company.contract)
    (single,) = previews(items, MilestoneShare.objects.filter(**of_contract), CUT_OFF)
    (draft,) = company.drafts(CUT_OFF)
    assert bulk.amount == single.amount == draft.net_amount == Decimal(net)
    assert_proven()


@pytest.mark.parametrize(("terms", "net"), TERMS[:3])
def test_the_preview_of_a_run_is_the_net_of_the_draft_before_advances(terms, net):
    company = agreed(**terms)
    batch = Batch(company)
    batch.schedule(company.line, period="biweekly", weekday=0)
    worked(company, date(2026, 10, 2))
    (expected,) = preview_run(batch.job, RUN_DATE)
    batch.morning(RUN_DATE)
    draft = Proforma.objects.get(scheduled_for=RUN_DATE)
    assert expected.amount - expected.available == draft.net_amount == Decimal(net)
    assert_proven()


def test_each_run_date_and_milestone_is_lowered_on_the_draft_it_is_on():
    company = agreed(discount=True, retention=True)
    batch = Batch(company)
    batch.schedule(company.line, period="biweekly", weekday=0)
    company.milestone("33.35", due_on=RUN_DATE)
    worked(company, date(2026, 10, 2))
    company.approved("0.35", date=date(2026, 10, 14))
    company.ready()
    foreseen = [(one.run_date, one.amount) for one in preview_run(batch.job, SECOND) if one.entries]
    batch.morning(SECOND)
    made = Proforma.objects.order_by("scheduled_for").values_list("scheduled_for", "net_amount")
    # The milestone is of a line without discount: a tenth of 1,726.60 and 33.35 is kept back, then of 67.90.
    assert (
        foreseen
        == list(made)
        == [
            (RUN_DATE, Decimal("1583.95")),
            (SECOND, Decimal("61.11")),
        ]
    )


def test_statements_do_not_depend_on_how_many_contracts_have_terms():
    company = agreed(discount=True, retention=True)
    worked(company)
    chosen = ProjectContract.objects.filter(legal_entity=company.entity)
    one = statements(lambda: drafts_ahead(chosen, CUT_OFF, cut_off=CUT_OFF))
    for _each in range(4):
        deal = contract_with_hours(company, 8)
        ContractLine.objects.filter(contract=deal).update(**DISCOUNT)
        ProjectContract.objects.filter(pk=deal.pk).update(**RETENTION)
    assert len(drafts_ahead(chosen, CUT_OFF, cut_off=CUT_OFF).made) == 5
    assert statements(lambda: drafts_ahead(chosen, CUT_OFF, cut_off=CUT_OFF)) == one


def test_the_page_promises_what_the_draft_comes_to():
    company = agreed(discount=True, retention=True)
    worked(company)
    ProjectContract.objects.filter(pk=company.contract.pk).update(manager=company.manager)
    client = signed_in(company.admit(company.manager, PROJECT_MANAGER))
    single = client.get(reverse("contract-draft", args=[company.contract.number]))
    (total,) = single.context["totals"]
    assert total.amount == Decimal("1726.60")

"""Estimates of fixed prices in the admin: estimated, posted, reversed; cost moved from the journal lines."""

from decimal import Decimal
from typing import Any

import pytest

from accounting.models import (
    CostRevenueProfile,
    IntegrationJournalLine,
    PostingAccount,
    RevenueEstimate,
    Voucher,
)
from accounting.states import PostingType
from projects.models import ContractLine
from projects.states import BillingMethod
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company

pytestmark = pytest.mark.django_db

ESTIMATE, LINE, ACCOUNT = (
    f"accounting_{name}" for name in ("revenueestimate", "integrationjournalline", "postingaccount")
)


@pytest.fixture
def project(company: Company) -> Any:
    """A project at a fixed price of 5,000, recognised by completed percentage."""
    company.works_at_a_fixed_price()
    ContractLine.objects.filter(pk=company.line.pk).update(contracted_amount=Decimal(5000))
    profiles = CostRevenueProfile.objects.filter(billing_method=BillingMethod.FIXED_PRICE)
    profiles.update(on_account="balance", recognition="completed_percentage")
    company.approved(8)
    company.journalise()
    return company.project


def estimate(accountant: AdminClient, **answers: str) -> Any:
    page = accountant.shown(f"{ESTIMATE}_list_action", "estimate")
    return accountant.confirms(page, **{"day": "2026-03-15", "total_cost": "", "percent": ""} | answers)


def codes_of(answer: Any) -> tuple[int, list[str]]:
    return answer.status_code, [one.code for one in answer.context["refusals"]]


def test_a_project_is_estimated_posted_and_reversed_by_pages(project: Any, accountant: AdminClient):
    answer = estimate(accountant, project=project.number, total_cost="1600")
    assert messages_of(answer) == ["The project is estimated; review the estimate, then post it."]
    made = RevenueEstimate.objects.get()
    assert (made.amount, made.status) == (2500, "created")
    assert accountant.shown(f"{ESTIMATE}_changelist").status_code == 200

    page = accountant.chosen(ESTIMATE, "post", made)
    assert "€2,500.00" in page.content.decode()
    assert messages_of(accountant.confirms(page)) == ["Done for 1 estimate."]
    voucher = Voucher.objects.get(source_kind="estimate")
    assert voucher.number in accountant.shown(f"{ESTIMATE}_change", made.pk).content.decode()

    refused = accountant.confirms(accountant.chosen(ESTIMATE, "eliminate", made), day="2026-03-31")
    assert codes_of(refused) == (422, ["not-complete", "not-invoiced-in-full"])
    accountant.confirms(accountant.chosen(ESTIMATE, "withdraw", made), day="2026-03-31")
    assert RevenueEstimate.objects.get().status == "created"


def test_an_unknown_project_or_day_is_refused(project: Any, accountant: AdminClient):
    assert codes_of(estimate(accountant, project="no such", percent="10")) == (422, ["no-such-project"])
    answer = estimate(accountant, project=project.number, day="2031-01-01", percent="10")
    assert codes_of(answer) == (422, ["period-missing"])
    assert not RevenueEstimate.objects.exists()


def test_cost_is_moved_from_the_list_of_journal_lines(company: Company, accountant: AdminClient):
    CostRevenueProfile.objects.update(
        accrues_time=False, accrues_expense=False, accrues_material=False, post_time_cost="balance"
    )
    company.approved(8)
    company.journalise()
    page = accountant.chosen(LINE, "move-cost", *IntegrationJournalLine.objects.all())
    assert page.context["preview"].summary == "The cost of 1 line moves."
    assert messages_of(accountant.confirms(page, day="2026-03-31")) == ["The cost of 1 line is moved."]
    assert "1460 Work in progress, cost value 0.00" in company.ledger()


def test_a_role_in_use_is_pointed_elsewhere_from_a_day_on(company: Company, controller: AdminClient):
    company.approved(8)
    company.journalise()
    general = PostingAccount.objects.get(
        legal_entity=company.entity, posting_type=PostingType.PROJECT_COST, project=None
    )
    other = PostingAccount.objects.get(
        legal_entity=company.entity, posting_type=PostingType.ROUNDING, project=None
    ).account
    row = {
        "legal_entity": company.entity.pk,
        "posting_type": PostingType.PROJECT_COST,
        "account": other.pk,
        "project": "",
        "project_group": "",
        "category": "",
        "category_group": "",
    }
    early = controller.sent(f"{ACCOUNT}_add", data=row | {"starts_on": "2026-03-01"})
    assert "Its account is in use until 2 Mar 2026." in early.content.decode()
    controller.sent(f"{ACCOUNT}_add", data=row | {"starts_on": "2026-03-03"})
    assert PostingAccount.objects.filter(account=other, starts_on="2026-03-03").count() == 1
    changed = controller.sent(f"{ACCOUNT}_change", general.pk, data={"account": other.pk})
    assert PostingAccount.objects.get(pk=general.pk).account_id == general.account_id, changed.status_code

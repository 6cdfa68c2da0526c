"""Shares, amounts and days that cannot be are refused at their field by page, admin and verb (B12)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing.discounting import Allowance, change_discount, charge_fee, grant_discount
from billing.models import Proforma, Retention
from billing.releasing import RetentionTerms, change_release, keep_share, release_retentions
from projects.models import ProjectContract
from projects.roles import PROJECT_ACCOUNTANT
from projects.states import ContractStatus
from tests.admin.admin_client import AdminClient, formset
from tests.billing.proforma_pages import form_of
from tests.company import Company, rows
from tests.company.checking import refused, unchanged
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

NO_SHARES = ["NaN", "sNaN", "Infinity", "-Infinity", "-5", "0", "10.00001", "100.0001", "1E+30", "1E-30"]
NO_AMOUNTS = ["NaN", "Infinity", "-Infinity", "0", "-5", "100000000000", "1E+30"]
TYPED = ["NaN", "Infinity", "1e3", "10.00001", "100.01", "0", "-5", "99999999999999999999"]
NO_SHARES_TYPED = ["NaN", "Infinity", "0", "-1", "100.01", "10.00001", "1E+30"]
LAST_OF_ALL = date(9999, 12, 31)


@pytest.fixture
def at(company: Company) -> Company:
    return company


def who(company: Company) -> dict[str, Any]:
    return {"actor": company.manager, "at": NOW}


# --- Verbs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("percent", NO_SHARES)
def test_no_verb_takes_a_percentage_that_is_no_share(company, draft, percent):
    line, share = draft.lines.get(), Decimal(percent)
    granted = grant_discount(line, Allowance(percent=Decimal(5), reason="Loyal"), **who(company))
    with refused("percent-out-of-range"):
        grant_discount(line, Allowance(percent=share, reason="Loyal"), **who(company))
    with refused("percent-out-of-range"):
        change_discount(granted, Allowance(percent=share, reason="Loyal"), **who(company))
    with refused("retention-out-of-range"):
        keep_share(draft, RetentionTerms(share), **who(company))


@pytest.mark.parametrize("amount", NO_AMOUNTS)
def test_no_verb_takes_an_amount_that_is_none(company, draft, amount):
    with refused("amount-not-positive"):
        grant_discount(draft.lines.get(), Allowance(amount=Decimal(amount), reason="Loyal"), **who(company))
    with refused("amount-not-positive"):
        charge_fee(draft.lines.get(), Decimal(amount), "Express", **who(company))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_nothing_is_released_of_no_number(company, amount):
    ProjectContract.objects.update(retention_percent=Decimal(10), retention_months=0)
    company.approved(8)
    (confirmed,) = company.confirm(company.draft())
    with refused("amount-not-positive"):
        release_retentions(
            Retention.objects.all(),
            amount=Decimal(amount),
            invoice_date=confirmed.invoice_date,
            **who(company),
        )


@pytest.mark.parametrize("day", [LAST_OF_ALL, date(2200, 1, 1), date(1899, 12, 31)])
def test_no_verb_takes_a_day_that_nobody_agrees_on(company, draft, day):
    with refused("day-not-possible"):
        keep_share(draft, RetentionTerms(Decimal(5), day), **who(company))
    keep_share(draft, RetentionTerms(Decimal(5)), **who(company))
    company.confirm(draft)
    with refused("day-not-possible"):
        change_release(Retention.objects.all(), release_on=day, **who(company))


def test_a_draft_of_the_last_year_of_all_has_no_release_date_and_is_refused(company):
    ProjectContract.objects.update(retention_percent=Decimal(10), retention_months=3)
    company.approved(8)
    company.ready()
    with refused("day-not-possible"):
        company.drafts(LAST_OF_ALL)
    assert not Proforma.objects.exists()


# --- Pages ----------------------------------------------------------------------------------------


def answers(client: Any, address: str, field: str, typed: str, **others: str) -> Any:
    """The form as it was sent, with an error at the field, after which nothing has changed."""
    sent = form_of(client.get(address)) | {field: typed} | others
    with unchanged():
        answer = client.post(address, sent)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    return answer


@pytest.mark.parametrize("typed", TYPED)
def test_the_pages_refuse_a_share_at_its_field(manager, draft, typed):
    discount = reverse("proforma-discount", args=[draft.number, draft.lines.get().pk])
    answer = answers(manager, discount, "percent", typed, reason="Loyal")
    assert f'value="{typed}"' in answer.content.decode()
    answers(manager, reverse("proforma-retention", args=[draft.number]), "percent", typed)


@pytest.mark.parametrize("typed", ["9999-12-31", "1899-12-31", "31.12.2026"])
def test_the_page_refuses_a_day_at_its_field(manager, draft, typed):
    keep = reverse("proforma-retention", args=[draft.number])
    answers(manager, keep, "release_on", typed, percent="5")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        *(("retention_percent", typed) for typed in ("NaN", "100.01", "10.00001", "1e3")),
        *(("retention_months", typed) for typed in ("241", "-1", "99999999999")),
    ],
)
def test_the_page_of_a_contract_refuses_them_at_their_field(manager, company, field, typed):
    edit = reverse("contract-edit", args=[company.contract.number])
    answers(manager, edit, field, typed)


# --- Admin ----------------------------------------------------------------------------------------


@pytest.fixture
def admin(company: Company) -> AdminClient:
    return AdminClient(company.admit(company.accountant, PROJECT_ACCOUNTANT))


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        *(("retention_percent", one) for one in NO_SHARES_TYPED),
        *(("retention_months", one) for one in ("241", "-1", "99999999999")),
    ],
)
def test_the_admin_refuses_them_at_their_field(admin, company, field, typed):
    contract = rows.draft_contract(company)
    assert contract.status == ContractStatus.DRAFT
    sent = {
        "legal_entity": company.entity.pk,
        "number": contract.number,
        "name": contract.name,
        "customer": company.customer.pk,
        "currency": "EUR",
        **formset("customers"),
        field: typed,
    }
    with unchanged():
        answer = admin.sent("projects_projectcontract_change", contract.pk, data=sent)
    assert field in answer.context["adminform"].form.errors


@pytest.mark.parametrize("typed", NO_SHARES_TYPED)
def test_the_admin_refuses_a_standing_discount_at_its_field(admin, company, typed):
    line = company.line
    sent = {
        "name": line.name,
        "billing_method": line.billing_method,
        "increment_rule": "up",
        "increment_scope": "entry",
        "discount_percent": typed,
        **formset("customers"),
        **formset("chargeability"),
    }
    with unchanged():
        answer = admin.sent("projects_contractline_change", line.pk, data=sent)
    assert "discount_percent" in answer.context["adminform"].form.errors

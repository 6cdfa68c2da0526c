"""Change the dates of open drafts, and every way on where a day is closed (B7, decisions 17 and 18)."""

from datetime import date
from decimal import Decimal

import pytest

from billing.draft_targets import reasons_against
from billing.models import Proforma
from billing.redating import HeadingChanges, change_headings
from core.models import Activity
from projects.models import LegalEntity, ProjectContract, TaxRate
from tests.company import Company, only
from tests.company.checking import refused, statements
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db


def fresh(draft: Proforma) -> Proforma:
    return Proforma.objects.get(pk=draft.pk)


def change(company: Company, *drafts: Proforma, **changes: object) -> list[Proforma]:
    return change_headings(only(*drafts), HeadingChanges(**changes), actor=company.manager, at=NOW)


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def draft(company: Company) -> Proforma:
    """Eight hours of 2 March at 200, invoiced on 31 March with 20 % tax."""
    company.approved(8)
    return company.draft()


def test_another_date_estimates_the_tax_of_that_date(company, draft):
    company.is_taxed_by_invoice_date()
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=date(2026, 4, 1), percent=Decimal(10))
    change(company, draft, invoice_date=date(2026, 4, 15), description="March")
    now = fresh(draft)
    assert (now.invoice_date, now.cut_off_date, now.description) == (date(2026, 4, 15), CUT_OFF, "March")
    assert (now.number, now.net_amount, now.tax_amount) == (draft.number, 1600, 160)
    log = Activity.objects.get(verb="redated")
    assert log.changes == {"invoice_date": ["2026-03-31", "2026-04-15"], "description": ["", "March"]}


def test_a_closed_day_is_refused_with_the_first_open_one(company, draft):
    LegalEntity.objects.update(locked_through=date(2026, 4, 30))
    with refused("period-locked") as caught:
        change(company, draft, invoice_date=date(2026, 4, 15))
    (refusal,) = caught.value.refusals
    assert (refusal.message, refusal.way_out) == (
        "15 Apr 2026 lies in a closed period.",
        "Choose 1 May 2026 or a later date, or ask a finance controller to reopen the period.",
    )
    change(company, draft, invoice_date=date(2026, 5, 1))
    assert fresh(draft).invoice_date == date(2026, 5, 1)


def test_drafting_in_a_closed_period_names_the_first_open_day(company, draft):
    contract = ProjectContract.objects.select_related("legal_entity").get(pk=company.contract.pk)
    contract.legal_entity.locked_through = CUT_OFF
    (refusal,) = reasons_against([contract], DAY)
    assert refusal.way_out == (
        "Choose 1 Apr 2026 or a later date, or ask a finance controller to reopen the period."
    )


def test_the_cut_off_stays_between_what_is_held_and_the_invoice_date(company, draft):
    change(company, draft, cut_off=DAY)
    assert fresh(draft).cut_off_date == DAY
    with refused("work-after-cut-off"):
        change(company, draft, cut_off=date(2026, 3, 1))
    with refused("cut-off-after-invoice"):
        change(company, draft, cut_off=date(2026, 4, 1))
    with refused("cut-off-after-invoice"):
        change(company, draft, invoice_date=date(2026, 3, 1))
    change(company, draft, invoice_date=date(2026, 4, 30), cut_off=date(2026, 4, 30))
    assert fresh(draft).cut_off_date == date(2026, 4, 30)


def test_a_cut_off_before_a_milestone_is_refused_too(company, draft):
    company.milestone("500", due_on=date(2026, 4, 10))
    (stones,) = company.drafts(on=date(2026, 4, 30))
    with refused("work-after-cut-off"):
        change(company, stones, cut_off=date(2026, 4, 9))


def test_a_confirmed_proforma_keeps_its_dates(company, draft):
    company.confirm(draft)
    with refused("frozen"):
        change(company, draft, invoice_date=date(2026, 4, 15))


def test_nothing_changed_is_nothing_logged(company, draft):
    change(company, draft, invoice_date=CUT_OFF)
    change(company, draft)
    assert not Activity.objects.filter(verb="redated").exists()


def test_many_drafts_are_redated_in_as_many_statements_as_few(company, draft):
    company.approved(1)
    second = company.draft()
    day = date(2026, 4, 15)
    assert statements(lambda: change(company, draft, invoice_date=day)) == statements(
        lambda: change(company, draft, second, invoice_date=date(2026, 4, 16))
    )

"""Draft proformas: claim what is ready, then add up what is held (B5; decisions 1, 10, 11)."""

from datetime import date
from decimal import Decimal

import pytest

from billing.drafting import draft_contracts, draft_selection
from billing.models import InvoiceLineDetail, MilestoneShare, Proforma
from billing.removing import delete_drafts
from billing.states import ProformaStatus, Remainder
from core.models import Activity
from projects.contracting import hold_contracts
from projects.models import BacklogItem, Customer, LegalEntity, ProjectContract, SalesTaxGroup, TaxRate
from projects.states import BillingStatus, ContractStatus, SalesTaxGroupMethod
from tests.company import Company, only, rows
from tests.company.checking import refused, statements
from tests.company.rows import CUT_OFF, DAY, NOW, next_number

pytestmark = pytest.mark.django_db


def test_a_draft_says_what_it_holds():
    company = Company()
    company.approved(8, external_description="Analysis")
    draft = company.draft()
    assert (draft.number, draft.status, draft.currency) == ("PF-2026-00001", ProformaStatus.DRAFT, "EUR")
    assert (draft.contract, draft.customer, draft.legal_entity) == (
        company.contract,
        company.customer,
        company.entity,
    )
    assert (draft.invoice_date, draft.cut_off_date, draft.scheduled_for) == (CUT_OFF, CUT_OFF, None)
    assert (draft.created_by, draft.created_at) == (company.manager, NOW)
    (line,) = draft.lines.all()
    assert (line.name, line.contract_line, line.amount) == ("Hours", company.line, 1600)
    (detail,) = line.details.all()
    assert (detail.quantity, detail.unit, detail.price, detail.amount) == (8, "h", 200, 1600)
    assert (detail.transaction_class, detail.transaction_date) == ("time", DAY)
    assert (detail.description, detail.external_description) == ("time of the day", "Analysis")
    assert (detail.item_sales_tax_group, detail.remainder) == (company.item_group, Remainder.WRITE_OFF)
    assert detail.actual.backlog_item.status == BillingStatus.ON_DRAFT
    assert Activity.objects.get(verb="drafted").subject_id == draft.pk


def test_only_what_is_ready_and_dated_up_to_the_cut_off_enters():
    company = Company()
    company.approved(1, date=date(2026, 3, 30))
    company.approved(2, date=CUT_OFF)
    company.approved(4, date=date(2026, 4, 1))
    company.ready()
    company.approved(8)
    (draft,) = company.drafts()
    assert draft.net_amount == 600
    assert company.backlog().splitlines() == [
        "2026-03-02 chargeable +8 +1600.00 not_ready",
        "2026-03-30 chargeable +1 +200.00 on_draft",
        "2026-03-31 chargeable +2 +400.00 on_draft",
        "2026-04-01 chargeable +4 +800.00 ready",
    ]


def test_the_cut_off_may_be_before_the_invoice_date():
    company = Company()
    company.approved(1, date=date(2026, 3, 15))
    company.approved(2, date=date(2026, 3, 16))
    company.ready()
    (draft,) = company.drafts(cut_off=date(2026, 3, 15))
    assert (draft.net_amount, draft.invoice_date, draft.cut_off_date) == (200, CUT_OFF, date(2026, 3, 15))


def test_nothing_ready_is_no_draft_and_takes_no_number():
    company = Company()
    company.approved(8)
    assert company.drafts() == []
    assert company.draft().number == "PF-2026-00001"
    assert company.drafts() == []


def test_a_draft_has_a_line_for_every_contract_line_of_its_customer_even_an_empty_one():
    company = Company()
    company.fixed_price_line(name="Prototype")
    other = rows.customer(company.entity)
    rows.contract_line(company.contract, other, name="Somebody else pays")
    company.approved(8)
    draft = company.draft()
    lines = draft.lines.order_by("contract_line__number").values_list("name", "amount")
    assert list(lines) == [("Hours", 1600), ("Prototype", 0)]


def test_each_contract_and_customer_has_its_own():
    company = Company()
    payers = company.is_shared_by("75", "25")
    deal = rows.contract(company.entity, company.customer)
    project = company.fixed_price_line().project
    project.contract_lines.all().delete()
    rows.contract_line(deal, company.customer, project=project)
    company.approved(8)
    company.approved(4, project=project)
    company.ready()
    drafts = company.drafts()
    assert [(draft.contract, draft.customer, draft.net_amount) for draft in drafts] == [
        (company.contract, payers[0], 1200),
        (company.contract, payers[1], 400),
        (deal, payers[0], 800),
    ]
    assert [draft.number for draft in drafts] == ["PF-2026-00001", "PF-2026-00002", "PF-2026-00003"]


def test_a_second_draft_takes_what_has_become_ready_since():
    company = Company()
    company.approved(8)
    first = company.draft()
    company.approved(4)
    second = company.draft()
    assert (first.net_amount, second.net_amount) == (1600, 800)
    assert Proforma.objects.get(pk=first.pk).net_amount == 1600


def test_a_selection_takes_the_chosen_rows_alone():
    company = Company()
    company.approved(8)
    company.approved(4)
    share, other = company.milestone("5000"), company.milestone("700")
    company.ready()
    chosen = BacklogItem.objects.filter(quantity=4)
    (draft,) = draft_selection(chosen, only(share), invoice_date=CUT_OFF, actor=company.manager, at=NOW)
    assert draft.net_amount == 5800
    assert BacklogItem.objects.get(quantity=8).status == BillingStatus.READY
    assert MilestoneShare.objects.get(pk=other.pk).status == "ready"


def test_a_selection_of_later_rows_or_of_none_drafts_nothing():
    company = Company()
    company.approved(8, date=date(2026, 4, 1))
    company.ready()
    nothing = MilestoneShare.objects.none()
    for items in (BacklogItem.objects.all(), BacklogItem.objects.none()):
        assert draft_selection(items, nothing, invoice_date=CUT_OFF, actor=company.manager, at=NOW) == []
    assert not Proforma.objects.exists()


@pytest.mark.parametrize("status", [ContractStatus.DRAFT, ContractStatus.ON_HOLD])
def test_only_a_confirmed_contract_is_invoiced(status):
    company = Company()
    site = rows.project(company)
    contract = rows.contract(company.entity, company.customer, status=status)
    rows.contract_line(contract, company.customer, project=site)
    company.approved(8, project=site)
    company.ready()
    with refused("contract-not-confirmed"):
        company.drafts()


def test_all_reasons_are_named_at_once_and_nothing_is_drafted():
    company = Company()
    good = rows.contract(company.entity, rows.customer(company.entity))
    company.approved(8)
    company.ready()
    hold_contracts(only(company.contract), actor=company.manager, at=NOW)
    Customer.objects.filter(pk=company.customer.pk).update(is_on_hold=True)
    with refused("contract-not-confirmed", "customer-on-hold"):
        company.drafts()
    LegalEntity.objects.filter(pk=company.entity.pk).update(locked_through=CUT_OFF)
    with refused("period-locked"):
        draft_contracts(only(good), invoice_date=CUT_OFF, actor=company.manager, at=NOW)


def test_a_deleted_draft_leaves_everything_ready_for_the_next():
    company = Company()
    company.approved(8)
    company.milestone("5000")
    draft = company.draft()
    assert delete_drafts(only(draft), actor=company.manager, at=NOW) == 1
    assert not InvoiceLineDetail.objects.exists()
    (again,) = company.drafts()
    assert (again.number, again.net_amount) == ("PF-2026-00002", 6600)


# --- Tax -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (SalesTaxGroupMethod.SEARCH, "project"),
        (SalesTaxGroupMethod.PROJECT, "project"),
        (SalesTaxGroupMethod.CONTRACT, "contract"),
        (SalesTaxGroupMethod.CUSTOMER, "customer"),
    ],
)
def test_where_the_sales_tax_group_comes_from(method, expected):
    company = Company()
    groups = {
        name: SalesTaxGroup.objects.create(code=f"{name}-{next_number()}", name=name)
        for name in ("project", "contract", "customer")
    }
    LegalEntity.objects.filter(pk=company.entity.pk).update(tax_group_method=method)
    type(company.project).objects.filter(pk=company.project.pk).update(sales_tax_group=groups["project"])
    ProjectContract.objects.filter(pk=company.contract.pk).update(sales_tax_group=groups["contract"])
    Customer.objects.filter(pk=company.customer.pk).update(sales_tax_group=groups["customer"])
    company.approved(8)
    draft = company.draft()
    assert draft.sales_tax_group == groups[expected]


def test_searching_goes_from_the_project_to_the_contract_to_the_customer():
    company = Company()
    company.approved(8)
    assert company.draft().sales_tax_group == SalesTaxGroup.objects.get(rules__tax_code=company.tax_code)


def test_the_estimate_is_that_of_the_invoice_date_where_the_company_says_so():
    company = Company()
    company.is_taxed_by_invoice_date()
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=date(2026, 4, 1), percent=Decimal("7.5"))
    company.approved(8)
    company.approved(4)
    company.ready()
    (march,) = company.drafts(CUT_OFF)
    delete_drafts(only(march), actor=company.manager, at=NOW)
    (april,) = company.drafts(date(2026, 4, 1), cut_off=CUT_OFF)
    assert (march.tax_amount, april.tax_amount) == (480, 180)


def test_without_a_rate_the_estimate_is_nothing():
    company = Company()
    TaxRate.objects.filter(tax_code=company.tax_code).delete()
    company.approved(8)
    draft = company.draft()
    assert (draft.net_amount, draft.tax_amount, draft.gross_amount) == (1600, 0, 1600)


def test_many_items_are_drafted_in_as_many_statements_as_one():
    company = Company()
    company.approved(8)
    company.draft()  # the first of a year makes the series
    company.approved(8)
    company.ready()
    expected = statements(company.drafts)
    for _each in range(30):
        company.approved(8)
    company.ready()
    assert statements(company.drafts) == expected

"""Draft proformas: claim what is ready, then add up what is held (B5; PRODUCT decisions 1, 10, 11)."""

from datetime import date
from decimal import Decimal

import pytest

from billing.drafting import draft_contracts, draft_selection
from billing.editing import delete_drafts
from billing.models import InvoiceLineDetail, MilestoneShare, Proforma
from billing.states import ProformaStatus, Remainder
from core.models import Activity
from projects.contracting import hold_contracts
from projects.models import BacklogItem, Customer, LegalEntity, ProjectContract, SalesTaxGroup, TaxRate
from projects.states import BillingStatus, ContractStatus, SalesTaxGroupMethod
from tests.factories import world
from tests.factories.world import CUT_OFF, DAY, NOW, next_number
from tests.telling import refused, statements
from tests.trade import Trade, only

pytestmark = pytest.mark.django_db


def test_a_draft_says_what_it_holds():
    trade = Trade()
    trade.approved(8, external_description="Analysis")
    draft = trade.draft()
    assert (draft.number, draft.status, draft.currency) == ("PF-2026-00001", ProformaStatus.DRAFT, "EUR")
    assert (draft.contract, draft.customer, draft.legal_entity) == (
        trade.contract,
        trade.customer,
        trade.entity,
    )
    assert (draft.invoice_date, draft.cut_off_date, draft.scheduled_for) == (CUT_OFF, CUT_OFF, None)
    assert (draft.created_by, draft.created_at) == (trade.manager, NOW)
    (line,) = draft.lines.all()
    assert (line.name, line.contract_line, line.amount) == ("Hours", trade.line, 1600)
    (detail,) = line.details.all()
    assert (detail.quantity, detail.unit, detail.price, detail.amount) == (8, "h", 200, 1600)
    assert (detail.transaction_class, detail.transaction_date) == ("time", DAY)
    assert (detail.description, detail.external_description) == ("time of the day", "Analysis")
    assert (detail.item_sales_tax_group, detail.remainder) == (trade.item_group, Remainder.WRITE_OFF)
    assert detail.actual.backlog_item.status == BillingStatus.ON_DRAFT
    assert Activity.objects.get(verb="drafted").subject_id == draft.pk


def test_only_what_is_ready_and_dated_up_to_the_cut_off_enters():
    trade = Trade()
    trade.approved(1, date=date(2026, 3, 30))
    trade.approved(2, date=CUT_OFF)
    trade.approved(4, date=date(2026, 4, 1))
    trade.ready()
    trade.approved(8)
    (draft,) = trade.drafts()
    assert draft.net_amount == 600
    assert trade.backlog().splitlines() == [
        "2026-03-02 chargeable +8 +1600.00 not_ready",
        "2026-03-30 chargeable +1 +200.00 on_draft",
        "2026-03-31 chargeable +2 +400.00 on_draft",
        "2026-04-01 chargeable +4 +800.00 ready",
    ]


def test_the_cut_off_may_be_before_the_invoice_date():
    trade = Trade()
    trade.approved(1, date=date(2026, 3, 15))
    trade.approved(2, date=date(2026, 3, 16))
    trade.ready()
    (draft,) = trade.drafts(cut_off=date(2026, 3, 15))
    assert (draft.net_amount, draft.invoice_date, draft.cut_off_date) == (200, CUT_OFF, date(2026, 3, 15))


def test_nothing_ready_is_no_draft_and_takes_no_number():
    trade = Trade()
    trade.approved(8)
    assert trade.drafts() == []
    assert trade.draft().number == "PF-2026-00001"
    assert trade.drafts() == []


def test_a_draft_has_a_line_for_every_contract_line_of_its_customer_even_an_empty_one():
    trade = Trade()
    trade.fixed_price_line(name="Prototype")
    other = world.customer(trade.entity)
    world.contract_line(trade.contract, other, name="Somebody else pays")
    trade.approved(8)
    draft = trade.draft()
    lines = draft.lines.order_by("contract_line__number").values_list("name", "amount")
    assert list(lines) == [("Hours", 1600), ("Prototype", 0)]


def test_each_contract_and_customer_has_its_own():
    trade = Trade()
    payers = trade.is_shared_by("75", "25")
    deal = world.contract(trade.entity, trade.customer)
    project = trade.fixed_price_line().project
    project.contract_lines.all().delete()
    world.contract_line(deal, trade.customer, project=project)
    trade.approved(8)
    trade.approved(4, project=project)
    trade.ready()
    drafts = trade.drafts()
    assert [(draft.contract, draft.customer, draft.net_amount) for draft in drafts] == [
        (trade.contract, payers[0], 1200),
        (trade.contract, payers[1], 400),
        (deal, payers[0], 800),
    ]
    assert [draft.number for draft in drafts] == ["PF-2026-00001", "PF-2026-00002", "PF-2026-00003"]


def test_a_second_draft_takes_what_has_become_ready_since():
    trade = Trade()
    trade.approved(8)
    first = trade.draft()
    trade.approved(4)
    second = trade.draft()
    assert (first.net_amount, second.net_amount) == (1600, 800)
    assert Proforma.objects.get(pk=first.pk).net_amount == 1600


def test_a_selection_takes_the_chosen_rows_alone():
    trade = Trade()
    trade.approved(8)
    trade.approved(4)
    share, other = trade.milestone("5000"), trade.milestone("700")
    trade.ready()
    chosen = BacklogItem.objects.filter(quantity=4)
    (draft,) = draft_selection(chosen, only(share), invoice_date=CUT_OFF, actor=trade.manager, at=NOW)
    assert draft.net_amount == 5800
    assert BacklogItem.objects.get(quantity=8).status == BillingStatus.READY
    assert MilestoneShare.objects.get(pk=other.pk).status == "ready"


def test_a_selection_of_later_rows_or_of_none_drafts_nothing():
    trade = Trade()
    trade.approved(8, date=date(2026, 4, 1))
    trade.ready()
    nothing = MilestoneShare.objects.none()
    for items in (BacklogItem.objects.all(), BacklogItem.objects.none()):
        assert draft_selection(items, nothing, invoice_date=CUT_OFF, actor=trade.manager, at=NOW) == []
    assert not Proforma.objects.exists()


@pytest.mark.parametrize("status", [ContractStatus.DRAFT, ContractStatus.ON_HOLD])
def test_only_a_confirmed_contract_is_invoiced(status):
    trade = Trade()
    trade.approved(8)
    trade.ready()
    ProjectContract.objects.filter(pk=trade.contract.pk).update(status=status)
    with refused("contract-not-confirmed"):
        trade.drafts()


def test_all_reasons_are_given_at_once_and_nothing_is_drafted():
    trade = Trade()
    good = world.contract(trade.entity, world.customer(trade.entity))
    trade.approved(8)
    trade.ready()
    hold_contracts(only(trade.contract), actor=trade.manager, at=NOW)
    Customer.objects.filter(pk=trade.customer.pk).update(is_on_hold=True)
    with refused("contract-not-confirmed", "customer-on-hold"):
        trade.drafts()
    LegalEntity.objects.filter(pk=trade.entity.pk).update(locked_through=CUT_OFF)
    with refused("period-locked"):
        draft_contracts(only(good), invoice_date=CUT_OFF, actor=trade.manager, at=NOW)


def test_a_deleted_draft_leaves_everything_ready_for_the_next():
    trade = Trade()
    trade.approved(8)
    trade.milestone("5000")
    draft = trade.draft()
    assert delete_drafts(only(draft), actor=trade.manager, at=NOW) == 1
    assert not InvoiceLineDetail.objects.exists()
    (again,) = trade.drafts()
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
    trade = Trade()
    groups = {
        name: SalesTaxGroup.objects.create(code=f"{name}-{next_number()}", name=name)
        for name in ("project", "contract", "customer")
    }
    LegalEntity.objects.filter(pk=trade.entity.pk).update(tax_group_method=method)
    type(trade.project).objects.filter(pk=trade.project.pk).update(sales_tax_group=groups["project"])
    ProjectContract.objects.filter(pk=trade.contract.pk).update(sales_tax_group=groups["contract"])
    Customer.objects.filter(pk=trade.customer.pk).update(sales_tax_group=groups["customer"])
    trade.approved(8)
    draft = trade.draft()
    assert draft.sales_tax_group == groups[expected]


def test_searching_goes_from_the_project_to_the_contract_to_the_customer():
    trade = Trade()
    trade.approved(8)
    assert trade.draft().sales_tax_group == SalesTaxGroup.objects.get(rules__tax_code=trade.tax_code)


def test_the_estimate_is_that_of_the_invoice_date():
    trade = Trade()
    TaxRate.objects.create(tax_code=trade.tax_code, starts_on=date(2026, 4, 1), percent=Decimal("7.5"))
    trade.approved(8)
    trade.approved(4)
    trade.ready()
    (march,) = trade.drafts(CUT_OFF)
    delete_drafts(only(march), actor=trade.manager, at=NOW)
    (april,) = trade.drafts(date(2026, 4, 1))
    assert (march.tax_amount, april.tax_amount) == (480, 180)


def test_without_a_rate_the_estimate_is_nothing():
    trade = Trade()
    TaxRate.objects.filter(tax_code=trade.tax_code).delete()
    trade.approved(8)
    draft = trade.draft()
    assert (draft.net_amount, draft.tax_amount, draft.gross_amount) == (1600, 0, 1600)


def test_many_items_are_drafted_in_as_many_statements_as_one():
    trade = Trade()
    trade.approved(8)
    trade.draft()  # the first of a year makes the series
    trade.approved(8)
    trade.ready()
    expected = statements(trade.drafts)
    for _each in range(30):
        trade.approved(8)
    trade.ready()
    assert statements(trade.drafts) == expected

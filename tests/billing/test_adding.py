"""Add to open drafts what is ready, and bring drafts up to date (B5, B7; decisions 1, 5)."""

from datetime import date
from decimal import Decimal

import pytest

from billing.adding import add_to_drafts, place_selection, refresh_drafts
from billing.correction_rows import BilledCorrection
from billing.models import MilestoneShare, Proforma
from billing.states import MilestoneStatus
from core.models import Activity
from projects.models import (
    BacklogItem,
    Customer,
    LegalEntity,
    ProjectContract,
    SalesTaxGroup,
)
from projects.states import BillingStatus, ContractStatus
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven, refused, statements, unchanged
from tests.company.corrections import billed_row, correct
from tests.company.rows import CUT_OFF, DAY, NOW, next_number

pytestmark = pytest.mark.django_db

NO_SHARES = MilestoneShare.objects.none()


def fresh(draft: Proforma) -> Proforma:
    return Proforma.objects.get(pk=draft.pk)


def ready_items(company: Company) -> object:
    company.ready()
    return BacklogItem.objects.ready().filter(contract__legal_entity=company.entity)


def add(
    company: Company, draft: Proforma, items: object = None, shares: object = NO_SHARES
) -> list[Proforma]:
    chosen = ready_items(company) if items is None else items
    return add_to_drafts(chosen, shares, only(draft), actor=company.manager, at=NOW)


def refresh(company: Company, *drafts: Proforma, **options: object) -> list[Proforma]:
    return refresh_drafts(only(*drafts), actor=company.manager, at=NOW, **options)


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def draft(company: Company) -> Proforma:
    """Eight hours at 200: 1,600.00 net, 320.00 tax."""
    company.approved(8)
    return company.draft()


# --- Add chosen rows ------------------------------------------------------------------


def test_what_is_added_is_claimed_as_by_drafting_and_counted(company, draft):
    company.approved(4, external_description="Review")
    assert add(company, draft) == [draft]
    now = fresh(draft)
    assert (now.net_amount, now.tax_amount, now.gross_amount) == (2400, 480, 2880)
    (line,) = now.lines.all()
    assert (line.amount, line.details.count()) == (2400, 2)
    detail = line.details.get(quantity=4)
    assert (detail.amount, detail.external_description) == (800, "Review")
    item = BacklogItem.objects.get(quantity=4)
    assert (item.status, item.proforma_number) == (BillingStatus.ON_DRAFT, draft.number)
    log = Activity.objects.get(verb="added to")
    assert (log.subject_id, log.changes) == (
        draft.pk,
        {"details": ["1", "2"], "net_amount": ["1600", "2400"]},
    )


def test_what_was_edited_on_the_draft_stays_edited(company, draft):
    company.edit(draft, quantity="6")
    company.approved(1)
    add(company, draft)
    assert (fresh(draft).net_amount, details_of(draft).edited().count()) == (1400, 1)
    company.confirm(draft)
    assert_proven()


def test_a_missing_line_is_written_and_an_existing_one_is_used(company, draft):
    line = company.fixed_price_line(name="Prototype")
    share = company.milestone("5000", line=line)
    add(company, draft, BacklogItem.objects.none(), only(share))
    assert list(draft.lines.values_list("name", "amount")) == [("Hours", 1600), ("Prototype", 5000)]
    share = company.milestone("700", line=line)
    add(company, draft, BacklogItem.objects.none(), only(share))
    assert draft.lines.count() == 2
    assert fresh(draft).net_amount == 7300
    assert set(MilestoneShare.objects.values_list("status", flat=True)) == {MilestoneStatus.ON_DRAFT}


def test_what_is_not_ready_or_dated_after_the_cut_off_stays_behind(company, draft):
    company.approved(1, date=date(2026, 4, 1))
    company.ready()
    company.approved(2)
    late = company.milestone("500", due_on=date(2026, 4, 1))
    with unchanged():
        assert add(company, draft, BacklogItem.objects.all(), MilestoneShare.objects.all()) == []
    assert MilestoneShare.objects.get(pk=late.pk).status == MilestoneStatus.READY


def test_rows_of_others_are_left_where_they_are(company, draft):
    other = company.with_another_customer()
    other.approved(3)
    assert add(company, draft, ready_items(company)) == []
    payers = company.is_shared_by("75", "25")
    company.approved(4)
    add(company, draft, ready_items(company))
    assert (fresh(draft).customer, fresh(draft).net_amount) == (payers[0], 2200)
    assert BacklogItem.objects.get(customer=payers[1]).status == BillingStatus.READY


def test_what_exceeds_a_limit_stays_behind_and_is_not_ready_any_more(company, draft):
    ProjectContract.objects.update(not_to_exceed_amount=Decimal(2000))
    company.approved(2)
    company.ready()
    ProjectContract.objects.update(not_to_exceed_amount=Decimal(1900))
    assert add(company, draft, BacklogItem.objects.all()) == []
    item = BacklogItem.objects.get(quantity=2)
    assert (item.status, item.exceeded_limit) == (BillingStatus.NOT_READY, "contract")
    assert fresh(draft).net_amount == 1600


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda: ProjectContract.objects.update(status=ContractStatus.ON_HOLD), "contract-not-confirmed"),
        (lambda: Customer.objects.update(is_on_hold=True), "customer-on-hold"),
        (lambda: LegalEntity.objects.update(locked_through=CUT_OFF), "period-locked"),
        (
            lambda: Customer.objects.update(
                sales_tax_group=SalesTaxGroup.objects.create(code=f"g{next_number()}", name="Abroad")
            ),
            "other-tax-group",
        ),
    ],
)
def test_a_draft_takes_nothing_that_drafting_would_refuse(company, draft, change, code):
    company.approved(4)
    items = ready_items(company)
    change()
    with refused(code):
        add(company, draft, items)


def test_a_confirmed_proforma_takes_nothing(company, draft):
    company.confirm(draft)
    company.approved(4)
    items = ready_items(company)
    with refused("frozen"):
        add(company, draft, items)


def test_of_two_drafts_of_a_customer_one_is_chosen(company, draft):
    company.approved(4)
    second = company.draft()
    company.approved(2)
    items = ready_items(company)
    with refused("several-drafts") as caught:
        add_to_drafts(items, NO_SHARES, only(draft, second), actor=company.manager, at=NOW)
    assert caught.value.refusals[0].subject == f"{draft.number}, {second.number}"
    add(company, second, items)
    assert (fresh(draft).net_amount, fresh(second).net_amount) == (1600, 1200)


def test_a_selection_over_several_contracts_goes_to_their_drafts_or_to_new_ones(company, draft):
    other = company.with_another_customer()
    company.approved(1)
    other.approved(2)
    items = ready_items(company)
    placed = place_selection(
        items, NO_SHARES, only(draft), invoice_date=CUT_OFF, actor=company.manager, at=NOW
    )
    assert [(one.contract, one.net_amount) for one in placed] == [
        (company.contract, 1800),
        (other.contract, 400),
    ]
    assert placed[0] == draft
    assert list(Activity.objects.filter(verb="drafted", subject_id=placed[1].pk)) != []


def test_a_selection_is_dated_by_its_drafts_and_new_ones_by_the_invoice_date(company, draft):
    other = company.with_another_customer()
    company.approved(1, date=date(2026, 4, 2))
    other.approved(2, date=date(2026, 4, 2))
    items = ready_items(company)
    day = date(2026, 4, 30)
    (placed,) = place_selection(
        items, NO_SHARES, only(draft), invoice_date=day, actor=company.manager, at=NOW
    )
    assert (placed.contract, placed.cut_off_date) == (other.contract, day)
    assert fresh(draft).net_amount == 1600


def test_a_closed_day_stops_new_drafts_and_not_those_that_are_open(company, draft):
    other = company.with_another_customer()
    company.approved(1)
    other.approved(2)
    items = ready_items(company)
    LegalEntity.objects.update(locked_through=DAY)
    with refused("period-locked"):
        place_selection(items, NO_SHARES, only(draft), invoice_date=DAY, actor=company.manager, at=NOW)


def test_many_rows_are_added_in_as_many_statements_as_few():
    counts = []
    for many in (1, 40):
        company = Company()
        company.approved(8)
        draft = company.draft()
        for _each in range(many):
            company.approved("0.5")
        items = ready_items(company)
        counts.append(statements(lambda at=company, to=draft, of=items: add(at, to, of)))
    assert counts[0] == counts[1]


# --- Refresh --------------------------------------------------------------------------


def test_a_refreshed_draft_holds_all_that_is_ready_through_its_cut_off(company, draft):
    company.approved(4)
    company.approved(1, date=date(2026, 4, 1))
    company.milestone("500")
    company.ready()
    assert refresh(company, draft) == [draft]
    assert fresh(draft).net_amount == 2900
    assert BacklogItem.objects.get(quantity=1).status == BillingStatus.READY
    assert refresh(company, draft) == []


def test_a_new_cut_off_takes_what_is_dated_up_to_it(company, draft):
    company.approved(1, date=date(2026, 3, 20))
    company.approved(2, date=date(2026, 3, 25))
    company.ready()
    refresh(company, draft, cut_off=date(2026, 3, 20))
    now = fresh(draft)
    assert (now.cut_off_date, now.net_amount) == (date(2026, 3, 20), 1800)
    log = Activity.objects.get(verb="refreshed")
    assert log.changes == {"cut_off_date": ["2026-03-31", "2026-03-20"]}


def test_a_cut_off_is_not_after_the_invoice_date_nor_before_what_is_held(company, draft):
    with refused("cut-off-after-invoice"):
        refresh(company, draft, cut_off=date(2026, 4, 1))
    with refused("work-after-cut-off") as caught:
        refresh(company, draft, cut_off=date(2026, 3, 1))
    assert "1 detail of it is dated after 1 Mar 2026." in str(caught.value.refusals[0])


def test_refreshing_takes_the_sales_tax_group_of_today(company, draft):
    abroad = SalesTaxGroup.objects.create(code=f"g{next_number()}", name="Abroad")
    Customer.objects.update(sales_tax_group=abroad)
    assert refresh(company, draft) == []
    now = fresh(draft)
    assert (now.sales_tax_group, now.tax_amount, now.gross_amount) == (abroad, 0, 1600)


def test_a_draft_with_a_correction_keeps_the_tax_group_of_what_it_corrects(company, draft):
    company.confirm(draft)
    correction = correct(company, BilledCorrection(billed_row(fresh(draft)), quantity=Decimal(6)))
    group = correction.sales_tax_group
    Customer.objects.update(
        sales_tax_group=SalesTaxGroup.objects.create(code=f"g{next_number()}", name="Abroad")
    )
    assert refresh(company, correction) == []
    assert fresh(correction).sales_tax_group == group


def test_a_confirmed_proforma_is_not_refreshed(company, draft):
    company.confirm(draft)
    with refused("frozen"):
        refresh(company, draft)


def test_several_drafts_are_refreshed_at_once_and_those_with_nothing_new_stay(company, draft):
    other = company.with_another_customer()
    other.approved(2)
    (second,) = [one for one in company.ready() and company.drafts() if one.contract == other.contract]
    other.approved(1)
    company.ready()
    assert refresh(company, draft, second) == [second]
    assert (fresh(draft).net_amount, fresh(second).net_amount) == (1600, 600)


# --- Nobody gets an empty proforma ----------------------------------------------------


def test_a_payer_with_nothing_ready_gets_no_proforma_and_no_number(company):
    payers = company.is_shared_by("75", "25")
    company.approved(8)
    company.ready()
    BacklogItem.objects.filter(customer=payers[1]).update(status=BillingStatus.NOT_READY)
    (draft,) = company.drafts()
    assert (draft.customer, draft.number) == (payers[0], "PF-2026-00001")
    company.approved(4)
    company.ready()
    BacklogItem.objects.filter(customer=payers[1]).update(status=BillingStatus.NOT_READY)
    placed = place_selection(
        BacklogItem.objects.all(), NO_SHARES, only(draft), invoice_date=CUT_OFF, actor=company.manager, at=NOW
    )
    assert placed == [draft]
    BacklogItem.objects.filter(customer=payers[1]).update(status=BillingStatus.READY)
    (second,) = company.drafts()
    assert (second.customer, second.number) == (payers[1], "PF-2026-00002")

"""Retainers are planned, marked, applied, reduced and refunded; whatever is refused changes nothing (B3)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.applying import apply_to_drafts, apply_to_open_drafts, set_applied
from billing.correction_rows import BilledCorrection
from billing.ending import complete_contracts, lose_contracts
from billing.models import InvoiceLineDetail, Retainer
from billing.retainer_plans import PlannedRetainer, instalments, most_that_fits
from billing.retaining import (
    ask_for_refund,
    change_retainer,
    delete_retainers,
    keep_balance,
    mark_retainers_not_ready,
    mark_retainers_ready,
    plan_retainers,
)
from core.models import Activity
from projects.models import ItemSalesTaxGroup, ProjectContract, TaxCode, TaxRate, TaxRule
from tests.company import Company, only, rows
from tests.company.checking import assert_proven, refused
from tests.company.corrections import billed_row, correct
from tests.company.retainers import (
    applied_on,
    fresh,
    invoiced,
    planned,
    position,
    ready,
    set_to,
    to_be_refunded,
)
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


def plan(amount: str = "1000") -> PlannedRetainer:
    return PlannedRetainer("Start-up advance", DAY, Decimal(amount))


def plan_for(company: Company, *plans: PlannedRetainer, customer: object = None) -> list[Retainer]:
    payer = customer or company.customer
    return plan_retainers(company.contract, payer, plans, actor=company.manager, at=NOW)


# --- Planning -------------------------------------------------------------------------------------


def test_a_retainer_is_planned_changed_and_deleted():
    company = Company()
    retainer = planned(company)
    assert (retainer.contract_line, retainer.customer) == (company.line, company.customer)
    assert retainer.item_sales_tax_group == company.item_group

    changed = PlannedRetainer("Advance 2026", DAY + timedelta(days=1), Decimal("1200.50"))
    change_retainer(only(retainer), changed, actor=company.manager, at=NOW)
    now = fresh(retainer)
    assert (now.name, now.invoice_on, now.amount) == ("Advance 2026", changed.invoice_on, Decimal("1200.5"))
    delete_retainers(only(retainer), actor=company.manager, at=NOW)
    assert not Retainer.objects.exists()
    verbs = Activity.objects.filter(subject_kind="billing.retainer").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["planned", "changed", "deleted"]


def test_a_series_has_a_row_for_each_date_and_the_last_takes_the_cent():
    days = [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]
    series = instalments("Retainer", Decimal(10000), days, places=2)
    assert [(one.name, one.invoice_on, str(one.amount)) for one in series] == [
        ("Retainer 1/3", days[0], "3333.33"),
        ("Retainer 2/3", days[1], "3333.33"),
        ("Retainer 3/3", days[2], "3333.34"),
    ]
    assert [one.amount for one in instalments("Retainer", Decimal(100), days, places=0)] == [33, 33, 34]
    assert [one.name for one in instalments("Retainer", Decimal(100), days[:1], places=2)] == ["Retainer"]
    assert instalments("Retainer", Decimal(100), [], places=2) == []


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "amount-not-positive"),
        ("-1", "amount-not-positive"),
        ("10.001", "below-minor-unit"),
        ("0.00001", "below-minor-unit"),
        ("100000000000000", "amount-too-large"),
        ("1E+30", "amount-too-large"),
        ("NaN", "amount-too-large"),
        ("sNaN", "amount-too-large"),
        ("Infinity", "amount-too-large"),
        ("-Infinity", "amount-too-large"),
    ],
)
def test_amounts_that_are_refused(amount, code):
    company = Company()
    with refused(code):
        plan_for(company, plan(amount))
    retainer = planned(company)
    with refused(code):
        change_retainer(only(retainer), plan(amount), actor=company.manager, at=NOW)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1899, 12, 31), date(2200, 1, 1), date(9999, 12, 31)])
def test_days_that_are_refused(day):
    company = Company()
    with refused("day-not-possible"):
        plan_for(company, PlannedRetainer("Advance", day, Decimal(100)))


def test_a_plan_needs_something_a_payer_and_a_contract_that_has_not_ended():
    company = Company()
    with refused("nothing-planned"):
        plan_for(company)
    stranger = rows.customer(company.entity)
    with refused("not-a-payer"):
        plan_for(company, plan(), customer=stranger)
    ProjectContract.objects.update(status="completed")
    with refused("contract-ended"):
        plan_for(company, plan())


def test_what_a_proforma_has_is_neither_changed_nor_deleted_nor_marked():
    company = Company()
    retainer = ready(company)
    company.drafts()
    with refused("retainer-used"):
        change_retainer(only(retainer), plan("1200"), actor=company.manager, at=NOW)
    with refused("retainer-used"):
        delete_retainers(only(retainer), actor=company.manager, at=NOW)
    with refused("not-markable"):
        mark_retainers_not_ready(only(retainer), actor=company.manager, at=NOW)
    with refused("not-markable"):
        mark_retainers_ready(only(retainer), actor=company.manager, at=NOW)


def test_what_is_not_ready_is_not_invoiced():
    company = Company()
    retainer = ready(company)
    mark_retainers_not_ready(only(retainer), actor=company.manager, at=NOW)
    assert company.drafts() == []


# --- Applying -------------------------------------------------------------------------------------


def test_less_is_applied_up_to_what_is_left_and_to_be_paid():
    company = Company()
    invoiced(company, "2000")
    company.approved(8)
    draft = company.draft()
    detail = applied_on(draft)
    assert detail.amount == -1600

    def set_amount(of: str) -> None:
        set_applied(only(detail), Decimal(of), actor=company.manager, at=NOW)

    with refused("amount-negative"):
        set_amount("-1")
    with refused("below-minor-unit"):
        set_amount("10.001")
    for of in ("NaN", "Infinity", "-Infinity", "1E+30"):
        with refused("amount-too-large"):
            set_amount(of)
    with refused("above-available"):
        set_amount("2000.01")
    with refused("above-total"):
        set_amount("1600.01")
    work = InvoiceLineDetail.objects.get(line__proforma=draft, retainer__isnull=True)
    with refused("not-applied"):
        set_applied(only(work), Decimal(1), actor=company.manager, at=NOW)
    company.confirm(draft)
    with refused("frozen"):
        set_amount("100")
    with refused("frozen"):
        apply_to_drafts(only(draft), actor=company.manager, at=NOW)


def test_applying_needs_an_open_draft_with_something_to_be_paid():
    company = Company()
    retainer = invoiced(company)

    def apply() -> None:
        apply_to_open_drafts(only(retainer), actor=company.manager, at=NOW)

    with refused("no-open-draft"):
        apply()
    company.approved(2)
    draft = company.draft()
    with refused("nothing-to-apply"):
        apply()
    set_to(company, draft, "0")
    apply()
    assert position(retainer) == "available 1000.00 0.00 400.00 600.00"


def test_a_detail_of_a_retainer_is_not_edited_as_work_is():
    company = Company()
    ready(company)
    (draft,) = company.drafts()
    with refused("retainer-fixed"):
        company.edit(draft, quantity="2")
    with refused("retainer-fixed"):
        company.edit(draft, billing_type=3)
    company.edit(draft, external_description="Advance for the first quarter")
    (confirmed,) = company.confirm(draft)
    assert confirmed.net_amount == 1000


def _reduced_rate(company: Company, percent: str) -> ItemSalesTaxGroup:
    """Another item group, taxed at another rate."""
    group = ItemSalesTaxGroup.objects.create(code="reduced", name="Reduced")
    code = TaxCode.objects.create(code="reduced", name="Reduced")
    TaxRate.objects.create(tax_code=code, starts_on=date(2020, 1, 1), percent=Decimal(percent))
    TaxRule.objects.create(
        sales_tax_group_id=company.customer.sales_tax_group_id, item_sales_tax_group=group, tax_code=code
    )
    return group


def test_a_retainer_at_a_higher_rate_leaves_no_total_below_zero():
    company = Company()
    company.customer.refresh_from_db()
    retainer = invoiced(company, "2000")
    category = company.categories["time"]
    category.item_sales_tax_group = _reduced_rate(company, "5")
    category.save()
    company.approved(8)
    draft = company.draft()
    # 1,600 at 5 % is 1,680 with tax: 1,400 at 20 % takes exactly that off.
    assert applied_on(draft).amount == -1400
    assert (draft.net_amount, draft.gross_amount) == (200, 0)
    company.confirm(draft)
    assert position(retainer) == "available 2000.00 1400.00 0.00 600.00"
    company.invoices()
    assert_proven()


def test_a_retainer_gives_back_the_tax_it_was_invoiced_with():
    company = Company()
    invoiced(company, "1000")
    later = date(2026, 3, 10)
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=later, percent=Decimal(10))
    company.approved(8, date=later)
    draft = company.draft()
    # 1,600 at 10 % less 1,000 at the 20 % that were asked for in advance.
    assert (draft.net_amount, draft.tax_amount) == (600, 160 - 200)
    company.confirm(draft)
    invoice = company.invoices()[-1]
    assert (invoice.net_amount, invoice.tax_amount) == (600, -40)
    assert_proven()


def test_the_most_that_fits_is_found_to_the_cent():
    assert most_that_fits(Decimal(10), lambda amount: Decimal(20) - amount, places=2) == 10
    assert most_that_fits(Decimal(10), lambda amount: Decimal("3.333") - amount, places=2) == Decimal("3.33")
    assert most_that_fits(Decimal(10), lambda amount: -amount, places=2) == 0
    assert most_that_fits(Decimal(-5), lambda amount: Decimal(20) - amount, places=2) == 0


# --- Refunds, corrections, the end ----------------------------------------------------------------


def test_a_refund_needs_a_reason_and_a_balance_that_no_draft_holds():
    company = Company()
    retainer = invoiced(company)

    def ask(reason: str = "Contract ends") -> None:
        ask_for_refund(only(retainer), reason=reason, actor=company.manager, at=NOW)

    with refused("reason-missing"):
        ask("  ")
    company.approved(8)
    draft = set_to(company, company.draft(), "400")
    with refused("held-by-draft"):
        ask()
    company.confirm(draft)
    ask()
    with refused("not-available"):
        ask()
    # It is kept after all, until a draft gives it back.
    keep_balance(only(retainer), actor=company.manager, at=NOW)
    assert position(retainer) == "available 1000.00 400.00 0.00 600.00"
    with refused("not-markable"):
        keep_balance(only(retainer), actor=company.manager, at=NOW)
    ask()
    (refund,) = company.drafts()
    assert refund.net_amount == -600
    with refused("held-by-draft"):
        keep_balance(only(retainer), actor=company.manager, at=NOW)


def test_a_retainer_is_corrected_as_a_whole():
    company = Company()
    retainer = ready(company)
    (proforma,) = company.confirm(*company.drafts())
    row = billed_row(proforma)
    with refused("retainer-in-part"):
        correct(company, BilledCorrection(row, amount=Decimal(400)))
    company.approved(8)
    draft = set_to(company, company.draft(), "400")
    with refused("retainer-held"):
        correct(company, BilledCorrection(row, amount=Decimal(0)))
    company.confirm(draft)
    with refused("retainer-held"):
        correct(company, BilledCorrection(row, amount=Decimal(0)))
    assert position(retainer) == "available 1000.00 400.00 0.00 600.00"


def test_a_balance_that_is_being_corrected_is_not_applied():
    company = Company()
    retainer = ready(company)
    (proforma,) = company.confirm(*company.drafts())
    correct(company, BilledCorrection(billed_row(proforma), amount=Decimal(0)))
    assert position(retainer) == "on_draft 1000.00 0.00 1000.00 0.00"
    company.approved(8)
    assert company.draft().net_amount == 1600


def test_a_contract_does_not_end_while_an_advance_is_left():
    company = Company()
    retainer = invoiced(company)
    contracts = only(company.contract)
    with refused("advance-left") as caught:
        complete_contracts(contracts, actor=company.manager, at=NOW)
    assert "€1,000.00" in str(caught.value)
    with refused("advance-left"):
        lose_contracts(contracts, actor=company.manager, on=DAY, at=NOW)

    to_be_refunded(company, retainer)
    company.confirm(*company.drafts())
    complete_contracts(contracts, actor=company.manager, at=NOW)


def test_losing_a_contract_takes_its_ready_retainers_back():
    company = Company()
    retainer = ready(company)
    lose_contracts(only(company.contract), actor=company.manager, on=DAY, at=NOW)
    assert fresh(retainer).status == "not_ready"
    assert not Retainer.objects.scheduled().exists()

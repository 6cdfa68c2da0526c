"""Percent discounts follow the correction of the work they lower; amounts stay (B9, B12)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.correction_rows import BilledCorrection, billed_rows
from billing.discounting import Allowance, grant_discount
from billing.models import Proforma
from billing.removing import remove_details
from projects.models import ItemSalesTaxGroup, ProjectContract, TaxCode, TaxRate, TaxRule
from projects.states import TransactionClass
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven, refused
from tests.company.corrections import correct
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
TENTH = Allowance(percent=Decimal(10), reason="Loyal customer")


@pytest.fixture
def company() -> Company:
    return Company()


def billed(company: Company, *hours: Any, allowance: Allowance = TENTH) -> Proforma:
    """An invoice of so many hours with a discount on its line."""
    for one in hours:
        company.approved(one)
    draft = company.draft()
    grant_discount(draft.lines.get(), allowance, actor=company.manager, at=NOW)
    (confirmed,) = company.confirm(draft)
    company.invoices()
    return confirmed


def row(proforma: Proforma, quantity: Any) -> Any:
    return next(one for one in billed_rows(proforma) if one.quantity == Decimal(quantity))


def less(proforma: Proforma, quantity: Any, remaining: Any) -> BilledCorrection:
    return BilledCorrection(row(proforma, quantity), quantity=Decimal(remaining))


def totals(draft: Proforma) -> Any:
    return Proforma.objects.values_list("net_amount", "tax_amount", "gross_amount").get(pk=draft.pk)


def discounts_on(draft: Proforma) -> list[Decimal]:
    details = details_of(draft).filter(transaction_class=TransactionClass.DISCOUNT).order_by("pk")
    return list(details.values_list("amount", flat=True))


def test_eight_hours_to_six_take_a_tenth_of_two_with_them(company):
    credit = correct(company, less(billed(company, 8), 8, 6))
    # What was taken off comes back, and a tenth of six hours is taken off instead.
    assert (discounts_on(credit), totals(credit)) == ([160, -120], (-360, -72, -432))
    company.confirm(credit)
    company.invoices()
    assert_proven()


def test_whoever_corrects_may_leave_the_discount_as_it_was(company):
    invoice = billed(company, 8)
    credit = correct(company, less(invoice, 8, 6), keep_discounts=True)
    assert (discounts_on(credit), totals(credit)) == ([], (-400, -80, -480))


def test_what_was_proposed_is_taken_off_on_the_draft(company):
    credit = correct(company, less(billed(company, 8), 8, 6))
    off = details_of(credit).filter(transaction_class=TransactionClass.DISCOUNT)
    remove_details(off, actor=company.manager, at=NOW)
    assert totals(credit) == (-400, -80, -480)
    company.confirm(credit)
    company.invoices()
    assert_proven()


def test_a_correction_of_the_discount_itself_counts_alone(company):
    invoice = billed(company, 8)
    discount = min(billed_rows(invoice), key=lambda one: one.amount)
    credit = correct(company, less(invoice, 8, 6), BilledCorrection(discount, amount=Decimal(-100)))
    assert (discounts_on(credit), totals(credit)[0]) == ([160, -100], -340)


def test_an_amount_stays_what_was_granted(company):
    invoice = billed(company, 8, allowance=Allowance(amount=Decimal(160), reason="Late"))
    credit = correct(company, less(invoice, 8, 6))
    assert (discounts_on(credit), totals(credit)) == ([], (-400, -80, -480))
    company.confirm(credit)
    company.invoices()
    assert_proven()


def test_step_by_step_it_comes_to_the_same_cent_as_at_once(company):
    third = Allowance(percent=Decimal("33.3333"), reason="A third")
    invoice = billed(company, "0.13", "8", allowance=third)
    nets = [invoice.net_amount]
    for quantity, remaining in (("8", "6.77"), ("6.77", "0.05"), ("0.13", "0.11"), ("0.05", "0")):
        (credit,) = company.confirm(correct(company, less(invoice, quantity, remaining)))
        company.invoices()
        nets.append(credit.net_amount)
    # 0.11 hours at 200.00 are 22.00, less a third of it: 7.33.
    assert sum(nets) == Decimal("14.67")
    assert_proven()


@pytest.mark.parametrize("percent", ["3.33", "12.5", "33.3333", "100"])
@pytest.mark.parametrize("remaining", ["0", "0.01", "1.37", "7.99", "9.5"])
def test_what_stays_is_what_an_invoice_of_the_rest_would_say(percent, remaining):
    allowance = Allowance(percent=Decimal(percent), reason="Volume")
    company, other = Company(), Company()
    invoice = billed(company, "8", "0.37", allowance=allowance)
    (credit,) = company.confirm(correct(company, less(invoice, "8", remaining)))
    company.invoices()
    hours = [one for one in (remaining, "0.37") if Decimal(one)]
    expected = billed(other, *hours, allowance=allowance)
    assert invoice.net_amount + credit.net_amount == expected.net_amount
    assert_proven()


def test_two_taxes_are_each_lowered_by_their_part(company):
    company.approved(8)
    draft = company.draft()
    reduced = ItemSalesTaxGroup.objects.create(code="reduced", name="Reduced rate")
    code = TaxCode.objects.create(code="vat-7", name="VAT 7")
    TaxRate.objects.create(tax_code=code, starts_on=date(2020, 1, 1), percent=Decimal(7))
    TaxRule.objects.create(sales_tax_group=draft.sales_tax_group, item_sales_tax_group=reduced, tax_code=code)
    terms = {"price": Decimal("33.35"), "item_sales_tax_group": reduced, "transaction_class": "fee"}
    company.add_by_hand(draft, company.line, **terms)
    volume = Allowance(percent=Decimal("12.5"), reason="Volume")
    grant_discount(draft.lines.get(), volume, actor=company.manager, at=NOW)
    (invoice,) = company.confirm(draft)
    company.invoices()
    fee = next(one for one in billed_rows(invoice) if one.amount == Decimal("33.35"))
    credit = correct(company, BilledCorrection(fee, amount=Decimal(20)))
    # 12.5 % of 1,620.00 is 202.50: 200.00 as before, and 2.50 in the place of 4.17.
    assert discounts_on(credit) == [Decimal("4.17"), Decimal("-2.50")]
    # 7 % of -13.35 + 1.67.
    assert totals(credit) == (Decimal("-11.68"), Decimal("-0.82"), Decimal("-12.50"))
    company.confirm(credit)
    company.invoices()
    assert_proven()


def test_what_is_kept_back_follows_what_is_left_after_the_discount(company):
    ProjectContract.objects.filter(pk=company.contract.pk).update(retention_percent=Decimal(10))
    credit = correct(company, less(billed(company, 8), 8, 6))
    # -400.00 and 40.00 less discount; a tenth of those 360.00 is kept back no more.
    assert totals(credit) == (-324, -72, -396)
    company.confirm(credit)
    company.invoices()
    assert_proven()


def test_two_corrections_on_one_draft_lower_it_together(company):
    invoice = billed(company, 8, 4)
    credit = correct(company, less(invoice, 8, 6))
    assert totals(credit)[0] == -360
    correct(company, less(invoice, 4, 2), into=only(credit))
    assert (discounts_on(credit), totals(credit)) == ([240, -160], (-720, -144, -864))
    company.confirm(credit)
    company.invoices()
    assert_proven()


def test_nothing_is_left_of_it_where_two_corrections_take_all_work_back(company):
    invoice = billed(company, 8, 4)
    credit = correct(company, less(invoice, 8, 0))
    correct(company, less(invoice, 4, 0), into=only(credit))
    assert (discounts_on(credit), totals(credit)[0]) == ([240], -invoice.net_amount)
    company.confirm(credit)
    company.invoices()
    assert_proven()


def test_another_draft_cannot_lower_what_one_lowers_already(company):
    invoice = billed(company, 8, 4)
    first = correct(company, less(invoice, 8, 6))
    with refused("being-corrected") as reasons:
        correct(company, less(invoice, 4, 2))
    assert first.number in str(reasons.value)
    correct(company, less(invoice, 4, 2), keep_discounts=True)

"""Discounts and fees on the lines of an invoice, row by row, and the ledger (B12; decision 21)."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.models import InvoiceTax, PostingAccount
from billing.correction_rows import BilledCorrection, billed_rows
from billing.discounting import Allowance, change_discount, charge_fee, grant_discount
from billing.editing import Changes, edit_details
from billing.models import Discount, InvoiceLineDetail, Removal
from billing.moving import move_details
from billing.putting_back import put_back
from billing.removing import delete_drafts, remove_details
from billing.totalling import add_up
from projects.models import ItemSalesTaxGroup, TaxCode, TaxRate, TaxRule
from projects.states import BillingType, TransactionClass
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven, refused, statements
from tests.company.corrections import correct
from tests.company.rows import NOW
from tests.company.text import table
from tests.scenarios.granting import billing_eight_hours, discounts_of, totals

pytestmark = pytest.mark.django_db
LOYAL = Allowance(percent=Decimal(10), reason="Loyal customer")


def grant(company, draft, allowance=LOYAL, nth=0):
    line = draft.lines.order_by("contract_line__number")[nth]
    return grant_discount(line, allowance, actor=company.manager, at=NOW)


def test_ten_percent_of_eight_hours():
    company, draft = billing_eight_hours()
    grant(company, draft)
    assert discounts_of(draft) == [(Decimal("-160.00"), "Discount 10%: Loyal customer")]
    assert totals(draft) == (1440, 288, 1728)
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  on_draft
    """)

    company.confirm(draft)
    # Nothing was unbilled of a discount, so it is billed by itself.
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  invoiced
        unbilled  chargeable  -8  -1600.00  mirror
        billed    chargeable  +8  +1600.00
        billed    chargeable  +1   -160.00
    """)
    (invoice,) = company.invoices()
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (1440, 288, 1728)
    assert company.voucher(invoice) == table("""
        1400 Trade receivables              +1728.00
        1450 Work in progress, sales value  -1600.00
        1776 Sales tax payable               -288.00
        8400 Invoiced revenue               -1600.00
        8450 Accrued revenue, sales value   +1600.00
        8700 Sales discounts                 +160.00
    """)
    assert_proven()


def test_a_percentage_follows_the_line_while_the_draft_is_edited():
    company, draft = billing_eight_hours()
    grant(company, draft)
    hours = details_of(draft).exclude(transaction_class=TransactionClass.DISCOUNT)
    company.edit_only(hours, quantity=Decimal(6))
    assert discounts_of(draft) == [(Decimal("-120.00"), "Discount 10%: Loyal customer")]
    assert totals(draft) == (1080, 216, 1296)
    company.edit_only(hours, billing_type=BillingType.COMPLIMENTARY)
    assert (discounts_of(draft), totals(draft)) == ([], (0, 0, 0))
    company.edit_only(hours, billing_type=BillingType.CHARGEABLE)
    assert totals(draft) == (1080, 216, 1296)


def test_an_amount_stays_and_is_never_more_than_the_line():
    company, draft = billing_eight_hours()
    grant(company, draft, Allowance(amount=Decimal(500), reason="Late delivery"))
    assert discounts_of(draft) == [(Decimal("-500.00"), "Discount: Late delivery")]
    hours = details_of(draft).exclude(transaction_class=TransactionClass.DISCOUNT)
    company.edit_only(hours, quantity=Decimal(2))
    assert totals(draft) == (-100, -20, -120)
    with refused("discount-above-line"):
        company.confirm(draft)
    company.edit_only(hours, quantity=Decimal("2.5"))
    (confirmed,) = company.confirm(draft)
    assert confirmed.net_amount == 0


def test_a_line_of_two_taxes_is_lowered_in_proportion_to_the_cent():
    company, draft = billing_eight_hours()
    reduced = ItemSalesTaxGroup.objects.create(code="reduced", name="Reduced rate")
    code = TaxCode.objects.create(code="vat-7", name="VAT 7")
    TaxRate.objects.create(tax_code=code, starts_on=NOW.date(), percent=Decimal(7))
    TaxRate.objects.filter(tax_code=code).update(starts_on="2020-01-01")
    TaxRule.objects.create(sales_tax_group=draft.sales_tax_group, item_sales_tax_group=reduced, tax_code=code)
    company.add_by_hand(
        draft, company.line, price=Decimal("33.35"), item_sales_tax_group=reduced, transaction_class="fee"
    )
    grant(company, draft, Allowance(percent=Decimal("12.5"), reason="Volume"))
    # 12.5 % of 1,633.35 is 204.17: 200.00 of 1,600.00 and 4.17 of 33.35.
    assert [amount for amount, _text in discounts_of(draft)] == [Decimal("-200.00"), Decimal("-4.17")]
    assert totals(draft) == (Decimal("1429.18"), Decimal("282.04"), Decimal("1711.22"))

    company.confirm(draft)
    (invoice,) = company.invoices()
    taxes = InvoiceTax.objects.filter(invoice=invoice).order_by("-percent")
    assert [(one.percent, one.base_amount, one.tax_amount) for one in taxes] == [
        (20, 1400, 280),
        (7, Decimal("29.18"), Decimal("2.04")),
    ]


def test_work_on_both_sides_of_a_change_of_rate_is_lowered_on_both():
    company = Company()
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=date(2026, 3, 3), percent=Decimal(10))
    company.approved(8, date=date(2026, 3, 2))
    company.approved(2, date=date(2026, 3, 3))
    draft = company.draft()
    grant(company, draft)
    assert [amount for amount, _text in discounts_of(draft)] == [-160, -40]
    # 20 % of 1,440 and 10 % of 360.
    assert totals(draft) == (1800, 324, 2124)
    # Counted anew, each part stays on its own side.
    kept = list(Discount.objects.get().details.order_by("pk").values_list("pk", "amount"))
    add_up([draft], by=None)
    assert list(Discount.objects.get().details.order_by("pk").values_list("pk", "amount")) == kept


def test_a_fixed_price_line_is_discounted_like_any_other():
    company = Company()
    company.milestone("5000")
    (draft,) = company.drafts()
    grant(company, draft, Allowance(percent=Decimal(2), reason="Early order"), nth=1)
    company.confirm(draft)
    assert company.actuals() == table("""
        billed  chargeable  +1  +5000.00
        billed  chargeable  +1   -100.00
    """)
    (invoice,) = company.invoices()
    assert company.voucher(invoice) == table("""
        1400 Trade receivables              +5880.00
        1776 Sales tax payable               -980.00
        8410 Invoiced revenue, on account   -5000.00
        8700 Sales discounts                 +100.00
    """)


def test_a_company_without_an_account_of_discounts_sees_them_in_the_revenue_of_the_line():
    company, draft = billing_eight_hours()
    PostingAccount.objects.filter(posting_type="sales_discount").delete()
    grant(company, draft)
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert "8400 Invoiced revenue -1440.00" in company.voucher(invoice)


def test_taking_a_detail_of_a_discount_off_takes_the_discount_off():
    company, draft = billing_eight_hours()
    grant(company, draft)
    remove_details(
        details_of(draft).filter(transaction_class=TransactionClass.DISCOUNT), actor=company.manager, at=NOW
    )
    assert (discounts_of(draft), totals(draft)) == ([], (1600, 320, 1920))
    assert not Discount.objects.exists()


def test_a_discount_that_was_taken_off_is_put_back_as_a_whole():
    company, draft = billing_eight_hours()
    grant(company, draft)
    before = list(details_of(draft).order_by("pk").values())
    remove_details(details_of(draft), actor=company.manager, at=NOW)
    assert (totals(draft), Discount.objects.count()) == ((0, 0, 0), 0)
    put_back(Removal.objects.all(), actor=company.manager, at=NOW)
    assert list(details_of(draft).order_by("pk").values()) == before
    assert totals(draft) == (1440, 288, 1728)

    delete_drafts(only(draft), actor=company.manager, at=NOW)
    put_back(Removal.objects.filter(put_back_at=None), actor=company.manager, at=NOW)
    assert list(details_of(draft).order_by("pk").values()) == before
    hours = details_of(draft).exclude(transaction_class=TransactionClass.DISCOUNT)
    company.edit_only(hours, quantity=Decimal(4))
    assert totals(draft) == (720, 144, 864)


def test_details_that_move_to_a_new_draft_keep_their_percentage_and_an_amount_stays():
    company = Company()
    company.approved(8)
    company.approved(2)
    draft = company.draft()
    grant(company, draft)
    grant(company, draft, Allowance(amount=Decimal(100), reason="Late delivery"))
    hours = details_of(draft).exclude(transaction_class=TransactionClass.DISCOUNT).order_by("amount")
    with refused("discount-stays", "discount-stays"):
        move_details(details_of(draft), None, actor=company.manager, at=NOW)
    second = move_details(only(hours[0]), None, actor=company.manager, at=NOW)
    assert (totals(draft)[0], totals(second)[0]) == (1340, 360)
    assert discounts_of(second) == [(Decimal("-40.00"), "Discount 10%: Loyal customer")]


def test_a_discount_is_changed_as_a_whole():
    company, draft = billing_eight_hours()
    discount = grant(company, draft)
    detail = details_of(draft).filter(transaction_class=TransactionClass.DISCOUNT)
    with refused("follows-discount"):
        edit_details(detail, Changes(price=Decimal(-10)), actor=company.manager, at=NOW)
    change_discount(discount, Allowance(amount=Decimal(100), reason="Agreed"), actor=company.manager, at=NOW)
    assert discounts_of(draft) == [(Decimal("-100.00"), "Discount: Agreed")]


# --- Corrections ---


def discounted(company):
    company.approved(8)
    draft = company.draft()
    grant(company, draft)
    (confirmed,) = company.confirm(draft)
    company.invoices()
    return confirmed


def test_eight_hours_to_six_and_the_discount_with_them():
    company = Company()
    hours, discount = sorted(billed_rows(discounted(company)), key=lambda row: -row.amount)
    credit = correct(
        company,
        BilledCorrection(hours, quantity=Decimal(6)),
        BilledCorrection(discount, amount=Decimal(-120)),
    )
    assert (credit.net_amount, credit.tax_amount) == (-360, -72)
    company.confirm(credit)
    assert company.actuals() == table("""
        cost      chargeable  +8     +800.00
        unbilled  chargeable  +8    +1600.00  invoiced
        unbilled  chargeable  -8    -1600.00  mirror
        billed    chargeable  +8    +1600.00  adjusted
        billed    chargeable  +1     -160.00  adjusted
        unbilled  chargeable  +6    +1200.00  invoiced
        unbilled  chargeable  +2     +400.00  not_ready
        unbilled  chargeable  -6    -1200.00  mirror
        billed    chargeable  +6    +1200.00
        billed    chargeable  -8    -1600.00  mirror
        billed    chargeable  +0.75  -120.00
        billed    chargeable  -1     +160.00  mirror
    """)
    company.invoices()
    assert_proven()


def test_a_correction_does_not_turn_a_discount_into_a_charge():
    company = Company()
    discount = min(billed_rows(discounted(company)), key=lambda row: row.amount)
    with refused("wrong-sign"):
        correct(company, BilledCorrection(discount, amount=Decimal(20)))
    with refused("above-agreed"):
        correct(company, BilledCorrection(discount, amount=Decimal(-1601)))


def test_a_discount_granted_too_low_is_raised_by_a_correction():
    company = Company()
    discount = min(billed_rows(discounted(company)), key=lambda row: row.amount)
    credit = correct(company, BilledCorrection(discount, amount=Decimal(-200)))
    assert (credit.net_amount, credit.tax_amount, credit.gross_amount) == (-40, -8, -48)
    company.confirm(credit)
    company.invoices()
    assert_proven()


# --- What is refused ---


@pytest.mark.parametrize(
    ("allowance", "code"),
    [
        (Allowance(percent=Decimal(10)), "reason-missing"),
        (Allowance(reason="Loyal"), "percent-or-amount"),
        (Allowance(percent=Decimal(10), amount=Decimal(5), reason="Loyal"), "percent-or-amount"),
        (Allowance(percent=Decimal(0), reason="Loyal"), "percent-out-of-range"),
        (Allowance(percent=Decimal("100.01"), reason="Loyal"), "percent-out-of-range"),
        (Allowance(amount=Decimal(-5), reason="Loyal"), "amount-not-positive"),
        (Allowance(amount=Decimal("5.005"), reason="Loyal"), "too-many-places"),
        (Allowance(amount=Decimal("1600.01"), reason="Loyal"), "discount-above-line"),
    ],
)
def test_what_is_no_discount_is_refused(allowance, code):
    company, draft = billing_eight_hours()
    with refused(code):
        grant(company, draft, allowance)


def test_two_discounts_together_never_take_more_than_the_line():
    company, draft = billing_eight_hours()
    grant(company, draft, Allowance(percent=Decimal(60), reason="First"))
    with refused("discount-above-line"):
        grant(company, draft, Allowance(percent=Decimal("40.01"), reason="Second"))
    grant(company, draft, Allowance(amount=Decimal(640), reason="Second"))
    assert totals(draft) == (0, 0, 0)


def test_a_confirmed_proforma_takes_no_discount():
    company, draft = billing_eight_hours()
    discount = grant(company, draft)
    company.confirm(draft)
    with refused("frozen"):
        grant(company, draft)
    with refused("frozen"):
        change_discount(discount, LOYAL, actor=company.manager, at=NOW)
    with refused("frozen"):
        charge_fee(draft.lines.get(), Decimal(5), "Express", actor=company.manager, at=NOW)


def test_forty_discounts_take_the_statements_of_two():
    counts = []
    for lines in (2, 40):
        company, draft = billing_eight_hours()
        for nth in range(lines):
            line = company.fixed_price_line(name=f"Line {nth}")
            on = draft.lines.create(contract_line=line, name=line.name)
            InvoiceLineDetail.objects.create(
                line=on,
                transaction_class=TransactionClass.FEE,
                transaction_date=draft.invoice_date,
                quantity=1,
                unit="ls",
                price=100,
                amount=100,
            )
            Discount.objects.create(line=on, percent=10, reason="x")
        add_up([draft], by=None)
        Discount.objects.filter(line__proforma=draft).update(percent=20)
        counts.append(statements(lambda draft=draft: add_up([draft], by=None)))
        assert totals(draft)[0] == 1600 + lines * 80
    assert counts[0] == counts[1]

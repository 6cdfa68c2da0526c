"""A share of each invoice kept back and released later, row by row, and the ledger (B12)."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.models import InvoiceTax
from billing.discounting import Allowance, grant_discount
from billing.models import Proforma, Removal, Retention
from billing.moving import move_details
from billing.putting_back import put_back
from billing.releasing import RetentionTerms, change_release, keep_share, release_retentions
from billing.removing import delete_drafts, remove_details
from billing.retentions import months_after
from billing.totalling import add_up
from projects.models import Customer, ProjectContract
from projects.states import BillingType, TransactionClass
from tests.company import Company, details_of, only, retainers
from tests.company.checking import assert_proven, refused, statements
from tests.company.rows import CUT_OFF, NOW
from tests.company.text import table
from tests.scenarios.keeping_back import LATER, amounts, invoiced, keeping, release, totals

pytestmark = pytest.mark.django_db


def kept_on(draft):
    rows = details_of(draft).filter(transaction_class=TransactionClass.RETENTION).order_by("pk")
    return [(one.amount, one.external_description) for one in rows]


def test_a_tenth_is_kept_back_and_its_tax_is_not():
    company = keeping()
    company.approved(8)
    draft = company.draft()
    assert kept_on(draft) == [(Decimal("-160.00"), "Retention 10% until 30 Jun 2026")]
    # 1,600.00 less 160.00, and 20 % of 1,600.00.
    assert totals(draft) == (1440, 320, 1760)
    company.confirm(draft)
    assert company.actuals() == table("""
        cost      chargeable  +8    +800.00
        unbilled  chargeable  +8    +1600.00  invoiced
        unbilled  chargeable  -8    -1600.00  mirror
        billed    chargeable  +8    +1600.00
        unbilled  chargeable  +160  +160.00   open
        billed    chargeable  -160  -160.00
    """)
    assert company.backlog() == ""
    assert amounts() == (160, 0, 0, 160)
    (invoice,) = company.invoices()
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (1440, 320, 1760)
    assert [(one.base_amount, one.tax_amount) for one in InvoiceTax.objects.filter(invoice=invoice)] == [
        (1600, 320)
    ]
    assert company.voucher(invoice) == table("""
        1400 Trade receivables              +1760.00
        1410 Retentions receivable           +160.00
        1450 Work in progress, sales value  -1600.00
        1776 Sales tax payable               -320.00
        8400 Invoiced revenue               -1600.00
        8450 Accrued revenue, sales value   +1600.00
    """)
    assert_proven()


def test_it_is_released_in_two_parts_without_tax():
    company = keeping()
    invoiced(company)
    (first,) = release(company, Decimal(100))
    assert kept_on(first) == [(Decimal("100.00"), f"Release of the retention on {billed_number()}")]
    assert totals(first) == (100, 0, 100)
    assert amounts() == (160, 0, 100, 160)
    company.confirm(first)
    assert amounts() == (160, 100, 0, 60)
    assert company.actuals().splitlines()[-5:] == [
        "unbilled chargeable +160 +160.00 invoiced",
        "billed chargeable -160 -160.00",
        "unbilled chargeable +60 +60.00 open",
        "unbilled chargeable -160 -160.00 mirror",
        "billed chargeable +100 +100.00",
    ]
    company.confirm(*release(company))
    assert amounts() == (160, 160, 0, 0)
    invoices = company.invoices()
    assert [(one.net_amount, one.tax_amount) for one in invoices] == [(100, 0), (60, 0)]
    assert company.voucher(invoices[0]) == table("""
        1400 Trade receivables      +100.00
        1410 Retentions receivable  -100.00
    """)
    assert "1410 Retentions receivable 0.00" in company.ledger()
    assert_proven()


def billed_number():
    return Proforma.objects.exclude(customer_invoice_number="").get().customer_invoice_number


def test_a_release_goes_with_the_next_work_where_its_draft_is_named():
    company = keeping()
    invoiced(company)
    company.approved(2)
    company.ready()
    (draft,) = company.drafts(LATER)
    release(company, into=only(draft))
    # 400.00 for two hours, of which a tenth is kept back in turn, and 160.00 without tax.
    assert totals(draft) == (520, 80, 600)
    assert [amount for amount, _text in kept_on(draft)] == [-40, 160]


def test_what_is_kept_back_follows_the_draft_and_leaves_and_returns_with_it():
    company = keeping()
    company.approved(8)
    draft = company.draft()
    work = details_of(draft).exclude(transaction_class=TransactionClass.RETENTION)
    company.edit_only(work, quantity=Decimal(6))
    assert totals(draft) == (1080, 240, 1320)
    grant_discount(
        draft.lines.get(), Allowance(percent=Decimal(50), reason="Half"), actor=company.manager, at=NOW
    )
    assert totals(draft) == (540, 120, 660)

    before = list(details_of(draft).order_by("pk").values())
    delete_drafts(only(draft), actor=company.manager, at=NOW)
    assert not Retention.objects.exists()
    put_back(Removal.objects.all(), actor=company.manager, at=NOW)
    assert list(details_of(draft).order_by("pk").values()) == before

    kept = details_of(draft).filter(transaction_class=TransactionClass.RETENTION)
    with refused("retention-fixed"):
        company.edit_only(kept, price=Decimal(2))
    with refused("retention-stays"):
        move_details(kept, None, actor=company.manager, at=NOW)
    remove_details(kept, actor=company.manager, at=NOW)
    assert (totals(draft), Retention.objects.count()) == ((600, 120, 720), 0)


def test_a_draft_keeps_back_another_share_than_the_contract_and_a_new_draft_as_much():
    company = Company()
    company.approved(8)
    company.approved(2)
    draft = company.draft()
    keep_share(draft, RetentionTerms(Decimal(5), LATER, "after acceptance"), actor=company.manager, at=NOW)
    assert kept_on(draft) == [(Decimal("-100.00"), "Retention 5% until 30 Jun 2026: after acceptance")]
    keep_share(draft, RetentionTerms(Decimal("7.5")), actor=company.manager, at=NOW)
    assert kept_on(draft) == [(Decimal("-150.00"), "Retention 7.5%")]
    work = details_of(draft).exclude(transaction_class=TransactionClass.RETENTION).order_by("amount")
    second = move_details(only(work[0]), None, actor=company.manager, at=NOW)
    assert ([amount for amount, _t in kept_on(draft)], [amount for amount, _t in kept_on(second)]) == (
        [-120],
        [-30],
    )


def test_an_advance_pays_no_more_than_what_is_not_kept_back():
    company = keeping()
    advance = retainers.invoiced(company, "2000")
    company.approved(8)
    draft = company.draft()
    assert totals(draft)[0] >= 0
    assert totals(draft)[2] >= 0
    company.confirm(draft)
    company.invoices()
    assert retainers.fresh(advance).available_amount > 0
    assert_proven()


# --- What is refused ---


def test_it_is_not_released_before_its_day_and_the_day_may_be_agreed_otherwise():
    company = keeping()
    invoiced(company)
    with refused("not-due"):
        release(company, on=CUT_OFF)
    change_release(
        Retention.objects.all(),
        release_on=CUT_OFF,
        condition="Accepted on 24 March",
        actor=company.manager,
        at=NOW,
    )
    (draft,) = release(company, on=CUT_OFF)
    assert totals(draft) == (160, 0, 160)


@pytest.mark.parametrize(
    ("amount", "code"),
    [("160.01", "above-open"), ("0", "amount-not-positive"), ("0.005", "below-minor-unit")],
)
def test_no_more_is_released_than_is_open(amount, code):
    company = keeping()
    invoiced(company)
    with refused(code):
        release(company, Decimal(amount))


def test_no_two_drafts_release_the_same_money():
    company = keeping()
    invoiced(company)
    release(company)
    with refused("nothing-open"):
        release(company)
    with refused("nothing-open"):
        change_release(Retention.objects.all(), release_on=LATER, actor=company.manager, at=NOW)


def test_nothing_is_released_of_a_draft_or_to_somebody_else():
    company = keeping()
    with refused("nothing-chosen"):
        release(company)
    company.approved(8)
    company.draft()
    with refused("nothing-open", "not-due"):
        release_retentions(Retention.objects.all(), invoice_date=CUT_OFF, actor=company.manager, at=NOW)


def test_a_customer_on_hold_and_a_contract_on_hold_get_no_release():
    company = keeping()
    invoiced(company)
    Customer.objects.filter(pk=company.customer.pk).update(is_on_hold=True)
    with refused("customer-on-hold"):
        release(company)
    Customer.objects.filter(pk=company.customer.pk).update(is_on_hold=False)
    ProjectContract.objects.filter(pk=company.contract.pk).update(status="on_hold")
    with refused("contract-not-confirmed"):
        release(company)


def test_a_release_goes_to_an_open_draft_of_its_payer_in_an_open_period():
    company = keeping()
    first = invoiced(company)
    with refused("frozen"):
        release(company, into=only(first))
    other = company.with_another_customer()
    other.approved(1)
    other.ready()
    (foreign,) = other.drafts(LATER)
    with refused("other-payer"):
        release(company, into=only(foreign))
    company.entity.locked_through = LATER
    company.entity.save()
    with refused("period-locked"):
        release(company)


@pytest.mark.parametrize("percent", ["0", "100.01"])
def test_a_share_is_a_part_of_the_whole(percent):
    company = Company()
    company.approved(8)
    draft = company.draft()
    with refused("retention-out-of-range"):
        keep_share(draft, RetentionTerms(Decimal(percent)), actor=company.manager, at=NOW)


def test_a_confirmed_proforma_keeps_nothing_more_back():
    company = Company()
    first = invoiced(company)
    with refused("frozen"):
        keep_share(first, RetentionTerms(Decimal(5)), actor=company.manager, at=NOW)


def test_months_end_where_a_month_is_shorter():
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_after(date(2026, 12, 31), 1) == date(2027, 1, 31)
    assert months_after(date(2026, 3, 31), None) is None


def test_following_takes_the_same_statements_for_two_drafts_as_for_twenty():
    counts = []
    for drafts in (2, 20):
        company = keeping()
        made = []
        for _nth in range(drafts):
            company.approved(1)
            company.ready()
            made += company.drafts()
        for draft in made:
            details_of(draft).filter(transaction_class=TransactionClass.RETENTION).update(
                amount=-1, quantity=-1
            )
        counts.append(statements(lambda made=made: add_up(made, by=None)))
        assert {totals(draft) for draft in made} == {(180, 40, 220)}
    assert counts[0] == counts[1]


def test_a_proforma_that_keeps_nothing_back_has_no_retention():
    company = keeping()
    company.approved(8)
    draft = company.draft()
    work = details_of(draft).exclude(transaction_class=TransactionClass.RETENTION)
    company.edit_only(work, billing_type=BillingType.COMPLIMENTARY)
    assert (kept_on(draft), totals(draft)) == ([], (0, 0, 0))
    company.confirm(draft)
    assert not Retention.objects.exists()
    # An advance alone keeps nothing back either.
    retainers.invoiced(company, "2000")
    assert not Retention.objects.exists()
    company.invoices()
    assert_proven()

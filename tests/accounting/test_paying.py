"""Payments of customers: bank against receivables, what they settle, what stays on account (C11)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from accounting.models import (
    CustomerInvoice,
    CustomerPayment,
    FiscalPeriod,
    PostingAccount,
    ReceivablesPolicy,
    Voucher,
    VoucherLine,
    WriteOff,
)
from accounting.offsetting import settle_open
from accounting.paying import enter_payments
from accounting.receivable_checks import NewPayment
from accounting.states import PeriodStatus
from core.models import Activity
from tests.company import Company, text
from tests.company.checking import assert_proven, refused, statements
from tests.company.receivables import bank_of, open_of, open_rows, owed, pays, row_of
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


def invoice_row(invoice: CustomerInvoice):
    return invoice.customer_transaction


def test_a_payment_in_full_settles_its_invoice():
    company = Company()
    invoice = company.billed(8)
    payment = pays(company, "1920", invoice_row(invoice), on=date(2026, 4, 1), reference="RE-2026-00001")
    voucher = Voucher.objects.get(number="BV-2026-00001")
    assert [(line.account.number, line.amount) for line in voucher.lines.order_by("pk")] == [
        ("1400", -1920),
        ("1200", 1920),
    ]
    assert open_rows(company) == []
    assert CustomerInvoice.objects.unpaid().count() == 0
    (settlement,) = invoice_row(invoice).settled_by.all()
    assert (settlement.amount, settlement.date, settlement.credit) == (
        1920,
        date(2026, 4, 1),
        row_of(payment),
    )
    done = Activity.objects.about(payment).get()
    assert (done.verb, done.actor, done.facts["amount"]) == ("payment entered", company.accountant, "1920")
    assert Activity.objects.about(invoice_row(invoice)).get().facts == {"amount": "1920", "currency": "EUR"}
    assert_proven()


def test_a_part_payment_leaves_the_rest_open_and_overdue():
    company = Company()
    invoice = company.billed(8)
    pays(company, "500", invoice_row(invoice), parts=("500",))
    (row,) = CustomerInvoice.objects.overdue(date(2026, 12, 31))
    assert row.open_amount == 1420
    assert not CustomerInvoice.objects.overdue(invoice.due_date).exists()
    pays(company, "1420", invoice_row(invoice))
    assert not CustomerInvoice.objects.overdue(date(2026, 12, 31)).exists()
    assert_proven()


def test_one_payment_settles_several_invoices_less_a_credit_note():
    company = Company()
    first, second, credit = owed(company, "100", "50", "-30")
    pays(company, "120", first, second, credit)
    assert [open_of(one) for one in (first, second, credit)] == [0, 0, 0]
    assert open_rows(company) == []
    assert_proven()


def test_what_is_paid_too_much_stays_on_account_and_settles_later():
    company = Company()
    (first,) = owed(company, "100")
    payment = pays(company, "130", first)
    assert open_rows(company) == [-30]
    (second,) = owed(company, "30")
    shares = {second.pk: Decimal(30), row_of(payment).pk: Decimal(-30)}
    settle_open(shares, actor=company.accountant, at=NOW)
    assert open_rows(company) == []
    assert_proven()


def test_money_paid_back_settles_a_credit():
    company = Company()
    (credit,) = owed(company, "-80")
    pays(company, "-80", credit)
    assert open_rows(company) == []
    assert text.ledger_of(company.entity) == table("""
        1200 Bank              -80.00
        1400 Trade receivables   0.00
        8400 Invoiced revenue  +80.00
    """)
    assert_proven()


def test_a_small_difference_is_written_off_on_either_side():
    company = Company()
    short, over = owed(company, "100", "200")
    pays(company, "99.98", short, parts=("99.98",), writes_off=True)
    pays(company, "200.01", over, writes_off=True)
    assert open_rows(company) == []
    assert list(WriteOff.objects.order_by("pk").values_list("amount", flat=True)) == [
        Decimal("0.02"),
        Decimal("-0.01"),
    ]
    assert text.ledger_of(company.entity) == table("""
        1200 Bank                          +299.99
        1400 Trade receivables                0.00
        8400 Invoiced revenue              -300.00
        8995 Small differences of payments   +0.01
    """)
    assert_proven()


def test_two_payments_of_one_invoice_entered_together_write_off_what_both_leave():
    company = Company()
    (row,) = owed(company, "100")
    first = _of(company, "0.30", {row.pk: Decimal("0.30")})
    rest = _of(company, "99.60", {row.pk: Decimal("99.60")}, writes_off=True)
    with refused("more-than-open"):
        enter_payments([rest, first], actor=company.accountant, at=NOW)
    assert open_rows(company) == [100]
    enter_payments([first, rest], actor=company.accountant, at=NOW)
    assert open_rows(company) == []
    assert WriteOff.objects.get().amount == Decimal("0.10")
    assert_proven()


def _of(company: Company, amount: str, shares: dict, **facts) -> NewPayment:
    return NewPayment(company.customer, bank_of(company), DAY, Decimal(amount), "EUR", shares=shares, **facts)


def test_more_than_the_company_writes_off_is_refused():
    company = Company()
    (row,) = owed(company, "100")
    with refused("difference-too-large"):
        pays(company, "98.99", row, parts=("98.99",), writes_off=True)
    with refused("difference-too-large"):
        pays(company, "101.01", row, writes_off=True)
    ReceivablesPolicy.objects.create(legal_entity=company.entity, small_difference=Decimal("1.01"))
    pays(company, "98.99", row, parts=("98.99",), writes_off=True)
    assert open_rows(company) == []


def test_a_change_of_the_exchange_rate_is_posted_with_the_settlement():
    company = Company()
    company.rate("USD", "0.80")
    company.rate("USD", "0.75", date(2026, 3, 20))
    (row,) = owed(company, "1000", currency="USD")
    pays(company, "400", row, parts=("400",), on=date(2026, 3, 25), currency="USD")
    pays(company, "600", row, on=date(2026, 3, 26), currency="USD")
    assert open_rows(company) == []
    assert [(one.debit_base, one.credit_base) for one in row.settled_by.order_by("pk")] == [
        (320, 300),
        (480, 450),
    ]
    own = VoucherLine.objects.filter(voucher__legal_entity=company.entity).order_by("account__number")
    assert list(own.values_list("account__number").annotate(sum=Sum("base_amount"))) == [
        ("1400", 0),
        ("18USD", 750),
        ("2150", 50),
        ("8400", -800),
    ]
    assert_proven()


def test_euros_on_the_account_pay_a_foreign_invoice():
    company = Company()
    company.rate("USD", "0.80")
    (row,) = owed(company, "1000", currency="USD")
    pays(
        company,
        "1000",
        row,
        currency="USD",
        bank_account=bank_of(company),
        bank_amount=Decimal("790"),
    )
    assert open_rows(company) == []
    (settlement,) = row.settled_by.all()
    assert (settlement.debit_base, settlement.credit_base) == (800, 790)
    assert_proven()


def refusals_of(company: Company, **columns):
    facts = {
        "customer": company.customer,
        "bank_account": bank_of(company),
        "date": DAY,
        "amount": Decimal(100),
        "currency": "EUR",
    } | columns
    return enter_payments([NewPayment(**facts)], actor=company.accountant, at=NOW)


def test_what_is_refused_names_every_reason_and_changes_nothing():
    company, other = Company(), Company()
    (row,) = owed(company, "100")
    (foreign,) = owed(other, "100")
    with refused("nothing-paid"):
        refusals_of(company, amount=Decimal(0))
    with refused("other-company"):
        refusals_of(company, bank_account=bank_of(other))
    with refused("date-ahead"):
        refusals_of(company, date=date(2026, 4, 2))
    dollars = bank_of(company, "USD")
    with refused("exchange-rate-missing"):
        refusals_of(company, currency="USD", bank_account=dollars)
    with refused("other-customer"):
        refusals_of(company, shares={foreign.pk: Decimal(100)})
    with refused("more-than-open", "more-than-paid"):
        refusals_of(company, shares={row.pk: Decimal(101)})
    with refused("more-than-open"):
        refusals_of(company, shares={row.pk: Decimal(-1)}, amount=Decimal(-1))
    with refused("more-than-paid"):
        refusals_of(company, shares={row.pk: Decimal(100)}, amount=Decimal(99))
    company.rate("USD", "0.80")
    with refused("other-currency"):
        refusals_of(company, currency="USD", bank_account=dollars, shares={row.pk: Decimal(100)})
    pays(company, "100", row)
    with refused("not-open"):
        refusals_of(company, shares={row.pk: Decimal(100)})
    with refused("not-open"):
        refusals_of(company, shares={999_999_999: Decimal(100)})


def test_closed_periods_and_missing_accounts_refuse():
    company = Company()
    FiscalPeriod.objects.filter(legal_entity=company.entity, starts_on=date(2026, 1, 1)).update(
        status=PeriodStatus.CLOSED
    )
    with refused("period-closed"):
        refusals_of(company, date=date(2026, 1, 15))
    PostingAccount.objects.filter(
        legal_entity=company.entity, posting_type__in=["customer_balance", "small_difference"]
    ).delete()
    with refused("account-missing", "account-missing"):
        refusals_of(company, writes_off=True, amount=Decimal("0.5"))


def test_two_payments_of_one_set_do_not_take_the_same_amount():
    company = Company()
    (row,) = owed(company, "100")
    facts = {
        "customer": company.customer,
        "bank_account": bank_of(company),
        "date": DAY,
        "amount": Decimal(60),
        "currency": "EUR",
        "shares": {row.pk: Decimal(60)},
    }
    with refused("more-than-open"):
        enter_payments([NewPayment(**facts), NewPayment(**facts)], actor=company.accountant, at=NOW)


def test_statements_do_not_depend_on_how_many_are_paid():
    company = Company()
    pays(company, "1", *owed(company, "1"))
    counts = []
    for many in (3, 40):
        rows = owed(company, *["10"] * many)
        facts = {
            "customer": company.customer,
            "bank_account": bank_of(company),
            "date": DAY,
            "amount": Decimal("9.99"),
            "currency": "EUR",
            "writes_off": True,
        }
        new = [NewPayment(**facts, shares={row.pk: Decimal("9.99")}) for row in rows]
        counts.append(statements(lambda new=new: enter_payments(new, actor=company.accountant, at=NOW)))
    assert counts[0] == counts[1] < 60
    assert CustomerPayment.objects.count() == 44
    assert open_rows(company) == []
    assert_proven()

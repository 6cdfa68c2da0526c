"""Payment terms on invoices: due dates, instalments and their ageing, cash discount with its tax (C11)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from accounting.ageing import ageing_of
from accounting.bank_matches import matches_of
from accounting.importing_bank_files import import_bank_file
from accounting.models import (
    BankBooking,
    CustomerInvoice,
    CustomerTransaction,
    InvoiceInstalment,
    Voucher,
    WriteOff,
    WriteOffTax,
)
from accounting.paying import enter_payments
from accounting.payment_states import payment_state
from accounting.proving import prove
from accounting.receivable_checks import NewPayment
from accounting.reversing_payments import reverse_payments
from core import guarding
from projects.models import Customer, PaymentTerms, ProjectContract
from tests.company import Company, only, rows
from tests.company.bank_statements import Booked, camt
from tests.company.checking import assert_proven, refused
from tests.company.receivables import bank_of, open_of, pays
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
POSTED = date(2026, 3, 31)


def invoiced(company: Company, **terms: object) -> CustomerInvoice:
    """An invoice of 1,600.00 and 20 % tax under payment terms of the customer."""
    Customer.objects.filter(pk=company.customer.pk).update(payment_terms=rows.terms(**terms))
    return company.billed(8)


def discounted(company: Company) -> CustomerInvoice:
    return invoiced(company, net_days=30, discount_percent=Decimal(2), discount_days=10)


def booked(company: Company, amount: str, text: str, on: str) -> BankBooking:
    """A booking of the company's bank, imported from a file."""
    content = camt(Booked(amount, text, on=on))
    made, _new = import_bank_file(
        bank_of(company), name=f"{on}.xml", content=content, actor=company.accountant, at=NOW
    )
    return made.entries.select_related("bank_account").get()


def voucher_of(kind: str) -> list[tuple[str, Decimal]]:
    voucher = Voucher.objects.filter(source_kind=kind).latest("pk")
    return [(line.account.number, line.amount) for line in voucher.lines.order_by("pk")]


def test_the_terms_of_a_contract_come_before_those_of_its_customer():
    company = Company()
    month_end = rows.terms(10, is_end_of_month=True)
    ProjectContract.objects.filter(pk=company.contract.pk).update(payment_terms=month_end)
    invoice = invoiced(company, net_days=14)
    assert invoice.due_date == date(2026, 4, 10)
    assert invoice.invoice_date == POSTED


def test_without_terms_it_is_thirty_days():
    assert Company().billed(8).due_date == date(2026, 4, 30)


def test_a_discount_is_printed_and_frozen():
    invoice = discounted(Company())
    assert (invoice.discount_percent, invoice.discount_until) == (2, date(2026, 4, 10))
    assert invoice.snapshot["payment_terms"].replace("\xa0", " ") == (
        "2% discount, €38.40, if you pay €1,881.60 by 10 Apr 2026. Payable without deduction within 30 days."
    )


def test_whoever_pays_in_time_takes_the_discount_and_its_tax():
    company = Company()
    row = discounted(company).customer_transaction
    pays(company, "1881.60", row, parts=("1881.60",), on=date(2026, 4, 1), discounted=frozenset([row.pk]))
    assert open_of(row) == 0
    assert voucher_of("write_off") == [("1400", Decimal("-38.40")), ("8730", 32), ("1776", Decimal("6.40"))]
    tax = WriteOffTax.objects.get()
    assert (tax.percent, tax.base_amount, tax.tax_amount) == (20, 32, Decimal("6.40"))
    assert_proven()


def test_a_payment_that_bounces_takes_its_discount_back():
    company = Company()
    row = discounted(company).customer_transaction
    paid = pays(
        company, "1881.60", row, parts=("1881.60",), on=date(2026, 4, 1), discounted=frozenset([row.pk])
    )
    reverse_payments(only(paid), on=date(2026, 4, 1), reason="returned", actor=company.accountant, at=NOW)
    assert open_of(row) == 1920
    assert [one.amount for one in WriteOff.objects.order_by("pk")] == [Decimal("38.40"), Decimal("-38.40")]
    assert sum(one.tax_amount for one in WriteOffTax.objects.all()) == 0
    assert voucher_of("customer_payment")[0] == ("1400", Decimal("1881.60"))
    assert_proven()


def test_a_discount_is_refused_in_part_too_late_and_where_none_is_offered():
    company = Company()
    row = discounted(company).customer_transaction
    ticked = frozenset([row.pk])
    with refused("discount-in-part"):
        pays(company, "1881", row, parts=("1881",), on=date(2026, 4, 1), discounted=ticked)
    too_late = NewPayment(
        customer=company.customer,
        bank_account=bank_of(company),
        date=date(2026, 4, 11),
        amount=Decimal("1881.60"),
        currency="EUR",
        shares={row.pk: Decimal("1881.60")},
        discounted=ticked,
    )
    with refused("no-discount"):
        enter_payments([too_late], actor=company.accountant, at=NOW.replace(month=5))
    assert WriteOff.objects.count() == 0
    assert open_of(row) == 1920
    Customer.objects.filter(pk=company.customer.pk).update(payment_terms=None)
    plain = company.billed(1).customer_transaction
    with refused("no-discount"):
        pays(company, "240", plain, on=date(2026, 4, 1), discounted=frozenset([plain.pk]))


def test_a_booking_of_the_bank_less_the_discount_is_certain():
    company = Company()
    invoice = discounted(company)
    (match,) = matches_of([booked(company, "1881.60", invoice.number, on="2026-04-09")])
    assert match.is_certain
    assert match.shares == {invoice.customer_transaction.pk: Decimal("1881.60")}
    assert match.discounted == {invoice.customer_transaction.pk}
    (late,) = matches_of([booked(company, "1881.60", invoice.number, on="2026-04-11")])
    assert not late.is_certain


def test_instalments_are_open_and_overdue_one_after_the_other():
    company = Company()
    invoice = invoiced(company, net_days=60, instalments="25 10\n75 60")
    assert invoice.snapshot["payment_terms"].replace("\xa0", " ") == (
        "Payable in 2 instalments: €480.00 by 10 Apr 2026; €1,440.00 by 30 May 2026."
    )
    assert invoice.due_date == date(2026, 5, 30)
    row = invoice.customer_transaction
    later = date(2026, 4, 20)
    assert list(InvoiceInstalment.objects.open().values_list("open_amount", flat=True)) == [480, 1440]
    (late,) = CustomerInvoice.objects.overdue(later)
    assert (late.late_amount, late.open_due) == (480, date(2026, 4, 10))
    assert payment_state(late, later)[0] == "overdue"
    (aged,) = ageing_of(CustomerTransaction.objects.all(), later)
    assert aged.parts[:2] == (1440, 480)

    pays(company, "600", row, parts=("600",), on=date(2026, 4, 1))
    assert list(InvoiceInstalment.objects.open().values_list("number", "open_amount")) == [(2, 1320)]
    assert not CustomerInvoice.objects.overdue(later).exists()
    assert CustomerInvoice.objects.overdue(date(2026, 5, 31)).get().late_amount == 1320
    (aged,) = ageing_of(CustomerTransaction.objects.all(), date(2026, 6, 1))
    assert aged.parts[:2] == (0, 1320)
    assert_proven()


FAULTS = [
    ("instalment moved", lambda: InvoiceInstalment.objects.filter(number=1).update(due_date=POSTED), {"J1h"}),
    (
        "instalment one cent off",
        lambda: InvoiceInstalment.objects.filter(number=1).update(amount=Decimal("479.99")),
        {"J1h", "C11k"},
    ),
    ("discount after its day", lambda: WriteOff.objects.update(date=date(2026, 4, 30)), {"C11i", "C11a"}),
    (
        "tax of a discount one cent off",
        lambda: WriteOffTax.objects.update(tax_amount=Decimal("6.41"), base_amount=Decimal("31.99")),
        {"C11j"},
    ),
    ("tax of a discount deleted", lambda: WriteOffTax.objects.all().delete(), {"C11j"}),
]


@pytest.mark.parametrize(("what", "plant", "named"), FAULTS, ids=[one[0] for one in FAULTS])
def test_a_planted_fault_is_named(what: str, plant, named: set[str]):
    company = Company()
    invoiced(company, net_days=60, instalments="25 10\n75 60")
    row = discounted(company).customer_transaction
    pays(company, "1881.60", row, parts=("1881.60",), on=date(2026, 4, 1), discounted=frozenset([row.pk]))
    assert_proven()
    guarding.lift(connection)
    try:
        plant()
        assert {finding.proof.code for finding in prove() if finding.count} == named
    finally:
        guarding.install(connection)


def test_terms_that_contradict_themselves_are_said_at_their_field():
    terms = PaymentTerms(name="x", instalments="50 0\n50 30", discount_percent=Decimal(2), discount_days=5)
    with pytest.raises(Exception, match="Instalments have no cash discount"):
        terms.full_clean()
    with pytest.raises(Exception, match="add up to 100"):
        PaymentTerms(name="x", instalments="50 0").full_clean()

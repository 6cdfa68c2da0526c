"""An advance that another system invoiced with tax: paid on account, its tax taken off by hand (C13)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from accounting.models import CustomerTransaction, VoucherLine
from accounting.offsetting import settle_open
from accounting.opening_checks import NewOpeningItem
from accounting.opening_files import BALANCES, KINDS, balances_in
from accounting.opening_items import enter_opening_items
from accounting.posting_context import PostingContext
from accounting.writing_vouchers import write_journal_vouchers
from projects.record_files import read_table
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.journal_vouchers import posted, written
from tests.company.receivables import open_of
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
START = date(2026, 1, 1)
BOOKS = """account;debit;credit;dimension;text
1200;1200;;;Bank
1710;;1000;;Advance
0860;;200;;
"""


def balances(company: Company) -> dict[str, Decimal]:
    lines = VoucherLine.objects.filter(voucher__legal_entity=company.entity).order_by("account__number")
    sums = lines.values_list("account__number").annotate(sum=Sum("base_amount"))
    return {number: amount for number, amount in sums if amount}


def test_an_advance_of_elsewhere_is_used_up_and_leaves_nothing_on_opening_balances():
    """1,000.00 and 200.00 of tax were paid before; the invoice over 1,600.00 asks for 320.00 of tax."""
    company = Company()
    context = PostingContext.of(company.entity)
    table = read_table(KINDS[BALANCES], "a.csv", BOOKS.encode(), language="de")
    plan = balances_in(table, company.entity, START, context)
    assert plan.voucher is not None
    posted(company, *write_journal_vouchers([plan.voucher], actor=company.accountant, at=NOW))
    paid = NewOpeningItem(2, company.customer, "A-7", date(2025, 12, 1), START, "EUR", Decimal(-1200))
    enter_opening_items(company.entity, [paid], on=START, actor=company.accountant, at=NOW)
    # What is left there is the tax that the other system has reported.
    assert balances(company)["9000"] == 200

    invoice = company.billed(8)
    advance = CustomerTransaction.objects.get(reference="A-7")
    shares = {invoice.customer_transaction.pk: Decimal(1200), advance.pk: Decimal(-1200)}
    settle_open(shares, actor=company.accountant, at=NOW)
    assert open_of(invoice.customer_transaction) == 720
    posted(company, written(company, "1776 200.00", "9000 -200.00", text="Tax of the advance"))
    left = balances(company)
    assert "9000" not in left
    assert (left["1776"], left["1400"]) == (-120, 720)
    assert_proven()

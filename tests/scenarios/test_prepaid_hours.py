"""Prepaid hours from the plan to the books: roll-over, overage, the block money, expiry (A12)."""

from datetime import date

import pytest

from billing.models import Proforma, Retainer
from projects.models import BacklogItem
from projects.states import BillingStatus
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.prepaid import agreed, bill, expire, invoice_block, statement, work
from tests.company.retainers import position
from tests.company.text import table

pytestmark = pytest.mark.django_db

AUGUST = tuple((8, day, "11.5") for day in (3, 4, 5, 6))
SEPTEMBER = tuple((9, day, "13") for day in (1, 2, 3, 4))
OCTOBER = tuple((10, day, "14.5") for day in (1, 2, 5))
NOVEMBER = (*((11, day, "14") for day in (2, 3, 4, 5)), (11, 27, "5"), (11, 30, "1.5"))
"""46 h, 52 h, 43.5 h and 62.5 h; of the last 5 are worked on the 27th and 1.5 on the 30th."""


def retainer(month: int) -> Retainer:
    return Retainer.objects.get(prepaid_month__month=date(2026, month, 1))


def figures(draft: Proforma) -> tuple[str, ...]:
    return tuple(f"{one:.2f}" for one in (draft.net_amount, draft.tax_amount, draft.gross_amount))


def test_the_months_of_the_drawing_go_from_the_plan_to_the_books():
    company = Company()
    agreement = agreed(company)
    assert position(retainer(8)) == "ready 0.00 0.00 0.00 0.00"
    assert (retainer(8).invoice_on, retainer(11).amount) == (date(2026, 7, 31), 6000)

    # The block of August is asked for on the last day of July, with its tax.
    block = invoice_block(company, 8)
    assert figures(block) == ("6000.00", "1200.00", "7200.00")
    assert company.ledger() == table("""
        1400 Trade receivables +7200.00
        1710 Advances of customers -6000.00
        1776 Sales tax payable -1200.00
    """)

    # 46 hours at 120 are paid for; 4 hours of 480 are left in the advance.
    work(company, *AUGUST)
    august = bill(company, date(2026, 8, 31))
    assert figures(august) == ("0.00", "0.00", "0.00")
    assert position(retainer(8)) == "available 6000.00 5520.00 0.00 480.00"
    assert company.ledger() == table("""
        1400 Trade receivables +7200.00
        1450 Work in progress, sales value 0.00
        1710 Advances of customers -480.00
        1776 Sales tax payable -1200.00
        4100 Project cost +4600.00
        4199 Payroll allocation -4600.00
        8400 Invoiced revenue -5520.00
        8450 Accrued revenue, sales value 0.00
    """)
    assert_proven()

    # September uses the four hours first: 480 of August, 5,760 of its own block.
    invoice_block(company, 9)
    work(company, *SEPTEMBER)
    bill(company, date(2026, 9, 30))
    assert position(retainer(8)) == "used_up 6000.00 6000.00 0.00 0.00"
    assert position(retainer(9)) == "available 6000.00 5760.00 0.00 240.00"

    invoice_block(company, 10)
    work(company, *OCTOBER)
    bill(company, date(2026, 10, 31))
    assert position(retainer(10)) == "available 6000.00 4980.00 0.00 1020.00"
    assert "1710 Advances of customers -1020.00" in company.ledger()
    assert_proven()

    # 62.50 of 58.50 hours: the last four cost 148 and are paid, the others are paid for.
    invoice_block(company, 11)
    work(company, *NOVEMBER)
    assert statement(agreement) == table("""
        Aug 0.00 50.00 46.00 0.00 4.00 0.00
        Sep 4.00 50.00 52.00 0.00 2.00 0.00
        Oct 2.00 50.00 43.50 0.00 8.50 0.00
        Nov 8.50 50.00 62.50 4.00 0.00 0.00
    """)
    over = BacklogItem.objects.filter(actual__price=148).order_by("-transaction_date")
    assert [(one.transaction_date.day, one.quantity, one.amount) for one in over] == [
        (30, 1.5, 222),
        (27, 2.5, 370),
    ]
    november = bill(company, date(2026, 11, 30))
    assert figures(november) == ("592.00", "118.40", "710.40")
    assert position(retainer(11)) == "used_up 6000.00 6000.00 0.00 0.00"
    # 204 hours of 24,000 and 592 are revenue; nothing is owed to the customer.
    assert company.ledger() == table("""
        1400 Trade receivables +29510.40
        1450 Work in progress, sales value 0.00
        1710 Advances of customers 0.00
        1776 Sales tax payable -4918.40
        4100 Project cost +20400.00
        4199 Payroll allocation -20400.00
        8400 Invoiced revenue -24592.00
        8450 Accrued revenue, sales value 0.00
    """)
    assert_proven()


def test_hours_that_expire_become_revenue_and_nothing_is_paid():
    company = Company()
    agreement = agreed(company)
    invoice_block(company, 8)
    # 30 of 50 hours: 10 roll over, 10 expire.
    work(company, (8, 3, "15"), (8, 4, "15"))
    bill(company, date(2026, 8, 31))
    assert statement(agreement).splitlines()[0] == "Aug 0.00 50.00 30.00 0.00 10.00 10.00"

    (expiry,) = expire(company, agreement, date(2026, 8, 31))
    assert expiry.work_item.description == "10.00 prepaid hours of August 2026, expired"
    item = BacklogItem.objects.get()
    assert (item.status, item.amount) == (BillingStatus.READY, 1200)
    assert statement(agreement).splitlines()[0] == "Aug 0.00 50.00 30.00 0.00 10.00 0.00"
    draft = bill(company, date(2026, 8, 31))
    assert figures(draft) == ("0.00", "0.00", "0.00")
    assert position(retainer(8)) == "available 6000.00 4800.00 0.00 1200.00"
    assert company.ledger() == table("""
        1400 Trade receivables +7200.00
        1450 Work in progress, sales value 0.00
        1710 Advances of customers -1200.00
        1776 Sales tax payable -1200.00
        4100 Project cost +3000.00
        4199 Payroll allocation -3000.00
        8400 Invoiced revenue -4800.00
        8450 Accrued revenue, sales value 0.00
    """)
    assert_proven()

    # What rolled over and is not used in September expires with it.
    invoice_block(company, 9)
    work(company, (9, 1, "7"))
    bill(company, date(2026, 9, 30))
    assert statement(agreement).splitlines()[1] == "Sep 10.00 50.00 7.00 0.00 10.00 43.00"
    expire(company, agreement, date(2026, 9, 30))
    bill(company, date(2026, 9, 30))
    assert position(retainer(8)) == "used_up 6000.00 6000.00 0.00 0.00"
    # Ten hours of September go on to October.
    assert position(retainer(9)) == "available 6000.00 4800.00 0.00 1200.00"
    assert "1710 Advances of customers -1200.00" in company.ledger()
    assert_proven()

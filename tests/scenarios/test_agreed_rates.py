"""An exchange rate that is agreed with the customer goes before that of the day, to the cent (C9)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.models import CustomerTransaction, Settlement
from accounting.posting import Posted
from projects.entering_agreed_rates import NewRate, agree_rate
from projects.models import AgreedRate, ProjectContract, RolePrice
from projects.states import ContractStatus
from tests.company import Company
from tests.company.checking import assert_proven, refused
from tests.company.receivables import open_rows, pays
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 31)


def in_pounds() -> Company:
    """4 h cost 480 euros and are sold for 250 pounds each; the exchange rate is 1.30."""
    company = Company(currency="GBP", tax=False)
    company.sells_hours_for("250")
    RolePrice.objects.filter(price_list=company.costs).update(price=Decimal(120))
    company.rate("GBP", "1.30")
    return company


def agreed(company: Company, rate: str = "1.25", starts_on: date = JANUARY, **more: Any) -> AgreedRate:
    contracts = ProjectContract.objects.filter(pk=company.contract.pk)
    new = NewRate(Decimal(rate), starts_on, **more)
    (made,) = agree_rate(contracts, new, actor=company.accountant, at=NOW)
    return made


def test_four_hours_at_250_pounds_are_1250_whatever_the_rate_of_the_day():
    company = in_pounds()
    agreed(company)
    company.approved(4)
    assert company.journalise() == Posted(posted=2, failed=0)
    assert company.ledger() == table("""
        1450 Work in progress, sales value  +1000.00 GBP = +1250.00 EUR
        4100 Project cost                    +480.00
        4199 Payroll allocation              -480.00
        8450 Accrued revenue, sales value   -1000.00 GBP = -1250.00 EUR
    """)
    company.rate("GBP", "1.40", date(2026, 3, 20))
    company.confirm(company.draft(MARCH))
    company.invoices()
    assert company.ledger() == table("""
        1400 Trade receivables              +1000.00 GBP = +1250.00 EUR
        1450 Work in progress, sales value      0.00 GBP = 0.00 EUR
        4100 Project cost                    +480.00
        4199 Payroll allocation              -480.00
        8400 Invoiced revenue               -1000.00 GBP = -1250.00 EUR
        8450 Accrued revenue, sales value       0.00 GBP = 0.00 EUR
    """)
    # Money comes at the rate of its day: 1,000 pounds are 1,400 euros, 150 more than was agreed.
    pays(company, "1000", CustomerTransaction.objects.get(), currency="GBP", on=MARCH)
    settlement = Settlement.objects.get()
    assert (settlement.debit_base, settlement.credit_base) == (1250, 1400)
    assert open_rows(company) == []
    assert_proven()


def test_an_agreement_in_between_leaves_what_is_posted_and_takes_the_rest():
    company = in_pounds()
    company.approved(4)
    company.journalise()
    agreed(company)
    company.confirm(company.draft(MARCH))
    company.invoices()
    assert company.ledger() == table("""
        1400 Trade receivables              +1000.00 GBP = +1250.00 EUR
        1450 Work in progress, sales value      0.00 GBP = 0.00 EUR
        4100 Project cost                    +480.00
        4199 Payroll allocation              -480.00
        8400 Invoiced revenue               -1000.00 GBP = -1250.00 EUR
        8450 Accrued revenue, sales value       0.00 GBP = 0.00 EUR
    """)
    assert_proven()


def accrued_on(company: Company, day: date) -> str:
    company.approved(1, date=day)
    company.journalise()
    lines = company.ledger().splitlines()
    return next(one for one in lines if one.startswith("1450")).split(" = ")[1]


def test_the_agreement_that_started_last_decides_and_none_after_its_end():
    company = in_pounds()
    agreed(company, "1.20")
    agreed(company, "1.25")  # entered later for the same day: the one before was a mistake
    agreed(company, "1.50", date(2026, 3, 10), ends_on=date(2026, 3, 20))
    assert accrued_on(company, date(2026, 3, 9)) == "+312.50 EUR"
    assert accrued_on(company, date(2026, 3, 10)) == "+687.50 EUR"
    assert accrued_on(company, date(2026, 3, 20)) == "+1062.50 EUR"
    assert accrued_on(company, date(2026, 3, 21)) == "+1387.50 EUR"
    assert_proven()


def test_sales_need_no_exchange_rate_where_one_is_agreed():
    company = Company(currency="GBP")
    agreed(company)
    company.approved(8)
    assert company.journalise() == Posted(posted=2, failed=0)


@pytest.mark.parametrize("rate", ["0", "-1", "1.0000000001", "NaN"])
def test_a_rate_is_above_zero_and_not_too_fine(rate: str):
    company = in_pounds()
    with refused("rate-not-usable"):
        agreed(company, rate)


def test_what_has_no_foreign_currency_or_has_ended_takes_no_rate():
    company = Company()
    with refused("own-currency"):
        agreed(company)
    with refused("ends-before-start", "own-currency"):
        agreed(company, ends_on=date(2025, 12, 31))
    other = in_pounds()
    ProjectContract.objects.filter(pk=other.contract.pk).update(status=ContractStatus.LOST)
    with refused("contract-ended"):
        agreed(other)
    assert not AgreedRate.objects.exists()

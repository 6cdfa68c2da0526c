"""Fees on the lines of a draft, billed like work added by hand (B12, N7)."""

from decimal import Decimal

import pytest

from billing.correction_rows import BilledCorrection, billed_rows
from billing.discounting import charge_fee
from tests.company import rows
from tests.company.checking import assert_proven, refused
from tests.company.corrections import correct
from tests.company.rows import NOW
from tests.company.text import table
from tests.scenarios.granting import billing_eight_hours, totals

pytestmark = pytest.mark.django_db


# --- Fees ---


def test_a_fee_on_a_line_is_billed_like_work_added_by_hand():
    company, draft = billing_eight_hours()
    line = draft.lines.get()
    charge_fee(
        line,
        Decimal(75),
        "Express delivery",
        item_sales_tax_group=company.item_group,
        actor=company.manager,
        at=NOW,
    )
    assert totals(draft) == (1675, 335, 2010)
    company.confirm(draft)
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  invoiced
        unbilled  chargeable  -8  -1600.00  mirror
        billed    chargeable  +8  +1600.00
        unbilled  chargeable  +1    +75.00  invoiced
        unbilled  chargeable  -1    -75.00  mirror
        billed    chargeable  +1    +75.00
    """)


@pytest.mark.parametrize(
    ("amount", "text", "code"),
    [
        ("0", "Express", "amount-not-positive"),
        ("-5", "Express", "amount-not-positive"),
        ("5.005", "Express", "too-many-places"),
        ("5", "  ", "text-missing"),
    ],
)
def test_a_fee_has_an_amount_and_a_text(amount, text, code):
    company, draft = billing_eight_hours()
    with refused(code):
        charge_fee(draft.lines.get(), Decimal(amount), text, actor=company.manager, at=NOW)


def test_a_fee_needs_a_project_where_work_is_recorded():
    company, draft = billing_eight_hours()
    expenses = rows.contract_line(company.contract, company.customer, name="Without a project")
    line = draft.lines.create(contract_line=expenses, name=expenses.name)
    with refused("project-missing"):
        charge_fee(line, Decimal(5), "Express", actor=company.manager, at=NOW)


def test_a_fee_that_was_taken_back_is_taxed_again_as_it_was():
    company, draft = billing_eight_hours()
    line = draft.lines.get()
    charge_fee(
        line,
        Decimal(50),
        "Express",
        item_sales_tax_group=company.item_group,
        actor=company.manager,
        at=NOW,
    )
    (billed,) = company.confirm(draft)
    company.invoices()
    everything = [BilledCorrection(row, quantity=Decimal(0)) for row in billed_rows(billed)]
    company.confirm(correct(company, *everything))
    again = company.draft()
    # 20 % of 1,600.00 and of the 50.00, which has no category to be taxed by.
    assert totals(again) == (1650, 330, 1980)
    assert totals(again) == totals(billed)
    company.confirm(again)
    company.invoices()
    assert_proven()

"""Retainers from the plan to the books, row by row (B3, N11 to N14, R10, decision 9, P15)."""

from datetime import timedelta

import pytest

from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import Proforma
from tests.company import Company, details_of
from tests.company.checking import assert_proven
from tests.company.corrections import correct
from tests.company.retainers import (
    invoiced,
    position,
    ready,
    set_to,
    to_be_refunded,
)
from tests.company.rows import DAY
from tests.company.text import table

pytestmark = pytest.mark.django_db

INVOICED = """
    unbilled  chargeable  -1000  -1000.00  {}
    billed    chargeable  +1000  +1000.00
"""
DAY_OF_WORK = """
    cost      chargeable  +8   +800.00
    unbilled  chargeable  +8  +1600.00  invoiced
"""


def rows(*parts: str) -> str:
    """Parts of a table that several tests share."""
    return "\n".join(map(table, parts))


def test_n11_a_retainer_is_invoiced_and_its_balance_kept_open():
    company = Company()
    retainer = ready(company)
    (draft,) = company.drafts()
    assert (draft.net_amount, draft.tax_amount, draft.gross_amount) == (1000, 200, 1200)
    assert position(retainer) == "on_draft 0.00 0.00 0.00 0.00"
    assert company.actuals() == ""

    company.confirm(draft)
    assert company.actuals() == table(INVOICED.format("open"))
    # It is owed to the customer: nothing of it is in the backlog, and nothing goes into a journal.
    assert company.backlog() == ""
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"
    assert_proven()

    (invoice,) = company.invoices()
    assert (invoice.net_amount, invoice.gross_amount) == (1000, 1200)
    assert company.ledger() == table("""
        1400 Trade receivables +1200.00
        1710 Advances of customers -1000.00
        1776 Sales tax payable -200.00
    """)
    assert_proven()


def test_n12_a_retainer_is_applied_in_full_with_n1():
    company = Company()
    retainer = invoiced(company)
    company.approved(8)
    draft = company.draft()
    assert (draft.net_amount, draft.tax_amount, draft.gross_amount) == (600, 120, 720)
    assert position(retainer) == "on_draft 1000.00 0.00 1000.00 0.00"

    company.confirm(draft)
    assert company.actuals() == rows(
        INVOICED.format("invoiced"),
        DAY_OF_WORK,
        """
        unbilled  chargeable  +1000  +1000.00  mirror
        billed    chargeable  -1000  -1000.00
        unbilled  chargeable     -8  -1600.00  mirror
        billed    chargeable     +8  +1600.00
    """,
    )
    assert position(retainer) == "used_up 1000.00 1000.00 0.00 0.00"
    assert_proven()

    company.invoices()
    assert company.ledger() == table("""
        1400 Trade receivables +1920.00
        1450 Work in progress, sales value 0.00
        1710 Advances of customers 0.00
        1776 Sales tax payable -320.00
        4100 Project cost +800.00
        4199 Payroll allocation -800.00
        8400 Invoiced revenue -1600.00
        8450 Accrued revenue, sales value 0.00
    """)
    assert_proven()


def test_n13_a_retainer_is_applied_in_part_and_the_rest_kept_for_later():
    company = Company()
    retainer = invoiced(company)
    company.approved(8)
    draft = set_to(company, company.draft(), "400")
    assert (draft.net_amount, draft.tax_amount, draft.gross_amount) == (1200, 240, 1440)
    assert position(retainer) == "available 1000.00 0.00 400.00 600.00"

    company.confirm(draft)
    assert company.actuals() == rows(
        INVOICED.format("invoiced"),
        DAY_OF_WORK,
        """
        unbilled  chargeable   -600   -600.00  open
        unbilled  chargeable  +1000  +1000.00  mirror
        billed    chargeable   -400   -400.00
        unbilled  chargeable     -8  -1600.00  mirror
        billed    chargeable     +8  +1600.00
    """,
    )
    assert position(retainer) == "available 1000.00 400.00 0.00 600.00"
    company.invoices()
    assert "1710 Advances of customers -600.00" in company.ledger()
    assert_proven()

    # The rest goes on the next draft by itself.
    company.approved(8, date=DAY + timedelta(days=1))
    company.confirm(company.draft())
    assert position(retainer) == "used_up 1000.00 1000.00 0.00 0.00"
    assert company.actuals().splitlines()[-4:-2] == [
        "unbilled chargeable +600 +600.00 mirror",
        "billed chargeable -600 -600.00",
    ]
    company.invoices()
    assert "1710 Advances of customers 0.00" in company.ledger()
    assert_proven()


def test_n14_the_balance_is_refunded_on_a_proforma_of_its_own():
    company = Company()
    retainer = invoiced(company)
    company.invoices()
    to_be_refunded(company, retainer)
    assert position(retainer) == "to_refund 1000.00 0.00 0.00 1000.00"

    (draft,) = company.drafts()
    assert (draft.net_amount, draft.tax_amount, draft.gross_amount) == (-1000, -200, -1200)
    assert details_of(draft).get().external_description == "Start-up advance: Contract ends"
    company.confirm(draft)
    assert company.actuals() == rows(
        INVOICED.format("invoiced"),
        """
        unbilled  chargeable  +1000  +1000.00  mirror
        billed    chargeable  -1000  -1000.00
    """,
    )
    assert position(retainer) == "refunded 1000.00 1000.00 0.00 0.00"
    (credit,) = company.invoices()
    assert credit.gross_amount == -1200
    assert company.ledger() == table("""
        1400 Trade receivables 0.00
        1710 Advances of customers 0.00
        1776 Sales tax payable 0.00
    """)
    assert_proven()


def test_n14_a_refund_goes_with_the_work_of_the_next_proforma():
    company = Company()
    retainer = to_be_refunded(company, invoiced(company, "2000"))
    company.approved(8)
    draft = company.draft()
    # Given back in full, although less is to be paid: a refund may bring a total below zero.
    assert (draft.net_amount, draft.gross_amount) == (-400, -480)
    company.confirm(draft)
    assert position(retainer) == "refunded 2000.00 2000.00 0.00 0.00"
    assert_proven()


# --- R10 ------------------------------------------------------------------------------------------


def _taken_back(company: Company, proforma: Proforma, kind: str) -> Proforma:
    """The confirmed correction of the one row of a kind: all of it is taken back."""
    of_kind = [row for row in billed_rows(proforma) if row.work_item.transaction_class == kind]
    (row,) = of_kind
    draft = correct(company, BilledCorrection(row, amount=row.amount * 0))
    (confirmed,) = company.confirm(draft)
    return confirmed


def test_r10_an_applied_retainer_is_mirrored_and_available_again():
    company = Company()
    retainer = invoiced(company)
    company.approved(8)
    (applied,) = company.confirm(company.draft())
    company.invoices()

    correction = _taken_back(company, applied, "retainer")
    assert (correction.net_amount, correction.gross_amount) == (1000, 1200)
    assert company.actuals().splitlines()[-2:] == [
        "unbilled chargeable -1000 -1000.00 open",
        "billed chargeable +1000 +1000.00 mirror",
    ]
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"
    company.invoices()
    assert "1710 Advances of customers -1000.00" in company.ledger()
    assert_proven()


def test_r10_a_part_that_was_applied_is_mirrored_exactly():
    company = Company()
    retainer = invoiced(company)
    company.approved(8)
    (applied,) = company.confirm(set_to(company, company.draft(), "400"))
    _taken_back(company, applied, "retainer")
    # N13 wrote US +1,000, BS -400, US -600.
    assert company.actuals().splitlines()[-3:] == [
        "unbilled chargeable -1000 -1000.00 open",
        "unbilled chargeable +600 +600.00 mirror",
        "billed chargeable +400 +400.00 mirror",
    ]
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"
    assert_proven()


def test_r10_an_invoiced_retainer_is_mirrored_and_may_be_invoiced_again():
    company = Company()
    retainer = ready(company)
    (proforma,) = company.confirm(*company.drafts())
    credit = _taken_back(company, proforma, "retainer")
    assert credit.net_amount == -1000
    assert company.actuals() == table("""
        unbilled  chargeable  -1000  -1000.00  adjusted
        billed    chargeable  +1000  +1000.00  adjusted
        unbilled  chargeable  +1000  +1000.00  mirror
        billed    chargeable  -1000  -1000.00  mirror
    """)
    assert position(retainer) == "ready 0.00 0.00 0.00 0.00"

    (again,) = company.confirm(*company.drafts())
    assert again.net_amount == 1000
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"
    assert_proven()


def test_r10_a_refund_is_mirrored_and_the_balance_available_again():
    company = Company()
    retainer = to_be_refunded(company, invoiced(company))
    (refund,) = company.confirm(*company.drafts())
    _taken_back(company, refund, "retainer")
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"
    assert_proven()

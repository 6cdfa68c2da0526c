"""Retainers from the plan to the books, row by row (B3, N11 to N14, R10, decision 9, P15)."""

from datetime import timedelta

import pytest

from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import InvoiceLineDetail, Proforma, Removal
from billing.putting_back import put_back
from billing.removing import delete_drafts, remove_details
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven, refused
from tests.company.corrections import correct
from tests.company.retainers import (
    applied_on,
    apply_to,
    fresh,
    invoiced,
    position,
    ready,
    set_to,
    to_be_refunded,
)
from tests.company.rows import CUT_OFF, DAY, NOW
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


# --- Drafts ---------------------------------------------------------------------------------------


def test_the_oldest_retainer_goes_first_and_the_total_never_below_zero():
    company = Company()
    young = invoiced(company, "900", on=DAY + timedelta(days=2), name="Second")
    old = invoiced(company, "900", on=DAY, name="First")
    company.approved(8)
    draft = company.draft()
    assert (draft.net_amount, draft.gross_amount) == (0, 0)
    assert position(old) == "on_draft 900.00 0.00 900.00 0.00"
    assert position(young) == "available 900.00 0.00 700.00 200.00"
    company.confirm(draft)
    assert position(old).startswith("used_up")
    company.invoices()
    assert_proven()


def test_a_retainer_pays_for_work_and_not_for_another_retainer():
    company = Company()
    first = invoiced(company, "1000")
    ready(company, "500", name="Second advance")
    (draft,) = company.drafts()
    assert draft.net_amount == 500
    assert position(first) == "available 1000.00 0.00 0.00 1000.00"


def test_a_retainer_is_for_its_own_customer_and_contract():
    company = Company()
    one, other = company.is_shared_by("50", "50")
    retainer = invoiced(company, "300")
    company.approved(8)
    company.ready()
    drafts = {draft.customer_id: draft.net_amount for draft in company.drafts()}
    assert drafts == {one.pk: 500, other.pk: 800}
    assert fresh(retainer).drafted_amount == 300


def test_two_drafts_never_hold_the_same_balance():
    company = Company()
    retainer = invoiced(company, "2000")
    company.approved(8)
    first = company.draft()
    company.approved(8, date=DAY + timedelta(days=1))
    second = company.draft()
    assert (first.net_amount, second.net_amount) == (0, 1200)
    assert position(retainer) == "on_draft 2000.00 0.00 2000.00 0.00"

    # Confirmed together, each with rows of its own that start where the other ended.
    company.confirm(first, second)
    assert position(retainer) == "used_up 2000.00 2000.00 0.00 0.00"
    company.invoices()
    assert_proven()


def test_what_is_taken_off_a_draft_is_available_again():
    company = Company()
    retainer = invoiced(company)
    company.approved(8)
    draft = company.draft()
    remove_details(only(applied_on(draft)), actor=company.manager, at=NOW)
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"
    assert Proforma.objects.get(pk=draft.pk).net_amount == 1600

    assert apply_to(company, draft).net_amount == 600
    assert set_to(company, draft, "0").net_amount == 1600
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"
    assert apply_to(company, draft).net_amount == 600
    delete_drafts(only(draft), actor=company.manager, at=NOW)
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"
    assert_proven()


def test_a_retainer_that_leaves_its_draft_is_ready_again():
    company = Company()
    retainer = ready(company)
    (draft,) = company.drafts()
    delete_drafts(only(draft), actor=company.manager, at=NOW)
    assert fresh(retainer).status == "ready"
    (draft,) = company.drafts()
    remove_details(details_of(draft), actor=company.manager, at=NOW)
    assert fresh(retainer).status == "ready"
    assert_proven()


def test_an_edit_that_leaves_less_to_pay_lowers_what_is_applied():
    company = Company()
    retainer = invoiced(company)
    company.approved(8)
    draft = company.draft()
    work = InvoiceLineDetail.objects.filter(line__proforma=draft, actual__isnull=False)
    company.edit_only(work, quantity=4)
    assert Proforma.objects.get(pk=draft.pk).gross_amount == 0
    assert position(retainer) == "available 1000.00 0.00 800.00 200.00"

    company.edit_only(work, billing_type=3)
    assert not InvoiceLineDetail.objects.filter(retainer__isnull=False, line__proforma=draft).exists()
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"


def test_a_retainer_pays_for_what_a_discount_leaves():
    company = Company()
    retainer = invoiced(company, "2000")
    type(company.line).objects.filter(pk=company.line.pk).update(
        discount_percent=10, discount_reason="Volume"
    )
    company.approved(8)
    draft = company.draft()
    assert (draft.net_amount, draft.gross_amount) == (0, 0)
    assert position(retainer) == "available 2000.00 0.00 1440.00 560.00"
    # Seven hours less a tenth: what is applied follows the discount.
    work = InvoiceLineDetail.objects.filter(line__proforma=draft, actual__isnull=False)
    company.edit_only(work, quantity=7)
    assert Proforma.objects.get(pk=draft.pk).gross_amount == 0
    assert position(retainer) == "available 2000.00 0.00 1260.00 740.00"
    company.confirm(draft)
    company.invoices()
    assert_proven()


def test_a_retainer_is_invoiced_from_its_date_on():
    company = Company()
    retainer = ready(company, on=CUT_OFF + timedelta(days=1))
    assert company.drafts(CUT_OFF) == []
    (draft,) = company.drafts(CUT_OFF + timedelta(days=1))
    assert draft.net_amount == retainer.amount


def test_an_advance_uses_no_limit():
    company = Company()
    type(company.contract).objects.filter(pk=company.contract.pk).update(not_to_exceed_amount=1600)
    invoiced(company)
    company.approved(8)
    # The work of 1,600 fits into the limit of 1,600, whatever was paid in advance.
    assert company.draft().net_amount == 600


def test_what_was_taken_off_is_put_back_while_it_is_available():
    company = Company()
    retainer = invoiced(company)
    ready(company, "300", name="Second advance")
    company.approved(8)
    draft = company.draft()
    assert draft.net_amount == 1600 + 300 - 1000
    delete_drafts(only(draft), actor=company.manager, at=NOW)
    removal = Removal.objects.get()
    (again,) = put_back(only(removal), actor=company.manager, at=NOW)
    assert again.net_amount == 900
    assert position(retainer) == "on_draft 1000.00 0.00 1000.00 0.00"

    delete_drafts(only(again), actor=company.manager, at=NOW)
    company.confirm(company.draft())
    with refused("claimed-meanwhile", "not-ready-any-more", "not-open-any-more"):
        put_back(only(Removal.objects.latest("pk")), actor=company.manager, at=NOW)
    assert_proven()


def test_parts_of_an_advance_come_back_together_only_while_it_covers_all_of_them():
    company = Company()
    retainer = invoiced(company, "500")
    company.approved(2)
    draft = company.draft()
    for amount in ("250", "300"):
        set_to(company, apply_to(company, draft) if amount == "300" else draft, amount)
        remove_details(only(applied_on(draft)), actor=company.manager, at=NOW)
    # Each of the two would fit alone: 250.00 and 300.00 of 500.00.
    with refused("not-open-any-more", "not-open-any-more"):
        put_back(Removal.objects.all(), actor=company.manager, at=NOW)
    put_back(only(Removal.objects.latest("pk")), actor=company.manager, at=NOW)
    assert position(retainer) == "available 500.00 0.00 300.00 200.00"

"""Retainers on drafts: which are taken off, how much of them, and what comes back (B3, decision 9)."""

from datetime import timedelta

import pytest

from billing.models import InvoiceLineDetail, Proforma, Removal
from billing.putting_back import put_back
from billing.removing import delete_drafts, remove_details
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven, refused
from tests.company.retainers import (
    applied_on,
    apply_to,
    fresh,
    invoiced,
    position,
    ready,
    set_to,
)
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db


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

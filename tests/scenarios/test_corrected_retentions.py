"""What corrections take back of what was kept back, and of what was released (B12, R1 to R9)."""

from decimal import Decimal

import pytest

from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import Proforma, Removal
from billing.putting_back import put_back
from billing.removing import delete_drafts
from projects.states import TransactionClass
from tests.company import only
from tests.company.checking import assert_proven, refused
from tests.company.corrections import correct
from tests.company.rows import NOW
from tests.scenarios.keeping_back import LATER, amounts, invoiced, keeping, release, totals

pytestmark = pytest.mark.django_db


# --- Corrections ---


def test_eight_hours_to_six_keep_a_tenth_of_six_back():
    company = keeping()
    first = invoiced(company)
    hours = next(row for row in billed_rows(first) if row.amount == 1600)
    credit = correct(company, BilledCorrection(hours, quantity=Decimal(6)))
    # -1,600 + 1,200 for the hours, +160 - 120 for what is kept back, and the tax of 400.
    assert totals(credit) == (-360, -80, -440)
    company.confirm(credit)
    assert amounts() == (120, 0, 0, 120)
    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"
    company.invoices()
    assert_proven()


def test_all_of_it_taken_back_and_billed_again_is_the_same_invoice():
    company = keeping()
    first = invoiced(company)
    everything = [BilledCorrection(row, quantity=Decimal(0)) for row in billed_rows(first)]
    (credit,) = company.confirm(correct(company, *everything))
    assert totals(credit) == (-1440, -320, -1760)
    assert amounts() == (0, 0, 0, 0)
    (second,) = company.confirm(company.draft())
    assert totals(second) == totals(first) == (1440, 320, 1760)
    company.invoices()
    assert_proven()


def test_a_release_is_taken_back_and_released_again():
    company = keeping()
    invoiced(company)
    (released,) = company.confirm(*release(company))
    company.invoices()
    (row,) = billed_rows(released)
    company.confirm(correct(company, BilledCorrection(row, quantity=Decimal(0)), invoice_date=LATER))
    assert amounts() == (160, 0, 0, 160)
    company.confirm(*release(company))
    assert amounts() == (160, 160, 0, 0)
    company.invoices()
    assert_proven()


def test_what_is_released_stays_kept_back_by_a_correction():
    company = keeping()
    first = invoiced(company)
    company.confirm(*release(company, Decimal(100)))
    company.invoices()
    kept = next(row for row in billed_rows(first) if row.amount == -160)
    with refused("retention-released"):
        correct(company, BilledCorrection(kept, amount=Decimal(-90)))
    hours = next(row for row in billed_rows(first) if row.amount == 1600)
    # A tenth of what stays would be 20.00, but 100.00 are released already.
    credit = correct(company, BilledCorrection(hours, quantity=Decimal(1)))
    assert totals(credit)[0] == -1400 + 60
    company.confirm(credit)
    assert amounts() == (100, 100, 0, 0)


def _correct_to_one_hour(company, billed):
    (time,) = [one for one in billed_rows(billed) if one.work_item.transaction_class == TransactionClass.TIME]
    return correct(company, BilledCorrection(time, quantity=Decimal(1)), invoice_date=LATER)


def test_what_a_correction_would_take_back_is_not_released_before_it_is_confirmed():
    company = keeping()
    billed = invoiced(company)
    draft = _correct_to_one_hour(company, billed)
    # 160.00 would be taken back and 20.00 kept back instead; somebody may still remove what stays.
    assert amounts() == (160, 0, 160, 160)
    with refused("nothing-open"):
        release(company)
    company.confirm(draft)
    assert amounts() == (20, 0, 0, 20)
    company.confirm(*release(company))
    assert amounts() == (20, 20, 0, 0)
    company.invoices()
    assert_proven()


def test_a_release_comes_back_only_while_nobody_else_releases_the_same_money():
    company = keeping()
    invoiced(company)
    (first,) = release(company)
    delete_drafts(only(first), actor=company.manager, at=NOW)
    (second,) = release(company, Decimal(100))
    with refused("claimed-meanwhile") as caught:
        put_back(Removal.objects.all(), actor=company.manager, at=NOW)
    assert second.number in str(caught.value)
    delete_drafts(only(second), actor=company.manager, at=NOW)
    # Each of the two would fit alone: 160.00 and 100.00 of 160.00.
    with refused("not-open-any-more", "not-open-any-more"):
        put_back(Removal.objects.all(), actor=company.manager, at=NOW)
    put_back(Removal.objects.filter(number=first.number), actor=company.manager, at=NOW)
    assert amounts() == (160, 0, 160, 160)
    company.confirm(Proforma.objects.get(number=first.number))
    with refused("not-open-any-more"):
        put_back(Removal.objects.filter(number=second.number), actor=company.manager, at=NOW)
    company.invoices()
    assert_proven()


def test_a_correction_does_not_come_back_once_what_it_takes_back_is_released():
    company = keeping()
    billed = invoiced(company)
    draft = _correct_to_one_hour(company, billed)
    delete_drafts(only(draft), actor=company.manager, at=NOW)
    (released,) = release(company, Decimal(30))
    # It would take 140.00 of the 160.00 back, of which a draft releases 30.00.
    with refused("claimed-meanwhile"):
        put_back(Removal.objects.all(), actor=company.manager, at=NOW)
    delete_drafts(only(released), actor=company.manager, at=NOW)
    put_back(Removal.objects.filter(number=draft.number), actor=company.manager, at=NOW)
    company.confirm(Proforma.objects.get(number=draft.number))
    assert amounts() == (20, 0, 0, 20)
    company.invoices()
    assert_proven()


def test_corrections_one_after_the_other_each_take_their_share_of_what_is_kept_back():
    company = keeping()
    company.approved(8)
    company.approved(4)
    (first,) = company.confirm(company.draft())
    company.invoices()
    assert amounts() == (240, 0, 0, 240)
    for hours, remaining, net, tax, stays in ((8, 6, -360, -80, 200), (4, 0, -720, -160, 120)):
        row = next(one for one in billed_rows(first) if one.quantity == hours)
        (draft,) = company.confirm(correct(company, BilledCorrection(row, quantity=Decimal(remaining))))
        company.invoices()
        assert totals(draft) == (net, tax, net + tax)
        assert amounts() == (stays, 0, 0, stays)
        assert_proven()
    # Corrected once more, the six hours of the first correction still belong to the invoice.
    row = next(one for one in billed_rows(first) if one.quantity == 6)
    (draft,) = company.confirm(correct(company, BilledCorrection(row, quantity=Decimal(1))))
    assert (totals(draft), amounts()) == ((-900, -200, -1100), (20, 0, 0, 20))
    assert_proven()

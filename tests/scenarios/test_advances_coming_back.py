"""Work that comes back on a draft applies the advance again as it was, to the cent (B7, decision 9)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.drafting import draft_selection
from billing.models import InvoiceLineDetail, MilestoneShare, Proforma, Removal
from billing.putting_back import put_back
from billing.removing import delete_drafts, remove_details
from billing.reverting import revert_details
from billing.states import RetainerUse
from projects.models import BacklogItem
from tests.company import Company, only
from tests.company.checking import assert_proven, statements
from tests.company.retainers import applied_on, apply_to, invoiced, position, set_to, to_be_refunded
from tests.company.rows import CUT_OFF, DAY, NOW
from tests.company.text import amount

pytestmark = pytest.mark.django_db


def drafted(company: Company, *hours: int) -> Proforma:
    """A draft of so many days' work, 200 an hour, with what is available applied."""
    for number, each in enumerate(hours):
        company.approved(each, date=DAY + timedelta(days=number))
    return company.draft()


def work_of(draft: Proforma, hours: int) -> InvoiceLineDetail:
    return InvoiceLineDetail.objects.get(line__proforma=draft, actual__isnull=False, quantity=hours)


def take_off(company: Company, draft: Proforma, hours: int) -> Removal:
    """Remove one day's work."""
    remove_details(only(work_of(draft, hours)), actor=company.manager, at=NOW)
    return Removal.objects.latest("pk")


def bring_back(company: Company, *removals: Removal) -> None:
    put_back(only(*removals), actor=company.manager, at=NOW)


def revert(company: Company, *details: InvoiceLineDetail) -> None:
    revert_details(only(*details), actor=company.manager, at=NOW)


def said(draft: Proforma) -> str:
    """Net and total of a draft, and what it applies of each advance."""
    now = Proforma.objects.get(pk=draft.pk)
    uses = InvoiceLineDetail.objects.filter(line__proforma=draft, retainer_use=RetainerUse.APPLY)
    applied = [amount(one.amount) for one in uses.order_by("retainer")]
    return " ".join([amount(now.net_amount), amount(now.gross_amount), *applied])


def test_work_that_is_put_back_applies_the_advance_again_as_it_was():
    company = Company()
    retainer = invoiced(company, "1000")
    draft = drafted(company, 6, 3)
    assert said(draft) == "+800.00 +960.00 -1000.00"
    removal = take_off(company, draft, 6)
    assert said(draft) == "0.00 0.00 -600.00"
    assert position(retainer) == "available 1000.00 0.00 600.00 400.00"
    bring_back(company, removal)
    assert said(draft) == "+800.00 +960.00 -1000.00"
    assert position(retainer) == "on_draft 1000.00 0.00 1000.00 0.00"
    company.confirm(draft)
    company.invoices()
    assert_proven()


def test_what_somebody_had_reduced_comes_back_as_it_was_and_no_more():
    company = Company()
    invoiced(company, "1000")
    draft = set_to(company, drafted(company, 6, 3), "733.33")
    assert said(draft) == "+1066.67 +1280.00 -733.33"
    removal = take_off(company, draft, 6)
    assert said(draft) == "0.00 0.00 -600.00"
    bring_back(company, removal)
    assert said(draft) == "+1066.67 +1280.00 -733.33"
    assert_proven()


def test_an_advance_that_left_with_the_last_work_comes_back_with_it():
    company = Company()
    retainer = invoiced(company, "1000")
    draft = drafted(company, 8)
    removal = take_off(company, draft, 8)
    assert said(draft) == "0.00 0.00"
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"
    bring_back(company, removal)
    assert said(draft) == "+600.00 +720.00 -1000.00"
    assert_proven()


@pytest.mark.parametrize(("first", "between"), [(6, "0.00 0.00 -1200.00"), (3, "0.00 0.00 -600.00")])
def test_two_removals_come_back_in_any_order(first, between):
    company = Company()
    invoiced(company, "1500")
    draft = drafted(company, 6, 3)
    assert said(draft) == "+300.00 +360.00 -1500.00"
    removals = {hours: take_off(company, draft, hours) for hours in (6, 3)}
    assert said(draft) == "0.00 0.00"
    bring_back(company, removals.pop(first))
    assert said(draft) == between
    bring_back(company, *removals.values())
    assert said(draft) == "+300.00 +360.00 -1500.00"
    assert_proven()


def test_the_newest_gives_way_first_and_both_come_back():
    company = Company()
    invoiced(company, "700", name="First")
    invoiced(company, "500", name="Second", on=DAY + timedelta(days=1))
    draft = drafted(company, 5, 2)
    assert said(draft) == "+200.00 +240.00 -700.00 -500.00"
    removal = take_off(company, draft, 5)
    assert said(draft) == "0.00 0.00 -400.00"
    bring_back(company, removal)
    assert said(draft) == "+200.00 +240.00 -700.00 -500.00"
    assert_proven()


def test_what_another_draft_took_meanwhile_is_not_there_any_more():
    company = Company()
    retainer = invoiced(company, "1000")
    draft = drafted(company, 6, 3)
    removal = take_off(company, draft, 6)
    # 200 of the 400 that came free go on another draft, of one hour that was worked later.
    company.approved(1, date=DAY + timedelta(days=7))
    company.ready()
    later = BacklogItem.objects.filter(transaction_date=DAY + timedelta(days=7))
    options = {"invoice_date": CUT_OFF, "actor": company.manager, "at": NOW}
    (other,) = draft_selection(later, MilestoneShare.objects.none(), **options)
    assert said(other) == "0.00 0.00 -200.00"
    bring_back(company, removal)
    assert said(draft) == "+1000.00 +1200.00 -800.00"
    assert position(retainer) == "on_draft 1000.00 0.00 1000.00 0.00"
    assert_proven()


def test_what_is_to_be_refunded_by_then_is_not_applied_again():
    company = Company()
    retainer = invoiced(company, "1000")
    draft = drafted(company, 8)
    removal = take_off(company, draft, 8)
    to_be_refunded(company, retainer)
    bring_back(company, removal)
    assert said(draft) == "+1600.00 +1920.00"
    assert position(retainer) == "to_refund 1000.00 0.00 0.00 1000.00"


def test_what_somebody_said_meanwhile_stays_said():
    company = Company()
    invoiced(company, "1000")
    draft = drafted(company, 6, 3)
    removal = take_off(company, draft, 6)
    set_to(company, draft, "250")
    bring_back(company, removal)
    assert said(draft) == "+1550.00 +1860.00 -250.00"
    # Taken off by somebody, it does not come back with the work either.
    removal = take_off(company, draft, 6)
    remove_details(only(applied_on(draft)), actor=company.manager, at=NOW)
    bring_back(company, removal)
    assert said(draft) == "+1800.00 +2160.00"
    assert said(apply_to(company, draft)) == "+800.00 +960.00 -1000.00"


def test_an_edit_that_is_taken_back_applies_the_advance_again():
    company = Company()
    retainer = invoiced(company, "1000")
    draft = drafted(company, 8)
    work = work_of(draft, 8)
    company.edit_only(only(work), quantity=Decimal(4))
    assert said(draft) == "0.00 0.00 -800.00"
    revert(company, work)
    assert said(draft) == "+600.00 +720.00 -1000.00"
    # For nothing, there is nothing to pay for: it leaves, and comes back.
    company.edit_only(only(work), billing_type=3)
    assert said(draft) == "0.00 0.00"
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"
    revert(company, work)
    assert said(draft) == "+600.00 +720.00 -1000.00"
    company.confirm(draft)
    company.invoices()
    assert_proven()


def test_a_reverted_edit_raises_what_was_reduced_to_that_and_no_further():
    company = Company()
    invoiced(company, "1000")
    draft = set_to(company, drafted(company, 8), "900")
    work = work_of(draft, 8)
    company.edit_only(only(work), quantity=Decimal(4))
    assert said(draft) == "0.00 0.00 -800.00"
    revert(company, work)
    assert said(draft) == "+700.00 +840.00 -900.00"


def test_a_draft_that_was_deleted_comes_back_with_what_it_had_lowered():
    company = Company()
    invoiced(company, "1000")
    draft = drafted(company, 8)
    company.edit_only(only(work_of(draft, 8)), quantity=Decimal(4))
    delete_drafts(only(draft), actor=company.manager, at=NOW)
    bring_back(company, Removal.objects.latest("pk"))
    assert said(draft) == "0.00 0.00 -800.00"
    revert(company, work_of(draft, 4))
    assert said(draft) == "+600.00 +720.00 -1000.00"
    assert_proven()


def test_statements_do_not_depend_on_how_many_advances_come_back():
    counts = []
    for number in (1, 6):
        company = Company()
        for each in range(number):
            invoiced(company, "100", name=f"Advance {each}")
        draft = drafted(company, 8)
        removal = take_off(company, draft, 8)
        assert said(draft) == "0.00 0.00"
        counts.append(statements(lambda company=company, removal=removal: bring_back(company, removal)))
        assert len(said(draft).split()) == 2 + number
    assert counts[0] == counts[1]

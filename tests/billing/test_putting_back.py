"""Put back what was taken off drafts, and take back edits (B7, decision 5)."""

from datetime import date
from decimal import Decimal

import pytest

from billing.asking_reviews import submit_for_review
from billing.correction_rows import BilledCorrection, billed_rows
from billing.marking_ready import mark_not_ready
from billing.models import InvoiceLineDetail, MilestoneShare, Proforma, Removal
from billing.putting_back import put_back
from billing.redating import HeadingChanges, change_headings
from billing.removing import delete_drafts, remove_details
from billing.reverting import revert_details
from billing.states import MilestoneStatus, ProformaStatus, Remainder
from core.models import Activity
from projects.cancelling import cancel_approvals
from projects.models import Approval, BacklogItem, Customer, ProjectContract
from projects.states import BillingStatus, BillingType, ContractStatus
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven, refused, statements
from tests.company.corrections import correct
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db


def fresh(draft: Proforma) -> Proforma:
    return Proforma.objects.get(pk=draft.pk)


def remove(company: Company, details: object) -> Removal:
    remove_details(details, actor=company.manager, at=NOW)
    return Removal.objects.latest("pk")


def delete(company: Company, *drafts: Proforma) -> Removal:
    delete_drafts(only(*drafts), actor=company.manager, at=NOW)
    return Removal.objects.latest("pk")


def back(company: Company, *removals: Removal) -> list[Proforma]:
    return put_back(only(*removals), actor=company.manager, at=NOW)


def every_detail() -> list[dict[str, object]]:
    return list(InvoiceLineDetail.objects.order_by("pk").values())


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def draft(company: Company) -> Proforma:
    """Eight and four hours at 200, of the four three are billed at 190 and the fourth is kept: 2,170.00."""
    company.approved(8)
    company.approved(4, external_description="Review")
    made = company.draft()
    company.edit_only(
        details_of(made).filter(quantity=4),
        quantity=Decimal(3),
        price=Decimal(190),
        remainder=Remainder.KEEP,
        description="Shorter",
    )
    return made


# --- Details ----------------------------------------------------------------------------


def test_removed_details_come_back_with_their_edits(company, draft):
    before = every_detail()
    removal = remove(company, details_of(draft).filter(quantity=3))
    assert (removal.number, removal.count, removal.amount, removal.is_of_draft) == (
        draft.number,
        1,
        570,
        False,
    )
    assert (removal.contract, removal.customer) == (draft.contract, draft.customer)
    assert fresh(draft).net_amount == 1600
    assert BacklogItem.objects.get(quantity=4).status == BillingStatus.READY
    assert back(company, removal) == [draft]
    assert every_detail() == before
    assert fresh(draft).net_amount == 2170
    item = BacklogItem.objects.get(quantity=4)
    assert (item.status, item.proforma_number) == (BillingStatus.ON_DRAFT, draft.number)
    now = Removal.objects.get(pk=removal.pk)
    assert (now.put_back_by, now.put_back_at) == (company.manager, NOW)
    log = Activity.objects.get(verb="details put back")
    assert (log.subject_id, log.changes["details"]) == (draft.pk, ["1", "2"])
    company.confirm(draft)
    assert_proven()


def test_milestones_and_lines_by_hand_come_back(company, draft):
    company.milestone("500")
    (stones,) = company.drafts()
    company.add_by_hand(draft, company.line, quantity=Decimal(2), price=Decimal(50))
    before = every_detail()
    removals = [remove(company, details_of(stones)), remove(company, details_of(draft))]
    assert MilestoneShare.objects.get().status == MilestoneStatus.READY
    assert back(company, *removals) == [stones, draft]
    assert every_detail() == before
    assert MilestoneShare.objects.get().status == MilestoneStatus.ON_DRAFT
    assert (fresh(stones).net_amount, fresh(draft).net_amount) == (500, 2270)


def test_both_halves_of_a_correction_leave_and_come_back(company, draft):
    company.confirm(draft)
    row = next(row for row in billed_rows(fresh(draft)) if row.quantity == 8)
    correction = correct(company, BilledCorrection(row, quantity=Decimal(6)))
    before = every_detail()
    removal = remove(company, details_of(correction).corrections())
    assert (removal.count, removal.amount, details_of(correction).count()) == (2, -400, 0)
    back(company, removal)
    assert every_detail() == before
    company.confirm(correction)
    assert_proven()


def test_what_was_put_back_is_not_put_back_again(company, draft):
    removal = remove(company, details_of(draft).filter(quantity=3))
    back(company, removal)
    with refused("put-back-already", "claimed-meanwhile"):
        back(company, removal)


def test_what_somebody_else_drafted_meanwhile_is_named_with_place_and_person(company, draft):
    removal = remove(company, details_of(draft).filter(quantity=3))
    (other,) = company.drafts()
    with refused("claimed-meanwhile") as caught:
        back(company, removal)
    name = company.manager.get_full_name() or company.manager.get_username()
    (refusal,) = caught.value.refusals
    assert refusal.message == f"1 detail is on {other.number} by now ({name})."
    company.confirm(other)
    with refused("claimed-meanwhile"):
        back(company, removal)


def test_a_milestone_or_a_correction_that_is_drafted_again_is_named_too(company, draft):
    company.milestone("500")
    (stones,) = company.drafts()
    removal = remove(company, details_of(stones))
    company.drafts()
    with refused("claimed-meanwhile"):
        back(company, removal)
    company.confirm(draft)
    row = next(row for row in billed_rows(fresh(draft)) if row.quantity == 8)
    correction = correct(company, BilledCorrection(row, quantity=Decimal(6)))
    removal = remove(company, details_of(correction))
    correct(company, BilledCorrection(row, quantity=Decimal(5)))
    with refused("claimed-meanwhile"):
        back(company, removal)


def test_what_is_not_ready_or_not_open_any_more_stays_away(company, draft):
    removal = remove(company, details_of(draft).filter(quantity=3))
    items = BacklogItem.objects.filter(quantity=4)
    mark_not_ready(items, actor=company.manager, at=NOW)
    with refused("not-ready-any-more"):
        back(company, removal)
    approvals = Approval.objects.filter(entry__quantity=4)
    cancel_approvals(approvals, comment="Wrong day", actor=company.manager, on=DAY, at=NOW)
    with refused("not-open-any-more"):
        back(company, removal)


def test_what_stays_billed_needs_what_it_replaces(company, draft):
    company.confirm(draft)
    row = next(row for row in billed_rows(fresh(draft)) if row.quantity == 8)
    correction = correct(company, BilledCorrection(row, quantity=Decimal(6)))
    removal = remove(company, details_of(correction).filter(replaces__isnull=False))
    remove(company, details_of(correction))
    with refused("not-open-any-more"):
        back(company, removal)


def test_a_draft_that_ends_earlier_now_does_not_take_it_back(company, draft):
    company.approved(1, date=CUT_OFF)
    late = company.draft()
    removal = remove(company, details_of(late))
    change_headings(only(late), HeadingChanges(cut_off=date(2026, 3, 30)), actor=company.manager, at=NOW)
    with refused("after-cut-off"):
        back(company, removal)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda: ProjectContract.objects.update(status=ContractStatus.ON_HOLD), "contract-not-confirmed"),
        (lambda: Customer.objects.update(is_on_hold=True), "customer-on-hold"),
    ],
)
def test_nothing_is_put_back_where_nothing_is_invoiced(company, draft, change, code):
    removal = remove(company, details_of(draft).filter(quantity=3))
    change()
    with refused(code):
        back(company, removal)


def test_nothing_is_put_back_on_what_is_confirmed_or_gone(company, draft):
    removal = remove(company, details_of(draft).filter(quantity=3))
    gone = delete(company, draft)
    with refused("draft-is-gone"):
        back(company, removal)
    back(company, gone)
    company.confirm(draft)
    with refused("frozen"):
        back(company, removal)


# --- Whole drafts -----------------------------------------------------------------------


def test_a_deleted_draft_comes_back_under_its_number_with_all_it_held(company, draft):
    company.fixed_price_line(name="Prototype")
    company.milestone("500")
    company.approved(1)
    (stones,) = [company.draft()]
    details, lines = every_detail(), list(stones.lines.order_by("pk").values())
    removal = delete(company, stones)
    assert (removal.is_of_draft, removal.count, removal.amount) == (True, 2, 700)
    assert not Proforma.objects.filter(pk=stones.pk).exists()
    assert back(company, removal) == [stones]
    assert (every_detail(), list(stones.lines.order_by("pk").values())) == (details, lines)
    now = fresh(stones)
    assert (now.number, now.gross_amount, now.created_at) == (stones.number, 840, stones.created_at)
    assert Activity.objects.filter(verb="restored", subject_id=stones.pk).exists()
    company.confirm(now, draft)
    assert_proven()


def test_what_was_in_review_is_a_draft_again(company, draft):
    submit_for_review(only(draft), reviewer=company.second_person(), actor=company.manager, at=NOW)
    back(company, delete(company, draft))
    assert fresh(draft).status == ProformaStatus.DRAFT


def test_an_empty_draft_comes_back_empty(company, draft):
    remove(company, details_of(draft))
    removal = delete(company, draft)
    assert (removal.count, removal.amount) == (0, 0)
    back(company, removal)
    assert (fresh(draft).net_amount, draft.lines.count()) == (0, 1)


def test_a_run_that_drafted_since_keeps_its_day(company, draft):
    Proforma.objects.filter(pk=draft.pk).update(scheduled_for=CUT_OFF)
    removal = delete(company, draft)
    BacklogItem.objects.filter(quantity=4).update(status=BillingStatus.NOT_READY)
    (again,) = company.drafts()
    Proforma.objects.filter(pk=again.pk).update(scheduled_for=CUT_OFF)
    remove(company, details_of(again))
    BacklogItem.objects.update(status=BillingStatus.READY)
    back(company, removal)
    assert (fresh(draft).scheduled_for, fresh(again).scheduled_for) == (None, CUT_OFF)


def test_many_details_leave_and_come_back_in_as_many_statements_as_few():
    counts = []
    # All rows fit into one INSERT of SQLite, which takes 999 values.
    for many in (1, 25):
        company = Company()
        for _each in range(many):
            company.approved("0.5")
        draft = company.draft()
        took = statements(lambda at=company, of=draft: remove(at, details_of(of)))
        removal = Removal.objects.latest("pk")
        counts.append((took, statements(lambda at=company, what=removal: back(at, what))))
    assert counts[0] == counts[1]


# --- Edits ------------------------------------------------------------------------------


def test_a_reverted_detail_says_what_was_approved(company, draft):
    edited = details_of(draft).filter(quantity=3)
    assert revert_details(edited, actor=company.manager, at=NOW) == 1
    detail = details_of(draft).get(quantity=4)
    assert (detail.price, detail.amount, detail.remainder) == (200, 800, Remainder.WRITE_OFF)
    assert detail.description == "Shorter"
    assert fresh(draft).net_amount == 2400
    assert Activity.objects.get(verb="reverted").changes == {
        "quantity": ["3", "4"],
        "price": ["190", "200"],
        "amount": ["570", "800"],
    }


def test_all_edits_of_a_draft_are_reverted_and_the_others_stay(company, draft):
    company.edit_only(details_of(draft).filter(quantity=8), billing_type=BillingType.COMPLIMENTARY)
    assert revert_details(details_of(draft), actor=company.manager, at=NOW) == 2
    assert revert_details(details_of(draft), actor=company.manager, at=NOW) == 0
    assert (fresh(draft).net_amount, details_of(draft).edited().count()) == (2400, 0)


def test_nothing_confirmed_is_reverted(company, draft):
    company.confirm(draft)
    with refused("frozen"):
        revert_details(details_of(draft), actor=company.manager, at=NOW)


def test_many_edits_are_reverted_in_as_many_statements_as_few():
    counts = []
    for many in (1, 40):
        company = Company()
        for _each in range(many):
            company.approved("0.5")
        draft = company.draft()
        company.edit(draft, price="10")
        details = details_of(draft)
        counts.append(statements(lambda of=details, by=company.manager: revert_details(of, actor=by, at=NOW)))
    assert counts[0] == counts[1]

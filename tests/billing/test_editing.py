"""Change drafts: details, lines, whole drafts; the confirmed are frozen (B7; decisions 2, 3, 5)."""

from decimal import Decimal

import pytest

from billing.adding_by_hand import add_manual_detail
from billing.asking_reviews import submit_for_review, take_back
from billing.editing import Changes, edit_details
from billing.models import InvoiceLineDetail, MilestoneShare, Proforma
from billing.removing import delete_drafts, remove_details
from billing.states import MilestoneStatus, ProformaStatus
from core.models import Activity
from projects.models import BacklogItem, ItemSalesTaxGroup
from projects.states import BillingStatus, BillingType
from tests.company import Company, details_of, only, rows
from tests.company.checking import refused, statements
from tests.company.rows import DAY, NOW, next_number

pytestmark = pytest.mark.django_db


def drafted(company: Company, *hours: int) -> Proforma:
    for each in hours:
        company.approved(each)
    return company.draft()


def fresh(draft: Proforma) -> Proforma:
    return Proforma.objects.get(pk=draft.pk)


def test_the_amount_follows_quantity_and_price_and_the_totals_follow_the_amount():
    company = Company()
    draft = drafted(company, 8, 4)
    details = details_of(draft).order_by("pk")
    company.edit_only(only(details[0]), quantity=Decimal("7.33"), price=Decimal("118.4"))
    detail = details_of(draft).order_by("pk")[0]
    assert (detail.quantity, detail.price, detail.amount) == (
        Decimal("7.33"),
        Decimal("118.4"),
        Decimal("867.87"),
    )
    shown = fresh(draft)
    assert (shown.net_amount, shown.tax_amount, shown.gross_amount) == (
        Decimal("1667.87"),
        Decimal("333.57"),
        Decimal("2001.44"),
    )
    assert shown.lines.get().amount == Decimal("1667.87")
    log = Activity.objects.get(verb="edited")
    assert log.changes == {"quantity": ["8", "7.33"], "price": ["200", "118.4"]}


def test_what_is_given_away_is_shown_with_its_value_and_asks_for_nothing():
    company = Company()
    draft = drafted(company, 8, 4)
    company.edit_only(details_of(draft).filter(quantity=4), billing_type=BillingType.COMPLIMENTARY)
    assert details_of(draft).get(quantity=4).amount == 800
    assert (fresh(draft).net_amount, fresh(draft).tax_amount) == (1600, 320)


def test_descriptions_and_the_tax_group_are_free():
    company = Company()
    draft = drafted(company, 8)
    untaxed = ItemSalesTaxGroup.objects.create(code=f"none-{next_number()}", name="None")
    company.edit_only(
        details_of(draft), description="in", external_description="out", item_sales_tax_group=untaxed
    )
    detail = details_of(draft).get()
    assert (detail.description, detail.external_description, detail.amount) == ("in", "out", 1600)
    assert (fresh(draft).net_amount, fresh(draft).tax_amount, fresh(draft).gross_amount) == (1600, 0, 1600)


def test_less_of_a_share_never_costs_more_and_more_of_it_never_less():
    company = Company()
    company.sells_hours_for("0.01")
    company.is_shared_by("50", "50")
    company.approved(1)
    company.ready()
    first, other = company.drafts()
    assert (first.net_amount, other.net_amount) == (Decimal("0.01"), 0)
    # 0.4999 h would round to a cent that this share does not have.
    company.edit(other, quantity="0.4999")
    company.edit(first, quantity="0.5001")
    assert [Proforma.objects.get(pk=one.pk).net_amount for one in (first, other)] == [Decimal("0.01"), 0]
    company.edit(other, quantity="0.5")
    assert details_of(other).get().amount == 0


def test_a_milestone_keeps_what_was_agreed():
    company = Company()
    company.milestone("5000")
    (draft,) = company.drafts()
    for changes in (Changes(quantity=Decimal(2)), Changes(price=Decimal(1))):
        with refused("milestone-fixed"):
            edit_details(details_of(draft), changes, actor=company.manager, at=NOW)
    company.edit_only(
        details_of(draft), external_description="Go-live", billing_type=BillingType.COMPLIMENTARY
    )
    assert fresh(draft).net_amount == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (Changes(quantity=Decimal(-1)), "wrong-sign"),
        (Changes(billing_type=BillingType.NOT_AVAILABLE), "not-available"),
    ],
)
def test_what_cannot_be_on_an_invoice_is_refused(changes, code):
    company = Company()
    draft = drafted(company, 8)
    with refused(code):
        edit_details(details_of(draft), changes, actor=company.manager, at=NOW)


def test_hours_taken_back_are_edited_with_their_sign():
    company = Company()
    rows.approved_hours(company, "-8", "200")
    draft = company.draft()
    company.edit(draft, quantity="-6")
    assert fresh(draft).net_amount == -1200
    with refused("wrong-sign"):
        company.edit(draft, quantity="6")


def test_a_detail_by_hand_is_priced_and_counted():
    company = Company()
    draft = drafted(company, 8)
    added = company.add_by_hand(draft, company.line, quantity=Decimal("1.5"), price=Decimal("33.33"))
    assert added.amount == Decimal("50.00")
    assert fresh(draft).net_amount == 1650
    assert fresh(draft).lines.get().amount == 1650


def test_hours_by_hand_need_a_project_to_be_recorded_on():
    company = Company()
    homeless = rows.contract_line(company.contract, company.customer, name="Advice")
    draft = drafted(company, 8)
    with refused("project-missing"):
        company.add_by_hand(draft, homeless)


def test_what_is_taken_off_is_ready_again_and_the_draft_counts_less():
    company = Company()
    company.milestone("5000")
    draft = drafted(company, 8, 4)
    assert remove_details(details_of(draft).exclude(quantity=8), actor=company.manager, at=NOW) == 2
    assert fresh(draft).net_amount == 1600
    assert BacklogItem.objects.get(quantity=4).status == BillingStatus.READY
    assert MilestoneShare.objects.get().status == MilestoneStatus.READY
    assert Activity.objects.filter(verb="removed").count() == 2


def test_a_draft_may_be_emptied_and_its_lines_stay():
    company = Company()
    draft = drafted(company, 8)
    remove_details(details_of(draft), actor=company.manager, at=NOW)
    assert (fresh(draft).net_amount, fresh(draft).lines.get().amount) == (0, 0)


def test_what_is_in_review_stays_editable():
    company = Company()
    draft = drafted(company, 8)
    felix = company.second_person()
    with refused("not-in-review"):
        take_back(only(draft), actor=company.manager, at=NOW)
    assert submit_for_review(only(draft), reviewer=felix, actor=company.manager, at=NOW) == 1
    assert fresh(draft).status == ProformaStatus.IN_REVIEW
    with refused("not-a-draft"):
        submit_for_review(only(draft), reviewer=felix, actor=company.manager, at=NOW)
    company.edit(draft, quantity="6")  # still open
    assert take_back(only(draft), actor=company.manager, at=NOW) == 1
    assert (fresh(draft).status, fresh(draft).net_amount) == (ProformaStatus.DRAFT, 1200)


def test_nothing_of_a_confirmed_proforma_changes():
    company = Company()
    draft = drafted(company, 8)
    (confirmed,) = company.confirm(draft)
    details = InvoiceLineDetail.objects.all()
    by_hand = InvoiceLineDetail(
        transaction_class="fee", transaction_date=DAY, quantity=Decimal(1), unit="h", price=Decimal(1)
    )
    for attempt in (
        lambda: edit_details(details, Changes(quantity=Decimal(1)), actor=company.manager, at=NOW),
        lambda: remove_details(details, actor=company.manager, at=NOW),
        lambda: delete_drafts(only(confirmed), actor=company.manager, at=NOW),
        lambda: add_manual_detail(confirmed.lines.get(), by_hand, actor=company.manager, at=NOW),
    ):
        with refused("frozen"):
            attempt()
    felix = company.second_person()
    with refused("not-a-draft"):
        submit_for_review(only(confirmed), reviewer=felix, actor=company.manager, at=NOW)
    with refused("not-in-review"):
        take_back(only(confirmed), actor=company.manager, at=NOW)


def test_one_frozen_proforma_keeps_the_whole_set_as_it_is():
    company = Company()
    confirmed = drafted(company, 8)
    company.confirm(confirmed)
    draft = drafted(company, 4)
    with refused("frozen"):
        delete_drafts(only(confirmed, draft), actor=company.manager, at=NOW)
    with refused("frozen"):
        edit_details(
            InvoiceLineDetail.objects.all(), Changes(price=Decimal(1)), actor=company.manager, at=NOW
        )


def test_many_details_are_edited_in_as_many_statements_as_few():
    company = Company()
    few, many = drafted(company, "0.5"), drafted(company, *["0.7"] * 30)
    assert statements(lambda: company.edit(few, quantity="0.5")) == statements(
        lambda: company.edit(many, quantity="0.5")
    )
    for draft, count in [(few, 1), (many, 30)]:
        assert remove_details(details_of(draft), actor=company.manager, at=NOW) == count

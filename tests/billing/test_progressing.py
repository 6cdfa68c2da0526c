"""A milestone is invoiced part by part: what goes next is chosen, the rest stays for later (B2)."""

from decimal import Decimal
from typing import Any

import pytest

from billing.marking_ready import mark_milestones_ready
from billing.milestone_plans import PlannedMilestone
from billing.models import InvoiceLineDetail, MilestoneShare
from billing.planning import plan_milestones, split_milestone
from billing.progressing import set_next_parts
from billing.states import MilestoneStatus
from core.models import Activity
from tests.company import Company, only
from tests.company.checking import assert_proven, refused, statements
from tests.company.corrections import corrected
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


def state(share: MilestoneShare) -> tuple[Any, ...]:
    share = MilestoneShare.objects.get(pk=share.pk)
    return share.status, share.billed_amount, share.next_amount, share.open_amount, share.claim_number


def part(company: Company, *shares: MilestoneShare, amount: str | None) -> int:
    amounts = {share.pk: Decimal(amount) if amount else None for share in shares}
    return set_next_parts(MilestoneShare.objects.all(), amounts, actor=company.manager, at=NOW)


def ready(company: Company, share: MilestoneShare) -> None:
    mark_milestones_ready(only(share), actor=company.manager, at=NOW)


def test_forty_percent_then_a_quarter_then_the_rest():
    company = Company()
    share = company.milestone("12000", is_ready=False)
    assert part(company, share, amount="4800") == 1
    ready(company, share)
    (first,) = company.drafts()
    assert first.net_amount == 4800
    company.confirm(first)
    assert state(share) == (MilestoneStatus.NOT_READY, 4800, None, 7200, 2)

    part(company, share, amount="3000")
    ready(company, share)
    (second,) = company.drafts()
    company.confirm(second)
    assert state(share) == (MilestoneStatus.NOT_READY, 7800, None, 4200, 3)

    ready(company, share)
    (third,) = company.drafts()
    assert third.net_amount == 4200
    company.confirm(third)
    assert state(share) == (MilestoneStatus.POSTED, 12000, None, 0, 3)
    assert sum(invoice.net_amount for invoice in company.invoices()) == 12000
    assert_proven()


def test_a_part_that_is_taken_back_can_be_invoiced_again_beside_the_rest():
    company = Company()
    share = company.milestone("12000", is_ready=False)
    part(company, share, amount="4800")
    ready(company, share)
    (first,) = company.drafts()
    (billed,) = company.confirm(first)
    corrected(company, billed, amount="0")
    assert state(share) == (MilestoneStatus.NOT_READY, 0, None, 12000, 2)
    ready(company, share)
    (again,) = company.drafts()
    assert again.net_amount == 12000
    company.confirm(again)
    assert state(share) == (MilestoneStatus.POSTED, 12000, None, 0, 2)
    assert_proven()


def test_a_draft_that_is_deleted_gives_the_part_back():
    company = Company()
    share = company.milestone("5000", is_ready=False)
    part(company, share, amount="2000")
    ready(company, share)
    (draft,) = company.drafts()
    with refused("on-draft"):
        part(company, share, amount="3000")
    detail = InvoiceLineDetail.objects.get(milestone_share=share)
    assert (detail.amount, draft.net_amount) == (2000, 2000)
    company.confirm(draft)
    ready(company, share)
    (rest,) = company.drafts()
    company.confirm(rest)
    with refused("invoiced"):
        part(company, share, amount="1")


def test_each_customer_by_itself():
    company = Company()
    company.works_at_a_fixed_price()
    first, second = company.is_shared_by("60", "40")
    plan = PlannedMilestone("Design", DAY, Decimal(12000))
    plan_milestones(company.line, [plan], actor=company.manager, at=NOW)
    one, other = (MilestoneShare.objects.get(customer=payer) for payer in (first, second))
    with refused("above-what-is-left") as caught:
        part(company, other, amount="5000")
    (refusal,) = caught.value.refusals
    assert refusal.message == f"€5,000.00 is more than the €4,800.00 left for {second.name}."
    part(company, one, amount="7200")
    part(company, other, amount="1200")
    ready(company, one)
    ready(company, other)
    nets = sorted(draft.net_amount for draft in company.confirm(*company.drafts()))
    assert nets == [1200, 7200]
    assert state(one)[:2] == (MilestoneStatus.POSTED, 7200)
    assert state(other)[:2] == (MilestoneStatus.NOT_READY, 1200)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "amount-not-positive"),
        ("-5", "amount-not-positive"),
        ("0.001", "below-minor-unit"),
        ("5000.01", "above-what-is-left"),
    ],
)
def test_amounts_that_are_no_part(amount: str, code: str):
    company = Company()
    share = company.milestone("5000", is_ready=False)
    with refused(code):
        set_next_parts(
            MilestoneShare.objects.all(), {share.pk: Decimal(amount)}, actor=company.manager, at=NOW
        )


def test_a_share_that_is_not_there():
    company = Company()
    with refused("share-missing"):
        set_next_parts(MilestoneShare.objects.all(), {7: None}, actor=company.manager, at=NOW)


def test_it_is_cleared_and_the_log_says_both():
    company = Company()
    share = company.milestone("5000", is_ready=False)
    assert part(company, share, amount="2000") == 1
    assert part(company, share, amount="2000") == 0
    assert part(company, share, amount=None) == 1
    log = Activity.objects.filter(verb="next part set").order_by("pk")
    assert [one.changes for one in log] == [
        {"next_amount": ["", "2000"]},
        {"next_amount": ["2000", ""]},
    ]


def test_a_milestone_that_is_divided_forgets_its_part():
    company = Company()
    share = company.milestone("5000", is_ready=False)
    part(company, share, amount="4000")
    split_milestone(only(share.milestone), Decimal(2000), name="Part", actor=company.manager, at=NOW)
    assert state(share)[2:4] == (None, 3000)


def test_one_and_many_take_the_same_statements():
    company = Company()
    line = company.fixed_price_line()
    shares = [company.milestone("5000", line=line, is_ready=False) for _each in range(21)]
    first, *others = shares
    expected = statements(lambda: part(company, first, amount="100"))
    assert statements(lambda: part(company, *others, amount="100")) == expected

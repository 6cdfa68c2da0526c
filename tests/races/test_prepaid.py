"""Two who approve hours of one prepaid month in the same moment: together they use the block once (A12)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from billing.expiring import expire_prepaid_hours
from projects.approving import approve_entries
from projects.cancelling import cancel_approvals
from projects.models import Approval, BacklogItem, PrepaidExpiry
from projects.states import ApprovalStatus
from tests.company import Company, only
from tests.company.checking import assert_proven
from tests.company.prepaid import APPLICATION_CARE, agreed, invoice_block
from tests.company.rows import NOW, moment_for
from tests.races.starting import MARKS, at_once, codes

pytestmark = MARKS

ROUNDS = 3
TEN_HOURS = replace(APPLICATION_CARE, hours=Decimal(10), months=1)
LAST = date(2026, 8, 31)


def approve(company: Company, approval: Approval) -> Any:
    return lambda: approve_entries(only(approval), actor=company.manager, on=LAST, at=NOW)


def hours_at(price: int, company: Company) -> Decimal:
    rows = BacklogItem.objects.filter(contract=company.contract, actual__price=price)
    return sum((one.quantity for one in rows), Decimal(0))


def test_two_approvals_of_one_month_use_its_block_once():
    for _each in range(ROUNDS):
        company = Company()
        agreed(company, TEN_HOURS)
        first, second = (company.submitted(8, date=date(2026, 8, day)) for day in (3, 4))
        answers = at_once(approve(company, first), approve(company, second))
        assert codes(answers) == []
        assert (hours_at(120, company), hours_at(148, company)) == (10, 6)
    assert_proven()


def test_an_approval_beside_a_cancellation_leaves_the_right_hours_over():
    for _each in range(ROUNDS):
        company = Company()
        agreed(company, TEN_HOURS)
        gone = company.approved(8, date=date(2026, 8, 3))
        waiting = company.submitted(8, date=date(2026, 8, 4))
        answers = at_once(
            approve(company, waiting),
            lambda one=gone, of=company: cancel_approvals(
                only(one), comment="Wrong", actor=of.manager, on=LAST, at=NOW
            ),
        )
        assert codes(answers) == []
        assert (hours_at(120, company), hours_at(148, company)) == (8, 0)
    assert_proven()


def test_hours_expire_once_and_never_those_that_are_being_approved():
    for _each in range(ROUNDS):
        company = Company()
        agreement = agreed(company, TEN_HOURS)
        invoice_block(company, 8)
        waiting = company.submitted(4, date=date(2026, 8, 3))
        at = moment_for(date(2026, 9, 1))

        def expire(of: Company = company, one: Any = agreement, moment: Any = at) -> Any:
            return expire_prepaid_hours(
                only(one), until=LAST, actor=of.manager, on=of.entity.day_of(moment), at=moment
            )

        answers = at_once(expire, expire, approve(company, waiting))
        approved = Approval.objects.get(pk=waiting.pk).status == ApprovalStatus.APPROVED
        assert approved
        # Whoever came first: six hours expired once, or nothing while the work still waited.
        expired = [one.hours for one in PrepaidExpiry.objects.filter(prepaid_month__prepaid_hours=agreement)]
        assert expired in ([6], [])
        assert set(codes(answers)) <= {"work-waits", "nothing-to-expire"}
    assert_proven()

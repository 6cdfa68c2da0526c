"""Not-to-exceed limits: what fits is committed in order of date, what does not is held and says why (A6)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.marking_ready import mark_ready
from core.models import Activity
from projects.approving import approve_entries
from projects.cancelling import cancel_approvals
from projects.limiting import check_limits, reset_limits
from projects.models import (
    Approval,
    BacklogItem,
    ContractCustomer,
    ContractLine,
    ContractLineCustomer,
    ProjectContract,
)
from projects.states import BillingType
from projects.waiting_limits import waiting_verdicts
from tests.company import Company, only
from tests.company.checking import refused, statements
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db


def limit(company: Company, amount: str) -> None:
    ProjectContract.objects.filter(pk=company.contract.pk).update(not_to_exceed_amount=Decimal(amount))


def approve_days(company: Company, *days: int, hours: int = 1) -> None:
    """Approve as many hours of work, at 200 each, on each of these days of March; the last one first."""
    approvals = [company.submitted(hours, date=date(2026, 3, day)) for day in reversed(days)]
    approve_entries(only(*approvals), actor=company.manager, on=DAY, at=NOW)


def found() -> list[tuple[int, str, str, Decimal | None]]:
    """Day of March, status, limit that is exceeded and by how much, in order of date and customer."""
    items = BacklogItem.objects.order_by("transaction_date", "customer")
    return [
        (one.transaction_date.day, one.not_to_exceed_status, one.exceeded_limit, one.exceeded_by)
        for one in items
    ]


def fits(day: int) -> tuple[int, str, str, None]:
    return day, "committed", "", None


def fails(day: int, level: str, by: str) -> tuple[int, str, str, Decimal]:
    return day, "failed", level, Decimal(by)


def check(company: Company, items: Any = None) -> Any:
    items = BacklogItem.objects.all() if items is None else items
    return check_limits(items, actor=company.manager, at=NOW)


def reset(company: Company, items: Any) -> int:
    return reset_limits(items, actor=company.manager, at=NOW)


def of_day(day: int) -> Any:
    return BacklogItem.objects.filter(transaction_date__day=day)


def test_limit_1000_and_work_for_1200_leave_200_held_with_the_reason():
    company = Company()
    limit(company, "1000")
    approve_days(company, 2, 3, 4, 5, 6, 9)
    assert found() == [*map(fits, (2, 3, 4, 5, 6)), fails(9, "contract", "200")]
    assert company.ready() == 5
    with refused("limit-exceeded"):
        mark_ready(of_day(9), actor=company.manager, at=NOW)


def test_an_entry_is_not_divided_and_a_smaller_one_behind_it_may_still_fit():
    company = Company()
    limit(company, "1000")
    approve_days(company, 2, hours=4)
    approve_days(company, 3, hours=2)
    approve_days(company, 4)
    assert found() == [fits(2), fails(3, "contract", "200"), fits(4)]


def test_what_is_invoiced_and_what_is_on_a_draft_count_against_the_limit():
    company = Company()
    limit(company, "1000")
    approve_days(company, 2, hours=2)
    company.confirm(company.draft())
    approve_days(company, 3, hours=2)
    company.draft()
    approve_days(company, 4, hours=2)
    assert found() == [fits(3), fails(4, "contract", "200")]


def test_what_was_reset_and_drafted_before_a_limit_was_agreed_counts_on_its_draft():
    company = Company()
    approve_days(company, 2, hours=2)
    reset(company, BacklogItem.objects.all())
    company.draft()
    limit(company, "500")
    approve_days(company, 3)
    assert found() == [(2, "not_evaluated", "", None), fails(3, "contract", "100")]


LEVELS: dict[str, Any] = {
    "line_customer": ContractLineCustomer,
    "line": ContractLine,
    "contract_customer": ContractCustomer,
    "contract": ProjectContract,
}


@pytest.mark.parametrize("level", LEVELS)
def test_each_limit_holds_for_itself(level: str):
    company = Company()
    ContractCustomer.objects.get_or_create(contract=company.contract, customer=company.customer)
    LEVELS[level].objects.update(not_to_exceed_amount=Decimal(300))
    approve_days(company, 2, 3)
    assert found() == [fits(2), fails(3, level, "100")]


def test_the_first_limit_that_is_exceeded_is_named():
    company = Company()
    limit(company, "100")
    ContractLine.objects.update(not_to_exceed_amount=Decimal(150))
    approve_days(company, 2)
    assert found() == [fails(2, "line", "50")]


def test_one_customer_beyond_its_own_limit_does_not_hold_up_the_other():
    company = Company()
    first, second = company.is_shared_by("50", "50")
    ContractLineCustomer.objects.filter(customer=second).update(not_to_exceed_amount=Decimal(99))
    limit(company, "100")
    approve_days(company, 2)
    statuses = dict(BacklogItem.objects.values_list("customer", "not_to_exceed_status"))
    assert statuses == {first.pk: "committed", second.pk: "failed"}


def test_shares_of_one_entry_fit_into_a_common_limit_together_or_not_at_all():
    company = Company()
    company.is_shared_by("50", "50")
    limit(company, "150")
    approve_days(company, 2)
    assert found() == [fails(2, "contract", "50")] * 2


def test_what_is_not_charged_or_has_no_limit_is_not_applicable():
    company = Company()
    company.approved(1)
    limit(company, "100")
    company.approved(1, billing_type=BillingType.COMPLIMENTARY)
    assert {status for _day, status, _level, _by in found()} == {"not_applicable"}


def test_what_takes_nothing_fits_even_where_the_limit_was_lowered_below_what_is_used():
    company = Company()
    limit(company, "200")
    approve_days(company, 2)
    limit(company, "100")
    company.sells_hours_for("0")
    approve_days(company, 3)
    assert found() == [fits(2), fits(3)]


def test_a_cancelled_approval_no_longer_counts():
    company = Company()
    limit(company, "200")
    first = company.approved(1)
    cancel_approvals(only(first), comment="Wrong", actor=company.manager, on=DAY, at=NOW)
    company.approved(1)
    assert found() == [fits(2)]


def test_what_is_reset_does_not_count_so_that_others_fit():
    company = Company()
    limit(company, "1000")
    approve_days(company, 2, 3, 4, 5, 6, 9)
    assert reset(company, of_day(2)) == 1
    checked = check(company, of_day(9))
    assert (checked.count, list(checked.failed)) == (1, [])
    assert found() == [(2, "not_evaluated", "", None), *map(fits, (3, 4, 5, 6, 9))]
    # Checked again it finds the limit used up.
    assert [item.exceeded_by for item in check(company, of_day(2)).failed] == [Decimal(200)]


def test_a_raised_limit_frees_what_failed_and_a_lowered_one_takes_back_what_was_ready():
    company = Company()
    limit(company, "200")
    approve_days(company, 2, 3)
    limit(company, "400")
    assert check(company).failed == []
    assert found() == [fits(2), fits(3)]
    assert company.ready() == 2
    limit(company, "200")
    assert len(check(company).failed) == 1
    assert found() == [fits(2), fails(3, "contract", "200")]
    assert list(BacklogItem.objects.order_by("transaction_date").values_list("status", flat=True)) == [
        "ready",
        "not_ready",
    ]
    log = Activity.objects.filter(verb="limit checked").latest("pk")
    assert log.facts == {"changes": {"not_to_exceed_status": ["committed", "failed"]}}


def test_only_chargeable_work_that_no_draft_holds_is_reset_or_checked():
    company = Company()
    limit(company, "1000")
    company.approved(1)
    company.draft()
    company.approved(1, billing_type=BillingType.COMPLIMENTARY)
    for verb in (check, reset):
        with refused("nothing-to-check"):
            verb(company, BacklogItem.objects.all())
    approve_days(company, 3)
    assert reset(company, BacklogItem.objects.all()) == 1
    assert (check(company).count, found()[-1]) == (1, fits(3))


def test_a_draft_leaves_behind_what_fits_no_more():
    company = Company()
    limit(company, "1000")
    approve_days(company, 2, 3, 4)
    company.ready()
    limit(company, "400")
    (draft,) = company.drafts(CUT_OFF)
    assert draft.net_amount == 400
    assert found() == [fits(2), fits(3), fails(4, "contract", "200")]
    assert company.backlog().splitlines()[-1] == "2026-03-04 chargeable +1 +200.00 not_ready"
    assert Activity.objects.get(verb="limit exceeded").to_state == "not_ready"


def test_a_set_is_checked_in_as_many_statements_as_one():
    company = Company()
    limit(company, "3000")
    approve_days(company, *range(2, 24))
    one = of_day(23)
    expected = statements(lambda: check(company, one))
    assert statements(lambda: check(company)) == expected
    assert {status for _day, status, _level, _by in found()} == {"committed", "failed"}


# --- Before approving ---


def verdicts(*approvals: Approval) -> list[tuple[str, str]]:
    chosen = list(only(*approvals).select_related("entry", "contract_line__contract"))
    judged = waiting_verdicts(chosen)
    return [(judged[one.pk].status, judged[one.pk].level) for one in approvals]


def test_the_approver_sees_before_approving_what_would_fit():
    company = Company()
    limit(company, "500")
    company.approved(1)
    free = company.submitted(1, billing_type=BillingType.COMPLIMENTARY)
    early, late = company.submitted(1, date=date(2026, 3, 3)), company.submitted(1, date=date(2026, 3, 4))
    assert verdicts(late, early, free) == [
        ("failed", "contract"),
        ("committed", ""),
        ("not_applicable", ""),
    ]
    assert BacklogItem.objects.count() == 1


def test_a_submission_fails_where_one_of_its_payers_is_beyond_a_limit():
    company = Company()
    _first, second = company.is_shared_by("50", "50")
    ContractLineCustomer.objects.filter(customer=second).update(not_to_exceed_amount=Decimal(99))
    assert verdicts(company.submitted(1)) == [("failed", "line_customer")]


def test_without_a_limit_or_a_whole_split_nothing_is_judged():
    company = Company()
    approval = company.submitted(1)
    assert verdicts(approval) == [("not_applicable", "")]
    limit(company, "1")
    company.line.customers.all().delete()
    assert verdicts(approval) == [("not_applicable", "")]

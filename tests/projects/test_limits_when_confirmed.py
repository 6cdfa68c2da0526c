"""Not-to-exceed limits and what confirming leaves of work: what is kept is checked at once (A6)."""

from decimal import Decimal
from typing import Any

import pytest

from billing.marking_ready import mark_ready
from projects.models import (
    BacklogItem,
    ContractLineCustomer,
)
from tests.company import Company
from tests.company.checking import refused, statements
from tests.company.rows import NOW
from tests.projects.test_limits import approve_days, check, fails, fits, found, limit

pytestmark = pytest.mark.django_db


# --- What confirming leaves ---


def confirm_edited(company: Company, **edit: Any) -> None:
    """Six hours at 200 under a limit of 1,000: five are drafted, edited and confirmed, one is held."""
    limit(company, "1000")
    approve_days(company, 2, 3, 4, 5, 6, 9)
    draft = company.draft()
    assert draft.net_amount == 1000
    company.edit(draft, **edit)
    company.confirm(draft)


def test_what_is_kept_of_a_confirmed_draft_fits_beside_what_was_billed():
    company = Company()
    confirm_edited(company, quantity="0.6", remainder="keep")
    # Billed are 600, kept are five times 80, and 200 wait that would exceed the limit by as much.
    assert found() == [*map(fits, (2, 3, 4, 5, 6)), fails(9, "contract", "200")]
    assert set(BacklogItem.objects.values_list("amount", flat=True)) == {80, 200}
    assert check(company).count == 6
    assert found() == [*map(fits, (2, 3, 4, 5, 6)), fails(9, "contract", "200")]


def test_what_is_kept_fails_at_once_where_what_was_billed_used_up_the_limit():
    company = Company()
    confirm_edited(company, quantity="0.8", price="250", remainder="keep")
    assert found() == [
        *(fails(day, "contract", "40") for day in (2, 3, 4, 5, 6)),
        fails(9, "contract", "200"),
    ]
    with refused(*["limit-exceeded"] * 6):
        mark_ready(BacklogItem.objects.all(), actor=company.manager, at=NOW)


def test_what_was_written_off_counts_no_more_when_it_is_checked_again():
    company = Company()
    confirm_edited(company, quantity="0.6")
    assert found() == [fails(9, "contract", "200")]
    assert check(company).failed == []
    assert found() == [fits(9)]
    limit(company, "799")
    assert [one.exceeded_by for one in check(company).failed] == [1]


def test_what_is_kept_of_several_customers_is_checked_against_the_limit_of_each():
    company = Company()
    first, second = company.is_shared_by("50", "50")
    approve_days(company, 2, hours=8)
    ContractLineCustomer.objects.filter(customer=second).update(not_to_exceed_amount=Decimal(800))
    company.ready()
    for draft in company.drafts():
        company.edit(draft, quantity="2", price="300", remainder="keep")
        company.confirm(draft)
    kept = {one.customer: (one.amount, one.exceeded_limit) for one in BacklogItem.objects.all()}
    assert kept == {first: (400, ""), second: (400, "line_customer")}


def test_confirming_under_limits_asks_as_often_for_many_details_as_for_few():
    counts = []
    for hours in (2, 20):
        company = Company()
        limit(company, "100000")
        approve_days(company, *range(2, 2 + hours))
        draft = company.draft()
        company.edit(draft, quantity="0.5", remainder="keep")
        counts.append(statements(lambda: company.confirm(draft)))  # noqa: B023
    assert counts[0] == counts[1]

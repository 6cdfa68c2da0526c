"""The posting context: accounts, rates, periods and profiles of one legal entity, read once (C1, C2, C9)."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.account_search import PostingPlace
from accounting.models import Account, FiscalPeriod, PostingAccount
from accounting.posting_context import PostingContext, posting_contexts_of
from accounting.profiles import Situation
from accounting.states import PeriodStatus, PostingType
from projects.models import LegalEntity
from projects.states import BillingMethod
from tests.company import Company
from tests.company.checking import statements

pytestmark = pytest.mark.django_db


def account_of(company: Company, number: str) -> int:
    return Account.objects.get(legal_entity=company.entity, number=number).pk


def test_a_role_of_a_project_wins_over_the_general_one():
    company = Company()
    own = Account.objects.create(legal_entity=company.entity, number="8401", name="Own", kind="revenue")
    PostingAccount.objects.create(
        legal_entity=company.entity,
        posting_type=PostingType.INVOICED_REVENUE,
        project=company.project,
        account=own,
    )
    context = PostingContext.of(company.entity)
    assert context.account(PostingType.INVOICED_REVENUE, PostingPlace(company.project.pk)) == own.pk
    assert context.account(PostingType.INVOICED_REVENUE, PostingPlace(-1)) == account_of(company, "8400")
    assert context.account(PostingType.INVOICED_REVENUE) == account_of(company, "8400")


def test_a_role_that_nobody_gave_to_an_account_is_played_by_none():
    company = Company()
    PostingAccount.objects.filter(posting_type=PostingType.ROUNDING).delete()
    assert (
        PostingContext.of(company.entity).account(PostingType.ROUNDING, PostingPlace(company.project.pk))
        is None
    )


def test_a_rate_holds_from_its_day_until_the_next():
    company = Company()
    company.rate("GBP", "1.2", date(2026, 3, 1))
    company.rate("GBP", "1.3", date(2026, 3, 10))
    context = PostingContext.of(company.entity)
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 9), date(2026, 3, 10), date(2027, 1, 1))
    assert [context.rate_on("GBP", day) for day in days] == [
        None,
        Decimal("1.2"),
        Decimal("1.2"),
        Decimal("1.3"),
        Decimal("1.3"),
    ]
    assert context.rate_on("EUR", date(1999, 1, 1)) == 1
    assert context.rate_on("USD", date(2026, 3, 1)) is None


def test_nothing_is_open_in_a_closed_period_or_up_to_the_lock_date():
    company = Company()
    FiscalPeriod.objects.filter(starts_on=date(2026, 3, 1)).update(status=PeriodStatus.CLOSED)
    LegalEntity.objects.filter(pk=company.entity.pk).update(locked_through=date(2026, 1, 31))
    context = PostingContext.of(LegalEntity.objects.get(pk=company.entity.pk))
    assert not context.is_open_on(date(2026, 1, 31))
    assert context.is_open_on(date(2026, 2, 1))
    assert not context.is_open_on(date(2026, 3, 31))
    # A day that no period covers is never open (decision 18).
    assert not context.is_open_on(date(2031, 1, 1))
    assert (context.covers(date(2026, 3, 31)), context.covers(date(2031, 1, 1))) == (True, False)


def test_a_closed_day_moves_to_the_first_day_of_the_next_open_period():
    company = Company()
    FiscalPeriod.objects.filter(starts_on__in=[date(2026, 3, 1), date(2026, 4, 1)]).update(
        status=PeriodStatus.CLOSED
    )
    context = PostingContext.of(company.entity)
    assert context.open_day_from(date(2026, 2, 28)) == date(2026, 2, 28)
    assert context.open_day_from(date(2026, 3, 15)) == date(2026, 5, 1)


def test_a_closed_day_stays_where_no_later_period_is_open():
    company = Company()
    FiscalPeriod.objects.update(status=PeriodStatus.CLOSED)
    context = PostingContext.of(company.entity)
    assert context.open_day_from(date(2026, 3, 15)) == date(2026, 3, 15)


def test_the_profile_of_a_situation_accrues_what_its_columns_say():
    company = Company()
    context = PostingContext.of(company.entity)
    hours = context.profile(Situation(BillingMethod.TIME_AND_MATERIAL, company.project.pk, "", None))
    fixed = context.profile(Situation(BillingMethod.FIXED_PRICE, company.project.pk, "", None))
    assert hours is not None
    assert fixed is not None
    assert hours.accrues == {"time", "expense", "material", "fee"}
    assert hours.costs == dict.fromkeys(("time", "expense", "material"), "profit_and_loss")
    assert fixed.accrues == set()


def test_a_context_is_read_in_four_statements_and_answers_without_any():
    one, other = Company(), Company()
    assert statements(lambda: PostingContext.of(one.entity)) == 4
    contexts = posting_contexts_of([one.entity, other.entity, one.entity])
    assert set(contexts) == {one.entity.pk, other.entity.pk}
    assert statements(lambda: posting_contexts_of([one.entity, one.entity])) == 4
    context = contexts[other.entity.pk]
    assert context.account(PostingType.ROUNDING) == account_of(other, "8990")
    assert statements(lambda: context.open_day_from(date(2026, 3, 1))) == 0

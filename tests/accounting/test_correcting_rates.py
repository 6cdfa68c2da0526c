"""An exchange rate that was mistyped is corrected with a reason, until it is used (C9)."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.correcting_rates import correct_exchange_rate
from accounting.models import Revaluation
from accounting.pulling import pull_journals
from accounting.revaluing import revalue_balances, reverse_revaluations
from core.models import Activity
from projects.models import ExchangeRate, LegalEntity
from projects.roles import FINANCE_CONTROLLER
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company, only
from tests.company.checking import assert_proven, refused
from tests.company.receivables import owed
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
FEBRUARY = date(2026, 2, 28)


@pytest.fixture
def company() -> Company:
    """1,000.00 USD are open since 2 February at 0.80; the rate of its last day was mistyped."""
    made = Company()
    made.rate("USD", "0.80")
    made.rate("USD", "8.30", FEBRUARY)
    made.rate("USD", "0.84", date(2026, 3, 1))
    owed(made, "1000", currency="USD", on=date(2026, 2, 2))
    return made


def of_february() -> ExchangeRate:
    return ExchangeRate.objects.get(starts_on=FEBRUARY)


def correct(company: Company, rate: str = "0.83", reason: str = "Mistyped", *, on: date = FEBRUARY):
    rates = ExchangeRate.objects.filter(starts_on=on)
    return correct_exchange_rate(rates, Decimal(rate), reason=reason, actor=company.manager, at=NOW)


def revalued(company: Company) -> Revaluation:
    entities = LegalEntity.objects.filter(pk=company.entity.pk)
    (made,) = revalue_balances(entities, on=FEBRUARY, actor=company.accountant, at=NOW)
    return made


def test_a_mistyped_rate_of_a_closing_day_is_corrected_before_it_is_used(company: Company):
    assert correct(company).rate == Decimal("0.83")
    said = Activity.objects.get(verb="rate corrected")
    assert (said.changes, said.facts["reason"]) == ({"rate": ["8.3", "0.83"]}, "Mistyped")
    assert revalued(company).lines.get().difference == 30
    assert_proven()


def test_what_is_in_the_books_at_a_rate_keeps_it(company: Company):
    with refused("rate-in-use"):
        correct(company, on=date(2026, 1, 1))
    made = revalued(company)
    with refused("rate-in-use"):
        correct(company)
    chosen = Revaluation.objects.filter(pk=made.pk)
    reverse_revaluations(chosen, actor=company.accountant, at=NOW)
    assert correct(company).rate == Decimal("0.83")
    assert revalued(company).lines.get().difference == 30
    assert_proven()


def test_a_line_that_waits_in_a_journal_keeps_its_rate():
    company = Company(currency="USD")
    company.rate("USD", "0.80")
    company.approved(8)
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    with refused("rate-in-use"):
        correct(company, on=date(2026, 1, 1))


def test_a_rate_has_a_reason_and_another_value_above_zero(company: Company):
    with refused("reason-missing", "rate-not-positive"):
        correct(company, "0", " ")
    with refused("rate-unchanged"):
        correct(company, "8.3")


def test_a_controller_corrects_it_on_its_page(company: Company):
    controller = AdminClient(company.admit(company.second_person(), FINANCE_CONTROLLER))
    shown = controller.shown("projects_exchangerate_action", of_february().pk, "correct")
    assert "Correct" in shown.content.decode()
    too_large = controller.confirms(shown, rate="9999999999", reason="Mistyped")
    assert "no more than 9 digits before the decimal point" in too_large.content.decode()
    answer = controller.confirms(shown, rate="0.83", reason="Mistyped")
    assert messages_of(answer) == ["Corrected"]
    assert of_february().rate == Decimal("0.83")
    revalued(company)
    again = controller.shown("projects_exchangerate_action", of_february().pk, "correct")
    assert again.context["preview"].is_possible is False
    assert only(of_february()).count() == 1

"""A run that confirms asks once for the ticks of what was shown, whatever became of the others in it (B8)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.bulk_confirming import confirm_in_bulk, request_confirmation
from billing.confirming import confirm_proformas
from billing.findings import Check
from billing.models import BatchRun, Proforma
from billing.views.confirmation_summary import Summary, summary_of
from projects.models import ContractLine
from tests.billing.proforma_pages import fresh
from tests.company import Company, only, rows
from tests.company.checking import assert_proven, refused, unchanged
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db

DECEMBER = date(2025, 12, 30)


def drafted(company: Company, hours: int, day: date = DAY, on: date | None = None) -> Proforma:
    company.approved(hours, date=day)
    return company.draft(on=on or day + timedelta(days=10))


def shown(company: Company, *drafts: Proforma) -> Summary:
    return summary_of(only(*drafts), company.manager)


def asked(company: Company, summary: Summary, *drafts: Proforma) -> BatchRun:
    return request_confirmation(
        only(*drafts),
        accepted=[check.tick for check in summary.warnings],
        seen_totals=summary.seen_totals,
        seen_contents=summary.seen_contents,
        actor=company.manager,
        on=DAY,
        at=NOW,
    )


def said(summary: Summary) -> list[tuple[str, str]]:
    return [(check.proforma, str(check.message)) for check in summary.warnings]


def test_a_limit_counts_in_one_order_on_the_page_and_in_the_run(company):
    """By number the second draft comes first: it is of the year before."""
    limited = ContractLine.objects.filter(pk=company.line.pk)
    rows.fiscal_days(company.entity, DECEMBER, DECEMBER + timedelta(days=1))
    first, second = drafted(company, 6), drafted(company, 4, day=DECEMBER, on=DECEMBER)
    limited.update(not_to_exceed_amount=Decimal(1000))
    assert second.number < first.number
    summary = shown(company, first, second)
    assert said(summary) == [
        (second.number, "Exceeds the limit of the contract line by €1,000.00"),
        (first.number, "Exceeds the limit of the contract line by €200.00"),
    ]
    run = asked(company, summary, first, second)
    confirm_in_bulk(run.pk, clock=lambda: NOW)
    assert [row.outcome for row in run.outcomes.all()] == ["confirmed"] * 2
    assert_proven()


def test_a_tick_covers_less_than_was_shown_where_another_one_stays_behind(company):
    """The first is edited after the page was shown: the second exceeds the limit by less than was ticked."""
    first, second = drafted(company, 8), drafted(company, 7, day=DAY + timedelta(days=11))
    ContractLine.objects.filter(pk=company.line.pk).update(not_to_exceed_amount=Decimal(1000))
    summary = shown(company, first, second)
    assert said(summary)[1] == (second.number, "Exceeds the limit of the contract line by €2,000.00")
    run = asked(company, summary, first, second)
    company.edit(first, quantity="7")
    confirm_in_bulk(run.pk, clock=lambda: NOW)
    assert {row.proforma_id: row.outcome for row in run.outcomes.all()} == {
        first.pk: "left_out",
        second.pk: "confirmed",
    }
    assert (fresh(first).status, fresh(second).net_amount) == ("draft", 1400)
    assert_proven()


def test_a_tick_does_not_cover_more_than_was_shown(company):
    first, second = drafted(company, 8), drafted(company, 7, day=DAY + timedelta(days=11))
    ContractLine.objects.filter(pk=company.line.pk).update(not_to_exceed_amount=Decimal(1000))
    alone = [check.tick for check in shown(company, second).warnings]
    company.confirm(first)
    with refused("warnings-open"), unchanged():
        confirm_proformas(only(second), actor=company.manager, at=NOW, accepted=alone)


@pytest.mark.parametrize(
    ("tick", "covers"),
    [
        ("", True),
        ("1500.01:P-1,P-2", True),
        ("1500:P-1", True),
        ("1499.99:P-1", False),
        ("1500:P-2", False),
        ("x:P-1", False),
        (":P-1", False),
        ("1e9:P-1", False),
    ],
)
def test_what_a_tick_covers(tick: str, covers: bool):
    check = Check("limit", "words", facts=(Decimal(1),), at_most=Decimal("1500.00"), numbers=("P-1",))
    same = check.tick.removesuffix("1500:P-1")
    assert check.is_ticked([same + tick if tick else check.tick]) is covers


def test_other_facts_need_another_tick():
    one = Check("rate", "words", facts=(Decimal("1.50"),))
    assert one.is_ticked([Check("rate", "other words", facts=(Decimal("1.5"),)).tick])
    for other in (Check("rate", "words", facts=(2,)), Check("price", "words", facts=(Decimal("1.5"),))):
        assert not one.is_ticked([other.tick])

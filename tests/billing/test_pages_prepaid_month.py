"""The page of prepaid hours: all work of the month by pages, and what the blocks wait for (A12)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from billing.expiring import RELATED
from billing.models import Retainer
from billing.prepaid_facts import statement_of
from billing.retaining import mark_retainers_not_ready
from billing.views import prepaid_figures, prepaid_work
from core.documents.hours_statement import HoursRow, hours_data
from projects.contracting import hold_contracts
from projects.models import PrepaidHours
from projects.prepaid_use import use_of
from tests.company import Company, only
from tests.company.checking import statements
from tests.company.prepaid import APPLICATION_CARE, agreed, invoice_block, work
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

FIVE_HOURS = replace(APPLICATION_CARE, hours=Decimal(5), roll_over_hours=Decimal(0), months=1)


@pytest.fixture
def at(company: Company) -> Company:
    return company


@pytest.fixture(autouse=True)
def september():
    with time_machine.travel(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False):
        yield


def page_of(client, agreement, query="?month=2026-08"):
    answer = client.get(reverse("prepaid", args=[agreement.pk]) + query)
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_all_work_of_a_month_is_read_some_rows_at_a_time(at, manager, monkeypatch):
    monkeypatch.setattr(prepaid_work, "ROWS", 3)
    agreement = agreed(at, FIVE_HOURS)
    work(at, *((8, day, "2") for day in (3, 4, 5, 6)))
    first = page_of(manager, agreement)
    # Five hours are within the block: the entry of the 5th is divided.
    assert "Rows 1 to 3 of 5" in first
    assert "2.00 h" in first
    (third,) = prepaid_work.work_page(use_of([agreement])[0], date(2026, 8, 1), "").rows[2:]
    assert (third.hours, third.amount, third.is_over) == (1, 120, False)
    after = prepaid_work.work_page(use_of([agreement])[0], date(2026, 8, 1), "").following
    assert f"after={after}#work" in first
    second = page_of(manager, agreement, f"?month=2026-08&after={after}")
    assert "Rows 4 to 5 of 5" in second
    assert "From the first row" in second
    assert "More rows" not in second
    # Work that is approved meanwhile stands on its day, and moves nothing into the next rows.
    work(at, (8, 1, "1"))
    rows = prepaid_work.work_page(use_of([agreement])[0], date(2026, 8, 1), after).rows
    assert {row.actual.work_item.transaction_date.day for row in rows} <= {5, 6}


@pytest.mark.parametrize(
    "odd", ["x", "2026-08-03", "2026-08-33.1.1", "2026-08-03.1.", f"2026-08-03.1.{'9' * 30}"]
)
def test_a_key_that_names_nothing_shows_the_first_rows(at, manager, odd):
    agreement = agreed(at, FIVE_HOURS)
    work(at, (8, 3, "2"))
    assert "Rows 1 to 1 of 1" in page_of(manager, agreement, f"?month=2026-08&after={odd}")
    assert "No more work of the month." in page_of(manager, agreement, "?month=2026-08&after=2026-09-01.1.1")


def test_a_card_names_the_latest_hours_over_and_leads_to_the_others(at, manager, monkeypatch):
    monkeypatch.setattr(prepaid_figures, "MOST_OVER", 2)
    agreement = agreed(at, FIVE_HOURS)
    work(at, (8, 3, "5"), *((8, day, "1") for day in (4, 5, 6, 7)))
    page = page_of(manager, agreement)
    assert "The 4.00 h over" in page
    assert "2 more rows beyond the block: see all work of the month" in page


def test_the_page_costs_the_same_for_many_rows(at, manager):
    agreement = agreed(at, FIVE_HOURS)
    work(at, (8, 3, "5"), (8, 4, "1"))
    few = statements(lambda: page_of(manager, agreement))
    work(at, *((8, day, "1") for day in range(5, 29)))
    assert statements(lambda: page_of(manager, agreement)) == few


def test_the_printed_statement_has_every_row(at):
    agreement = agreed(at, FIVE_HOURS)
    (use,) = use_of([agreement])
    facts = statement_of(use, use.plan.months[0], at.customer, date(2026, 9, 1))
    rows = tuple(
        HoursRow(day=date(2026, 8, 3), text=f"Row {number}", person="", hours=Decimal(1))
        for number in range(1, 1602)
    )
    printed = hours_data(replace(facts, rows=rows))["sections"][1]["rows"]
    assert (len(printed), printed[-1]["text"]) == (1601, "Row 1601")


def test_a_block_of_a_day_gone_by_says_what_it_waits_for(at, manager):
    agreement = agreed(at)
    # The 31st of July and of August are gone by, the 30th of September is to come.
    page = page_of(manager, agreement)
    assert (
        "The block of August 2026 was to be invoiced on 31 Jul 2026 and is on no proforma: Waits for its run."
    ) in page
    assert "1 more block of a day gone by waits as well." in page
    assert "The next block is invoiced on 30 Sept 2026." in page
    late = Retainer.objects.order_by("invoice_on")[0]
    assert reverse("advance", args=[late.pk]) in page

    hold_contracts(only(at.contract), actor=at.manager, at=NOW)
    assert "and is on no proforma: Contract is on hold." in page_of(manager, agreement)


def test_a_block_on_a_draft_or_not_marked_ready_is_said_to_be(at, manager):
    agreement = agreed(at)
    invoice_block(at, 8)
    at.drafts(date(2026, 8, 31))
    page = page_of(manager, agreement)
    assert "was to be invoiced" not in page
    assert "The block of September 2026 is on a draft that nobody has confirmed yet." in page
    ready = Retainer.objects.filter(status="ready")
    mark_retainers_not_ready(ready, actor=at.manager, at=NOW)
    page = page_of(manager, agreement)
    assert "The next block is invoiced on 30 Sept 2026, once it is marked ready." in page
    known = PrepaidHours.objects.select_related(*RELATED)
    (card,) = prepaid_figures.cards_of(known, date(2026, 10, 2))
    assert [step.words for step in card.steps] == [
        "The block of October 2026 was to be invoiced on 30 Sept 2026 and is on no proforma: "
        "Not marked ready.",
        "The block of September 2026 is on a draft that nobody has confirmed yet.",
        "The next block is invoiced on 31 Oct 2026, once it is marked ready.",
    ]


def test_what_the_blocks_wait_for_costs_one_statement_for_all_cards(at, manager):
    address = reverse("prepaid-hours")
    agreed(at)
    with_one = statements(lambda: manager.get(address))
    for _each in range(3):
        other = at.with_another_customer()
        other.customer.sales_tax_group = at.customer.sales_tax_group
        other.customer.save()
        agreed(other)
    assert statements(lambda: manager.get(address)) <= with_one + 1

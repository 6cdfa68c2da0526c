"""Prepaid hours: no hour is lost or counted twice, whatever is worked, against plain Python (A12)."""

from collections import deque
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from projects.prepaid_plans import BoughtMonth, WorkedRow, plan_hours

MONTHS = [date(2026, month, 1) for month in range(1, 7)]
QUARTERS = st.integers(1, 120).map(lambda count: Decimal(count) / 4)


@st.composite
def worked(draw: st.DrawFn) -> list[WorkedRow]:
    """Rows of up to thirty hours in six months; some are fixed at the block's rate."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(1, 6), st.integers(1, 28), st.integers(1, 9), QUARTERS, st.booleans()),
            max_size=40,
        )
    )
    return [
        WorkedRow(key, date(2026, month, day), item, hours, is_fixed=fixed)
        for key, (month, day, item, hours, fixed) in enumerate(rows)
    ]


def by_the_quarter_hour(bought: int, cap: int, rows: list[WorkedRow]) -> list[tuple[int, ...]]:
    """The same by counting quarters of an hour one by one: rolled in, used, over, rolled on, expires."""
    figures, old = [], 0
    for index, month in enumerate(MONTHS):
        block = deque(["old"] * old + ["own"] * bought)
        mine = [row for row in rows if row.day.month == month.month]
        used, over = 0, 0
        for row in mine:
            for _quarter in range(int(row.hours * 4)):
                used += 1
                if block:
                    block.popleft()
                else:
                    over += 1
        free = sum(int(row.hours * 4) for row in mine if not row.is_fixed)
        # What is billed already cannot be charged as overage any more.
        over = min(over, free)
        rolled_on = 0 if index == len(MONTHS) - 1 else min(cap, block.count("own"))
        figures.append((old, used, over, rolled_on, len(block) - rolled_on))
        old = rolled_on
    return figures


@given(st.integers(1, 200), st.integers(0, 80), worked())
def test_the_plan_is_that_of_counting_hour_by_hour(bought, cap, rows):
    months = [BoughtMonth(month, Decimal(bought) / 4, Decimal(cap) / 4) for month in MONTHS]
    plan = plan_hours(months, rows)
    planned = [
        tuple(int(4 * figure) for figure in (one.rolled_in, one.used, one.over, one.rolled_on, one.expires))
        for one in plan.months
    ]
    assert planned == by_the_quarter_hour(bought, cap, rows)


@given(st.integers(1, 200), st.integers(0, 80), worked())
def test_every_hour_bought_is_used_or_expires_and_the_latest_are_over(bought, cap, rows):
    months = [BoughtMonth(month, Decimal(bought) / 4, Decimal(cap) / 4) for month in MONTHS]
    plan = plan_hours(months, rows)
    inside = sum(one.used - one.over - one.unplaced for one in plan.months)
    assert inside + sum(one.expires for one in plan.months) == Decimal(bought) / 4 * len(MONTHS)
    for month in plan.months:
        mine = [row for row in rows if row.day.month == month.month.month and not row.is_fixed]
        in_order = sorted(mine, key=lambda row: (row.day, row.work_item, row.key))
        over = [plan.over.get(row.key, Decimal(0)) for row in in_order]
        assert sum(over) == month.over
        # Once a row is over in part, all later ones are over as a whole.
        first = next((index for index, hours in enumerate(over) if hours), len(over))
        assert all(hours == row.hours for row, hours in list(zip(in_order, over, strict=True))[first + 1 :])


@given(worked(), st.integers(1, 200))
def test_what_is_over_stays_over_when_it_is_counted_again(rows, bought):
    """A second count of divided rows changes nothing."""
    months = [BoughtMonth(month, Decimal(bought) / 4) for month in MONTHS]
    first = plan_hours(months, rows)
    again = []
    for row in rows:
        over = first.over.get(row.key, Decimal(0))
        if row.hours - over:
            again.append(
                WorkedRow(row.key * 2, row.day, row.work_item, row.hours - over, is_fixed=row.is_fixed)
            )
        if over:
            again.append(WorkedRow(row.key * 2 + 1, row.day, row.work_item, over, is_over=True))
    second = plan_hours(months, again)
    assert [one.over for one in second.months] == [one.over for one in first.months]


@given(st.integers(1, 200), st.integers(0, 80), worked(), st.integers(1, 5))
def test_hours_that_rolled_in_keep_the_rate_at_which_they_were_bought(bought, cap, rows, changed):
    """From one month on there is another rate: what rolled in before is used or expires at the old one."""
    months = [
        BoughtMonth(month, Decimal(bought) / 4, Decimal(cap) / 4, rolls_apart=index == changed)
        for index, month in enumerate(MONTHS)
    ]
    plan = plan_hours(months, rows)
    assert plan.months == [
        replace(one, expires_rolled=plan.months[index].expires_rolled)
        for index, one in enumerate(
            plan_hours([replace(one, rolls_apart=False) for one in months], rows).months
        )
    ]
    boundary = plan.months[changed]
    mine = [row for row in rows if row.day.month == boundary.month.month]
    at_old_rate = sum(plan.rolled.values())
    assert {key for key, hours in plan.rolled.items() if hours} <= {row.key for row in mine}
    fixed = sum(row.hours for row in mine if row.is_fixed)
    # Only what is billed at the new rate already can leave some of it to expire at the old one.
    assert at_old_rate + boundary.expires_rolled <= boundary.rolled_in
    if not fixed:
        assert at_old_rate == min(boundary.rolled_in, boundary.used - boundary.over)
        assert at_old_rate + boundary.expires_rolled == boundary.rolled_in
    for row in mine:
        assert plan.rolled.get(row.key, 0) + plan.over.get(row.key, 0) <= row.hours

"""The calendar of the demo: which months it bills, and the last week that is over."""

from datetime import UTC, datetime, timedelta

import pytest

from demo.days import Days


@pytest.mark.parametrize(
    ("now", "today", "first_month", "last_week"),
    [
        ("2026-11-24T09:30", "2026-11-24", "2026-08-01", "2026-11-16"),
        ("2027-01-01T05:59", "2026-12-31", "2026-09-01", "2026-12-21"),
        ("2027-01-01T06:00", "2027-01-01", "2026-10-01", "2026-12-21"),
        ("2027-01-02T06:00", "2027-01-02", "2026-10-01", "2026-12-28"),
        ("2027-03-01T12:00", "2027-03-01", "2026-12-01", "2027-02-22"),
    ],
)
def test_the_calendar_begins_at_seven_and_knows_the_last_complete_week(now, today, first_month, last_week):
    days = Days(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert (str(days.today), str(days.billed[0])) == (today, first_month)
    assert str(list(days.weeks())[-1]) == last_week
    assert days.at(days.today + timedelta(days=1)) == days.now
    assert list(days.workdays())[0] >= days.billed[0]

"""On which days a frequency falls (B4)."""

from datetime import date

import pytest

from billing.recurring import Recurrence, occurrences


def days(recurrence: Recurrence, first: str, last: str) -> list[str]:
    return [str(day) for day in occurrences(recurrence, date.fromisoformat(first), date.fromisoformat(last))]


def test_every_other_monday_from_october():
    assert days(Recurrence("biweekly", weekday=0), "2026-10-01", "2026-11-16") == [
        "2026-10-05",
        "2026-10-19",
        "2026-11-02",
        "2026-11-16",
    ]


def test_every_week_from_the_day_itself():
    assert days(Recurrence("weekly", weekday=3), "2026-10-01", "2026-10-15") == [
        "2026-10-01",
        "2026-10-08",
        "2026-10-15",
    ]


def test_the_first_monday_of_the_month():
    first_monday = Recurrence("monthly", weekday=0, occurrences=(1,))
    assert days(first_monday, "2026-10-01", "2026-12-31") == ["2026-10-05", "2026-11-02", "2026-12-07"]
    assert days(first_monday, "2026-10-06", "2026-12-06") == ["2026-11-02"]


@pytest.mark.parametrize(
    ("occurrence", "day"), [(1, "2026-03-06"), (2, "2026-03-13"), (4, "2026-03-27"), (-1, "2026-03-27")]
)
def test_a_friday_of_march(occurrence, day):
    assert days(Recurrence("monthly", weekday=4, occurrences=(occurrence,)), "2026-03-01", "2026-03-31") == [
        day
    ]


def test_the_last_weekday_of_a_month_with_five_of_them():
    assert days(Recurrence("monthly", weekday=0, occurrences=(-1,)), "2026-03-01", "2026-03-31") == [
        "2026-03-30"
    ]


def test_the_31st_is_the_last_day_of_a_shorter_month_leap_years_included():
    assert days(Recurrence("monthly", days=(31,)), "2028-01-01", "2028-04-30") == [
        "2028-01-31",
        "2028-02-29",
        "2028-03-31",
        "2028-04-30",
    ]


def test_over_the_turn_of_the_year():
    assert days(Recurrence("monthly", days=(1,)), "2026-12-01", "2027-02-01") == [
        "2026-12-01",
        "2027-01-01",
        "2027-02-01",
    ]
    assert days(Recurrence("biweekly", weekday=3), "2026-12-24", "2027-01-21") == [
        "2026-12-24",
        "2027-01-07",
        "2027-01-21",
    ]


def test_a_span_without_such_a_day_has_none():
    assert days(Recurrence("monthly", days=(15,)), "2026-03-16", "2026-04-14") == []
    assert days(Recurrence("weekly", weekday=0), "2026-03-03", "2026-03-08") == []
    assert days(Recurrence("weekly", weekday=0), "2026-03-09", "2026-03-02") == []

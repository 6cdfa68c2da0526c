"""On which days a frequency falls, over calendars nobody would think of."""

import calendar
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from billing.recurring import Recurrence, occurrences

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
SPANS = st.integers(0, 800).map(lambda days: timedelta(days=days))
RECURRENCES = st.one_of(
    st.builds(Recurrence, st.sampled_from(["weekly", "biweekly"]), weekday=st.integers(0, 6)),
    st.builds(Recurrence, st.just("monthly"), days=st.integers(1, 31).map(lambda day: (day,))),
    st.builds(
        Recurrence,
        st.just("monthly"),
        weekday=st.integers(0, 6),
        occurrences=st.sampled_from([1, 2, 3, 4, -1]).map(lambda one: (one,)),
    ),
)


@given(RECURRENCES, DAYS, SPANS)
def test_days_are_in_order_unique_and_within_their_span(recurrence, first, span):
    days = occurrences(recurrence, first, first + span)
    assert days == sorted(set(days))
    assert all(first <= day <= first + span for day in days)


@given(RECURRENCES, DAYS, SPANS, st.data())
def test_a_shorter_span_has_the_same_beginning(recurrence, first, span, data):
    cut = data.draw(st.integers(0, span.days))
    last = first + timedelta(days=cut)
    whole = occurrences(recurrence, first, first + span)
    assert occurrences(recurrence, first, last) == [day for day in whole if day <= last]


@given(st.sampled_from([("weekly", 7), ("biweekly", 14)]), st.integers(0, 6), DAYS, SPANS)
def test_weeks_are_evenly_apart_from_the_first_such_weekday(frequency, weekday, first, span):
    period, step = frequency
    days = occurrences(Recurrence(period, weekday=weekday), first, first + span)
    assert all(day.weekday() == weekday for day in days)
    assert all((after - before).days == step for before, after in zip(days, days[1:], strict=False))
    if span.days >= 6:
        assert (days[0] - first).days < 7


@given(st.integers(1, 31), st.integers(2000, 2060))
def test_a_day_of_the_month_comes_every_month_and_never_later_than_its_end(day_of_month, year):
    days = occurrences(Recurrence("monthly", days=(day_of_month,)), date(year, 1, 1), date(year, 12, 31))
    assert [day.month for day in days] == list(range(1, 13))
    assert all(day.day == min(day_of_month, calendar.monthrange(year, day.month)[1]) for day in days)


@given(st.integers(0, 6), st.sampled_from([1, 2, 3, 4, -1]), st.integers(2000, 2060))
def test_the_nth_weekday_of_the_month_is_the_calendars(weekday, nth, year):
    recurrence = Recurrence("monthly", weekday=weekday, occurrences=(nth,))
    days = occurrences(recurrence, date(year, 1, 1), date(year, 12, 31))
    weeks = [
        [week[weekday] for week in calendar.monthcalendar(year, month) if week[weekday]]
        for month in range(1, 13)
    ]
    assert [day.day for day in days] == [week[nth if nth < 0 else nth - 1] for week in weeks]

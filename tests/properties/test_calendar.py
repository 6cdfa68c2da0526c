"""On which days a frequency falls, over calendars nobody would think of."""

import calendar
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from billing.recurring import Recurrence, cut_off_of, next_occurrences, occurrences

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


ANY = st.one_of(
    st.builds(Recurrence, st.sampled_from(["weekly", "biweekly", "four_weekly"]), weekday=st.integers(0, 6)),
    st.builds(
        Recurrence,
        st.sampled_from(["monthly", "quarterly", "half_yearly", "yearly"]),
        days=st.lists(st.integers(1, 31), min_size=1, max_size=3, unique=True).map(tuple),
    ),
    st.builds(
        Recurrence,
        st.sampled_from(["monthly", "quarterly", "half_yearly", "yearly"]),
        weekday=st.integers(0, 6),
        occurrences=st.lists(st.sampled_from([1, 2, 3, 4, -1]), min_size=1, max_size=2, unique=True).map(
            tuple
        ),
    ),
)


@given(ANY, DAYS, SPANS, SPANS)
def test_an_extension_keeps_its_days_has_none_twice_and_leaves_none_out(recurrence, first, span, more):
    """Extended from any day on, a schedule has the days that it would have had when made at once."""
    counted = replace(recurrence, counted_from=first)
    cut, end = first + span, first + span + more
    before = occurrences(counted, first, cut)
    after = occurrences(counted, cut + timedelta(days=1), end)
    assert before + after == occurrences(recurrence, first, end)


@given(ANY, DAYS, st.integers(1, 12))
def test_the_next_runs_are_the_first_of_the_schedule(recurrence, first, count):
    last = first + timedelta(days=3660)
    days = next_occurrences(replace(recurrence, counted_from=first), first, count, last=last)
    assert days == occurrences(recurrence, first, last)[:count]


@given(ANY, DAYS, st.sampled_from(["day_before", "run_day", "month_before"]))
def test_later_runs_take_work_up_to_no_earlier_day(recurrence, first, rule):
    days = occurrences(recurrence, first, first + timedelta(days=1500))
    cut_offs = [cut_off_of(day, rule) for day in days]
    assert cut_offs == sorted(cut_offs)
    assert all(cut_off <= day for cut_off, day in zip(cut_offs, days, strict=True))
    if rule != "month_before":
        assert len(set(cut_offs)) == len(cut_offs)


@given(st.sampled_from([("quarterly", 3), ("half_yearly", 6), ("yearly", 12)]), DAYS)
def test_months_are_evenly_apart_from_the_month_of_the_start(frequency, first):
    period, step = frequency
    days = occurrences(Recurrence(period, days=(31,)), first, first + timedelta(days=2000))
    months = [day.year * 12 + day.month for day in days]
    assert months[0] == first.year * 12 + first.month
    assert all(after - before == step for before, after in zip(months, months[1:], strict=False))

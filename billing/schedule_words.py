"""A schedule in words, and a sentence for each thing that can be wrong with one (B4)."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.dates import MONTHS_3, WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.recurring import (
    LAST,
    LAST_DAY,
    LONGEST,
    MONTHS,
    Recurrence,
    cut_off_of,
    occurrences,
    problems_of,
)
from billing.schedule_plans import PlannedRuns
from billing.states import CutOffRule, FrequencyPeriod
from core.refusals import Refusal

NTH = {
    1: gettext_lazy("first %(weekday)s"),
    2: gettext_lazy("second %(weekday)s"),
    3: gettext_lazy("third %(weekday)s"),
    4: gettext_lazy("fourth %(weekday)s"),
    LAST: gettext_lazy("last %(weekday)s"),
}
UP_TO = {
    CutOffRule.DAY_BEFORE: gettext_lazy("work up to the day before the run"),
    CutOffRule.RUN_DAY: gettext_lazy("work up to the day of the run"),
    CutOffRule.MONTH_BEFORE: gettext_lazy("work up to the end of the month before"),
}
A_YEAR = timedelta(days=366)
Sentence = tuple[str | Promise, str | Promise]
WRONG: dict[str, Sentence] = {
    "weekday-missing": (
        gettext_lazy("It does not say on which weekday it runs."),
        gettext_lazy("Choose a weekday, Monday to Sunday."),
    ),
    "day-of-a-week": (
        gettext_lazy("A schedule by weeks runs on a weekday, not on a day of the month."),
        gettext_lazy("Choose a weekday, or let it repeat monthly."),
    ),
    "day-missing": (
        gettext_lazy("It does not say on which day of the month it runs."),
        gettext_lazy("Choose a day, the last day, or a weekday of the month."),
    ),
    "day-and-weekday": (
        gettext_lazy("It names a day of the month and a weekday of the month."),
        gettext_lazy("Choose one of the two."),
    ),
    "day-out-of-month": (
        gettext_lazy("A month has the days 1 to 31."),
        gettext_lazy("Choose 31 for the last day of every month, whatever its number."),
    ),
    "day-repeated": (
        gettext_lazy("It names the same day twice."),
        gettext_lazy("Choose another day for the second run, or leave it out."),
    ),
    "occurrence-missing": (
        gettext_lazy("It does not say which weekday of the month it is."),
        gettext_lazy("Choose the first to the fourth, or the last."),
    ),
    "occurrence-out-of-month": (
        gettext_lazy("Every month has a first to a fourth of each weekday, and not always a fifth."),
        gettext_lazy("Choose 1 to 4, or -1 for the last."),
    ),
}


def reasons_against_recurrence(recurrence: Recurrence, subject: str) -> Iterable[Refusal]:
    """Why runs cannot recur like this, each with what to choose instead (B4)."""
    for code in problems_of(recurrence):
        message, way_out = WRONG[code]
        yield Refusal(code, message, subject, way_out)


def reasons_against_runs(plan: PlannedRuns, subject: str) -> Iterable[Refusal]:
    """Why nobody can be invoiced like this; asks the database nothing, so that a form can say it (B4, Q6)."""
    if plan.ends_on is not None and plan.ends_on < plan.starts_on:
        message = _("The schedule ends before it starts.")
        yield Refusal("ends-before-start", message, subject, _("Choose a later end."))
    elif plan.ends_on is not None and plan.ends_on - plan.starts_on > LONGEST:
        message = _("A schedule covers ten years at most.")
        way_out = _("Choose an earlier end, or leave it empty: then it is as long as the contract.")
        yield Refusal("longer-than-ten-years", message, subject, way_out)
    wrong = list(reasons_against_recurrence(plan.recurrence, subject))
    yield from wrong
    if not wrong and _takes_a_day_twice(plan):
        message = _("Two runs of a month would take work up to the same day, so the second takes nothing.")
        way_out = _("Let runs take the work up to the day before.")
        yield Refusal("periods-overlap", message, subject, way_out)


def _takes_a_day_twice(plan: PlannedRuns) -> bool:
    days = occurrences(plan.recurrence, plan.starts_on, plan.starts_on + A_YEAR)
    cut_offs = [cut_off_of(day, plan.cut_off_rule) for day in days]
    return len(set(cut_offs)) < len(cut_offs)


def words_of_schedule(recurrence: Recurrence, cut_off_rule: str) -> str:
    """A schedule in one line: `Monthly, last day; work up to the day before the run`."""
    return _("%(recurrence)s; %(cut_off)s") % {
        "recurrence": words_of_recurrence(recurrence),
        "cut_off": UP_TO[CutOffRule(cut_off_rule)],
    }


def words_of_recurrence(recurrence: Recurrence) -> str:
    """When it falls: `Every two weeks, Monday`, `Quarterly, last day (Mar, Jun, Sep, Dec)`."""
    words = {"period": FrequencyPeriod(recurrence.period).label, "days": _days(recurrence)}
    months = _months(recurrence)
    if months:
        return _("%(period)s, %(days)s (%(months)s)") % {**words, "months": months}
    return _("%(period)s, %(days)s") % words


def word_of_day(day: int) -> str:
    """A day of the month as people name it."""
    return _("last day") if day == LAST_DAY else _("day %(day)s") % {"day": day}


def word_of_weekday(occurrence: int, weekday: int) -> str:
    """`first Monday`."""
    return str(NTH[occurrence]) % {"weekday": WEEKDAYS[weekday]}


def _days(recurrence: Recurrence) -> str:
    weekday = recurrence.weekday or 0
    if recurrence.is_by_weeks:
        return str(WEEKDAYS[weekday])
    named = [word_of_day(day) for day in recurrence.days]
    named += [word_of_weekday(one, weekday) for one in recurrence.occurrences]
    *others, last = named
    return _("%(days)s and %(last)s") % {"days": ", ".join(others), "last": last} if others else last


def _months(recurrence: Recurrence) -> str:
    """The months of a schedule that leaves months out; empty for one that does not."""
    step, counted_from = MONTHS.get(recurrence.period, 1), recurrence.counted_from
    if recurrence.is_by_weeks or step == 1 or counted_from is None:
        return ""
    months = sorted((counted_from.month - 1 + nth * step) % 12 + 1 for nth in range(12 // step))
    return ", ".join(str(MONTHS_3[month]).capitalize() for month in months)

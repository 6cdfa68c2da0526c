"""The schedule of a contract line as somebody chooses it, and what is asked to skip or move a run (B4)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.forms.contract_payers import RowForm
from billing.models import SchedulePlan
from billing.recurring import LAST, LAST_DAY, WEEKS, Recurrence
from billing.schedule_plans import PlannedRuns
from billing.schedule_words import reasons_against_runs, word_of_day, word_of_weekday
from billing.states import CutOffRule, FrequencyPeriod
from core.day_inputs import DayField

Choices = list[tuple[str, Any]]
DAY = re.compile(r"(?P<kind>day|weekday|nth)-(?P<one>-?[0-9]{1,2})(?:-(?P<two>[0-6]))?")
NAMES = ("repeats", "run_on", "also_on", "third_on", "work_up_to", "runs_from", "runs_to")
FIELD_OF = {
    "ends-before-start": "runs_to",
    "longer-than-ten-years": "runs_to",
    "periods-overlap": "work_up_to",
    "day-repeated": "also_on",
}


def days_on_offer() -> Choices:
    """Days of the month, weekdays, and weekdays of the month, in groups."""
    nths = (1, 2, 3, 4, LAST)
    return [
        ("", ""),
        (
            _("Day of the month"),
            [(f"day-{day}", word_of_day(day)) for day in (LAST_DAY, *range(1, LAST_DAY))],
        ),
        (_("Weekday, for weeks"), [(f"weekday-{day}", name) for day, name in WEEKDAYS.items()]),
        (
            _("Weekday of the month"),
            [(f"nth-{nth}-{day}", word_of_weekday(nth, day)) for day in WEEKDAYS for nth in nths],
        ),
    ]


class LineScheduleForm(RowForm):
    """When a line is invoiced, in words: how often, on which day, up to which day; empty, by hand alone."""

    # Empty only where the line is invoiced by hand.
    needed = ("repeats", "run_on", "work_up_to", "runs_from")
    repeats = forms.ChoiceField(
        label=gettext_lazy("Repeats"),
        required=False,
        choices=[("", gettext_lazy("Not at all: invoiced by hand")), *FrequencyPeriod.choices],
    )
    run_on = forms.ChoiceField(label=gettext_lazy("Run on"), required=False, choices=days_on_offer)
    also_on = forms.ChoiceField(
        label=gettext_lazy("And on"),
        required=False,
        choices=days_on_offer,
        help_text=gettext_lazy("For two runs a month"),
    )
    third_on = forms.ChoiceField(
        label=gettext_lazy("And on"),
        required=False,
        choices=days_on_offer,
        help_text=gettext_lazy("For three runs a month"),
    )
    work_up_to = forms.ChoiceField(
        label=gettext_lazy("Work up to"), required=False, choices=CutOffRule.choices
    )
    runs_from = DayField(
        label=gettext_lazy("First run from"),
        required=False,
        help_text=gettext_lazy("Weeks and months are counted from it"),
    )
    runs_to = DayField(
        label=gettext_lazy("Last run up to"),
        required=False,
        help_text=gettext_lazy("Empty: as long as the contract"),
    )

    @property
    def is_empty(self) -> bool:
        """Whether the line is invoiced by hand alone."""
        return not self.data.get(self.add_prefix("repeats"))

    @property
    def is_by_weeks(self) -> bool:
        """Whether a second run in the same month has no place in it."""
        return self.data.get(self.add_prefix("repeats")) in WEEKS

    @property
    def has_more(self) -> bool:
        """Whether more than one run a month is chosen."""
        return any(self.data.get(self.add_prefix(name)) for name in ("also_on", "third_on"))

    def clean(self) -> dict[str, Any]:
        """Every reason against the schedule, at the field that it is about."""
        cleaned = super().clean() or {}
        if not cleaned.get("repeats"):
            return cleaned
        if not cleaned.get("runs_from"):
            if "runs_from" not in self.errors:
                self.add_error("runs_from", _("Say from which day on it runs."))
            return cleaned
        if len({weekday for _nth, weekday in self._weekdays(cleaned)}) > 1:
            self.add_error("also_on", _("Two runs a month are on the same weekday."))
            return cleaned
        if not self.errors:
            for reason in reasons_against_runs(self._planned(cleaned), ""):
                self.add_error(FIELD_OF.get(reason.code, "run_on"), str(reason))
        return cleaned

    @cached_property
    def plan(self) -> PlannedRuns | None:
        """The schedule as the verbs take it; None where there is none, or it is not valid."""
        # Judged apart from this form, whose errors are forgotten where it is only shown again.
        judged = LineScheduleForm(self.data, prefix=self.prefix)
        return None if self.is_empty or not judged.is_valid() else judged._planned(judged.cleaned_data)

    def _planned(self, cleaned: Mapping[str, Any]) -> PlannedRuns:
        days = [int(match["one"]) for match in self._chosen(cleaned) if match["kind"] == "day"]
        of_week = [int(match["one"]) for match in self._chosen(cleaned) if match["kind"] == "weekday"]
        of_month = self._weekdays(cleaned)
        named = [*of_week, *(weekday for _nth, weekday in of_month)]
        recurrence = Recurrence(
            cleaned["repeats"],
            days=tuple(days),
            weekday=named[0] if named else None,
            occurrences=tuple(nth for nth, _weekday in of_month),
        )
        rule = cleaned["work_up_to"] or CutOffRule.DAY_BEFORE
        return PlannedRuns(recurrence, cleaned["runs_from"], cleaned["runs_to"], rule)

    def _weekdays(self, cleaned: Mapping[str, Any]) -> list[tuple[int, int]]:
        chosen = self._chosen(cleaned)
        return [(int(match["one"]), int(match["two"])) for match in chosen if match["kind"] == "nth"]

    def _chosen(self, cleaned: Mapping[str, Any]) -> list[re.Match[str]]:
        names = ("run_on",) if self.is_by_weeks else ("run_on", "also_on", "third_on")
        matches: Iterable[Any] = (DAY.fullmatch(cleaned.get(name) or "") for name in names)
        return [match for match in matches if match]


def row_of(plan: SchedulePlan) -> dict[str, list[str]]:
    """A schedule as its form would send it unchanged."""
    recurrence = plan.recurrence
    chosen = [f"day-{day}" for day in recurrence.days]
    chosen += [f"nth-{nth}-{recurrence.weekday}" for nth in recurrence.occurrences]
    chosen += [f"weekday-{recurrence.weekday}"] if recurrence.is_by_weeks else []
    chosen += [""] * (3 - len(chosen))
    ends_on = plan.ends_on.isoformat() if plan.ends_on else ""
    values = (plan.period, *chosen, plan.cut_off_rule, plan.starts_on.isoformat(), ends_on)
    return {name: [value] for name, value in zip(NAMES, values, strict=True)}


class SkipRunForm(forms.Form):
    """Why a run does not take place."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class MoveRunForm(forms.Form):
    """To which day a run is moved, and why."""

    to = DayField(label=gettext_lazy("New run date"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

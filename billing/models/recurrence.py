"""The columns of a recurrence, shared by named frequencies and by the plans of contract lines (B4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.recurring import LAST, LAST_DAY, WEEKS, Recurrence
from billing.states import FrequencyPeriod

BY_WEEKS = models.Q(period__in=sorted(WEEKS))
NO_DAY = models.Q(
    day_of_month__isnull=True, second_day_of_month__isnull=True, third_day_of_month__isnull=True
)
DAY_IN_MONTH = (
    models.Q(day_of_month__isnull=False, day_of_month__range=(1, LAST_DAY))
    & (models.Q(second_day_of_month__isnull=True) | models.Q(second_day_of_month__range=(1, LAST_DAY)))
    & (models.Q(third_day_of_month__isnull=True) | models.Q(third_day_of_month__range=(1, LAST_DAY)))
)
NO_OCCURRENCE = models.Q(occurrence__isnull=True, second_occurrence__isnull=True)
ON_WEEKDAY = (LAST, 1, 2, 3, 4)
OCCURRENCE_IN_MONTH = models.Q(occurrence__isnull=False, occurrence__in=ON_WEEKDAY) & (
    models.Q(second_occurrence__isnull=True) | models.Q(second_occurrence__in=ON_WEEKDAY)
)

ON_A_WEEKDAY = NO_DAY & models.Q(weekday__isnull=False, occurrence__isnull=True)
ON_A_DAY = models.Q(day_of_month__isnull=False, occurrence__isnull=True)
ON_NTH_WEEKDAY = NO_DAY & models.Q(occurrence__isnull=False, weekday__isnull=False)


class RecurrenceFields(models.Model):
    """The columns of a recurrence: by weeks with a weekday, or by months with one to three runs a month."""

    period = models.CharField(_("repeats"), max_length=12, choices=FrequencyPeriod.choices)
    day_of_month = models.PositiveSmallIntegerField(
        _("day of the month"),
        null=True,
        blank=True,
        help_text=_("31 is the last day of the month, whatever its number."),
    )
    second_day_of_month = models.PositiveSmallIntegerField(
        _("second day of the month"), null=True, blank=True, help_text=_("For two runs a month.")
    )
    third_day_of_month = models.PositiveSmallIntegerField(
        _("third day of the month"), null=True, blank=True, help_text=_("For three runs a month.")
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), null=True, blank=True, help_text=_("0 is Monday, 6 is Sunday.")
    )
    occurrence = models.SmallIntegerField(
        _("which of the month"),
        null=True,
        blank=True,
        help_text=_("1 to 4, or -1 for the last weekday of the month."),
    )
    second_occurrence = models.SmallIntegerField(
        _("second of the month"), null=True, blank=True, help_text=_("For two runs a month.")
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=NO_DAY | DAY_IN_MONTH, name="%(class)s_day_lies_within_a_month"),
            models.CheckConstraint(
                condition=models.Q(weekday__isnull=True) | models.Q(weekday__lte=6),
                name="%(class)s_weekday_lies_within_a_week",
            ),
            models.CheckConstraint(
                condition=NO_OCCURRENCE | OCCURRENCE_IN_MONTH,
                name="%(class)s_occurrence_is_one_that_every_month_has",
            ),
            models.CheckConstraint(
                condition=(BY_WEEKS & ON_A_WEEKDAY) | (~BY_WEEKS & (ON_A_DAY | ON_NTH_WEEKDAY)),
                name="%(class)s_says_on_which_day_it_falls",
            ),
        ]

    @property
    def recurrence(self) -> Recurrence:
        """Its days without the database; weeks and months are counted from the first day asked for."""
        days = (self.day_of_month, self.second_day_of_month, self.third_day_of_month)
        weekdays = (self.occurrence, self.second_occurrence)
        return Recurrence(
            self.period,
            days=tuple(day for day in days if day is not None),
            weekday=self.weekday,
            occurrences=tuple(one for one in weekdays if one is not None),
        )

    def repeat_as(self, recurrence: Recurrence) -> None:
        """Take the days of a recurrence that was checked."""
        days = [*recurrence.days, None, None, None]
        weekdays = [*recurrence.occurrences, None, None]
        self.period, self.weekday = recurrence.period, recurrence.weekday
        self.day_of_month, self.second_day_of_month, self.third_day_of_month = days[:3]
        self.occurrence, self.second_occurrence = weekdays[:2]

"""On which days entries may be dated: in an open fiscal period, not too far ahead or back (decision 18).

Read once for a set; used by imports and by the verbs that enter, change and submit.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from core.refusals import Refusal
from core.templatetags.display import day as written
from projects.models import FiscalSpan, LegalEntity

Spans = list[tuple[date, date]]


@dataclass(frozen=True)
class EntryDates:
    """Days of the fiscal periods of legal entities, and today there."""

    spans: dict[int, Spans]
    today: dict[int, date]

    @classmethod
    def of(cls, entities: Iterable[LegalEntity], at: datetime) -> "EntryDates":
        """Read what is needed for these legal entities, in one statement; `at` is now. Locks nothing."""
        by_key = {entity.pk: entity for entity in entities}
        spans: dict[int, Spans] = {pk: [] for pk in by_key}
        rows = FiscalSpan.objects.filter(legal_entity__in=by_key).order_by("starts_on")
        for pk, starts_on, ends_on in rows.values_list("legal_entity", "starts_on", "ends_on"):
            spans[pk].append((starts_on, ends_on))
        return cls(spans, {pk: entity.day_of(at) for pk, entity in by_key.items()})

    def reasons_against(
        self, entity: LegalEntity, day: date, subject: str = "", *, is_history: bool = False
    ) -> Iterator[Refusal]:
        """Why nothing may be dated on `day`, with the way out; `is_history` may reach back further.

        Codes: period-locked, period-missing, too-far-ahead, too-far-back (decision 18).
        """
        if entity.is_locked_on(day):
            yield Refusal(
                "period-locked",
                _("%(day)s lies in a closed period.") % {"day": written(day)},
                subject,
                _("Use a date after %(day)s.") % {"day": written(entity.locked_through)},
            )
        elif not self._is_covered(entity, day):
            yield Refusal(
                "period-missing",
                _("No fiscal period covers %(day)s.") % {"day": written(day)},
                subject,
                _("Use another date, or ask the controller to create the period."),
            )
        today = self.today[entity.pk]
        last = today + timedelta(days=entity.entry_days_ahead)
        first = today - timedelta(days=entity.entry_days_back)
        if day > last:
            yield Refusal(
                "too-far-ahead",
                _("%(day)s is too far ahead.") % {"day": written(day)},
                subject,
                _("The last date that can be used today is %(day)s.") % {"day": written(last)},
            )
        if day < first and not is_history:
            yield Refusal(
                "too-far-back",
                _("%(day)s is too far back.") % {"day": written(day)},
                subject,
                _("Use a date from %(day)s on, or import it with a mapping marked as history.")
                % {"day": written(first)},
            )

    def _is_covered(self, entity: LegalEntity, day: date) -> bool:
        spans = self.spans[entity.pk]
        # Periods share no day, so the last one that starts on or before the day is the only candidate.
        nth = bisect_right(spans, (day, date.max)) - 1
        return nth >= 0 and spans[nth][1] >= day

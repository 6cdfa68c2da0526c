"""A past day in two views: as it is known today, and as it was known at its end (X3)."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Q

from core.days import day_after
from projects.models import LegalEntity


@dataclass(frozen=True)
class AsOf:
    """The end of a day in the books of a legal entity.

    What is dated up to the day belongs to it. With `is_known` only what had been recorded by its end counts,
    by the clock of the legal entity: the day as somebody could have read it then.
    """

    legal_entity: LegalEntity
    day: date
    is_known: bool = False

    @property
    def until(self) -> datetime | None:
        """The moment before which a row must have been recorded; None where that does not matter."""
        if not self.is_known:
            return None
        return datetime.combine(day_after(self.day), time.min, ZoneInfo(self.legal_entity.timezone))

    def has(self, dated: str, recorded: str) -> Q:
        """Whether a row belongs to the day, by the columns that hold its date and when it was recorded."""
        belongs = Q(**{f"{dated}__lte": self.day})
        return belongs if self.until is None else belongs & Q(**{f"{recorded}__lt": self.until})

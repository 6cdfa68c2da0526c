"""Pure: what somebody wants of the runs of a contract line (B4)."""

from dataclasses import dataclass
from datetime import date

from billing.recurring import Recurrence


@dataclass(frozen=True)
class PlannedRuns:
    """When a line is invoiced and up to which day; without an end, as long as its contract."""

    recurrence: Recurrence
    starts_on: date
    ends_on: date | None = None
    cut_off_rule: str = "day_before"

"""What the database refuses about work and its actuals: J1-J6, C3, S1 of RELIABILITY 2."""

from projects.guarding import Guard, append_only, load, no_replacing
from projects.models import (
    Activity,
    Actual,
    ActualEvent,
    ActualEventSeal,
    Adjustment,
    BacklogItem,
    WorkItem,
)


def guards(vendor: str) -> list[Guard]:
    """The guards of this storey on one engine."""
    return [
        *append_only(vendor, Actual, "write a correction"),
        *append_only(vendor, WorkItem, "write an adjustment"),
        *append_only(vendor, Adjustment, "write another adjustment"),
        *append_only(vendor, ActualEvent, "write another event"),
        *append_only(vendor, ActualEventSeal, "write another event"),
        *append_only(vendor, Activity, "write another activity"),
        *no_replacing(vendor, BacklogItem),
        *load(__name__, vendor),
    ]

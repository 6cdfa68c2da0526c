"""What the database refuses about work and its actuals (J1-J6, K3, S1, I4, M4)."""

from core.guarding import Guard, append_only, load, no_replacing
from projects.models import (
    Actual,
    ActualEvent,
    ActualEventSeal,
    Adjustment,
    AgreedRate,
    BacklogItem,
    CancellationJournal,
    CancellationLine,
    CorrectionJournal,
    CorrectionLine,
    EntryJournal,
    EntryJournalLine,
    PrepaidExpiry,
    WorkItem,
)

# Their rows change by listed steps until they are final.
JOURNALS = (EntryJournal, EntryJournalLine, CancellationJournal, CancellationLine)


def guards(vendor: str) -> list[Guard]:
    """The guards of this app on one engine."""
    return [
        *append_only(vendor, Actual, "write a correction"),
        *append_only(vendor, WorkItem, "write an adjustment"),
        *append_only(vendor, Adjustment, "write another adjustment"),
        *append_only(vendor, AgreedRate, "enter another rate"),
        *append_only(vendor, ActualEvent, "write another event"),
        *append_only(vendor, CorrectionJournal, "post another correction"),
        *append_only(vendor, CorrectionLine, "post another correction"),
        *append_only(vendor, PrepaidExpiry, "correct what was billed of it"),
        *append_only(vendor, ActualEventSeal, "write another event"),
        *(guard for model in JOURNALS for guard in no_replacing(vendor, model)),
        # A backlog item moves from state to state, so it is updated; replacing it would skip the steps (I4).
        *no_replacing(vendor, BacklogItem),
        *load(__name__, vendor),
    ]

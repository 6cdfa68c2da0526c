"""Entries that are still the worker's own, drafts and what came back, and why one is not any more (A8)."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from core.refusals import Refusal
from projects.models import Entry
from projects.states import EntryStatus

OPEN_STATES = (EntryStatus.DRAFT, EntryStatus.RETURNED)


def reasons_against_open(entries: Iterable[Entry], code: str, subject: str = "") -> Iterator[Refusal]:
    """Entries that are not the worker's own any more, each with the way out.

    Code: the one that is given. The subject is the entry where none is given (A8).
    """
    for entry in entries:
        if entry.status not in OPEN_STATES:
            yield Refusal(
                code,
                _("It is “%(status)s” already.") % {"status": entry.get_status_display()},
                subject or str(entry),
                way_back_of(entry),
            )


def way_back_of(entry: Entry) -> str:
    """What its person can do about an entry that is not open any more; it depends on where it stands."""
    return {
        EntryStatus.SUBMITTED: _("Recall it first."),
        EntryStatus.APPROVED: _("Ask for it back: its approver decides."),
        EntryStatus.RECALL_REQUESTED: _("It is asked back already: its approver decides."),
        EntryStatus.CORRECTED: _("Another entry took its place: open that one."),
    }.get(EntryStatus(entry.status), "")

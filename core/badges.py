"""How every state looks: one vocabulary of word, icon and tone for the whole house (UX 6).

Words equal the labels of the enumerations. A key is a value, or `kind:value` where objects share a value
but not its meaning.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Look:
    """Word, icon of the sprite (`b-` is put before it) and tone: ok, warn, bad, info, cor or none."""

    word: str | Promise
    icon: str
    tone: str = ""


LOOKS: dict[str, Look] = {
    "draft": Look(_("Draft"), "ring"),
    "in_review": Look(_("In review"), "half", "info"),
    "scheduled": Look(_("Scheduled"), "clock", "info"),
    "processing": Look(_("Processing"), "spin", "info"),
    "confirmed": Look(_("Confirmed"), "check", "ok"),
    "posted": Look(_("Posted"), "dot", "ok"),
    "failed": Look(_("Failed"), "cross", "bad"),
    "corrective": Look(_("Corrective"), "back", "corrective"),
    "error": Look(_("Error"), "cross", "bad"),
    "not_ready": Look(_("Not ready"), "ring"),
    "ready": Look(_("Ready to invoice"), "check", "ok"),
    "on_hold": Look(_("On hold"), "alert", "warn"),
    "on_draft": Look(_("Customer invoice created"), "page", "info"),
    "billing:posted": Look(_("Customer invoice posted"), "dot"),
    "canceled": Look(_("Canceled"), "none"),
    "adjusted": Look(_("Adjusted"), "back", "corrective"),
    "in_process": Look(_("In process"), "half", "info"),
    "unadjustable": Look(_("Unadjustable"), "dash"),
    "limit:failed": Look(_("Not-to-exceed exceeded"), "cross", "bad"),
    "not_applicable": Look(_("Not applicable"), "dash"),
    "not_evaluated": Look(_("Not evaluated"), "ring"),
    "committed": Look(_("Committed"), "check", "ok"),
    "completed": Look(_("Completed"), "dot", "ok"),
    "lost": Look(_("Lost"), "cross"),
    "submitted": Look(_("Submitted"), "half", "info"),
    "approved": Look(_("Approved"), "check", "ok"),
    "returned": Look(_("Returned"), "alert", "warn"),
    "rejected": Look(_("Rejected"), "cross", "bad"),
    "recalled": Look(_("Recalled"), "back"),
    "recall_requested": Look(_("Recall requested"), "back", "warn"),
    "recall_approved": Look(_("Recall approved"), "back"),
    "recall_rejected": Look(_("Recall rejected"), "cross", "warn"),
    "not_started": Look(_("Not started"), "ring"),
    "in_progress": Look(_("In progress"), "half", "info"),
    "overdue": Look(_("Overdue"), "alert", "warn"),
    "invoice:overdue": Look(_("Overdue"), "alert", "bad"),
    "paid": Look(_("Paid"), "dot", "ok"),
    "queued": Look(_("Queued"), "clock"),
    "running": Look(_("Running"), "spin", "info"),
    "finished": Look(_("Finished"), "check", "ok"),
    "with_failures": Look(_("Finished with failures"), "alert", "warn"),
    "skipped": Look(_("Skipped: another run was active"), "dash"),
    "created": Look(_("Proforma created"), "check", "ok"),
    "nothing_to_bill": Look(_("Nothing to bill"), "dash"),
    "due:failed": Look(_("Run failed"), "cross", "bad"),
    "not_run": Look(_("Not run"), "ring"),
    "run_successful": Look(_("Run successful"), "check", "ok"),
    "run_failed": Look(_("Run failed"), "cross", "bad"),
    "complete": Look(_("Complete"), "check", "ok"),
    "ready_to_refund": Look(_("Ready to refund"), "check", "ok"),
    "refunded": Look(_("Refunded"), "dot"),
    "unrecoverable": Look(_("Unrecoverable"), "cross", "bad"),
    "invalid_actuals": Look(_("Invalid actuals"), "cross", "bad"),
    "closed": Look(_("Closed"), "none"),
    "open": Look(_("Open"), "check", "ok"),
    "pending": Look(_("Pending"), "clock"),
    "done": Look(_("Done"), "dot", "ok"),
    "flag": Look(_("Look twice"), "alert", "warn"),
    "parked": Look(_("Parked"), "alert", "warn"),
}

DEEDS: dict[str, str | Promise] = {
    "added": pgettext_lazy("deed", "added"),
    "approved": pgettext_lazy("deed", "approved"),
    "books created": pgettext_lazy("deed", "books created"),
    "changed": pgettext_lazy("deed", "changed"),
    "closed": pgettext_lazy("deed", "closed"),
    "completed": pgettext_lazy("deed", "completed"),
    "confirmed": pgettext_lazy("deed", "confirmed"),
    "deleted": pgettext_lazy("deed", "deleted"),
    "draft": pgettext_lazy("deed", "draft"),
    "drafted": pgettext_lazy("deed", "drafted"),
    "edited": pgettext_lazy("deed", "edited"),
    "entered": pgettext_lazy("deed", "entered"),
    "finished": pgettext_lazy("deed", "finished"),
    "held": pgettext_lazy("deed", "held"),
    "imported": pgettext_lazy("deed", "imported"),
    "in review": pgettext_lazy("deed", "in review"),
    "locked": pgettext_lazy("deed", "locked"),
    "lost": pgettext_lazy("deed", "lost"),
    "not ready": pgettext_lazy("deed", "not ready"),
    "on hold": pgettext_lazy("deed", "on hold"),
    "planned": pgettext_lazy("deed", "planned"),
    "posted": pgettext_lazy("deed", "posted"),
    "printed": pgettext_lazy("deed", "printed"),
    "proposed": pgettext_lazy("deed", "proposed"),
    "ready": pgettext_lazy("deed", "ready"),
    "recalled": pgettext_lazy("deed", "recalled"),
    "reduced": pgettext_lazy("deed", "reduced"),
    "removed": pgettext_lazy("deed", "removed"),
    "reopened": pgettext_lazy("deed", "reopened"),
    "requested": pgettext_lazy("deed", "requested"),
    "returned": pgettext_lazy("deed", "returned"),
    "reviewed": pgettext_lazy("deed", "reviewed"),
    "scheduled": pgettext_lazy("deed", "scheduled"),
    "submitted": pgettext_lazy("deed", "submitted"),
    "terms changed": pgettext_lazy("deed", "terms changed"),
    "tried-again": pgettext_lazy("deed", "tried again"),
}
"""The verbs of the activity log in words."""


def look_of(state: Any, kind: str = "") -> Look:
    """Look of a state by kind and value; an unknown state shows its own label, neutral."""
    value = getattr(state, "value", state)
    found = LOOKS.get(f"{kind}:{value}") or LOOKS.get(str(value))
    label = getattr(state, "label", None)
    if found is None:
        return Look(label or str(value).replace("_", " ").capitalize(), "ring")
    return Look(label or found.word, found.icon, found.tone)


def deed_of(verb: str) -> str:
    """What a verb of the activity log did, in the reader's language; an unknown verb speaks for itself."""
    return str(DEEDS.get(verb, verb))

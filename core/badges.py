"""How every state is shown: one word, icon and tone for each, on every page.

Words equal the labels of the enumerations. A key is a value, or `kind:value` where objects share a value
but not its meaning.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Badge:
    """Word, icon of the sprite (`b-` is put before it) and tone: ok, warn, bad, info or none."""

    word: str | Promise
    icon: str
    tone: str = ""


BADGES: dict[str, Badge] = {
    "active": Badge(_("Active"), "check", "ok"),
    "switched_off": Badge(_("Switched off"), "dash"),
    "invited": Badge(_("Not used yet"), "clock"),
    "setup:done": Badge(_("Done"), "check", "ok"),
    "setup:gap": Badge(_("Done, with a gap"), "alert", "warn"),
    "setup:next": Badge(_("Next"), "half", "info"),
    "setup:can": Badge(_("Can start now"), "ring"),
    "setup:later": Badge(_("Waits"), "clock"),
    "draft": Badge(_("Draft"), "ring"),
    "in_review": Badge(_("In review"), "half", "info"),
    "confirmed": Badge(_("Confirmed"), "check", "ok"),
    "posted": Badge(_("Posted"), "dot", "ok"),
    "failed": Badge(_("Failed"), "cross", "bad"),
    "error": Badge(_("Error"), "cross", "bad"),
    "not_ready": Badge(_("Not ready"), "ring"),
    "ready": Badge(_("Ready to invoice"), "check", "ok"),
    "blocked": Badge(_("Blocked"), "alert", "warn"),
    "on_hold": Badge(_("On hold"), "alert", "warn"),
    "on_draft": Badge(_("On draft"), "page", "info"),
    "available": Badge(_("Available"), "check", "ok"),
    "used_up": Badge(_("Used up"), "dot"),
    "to_refund": Badge(_("Ready to refund"), "back", "warn"),
    "refunded": Badge(_("Refunded"), "back"),
    "billing:posted": Badge(_("Invoiced"), "dot"),
    "in_process": Badge(_("In process"), "half", "warn"),
    "discarded": Badge(_("Discarded"), "dash"),
    "adjusted": Badge(_("Adjusted"), "back"),
    "unadjustable": Badge(_("Unadjustable"), "dash"),
    "limit:failed": Badge(_("Not-to-exceed exceeded"), "cross", "bad"),
    "committed": Badge(_("Committed"), "check", "ok"),
    "not_evaluated": Badge(_("Not evaluated"), "clock", "warn"),
    "not_applicable": Badge(_("Not applicable"), "dash"),
    "submitted": Badge(_("Submitted"), "half", "info"),
    "approved": Badge(_("Approved"), "check", "ok"),
    "returned": Badge(_("Sent back"), "alert", "warn"),
    "rejected": Badge(_("Sent back"), "cross", "bad"),
    "recalled": Badge(_("Recalled"), "back"),
    "recall_requested": Badge(_("Asked back"), "back", "warn"),
    "cancelled": Badge(_("Cancelled"), "back"),
    "replaced": Badge(_("Replaced"), "back"),
    "corrected": Badge(_("Corrected"), "back"),
    "completed": Badge(_("Completed"), "dot", "ok"),
    "lost": Badge(_("Lost"), "cross"),
    "in_force": Badge(_("In force"), "check", "ok"),
    "to_come": Badge(_("Not yet in force"), "clock", "info"),
    "ended": Badge(_("Ended"), "dash"),
    "withdrawn": Badge(_("Withdrawn"), "cross"),
    "in_progress": Badge(_("In progress"), "half", "info"),
    "not_started": Badge(_("Not started"), "ring"),
    "overdue": Badge(_("Overdue"), "alert", "warn"),
    "queued": Badge(_("Queued"), "clock"),
    "running": Badge(_("Running"), "spin", "info"),
    "finished": Badge(_("Finished"), "check", "ok"),
    "with_failures": Badge(_("Finished with failures"), "alert", "warn"),
    "skipped": Badge(_("Skipped: another run was active"), "dash"),
    "created": Badge(_("Proforma created"), "check", "ok"),
    "nothing_to_bill": Badge(_("Nothing to bill"), "dash"),
    "left_out": Badge(_("Left out"), "alert", "warn"),
    "stopped": Badge(_("Stopped"), "dash"),
    "due:failed": Badge(_("Run failed"), "cross", "bad"),
    "not_run": Badge(_("Not run"), "ring"),
    "run_successful": Badge(_("Run successful"), "check", "ok"),
    "run_failed": Badge(_("Run failed"), "cross", "bad"),
    "why:over_limit": Badge(_("Not-to-exceed exceeded"), "cross", "bad"),
    "why:no_price": Badge(_("No price"), "cross", "bad"),
    "why:run_failed": Badge(_("Its run failed"), "cross", "bad"),
    "why:not_covered": Badge(_("No contract covers it"), "cross", "bad"),
    "why:contract_on_hold": Badge(_("Contract is on hold"), "alert", "warn"),
    "why:contract_draft": Badge(_("Contract is a draft"), "alert", "warn"),
    "why:contract_ended": Badge(_("Contract has ended"), "alert", "warn"),
    "why:payer_on_hold": Badge(_("Customer is on hold"), "alert", "warn"),
    "why:closed_period": Badge(_("Period is closed"), "alert", "warn"),
    "why:in_process": Badge(_("About to be cancelled"), "half", "warn"),
    "why:returned": Badge(_("Sent back"), "alert", "warn"),
    "why:waits_for_approval": Badge(_("Waits for approval"), "half", "info"),
    "why:waits_for_run": Badge(_("Waits for its run"), "clock", "ok"),
    "why:after_cut_off": Badge(_("After the next cut-off"), "clock"),
    "why:not_scheduled": Badge(_("Ready, nothing scheduled"), "check", "warn"),
    "why:invoiced": Badge(_("Invoiced"), "dot", "ok"),
    "why:not_posted": Badge(_("Confirmed, not posted"), "check", "info"),
    "closed": Badge(_("Closed"), "none"),
    "open": Badge(_("Open"), "check", "ok"),
    "pending": Badge(_("Pending"), "clock"),
    "done": Badge(_("Done"), "dot", "ok"),
    "reading": Badge(_("Being read"), "spin", "info"),
    "preview": Badge(_("Preview, nothing saved yet"), "ring"),
    "importing": Badge(_("Being imported"), "spin", "info"),
    "imported": Badge(_("Imported"), "check", "ok"),
    "row:new": Badge(_("New"), "check", "ok"),
    "row:changed": Badge(_("Changed"), "back", "info"),
    "row:left_out": Badge(_("Left out"), "dash"),
    "row:known": Badge(_("Known"), "dot"),
    "row:error": Badge(_("Error"), "cross", "bad"),
    "billing_type:1": Badge(_("Chargeable"), "check", "ok"),
    "billing_type:2": Badge(_("Non-chargeable"), "dash"),
    "billing_type:3": Badge(_("Complimentary"), "dash"),
    "billing_type:4": Badge(_("Not available"), "cross", "bad"),
    "flag": Badge(_("Flagged"), "alert", "warn"),
    "parked": Badge(_("Parked"), "alert", "warn"),
}

ACTION_LABELS: dict[str, str | Promise] = {
    "added": pgettext_lazy("action", "added"),
    "applied": pgettext_lazy("action", "advance applied"),
    "to be refunded": pgettext_lazy("action", "to be refunded"),
    "kept": pgettext_lazy("action", "kept"),
    "approved": pgettext_lazy("action", "approved"),
    "return undone": pgettext_lazy("action", "sending back undone"),
    "recall requested": pgettext_lazy("action", "asked back"),
    "recall refused": pgettext_lazy("action", "left approved"),
    "recall accepted": pgettext_lazy("action", "given back"),
    "limit reset": pgettext_lazy("action", "limit reset"),
    "limit exceeded": pgettext_lazy("action", "held back by a limit"),
    "limit checked": pgettext_lazy("action", "limit checked"),
    "approval undone": pgettext_lazy("action", "approval undone"),
    "approval cancelled": pgettext_lazy("action", "approval cancelled"),
    "books created": pgettext_lazy("action", "books created"),
    "changed": pgettext_lazy("action", "changed"),
    "closed": pgettext_lazy("action", "closed"),
    "completed": pgettext_lazy("action", "completed"),
    "confirmed": pgettext_lazy("action", "confirmed"),
    "copied": pgettext_lazy("action", "copied"),
    "created": pgettext_lazy("action", "created"),
    "corrected": pgettext_lazy("action", "corrected"),
    "deleted": pgettext_lazy("action", "deleted"),
    "discarded": pgettext_lazy("action", "discarded"),
    "draft": pgettext_lazy("action", "draft"),
    "drafted": pgettext_lazy("action", "drafted"),
    "edited": pgettext_lazy("action", "edited"),
    "ended": pgettext_lazy("action", "ended"),
    "entered": pgettext_lazy("action", "entered"),
    "finished": pgettext_lazy("action", "finished"),
    "stopped": pgettext_lazy("action", "stopped"),
    "fiscal year added": pgettext_lazy("action", "fiscal year added"),
    "held": pgettext_lazy("action", "held"),
    "imported": pgettext_lazy("action", "imported"),
    "in review": pgettext_lazy("action", "in review"),
    "invited": pgettext_lazy("action", "invited"),
    "line added": pgettext_lazy("action", "line added"),
    "line removed": pgettext_lazy("action", "line removed"),
    "locked": pgettext_lazy("action", "locked"),
    "lost": pgettext_lazy("action", "lost"),
    "next part set": pgettext_lazy("action", "next part set"),
    "not ready": pgettext_lazy("action", "not ready"),
    "on hold": pgettext_lazy("action", "on hold"),
    "password changed": pgettext_lazy("action", "password changed"),
    "planned": pgettext_lazy("action", "planned"),
    "billing type changed": pgettext_lazy("action", "billing type changed"),
    "described": pgettext_lazy("action", "described"),
    "divided": pgettext_lazy("action", "divided"),
    "correction started": pgettext_lazy("action", "correction started"),
    "correction added": pgettext_lazy("action", "correction added"),
    "being corrected": pgettext_lazy("action", "correction drafted"),
    "posted": pgettext_lazy("action", "posted"),
    "priced again": pgettext_lazy("action", "priced again"),
    "prices set": pgettext_lazy("action", "prices set"),
    "printed": pgettext_lazy("action", "printed"),
    "proposed": pgettext_lazy("action", "proposed"),
    "re-evaluated": pgettext_lazy("action", "evaluated again"),
    "read again": pgettext_lazy("action", "read again"),
    "ready": pgettext_lazy("action", "ready"),
    "recalled": pgettext_lazy("action", "recalled"),
    "receipt removed": pgettext_lazy("action", "receipt removed"),
    "reduced": pgettext_lazy("action", "reduced"),
    "released": pgettext_lazy("action", "released"),
    "moved": pgettext_lazy("action", "moved to other days"),
    "lines removed": pgettext_lazy("action", "lines removed"),
    "removed": pgettext_lazy("action", "removed"),
    "reopened": pgettext_lazy("action", "reopened"),
    "requested": pgettext_lazy("action", "requested"),
    "resumed": pgettext_lazy("action", "resumed"),
    "returned": pgettext_lazy("action", "sent back"),
    "reviewed": pgettext_lazy("action", "reviewed"),
    "scheduled": pgettext_lazy("action", "scheduled"),
    "submitted": pgettext_lazy("action", "submitted"),
    "terms changed": pgettext_lazy("action", "terms changed"),
    "withdrawn": pgettext_lazy("action", "withdrawn"),
    "tried-again": pgettext_lazy("action", "tried again"),
}
"""The verbs of the activity log in words."""


def badge_of(state: object, kind: str = "") -> Badge:
    """The badge of a state by kind and value; an unknown state shows its own label, neutral."""
    value = getattr(state, "value", state)
    badge = BADGES.get(f"{kind}:{value}") or BADGES.get(str(value))
    label = getattr(state, "label", None)
    if badge is None:
        return Badge(label or str(value).replace("_", " ").capitalize(), "ring")
    return Badge(label or badge.word, badge.icon, badge.tone)


def action_label_of(verb: str) -> str:
    """What a verb of the activity log did, in the reader's language; an unknown verb is shown as it is."""
    return str(ACTION_LABELS.get(verb, verb))

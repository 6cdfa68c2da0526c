"""Change what invoices will say of unbilled work (B1)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import Changes, log_activity
from core.refusals import Refusal, refuse_if
from projects.backlog_decisions import write_decided
from projects.models import BacklogItem
from projects.models.backlog import LONGEST_DESCRIPTION
from projects.querysets import BacklogQuerySet
from projects.states import BillingStatus


def describe_work(items: BacklogQuerySet, text: str, *, actor: User, at: datetime) -> int:
    """Set the description that drafts will print for open work; empty is the one that was recorded.

    Amounts and the recorded description stay. Returns how many items say something else now. Locks the items.
    Raises Refused: nothing-selected, description-too-long, on-draft (B1).
    """
    text = " ".join(text.split())
    with transaction.atomic(durable=True):
        chosen = list(items.select_related("work_item").locked())
        refuse_if([*_reasons_against_text(text, chosen), *_on_drafts(chosen)])

        changes: dict[int, Changes] = {}
        changed = []
        for item in chosen:
            before = item.external_description or item.work_item.external_description
            after = text or item.work_item.external_description
            # What says the same as was recorded needs no words of its own.
            own = "" if after == item.work_item.external_description else after
            if own != item.external_description:
                item.external_description = own
                changed.append(item)
                changes[item.work_item_id] = {"external_description": [before, after]}
        write_decided(changed)
        work_items = {item.work_item_id: item.work_item for item in changed}
        log_activity("described", work_items.values(), actor=actor, at=at, changes=changes)
    return len(changed)


def _reasons_against_text(text: str, chosen: Sequence[BacklogItem]) -> Iterable[Refusal]:
    if len(text) > LONGEST_DESCRIPTION:
        message = _("A description has at most %(most)s characters; this one has %(count)s.")
        facts = {"most": LONGEST_DESCRIPTION, "count": len(text)}
        yield Refusal("description-too-long", message % facts, "", _("Shorten it."))
    if not chosen:
        message = _("None of the chosen work is in the backlog any more.")
        yield Refusal("nothing-selected", message, "", _("Reload the page to see what has changed."))


def _on_drafts(items: Iterable[BacklogItem]) -> Iterable[Refusal]:
    for item in items:
        if item.status == BillingStatus.ON_DRAFT:
            message = _("It is on draft %(number)s.") % {"number": item.proforma_number}
            way_out = _("Change the description there, or take it off the draft first.")
            yield Refusal("on-draft", message, str(item.work_item), way_out)

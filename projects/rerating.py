"""Price approved work again that is not billed yet: reversal and replacement (B11)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import Changes, as_text, log_activity
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from projects.approval_querysets import ApprovalQuerySet
from projects.models import Approval, Entry, PriceList, ProjectContract
from projects.prepaid_reckoning import count_prepaid_hours
from projects.recording import seal_events
from projects.replacing import lock_open_work, open_events, replace_approvals, work_items_of
from projects.rerating_preview import PRICED, Change, Rerating, rerating_of
from projects.states import EventKind


def rerate_work(
    approvals: ApprovalQuerySet,
    *,
    reason: str,
    expected: str,
    prices: PriceList | None = None,
    actor: User,
    on: date,
    at: datetime,
) -> Rerating:
    """Reverse and replace approved, unbilled work whose price is another one today; the rest stays as it is.

    With `prices` those of one list are taken as if it held on every day. Only prices change: contract line,
    quantities, billing type and decision stay. What is on a draft, billed in part or asked for back is left
    out and named, and so is work of contracts that have ended. `expected` is the digest of the preview that
    was shown. Amounts are rounded once to the minor unit of their currencies; reversals are dated as their
    originals, or `on` where that day is closed. What was decided on the backlog stays; what was ready becomes
    not ready, so that somebody looks at the new amount. One event for each legal entity. Locks the contracts,
    the approvals, their entries, then the backlog items. Raises Refused: reason-missing, not-as-previewed,
    nothing-to-rate (B11).
    """
    with transaction.atomic(durable=True):
        # Contracts come first (D10), as in approving: none of them is lost while its work is written again.
        contracts = approvals.order_by().values("contract_line__contract")
        list(ProjectContract.objects.filter(pk__in=contracts).only("pk").locked())
        asked = Approval.objects.filter(pk__in=approvals.order_by().values("pk")).approved()
        chosen = list(asked.locked())
        list(Entry.objects.filter(approvals__in=asked).locked())
        lock_open_work(work_items_of(chosen))
        # Computed again under the locks: from here on nobody changes the work or takes it on a draft.
        rerating = rerating_of(asked, prices=prices)
        refuse_if([*_reason_missing(reason), *_not_possible(rerating, expected)])

        _replace(rerating.changes, actor=actor, on=on, at=at)
        _log(rerating.changes, reason, actor=actor, at=at)
    return rerating


def _replace(changes: Sequence[Change], *, actor: User, on: date, at: datetime) -> None:
    entities = [one.old.entry.legal_entity for one in changes]
    events = open_events(EventKind.RE_RATING, entities, actor=actor, on=on, at=at)
    replace_approvals([(one.old, one.new) for one in changes], events, on=on, keeps_quantities=True)
    seal_events(events.values())
    count_prepaid_hours((one.new.contract_line_id for one in changes), actor=actor, on=on, at=at)
    # The integration journal takes reversals and replacements over after the commit (O1).
    enqueue("actuals-recorded", [event.pk for event in events.values()], at=at)


def _log(changes: Sequence[Change], reason: str, *, actor: User, at: datetime) -> None:
    """What changed of each entry, old and new price and amount, with the reason."""
    facts: dict[int, Changes] = {}
    for one in changes:
        pairs = {name: (getattr(one.old, name), getattr(one.new, name)) for name in PRICED}
        facts[one.old.entry_id] = {
            name: [as_text(old), as_text(new)] for name, (old, new) in pairs.items() if old != new
        }
    entries = [one.old.entry for one in changes]
    log_activity("priced again", entries, actor=actor, at=at, changes=facts, facts={"reason": reason})


def _reason_missing(reason: str) -> Iterable[Refusal]:
    if not reason.strip():
        yield Refusal("reason-missing", _("Give the reason for pricing it again."))


def _not_possible(rerating: Rerating, expected: str) -> Iterable[Refusal]:
    if not rerating.changes:
        message = _("None of the chosen work has another price today.")
        yield Refusal("nothing-to-rate", message, "", _("Change a price first, or choose other work."))
    elif rerating.digest != expected:
        message = _("The result has changed since the preview.")
        yield Refusal("not-as-previewed", message, "", _("Show the preview again."))

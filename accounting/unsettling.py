"""Undo settlements: what they settled is open again, and the history keeps both (C11)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import CustomerTransaction, Settlement
from accounting.posting_context import posting_contexts_of
from accounting.receivable_checks import Contexts, reasons_against_day
from accounting.receivable_querysets import SettlementQuerySet
from accounting.receivable_undoing import undo, whole_acts
from core.activity_log import as_text, log_activity
from core.refusals import Refusal, refuse_if


def unsettle(settlements: SettlementQuerySet, *, reason: str, actor: User, at: datetime) -> int:
    """Undo settlements, with the write-offs and exchange differences that were posted for them.

    Amounts are those of the settlements, negated, in both currencies. Each is undone on its own day, or on
    the next open day where its period is closed. Locks both sides of each, then the number series.
    Statements do not depend on how many. Returns how many were undone. Raises Refused: nothing-chosen,
    already-undone, reason-missing, period-closed (C11).
    """
    with transaction.atomic(durable=True):
        chosen = list(settlements.order_by("pk"))
        keys = {key for one in chosen for key in (one.debit_id, one.credit_id)}
        list(CustomerTransaction.objects.filter(pk__in=keys).locked())
        # Read again under the locks: somebody may have undone them while these were waited for.
        standing = whole_acts(Settlement.objects.standing().filter(pk__in=[one.pk for one in chosen]))
        contexts = posting_contexts_of(one.debit.legal_entity for one in standing)
        refuse_if(_reasons_against(chosen, standing, contexts, reason))

        undone = undo(standing, contexts, reason=reason, actor=actor, at=at)
        facts = {"reason": reason}
        own = {one.pk: {"amount": as_text(one.amount)} for one in undone}
        log_activity("unsettled", undone, actor=actor, at=at, facts=facts, own_facts=own)
    return len(undone)


def _reasons_against(
    chosen: Sequence[Settlement], standing: Sequence[Settlement], contexts: Contexts, reason: str
) -> Iterator[Refusal]:
    if not chosen:
        yield Refusal("nothing-chosen", _("No settlement was chosen."), way_out=_("Choose what to undo."))
    if not reason.strip():
        way_out = _("Say in a few words why.")
        yield Refusal("reason-missing", _("A settlement is undone for a reason."), way_out=way_out)
    stands = {one.pk for one in standing}
    for one in chosen:
        if one.pk not in stands:
            message = _("It is undone already, or undoes another one.")
            yield Refusal("already-undone", message, str(one), _("Reload the page."))
    for one in standing:
        context = contexts[one.debit.legal_entity_id]
        yield from reasons_against_day(context.open_day_from(one.date), context, str(one))

"""Move cost from the balance to profit and loss, for work that no invoice will recognise (P16)."""

from collections.abc import Iterator
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.cost_moves import CostMove, held_costs, plan_cost_move, write_cost_move
from accounting.models import IntegrationJournalLine
from accounting.posting_context import posting_contexts_of
from accounting.querysets import JournalLineQuerySet
from core.activity_log import log_activity
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from projects.broken_books import reasons_while_broken
from projects.models import LegalEntity


def move_costs(lines: JournalLineQuerySet, *, on: date, actor: User, at: datetime) -> int:
    """Debit project cost with what lines hold in the balance, on a day; all that hold anything, or none.

    Amounts are those of the vouchers that hold them, at their rates. Lines that hold nothing, because their
    cost was moved, taken back or never held, are left out. Locks the lines, then the number series. Returns
    how many moved. Raises Refused: books-broken, nothing-held, period-closed, account-missing (P16, X6).
    """
    with transaction.atomic(durable=True):
        keys = [line.pk for line in held_costs(lines).locked()]
        chosen = held_costs(IntegrationJournalLine.objects.filter(pk__in=keys))
        entities = LegalEntity.objects.filter(pk__in=chosen.values("journal__legal_entity")).order_by("pk")
        contexts = posting_contexts_of(entities).values()
        refuse_if([*reasons_while_broken(entities), *_nothing_held(keys)])
        refuse_if(_closed(context.legal_entity, on) for context in contexts if not context.is_open_on(on))
        plans = [
            plan_cost_move(chosen.filter(journal__legal_entity=one.legal_entity), one, on) for one in contexts
        ]
        refuse_if(refusal for plan in plans if isinstance(plan, list) for refusal in plan)

        moved = sum(write_cost_move(one, actor=actor, at=at) for one in plans if isinstance(one, CostMove))
        log_activity(
            "cost moved",
            list(IntegrationJournalLine.objects.filter(pk__in=keys)),
            actor=actor,
            at=at,
            facts={"on": str(on)},
        )
    return moved


def _nothing_held(keys: list[int]) -> Iterator[Refusal]:
    if not keys:
        message = _("None of these lines holds cost in the balance.")
        yield Refusal("nothing-held", message, way_out=_("Choose posted lines with cost in the balance."))


def _closed(entity: LegalEntity, on: date) -> Refusal:
    message = _("%(day)s lies in a closed period.") % {"day": written(on)}
    return Refusal("period-closed", message, str(entity), _("Choose a date in an open period."))

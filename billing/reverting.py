"""Take back edits of details: they say again what their actual says (B7)."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from billing.changing_drafts import frozen, lock_details
from billing.models import InvoiceLineDetail
from billing.querysets import DetailQuerySet
from billing.retainer_details import apply_again
from billing.states import Remainder
from billing.totalling import add_up
from core.activity_log import Changes, as_text, log_activity
from core.refusals import refuse_if

TERMS = ("quantity", "price", "amount", "billing_type")


def revert_details(details: DetailQuerySet, *, actor: User, at: datetime) -> int:
    """Restore quantity, price, amount and billing type of edited details from their actuals.

    Texts and tax group stay; details that were not edited are left out. Advances that an edit left less to
    pay for are applied again. Totals and estimated tax are added up again, in the draft's currency. Locks the
    proformas, the details, then the retainers. Returns how many were reverted.
    Raises Refused: frozen (B7, decision 3).
    """
    with transaction.atomic(durable=True):
        proformas, chosen = lock_details(details.edited(), "actual", "line__proforma")
        refuse_if(frozen(proformas))

        changes = {detail.pk: _back_to_actual(detail) for detail in chosen}
        InvoiceLineDetail.objects.bulk_update(chosen, [*TERMS, "remainder"], batch_size=200)
        apply_again(proformas)
        add_up(proformas, by=actor)
        log_activity("reverted", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def _back_to_actual(detail: InvoiceLineDetail) -> Changes:
    """Change a detail in memory; old and new value of each term."""
    changes: Changes = {}
    # Nothing is left of it that could be written off or kept.
    detail.remainder = Remainder.WRITE_OFF
    for name in TERMS:
        old, new = getattr(detail, name), getattr(detail.actual, name)
        setattr(detail, name, new)
        if old != new:
            changes[name] = [as_text(old), as_text(new)]
    return changes

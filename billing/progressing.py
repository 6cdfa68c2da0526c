"""Say which part of a milestone is invoiced next: in percent or as an amount, for each customer (B2)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from billing.next_parts import NextParts
from billing.querysets import MilestoneShareQuerySet
from core.refusals import refuse_if


def set_next_parts(
    shares: MilestoneShareQuerySet,
    amounts: Mapping[int, Decimal | None],
    *,
    actor: User,
    at: datetime,
) -> int:
    """Set what the next invoice asks for of each share; what is left of it waits for a later one.

    `amounts` are by the key of the share, in its contract's currency; None is all that is open. Whether a
    share is ready stays. Returns how many shares ask for something else now. Locks the contracts, then the
    shares. Raises Refused: share-missing, on-draft, invoiced, amount-not-positive, below-minor-unit,
    above-what-is-left (B2).
    """
    parts = NextParts(shares, amounts)
    with transaction.atomic(durable=True):
        held = parts.lock()
        refuse_if(parts.reasons(held))
        return parts.store(held, actor=actor, at=at)

"""Say which part of a milestone is invoiced next: in percent or as an amount, for each customer (B2)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import MilestoneShare
from billing.next_parts import reasons_against
from billing.querysets import MilestoneShareQuerySet
from core.activity_log import Changes, as_text, log_activity
from core.refusals import Refusal, refuse_if
from projects.models import ProjectContract

BATCH = 500


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
    with transaction.atomic(durable=True):
        # Contracts first (D10): who drafts them waits, and asks for the part that is chosen here.
        chosen = shares.filter(pk__in=list(amounts))
        keys = chosen.order_by().values("milestone__contract_line__contract")
        list(ProjectContract.objects.filter(pk__in=keys).only("pk").locked())
        related = ("milestone__contract_line__contract", "customer")
        held = list(chosen.select_related(*related).locked())
        refuse_if([*_missing(held, amounts), *_reasons(held, amounts)])

        changes: dict[int, Changes] = {}
        changed = []
        for share in held:
            before, after = share.next_amount, amounts[share.pk]
            if before != after:
                share.next_amount = after
                changed.append(share)
                changes[share.pk] = {"next_amount": [as_text(before), as_text(after)]}
        MilestoneShare.objects.bulk_update(changed, ["next_amount"], batch_size=BATCH)
        log_activity("next part set", changed, actor=actor, at=at, changes=changes)
    return len(changed)


def _missing(held: Sequence[MilestoneShare], amounts: Mapping[int, Decimal | None]) -> Iterable[Refusal]:
    if len(held) != len(amounts):
        message = _("One of the milestones is not there any more.")
        yield Refusal("share-missing", message, "", _("Reload the page to see what has changed."))


def _reasons(held: Sequence[MilestoneShare], amounts: Mapping[int, Decimal | None]) -> Iterable[Refusal]:
    for share in held:
        yield from reasons_against(share, amounts[share.pk])

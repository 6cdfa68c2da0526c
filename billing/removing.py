"""Take details off drafts and delete drafts: what they claimed is ready to invoice again (decision 5)."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from billing.changing_drafts import frozen, lock_details
from billing.models import InvoiceLineDetail, MilestoneShare, Proforma
from billing.querysets import DetailQuerySet, ProformaQuerySet
from billing.totalling import add_up
from core.activity_log import log_activity, states_of
from core.refusals import refuse_if
from projects.models import BacklogItem


def remove_details(details: DetailQuerySet, *, actor: User, at: datetime) -> int:
    """Take details off their drafts; what they claimed is ready to invoice again (decision 5).

    Locks the proformas, then the details. Raises Refused: frozen (B7).
    """
    with transaction.atomic(durable=True):
        proformas, chosen = lock_details(details)
        refuse_if(frozen(proformas))

        _release(chosen)
        log_activity("removed", chosen, actor=actor, at=at)
        # The details are gone: what is left to be read is the history of the proforma.
        log_activity("reduced", proformas, actor=actor, at=at, facts={"details": len(chosen)})
        InvoiceLineDetail.objects.filter(pk__in=[detail.pk for detail in chosen]).delete()
        add_up(proformas)
    return len(chosen)


def delete_drafts(proformas: ProformaQuerySet, *, actor: User, at: datetime) -> int:
    """Delete open proformas; everything they claimed is ready to invoice again (decision 5).

    Locks the proformas. Raises Refused: frozen (B7).
    """
    with transaction.atomic(durable=True):
        chosen = list(proformas.locked())
        refuse_if(frozen(chosen))

        # Released before they are deleted: afterwards nothing would say what they had claimed.
        claimed = InvoiceLineDetail.objects.filter(line__proforma__in=chosen)
        _release(list(claimed.only("actual", "milestone_share")))
        log_activity("deleted", chosen, actor=actor, at=at, from_states=states_of(chosen))
        claimed.delete()
        Proforma.objects.filter(pk__in=[one.pk for one in chosen]).delete()
    return len(chosen)


def _release(details: list[InvoiceLineDetail]) -> None:
    actuals = [detail.actual_id for detail in details if detail.actual_id is not None]
    shares = [detail.milestone_share_id for detail in details if detail.milestone_share_id is not None]
    items = list(BacklogItem.objects.filter(pk__in=actuals))
    BacklogItem.objects.walk(items, BacklogItem.release, proforma_number="")
    MilestoneShare.objects.walk(list(MilestoneShare.objects.filter(pk__in=shares)), MilestoneShare.release)

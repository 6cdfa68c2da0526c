"""Take details off drafts and delete drafts: what they claimed is ready to invoice again (decision 5).

What was taken off is kept with its edits; `billing/putting_back.py` puts it back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from billing.applied_advances import forget_less
from billing.changing_drafts import frozen, lock_details
from billing.discounts import drop_discounts_of
from billing.models import InvoiceLine, InvoiceLineDetail, MilestoneShare, Proforma, Removal
from billing.models.removal import columns_of
from billing.querysets import DetailQuerySet, ProformaQuerySet
from billing.retainer_details import release_retainers
from billing.retentions import drop_retentions_of
from billing.totalling import add_up
from core.activity_log import as_text, log_activity, states_of, went_with
from core.money import ZERO
from core.refusals import refuse_if
from projects.models import BacklogItem, ProjectContract
from projects.prepaid_reckoning import count_prepaid_hours_of, lock_prepaid
from projects.states import BillingType

BATCH = 500


def remove_details(details: DetailQuerySet, *, actor: User, at: datetime) -> int:
    """Take details off their drafts; what they claimed is ready to invoice again (decision 5).

    What takes billed sales back leaves with what stays billed instead, and a discount leaves as a whole. A
    draft that is left empty stays. A removal for each draft keeps what it held. The prepaid hours of the
    contracts are counted again (A12). Locks contracts that have such hours, the proformas, then the details.
    Returns how many details left. Raises Refused: frozen (B7).
    """
    with transaction.atomic(durable=True):
        keys = details.order_by().values("pk")
        granted = details.order_by().filter(discount__isnull=False).values("discount")
        both = InvoiceLineDetail.objects.filter(
            Q(pk__in=keys) | Q(replaces__in=keys) | Q(discount__in=granted)
        )
        prepaid = _locked_prepaid(Proforma.objects.filter(lines__details__in=keys))
        proformas, chosen = lock_details(both, "line", "discount", "retention")
        refuse_if(frozen(proformas))

        _keep(proformas, chosen, {}, actor, at)
        _release(chosen)
        _forget_less(proformas, chosen)
        values = went_with(chosen, "quantity", "price", "amount")
        log_activity("removed", chosen, actor=actor, at=at, changes=values)
        before = {one.pk: as_text(one.net_amount) for one in proformas}
        drop_discounts_of(chosen)
        drop_retentions_of(chosen)
        InvoiceLineDetail.objects.filter(pk__in=[detail.pk for detail in chosen]).delete()
        add_up(proformas, by=actor)
        # The details are gone: what is left to be read is the history of the proforma.
        changes = {one.pk: {"net_amount": [before[one.pk], as_text(one.net_amount)]} for one in proformas}
        log_activity(
            "reduced", proformas, actor=actor, at=at, changes=changes, facts={"details": len(chosen)}
        )
        count_prepaid_hours_of(prepaid, actor=actor, at=at)
    return len(chosen)


def delete_drafts(proformas: ProformaQuerySet, *, actor: User, at: datetime) -> int:
    """Delete open proformas; everything they claimed is ready to invoice again (decision 5).

    A removal for each keeps the draft, its lines and its details. The prepaid hours of the contracts are
    counted again (A12). Locks contracts that have such hours, the proformas, then the details.
    Returns how many drafts. Raises Refused: frozen (B7).
    """
    with transaction.atomic(durable=True):
        prepaid = _locked_prepaid(proformas)
        chosen = list(proformas.locked())
        refuse_if(frozen(chosen))

        # Kept and released before they are deleted: afterwards nothing would say what they had claimed.
        claimed = InvoiceLineDetail.objects.filter(line__proforma__in=chosen)
        details = list(claimed.select_related("line", "discount", "retention").locked())
        _keep(chosen, details, _headings(chosen), actor, at)
        _release(details)
        log_activity("deleted", chosen, actor=actor, at=at, from_states=states_of(chosen))
        claimed.delete()
        Proforma.objects.filter(pk__in=[one.pk for one in chosen]).delete()
        count_prepaid_hours_of(prepaid, actor=actor, at=at)
    return len(chosen)


def _locked_prepaid(drafts: ProformaQuerySet) -> list[int]:
    """The contracts with prepaid hours among those of drafts, locked first (D10)."""
    contracts = ProjectContract.objects.filter(pk__in=drafts.order_by().values("contract"))
    return [contract.pk for contract in lock_prepaid(contracts)]


def _forget_less(drafts: Sequence[Proforma], details: Sequence[InvoiceLineDetail]) -> None:
    """What somebody takes off does not come back by itself, with whatever else comes back."""
    by_key = {draft.pk: draft for draft in drafts}
    for detail in details:
        if detail.retainer_id is not None:
            forget_less(by_key[detail.line.proforma_id], [detail.retainer_id])


def _headings(drafts: Sequence[Proforma]) -> dict[int, dict[str, Any]]:
    """Columns and lines of each draft, by key; one statement."""
    lines = InvoiceLine.objects.filter(proforma__in=drafts).order_by("proforma", "pk")
    by_draft = {key: list(rows) for key, rows in groupby(lines, key=lambda line: line.proforma_id)}
    return {
        draft.pk: {
            "columns": columns_of(draft),
            "lines": [columns_of(line) for line in by_draft.get(draft.pk, ())],
        }
        for draft in drafts
    }


def _keep(
    drafts: Sequence[Proforma],
    details: Sequence[InvoiceLineDetail],
    headings: Mapping[int, dict[str, Any]],
    actor: User,
    at: datetime,
) -> None:
    """Write a removal for each draft with what leaves it."""
    leaving: dict[int, list[InvoiceLineDetail]] = {draft.pk: [] for draft in drafts}
    for detail in details:
        leaving[detail.line.proforma_id].append(detail)
    Removal.objects.bulk_create(
        [
            Removal(
                number=draft.number,
                contract_id=draft.contract_id,
                customer_id=draft.customer_id,
                currency=draft.currency,
                amount=sum((one.amount for one in gone if _is_charged(one)), ZERO),
                count=len(gone),
                heading=headings.get(draft.pk, {}),
                # With line and name, because the line may be gone by then.
                details=[
                    columns_of(one) | {"on": [one.line.contract_line_id, one.line.name]} | _granted(one)
                    for one in gone
                ],
                removed_by=actor,
                removed_at=at,
            )
            for draft in drafts
            for gone in [leaving[draft.pk]]
        ],
        batch_size=BATCH,
    )


def _granted(detail: InvoiceLineDetail) -> dict[str, Any]:
    """The discount or retention that goes with a detail, for it to come back with."""
    kept = {"discount": detail.discount, "retention": detail.retention}
    return {name: columns_of(row) for name, row in kept.items() if row is not None}


def _is_charged(detail: InvoiceLineDetail) -> bool:
    return detail.billing_type == BillingType.CHARGEABLE


def _release(details: list[InvoiceLineDetail]) -> None:
    actuals = [detail.actual_id for detail in details if detail.actual_id is not None]
    shares = [detail.milestone_share_id for detail in details if detail.milestone_share_id is not None]
    items = list(BacklogItem.objects.filter(pk__in=actuals))
    BacklogItem.objects.walk(items, BacklogItem.release, proforma_number="")
    MilestoneShare.objects.walk(list(MilestoneShare.objects.filter(pk__in=shares)), MilestoneShare.release)
    release_retainers(details)

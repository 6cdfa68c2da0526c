"""Put back what was taken off drafts, with its edits: it is claimed anew where nobody else did (B7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.changing_drafts import frozen
from billing.discounts import grant_again
from billing.draft_targets import grown, not_confirmed, sizes_of
from billing.models import InvoiceLine, InvoiceLineDetail, MilestoneShare, Proforma, Removal
from billing.models.removal import row_from
from billing.payers import on_hold
from billing.querysets import RemovalQuerySet
from billing.removal_claims import reasons_against_claims
from billing.retainer_details import apply_again, claim_again
from billing.retentions import keep_again
from billing.states import ProformaStatus
from billing.totalling import add_up
from core.activity_log import came_with, log_activity
from core.refusals import Refusal, refuse_if
from projects.models import BacklogItem, ProjectContract

BATCH = 500


@dataclass(frozen=True)
class Return:
    """One removal on its way back: the draft it goes to, None where that is gone, and its details."""

    removal: Removal
    draft: Proforma | None
    details: list[InvoiceLineDetail]


def put_back(removals: RemovalQuerySet, *, actor: User, at: datetime) -> list[Proforma]:
    """Put removed details back on their drafts, and deleted drafts back under their numbers, as drafts.

    Quantities, prices and texts are as they were edited; amounts stay in the draft's currency. Advances that
    were applied less without it are applied as they were, as far as they are still available. What somebody
    else claimed, or what is not ready any more, keeps all of it back: nothing is put back in part. Totals and
    estimated tax are added up again. Locks the contracts, the removals, then the drafts. Returns the drafts.
    Raises Refused: put-back-already, draft-is-gone, frozen, contract-not-confirmed, customer-on-hold,
    claimed-meanwhile, not-ready-any-more, not-open-any-more, after-cut-off (B7, decision 5).
    """
    with transaction.atomic(durable=True):
        # Contracts come before drafts, as where drafts are made and confirmed (D10).
        keys = removals.order_by().values("contract")
        contracts = list(ProjectContract.objects.filter(pk__in=keys).locked())
        chosen = list(removals.select_related("customer", "contract").locked())
        returns = _returns(chosen)
        refuse_if([*_reasons_against(returns, contracts), *reasons_against_claims(returns)])

        existing = [one.draft for one in returns if one.draft is not None and not one.removal.is_of_draft]
        before = sizes_of(existing)
        drafts = _write_drafts(returns)
        _write_details(returns, drafts)
        apply_again(drafts)
        add_up(drafts, by=actor)
        Removal.objects.filter(pk__in=[one.pk for one in chosen]).update(put_back_by=actor, put_back_at=at)
        details = [detail for one in returns for detail in one.details]
        log_activity("put back", details, actor=actor, at=at, changes=came_with(details, "amount"))
        changes = grown(existing, before)
        log_activity("details put back", existing, actor=actor, at=at, changes=changes)
        restored = [draft for draft in drafts if draft not in existing]
        log_activity("restored", restored, actor=actor, at=at, states=("", ProformaStatus.DRAFT))
    return drafts


def _returns(removals: Sequence[Removal]) -> list[Return]:
    numbers = [one.number for one in removals if not one.is_of_draft]
    open_drafts = {draft.number: draft for draft in Proforma.objects.filter(number__in=numbers).locked()}
    return [
        Return(
            one,
            _draft_of(one) if one.is_of_draft else open_drafts.get(one.number),
            [cast(InvoiceLineDetail, row_from(InvoiceLineDetail, columns)) for columns in one.details],
        )
        for one in removals
    ]


def _draft_of(removal: Removal) -> Proforma:
    """The deleted draft as it was, to be written again; what was in review is worked on again."""
    columns = removal.heading["columns"]
    return cast(Proforma, row_from(Proforma, columns | {"status": ProformaStatus.DRAFT}))


def _reasons_against(returns: Sequence[Return], contracts: Iterable[ProjectContract]) -> Iterable[Refusal]:
    for one in returns:
        removal = one.removal
        if removal.put_back_at is not None:
            message, way_out = _("It was put back already."), _("Open the draft to see it.")
            yield Refusal("put-back-already", message, removal.number, way_out)
        elif one.draft is None:
            message = _("The draft was deleted meanwhile.")
            yield Refusal("draft-is-gone", message, removal.number, _("Put the draft back first."))
        elif not one.draft.is_open:
            yield from frozen([one.draft])
        if removal.customer.is_on_hold:
            yield on_hold(removal.customer, removal.number)
    for contract in contracts:
        yield from not_confirmed(contract)


def _write_drafts(returns: Sequence[Return]) -> list[Proforma]:
    """Write deleted drafts and their lines again, with the keys they had, so that their history is theirs."""
    restored = [one for one in returns if one.removal.is_of_draft and one.draft is not None]
    made = [one.draft for one in restored if one.draft is not None]
    _leave_the_run(made)
    Proforma.objects.bulk_create(made, batch_size=BATCH)
    lines = [row_from(InvoiceLine, line) for one in restored for line in one.removal.heading["lines"]]
    InvoiceLine.objects.bulk_create(cast(list[InvoiceLine], lines), batch_size=BATCH)
    # Two removals of one draft lead to the same draft.
    return list({one.draft.pk: one.draft for one in returns if one.draft is not None}.values())


def _leave_the_run(drafts: Sequence[Proforma]) -> None:
    """Where a run has made another proforma since, the one that returns stands outside the run's key (Q1)."""
    days = {draft.scheduled_for for draft in drafts if draft.scheduled_for is not None}
    made = Proforma.objects.filter(
        scheduled_for__in=days, contract__in={draft.contract_id for draft in drafts}
    )
    taken = set(made.values_list("contract_id", "customer_id", "scheduled_for")) if days else set()
    for draft in drafts:
        if (draft.contract_id, draft.customer_id, draft.scheduled_for) in taken:
            draft.scheduled_for = None


def _write_details(returns: Sequence[Return], drafts: Sequence[Proforma]) -> None:
    """Write the details with the keys they had, and claim what they bill."""
    lines = {
        (line.proforma_id, line.contract_line_id): line
        for line in InvoiceLine.objects.filter(proforma__in=drafts)
    }
    missing: dict[tuple[int, int], InvoiceLine] = {}
    for one, draft in ((one, one.draft) for one in returns if one.draft is not None):
        for columns in one.removal.details:
            contract_line, name = columns["on"]
            key = draft.pk, contract_line
            if key not in lines:
                missing.setdefault(
                    key, InvoiceLine(proforma=draft, contract_line_id=contract_line, name=name)
                )
    InvoiceLine.objects.bulk_create(missing.values(), batch_size=BATCH)
    lines |= missing
    for one, draft in ((one, one.draft) for one in returns if one.draft is not None):
        for detail, columns in zip(one.details, one.removal.details, strict=True):
            detail.line = lines[draft.pk, columns["on"][0]]
    details = [detail for one in returns for detail in one.details]
    _last_where_ordered_since(returns)
    kept = [columns for one in returns for columns in one.removal.details]
    grant_again(
        (columns["discount"], detail.line)
        for detail, columns in zip(details, kept, strict=True)
        if "discount" in columns
    )
    keep_again(
        (columns["retention"], detail)
        for detail, columns in zip(details, kept, strict=True)
        if "retention" in columns
    )
    # What takes back first, because what stays billed instead names it.
    for of_replacement in (False, True):
        chosen = [one for one in details if (one.replaces_id is not None) is of_replacement]
        InvoiceLineDetail.objects.bulk_create(chosen, batch_size=BATCH)
    _claim(returns)


def _last_where_ordered_since(returns: Sequence[Return]) -> None:
    """Details whose place others have by now come last on their lines; one statement at most."""
    # A draft that was deleted comes back as it was; what was removed from it before gives way.
    by_draft = sorted(returns, key=lambda one: not one.removal.is_of_draft)
    back = [detail for one in by_draft for detail in one.details if detail.position is not None]
    there = InvoiceLineDetail.objects.filter(line__in={one.line_id for one in back}, position__isnull=False)
    taken = set(there.values_list("line", "position")) if back else set()
    for detail in back:
        if (detail.line_id, detail.position) in taken:
            detail.position = None
        else:
            taken.add((detail.line_id, detail.position))


def _claim(returns: Sequence[Return]) -> None:
    for one in returns:
        if one.draft is None:
            continue
        items = BacklogItem.objects.filter(pk__in=[detail.actual_id for detail in one.details])
        BacklogItem.objects.walk(list(items), BacklogItem.claim, proforma_number=one.draft.number)
        shares = MilestoneShare.objects.filter(pk__in=[detail.milestone_share_id for detail in one.details])
        MilestoneShare.objects.walk(list(shares), MilestoneShare.claim)
    claim_again([detail for one in returns for detail in one.details])

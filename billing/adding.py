"""Add to open drafts what is ready, and bring drafts up to date: claimed exactly as drafting claims (B5)."""

from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from billing.changing_drafts import frozen
from billing.draft_dates import reasons_against_dates
from billing.draft_targets import drafts_of_item, drafts_of_share, payer_asked_by
from billing.drafting import Claim, claim_and_add_up
from billing.models import InvoiceLineDetail, MilestoneShare, Proforma, Retainer
from billing.next_parts import NextParts
from billing.payers import sales_tax_groups
from billing.querysets import MilestoneShareQuerySet, ProformaQuerySet
from billing.totalling import add_up
from core.activity_log import as_text, log_activity
from core.refusals import refuse_if
from projects.models import BacklogItem, ProjectContract, SalesTaxGroup
from projects.querysets import BacklogQuerySet


def add_to_drafts(
    items: BacklogQuerySet,
    shares: MilestoneShareQuerySet,
    drafts: ProformaQuerySet,
    *,
    actor: User,
    at: datetime,
) -> list[Proforma]:
    """Add chosen backlog items and milestone shares to open drafts of their contracts and customers.

    Only what is ready and dated up to the cut-off of its draft is added; what no draft is for stays. Existing
    lines are used, missing ones written; amounts stay in the currency of the contract. Returns the drafts
    that got something. Locks as `claim_and_add_up`. Raises Refused: frozen, several-drafts, other-tax-group,
    contract-not-confirmed, customer-on-hold, period-locked (B5, decision 1).
    """
    with transaction.atomic(durable=True):
        claim = Claim(items.filter(_on(drafts)), shares.filter(_share_on(drafts)))
        contracts = ProjectContract.objects.filter(proformas__in=drafts.order_by())
        return claim_and_add_up(contracts, claim, header=None, into=drafts, actor=actor, at=at)


def place_selection(
    items: BacklogQuerySet,
    shares: MilestoneShareQuerySet,
    drafts: ProformaQuerySet,
    *,
    parts: NextParts | None = None,
    invoice_date: date,
    actor: User,
    at: datetime,
) -> list[Proforma]:
    """Add what the customers of open drafts pay to those, and draft the rest of a selection anew.

    What goes to a draft is dated up to its cut-off, what is drafted anew up to the invoice date. What goes
    next of the shares in `parts` is set before: all of it or nothing. Otherwise as `add_to_drafts` and
    `draft_selection`. Raises Refused as both (B2, B5, decision 1).
    """
    with transaction.atomic(durable=True):
        anew = Q(transaction_date__lte=invoice_date) & ~Exists(drafts_of_item(drafts))
        shares_anew = Q(milestone__due_on__lte=invoice_date) & ~Exists(drafts_of_share(drafts))
        claim = Claim(items.filter(Q(_on(drafts)) | anew), shares.filter(Q(_share_on(drafts)) | shares_anew))
        wanted = Q(lines__backlog_items__in=items.order_by())
        wanted |= Q(lines__milestones__shares__in=shares.order_by())
        contracts = ProjectContract.objects.filter(wanted)
        if parts is not None:
            parts.set_before_drafting(shares, contracts, actor=actor, at=at)
        placed = claim_and_add_up(
            contracts,
            claim,
            header={"invoice_date": invoice_date, "cut_off_date": invoice_date},
            into=drafts,
            actor=actor,
            at=at,
        )
        if parts is not None:
            parts.refuse_unless_drafted(placed)
        return placed


def refresh_drafts(
    drafts: ProformaQuerySet, *, cut_off: date | None = None, actor: User, at: datetime
) -> list[Proforma]:
    """Take up everything ready of the contract and customer of each draft through its cut-off.

    `cut_off` replaces the cut-offs of the drafts; it is not after their invoice dates. Drafts without
    corrections take the sales tax group of today, and all are added up again. What they hold already stays
    as it is: nobody can price it again while a draft holds it. Returns the drafts that got something. Locks
    as `claim_and_add_up`. Raises Refused as `add_to_drafts` and cut-off-after-invoice, work-after-cut-off
    (B5, B7, decision 1).
    """
    with transaction.atomic(durable=True):
        contracts = ProjectContract.objects.filter(proformas__in=drafts.order_by())
        related = ("legal_entity", "sales_tax_group")
        rows = ProjectContract.objects.filter(pk__in=contracts.values("pk")).select_related(*related)
        held = list(rows.locked())
        chosen = list(drafts.select_related("legal_entity", "sales_tax_group").locked())
        refuse_if([*frozen(chosen), *reasons_against_dates(chosen, cut_off=cut_off)])

        _bring_up_to_date(chosen, held, cut_off, actor, at)
        claim = Claim(
            BacklogItem.objects.filter(_on(drafts)),
            MilestoneShare.objects.filter(_share_on(drafts)),
            retainers=Retainer.objects.ready().filter(_retainer_on(drafts)),
        )
        taken = claim_and_add_up(contracts, claim, header=None, into=drafts, actor=actor, at=at)
        got = {draft.pk for draft in taken}
        add_up([draft for draft in chosen if draft.pk not in got], by=actor)
        return taken


def _bring_up_to_date(
    drafts: list[Proforma], contracts: list[ProjectContract], cut_off: date | None, actor: User, at: datetime
) -> None:
    """Give locked drafts the new cut-off and the sales tax groups of today, and say so in the log."""
    before = {draft.pk: (draft.cut_off_date, draft.sales_tax_group) for draft in drafts}
    corrective = set(
        InvoiceLineDetail.objects.corrections()
        .filter(line__proforma__in=drafts)
        .order_by()
        .values_list("line__proforma", flat=True)
    )
    groups = sales_tax_groups(contracts, {payer_asked_by(draft) for draft in drafts})
    group_of = SalesTaxGroup.objects.in_bulk({key for key in groups.values() if key is not None})
    for draft in drafts:
        draft.cut_off_date = cut_off or draft.cut_off_date
        # A correction gives back the tax that was paid, whatever the customer is taxed by today.
        if draft.pk not in corrective:
            draft.sales_tax_group = group_of.get(groups[payer_asked_by(draft)])
    changes = {
        draft.pk: {
            name: [as_text(old), as_text(getattr(draft, name))]
            for name, old in zip(("cut_off_date", "sales_tax_group"), before[draft.pk], strict=True)
            if old != getattr(draft, name)
        }
        for draft in drafts
    }
    changed = [draft for draft in drafts if changes[draft.pk]]
    Proforma.objects.bulk_update(changed, ["cut_off_date", "sales_tax_group"], batch_size=200)
    log_activity("refreshed", changed, actor=actor, at=at, changes=changes)


def _on(drafts: ProformaQuerySet) -> Exists:
    """Backlog items that one of the drafts asks for: of its contract and customer, up to its cut-off."""
    return Exists(drafts_of_item(drafts).filter(cut_off_date__gte=OuterRef("transaction_date")))


def _share_on(drafts: ProformaQuerySet) -> Exists:
    """Milestone shares that one of the drafts asks for: of its contract and customer, due by its cut-off."""
    return Exists(drafts_of_share(drafts).filter(cut_off_date__gte=OuterRef("milestone__due_on")))


def _retainer_on(drafts: ProformaQuerySet) -> Exists:
    """Retainers that one of the drafts asks for: of its contract and customer, dated by its cut-off."""
    return Exists(drafts_of_item(drafts).filter(cut_off_date__gte=OuterRef("invoice_on")))

"""Draft proformas from the backlog: claim rows first, then add up what is held (B5; decisions 1, 10, 11)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from billing.discounts import discount_lines, lines_of
from billing.draft_targets import (
    grown,
    payer_asked_by,
    reasons_against,
    reasons_against_drafts,
    sizes_of,
    without_draft,
)
from billing.milestone_details import claim_shares
from billing.models import InvoiceLine, InvoiceLineDetail, MilestoneShare, Proforma, Retainer
from billing.next_parts import NextParts
from billing.numbering import number_proformas
from billing.payers import (
    PAYER_IS_FREE,
    Payer,
    held_customers_of,
    payers_missing,
    payers_of,
    sales_tax_groups,
)
from billing.querysets import MilestoneShareQuerySet, ProformaQuerySet
from billing.retainer_details import apply_available, claim_retainers, payers_of_retainers, retainers_of
from billing.retainer_querysets import RetainerQuerySet
from billing.retentions import follow_retentions, keep_back
from billing.states import ProformaStatus, Remainder
from billing.totalling import add_up
from core.activity_log import log_activity
from core.querysets import ChangedMeanwhile, insert_from
from core.refusals import Refusal, refuse_if
from projects.contract_limits import commit, lock_limits
from projects.models import BacklogItem, ContractLine, ContractLineCustomer, ProjectContract
from projects.querysets import BacklogQuerySet, ContractQuerySet
from projects.states import BillingStatus

BATCH = 500


class Header(TypedDict, total=False):
    """The dates of new proformas; only those of a run have a run date."""

    invoice_date: date
    cut_off_date: date
    scheduled_for: date | None


@dataclass(frozen=True)
class Claim:
    """What a draft wants to hold: backlog items, milestone shares and retainers, by queryset."""

    items: BacklogQuerySet
    shares: MilestoneShareQuerySet
    line_ids: frozenset[int] | None = None
    retainers: RetainerQuerySet | None = None


def draft_contracts(
    contracts: ContractQuerySet, *, invoice_date: date, cut_off: date | None = None, actor: User, at: datetime
) -> list[Proforma]:
    """Draft one proforma per contract and customer from all that is ready up to the cut-off.

    Amounts stay in the contract's currency. The cut-off is the invoice date unless given; later items stay
    behind. A contract with nothing ready gets none. Locks the contracts. Raises Refused: contract-not-
    confirmed, customer-on-hold, payer-missing, period-locked (B5).
    """
    until = cut_off or invoice_date
    claim = Claim(
        items=BacklogItem.objects.due_through(until),
        shares=MilestoneShare.objects.due_through(until),
        retainers=Retainer.objects.entering(until),
    )
    header: Header = {"invoice_date": invoice_date, "cut_off_date": until}
    with transaction.atomic(durable=True):
        return claim_and_add_up(contracts, claim, header=header, actor=actor, at=at)


def draft_selection(
    items: BacklogQuerySet,
    shares: MilestoneShareQuerySet,
    *,
    parts: NextParts | None = None,
    invoice_date: date,
    actor: User,
    at: datetime,
) -> list[Proforma]:
    """Draft proformas from chosen backlog items and milestone shares, one per contract and customer.

    Only what is ready and dated up to the invoice date enters. What goes next of those in `parts` is set
    before: all of it or nothing. Amounts stay in the contract's currency. Locks the contracts concerned, then
    as `claim_and_add_up`. Raises Refused as `draft_contracts`; with `parts` also nothing-drafted, and as
    `set_next_parts` (B2, B5, decision 1).
    """
    wanted = Q(backlog_items__in=items.order_by()) | Q(milestones__shares__in=shares.order_by())
    contracts = ProjectContract.objects.filter(lines__in=ContractLine.objects.filter(wanted))
    claim = Claim(items=items.due_through(invoice_date), shares=shares.due_through(invoice_date))
    header: Header = {"invoice_date": invoice_date, "cut_off_date": invoice_date}
    with transaction.atomic(durable=True):
        if parts is not None:
            parts.set_before_drafting(shares, contracts, actor=actor, at=at)
        drafts = claim_and_add_up(contracts, claim, header=header, actor=actor, at=at)
        if parts is not None:
            parts.refuse_unless_drafted(drafts)
        return drafts


def draft_due(
    contract: ProjectContract,
    cut_offs: dict[int, date],
    share_ids: Iterable[int],
    retainer_ids: Iterable[int] = (),
    *,
    run_date: date,
    invoice_date: date,
    actor: User,
    at: datetime,
) -> list[Proforma]:
    """Draft what a run takes from one contract: due lines up to their cut-offs, milestones, advances.

    The invoice date is the run date unless that lies in a closed period. Runs inside the caller's
    transaction, which also writes the outcome. Amounts stay in the contract's currency. Locks the contract.
    Raises Refused as `draft_contracts` (B6, decision 10).
    """
    # Each line of the contract may have a cut-off of its own.
    due = Q(pk__in=[])
    for line_id, cut_off in cut_offs.items():
        due |= Q(contract_line=line_id, transaction_date__lte=cut_off)
    shares = MilestoneShare.objects.filter(pk__in=list(share_ids))
    lines = set(cut_offs) | set(shares.values_list("milestone__contract_line", flat=True))
    retainers = Retainer.objects.ready().filter(pk__in=list(retainer_ids))
    claim = Claim(BacklogItem.objects.filter(due), shares, frozenset(lines), retainers)
    return claim_and_add_up(
        ProjectContract.objects.filter(pk=contract.pk),
        claim,
        header={
            "invoice_date": invoice_date,
            # Milestones alone have no cut-off: they are due on the run date.
            "cut_off_date": max(cut_offs.values(), default=run_date),
            "scheduled_for": run_date,
        },
        actor=actor,
        at=at,
    )


def claim_and_add_up(
    contracts: ContractQuerySet,
    claim: Claim,
    *,
    header: Header | None,
    into: ProformaQuerySet | None = None,
    actor: User,
    at: datetime,
) -> list[Proforma]:
    """Lock, refuse, make headers and lines, claim every item in one statement, add up what is held.

    Runs inside the caller's transaction. What the customers of the drafts `into` pay goes to those drafts,
    the rest to new ones, unless `header` is None; returns all that got something. Amounts are copied in the
    contract's currency and not multiplied again. Ready items that exceed a limit stay behind, and so does
    what customers on hold would pay. Locks the contracts, the drafts `into`, the items of contracts with
    limits, the milestone shares, the retainers, then the number series. Raises Refused as `draft_contracts`,
    for drafts `into` also frozen, several-drafts, other-tax-group; and ChangedMeanwhile where an item was
    claimed or taken back in between (A6, B5, K1, decisions 9 and 19).
    """
    # By key: a selection reaches its contracts over joins, and joined rows cannot be locked once each.
    keys = contracts.order_by().values("pk").distinct()
    chosen = list(
        ProjectContract.objects.filter(pk__in=keys).select_related("legal_entity", "sales_tax_group").locked()
    )
    # Not read into Python: they are claimed by one INSERT from this queryset.
    items = claim.items.ready().filter(contract__in=chosen).order_by()
    owed = claim.shares.ready().filter(milestone__contract_line__contract__in=chosen)
    drafts = list(into.filter(contract__in=chosen).locked()) if into is not None else []
    entering = retainers_of(chosen, claim.retainers)
    waiting = payers_of(items, owed) | payers_of_retainers(entering)
    refuse_if(
        [
            *_reasons_against_new(without_draft(chosen, waiting, drafts), header),
            *reasons_against_drafts(drafts, chosen, waiting),
            *held_customers_of(chosen, waiting),
            *payers_missing(items),
        ]
    )

    items = items.filter(PAYER_IS_FREE)
    _leave_behind(chosen, items, actor, at)
    locked = owed.filter(PAYER_IS_FREE).select_related("milestone__contract_line", "customer").locked()
    shares = list(locked)
    retainers = [one for one in entering if not one.customer.is_on_hold]
    payers = _payers(items, shares) | payers_of_retainers(retainers)
    added_to = [draft for draft in drafts if payer_asked_by(draft) in payers]
    anew = payers - {payer_asked_by(draft) for draft in drafts}
    made = _headers(chosen, anew, header, actor, at) if header else []
    proformas = [*added_to, *made]
    if not proformas:
        return []
    before, known = sizes_of(added_to), lines_of(added_to)
    _write_lines(proformas, claim.line_ids)
    _claim_items(proformas, items)
    claim_shares(proformas, shares)
    claim_retainers(proformas, retainers)
    discount_lines(proformas, besides=known)
    keep_back(made)
    follow_retentions(proformas)
    apply_available(proformas)
    add_up(proformas, by=actor)
    log_activity("drafted", made, actor=actor, at=at, states=("", ProformaStatus.DRAFT))
    log_activity("added to", added_to, actor=actor, at=at, changes=grown(added_to, before))
    return proformas


def _reasons_against_new(contracts: list[ProjectContract], header: Header | None) -> Iterable[Refusal]:
    return reasons_against(contracts, header["invoice_date"]) if header else ()


def _payers(items: BacklogQuerySet, shares: list[MilestoneShare]) -> set[Payer]:
    # A customer may have milestones and no hours, or the other way round.
    of_shares = {(share.milestone.contract_line.contract_id, share.customer_id) for share in shares}
    return of_shares | set(items.values_list("contract_id", "customer_id").distinct())


def _leave_behind(
    contracts: list[ProjectContract], items: BacklogQuerySet, actor: User, at: datetime
) -> None:
    """Ready items that fit into a limit no more are not ready any longer, and say which limit (A6)."""
    keys = lock_limits(ProjectContract.objects.filter(pk__in=[contract.pk for contract in contracts]))
    if not keys:
        return
    candidates = items.filter(contract__in=keys).chargeable()
    failed = commit(list(candidates.select_related("work_item").locked()))
    states = BillingStatus.READY, BillingStatus.NOT_READY
    log_activity("limit exceeded", [item.work_item for item in failed], actor=actor, at=at, states=states)


def _headers(
    contracts: list[ProjectContract], payers: set[Payer], header: Header, actor: User, at: datetime
) -> list[Proforma]:
    if not payers:
        return []
    contract_of = {contract.pk: contract for contract in contracts}
    tax_groups = sales_tax_groups(contracts, payers)
    invoiced = _invoiced_on(contracts, header.get("scheduled_for"))
    proformas = [
        Proforma(
            legal_entity=contract_of[contract_id].legal_entity,
            contract=contract_of[contract_id],
            customer_id=customer_id,
            currency=contract_of[contract_id].currency,
            sales_tax_group_id=tax_groups[contract_id, customer_id],
            created_by=actor,
            created_at=at,
            **(header | OUTSIDE_THE_RUN if (contract_id, customer_id) in invoiced else header),
        )
        for contract_id, customer_id in sorted(payers)
    ]
    number_proformas(proformas, header["invoice_date"].year)
    return Proforma.objects.bulk_create(proformas, batch_size=BATCH)


OUTSIDE_THE_RUN: Header = {"scheduled_for": None}
"""What became ready after its run date was invoiced gets a proforma outside the run's key (Q1)."""


def _invoiced_on(contracts: list[ProjectContract], run_date: date | None) -> set[tuple[int, int]]:
    """The contracts and customers that have the proforma of this run already; the contracts are locked."""
    # Drafting by hand is not tied to a run date.
    if run_date is None:
        return set()
    made = Proforma.objects.filter(contract__in=contracts, scheduled_for=run_date)
    return set(made.values_list("contract_id", "customer_id"))


def _write_lines(proformas: list[Proforma], line_ids: frozenset[int] | None) -> None:
    """One line for each contract line the customer pays for, even when it stays empty; once on a draft."""
    payers = ContractLineCustomer.objects.filter(
        contract_line__contract__proformas__in=proformas,
        contract_line__contract__proformas__customer=F("customer"),
    )
    # Named once more, so that it is the proforma of the join above and not another one of the contract.
    payers = payers.annotate(draft=F("contract_line__contract__proformas"))
    there = InvoiceLine.objects.filter(proforma=OuterRef("draft"), contract_line=OuterRef("contract_line"))
    payers = payers.exclude(Exists(there))
    if line_ids is not None:
        payers = payers.filter(contract_line__in=line_ids)
    # One INSERT for any number of proformas, so that a long batch takes no statement for each.
    insert_from(
        InvoiceLine,
        payers,
        proforma=F("contract_line__contract__proformas__pk"),
        contract_line=F("contract_line"),
        name=F("contract_line__name"),
        amount=0,
    )


TAXED_BEFORE = InvoiceLineDetail.objects.filter(
    work_item=OuterRef("work_item"), item_sales_tax_group__isnull=False
).order_by("-pk")
# A fee, or a line added by hand, has no category: taken back and billed again, it is taxed as it was.
TAX_GROUP = Coalesce(
    F("work_item__category__item_sales_tax_group"),
    Subquery(TAXED_BEFORE.values("item_sales_tax_group")[:1]),
    output_field=BigIntegerField(),
)


def _claim_items(proformas: list[Proforma], items: BacklogQuerySet) -> None:
    mine = items.filter(
        contract_line__invoice_lines__proforma__in=proformas,
        contract_line__invoice_lines__proforma__customer=F("customer"),
        contract_line__invoice_lines__proforma__currency=F("currency"),
    ).with_description()
    # The copy is the claim: its unique key on the actual refuses a second one, whoever is faster (K1).
    claimed = insert_from(
        InvoiceLineDetail,
        mine,
        line=F("contract_line__invoice_lines__pk"),
        actual=F("pk"),
        transaction_class=F("work_item__transaction_class"),
        transaction_date=F("transaction_date"),
        quantity=F("actual__quantity"),
        unit=F("work_item__unit"),
        price=F("actual__price"),
        amount=F("actual__amount"),
        billing_type=F("billing_type"),
        remainder=Remainder.WRITE_OFF,
        item_sales_tax_group=TAX_GROUP,
        description=F("work_item__description"),
        external_description=F("printed_description"),
    )
    held = InvoiceLineDetail.objects.filter(line__proforma__in=proformas, actual__isnull=False)
    # Its number is written on the item, so that a refused cancellation can name the draft.
    number = held.filter(actual=OuterRef("pk")).values("line__proforma__number")[:1]
    claiming = BacklogItem.objects.filter(pk__in=held.values("actual"))
    moved = claiming.move(BacklogItem.claim, proforma_number=Subquery(number))
    # Somebody claimed or took back some of them in between; the transaction must not go on (X1).
    if moved != claimed:
        raise ChangedMeanwhile(f"{claimed} items were claimed, {moved} of them were ready")

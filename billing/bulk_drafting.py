"""Proformas from many contracts at once, as a run that people watch: one per contract and customer (B5).

A loop over drafting: some contracts in one transaction, each of them alone where that fails (decision 19).
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from billing.draft_targets import reasons_against
from billing.drafting import Claim, claim_and_add_up
from billing.models import (
    BatchOutcome,
    BatchRun,
    InvoiceLineDetail,
    MilestoneShare,
    Proforma,
    Retainer,
    RunTarget,
)
from billing.payers import Payer, on_hold, payers_of
from billing.run_steps import Clock, record_outcomes, refused_outcome, unsettled, words_of, work_through
from billing.states import DueOutcome, RetainerUse, RunKind, RunTrigger
from billing.stays_behind import CONTRACT_OF_SHARE, Behind, goes_in, nothing_ready, stays_behind
from core.activity_log import log_activity
from core.outbox import enqueue
from core.refusals import Refusal, Refused, refuse_if
from core.templatetags.display import day
from projects.models import BacklogItem, Customer, ProjectContract
from projects.querysets import ContractQuerySet

BATCH = 500
logger = logging.getLogger(__name__)


def request_drafts(
    contracts: ContractQuerySet, *, invoice_date: date, cut_off: date, actor: User, at: datetime
) -> BatchRun:
    """Ask for a run that drafts what is ready of each contract up to the cut-off; the worker takes it up.

    Contracts that cannot be invoiced may be among them: the run says why for each. Takes no locks. Raises
    Refused: nothing-chosen, cut-off-after-invoice-date (B5, decision 19).
    """
    with transaction.atomic(durable=True):
        chosen = list(contracts.order_by("pk"))
        refuse_if(_reasons_against(chosen, invoice_date, cut_off))

        run = BatchRun.objects.create(
            kind=RunKind.CONTRACTS,
            business_date=invoice_date,
            cut_off_date=cut_off,
            trigger=RunTrigger.PERSON,
            requested_by=actor,
            requested_at=at,
            due_count=len(chosen),
        )
        RunTarget.objects.bulk_create(
            (RunTarget(run=run, contract=one, name=one.number) for one in chosen), batch_size=BATCH
        )
        enqueue("batch-run", [run.pk], at=at)
        log_activity("requested", [run], actor=actor, at=at, to_state=run.status)
    return run


def draft_in_bulk(run_id: int, *, clock: Clock) -> str:
    """Work through a run over contracts: one proforma per contract and customer; return the run's status.

    Each contract once, whoever works and however often: a run that lost its worker is taken up where it
    stopped. What refuses a contract or fails in it becomes its outcome and is not raised. Amounts are those
    of drafting, in each contract's currency. Locks some contracts at a time, then what drafting locks; the
    number of statements per contract does not grow (B5, Q5, decision 19).
    """
    return work_through(run_id, _settle, _fail, clock=clock)


def _reasons_against(
    contracts: Sequence[ProjectContract], invoice_date: date, cut_off: date
) -> Iterable[Refusal]:
    if not contracts:
        yield Refusal(
            "nothing-chosen", _("No contract was chosen."), way_out=_("Tick the contracts you mean.")
        )
    if cut_off > invoice_date:
        message = _("Work up to %(cut_off)s would be on an invoice of %(day)s.")
        yield Refusal(
            "cut-off-after-invoice-date",
            message % {"cut_off": day(cut_off), "day": day(invoice_date)},
            way_out=_("Choose an invoice date that is not before the last day of the work."),
        )


def _settle(run: BatchRun, now: datetime, keys: Sequence[int]) -> None:
    """Draft what some targets ask for, with their outcomes: both, or neither."""
    with transaction.atomic(durable=True):
        targets = unsettled(run, keys, now)
        contracts = list(
            ProjectContract.objects.filter(pk__in=[one.contract_id for one in targets])
            .select_related("legal_entity", "customer")
            .locked()
        )
        until = run.cut_off_date or run.business_date
        items = BacklogItem.objects.filter(contract__in=contracts)
        shares = MilestoneShare.objects.filter(**{f"{CONTRACT_OF_SHARE}__in": contracts})
        retainers = Retainer.objects.entering(until).filter(contract__in=contracts)
        due = Claim(items.due_through(until), shares.due_through(until), retainers=retainers)
        waiting = payers_of(due.items.ready(), due.shares.ready())
        waiting |= set(retainers.order_by().values_list("contract_id", "customer_id"))
        held = Customer.objects.filter(is_on_hold=True).in_bulk({customer for _key, customer in waiting})
        reasons = {one.pk: list(reasons_against([one], run.business_date)) for one in contracts}
        # Whoever pays and is not on hold gets a proforma, whatever becomes of the others.
        payable = {key for key, customer in waiting if customer not in held and not reasons[key]}
        proformas = (
            claim_and_add_up(
                ProjectContract.objects.filter(pk__in=payable),
                due,
                header={"invoice_date": run.business_date, "cut_off_date": until},
                actor=run.requested_by,
                at=now,
            )
            if payable
            else []
        )
        # Read afterwards: limits may have kept some of it back.
        behind = stays_behind(items, shares, until)
        outcomes = [
            *_created(proformas, behind),
            *_left_out(contracts, reasons),
            *_held(contracts, reasons, waiting, held),
        ]
        outcomes += _nothing(contracts, {one.contract_id for one in outcomes}, behind, until)
        record_outcomes(run, outcomes, now)


def _fail(run: BatchRun, now: datetime, key: int, error: Exception) -> None:
    """Nothing was made for this contract alone; its outcome says why."""
    with transaction.atomic(durable=True):
        for target in unsettled(run, [key], now):
            if not isinstance(error, Refused):
                logger.error("drafting %s failed", target.name, exc_info=error)
            why = words_of(error, _("Nothing was created; start a run for it again."))
            failed = BatchOutcome(contract_id=target.contract_id, outcome=DueOutcome.FAILED, message=why)
            record_outcomes(run, [failed], now)


def _created(proformas: Sequence[Proforma], behind: Mapping[Payer, Behind]) -> Iterator[BatchOutcome]:
    details = InvoiceLineDetail.objects.filter(line__proforma__in=proformas).order_by()
    counted = {
        key: (entries, milestones, advances)
        for key, entries, milestones, advances in details.values_list("line__proforma").annotate(
            entries=Count("actual"),
            milestones=Count("milestone_share"),
            advances=Count("pk", filter=Q(retainer_use__in=[RetainerUse.INVOICE, RetainerUse.REFUND])),
        )
    }
    for proforma in proformas:
        payer = proforma.contract_id, proforma.customer_id
        words = goes_in(*counted.get(proforma.pk, (0, 0, 0)))
        left = behind[payer] if payer in behind else Behind()
        yield BatchOutcome(
            contract_id=proforma.contract_id,
            customer_id=proforma.customer_id,
            outcome=DueOutcome.CREATED,
            proforma=proforma,
            message=_("%(goes_in)s; stays behind: %(left)s") % {"goes_in": words, "left": left}
            if left.count
            else words,
        )


def _left_out(
    contracts: Sequence[ProjectContract], reasons: Mapping[int, Sequence[Refusal]]
) -> Iterator[BatchOutcome]:
    for contract in contracts:
        if reasons[contract.pk]:
            yield refused_outcome(reasons[contract.pk], contract_id=contract.pk)


def _held(
    contracts: Sequence[ProjectContract],
    reasons: Mapping[int, Sequence[Refusal]],
    waiting: Iterable[Payer],
    held: Mapping[int, Customer],
) -> Iterator[BatchOutcome]:
    by_key = {one.pk: one for one in contracts}
    for key, customer in sorted(waiting):
        if customer in held and not reasons[key]:
            reason = on_hold(held[customer], str(by_key[key]))
            yield refused_outcome([reason], contract_id=key, customer_id=customer)


def _nothing(
    contracts: Sequence[ProjectContract], settled: set[int], behind: Mapping[Payer, Behind], until: date
) -> Iterator[BatchOutcome]:
    of_contract: dict[int, Behind] = defaultdict(Behind)
    for (key, _customer), one in behind.items():
        of_contract[key] += one
    for contract in contracts:
        if contract.pk not in settled:
            message, way_out = nothing_ready(of_contract[contract.pk], day(until))
            yield BatchOutcome(
                contract=contract, outcome=DueOutcome.NOTHING_TO_BILL, message=message, way_out=way_out
            )

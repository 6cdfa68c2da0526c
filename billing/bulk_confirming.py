"""Confirm many proformas as a run that people watch: all or nothing only inside one of them (B8).

A loop over confirming: some proformas in one transaction, each of them alone where that fails (decision 19).
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.confirm_warnings import not_ticked, warnings_of
from billing.confirming import confirm_proformas, reasons_against
from billing.models import BatchOutcome, BatchRun, Proforma, RunTarget
from billing.querysets import ProformaQuerySet
from billing.run_steps import Clock, record_outcomes, refused_outcome, unsettled, words_of, work_through
from billing.second_person import reasons_against_confirming_alone
from billing.states import DueOutcome, RunKind, RunTrigger
from billing.totalling import tax_estimates
from core.activity_log import log_activity
from core.outbox import enqueue
from core.refusals import Refusal, Refused, refuse_if
from core.templatetags.display import money

BATCH = 500
RELATED = ("contract", "customer", "legal_entity")
logger = logging.getLogger(__name__)


def request_confirmation(
    proformas: ProformaQuerySet,
    *,
    accepted: Iterable[str] = (),
    seen_totals: Mapping[str, Decimal],
    seen_contents: Mapping[str, str] | None = None,
    actor: User,
    on: date,
    at: datetime,
) -> BatchRun:
    """Ask for a run that confirms drafts; the worker takes it up. What cannot be confirmed is left out.

    `accepted` are the ticks of warnings, `seen_totals` the totals that whoever confirms saw, by number and in
    each proforma's currency, `seen_contents` the hashes of what they saw; one that was not seen is left out,
    and so is what is refused now, each with its reason in the run. `on` is the day. Takes no locks: the run
    asks for everything again under its own. Raises Refused: nothing-chosen, warnings-open (B7, B8, decision
    19).
    """
    with transaction.atomic(durable=True):
        chosen = list(proformas.select_related(*RELATED).order_by("contract", "pk"))
        alone = reasons_against_confirming_alone(chosen, actor, at=at)
        refused = _by_number([*reasons_against(chosen), *alone])
        wanted = [one for one in chosen if one.number not in refused and one.number in seen_totals]
        ticks = list(accepted)
        refuse_if([*_nothing_chosen(chosen), *not_ticked(warnings_of(wanted, tax_estimates(wanted)), ticks)])

        run = BatchRun.objects.create(
            kind=RunKind.CONFIRMATION,
            business_date=on,
            trigger=RunTrigger.PERSON,
            requested_by=actor,
            requested_at=at,
            due_count=len(chosen),
        )
        keys = {one.pk for one in wanted}
        RunTarget.objects.bulk_create(
            (
                _target(run, one, ticks, (seen_totals, seen_contents or {}), None if one.pk in keys else at)
                for one in chosen
            ),
            batch_size=BATCH,
        )
        left = [one for one in chosen if one.pk not in keys]
        record_outcomes(run, (_left_at_once(one, refused) for one in left), at)
        enqueue("batch-run", [run.pk], at=at)
        log_activity("requested", [run], actor=actor, at=at, to_state=run.status)
    return run


def confirm_in_bulk(run_id: int, *, clock: Clock) -> str:
    """Work through a run that confirms: each proforma once, whoever works; return the run's status.

    What refuses a proforma or fails in it becomes its outcome and is not raised: the draft stays as it was.
    Amounts are those of confirming, in each proforma's currency. Locks some contracts and their proformas at
    a time; the number of statements per proforma does not grow (B8, Q5, decision 19).
    """
    return work_through(run_id, _settle, _fail, clock=clock)


def _nothing_chosen(proformas: Sequence[Proforma]) -> Iterable[Refusal]:
    if not proformas:
        yield Refusal(
            "nothing-chosen", _("No proforma was chosen."), way_out=_("Tick the proformas you mean.")
        )


def _target(
    run: BatchRun,
    proforma: Proforma,
    ticks: Sequence[str],
    seen: tuple[Mapping[str, Decimal], Mapping[str, str]],
    settled_at: datetime | None,
) -> RunTarget:
    return RunTarget(
        run=run,
        contract_id=proforma.contract_id,
        proforma=proforma,
        name=proforma.number,
        # A tick names the proforma that it is for.
        accepted=[tick for tick in ticks if tick.startswith(f"{proforma.number}:")],
        seen_total=seen[0].get(proforma.number),
        seen_content=seen[1].get(proforma.number, ""),
        settled_at=settled_at,
    )


def _left_at_once(proforma: Proforma, refused: Mapping[str, Sequence[Refusal]]) -> BatchOutcome:
    """Refused when it was asked for; or it was not on the page, because something refused it then."""
    if proforma.number in refused:
        return _left_out(proforma, refused[proforma.number])
    return BatchOutcome(
        contract_id=proforma.contract_id,
        customer_id=proforma.customer_id,
        proforma=proforma,
        outcome=DueOutcome.LEFT_OUT,
        message=_("It was not on the page that was confirmed."),
        way_out=_("Look at it, then confirm it."),
    )


def _by_number(refusals: Iterable[Refusal]) -> dict[str, list[Refusal]]:
    by_number: dict[str, list[Refusal]] = defaultdict(list)
    for one in refusals:
        by_number[one.subject].append(one)
    return dict(by_number)


def _settle(run: BatchRun, now: datetime, keys: Sequence[int]) -> None:
    """Confirm what some targets name; where some are refused, leave those out and confirm the rest."""
    targets = list(RunTarget.objects.filter(pk__in=keys).waiting().select_related("proforma").order_by("pk"))
    _leave_out_deleted(run, now, [one for one in targets if one.proforma is None])
    there = [one for one in targets if one.proforma is not None]
    try:
        _confirm(run, now, there)
    except Refused as refusal:
        refused = _by_number(refusal.refusals)
        _leave_out(run, now, [one for one in there if one.name in refused], refused)
        _confirm(run, now, [one for one in there if one.name not in refused])


def _confirm(run: BatchRun, now: datetime, targets: Sequence[RunTarget]) -> None:
    if not targets:
        return
    confirm_proformas(
        Proforma.objects.filter(pk__in=[one.proforma_id for one in targets]),
        actor=run.requested_by,
        at=now,
        accepted=[tick for one in targets for tick in one.accepted],
        seen_totals={one.name: one.seen_total for one in targets if one.seen_total is not None},
        seen_contents={one.name: one.seen_content for one in targets if one.seen_content},
        then=partial(_note, run, now, [one.pk for one in targets]),
    )


def _note(run: BatchRun, now: datetime, keys: Sequence[int], confirmed: list[Proforma]) -> None:
    """The outcomes, in the transaction that confirmed."""
    unsettled(run, keys, now)
    record_outcomes(
        run,
        (
            BatchOutcome(
                contract_id=one.contract_id,
                customer_id=one.customer_id,
                outcome=DueOutcome.CONFIRMED,
                proforma=one,
                message=_("%(total)s with tax") % {"total": money(one.gross_amount, one.currency)},
            )
            for one in confirmed
        ),
        now,
    )


def _left_out(proforma: Proforma, reasons: Sequence[Refusal]) -> BatchOutcome:
    return refused_outcome(
        reasons, contract_id=proforma.contract_id, customer_id=proforma.customer_id, proforma=proforma
    )


def _leave_out(
    run: BatchRun, now: datetime, targets: Sequence[RunTarget], reasons: Mapping[str, Sequence[Refusal]]
) -> None:
    with transaction.atomic(durable=True):
        of_key = {one.pk: one.proforma for one in targets}
        waiting = unsettled(run, list(of_key), now)
        outcomes = [
            _left_out(proforma, reasons[one.name])
            for one in waiting
            if (proforma := of_key[one.pk]) is not None
        ]
        record_outcomes(run, outcomes, now)


def _leave_out_deleted(run: BatchRun, now: datetime, targets: Sequence[RunTarget]) -> None:
    if not targets:
        return
    with transaction.atomic(durable=True):
        gone = unsettled(run, [one.pk for one in targets], now)
        message = _("The draft %(number)s was deleted meanwhile.")
        record_outcomes(
            run,
            (
                BatchOutcome(
                    contract_id=one.contract_id,
                    outcome=DueOutcome.LEFT_OUT,
                    message=message % {"number": one.name},
                )
                for one in gone
            ),
            now,
        )


def _fail(run: BatchRun, now: datetime, key: int, error: Exception) -> None:
    """This proforma alone stays a draft; its outcome says why."""
    with transaction.atomic(durable=True):
        for target in unsettled(run, [key], now):
            if not isinstance(error, Refused):
                logger.error("confirming %s failed", target.name, exc_info=error)
            proforma = Proforma.objects.filter(pk=target.proforma_id).first()
            failed = BatchOutcome(
                contract_id=target.contract_id,
                customer_id=proforma.customer_id if proforma else None,
                proforma=proforma,
                outcome=DueOutcome.FAILED,
                message=words_of(error, _("It is still a draft; confirm it again.")),
            )
            record_outcomes(run, [failed], now)

"""Settle what is due for one contract: draft it or record why not, so that nobody else waits (B6, Q2, Q5)."""

import logging
from collections.abc import Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.drafting import draft_due
from billing.due import Due, first_open_day, leave_out_what_is_no_longer_due, ready_up_to_cut_offs
from billing.limits_ahead import kept_among
from billing.models import BatchOutcome, BatchRun, InvoiceSchedule, Proforma
from billing.payers import PAYER_IS_FREE, on_hold
from billing.run_steps import LONGEST_MESSAGE, LONGEST_WAY_OUT, reason_of
from billing.states import DueOutcome, RunStatus
from core.querysets import ChangedMeanwhile
from core.refusals import Refusal, Refused
from core.templatetags.display import day
from projects.models import Customer

logger = logging.getLogger(__name__)

NEXT = gettext_lazy("The next run tries again.")


def settle(run: BatchRun, due: Due, *, actor: User, at: datetime) -> bool:
    """Draft what is due for one contract on one run date and write an outcome for each of its rows.

    One transaction: running again finds either nothing or everything done. Whatever stops the contract
    becomes the reason of its rows, which are due again; nothing is raised. Amounts and locks are those of
    `draft_due`. Returns whether the outcomes are recorded: where even that fails, the next run finds the rows
    as they were (B6, Q2, Q5, decision 19).
    """
    try:
        with transaction.atomic(durable=True):
            leave_out_what_is_no_longer_due(due)
            if due.rows:
                _draft(run, due, actor, at)
    except Exception as error:  # noqa: BLE001 - whatever stops one contract must not stop the others (decision 19)
        return _record_failure(run, due, error, at)
    return True


def _draft(run: BatchRun, due: Due, actor: User, at: datetime) -> None:
    invoice_date = first_open_day(due.contract, due.run_date) if run.uses_next_open_day else due.run_date
    proformas = draft_due(
        due.contract,
        due.cut_offs,
        [share.pk for share in due.shares],
        [one.pk for one in due.retainers],
        run_date=due.run_date,
        invoice_date=invoice_date,
        actor=actor,
        at=at,
    )
    # Written with the proforma or not at all: running again finds either nothing or everything done.
    held, free, reason = _apart(due)
    InvoiceSchedule.objects.walk(free.schedules, InvoiceSchedule.succeed)
    outcome = DueOutcome.CREATED if proformas else DueOutcome.NOTHING_TO_BILL
    dated = [_dated_later(due.run_date, invoice_date)] if proformas and invoice_date != due.run_date else []
    words = " ".join([*dated, *map(str, kept_among(ready_up_to_cut_offs(due)))])
    _record(run, free, outcome, Refusal("", words), proformas, at)
    # Nobody else waits for a customer on hold; the next run asks for this one again.
    InvoiceSchedule.objects.walk(held.schedules, InvoiceSchedule.fail)
    _record(run, held, DueOutcome.FAILED, reason, proformas, at)


def _dated_later(run_date: date, invoice_date: date) -> str:
    words = _("Dated %(open)s, the first open day: %(closed)s lies in a closed period.")
    return words % {"open": day(invoice_date), "closed": day(run_date)}


def _apart(due: Due) -> tuple[Due, Due, Refusal]:
    """What waits for customers on hold, what does not, and who they are in words."""
    waiting = ready_up_to_cut_offs(due).ready().exclude(PAYER_IS_FREE)
    shares = [share for share in due.shares if share.customer.is_on_hold]
    lines = set(waiting.order_by().values_list("contract_line", flat=True).distinct())
    advances = [one for one in due.retainers if one.customer.is_on_hold]
    held = Due(
        due.contract,
        due.run_date,
        [row for row in due.schedules if row.contract_line_id in lines],
        shares,
        advances,
    )
    free = Due(
        due.contract,
        due.run_date,
        [row for row in due.schedules if row.contract_line_id not in lines],
        [share for share in due.shares if not share.customer.is_on_hold],
        [one for one in due.retainers if not one.customer.is_on_hold],
    )
    if not held.rows:
        return held, free, Refusal("", "")
    customers = {share.customer_id for share in shares} | {one.customer_id for one in advances}
    customers |= set(waiting.order_by().values_list("customer", flat=True).distinct())
    by_name = Customer.objects.filter(pk__in=customers).order_by("name")
    return held, free, reason_of(Refused(on_hold(one, str(due.contract)) for one in by_name), str(NEXT))


def _record_failure(run: BatchRun, due: Due, error: Exception, at: datetime) -> bool:
    is_running = BatchRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING).exists()
    if not is_running or _is_settled(run, due):
        # Another worker took the run over while this one was slow: its outcome is the one.
        return True
    if not isinstance(error, Refused):
        logger.error("invoicing %s failed", due.contract, exc_info=error)
    try:
        with transaction.atomic(durable=True):
            leave_out_what_is_no_longer_due(due)
            InvoiceSchedule.objects.walk(due.schedules, InvoiceSchedule.fail)
            _record(run, due, DueOutcome.FAILED, reason_of(error, str(NEXT)), (), at)
    except Exception:
        # Not even the reason could be written: the row stays due as it was.
        logger.exception("the failure of %s could not be recorded", due.contract)
        return False
    return True


def _is_settled(run: BatchRun, due: Due) -> bool:
    """Whether this run has an outcome for what was due; all of it is settled in one transaction."""
    of_due = Q(schedule__in=due.schedules) | Q(milestone_share__in=due.shares)
    of_due |= Q(retainer__in=due.retainers)
    return run.outcomes.filter(of_due).exists()


def _record(
    run: BatchRun, due: Due, outcome: str, reason: Refusal, proformas: Sequence[Proforma], at: datetime
) -> None:
    common = {
        "run": run,
        "contract": due.contract,
        "outcome": outcome,
        "reason": reason.code,
        "proforma": proformas[0] if proformas else None,
        "message": str(reason.message)[:LONGEST_MESSAGE],
        "way_out": str(reason.way_out)[:LONGEST_WAY_OUT],
        "happened_at": at,
    }
    outcomes = BatchOutcome.objects.bulk_create(
        [
            *(BatchOutcome(schedule=row, **common) for row in due.schedules),
            *(BatchOutcome(milestone_share=share, **common) for share in due.shares),
            *(BatchOutcome(retainer=one, **common) for one in due.retainers),
        ]
    )
    of_others = BatchOutcome.more_proformas.through
    of_others._default_manager.bulk_create(
        [
            of_others(batchoutcome_id=one.pk, proforma_id=proforma.pk)
            for one in outcomes
            for proforma in proformas[1:]
        ]
    )
    # A run that was closed meanwhile takes no more outcomes; one that is stopped ends with this contract.
    ends_with_this = [RunStatus.RUNNING, RunStatus.STOPPED]
    if not BatchRun.objects.filter(pk=run.pk, status__in=ends_with_this).update(alive_at=at):
        raise ChangedMeanwhile(f"run {run.pk} is over")

"""End contracts: complete those whose work is billed, and mark others as lost (A2; matrix 4.1 #14)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import MilestoneShare, Proforma, Retainer
from billing.states import MilestoneStatus
from core.activity_log import log_activity, states_of
from core.outbox import enqueue
from core.querysets import StateMachineQuerySet
from core.refusals import Refusal, refuse_if
from core.templatetags.display import money, number
from projects.models import (
    Approval,
    BacklogItem,
    ContractLine,
    LegalEntity,
    Project,
    ProjectContract,
    WorkItem,
)
from projects.querysets import ContractQuerySet
from projects.re_evaluation import renew_waiting
from projects.recording import seal_events
from projects.replacing import lock_open_work, open_events, take_back
from projects.states import ENDED_CONTRACTS, ApprovalStatus, BillingType, ContractStatus, EventKind

MAY_BE_LOST = (ContractStatus.DRAFT, ContractStatus.CONFIRMED, ContractStatus.ON_HOLD)
Numbers = Mapping[int, int]


def complete_contracts(contracts: ContractQuerySet, *, actor: User, at: datetime) -> int:
    """Complete confirmed contracts whose work is billed: no further work resolves to them.

    Locks the contracts. Raises Refused: not-confirmed, open-drafts (the message names them), unbilled-work,
    milestones-open,
    work-waits, advance-left (A2, B3).
    """
    with transaction.atomic(durable=True):
        chosen = list(contracts.locked())
        refuse_if(
            [
                *_wrong_status(chosen, (ContractStatus.CONFIRMED,), "not-confirmed"),
                *_open_drafts(chosen),
                *_unfinished(chosen),
                *_advances_left(chosen),
            ]
        )

        ProjectContract.objects.walk(chosen, ProjectContract.complete)
        log_activity(
            "completed",
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=ContractStatus.COMPLETED,
        )
    return len(chosen)


def lose_contracts(contracts: ContractQuerySet, *, actor: User, on: date, at: datetime) -> int:
    """Mark contracts as lost: their unbilled sales are reversed, and their cost stays.

    Ready milestones and advances become not ready, and projects that no other contract covers are closed. A
    reversal is dated as its original, or `on` where that day is closed; one event for each legal entity.
    Locks the contracts, what waits for its approver, then the open work. Raises Refused: already-ended,
    open-drafts (the message names them), advance-left (#14, B3).
    """
    with transaction.atomic(durable=True):
        chosen = list(contracts.select_related("legal_entity").locked())
        # An approval under way ends first, and what it wrote is reversed as well (D10).
        waiting = Approval.objects.filter(contract_line__contract__in=chosen, status=ApprovalStatus.SUBMITTED)
        list(waiting.only("pk").locked())
        open_items = BacklogItem.objects.filter(contract__in=chosen)
        work_items = list(WorkItem.objects.filter(pk__in=open_items.values("work_item")).order_by("pk"))
        lock_open_work(work_items)
        refuse_if(
            [
                *_wrong_status(chosen, MAY_BE_LOST, "already-ended"),
                *_open_drafts(chosen),
                *_advances_left(chosen),
            ]
        )

        _reverse(work_items, [one.legal_entity for one in chosen], actor=actor, on=on, at=at)
        ready = list(MilestoneShare.objects.filter(milestone__contract_line__contract__in=chosen).ready())
        MilestoneShare.objects.walk(ready, MilestoneShare.mark_not_ready)
        planned = list(Retainer.objects.ready().filter(contract__in=chosen))
        Retainer.objects.walk(planned, Retainer.mark_not_ready)
        ProjectContract.objects.walk(chosen, ProjectContract.lose)
        log_activity(
            "lost", chosen, actor=actor, at=at, from_states=states_of(chosen), to_state=ContractStatus.LOST
        )
        renew_waiting(chosen, Project.objects.filter(contract_lines__contract__in=chosen).distinct())
        closing = closed_by_losing(chosen)
        Project.objects.filter(pk__in=[one.pk for one in closing]).update(is_closed=True)
        log_activity("closed", closing, actor=actor, at=at, states=("open", "closed"))
    return len(chosen)


def closed_by_losing(contracts: Iterable[ProjectContract]) -> list[Project]:
    """The open projects that no other contract covers that has not ended: they are closed with these."""
    lines = ContractLine.objects.filter(contract__in=contracts)
    others = ContractLine.objects.exclude(contract__in=contracts).exclude(
        contract__status__in=ENDED_CONTRACTS
    )
    covered = others.filter(project__isnull=False).values("project")
    own = Project.objects.filter(pk__in=lines.values("project"), is_closed=False)
    return list(own.exclude(pk__in=covered).order_by("pk"))


# --- Reasons --------------------------------------------------------------------------------------


def _wrong_status(
    contracts: Iterable[ProjectContract], wanted: Iterable[str], code: str
) -> Iterable[Refusal]:
    for contract in contracts:
        if contract.status not in wanted:
            message = _("It is “%(status)s”.") % {"status": contract.get_status_display()}
            way_out = _("Choose contracts with this status: “%(status)s”.")
            facts = {"status": ", ".join(str(ContractStatus(one).label) for one in wanted)}
            yield Refusal(code, message, str(contract), way_out % facts)


def _open_drafts(contracts: list[ProjectContract]) -> Iterable[Refusal]:
    drafts: dict[int, list[str]] = defaultdict(list)
    of_contracts = Proforma.objects.open().filter(contract__in=contracts).order_by("number")
    for contract_id, draft in of_contracts.values_list("contract", "number"):
        drafts[contract_id].append(draft)
    for contract in contracts:
        if contract.pk in drafts:
            numbers = ", ".join(drafts[contract.pk])
            message = _("It is on draft %(numbers)s.") % {"numbers": numbers}
            yield Refusal("open-drafts", message, str(contract), _("Confirm or delete the draft first."))


def _unfinished(contracts: list[ProjectContract]) -> Iterable[Refusal]:
    items = BacklogItem.objects.filter(contract__in=contracts, billing_type=BillingType.CHARGEABLE)
    shares = MilestoneShare.objects.filter(milestone__contract_line__contract__in=contracts)
    open_shares = shares.exclude(status=MilestoneStatus.POSTED)
    waiting = Approval.objects.filter(contract_line__contract__in=contracts, status=ApprovalStatus.SUBMITTED)
    entries, milestones, submissions = (
        _counted(items, "contract"),
        _counted(open_shares, "milestone__contract_line__contract"),
        _counted(waiting, "contract_line__contract"),
    )
    for contract in contracts:
        if count := entries.get(contract.pk):
            message = ngettext("%(count)s entry is not billed.", "%(count)s entries are not billed.", count)
            way_out = _("Bill it; on a proforma draft it can be made non-chargeable.")
            yield Refusal("unbilled-work", message % {"count": number(count)}, str(contract), way_out)
        if count := milestones.get(contract.pk):
            message = ngettext(
                "%(count)s milestone is not billed.", "%(count)s milestones are not billed.", count
            )
            yield Refusal(
                "milestones-open", message % {"count": number(count)}, str(contract), _("Bill it first.")
            )
        if count := submissions.get(contract.pk):
            message = ngettext(
                "%(count)s entry waits for its approver.", "%(count)s entries wait for their approver.", count
            )
            way_out = _("Approve it or send it back.")
            yield Refusal("work-waits", message % {"count": number(count)}, str(contract), way_out)


def _advances_left(contracts: list[ProjectContract]) -> Iterable[Refusal]:
    """A customer who paid in advance would never get it back: nothing of an ended contract is invoiced."""
    left = Retainer.objects.with_balance().filter(contract__in=contracts).select_related("contract")
    for retainer in left.order_by("contract", "invoice_on", "pk"):
        balance = money(retainer.invoiced_amount - retainer.used_amount, retainer.contract.currency)
        message = _("%(balance)s of advance “%(name)s” is not used.")
        yield Refusal(
            "advance-left",
            message % {"balance": balance, "name": retainer.name},
            str(retainer.contract),
            _("Apply it to a proforma, or refund it."),
        )


def _counted(rows: StateMachineQuerySet, by: str) -> Numbers:
    return dict(rows.order_by().values_list(by).annotate(count=Count("pk")))


# --- Losing ---------------------------------------------------------------------------------------


def _reverse(
    work_items: list[WorkItem], entities: list[LegalEntity], *, actor: User, on: date, at: datetime
) -> None:
    concerned = {one.legal_entity_id for one in work_items}
    if not work_items:
        return
    events = open_events(
        EventKind.LOSS, [one for one in entities if one.pk in concerned], actor=actor, on=on, at=at
    )
    take_back(work_items, events, on=on, with_cost=False)
    seal_events(events.values())
    # The integration journal takes the reversals over after the commit (O1).
    enqueue("actuals-recorded", [event.pk for event in events.values()], at=at)

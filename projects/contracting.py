"""Confirm, hold and resume contracts: only a confirmed one is invoiced (A2, decision 11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.activity_log import log_activity, states_of
from core.money import HUNDRED
from core.querysets import Transition
from core.refusals import Refusal, refuse_if
from projects.line_coverage import facts_of_lines, reasons_against_lines
from projects.models import (
    ContractCustomer,
    ContractLine,
    ContractLineCustomer,
    Customer,
    Project,
    ProjectContract,
)
from projects.querysets import ContractLineQuerySet, ContractQuerySet
from projects.re_evaluation import evaluate_again
from projects.states import BillingMethod, ContractStatus


def confirm_contracts(contracts: ContractQuerySet, *, actor: User, on: date, at: datetime) -> int:
    """Confirm draft contracts: from now on they may be invoiced.

    Every line needs a project, a class, and customers whose splits add up to 100 percent, one of them taking
    the rounding; no two lines of confirmed contracts claim the same work. What was recorded before and is
    not billed yet is taken back and written again under the terms of the contract (#13), in one event for
    each legal entity. Locks the contracts, their projects, then approvals and open work. Raises Refused:
    not-a-draft, no-lines, split-not-whole, no-rounding-customer, project-missing, class-missing,
    lines-overlap, customer-on-hold, customer-closed, project-closed (A2, A3, A5).
    """
    step = _Step(ProjectContract.confirm, ContractStatus.DRAFT, "not-a-draft", "confirmed")
    return _agree(contracts, step, actor=actor, on=on, at=at)


def reopen_contracts(contracts: ContractQuerySet, *, actor: User, on: date, at: datetime) -> int:
    """Open completed contracts again, for further work or for a correction of what was invoiced.

    They are judged like drafts that are confirmed, because others may have been confirmed over the same work
    meanwhile; work recorded since then that is not billed is written again under their terms (#13). Locks
    and refusals are those of `confirm_contracts`, with not-completed for not-a-draft (A2).
    """
    step = _Step(ProjectContract.reopen, ContractStatus.COMPLETED, "not-completed", "reopened")
    return _agree(contracts, step, actor=actor, on=on, at=at)


@dataclass(frozen=True)
class _Step:
    """A step after which work resolves to contracts: its transition, from where, and how it is named."""

    transition: Transition
    source: ContractStatus
    code: str
    verb: str


def _agree(contracts: ContractQuerySet, step: _Step, *, actor: User, on: date, at: datetime) -> int:
    with transaction.atomic(durable=True):
        chosen = list(contracts.locked())
        lines = ContractLine.objects.filter(contract__in=[one.pk for one in chosen])
        # Held, so that no other contract is confirmed over the same projects meanwhile.
        projects = list(
            Project.objects.filter(pk__in=lines.values("project"))
            .order_by("pk")
            .select_for_update(of=("self",))
        )
        # A draft may be incomplete; a confirmed contract may not.
        refuse_if(
            [
                *_wrong_status(chosen, step.source, step.code),
                *_reasons_against(chosen, lines),
            ]
        )

        stamps = {"confirmed_at": at} if step.source == ContractStatus.DRAFT else {}
        ProjectContract.objects.walk(chosen, step.transition, **stamps)
        evaluate_again(chosen, projects, set(lines.values_list("pk", flat=True)), actor=actor, on=on, at=at)
        log_activity(
            step.verb,
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=ContractStatus.CONFIRMED,
        )
    return len(chosen)


def hold_contracts(contracts: ContractQuerySet, *, actor: User, at: datetime) -> int:
    """Put confirmed contracts on hold: nothing of them is invoiced until they are resumed.

    Locks the contracts. Raises Refused: not-confirmed (A2).
    """
    step, target = ProjectContract.hold, ContractStatus.ON_HOLD
    return _step(contracts, step, ContractStatus.CONFIRMED, target, "not-confirmed", "on hold", actor, at)


def resume_contracts(contracts: ContractQuerySet, *, actor: User, at: datetime) -> int:
    """Let contracts on hold be invoiced again. Locks the contracts. Raises Refused: not-on-hold (A2)."""
    step, target = ProjectContract.resume, ContractStatus.CONFIRMED
    return _step(contracts, step, ContractStatus.ON_HOLD, target, "not-on-hold", "resumed", actor, at)


def _step(
    contracts: ContractQuerySet,
    step: Transition,
    source: str,
    target: str,
    code: str,
    verb: str,
    actor: User,
    at: datetime,
) -> int:
    with transaction.atomic(durable=True):
        chosen = list(contracts.locked())
        refuse_if(_wrong_status(chosen, source, code))

        # All or none: one contract that changed since it was shown stops the others too.
        ProjectContract.objects.walk(chosen, step)
        log_activity(verb, chosen, actor=actor, at=at, from_states=states_of(chosen), to_state=target)
    return len(chosen)


def _wrong_status(contracts: Iterable[ProjectContract], wanted: str, code: str) -> Iterable[Refusal]:
    for contract in contracts:
        if contract.status != wanted:
            message = _("It is “%(status)s”.") % {"status": contract.get_status_display()}
            way_out = _("Choose contracts with this status: “%(status)s”.")
            facts = {"status": ContractStatus(wanted).label}
            yield Refusal(code, message, str(contract), way_out % facts)


def reasons_against_confirming(contracts: Sequence[ProjectContract]) -> Iterable[Refusal]:
    """Every reason why drafts cannot be confirmed as they stand.

    Statements do not depend on how many there are. Locks and raises nothing, so that a page can show the
    reasons beforehand (A2, A3, A5).
    """
    return _reasons_against(contracts, ContractLine.objects.filter(contract__in=contracts))


def _reasons_against(contracts: Sequence[ProjectContract], lines: ContractLineQuerySet) -> Iterable[Refusal]:
    # Lines of all contracts at once: statements do not depend on how many are confirmed.
    facts = facts_of_lines(lines)
    with_lines = {line.contract for line in facts}
    for contract in contracts:
        if contract.number not in with_lines:
            yield Refusal("no-lines", _("It has no lines."), str(contract), _("Add a contract line."))
    own = [contract.pk for contract in contracts]
    others = ContractLine.objects.claiming(lines.values("project")).exclude(contract__in=own)
    yield from reasons_against_lines([*facts, *facts_of_lines(others, is_judged=False)])
    yield from _held_or_closed(lines)


def _held_or_closed(lines: ContractLineQuerySet) -> Iterable[Refusal]:
    """Customers on hold or closed, and closed projects."""
    shares = ContractLineCustomer.objects.filter(contract_line__in=lines.values("pk"))
    held = shares.filter(Q(customer__is_on_hold=True) | Q(customer__is_closed=True))
    for share in held.select_related("customer", "contract_line__contract").order_by("contract_line", "pk"):
        line, facts = share.contract_line, {"customer": share.customer}
        subject = f"{line.contract.number} {line.name}"
        if share.customer.is_on_hold:
            message = _("Customer %(customer)s is on hold.") % facts
            yield Refusal("customer-on-hold", message, subject, _("Release the customer first."))
        if share.customer.is_closed:
            message = _("Customer %(customer)s is closed.") % facts
            yield Refusal(
                "customer-closed", message, subject, _("Reopen the customer, or choose another payer.")
            )
    for line in lines.filter(project__is_closed=True).select_related("contract", "project"):
        message = _("Project %(project)s is closed.") % {"project": line.project}
        subject = f"{line.contract.number} {line.name}"
        yield Refusal("project-closed", message, subject, _("Ask its manager to reopen it."))


def open_time_and_material(project: Project, *, manager: User, actor: User, at: datetime) -> ProjectContract:
    """Draft a contract over a whole project by time and material, paid by the project's customer.

    A project without a customer gets one of its own name. The contract is in the entity's currency. Takes no
    locks and refuses nothing (A2, X8).
    """
    with transaction.atomic(durable=True):
        entity = project.legal_entity
        customer = project.customer
        # A line needs somebody who pays, even where the file of hours named nobody (X8).
        if customer is None:
            customer = Customer.objects.create(
                legal_entity=entity,
                number=f"K-{project.number}",
                name=(_("Customer of %(project)s") % {"project": project.name})[:120],
                short_name=project.name[:32],
                billing_address=project.name,
                currency=entity.currency,
                language=entity.language,
            )
        contract = ProjectContract.objects.create(
            legal_entity=entity,
            number=f"C-{entity.code}-{project.number}"[:20],
            name=project.name,
            customer=customer,
            currency=entity.currency,
            manager=manager,
        )
        ContractCustomer.objects.create(
            contract=contract, customer=customer, split_percent=HUNDRED, is_rounding=True
        )
        line = ContractLine.objects.create(
            contract=contract,
            number=1,
            name=project.name,
            billing_method=BillingMethod.TIME_AND_MATERIAL,
            project=project,
        )
        ContractLineCustomer.objects.create(
            contract_line=line, customer=customer, split_percent=HUNDRED, is_rounding=True
        )
        log_activity("drafted", [contract], actor=actor, at=at, states=("", ContractStatus.DRAFT))
    return contract

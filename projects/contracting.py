"""Confirm, hold and resume contracts: only a confirmed one is invoiced (A2, decision 11)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from core.activity_log import log_activity, states_of
from core.money import HUNDRED, ZERO
from core.querysets import Transition
from core.refusals import Refusal, refuse_if
from projects.models import ContractLine, ContractLineCustomer, Customer, Project, ProjectContract
from projects.querysets import ContractQuerySet
from projects.states import BillingMethod, ContractStatus


def confirm_contracts(contracts: ContractQuerySet, *, actor: User, at: datetime) -> int:
    """Confirm draft contracts: from now on they may be invoiced.

    Every line needs customers whose splits add up to 100 percent, one of them taking the rounding; lines of
    one project may not claim the same work twice. No amount is computed. Locks the contracts. Raises
    Refused: not-a-draft, no-lines, split-not-whole, no-rounding-customer, lines-overlap, project-missing
    (A2, A3, A5).
    """
    with transaction.atomic(durable=True):
        chosen = list(contracts.locked())
        # Refused here and not earlier: a draft may be incomplete, but work is billed by what is confirmed.
        refuse_if([*_wrong_status(chosen, ContractStatus.DRAFT, "not-a-draft"), *_reasons_against(chosen)])

        ProjectContract.objects.walk(chosen, ProjectContract.confirm, confirmed_at=at)
        log_activity(
            "confirmed",
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

        # All or none: a contract that somebody moved since it was shown keeps the others back too.
        ProjectContract.objects.walk(chosen, step)
        log_activity(verb, chosen, actor=actor, at=at, from_states=states_of(chosen), to_state=target)
    return len(chosen)


def _wrong_status(contracts: Iterable[ProjectContract], wanted: str, code: str) -> Iterable[Refusal]:
    for contract in contracts:
        if contract.status != wanted:
            message = _("It is %(status)s.") % {"status": contract.get_status_display()}
            yield Refusal(code, message, str(contract), _("Choose contracts in the right state."))


def _reasons_against(contracts: list[ProjectContract]) -> Iterable[Refusal]:
    lines = list(
        ContractLine.objects.filter(contract__in=contracts)
        .select_related("contract")
        .annotate(
            split=Sum("customers__split_percent"),
            rounding=Count("customers", filter=Q(customers__is_rounding=True)),
        )
        .order_by("contract", "number")
    )
    # Lines of all contracts at once: statements do not depend on how many are confirmed.
    with_lines = {line.contract_id for line in lines}
    for contract in contracts:
        if contract.pk not in with_lines:
            yield Refusal("no-lines", _("It has no lines."), str(contract), _("Add a contract line."))
    for line in lines:
        yield from _line_reasons(line, line.split or ZERO, line.rounding)
    yield from _overlaps(lines)


def _line_reasons(line: ContractLine, split: Decimal, rounding: int) -> Iterable[Refusal]:
    subject = f"{line.contract.number} {line.name}"
    if split != HUNDRED:
        message = _("The split percentages add up to %(sum)s.") % {"sum": split.normalize()}
        yield Refusal("split-not-whole", message, subject, _("Make them add up to 100."))
    if rounding != 1:
        message = _("No customer takes the rounding difference.")
        yield Refusal("no-rounding-customer", message, subject, _("Mark one of its customers."))
    if line.billing_method == BillingMethod.FIXED_PRICE and line.project_id is None:
        message = _("A fixed-price line needs a project.")
        yield Refusal("project-missing", message, subject, _("Choose the project."))


def _overlaps(lines: Sequence[ContractLine]) -> Iterable[Refusal]:
    """Two lines of a contract may share a project and a class only with disjoint sets of tasks (A3)."""
    tasks: dict[int, set[int]] = {}
    limited = ContractLine.tasks.through.objects.filter(contractline__in=lines)
    for line_id, task_id in limited.values_list("contractline_id", "task_id"):
        tasks.setdefault(line_id, set()).add(task_id)
    classes = ("includes_time", "includes_expense", "includes_material", "includes_fee")
    # A few lines per contract, so comparing every pair is cheap.
    for index, line in enumerate(lines):
        for other in lines[index + 1 :]:
            same = other.contract_id == line.contract_id and other.project_id == line.project_id
            shared = any(getattr(line, one) and getattr(other, one) for one in classes)
            mine, theirs = tasks.get(line.pk), tasks.get(other.pk)
            # A line without tasks covers the whole project, so it overlaps with every other.
            disjoint = mine is not None and theirs is not None and not mine & theirs
            if same and line.project_id is not None and shared and not disjoint:
                message = _("It claims the same work as line %(other)s.") % {"other": other.name}
                subject = f"{line.contract.number} {line.name}"
                yield Refusal("lines-overlap", message, subject, _("Limit both to different tasks."))


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

"""S1, I4, M4, A2, A3: who decided, the steps of approvals and contracts, and what work and milestones fix."""

import itertools
import re
from typing import Any

import pytest

from billing.models import Milestone
from projects.models import Approval, ProjectContract
from projects.states import ApprovalStatus, ContractStatus
from tests.company import Company, rows
from tests.guards.attacks import Attack, each, refused, row, update
from tests.guards.guarded_rows import GuardedRows

PEOPLE = "who submitted and who decided is never changed"
OWN = re.compile("nobody_approves_own_work")
CURRENCY = "a contract with work keeps its currency and legal entity"
METHOD = "a contract line with work keeps its contract, project and billing method"
MILESTONES = "a contract line with milestones keeps its contract, project and billing method"
OPEN_WORK = "a contract with open work does not end"


def _decided(guarded: GuardedRows) -> Any:
    decided = row(guarded.approval)
    decided.update(status="approved", decided_by=guarded.company.manager, decided_at=rows.NOW)
    return decided


def _other(guarded: GuardedRows) -> Any:
    return rows.contract(guarded.company.entity, guarded.company.customer)


def _fixed(guarded: GuardedRows) -> Any:
    return row(guarded.share.milestone.contract_line)


def _with_a_milestone(guarded: GuardedRows) -> Any:
    """A contract that has a milestone and no work yet."""
    other = _other(guarded)
    line = rows.contract_line(other, guarded.company.customer, billing_method="fixed_price")
    Milestone.objects.create(contract_line=line, name="Start", due_on=rows.DAY, amount=1)
    return other


@each(
    update("submitter", PEOPLE, lambda s: (row(s.approval), {"submitted_by": s.company.manager})),
    update("worker", PEOPLE, lambda s: (row(s.approval), {"worker": None})),
    update("entry", PEOPLE, lambda s: (row(s.approval), {"entry": rows.entry(s.company)})),
    update("decider", PEOPLE, lambda s: (_decided(s), {"decided_by": s.company.accountant})),
    update("decision-day", PEOPLE, lambda s: (_decided(s), {"decided_at": None})),
    update("by-the-submitter", OWN, lambda s: (row(s.approval), {"decided_by": s.company.worker})),
    update(
        "on-behalf-of-the-worker",
        re.compile("nobody_is_stood_in_for_on_own_work"),
        lambda s: (_decided(s), {"on_behalf_of": s.company.worker}),
    ),
    update(
        "by-nobody",
        re.compile("decision_names_its_maker"),
        lambda s: (row(s.approval), {"status": "approved"}),
    ),
    update("contract-currency", CURRENCY, lambda s: (row(s.company.contract), {"currency": "USD"})),
    update(
        "contract-entity",
        CURRENCY,
        lambda s: (row(s.company.contract), {"legal_entity": Company.bare().entity}),
    ),
    update("line-method", METHOD, lambda s: (row(s.company.line), {"billing_method": "fixed_price"})),
    update("line-project", METHOD, lambda s: (row(s.company.line), {"project": rows.project(s.company)})),
    update("line-without-project", METHOD, lambda s: (row(s.company.line), {"project": None})),
    update("line-contract", METHOD, lambda s: (row(s.company.line), {"contract": _other(s)})),
    update("milestone-method", MILESTONES, lambda s: (_fixed(s), {"billing_method": "time_and_material"})),
    update("milestone-project", MILESTONES, lambda s: (_fixed(s), {"project": rows.project(s.company)})),
    update(
        "milestone-currency",
        "a contract with milestones keeps its currency",
        lambda s: (row(_with_a_milestone(s)), {"currency": "USD"}),
    ),
    update("completed-too-early", OPEN_WORK, lambda s: (row(s.company.contract), {"status": "completed"})),
    update("lost-too-early", OPEN_WORK, lambda s: (row(s.company.contract), {"status": "lost"})),
)
def test_an_agreement_refuses(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_a_contract_without_work_changes_its_currency(guarded: GuardedRows):
    assert row(rows.contract(guarded.company.entity, guarded.company.customer)).update(currency="USD") == 1


STEPS = {
    (step.source, step.target) for step in Approval._meta.get_field("status").get_all_transitions(Approval)
}


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations(ApprovalStatus.values, 2)))
def test_the_database_walks_as_the_machine_does(guarded: GuardedRows, old: str, new: str):
    victim = rows.approval(
        guarded.company, status=old, decided_by=guarded.company.manager, decided_at=rows.NOW
    )
    if (old, new) in STEPS:
        assert row(victim).update(status=new) == 1
    else:
        with refused("a submission is decided once"):
            row(victim).update(status=new)


CONTRACT_STEPS = {
    (step.source, step.target)
    for step in ProjectContract._meta.get_field("status").get_all_transitions(ProjectContract)
}


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations(ContractStatus.values, 2)))
def test_the_database_walks_contracts_as_the_machine_does(guarded: GuardedRows, old: str, new: str):
    victim = rows.contract(guarded.company.entity, guarded.company.customer, status=old)
    if (old, new) in CONTRACT_STEPS:
        assert row(victim).update(status=new) == 1
    else:
        with refused("a contract is confirmed, held, resumed, completed, reopened or lost"):
            row(victim).update(status=new)


def test_a_line_without_work_changes_its_method_and_project(guarded: GuardedRows):
    line = rows.contract_line(_other(guarded), guarded.company.customer)
    assert row(line).update(billing_method="fixed_price", project=guarded.company.project) == 1

"""S1, I4, M4: who submitted and decided, which steps an approval takes, and the currency of a contract."""

import itertools
import re
from typing import Any

import pytest

from projects.models import Approval
from projects.states import ApprovalStatus
from tests.company import Company, rows
from tests.guards.attacks import Attack, each, refused, row, update
from tests.guards.guarded_rows import GuardedRows

PEOPLE = "who submitted and who decided is never changed"
OWN = re.compile("nobody_approves_own_work")
CURRENCY = "a contract with work keeps its currency and legal entity"


def _decided(guarded: GuardedRows) -> Any:
    decided = row(guarded.approval)
    decided.update(status="approved", decided_by=guarded.company.manager, decided_at=rows.NOW)
    return decided


@each(
    update("submitter", PEOPLE, lambda s: (row(s.approval), {"submitted_by": s.company.manager})),
    update("worker", PEOPLE, lambda s: (row(s.approval), {"worker": None})),
    update("entry", PEOPLE, lambda s: (row(s.approval), {"entry": rows.entry(s.company)})),
    update("decider", PEOPLE, lambda s: (_decided(s), {"decided_by": s.company.accountant})),
    update("decision-day", PEOPLE, lambda s: (_decided(s), {"decided_at": None})),
    update("by-the-submitter", OWN, lambda s: (row(s.approval), {"decided_by": s.company.worker})),
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

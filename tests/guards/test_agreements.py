"""S1, I4, M4: who submitted and decided, which steps an approval takes, and the currency of a contract."""

import itertools
import re
from typing import Any

import pytest

from projects.models import Approval
from projects.states import ApprovalStatus
from tests.factories import world
from tests.guards.attacks import Attack, each, refused, row, update
from tests.guards.scene import Scene

PEOPLE = "who submitted and who decided is never changed"
OWN = re.compile("nobody_approves_own_work")
CURRENCY = "a contract with work keeps its currency and legal entity"


def _decided(scene: Scene) -> Any:
    rows = row(scene.approval)
    rows.update(status="approved", decided_by=scene.at.manager, decided_at=world.NOW)
    return rows


@each(
    update("submitter", PEOPLE, lambda s: (row(s.approval), {"submitted_by": s.at.manager})),
    update("worker", PEOPLE, lambda s: (row(s.approval), {"worker": None})),
    update("entry", PEOPLE, lambda s: (row(s.approval), {"entry": world.entry(s.at)})),
    update("decider", PEOPLE, lambda s: (_decided(s), {"decided_by": s.at.accountant})),
    update("decision-day", PEOPLE, lambda s: (_decided(s), {"decided_at": None})),
    update("by-the-submitter", OWN, lambda s: (row(s.approval), {"decided_by": s.at.worker})),
    update(
        "by-nobody",
        re.compile("decision_names_its_maker"),
        lambda s: (row(s.approval), {"status": "approved"}),
    ),
    update("contract-currency", CURRENCY, lambda s: (row(s.at.contract), {"currency": "USD"})),
    update(
        "contract-entity", CURRENCY, lambda s: (row(s.at.contract), {"legal_entity": world.world().entity})
    ),
)
def test_an_agreement_refuses(scene: Scene, attack: Attack):
    with refused(attack.because):
        attack.strike(scene)


def test_a_contract_without_work_changes_its_currency(scene: Scene):
    assert row(world.contract(scene.at.entity, scene.at.customer)).update(currency="USD") == 1


STEPS = {
    (step.source, step.target) for step in Approval._meta.get_field("status").get_all_transitions(Approval)
}


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations(ApprovalStatus.values, 2)))
def test_the_database_walks_as_the_machine_does(scene: Scene, old: str, new: str):
    victim = world.approval(scene.at, status=old, decided_by=scene.at.manager, decided_at=world.NOW)
    if (old, new) in STEPS:
        assert row(victim).update(status=new) == 1
    else:
        with refused("a submission is decided once"):
            row(victim).update(status=new)

"""A new legal entity: who created it is on record, and its code is its own (A1)."""

import pytest

from core.models import Activity
from projects.models import LegalEntity
from projects.setting_up import create_legal_entity
from tests.company import rows
from tests.company.checking import refused
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


def entity(code: str) -> LegalEntity:
    return LegalEntity(code=code, name="North", short_name="North", currency="NOK", address="1 Quay")


def test_a_legal_entity_is_created_and_its_history_begins():
    accountant = rows.user("accountant")
    made = create_legal_entity(entity("north"), actor=accountant, at=NOW)
    assert LegalEntity.objects.get(code="north") == made
    log = Activity.objects.about(made).get()
    assert (log.verb, log.actor, log.happened_at) == ("added", accountant, NOW)


def test_a_code_is_taken_once():
    accountant = rows.user("accountant")
    create_legal_entity(entity("north"), actor=accountant, at=NOW)
    with refused("code-taken"):
        create_legal_entity(entity("north"), actor=accountant, at=NOW)

"""The lock date moves together with a period and never by itself (C8)."""

from datetime import date

import pytest
from django.db import transaction

from projects.locking import lock_through
from projects.models import LegalEntity
from tests.company import Company
from tests.company.checking import refused
from tests.company.rows import NOW

JANUARY = date(2026, 1, 31)


@pytest.mark.django_db
def test_the_lock_date_moves_forwards_and_back():
    at = Company.bare()
    with transaction.atomic():
        lock_through(at.entity, JANUARY, actor=at.manager, at=NOW)
    entity = LegalEntity.objects.get(pk=at.entity.pk)
    assert entity.locked_through == JANUARY
    assert [entity.is_locked_on(day) for day in (date(2026, 1, 31), date(2026, 2, 1))] == [True, False]
    with transaction.atomic():
        lock_through(at.entity, None, actor=at.manager, at=NOW)
    assert not LegalEntity.objects.get(pk=at.entity.pk).is_locked_on(JANUARY)


@pytest.mark.django_db(transaction=True)
def test_the_lock_date_does_not_move_by_itself():
    at = Company.bare()
    with refused("no-transaction"):
        lock_through(at.entity, JANUARY, actor=at.manager, at=NOW)
    assert LegalEntity.objects.get(pk=at.entity.pk).locked_through is None

"""The outbox: one row for each effect, and parked work that a person puts back (O1)."""

import pytest
from django.contrib.auth.models import User

from core.models import Activity, OutboxEntry
from core.outbox import enqueue, try_again
from core.states import OutboxStatus
from tests.company.checking import refused
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("person")


def entry(key: int, status: str) -> OutboxEntry:
    enqueue("invoice-posted", [key], at=NOW)
    OutboxEntry.objects.filter(payload__key=key).update(status=status, attempts=5, last_error="disk full")
    return OutboxEntry.objects.get(payload__key=key)


def test_an_effect_that_is_asked_for_twice_is_one_row():
    enqueue("invoice-posted", [1, 2], at=NOW)
    enqueue("invoice-posted", [2, 3], at=NOW)
    assert list(OutboxEntry.objects.order_by("pk").values_list("payload", "status")) == [
        ({"key": key}, OutboxStatus.PENDING) for key in (1, 2, 3)
    ]


def test_parked_work_is_pending_again_with_a_clean_count(person):
    parked = entry(1, OutboxStatus.PARKED)
    assert try_again(OutboxEntry.objects.filter(pk=parked.pk), actor=person, at=NOW) == 1
    again = OutboxEntry.objects.get()
    assert (again.status, again.attempts, again.last_error) == (OutboxStatus.PENDING, 0, "")
    logged = Activity.objects.get()
    assert (logged.verb, logged.from_state, logged.to_state) == (
        "tried-again",
        OutboxStatus.PARKED,
        OutboxStatus.PENDING,
    )


def test_work_that_is_not_parked_is_left_alone_and_keeps_the_others_back(person):
    for key, status in enumerate((OutboxStatus.PARKED, OutboxStatus.DONE, OutboxStatus.PENDING)):
        entry(key, status)
    with refused("not-parked", "not-parked"):
        try_again(OutboxEntry.objects.all(), actor=person, at=NOW)

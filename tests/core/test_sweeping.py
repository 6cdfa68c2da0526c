"""Sweeping: all at once, each alone where that fails, and what a failure leaves on its row (O1)."""

from collections.abc import Sequence

import pytest

from core.models import OutboxEntry
from core.outbox import enqueue
from core.states import OutboxStatus
from core.sweeping import isolate, sweep
from tests.company.rows import NOW


class Work:
    """Adds up numbers; three is one too many for it."""

    def __init__(self):
        self.calls: list[list[int]] = []

    def __call__(self, numbers: Sequence[int]) -> int:
        self.calls.append(list(numbers))
        if 3 in numbers:
            raise ValueError("three")
        return sum(numbers)


def test_what_goes_well_is_done_at_once():
    work = Work()
    assert isolate([1, 2, 4], work) == ([7], {})
    assert work.calls == [[1, 2, 4]]


def test_where_one_fails_each_is_done_alone():
    work = Work()
    results, failures = isolate([1, 3, 4], work)
    assert results == [1, 4]
    assert {number: str(error) for number, error in failures.items()} == {3: "three"}
    assert work.calls == [[1, 3, 4], [1], [3], [4]]


def test_one_that_fails_alone_is_not_tried_twice():
    work = Work()
    results, failures = isolate([3], work)
    assert (results, list(failures)) == ([], [3])
    assert work.calls == [[3]]


def test_what_stops_the_program_goes_through():
    def stopped(numbers: Sequence[int]) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        isolate([1, 2], stopped)


@pytest.mark.django_db
def test_a_handler_may_name_what_failed_and_is_not_called_again():
    calls = []

    def handler(keys, now):
        calls.append(list(keys))
        return {2: ValueError("no good")}

    enqueue("kind", [1, 2, 3], at=NOW)
    assert sweep({"kind": handler}, now=NOW) == 2
    assert calls == [[1, 2, 3]]
    rows = OutboxEntry.objects.order_by("pk").values_list("status", "attempts", "last_error")
    assert list(rows) == [("done", 0, ""), ("pending", 1, "no good"), ("done", 0, "")]


@pytest.mark.django_db
def test_a_row_that_another_sweeper_did_meanwhile_stays_done():
    def handler(keys, now):
        OutboxEntry.objects.update(status=OutboxStatus.DONE)
        raise ValueError("somebody else holds it")

    enqueue("kind", [1], at=NOW)
    assert sweep({"kind": handler}, now=NOW) == 0
    assert OutboxEntry.objects.values_list("status", "attempts", "last_error").get() == ("done", 0, "")

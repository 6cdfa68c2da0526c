"""The log is a chain: what is changed, removed or slipped in behind the back of verbs is found (S5)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from core import guarding
from core.activity_log import log_activity
from core.log_chain import Anchor, anchor, anchor_holds, breaks_of_chain, close_the_log
from core.models import Activity, ActivityBlock
from tests.company import rows
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> Iterator[list[int]]:
    """Five rows in two blocks, and a database that lets everything through; their keys."""
    write(3)
    close_the_log(at=NOW)
    write(2)
    close_the_log(at=NOW)
    guarding.lift(connection)
    yield list(Activity.objects.order_by("pk").values_list("pk", flat=True))
    guarding.install(connection)


def write(count: int) -> None:
    actor = rows.user("chain")
    log_activity("looked at", [actor] * count, actor=actor, at=NOW, facts={"count": count})


def test_what_nobody_touched_is_whole():
    write(3)
    assert close_the_log(at=NOW) == 3
    assert close_the_log(at=NOW) == 0
    write(2)
    assert close_the_log(at=NOW) == 2
    assert list(ActivityBlock.objects.values_list("number", "row_count")) == [(1, 3), (2, 2)]
    assert breaks_of_chain() == []


def test_a_log_that_nobody_closed_yet_is_whole():
    write(1)
    assert breaks_of_chain() == []
    assert anchor() is None


def test_a_row_that_is_missing_is_named(log: list[int]):
    Activity.objects.filter(pk=log[1]).delete()
    assert breaks_of_chain() == [f"row {log[1]} is missing"]


def test_the_last_row_that_is_missing_is_named(log: list[int]):
    Activity.objects.filter(pk=log[-1]).delete()
    assert breaks_of_chain() == [f"row {log[-1]} is missing"]


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "never looked at"},
        {"facts": {"count": 4}},
        {"subject_name": "somebody else"},
        {"subject_id": 999_999_999},
        {"to_state": "approved"},
        {"happened_at": NOW + timedelta(microseconds=1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_column_counts(log: list[int], change: dict[str, object]):
    Activity.objects.filter(pk=log[1]).update(**change)
    (only,) = breaks_of_chain()
    assert only.startswith(f"a row of {log[0]} to {log[2]} was changed")


def test_a_row_that_was_slipped_in_is_named(log: list[int]):
    Activity.objects.filter(pk=log[0]).update(id=log[0] - 1)
    assert breaks_of_chain() == [f"row {log[0] - 1} was added", f"row {log[0]} is missing"]


def test_a_block_that_was_cut_out_is_noticed(log: list[int]):
    ActivityBlock.objects.filter(number=1).delete()
    assert "block 2 does not follow the block before it" in breaks_of_chain()


def test_who_writes_the_whole_chain_anew_is_found_by_what_was_kept_outside(log: list[int]):
    kept = anchor()
    assert kept is not None
    assert anchor_holds(kept)
    Activity.objects.filter(pk=log[1]).update(verb="never looked at")
    ActivityBlock.objects.all().delete()
    close_the_log(at=NOW)
    assert breaks_of_chain() == []
    assert not anchor_holds(kept)
    assert not anchor_holds(Anchor(9, kept.sha256))


def test_a_row_that_is_committed_late_is_closed_by_a_later_block(log: list[int]):
    """Its transaction took its key before others did and committed after them."""
    late = Activity.objects.get(pk=log[-1])
    free, late.pk = late.pk + 3, late.pk + 1
    write_at(free)
    close_the_log(at=NOW)
    late.save(force_insert=True)
    assert breaks_of_chain() == []
    assert close_the_log(at=NOW) == 1
    assert breaks_of_chain() == []
    Activity.objects.filter(pk=late.pk).delete()
    assert breaks_of_chain() == [f"row {late.pk} is missing"]


def test_what_was_rolled_back_is_not_waited_for_longer_than_a_day(log: list[int]):
    write_at(log[-1] + 3)
    close_the_log(at=NOW)
    write_at(log[-1] + 4)
    close_the_log(at=NOW + timedelta(days=2))
    write_at(log[-1] + 1)
    assert close_the_log(at=NOW + timedelta(days=2)) == 0
    assert breaks_of_chain() == [f"row {log[-1] + 1} was added"]


def write_at(key: int) -> None:
    row = Activity.objects.order_by("-pk").first()
    assert row is not None
    row.pk = key
    row.save(force_insert=True)

"""What stood at the end of a day, over a third and all of N pieces of work of which half is invoiced (X3)."""

from datetime import date
from typing import Any

from django.db import connection

from accounting.as_of import AsOf
from accounting.models import IntegrationJournal
from accounting.posting import post_journals
from accounting.pulling import pull_journals
from accounting.standing import what_stood
from accounting.standing_rows import rows_of
from accounting.states import StandingKind
from bench.bare_sql import PER_CONTRACT
from bench.billing import ROWS, SET_OF_CONTRACTS, World, job, settle
from bench.measuring import Measured, growths, measured

PAGE = 100


def bench_past_days(n: int) -> dict[str, Any]:
    """Ask for a past day in both views, then for a page of its rows; the exponents say how the time grows.

    On an empty scratch database. A difference to the ledger ends the bench.
    """
    world = World(n)
    lines = world.agree(n // PER_CONTRACT)
    rows: list[dict[str, Any]] = []
    steps: dict[str, list[tuple[int, Measured]]] = {}
    done = 0
    for until in (n // 3, n):
        _work(world, lines, range(done, until))
        done = until
        for name, at in (
            ("today", AsOf(world.entity, date.max)),
            ("then", AsOf(world.entity, world.entity.day_of(world.now), is_known=True)),
        ):
            with measured(f"{name}, {done}") as step:
                if not what_stood(at).is_equal:
                    raise AssertionError(f"rows and ledger differ over {done} pieces")
            steps.setdefault(name, []).append((done, step))
            rows.append(step.row(done))
        with measured(f"a page of rows, {done}") as step:
            rows_of(StandingKind.ACCRUED, at, 0, PAGE)
        steps.setdefault("rows", []).append((done, step))
        rows.append(step.row(done))
    total: dict[str, Any] = {"pieces": done}
    for name, timed in steps.items():
        total |= growths(name, timed)
    return {"database": connection.vendor, "n": n, "before": [], "steps": rows, "total": total}


def _work(world: World, lines: list[Any], which: range) -> None:
    """Record and book this work; then invoice what is ready, which is the first half."""
    half = which.start + len(which) // 2
    for start, end, is_billed in ((which.start, half, True), (half, which.stop, False)):
        for first in range(start, end, ROWS):
            world.record(lines, range(first, min(first + ROWS, end)))
        pull_journals(world.entity, actor=world.accountant, at=world.now)
        journals = IntegrationJournal.objects.postable().filter(legal_entity=world.entity)
        post_journals(journals, actor=world.accountant, at=world.now)
        if is_billed:
            world.make_ready()
            for _step in job(world, SET_OF_CONTRACTS):
                pass
    settle()

"""The check of the books over a third and all of N actuals that were approved, booked, billed and posted."""

import time
from typing import Any

from django.db import connection

from accounting.models import IntegrationJournal
from accounting.posting import post_journals
from accounting.proving import PROOFS, SHOWN
from accounting.pulling import pull_journals
from bench.bare_sql import PER_CONTRACT
from bench.billing import ROWS, SET_OF_CONTRACTS, World, job, settle
from bench.measuring import Measured, growths, measured
from core.log_chain import close_the_log
from projects.models import Actual

# Of each piece of work: cost, unbilled sales, their reversal, billed sales.
ACTUALS_OF_A_PIECE = 4
# The bench records work that nobody entered, so nothing names its approval.
NOT_IN_THE_BENCH = "J7a"
SLOWEST = 8


def bench_proofs(n: int) -> dict[str, Any]:
    """Check the books at a third and at all of n actuals; say how the time grows and which proofs take it.

    On an empty scratch database. Whatever a proof finds there is an error of the proof, and ends the bench.
    """
    pieces = n // ACTUALS_OF_A_PIECE
    world = World(pieces)
    lines = world.agree(pieces // PER_CONTRACT)
    steps: list[tuple[int, Measured]] = []
    seconds: dict[str, float] = {}
    done = 0
    for until in (pieces // 3, pieces):
        for start in range(done, until, ROWS):
            world.record(lines, range(start, min(start + ROWS, until)))
        done = until
        _bill(world)
        with measured(f"prove {Actual.objects.count()}") as step:
            close_the_log(at=world.now)
            seconds = _prove()
        steps.append((Actual.objects.count(), step))
    slowest = sorted(seconds.items(), key=lambda one: -one[1])[:SLOWEST]
    return {
        "database": connection.vendor,
        "n": n,
        "before": [],
        "steps": [step.row(count) for count, step in steps],
        "total": growths("prove", steps)
        | {"proofs": len(PROOFS)}
        | {code: round(took, 2) for code, took in slowest},
    }


def _bill(world: World) -> None:
    world.make_ready()
    pull_journals(world.entity, actor=world.accountant, at=world.now)
    post_journals(
        IntegrationJournal.objects.postable().filter(legal_entity=world.entity),
        actor=world.accountant,
        at=world.now,
    )
    for _step in job(world, SET_OF_CONTRACTS):
        pass
    settle()


def _prove() -> dict[str, float]:
    """Seconds by the code of the proof."""
    seconds = {}
    for proof in PROOFS:
        started = time.perf_counter()
        offenders = proof.offenders()
        count = len(offenders) if isinstance(offenders, list) else offenders.count()
        seconds[proof.code] = time.perf_counter() - started
        if count and proof.code != NOT_IN_THE_BENCH:
            raise AssertionError(f"{proof.code} names {count}, as {[str(one) for one in offenders[:SHOWN]]}")
    return seconds

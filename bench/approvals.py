"""Approving many entries at once, through the product's own verbs: statements, seconds and growth."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from bench.bare_sql import PER_CONTRACT
from bench.billing import COST, DAYS, FIRST, RATE, World
from bench.measuring import Measured, growths, measured
from projects.approving import approve_entries
from projects.models import (
    Approval,
    BacklogItem,
    ContractLine,
    Entry,
    PriceList,
    ProjectContract,
    Resource,
    RolePrice,
)
from projects.states import PriceContext, TransactionClass
from projects.submitting import submit_entries

ENTRIES_A_DAY = 8
"""Hours that one person reports on one day, an entry each."""
STEPS = (4, 2, 1)
"""The sizes that are measured: a quarter, a half and the whole."""
ROWS = 5000


def bench_approvals(n: int) -> dict[str, Any]:
    """Submit and approve a quarter of `n` entries, then a half, then all, each in one call of the verb.

    Every second contract has a limit that holds back some of the work. The exponent of growth says how the
    time of approving grows with the number of entries: 1 is in step with it. On an empty scratch database.
    """
    world = World(n)
    set_prices(world)
    steps: list[tuple[int, Measured, Measured]] = []
    for part in STEPS:
        count = n // part
        # Contracts of its own for each step, so that each holds back the same part of its work: what a limit
        # holds back is written a second time, and a step that did more of it would look like growth.
        lines = agree_with_limits(world, count)
        keys = report_work(world, lines, count, f"T{part}-")
        with measured(f"submit {count}") as submit:
            submit_entries(Entry.objects.filter(pk__in=keys), actor=world.accountant, at=world.now)
        waiting = Approval.objects.filter(entry__in=keys).waiting()
        with measured(f"approve {count}") as approve:
            approved = approve_entries(waiting, actor=world.manager, on=world.now.date(), at=world.now)
        if approved != count:
            raise AssertionError(f"{approved} of {count} entries were approved")
        steps.append((count, submit, approve))
    held = BacklogItem.objects.over_limit().count()
    if not held:
        raise AssertionError("no limit held anything back, so limits were not measured")
    rows = [row for count, submit, approve in steps for row in (submit.row(count), approve.row(count))]
    return {
        "database": connection.vendor,
        "n": n,
        "before": [],
        "steps": rows,
        "total": {
            "held_back": held,
            **growths("submit", [(count, submit) for count, submit, _approve in steps]),
            **growths("approve", [(count, approve) for count, _submit, approve in steps]),
        },
    }


def set_prices(world: World) -> None:
    for context, price in ((PriceContext.COST, COST), (PriceContext.SALES, RATE)):
        prices = PriceList.objects.create(
            legal_entity=world.entity, name=f"Bench {context}", context=context, currency="EUR"
        )
        RolePrice.objects.create(price_list=prices, role=world.role, price=price)


def agree_with_limits(world: World, count: int) -> list[ContractLine]:
    """Contracts for so many entries, every second one limited to half of the work reported for it."""
    lines = world.agree(max(count // PER_CONTRACT, 1))
    limited = ProjectContract.objects.filter(lines__in=lines[::4])
    limited.update(not_to_exceed_amount=RATE * PER_CONTRACT / 2)
    return lines


def report_work(world: World, lines: list[ContractLine], count: int, codes: str) -> list[int]:
    """Hours of as many people as it takes, spread over the days and the projects."""
    of_person = DAYS * ENTRIES_A_DAY
    people = Resource.objects.bulk_create(
        Resource(
            legal_entity=world.entity, code=f"{codes}{nth}", name=f"Person {codes}{nth}", role=world.role
        )
        for nth in range(count // of_person + 1)
    )
    entries = Entry.objects.bulk_create(
        (
            Entry(
                legal_entity=world.entity,
                transaction_class=TransactionClass.TIME,
                project_id=lines[nth % len(lines)].project_id,
                resource=people[nth // of_person],
                role=world.role,
                date=FIRST + timedelta(days=nth % DAYS),
                quantity=Decimal(1),
                unit="h",
                description=f"Work worth paying for {nth}",
            )
            for nth in range(count)
        ),
        batch_size=ROWS,
    )
    return [entry.pk for entry in entries]

"""The page of the backlog as a manager opens it: first and last page, a search, other groups (B1)."""

from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from bench.bare_sql import PER_CONTRACT
from bench.billing import ROWS, World, settle
from bench.measuring import Measured, growths, measured
from projects.models import BacklogItem, LegalEntityMembership
from projects.roles import PROJECT_MANAGER

PARTS = (4, 2, 1)
PAGES = {
    "first page": "all=1",
    # Of what lies beyond the end the last page is shown.
    "last page": "all=1&page=99999999",
    "search": "all=1&q=paying+for+77",
    "by person": "all=1&group=person",
    "by project": "all=1&group=project",
}
"""What is asked for, and the address that asks for it."""


def bench_backlog(n: int) -> dict[str, Any]:
    """Open the backlog at a quarter, a half and all of n ready rows; the exponents say how the time grows.

    On an empty scratch database. Each page is opened once before it is measured, as the next reader finds it.
    """
    # Pages name their style sheets, as in the shop.
    call_command("collectstatic", verbosity=0, interactive=False)
    world = World(0)
    client = _manager(world)
    rows: list[dict[str, Any]] = []
    steps: dict[str, list[tuple[int, Measured]]] = {name: [] for name in PAGES}
    done = 0
    for part in PARTS:
        count = max(n // part, PER_CONTRACT)
        _work(world, count - done)
        done = BacklogItem.objects.count()
        for name, query in PAGES.items():
            step = _opened(client, f"{name}, {done}", f"{reverse('backlog')}?{query}")
            steps[name].append((done, step))
            rows.append(step.row(done))
    total: dict[str, Any] = {"rows": done}
    for name, timed in steps.items():
        total |= growths(name.replace(" ", "_"), timed)
    return {"database": connection.vendor, "n": n, "before": [], "steps": rows, "total": total}


def _work(world: World, count: int) -> None:
    """So many more rows that are ready, on contracts of their own."""
    lines = world.agree(-(-count // PER_CONTRACT))
    world.contracts().update(manager=world.manager)
    for start in range(0, count, ROWS):
        world.record(lines, range(start, min(start + ROWS, count)))
    world.make_ready()
    settle()


def _manager(world: World) -> Client:
    world.manager.groups.set(Group.objects.filter(name=PROJECT_MANAGER))
    LegalEntityMembership.objects.get_or_create(user=world.manager, legal_entity=world.entity)
    client = Client(headers={"host": "localhost"})
    client.force_login(world.manager)
    return client


def _opened(client: Client, name: str, address: str) -> Measured:
    client.get(address)
    with measured(name) as step:
        answer = client.get(address)
    if answer.status_code != 200 or b'name="row"' not in answer.content:
        raise AssertionError(f"{address} shows no row: {answer.status_code}")
    return step

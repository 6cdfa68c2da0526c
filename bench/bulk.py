"""Proformas from many contracts, then their confirmation, by the pages as a manager works (B5, B8)."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from accounting.outbox_handlers import work_through_runs
from bench.bare_sql import PER_CONTRACT
from bench.billing import HOURS, LAST, RATE, World
from bench.measuring import Measured, growths, measured
from bench.watching import watched
from billing.models import BatchRun, Proforma
from projects.models import LegalEntityMembership, ProjectContract
from projects.roles import PROJECT_MANAGER

PARTS = (4, 2, 1)
LINES = 2

INPUT = re.compile(r'<input type="(?:hidden|checkbox)"\s+name="(\w+)" value="([^"]*)"')
OWN = {"csrfmiddlewaretoken", "token", "next", "theme", "row", "shown"}


def bench_bulk(n: int) -> dict[str, Any]:
    """A quarter, a half, then all of N contracts of two entries each are drafted, then confirmed.

    Each step is a page or a run; while a run works, its page is looked at by somebody else and the progress
    that it says is kept. The work of a run takes the same number of statements for each contract, whatever
    their number.
    """
    # Pages name their style sheets, as in the shop.
    call_command("collectstatic", verbosity=0, interactive=False)
    # No worker listens here: the bench works through the runs itself, and nobody waits for a broker.
    settings.CELERY_BROKER_URL = "memory://"
    world = World(0)
    rows: list[dict[str, Any]] = []
    seen: dict[str, list[str]] = {}
    runs: dict[str, list[tuple[int, Measured]]] = {"draft": [], "confirm": []}
    counts = [max(n // part, 1) for part in PARTS]
    for nth, count in enumerate(counts):
        word = f"round{nth}"
        _agree(world, count, word)
        for name, steps, progress in _month_end(world, count, word):
            rows += [step.row(count) | _per_contract(step, count) for step in steps]
            runs[name].append((count, steps[-1]))
            seen[f"{name} {count}"] = progress
    _check(world, sum(counts))
    total = {
        "contracts": sum(counts),
        "statements_per_contract": {
            name: [_per_contract(step, count)["statements_each"] for count, step in timed]
            for name, timed in runs.items()
        },
        "progress_seen": seen,
    }
    for name, timed in runs.items():
        total |= growths(name, timed)
    return {"database": connection.vendor, "n": n, "before": [], "steps": rows, "total": total}


def _per_contract(step: Measured, count: int) -> dict[str, Any]:
    return {"statements_each": round(step.statements / count, 2)}


def _agree(world: World, count: int, word: str) -> None:
    """So many contracts with a ready entry on each of their two lines; the word is in their names."""
    lines = world.agree(count)
    contracts = ProjectContract.objects.filter(lines__in=[line.pk for line in lines[::LINES]])
    ProjectContract.objects.filter(pk__in=list(contracts.values_list("pk", flat=True))).update(
        name=word, manager=world.manager
    )
    world.record(lines, (PER_CONTRACT * nth + line for nth in range(count) for line in range(LINES)))
    world.make_ready()


def _manager(world: World) -> Client:
    world.manager.groups.set(Group.objects.filter(name=PROJECT_MANAGER))
    LegalEntityMembership.objects.get_or_create(user=world.manager, legal_entity=world.entity)
    return _signed_in(world)


def _signed_in(world: World) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(world.manager)
    return client


def _month_end(world: World, count: int, word: str) -> Iterator[tuple[str, list[Measured], list[str]]]:
    """Draft, then confirm: the list, the page that asks, the answer, and the run."""
    client = _manager(world)
    days = {"cut_off": LAST.isoformat(), "invoice_date": LAST.isoformat()}
    chosen = f"{reverse('contracts')}?q={word}&select=all"
    yield "draft", *_run_of(world, client, "draft", count, chosen, reverse("contracts-draft"), days)
    drafts = f"{reverse('proformas')}?status=draft&select=all"
    typed = {"count": str(count)}
    yield "confirm", *_run_of(world, client, "confirm", count, drafts, reverse("proformas-confirm"), typed)


def _run_of(
    world: World, client: Client, name: str, count: int, address: str, action: str, answers: dict[str, str]
) -> tuple[list[Measured], list[str]]:
    with measured(f"{name} {count}: page") as page:
        selection = _fields(client.get(address), "scope")
        asked = client.post(action, selection)
        fields = _fields(asked, "scope")
    with measured(f"{name} {count}: start") as start:
        answer = client.post(action, fields | answers | {"go": "1"})
    if answer.status_code != 302:
        raise AssertionError(f"the run was not started: {answer.status_code}")
    run = BatchRun.objects.latest("pk")
    looked_at = watched(_signed_in(world), reverse("run", args=[run.pk]))
    with looked_at as progress, measured(f"{name} {count}: run") as work:
        work_through_runs(BatchRun.objects.filter(pk=run.pk))
    run = BatchRun.objects.get(pk=run.pk)
    if (run.status, run.due_count) != ("finished", count):
        raise AssertionError(f"run {run.pk} is {run.status} with {run.due_count} of {count}")
    return [page, start, work], progress


def _fields(response: Any, must_have: str) -> dict[str, list[str]]:
    """What the form of a page would send: its hidden fields and its boxes, all of them ticked."""
    fields: dict[str, list[str]] = {}
    for name, value in INPUT.findall(response.content.decode()):
        if name not in OWN:
            fields.setdefault(name, []).append(unescape(value))
    if response.status_code != 200 or must_have not in fields:
        raise AssertionError(f"the page has no form to send: {response.status_code}")
    return fields


def _check(world: World, contracts: int) -> None:
    """Every contract has its one confirmed proforma, and all of the work is on them."""
    made = Proforma.objects.confirmed().filter(legal_entity=world.entity)
    net = made.aggregate(net=Sum("net_amount"))["net"]
    if (made.count(), net) != (contracts, contracts * LINES * HOURS * RATE):
        raise AssertionError(f"{made.count()} proformas of {net} for {contracts} contracts")

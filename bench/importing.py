"""A large file of hours through the product's own verbs: read, looked at, imported, and sent again."""

import math
import resource
import tempfile
from datetime import date, timedelta
from typing import Any, BinaryIO

from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from accounting.setting_up import create_books
from bench.measuring import KILOBYTES_PER_MEGABYTE, Measured, measured
from projects.importing import Decisions, import_files
from projects.models import Entry, ImportBatch, LegalEntity, Role
from projects.setting_up import create_legal_entity
from projects.staging import Choices, Upload, read_file, stage_file

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
SIZES = (4, 2, 1)
"""What part of the rows each of the three files has, smallest first."""
PEOPLE, PROJECTS, DAYS = 500, 200, 200
HEAD = "Date,Client,Project,Task,Notes,Hours,Billable?,Invoiced?,First Name,Last Name\n"


def bench_import(n: int) -> dict[str, Any]:
    """Import files of a quarter, a half and all of `n` rows into companies of their own; return all figures.

    On an empty scratch database. The growth exponent is that of the seconds between the smallest and the
    largest file: 1 means twice the rows take twice as long.
    """
    actor = get_user_model().objects.create(username="bench-importer")
    role = Role.objects.create(name="Bench role")
    runs = [_run(n // part, actor, role) for part in SIZES]
    steps = [step for run in runs for step in run]
    smallest, largest = (sum(step["seconds"] for step in run) for run in (runs[0], runs[-1]))
    return {
        "database": connection.vendor,
        "n": n,
        "before": [],
        "steps": steps,
        "total": {
            "rows_per_second": int(n / largest),
            "growth_exponent": f"{math.log(largest / smallest) / math.log(SIZES[0] / SIZES[-1]):.2f}",
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KILOBYTES_PER_MEGABYTE,
        },
    }


def _run(n: int, actor: Any, role: Role) -> list[dict[str, Any]]:
    entity = create_legal_entity(
        LegalEntity(
            code=f"bench{n}", name=f"Bench {n}", short_name="Bench", currency="EUR", address="1 Road"
        ),
        actor=actor,
        at=timezone.now(),
    )
    # The file is history, so that the days of any year may be measured.
    create_books(entity, first_day=FIRST, last_day=LAST, actor=actor, at=timezone.now())
    LegalEntity.objects.filter(pk=entity.pk).update(entry_days_ahead=32_000, entry_days_back=32_000)
    steps: list[Measured] = []
    with tempfile.TemporaryFile() as file:
        _write(file, n)
        for name in ("first", "again"):
            steps += _import(f"{n} {name}", file, LegalEntity.objects.get(pk=entity.pk), actor, role)
    if Entry.objects.filter(legal_entity=entity).count() != n:
        raise AssertionError(f"{n} rows became another number of entries")
    return [step.row(n) for step in steps]


def _import(name: str, file: BinaryIO, entity: LegalEntity, actor: Any, role: Role) -> list[Measured]:
    file.seek(0)
    with measured(f"{name}: read") as reading:
        upload = Upload("bench.csv", file)
        batch = stage_file(entity, upload, Choices(), actor=actor, at=timezone.now())
        read_file(batch.pk, clock=timezone.now)
    with measured(f"{name}: import") as importing:
        batches = ImportBatch.objects.filter(pk=batch.pk)
        import_files(batches, Decisions(default_role=role), actor=actor, at=timezone.now())
    return [reading, importing]


def _write(file: BinaryIO, n: int) -> None:
    """Rows of the layout of Harvest: every person has one or two pieces of work on each day."""
    file.write(HEAD.encode())
    for number in range(n):
        person, day = number % PEOPLE, FIRST + timedelta(days=number // PEOPLE % DAYS)
        project = number % PROJECTS
        file.write(
            f'{day},Customer {project % 50},Project {project},Task {number % 7},"Work number {number}, done",'
            f"{number % 8 / 4 + 0.25},Yes,No,First{person},Last{person}\n".encode()
        )

"""Post integration journals of two sizes over few and over many projects (C1)."""

from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum

from accounting.models import IntegrationJournal, VoucherLine
from accounting.posting import post_journals
from accounting.pulling import pull_journals
from accounting.states import JournalPeriodUnit
from bench.billing import COST, HOURS, LINES_OF_HOUR, RATE, ROWS, World, settle
from bench.measuring import measured
from core.money import ZERO
from projects.models import ContractLine

PROJECTS = (50, 400)
SMALLER = 4


class JournalWorld(World):
    """Work spread evenly over all projects, however much of it there is."""

    def line_of(self, lines: list[ContractLine], number: int) -> ContractLine:
        return lines[number % len(lines)]


def bench_journals(n: int) -> dict[str, Any]:
    """Post journals of n/4 and of n lines over 50 and over 400 projects, and check the ledger."""
    world, steps, hours = JournalWorld(0), [], 0
    for projects in PROJECTS:
        lines = world.agree(projects // 2)
        for count in (n // SMALLER, n):
            done = count // LINES_OF_HOUR
            for start in range(0, done, ROWS):
                world.record(lines, range(start, min(start + ROWS, done)))
            hours += done
            unit = JournalPeriodUnit.ALL
            pull_journals(world.entity, unit=unit, actor=world.accountant, at=world.now)
            settle()
            drafts = IntegrationJournal.objects.postable().filter(legal_entity=world.entity)
            with measured(f"post {count} of {projects}") as figures:
                post_journals(drafts, actor=world.accountant, at=world.now)
            steps.append(figures.row(count))
    _check(hours)
    return {"database": connection.vendor, "n": n, "before": [], "steps": steps, "total": {"hours": hours}}


def _check(hours: int) -> None:
    lines = VoucherLine.objects.aggregate(
        debit=Sum("amount", filter=Q(amount__gt=0)), left=Sum("amount"), count=Count("pk")
    )
    expected = {"debit": hours * HOURS * (COST + RATE), "left": ZERO, "count": hours * LINES_OF_HOUR * 2}
    if lines != expected:
        raise AssertionError(f"the ledger holds {lines}, not {expected}")

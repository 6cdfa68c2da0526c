"""How long a run is likely to take, from how long the latest of its kind took (B5, B8)."""

from datetime import timedelta

from billing.models import BatchRun
from billing.states import RunStatus

LATEST = 10
"""Of so many runs: what was slow a year ago says nothing of today."""
COMPLETE = (RunStatus.FINISHED, RunStatus.WITH_FAILURES)
SHORTEST = timedelta(seconds=1)


def expected_time(kind: str, count: int) -> timedelta | None:
    """How long a run of a kind over so many is likely to take; None before the first of its kind ended.

    Whole seconds, one at least. Runs that were stopped or lost their worker do not count. One statement;
    locks nothing.
    """
    ended = BatchRun.objects.filter(kind=kind, status__in=COMPLETE, due_count__gt=0).order_by("-pk")
    rows = ended.values_list("started_at", "finished_at", "due_count")[:LATEST]
    timed = [(finished - started, due) for started, finished, due in rows if started and finished]
    if not timed or not count:
        return None
    each = sum((taken for taken, _due in timed), timedelta()) / sum(due for _taken, due in timed)
    whole = (each * count) // SHORTEST
    return max(whole * SHORTEST, SHORTEST)

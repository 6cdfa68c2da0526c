"""Seconds, statements, database time and memory of a piece of work."""

import gc
import math
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

KILOBYTES_PER_MEGABYTE = 1024


@dataclass
class Measured:
    """What one step took."""

    name: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    statements: int = 0
    database_seconds: float = 0.0
    peak_megabytes: int = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Count and time one statement on its way to the database."""
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.statements += 1
            self.database_seconds += time.perf_counter() - started

    def row(self, n: int) -> dict[str, Any]:
        """The figures as a row of the report."""
        return {
            "step": self.name,
            "seconds": round(self.seconds, 2),
            # Of this process: on a machine that others use as well it says more than the clock does.
            "cpu_seconds": round(self.cpu_seconds, 2),
            "per_second": round(n / self.seconds) if self.seconds else None,
            "statements": self.statements,
            "database_seconds": round(self.database_seconds, 2),
            "peak_mb": self.peak_megabytes,
        }


@contextmanager
def measured(name: str) -> Iterator[Measured]:
    """Measure the body of a with statement on the default connection."""
    figures = Measured(name)
    # What earlier steps left in memory would be searched for garbage again and again, at this step's expense.
    gc.collect()
    gc.freeze()
    with connection.execute_wrapper(figures):
        started, started_cpu = time.perf_counter(), time.process_time()
        yield figures
        figures.seconds = time.perf_counter() - started
        figures.cpu_seconds = time.process_time() - started_cpu
    figures.peak_megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KILOBYTES_PER_MEGABYTE


def growths(name: str, steps: Sequence[tuple[int, Measured]]) -> dict[str, float]:
    """The growth of a step by the clock and by the processor of this process, for the report's last row."""
    return {
        f"growth_{name}": growth_of([(count, step.seconds) for count, step in steps]),
        f"growth_{name}_cpu": growth_of([(count, step.cpu_seconds) for count, step in steps]),
    }


def growth_of(points: list[tuple[int, float]]) -> float:
    """By which power the time grows with the size, from the smallest to the largest."""
    (few, short), (many, long) = points[0], points[-1]
    return round(math.log(long / short) / math.log(many / few), 2)

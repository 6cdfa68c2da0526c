"""A worker as a process of its own: `python -m tests.faults.worker RUN SECONDS` works through one batch run.

Its clock goes so many seconds fast. It needs no queue: a message only says which run waits.
"""

import os
import sys
from datetime import timedelta

import django


def main(run: int, fast: int) -> None:
    from django.utils import timezone

    from accounting.outbox_handlers import RUNS
    from billing.models import BatchRun
    from billing.states import RunKind

    work_through = RUNS[RunKind(BatchRun.objects.get(pk=run).kind)]
    sys.stdout.write(work_through(run, clock=lambda: timezone.now() + timedelta(seconds=fast)))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main(*map(int, sys.argv[1:]))

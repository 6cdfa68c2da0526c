"""A sweeper as a process of its own: `python -m tests.faults.sweeper COMPANIES` works through the outbox.

It kills itself without warning in the transaction of the company after so many; 0 lets it come to its end.
"""

import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime

import django


def main(companies: int) -> None:
    from django.utils import timezone

    from accounting import pulling
    from accounting.outbox_handlers import sweep_outbox

    propose, done = pulling._log_proposals, []

    def killed(proposals: Sequence[object], at: datetime) -> None:
        if companies and len(done) == companies:
            os.kill(os.getpid(), signal.SIGKILL)
        propose(proposals, at)
        done.append(proposals)

    pulling._log_proposals = killed
    sys.stdout.write(str(sweep_outbox(now=timezone.now())))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main(int(sys.argv[1]))

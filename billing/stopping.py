"""Stop a run that a person or the clock started: what is done stays, the rest is left as it was (B5, B6)."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import BatchRun
from billing.run_querysets import RunQuerySet
from billing.states import RunStatus
from core.activity_log import log_activity, states_of
from core.refusals import Refusal, refuse_if

OVER = frozenset(RunStatus) - {RunStatus.QUEUED, RunStatus.RUNNING}


def stop_runs(runs: RunQuerySet, *, actor: User, at: datetime) -> list[BatchRun]:
    """Stop runs after what they are working on just now; nothing that they made is taken back.

    Locks the runs. Raises Refused: run-is-over (B5).
    """
    with transaction.atomic(durable=True):
        chosen = list(runs.locked())
        refuse_if(
            Refusal(
                "run-is-over",
                _("It is “%(status)s” already.") % {"status": run.get_status_display()},
                str(run.pk),
                _("Look at what it did."),
            )
            for run in chosen
            if run.status in OVER
        )

        before = states_of(chosen)
        BatchRun.objects.walk(chosen, BatchRun.stop, finished_at=at)
        log_activity("stopped", chosen, actor=actor, at=at, from_states=before, to_state=RunStatus.STOPPED)
    return chosen

"""What beat and the pages ask the worker for: look what is due, look what is left to do."""

from celery import shared_task
from django.utils import timezone

from accounting.outbox_handlers import sweep_outbox
from billing.models import BatchRun
from billing.scheduling import run_batch, start_due_runs


@shared_task(name="config.tasks.tick")
def tick() -> int:
    """Start the batch runs whose time has come, and take over those that lost their worker."""
    started = start_due_runs(now=timezone.now())
    for key in BatchRun.objects.unfinished().values_list("pk", flat=True):
        run_batch(key, clock=timezone.now)
    return started


@shared_task(name="config.tasks.sweep")
def sweep() -> int:
    """Work through the outbox."""
    return sweep_outbox(now=timezone.now())

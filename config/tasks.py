"""What beat and the pages ask the worker for: look what is due, look what is left to do."""

from celery import shared_task
from django.utils import timezone

from accounting.checking_books import check_by_night
from accounting.outbox_handlers import sweep_outbox, work_through_runs
from accounting.posting_by_clock import post_scheduled
from accounting.proposing_reminders import propose_reminders
from accounting.recurring_vouchers import propose_recurring_vouchers
from billing.clock_user import clock_user
from billing.expiring import expire_by_clock
from billing.models import BatchRun, Retention
from billing.scheduling import start_due_runs
from billing.watching_retentions import tell_of_due_retentions
from core.log_chain import close_the_log
from projects.import_states import ImportStatus
from projects.importing import run_import
from projects.models import ImportBatch, LegalEntity
from projects.staging import read_file


@shared_task(name="config.tasks.tick")
def tick() -> int:
    """Start the batch runs whose time has come, take over those that lost their worker, tell what is due."""
    started = start_due_runs(now=timezone.now())
    work_through_runs(BatchRun.objects.all())
    post_scheduled(at=timezone.now())
    tell_of_due_retentions(Retention.objects.all(), at=timezone.now())
    return started


@shared_task(name="config.tasks.expire")
def expire() -> int:
    """Let prepaid hours expire whose month is long over."""
    return expire_by_clock(at=timezone.now(), actor=clock_user())


@shared_task(name="config.tasks.propose")
def propose() -> int:
    """Propose reminders of what is overdue; a person looks at them and sends."""
    return propose_reminders(LegalEntity.objects.all(), at=timezone.now())


@shared_task(name="config.tasks.propose_vouchers")
def propose_vouchers() -> int:
    """Propose the recurring journal vouchers whose day has come; a second person posts them."""
    return propose_recurring_vouchers(at=timezone.now())


@shared_task(name="config.tasks.sweep")
def sweep() -> int:
    """Work through the outbox."""
    return sweep_outbox(now=timezone.now())


@shared_task(name="config.tasks.lengthen_the_log_chain")
def lengthen_the_log_chain() -> int:
    """Close the rows of the activity log that no block of its chain holds yet."""
    return close_the_log(at=timezone.now())


@shared_task(name="config.tasks.check_the_books")
def check_the_books() -> int:
    """Check the books, once a night; return how many proofs are broken."""
    check = check_by_night(clock=timezone.now)
    return check.broken_count if check else 0


@shared_task(name="config.tasks.work_through_files")
def work_through_files() -> int:
    """Read files that were sent and import those that were decided about; also where a worker was killed."""
    waiting = list(ImportBatch.objects.unfinished().order_by("pk").values_list("pk", "status"))
    for key, status in waiting:
        verb = read_file if status == ImportStatus.READING else run_import
        verb(key, clock=timezone.now)
    return len(waiting)

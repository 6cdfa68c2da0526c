"""The queue, and everything that happens by the clock.

Beat only says "look now". What is due is decided by rows in the database: a missed tick is caught up by the
next one, and a tick that arrives twice finds nothing left to do.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("countinghouse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# name: (task, every so many seconds). A tick still unread when the next one is sent is worth nothing and
# expires, so that nothing piles up while no worker runs.
CLOCK = {
    "start-what-is-due": ("config.tasks.tick", 15.0),
    "work-through-the-outbox": ("config.tasks.sweep", 5.0),
    "let-prepaid-hours-expire": ("config.tasks.expire", 3600.0),
    "work-through-files": ("config.tasks.work_through_files", 5.0),
    "close-the-log": ("config.tasks.lengthen_the_log_chain", 60.0),
    "propose-reminders": ("config.tasks.propose", 3600.0),
    "propose-vouchers": ("config.tasks.propose_vouchers", 3600.0),
    "check-the-books": ("config.tasks.check_the_books", 900.0),
}

app.conf.beat_schedule = {
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, (task, seconds) in CLOCK.items()
}

"""The enumerations of the core app; values are the words that logs, URLs and CSS show."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxStatus(models.TextChoices):
    """Whether the work of an outbox entry is still to be done, done, or left for a person."""

    PENDING = "pending", _("Pending")
    DONE = "done", _("Done")
    PARKED = "parked", _("Parked")

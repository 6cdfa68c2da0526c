"""The enumerations of the core app; values are the words that logs, URLs and CSS show."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxStatus(models.TextChoices):
    """Whether the work of an outbox entry is still to be done, done, or left for a person.

    A mail is `sending` while it is handed to the server, and `in_doubt` where nobody knows whether it left.
    """

    PENDING = "pending", _("Pending")
    SENDING = "sending", _("Being sent")
    DONE = "done", _("Done")
    IN_DOUBT = "in_doubt", _("Perhaps sent")
    PARKED = "parked", _("Parked")

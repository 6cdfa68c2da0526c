"""Statements of prepaid hours that were sent to customers: to whom, when, and the document itself (A12)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models import PrepaidHours
from projects.models.sent import SentToCustomer
from projects.prepaid_querysets import OfPrepaidQuerySet


class SentStatement(SentToCustomer):
    """The statement of one month as it was sent by mail; what was sent is never changed.

    `month` is named by its first day, and needs no block: it may be planned anew, and what was sent stays.
    """

    prepaid_hours = models.ForeignKey(
        PrepaidHours, models.PROTECT, related_name="sent_statements", verbose_name=_("prepaid hours")
    )
    month = models.DateField(_("month"))
    pdf = models.BinaryField(_("pdf"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)

    objects = OfPrepaidQuerySet.as_manager()

    class Meta:
        verbose_name = _("sent statement")
        verbose_name_plural = _("sent statements")
        ordering = ["-pk"]

"""Statements of prepaid hours that were sent to customers: to whom, when, and the document itself (A12)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models import Customer, PrepaidHours
from projects.prepaid_querysets import OfPrepaidQuerySet


class SentStatement(models.Model):
    """The statement of one month as it was sent by mail; what was sent is never changed.

    `month` is named by its first day, and needs no block: it may be planned anew, and what was sent stays.
    """

    prepaid_hours = models.ForeignKey(
        PrepaidHours, models.PROTECT, related_name="sent_statements", verbose_name=_("prepaid hours")
    )
    month = models.DateField(_("month"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("customer"))
    address = models.EmailField(_("sent to"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    number = models.CharField(_("number"), max_length=40)
    pdf = models.BinaryField(_("pdf"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("sent by")
    )
    sent_at = models.DateTimeField(_("sent at"))

    objects = OfPrepaidQuerySet.as_manager()

    class Meta:
        verbose_name = _("sent statement")
        verbose_name_plural = _("sent statements")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number

"""Invoices that were sent to customers: to whom, when, and what their mails had (C14)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.models.invoice import CustomerInvoice
from accounting.querysets import OfInvoiceQuerySet
from projects.models import Receipt
from projects.models.sent import SentToCustomer


class HoursList(models.Model):
    """The list of the hours behind an invoice, as it was rendered when the invoice was printed."""

    invoice = models.OneToOneField(
        CustomerInvoice, models.PROTECT, related_name="hours_list", verbose_name=_("invoice")
    )
    pdf = models.BinaryField(_("pdf"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    rendered_at = models.DateTimeField(_("printed at"))

    class Meta:
        verbose_name = _("list of hours")
        verbose_name_plural = _("lists of hours")

    def __str__(self) -> str:
        return str(self.invoice)


class SentInvoice(SentToCustomer):
    """An invoice as it was sent by mail: its printed document, the list of hours, and receipts."""

    invoice = models.ForeignKey(
        CustomerInvoice, models.PROTECT, related_name="sent", verbose_name=_("invoice")
    )
    has_hours = models.BooleanField(_("with the list of hours"), default=False)

    objects = OfInvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("sent invoice")
        verbose_name_plural = _("sent invoices")
        ordering = ["-pk"]


class SentReceipt(models.Model):
    """A receipt that went with an invoice; its content never changes, and while it is named it stays."""

    sent = models.ForeignKey(
        SentInvoice, models.PROTECT, related_name="receipts", verbose_name=_("sent invoice")
    )
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="+", verbose_name=_("receipt"))
    name = models.CharField(_("file"), max_length=120)
    sha256 = models.CharField(_("SHA-256"), max_length=64)

    class Meta:
        verbose_name = _("sent receipt")
        verbose_name_plural = _("sent receipts")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

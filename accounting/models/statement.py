"""Statements of a customer's account as they were sent (C11)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.receivable_querysets import PaymentQuerySet
from core.fields import AmountField
from core.templatetags.display import day
from projects.models import Customer


class SentAccountStatement(models.Model):
    """One statement in one currency, from a first to a last day, as it was sent; never changed."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="sent_statements", verbose_name=_("customer")
    )
    number = models.CharField(_("number"), max_length=40)
    currency = models.CharField(_("currency"), max_length=3)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("up to"))
    balance = AmountField(_("balance"))
    address = models.EmailField(_("sent to"), max_length=120)
    language = models.CharField(_("language"), max_length=5)
    pdf = models.BinaryField(_("pdf"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("sent by")
    )
    sent_at = models.DateTimeField(_("sent at"))

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("sent statement of an account")
        verbose_name_plural = _("sent statements of accounts")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")),
                name="statement_begins_before_it_ends",
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer}, {day(self.last_day)}"

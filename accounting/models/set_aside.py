"""Bank bookings that are no payments of customers (C11)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.models.receivable import BankBooking
from accounting.receivable_querysets import SetAsideBookingQuerySet


class SetAsideBooking(models.Model):
    """A bank booking that is no payment of a customer, such as a fee: who said so, when and why.

    Brought back, never deleted.
    """

    booking = models.ForeignKey(
        BankBooking, models.PROTECT, related_name="set_asides", verbose_name=_("bank booking")
    )
    reason = models.CharField(_("reason"), max_length=200)
    set_aside_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("set aside by")
    )
    set_aside_at = models.DateTimeField(_("set aside at"))
    brought_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("brought back by"),
    )
    brought_back_at = models.DateTimeField(_("brought back at"), null=True, blank=True)

    objects = SetAsideBookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank booking set aside")
        verbose_name_plural = _("bank bookings set aside")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(brought_back_by__isnull=True, brought_back_at__isnull=True)
                | models.Q(brought_back_by__isnull=False, brought_back_at__isnull=False),
                name="booking_is_brought_back_by_somebody",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="booking_is_set_aside_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.booking}: {self.reason}"

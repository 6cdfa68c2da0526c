"""Prepaid hours: a block of hours that a customer buys for each month, with roll-over and overage (A12)."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.days import last_of_month
from core.fields import PriceField, QuantityField
from core.templatetags.display import day as written
from projects.models.actual import WorkItem
from projects.models.contract import ContractLine
from projects.prepaid_querysets import OfPrepaidQuerySet, PrepaidHoursQuerySet


class PrepaidHours(models.Model):
    """Hours bought ahead on one contract line for each of these months, which are named by their first day.

    What was agreed stands in the months, because it may change from one of them on. Lines have one customer,
    no billed days and no increments of them.
    """

    contract_line = models.OneToOneField(
        ContractLine, models.PROTECT, related_name="prepaid_hours", verbose_name=_("contract line")
    )
    first_month = models.DateField(_("first month"))
    last_month = models.DateField(_("last month"))

    objects = PrepaidHoursQuerySet.as_manager()

    class Meta:
        verbose_name = _("prepaid hours")
        verbose_name_plural = _("prepaid hours")
        ordering = ["contract_line"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_month__lte=models.F("last_month")), name="prepaid_months_in_order"
            ),
        ]

    def __str__(self) -> str:
        return str(self.contract_line)

    @property
    def last_day(self) -> date:
        """The last day of its last month."""
        return last_of_month(self.last_month)

    def covers(self, day: date) -> bool:
        """Whether time of that day uses hours of a block."""
        return self.first_month <= day <= self.last_day


class PrepaidMonth(models.Model):
    """The block of one month and its terms; rates are in the contract's currency.

    Time of the month is priced at the block rate, and what is worked beyond the block at the overage rate;
    hours that rolled in have the rate at which they were bought. What rolls in and on, is used and is over is
    worked out from the actuals.
    """

    prepaid_hours = models.ForeignKey(
        PrepaidHours, models.PROTECT, related_name="months", verbose_name=_("prepaid hours")
    )
    month = models.DateField(_("month"))
    hours = QuantityField(_("hours bought"))
    block_rate = PriceField(_("rate of the block"), help_text=_("For an hour within the block."))
    overage_rate = PriceField(_("overage rate"), help_text=_("For an hour beyond the block."))
    roll_over_hours = QuantityField(
        _("hours that roll over at most"),
        default=0,
        help_text=_(
            "Unused hours of a month are used in the next one first, and expire with it. 0: none do."
        ),
    )

    objects = OfPrepaidQuerySet.as_manager()

    class Meta:
        verbose_name = _("month of prepaid hours")
        verbose_name_plural = _("months of prepaid hours")
        ordering = ["prepaid_hours", "month"]
        constraints = [
            models.UniqueConstraint(fields=["prepaid_hours", "month"], name="prepaid_month_once"),
            models.CheckConstraint(
                condition=models.Q(hours__gt=0, block_rate__gt=0, overage_rate__gt=0, roll_over_hours__gte=0),
                name="prepaid_figures_positive",
            ),
            # By its price a row is known to be beyond the block.
            models.CheckConstraint(
                condition=~models.Q(block_rate=models.F("overage_rate")), name="overage_has_its_own_rate"
            ),
        ]

    def __str__(self) -> str:
        return written(self.month, "whole_month")


class PrepaidExpiry(models.Model):
    """Hours that were not used in time: their money is billed by this work item and becomes revenue."""

    prepaid_month = models.ForeignKey(
        PrepaidMonth, models.PROTECT, related_name="expiries", verbose_name=_("month of prepaid hours")
    )
    hours = QuantityField(_("hours"))
    rate = PriceField(_("rate at which they were bought"))
    work_item = models.OneToOneField(
        WorkItem, models.PROTECT, related_name="prepaid_expiry", verbose_name=_("work item")
    )

    class Meta:
        verbose_name = _("expired prepaid hours")
        verbose_name_plural = _("expired prepaid hours")
        ordering = ["prepaid_month", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(hours__gt=0, rate__gt=0), name="expired_hours_positive"
            ),
        ]

    def __str__(self) -> str:
        return str(self.work_item)

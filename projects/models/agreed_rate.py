"""Exchange rates that are agreed with the customer of a contract (C9)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import ExchangeRateField
from core.templatetags.display import day
from projects.models.contract import ProjectContract
from projects.querysets import OfContractQuerySet


class AgreedRate(models.Model):
    """Units of the company's currency for one unit of the contract's, from a day on; never changed.

    It takes the place of the exchange rate of the day where sales of the contract are accrued and invoiced.
    The row that starts last decides, of two that start together the later one; after its last day no rate is
    agreed.
    """

    contract = models.ForeignKey(
        ProjectContract, models.PROTECT, related_name="agreed_rates", verbose_name=_("contract")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(
        _("to"), null=True, blank=True, help_text=_("Empty: until another agreement takes over.")
    )
    rate = ExchangeRateField(_("rate"))
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("entered by"),
    )
    agreed_at = models.DateTimeField(_("entered at"))

    objects = OfContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreed rate")
        verbose_name_plural = _("agreed rates")
        ordering = ["contract", "-starts_on", "-pk"]
        permissions = [("agree_rate", _("Enter exchange rates that are agreed with customers"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="agreed_rate_above_zero"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="agreed_rate_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} {day(self.starts_on)} {self.rate.normalize():f}"

"""Dated exchange rates: costs are converted by them here, and postings in accounting (A7, C9)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import ExchangeRateField
from core.templatetags.display import day
from projects.models.party import LegalEntity
from projects.querysets import OfEntityQuerySet


class ExchangeRate(models.Model):
    """Units of the entity's currency for one unit of a foreign one, from a day on (C9)."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="exchange_rates", verbose_name=_("legal entity")
    )
    currency = models.CharField(_("currency"), max_length=3)
    starts_on = models.DateField(_("from"))
    rate = ExchangeRateField(_("rate"))

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "currency", "starts_on"], name="one_exchange_rate_per_day"
            ),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="exchange_rate_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {day(self.starts_on)} {self.rate.normalize():f}"

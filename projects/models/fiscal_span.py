"""Which days fiscal periods cover, so that entries are refused before accounting sees them (decision 18)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.templatetags.display import day
from projects.models.party import LegalEntity
from projects.querysets import OfEntityQuerySet


class FiscalSpan(models.Model):
    """The days of one fiscal period; the database writes it whenever accounting writes the period.

    Periods belong to accounting, which this app does not know. A span keeps gaps between periods exactly;
    what is closed is said by the lock date of the legal entity.
    """

    period_key = models.BigIntegerField(_("key of the fiscal period"), primary_key=True)
    legal_entity = models.ForeignKey(
        LegalEntity, models.CASCADE, related_name="fiscal_spans", verbose_name=_("legal entity")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("span of fiscal days")
        verbose_name_plural = _("spans of fiscal days")
        ordering = ["legal_entity", "starts_on"]

    def __str__(self) -> str:
        return f"{day(self.starts_on)} – {day(self.ends_on)}"

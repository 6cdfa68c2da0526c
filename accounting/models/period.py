"""Fiscal periods; closing one locks the apps below as well (C8)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounting.querysets import PeriodQuerySet
from accounting.states import PeriodStatus
from core.fields import StateField
from core.templatetags.display import day
from projects.models import LegalEntity


class FiscalPeriod(models.Model):
    """A span of days of one legal entity that is open for posting or closed."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="fiscal_periods", verbose_name=_("legal entity")
    )
    name = models.CharField(_("name"), max_length=20)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    status = StateField(_("status"), default=PeriodStatus.OPEN, choices=PeriodStatus.choices, protected=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("fiscal period")
        verbose_name_plural = _("fiscal periods")
        ordering = ["legal_entity", "starts_on"]
        permissions = [("close_period", _("Close and reopen fiscal periods"))]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "starts_on"], name="period_starts_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="period_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        """Its name; where that is only the code of a calendar month, the month in words of the reader."""
        return day(self.starts_on, "whole_month") if self.name == f"{self.starts_on:%Y-%m}" else self.name

    @transition(status, source=PeriodStatus.OPEN, target=PeriodStatus.CLOSED)
    def close(self) -> None:
        """Nothing is dated in it any more; the verb stamps who closed it."""

    @transition(status, source=PeriodStatus.CLOSED, target=PeriodStatus.OPEN)
    def reopen(self) -> None:
        """Its days are open again; the verb takes the stamp away."""

"""The values of the financial dimension that a company keeps (C4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models import LegalEntity
from projects.querysets import OfEntityQuerySet


class FinancialDimension(models.Model):
    """A value that lines of the ledger may carry; a company that keeps any accepts no other ones."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="financial_dimensions", verbose_name=_("legal entity")
    )
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    is_closed = models.BooleanField(
        _("closed"), default=False, help_text=_("What is closed is not entered any more.")
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("financial dimension")
        verbose_name_plural = _("financial dimensions")
        ordering = ["legal_entity", "code"]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "code"], name="dimension_code_once_per_entity")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

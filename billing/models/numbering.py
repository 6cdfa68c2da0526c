"""Number series: one row each, locked while numbers are taken from it (decision 12)."""

from django.db import models
from django.db.models import CharField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat, Greatest, Length, LPad
from django.utils.translation import gettext_lazy as _

from billing.states import SeriesKind
from projects.models import LegalEntity
from projects.querysets import OfEntityQuerySet

DIGITS = 5


class NumberSeries(models.Model):
    """The numbers of one kind of document of one legal entity in one year."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="number_series", verbose_name=_("legal entity")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=SeriesKind.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    prefix = models.CharField(_("prefix"), max_length=16)
    last_number = models.PositiveIntegerField(_("last number"), default=0)

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        ordering = ["legal_entity", "kind", "year"]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "kind", "year"], name="one_series_per_year"),
            models.UniqueConstraint(fields=["kind", "year", "prefix"], name="prefix_names_one_entity"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}"

    def written(self, number: int) -> str:
        """The number as people read it, for example RE-2026-00041."""
        return f"{self.prefix}-{self.year}-{number:0{DIGITS}d}"

    def written_in_sql(self, number: Combinable) -> Combinable:
        """What `written` makes of a number, as an expression for statements that number many rows."""
        digits = Cast(number, CharField())
        padded = LPad(digits, Greatest(Value(DIGITS), Length(digits)), Value("0"))
        return Concat(Value(f"{self.prefix}-{self.year}-"), padded, output_field=CharField())

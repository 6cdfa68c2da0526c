"""What the tables have in common whose rows never change and are only reversed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reversible(models.Model):
    """A row that is reversed once, by a row of its own table, and never changed."""

    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )

    class Meta:
        abstract = True

"""What was taken off drafts, edits included, so that it can be put back (B7, decision 5)."""

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.querysets import RemovalQuerySet
from core.fields import AmountField
from projects.models import Customer, ProjectContract


class Removal(models.Model):
    """Details that were removed from a draft at once, or a draft that was deleted with all that it held.

    `details` holds every column of each detail as it was, `heading` those of the draft where it was deleted.
    `amount` is the chargeable net of the details in `currency`. What it claimed is free for everybody.
    """

    number = models.CharField(_("proforma"), max_length=40)
    contract = models.ForeignKey(
        ProjectContract, models.CASCADE, related_name="removals", verbose_name=_("contract")
    )
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", verbose_name=_("customer"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("net"))
    count = models.PositiveIntegerField(_("details"))
    heading = models.JSONField(_("heading"), default=dict, encoder=DjangoJSONEncoder, editable=False)
    details = models.JSONField(_("what was removed"), encoder=DjangoJSONEncoder, editable=False)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("removed by")
    )
    removed_at = models.DateTimeField(_("removed at"))
    put_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("put back by"),
    )
    put_back_at = models.DateTimeField(_("put back at"), null=True, blank=True)

    objects = RemovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("removal")
        verbose_name_plural = _("removals")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["number"], name="removal_number")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(put_back_by__isnull=True, put_back_at__isnull=True)
                | models.Q(put_back_by__isnull=False, put_back_at__isnull=False),
                name="put_back_means_who_and_when",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_of_draft(self) -> bool:
        """Whether the whole draft was deleted."""
        return bool(self.heading)


def columns_of(row: models.Model) -> dict[str, Any]:
    """Every column of a row by its name, for a removal to keep."""
    return {field.attname: field.value_from_object(row) for field in row._meta.concrete_fields}


def row_from(model: type[models.Model], columns: dict[str, Any]) -> models.Model:
    """A row as it was kept; columns that the model has no more are left out."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return model(**{name: fields[name].to_python(value) for name, value in columns.items() if name in fields})

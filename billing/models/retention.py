"""What a customer keeps back of an invoice until a later day (B12)."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.retention_querysets import RetentionQuerySet
from core.fields import ShareField
from projects.models import WorkItem
from projects.states import BillingType, TransactionClass


class Retention(models.Model):
    """A share of the net of one proforma that is paid later; `line` says which proforma, and where it prints.

    What is kept back is a negative detail of that proforma; what is released, positive details of later ones.
    What is open is their sum: it is added up wherever it is asked for, and never stored (K6).
    """

    line = models.ForeignKey(
        "billing.InvoiceLine", models.CASCADE, related_name="retentions", verbose_name=_("invoice line")
    )
    percent = ShareField(_("percent"))
    release_on = models.DateField(_("release date"), null=True, blank=True)
    condition = models.CharField(
        _("condition of the release"), max_length=120, blank=True, help_text=_("Printed on the invoice.")
    )
    # The release date that the project manager has got a mail about.
    noted_for = models.DateField(_("noted for"), null=True, blank=True, editable=False)
    # Written when its proforma is confirmed; all its actuals are rows of this one.
    work_item = models.ForeignKey(
        WorkItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("work item"),
    )

    if TYPE_CHECKING:
        # What `with_amounts()` adds up.
        kept: Decimal
        released: Decimal
        drafted: Decimal
        open_amount: Decimal
        # What `with_net()` adds up.
        net: Decimal

    objects = RetentionQuerySet.as_manager()

    class Meta:
        verbose_name = _("retention")
        verbose_name_plural = _("retentions")
        ordering = ["release_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["line"], name="one_retention_per_line"),
            models.CheckConstraint(
                condition=models.Q(percent__gt=0, percent__lte=100), name="retention_within_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.condition or str(self._meta.verbose_name)


RETENTION_RULES = [
    # Money that is paid later, not work: it claims nothing and bears no tax (decision 21).
    models.CheckConstraint(
        condition=~models.Q(transaction_class=TransactionClass.RETENTION) & models.Q(retention__isnull=True)
        | models.Q(
            transaction_class=TransactionClass.RETENTION,
            retention__isnull=False,
            billing_type=BillingType.CHARGEABLE,
            actual__isnull=True,
            milestone_share__isnull=True,
            item_sales_tax_group__isnull=True,
            quantity=models.F("amount"),
        ),
        name="retention_detail_says_what_it_is",
    ),
]
"""What the database holds of the details of retentions, beside the guards."""

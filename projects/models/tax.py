"""Sales tax: the group of the customer and the group of what is sold lead to a tax code (C3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import PercentField
from core.querysets import SharedQuerySet
from projects.states import TaxKind


class SalesTaxGroup(models.Model):
    """The customer's side: domestic, European, export."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales tax group")
        verbose_name_plural = _("sales tax groups")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class ItemSalesTaxGroup(models.Model):
    """The side of what is sold: full rate, reduced rate."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("item sales tax group")
        verbose_name_plural = _("item sales tax groups")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class TaxCode(models.Model):
    """One tax with dated rates; exempt and reverse charge say why they take nothing."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=16, choices=TaxKind.choices, default=TaxKind.STANDARD)
    # Printed in the customer's language; documents are written in these three (core/documents/labels.py).
    reason_en = models.CharField(_("reason on English documents"), max_length=200, blank=True)
    reason_de = models.CharField(_("reason on German documents"), max_length=200, blank=True)
    reason_id = models.CharField(_("reason on Indonesian documents"), max_length=200, blank=True)
    return_box = models.CharField(
        _("box of the tax return"),
        max_length=10,
        blank=True,
        help_text=_("Where the tax office wants the base of this code, for example 81. Empty: in no box."),
    )

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tax code")
        verbose_name_plural = _("tax codes")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=TaxKind.STANDARD)
                | ~models.Q(reason_en="", reason_de="", reason_id=""),
                name="tax_code_without_tax_says_why",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reasons(self) -> dict[str, str]:
        """Why the code takes nothing, by language of the document; empty where nobody wrote it."""
        return {"en": self.reason_en, "de": self.reason_de, "id": self.reason_id}


class TaxRate(models.Model):
    """The rate of a code from a day on."""

    tax_code = models.ForeignKey(TaxCode, models.CASCADE, related_name="rates", verbose_name=_("tax code"))
    starts_on = models.DateField(_("from"))
    percent = PercentField(_("percent"))

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["tax_code", "starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["tax_code", "starts_on"], name="tax_rate_once_per_day"),
            models.CheckConstraint(condition=models.Q(percent__gte=0), name="tax_rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.tax_code} {self.percent.normalize():f} %"


class TaxRule(models.Model):
    """Which tax code applies where the two groups meet."""

    sales_tax_group = models.ForeignKey(
        SalesTaxGroup, models.CASCADE, related_name="rules", verbose_name=_("sales tax group")
    )
    item_sales_tax_group = models.ForeignKey(
        ItemSalesTaxGroup, models.CASCADE, related_name="rules", verbose_name=_("item sales tax group")
    )
    tax_code = models.ForeignKey(TaxCode, models.PROTECT, related_name="rules", verbose_name=_("tax code"))

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tax rule")
        verbose_name_plural = _("tax rules")
        constraints = [
            models.UniqueConstraint(
                fields=["sales_tax_group", "item_sales_tax_group"], name="one_tax_code_where_groups_meet"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sales_tax_group} × {self.item_sales_tax_group} → {self.tax_code}"

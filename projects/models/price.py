"""What an hour, an expense and a piece of material cost and sell for, and from when (A7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import PercentField, PriceField
from projects.models.contract import ProjectContract
from projects.models.party import LegalEntity
from projects.models.project import Role, TransactionCategory
from projects.querysets import OfEntityQuerySet
from projects.states import PriceContext, SalesPricing


class PriceList(models.Model):
    """Prices in one currency for a span of days; a list of one contract overrides the general ones."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="price_lists", verbose_name=_("legal entity")
    )
    name = models.CharField(_("name"), max_length=80)
    context = models.CharField(_("context"), max_length=8, choices=PriceContext.choices)
    currency = models.CharField(_("currency"), max_length=3)
    starts_on = models.DateField(_("effective from"), null=True, blank=True)
    ends_on = models.DateField(_("effective to"), null=True, blank=True)
    contract = models.ForeignKey(
        ProjectContract,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="price_lists",
        verbose_name=_("contract"),
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "name"], name="price_list_name_once_per_entity")
        ]

    def __str__(self) -> str:
        return self.name


class RolePrice(models.Model):
    """Price of one hour of a role."""

    price_list = models.ForeignKey(
        PriceList, models.CASCADE, related_name="role_prices", verbose_name=_("price list")
    )
    role = models.ForeignKey(Role, models.PROTECT, related_name="prices", verbose_name=_("role"))
    price = PriceField(_("price per hour"))

    class Meta:
        verbose_name = _("role price")
        verbose_name_plural = _("role prices")
        constraints = [models.UniqueConstraint(fields=["price_list", "role"], name="role_once_per_list")]

    def __str__(self) -> str:
        return f"{self.role} {self.price}"


class CategoryPrice(models.Model):
    """How an expense or fee category is priced: per unit, at cost, or cost plus a percentage."""

    price_list = models.ForeignKey(
        PriceList, models.CASCADE, related_name="category_prices", verbose_name=_("price list")
    )
    category = models.ForeignKey(
        TransactionCategory, models.PROTECT, related_name="prices", verbose_name=_("category")
    )
    method = models.CharField(
        _("method"), max_length=16, choices=SalesPricing.choices, default=SalesPricing.PRICE_PER_UNIT
    )
    price = PriceField(_("price"), default=0)
    markup_percent = PercentField(_("markup percent"), default=0)

    class Meta:
        verbose_name = _("category price")
        verbose_name_plural = _("category prices")
        constraints = [
            models.UniqueConstraint(fields=["price_list", "category"], name="category_once_per_list")
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.get_method_display()}"


class MaterialPrice(models.Model):
    """Price of one unit of a material."""

    price_list = models.ForeignKey(
        PriceList, models.CASCADE, related_name="material_prices", verbose_name=_("price list")
    )
    product = models.CharField(_("product"), max_length=80)
    unit = models.CharField(_("unit"), max_length=10, default="pcs")
    price = PriceField(_("price"))

    class Meta:
        verbose_name = _("material price")
        verbose_name_plural = _("material prices")
        constraints = [
            models.UniqueConstraint(fields=["price_list", "product", "unit"], name="product_once_per_list")
        ]

    def __str__(self) -> str:
        return self.product

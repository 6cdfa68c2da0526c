"""What an hour, an expense and a piece of material cost and sell for, and from when (A7)."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import PercentField, PriceField
from core.money import ZERO
from core.units import unit_word
from projects.models.contract import ProjectContract
from projects.models.party import LegalEntity
from projects.models.project import Role, TransactionCategory
from projects.price_querysets import OfPriceListQuerySet, PriceListQuerySet
from projects.states import PriceContext, PriceUnit, SalesPricing


class PriceList(models.Model):
    """Prices in one currency for a span of days; a list of one contract goes before the general ones.

    Two lists of the same legal entity, context, currency and contract (or none) never hold on one day; the
    database refuses it (guards/prices).
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="price_lists", verbose_name=_("legal entity")
    )
    name = models.CharField(_("name"), max_length=80)
    context = models.CharField(_("context"), max_length=8, choices=PriceContext.choices)
    currency = models.CharField(_("currency"), max_length=3)
    starts_on = models.DateField(_("valid from"), null=True, blank=True)
    ends_on = models.DateField(_("valid to"), null=True, blank=True)
    # Protected: a price that work took must stay readable as long as the work is there.
    contract = models.ForeignKey(
        ProjectContract,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="price_lists",
        verbose_name=_("contract"),
    )

    objects = PriceListQuerySet.as_manager()

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        ordering = ["name", "pk"]
        permissions = [("rerate_work", _("Price unbilled work again"))]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "name"], name="price_list_name_once_per_entity"),
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="price_list_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def holds_on(self, day: date) -> bool:
        """Whether the list holds on `day`; an open end holds for ever."""
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or day <= self.ends_on
        )


class PriceRow(models.Model):
    """What the rows of a price list share: until when they hold, if not as long as their list.

    `KEY` are the fields that say what is priced, once in a list; `TERMS` those that say how.
    """

    KEY: ClassVar[tuple[str, ...]] = ()
    TERMS: ClassVar[tuple[str, ...]] = ("price", "ends_on")

    ends_on = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Empty: as long as the price list.")
    )

    objects = OfPriceListQuerySet.as_manager()

    class Meta:
        abstract = True


class RolePrice(PriceRow):
    """Price of one hour or of one day of a role; a role may have both."""

    KEY = ("role", "unit")

    price_list = models.ForeignKey(
        PriceList, models.CASCADE, related_name="role_prices", verbose_name=_("price list")
    )
    role = models.ForeignKey(Role, models.PROTECT, related_name="prices", verbose_name=_("role"))
    unit = models.CharField(_("unit"), max_length=10, choices=PriceUnit.choices, default=PriceUnit.HOUR)
    price = PriceField(_("price"))

    class Meta:
        verbose_name = _("role price")
        verbose_name_plural = _("role prices")
        constraints = [
            models.UniqueConstraint(
                fields=["price_list", "role", "unit"], name="role_once_per_list_and_unit"
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="role_price_not_negative"),
            models.CheckConstraint(
                condition=models.Q(unit__in=PriceUnit.values), name="role_price_per_hour_or_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.get_unit_display()}"


class CategoryPrice(PriceRow):
    """How an expense or fee category is priced: per unit, at cost, or cost plus a percentage."""

    KEY = ("category", "unit")
    TERMS = ("method", "price", "markup_percent", "ends_on")

    price_list = models.ForeignKey(
        PriceList, models.CASCADE, related_name="category_prices", verbose_name=_("price list")
    )
    category = models.ForeignKey(
        TransactionCategory, models.PROTECT, related_name="prices", verbose_name=_("category")
    )
    method = models.CharField(
        _("method"), max_length=16, choices=SalesPricing.choices, default=SalesPricing.PRICE_PER_UNIT
    )
    unit = models.CharField(
        _("unit"), max_length=10, blank=True, help_text=_("Of a price per unit: km, pcs, day.")
    )
    price = PriceField(_("price"), default=ZERO)
    markup_percent = PercentField(_("markup percent"), default=ZERO)

    class Meta:
        verbose_name = _("category price")
        verbose_name_plural = _("category prices")
        constraints = [
            models.UniqueConstraint(
                fields=["price_list", "category", "unit"], name="category_once_per_list_and_unit"
            ),
            models.CheckConstraint(
                condition=models.Q(price__gte=0, markup_percent__gte=0), name="category_price_not_negative"
            ),
            # A price per unit says of which; cost, with or without markup, holds for every unit.
            models.CheckConstraint(
                condition=(models.Q(method=SalesPricing.PRICE_PER_UNIT) & ~models.Q(unit=""))
                | (~models.Q(method=SalesPricing.PRICE_PER_UNIT) & models.Q(unit="", price=0)),
                name="category_price_per_unit_names_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {unit_word(self.unit) or self.get_method_display()}"


class MaterialPrice(PriceRow):
    """Price of one unit of a material."""

    KEY = ("product", "unit")

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
            models.UniqueConstraint(fields=["price_list", "product", "unit"], name="product_once_per_list"),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="material_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.product} {unit_word(self.unit)}"

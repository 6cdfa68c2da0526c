"""What is typed into the page of a price list: prices of roles, categories and materials."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from core.money import ZERO, minor_places
from core.number_inputs import NumberField
from core.templatetags.display import percent
from core.units import unit_word
from projects.forms.choices import UnitField
from projects.forms.price_columns import (
    CATEGORY_COLUMNS,
    MATERIAL_COLUMNS,
    PriceCell,
    PriceColumn,
    words_of,
)
from projects.forms.price_lists import day_field
from projects.models import (
    CategoryPrice,
    MaterialPrice,
    PriceList,
    Role,
    RolePrice,
    TransactionCategory,
)
from projects.price_figures import Unpriced
from projects.states import PriceContext, PriceUnit, SalesPricing, TransactionClass

Row = RolePrice | CategoryPrice | MaterialPrice


@dataclass(frozen=True)
class PriceInputs:
    """One line of a form of prices: its inputs, and the stored row where there is one."""

    row: Row | None
    inputs: dict[str, BoundField]
    unpriced: Unpriced | None = None
    cells: Sequence[PriceCell] = ()


class PricesForm(forms.Form):
    """Prices of one kind, a line for each stored row and an empty one; an emptied price is taken out.

    `rows()` are the prices as typed, `removed()` the stored rows whose price was emptied. `columns` are
    those of the table that shows the lines; the first one says what is priced.
    """

    columns: ClassVar[Sequence[PriceColumn]] = ()

    def __init__(self, *args: Any, price_list: PriceList, stored: Iterable[Row] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.price_list, self.stored = price_list, list(stored)
        self.least = minor_places(price_list.currency)
        for row in self.stored:
            self._add_line(f"row{row.pk}", row)

    def price_field(self, label: str, initial: Decimal | None) -> NumberField:
        """A price in the currency of the list."""
        field = NumberField(label=label, least=self.least, required=False, initial=initial)
        field.widget.attrs |= {"class": "input number price", "aria-label": label}
        return field

    def add_day(self, key: str, label: str, row: Row | None) -> None:
        """The last day of a price."""
        field = day_field(label, initial=row.ends_on if row else None)
        field.widget.attrs["aria-label"] = label
        self.fields[f"{key}-ends_on"] = field

    def line(self, key: str, row: Row | None = None, unpriced: Unpriced | None = None) -> PriceInputs:
        """The inputs of a line by their names."""
        prefix = f"{key}-"
        inputs = {name.removeprefix(prefix): self[name] for name in self.fields if name.startswith(prefix)}
        cells = [
            PriceCell(column.layout, inputs.get(column.name), self.text_of(row, column.name))
            for column in self.columns
        ]
        return PriceInputs(row, inputs, unpriced, cells)

    def text_of(self, row: Row | None, name: str) -> str:
        """What is stored in a column, in words; nothing for a line that is not stored."""
        return words_of(name, getattr(row, name, None))

    def value(self, key: str, name: str) -> Any:
        """What was typed into one input of a line."""
        return self.cleaned_data.get(f"{key}-{name}")

    def lines(self) -> Iterator[PriceInputs]:
        """The lines of the stored rows."""
        for row in self.stored:
            yield self.line(f"row{row.pk}", row)

    def removed(self) -> list[Row]:
        """Stored rows whose price was emptied."""
        return [row for row in self.stored if self._is_emptied(f"row{row.pk}")]

    def rows(self) -> Sequence[Row]:
        """The prices as they were typed."""
        raise NotImplementedError

    def _add_line(self, key: str, row: Row | None) -> None:
        raise NotImplementedError

    def _is_emptied(self, key: str) -> bool:
        return self.value(key, "price") is None


class RolePricesForm(PricesForm):
    """Roles per hour and per day; roles whose work has no price yet have a line each."""

    def __init__(self, *args: Any, price_list: PriceList, unpriced: Sequence[Unpriced] = (), **kwargs: Any):
        stored = price_list.role_prices.select_related("role").order_by("role__name", "-unit", "pk")
        super().__init__(*args, price_list=price_list, stored=stored, **kwargs)
        known = {
            row.role_id for row in self.stored if isinstance(row, RolePrice) and row.unit == PriceUnit.HOUR
        }
        self.unpriced = [one for one in unpriced if one.role.pk not in known]
        for one in self.unpriced:
            label = _("Price of %(role)s per hour") % {"role": one.role}
            self.fields[f"role{one.role.pk}-price"] = self.price_field(label, None)
        role = forms.ModelChoiceField(
            label=_("Another role"), queryset=Role.objects.order_by("name"), required=False
        )
        unit = forms.ChoiceField(label=_("Unit of the other role"), choices=PriceUnit.choices, required=False)
        for name, field in {"new-role": role, "new-unit": unit}.items():
            field.widget.attrs |= {"class": "input", "aria-label": field.label}
            self.fields[name] = field
        self.fields["new-price"] = self.price_field(_("Price of the other role"), None)
        self.add_day("new", _("Last day of the other role"), None)

    def _add_line(self, key: str, row: Row | None) -> None:
        if not isinstance(row, RolePrice):
            return
        names = {"role": row.role, "unit": row.get_unit_display()}
        self.fields[f"{key}-price"] = self.price_field(_("Price of %(role)s %(unit)s") % names, row.price)
        self.add_day(key, _("Last day of %(role)s %(unit)s") % names, row)

    def lines(self) -> Iterator[PriceInputs]:
        """Stored rows, then roles without a price."""
        yield from super().lines()
        for one in self.unpriced:
            yield self.line(f"role{one.role.pk}", unpriced=one)

    @property
    def new_line(self) -> PriceInputs:
        """The empty line."""
        return self.line("new")

    def clean(self) -> dict[str, Any] | None:
        """A role and its price come together."""
        has_role, has_price = self.value("new", "role") is not None, self.value("new", "price") is not None
        if has_role and not has_price and "new-price" not in self.errors:
            self.add_error("new-price", _("Enter the price of the role."))
        if has_price and not has_role:
            self.add_error("new-role", _("Choose the role of this price."))
        return self.cleaned_data

    def rows(self) -> Sequence[Row]:
        """Stored prices as typed, prices of roles that had none, and the new one."""
        rows = []
        for row in self.stored:
            price = self.value(f"row{row.pk}", "price")
            if isinstance(row, RolePrice) and price is not None:
                ends_on = self.value(f"row{row.pk}", "ends_on")
                rows.append(RolePrice(role=row.role, unit=row.unit, price=price, ends_on=ends_on))
        for one in self.unpriced:
            price = self.value(f"role{one.role.pk}", "price")
            if price is not None:
                rows.append(RolePrice(role=one.role, price=price))
        if self.value("new", "role") is not None:
            unit, ends_on = self.value("new", "unit") or PriceUnit.HOUR, self.value("new", "ends_on")
            new = {"role": self.value("new", "role"), "price": self.value("new", "price")}
            rows.append(RolePrice(unit=unit, ends_on=ends_on, **new))
        return rows


class CategoryPricesForm(PricesForm):
    """Categories of expenses and fees: per unit, at cost, or over cost; one number is price or percentage."""

    columns = CATEGORY_COLUMNS

    def __init__(self, *args: Any, price_list: PriceList, **kwargs: Any):
        stored = price_list.category_prices.select_related("category").order_by(
            "category__name", "unit", "pk"
        )
        super().__init__(*args, price_list=price_list, stored=stored, **kwargs)
        priced = (TransactionClass.EXPENSE, TransactionClass.FEE)
        categories = TransactionCategory.objects.filter(transaction_class__in=priced).order_by("name")
        category = forms.ModelChoiceField(label=_("Another category"), queryset=categories, required=False)
        category.widget.attrs |= {"class": "input", "aria-label": category.label}
        self.fields["new-category"] = category
        self._add_line("new", None)

    def text_of(self, row: Row | None, name: str) -> str:
        """As of every price; one number stands for a price or a markup."""
        if not isinstance(row, CategoryPrice) or name not in ("method", "number"):
            return super().text_of(row, name)
        if name == "method":
            return str(row.get_method_display())
        number = _number_of(row)
        is_percent = number is not None and row.method == SalesPricing.MARKUP
        return percent(number) if is_percent else words_of(name, number)

    def _add_line(self, key: str, row: Row | None) -> None:
        stored = row if isinstance(row, CategoryPrice) else None
        name = str(stored.category) if stored else _("the other category")
        methods = SalesPricing.choices
        if self.price_list.context == PriceContext.COST:
            methods = [(SalesPricing.PRICE_PER_UNIT.value, SalesPricing.PRICE_PER_UNIT.label)]
        method = forms.ChoiceField(
            label=_("Method of %(category)s") % {"category": name},
            choices=methods,
            initial=stored.method if stored else SalesPricing.PRICE_PER_UNIT,
            required=stored is not None,
        )
        unit = UnitField(
            label=_("Unit of %(category)s") % {"category": name},
            required=False,
            initial=stored.unit if stored else "",
        )
        for suffix, field in {"method": method, "unit": unit}.items():
            look = "input unit" if suffix == "unit" else "input"
            field.widget.attrs |= {"class": look, "aria-label": field.label}
            self.fields[f"{key}-{suffix}"] = field
        label = _("Price or markup of %(category)s") % {"category": name}
        self.fields[f"{key}-number"] = self.price_field(label, _number_of(stored))
        self.add_day(key, _("Last day of %(category)s") % {"category": name}, stored)
        if stored is not None:
            remove = forms.BooleanField(label=_("Remove %(row)s") % {"row": stored}, required=False)
            remove.widget.attrs["aria-label"] = remove.label
            self.fields[f"{key}-remove"] = remove

    @property
    def new_line(self) -> PriceInputs:
        """The empty line."""
        return self.line("new")

    def rows(self) -> Sequence[Row]:
        """Stored rules as typed, and the new one."""
        rows = [
            self._rule(f"row{row.pk}", row.category)
            for row in self.stored
            if isinstance(row, CategoryPrice) and not self._is_emptied(f"row{row.pk}")
        ]
        category = self.value("new", "category")
        return [*rows, self._rule("new", category)] if category is not None else rows

    def removed(self) -> list[Row]:
        """Rows that were ticked, and those whose unit became another: the unit is part of what is priced."""
        ticked = super().removed()
        moved = [
            row
            for row in self.stored
            if isinstance(row, CategoryPrice)
            and row not in ticked
            and self._rule(f"row{row.pk}", row.category).unit != row.unit
        ]
        return [*ticked, *moved]

    def _is_emptied(self, key: str) -> bool:
        return bool(self.value(key, "remove"))

    def _rule(self, key: str, category: TransactionCategory) -> CategoryPrice:
        method, number = (
            self.value(key, "method") or SalesPricing.PRICE_PER_UNIT,
            self.value(key, "number") or ZERO,
        )
        per_unit = method == SalesPricing.PRICE_PER_UNIT
        return CategoryPrice(
            category=category,
            method=method,
            unit=self.value(key, "unit") if per_unit else "",
            price=number if per_unit else ZERO,
            markup_percent=number if method == SalesPricing.MARKUP else ZERO,
            ends_on=self.value(key, "ends_on"),
        )


class MaterialPricesForm(PricesForm):
    """Materials by product and unit."""

    columns = MATERIAL_COLUMNS

    def __init__(self, *args: Any, price_list: PriceList, **kwargs: Any):
        stored = price_list.material_prices.order_by("product", "unit", "pk")
        super().__init__(*args, price_list=price_list, stored=stored, **kwargs)
        product = forms.CharField(label=_("Another material"), max_length=80, required=False)
        unit = UnitField(label=_("Unit of the other material"), required=False)
        for name, field in {"new-product": product, "new-unit": unit}.items():
            look = "input unit" if name == "new-unit" else "input"
            field.widget.attrs |= {"class": look, "aria-label": field.label}
            self.fields[name] = field
        self.fields["new-price"] = self.price_field(_("Price of the other material"), None)

    def _add_line(self, key: str, row: Row | None) -> None:
        if isinstance(row, MaterialPrice):
            names = {"product": row.product, "unit": unit_word(row.unit)}
            label = _("Price of %(product)s per %(unit)s") % names
            self.fields[f"{key}-price"] = self.price_field(label, row.price)
            self.add_day(key, _("Last day of %(product)s per %(unit)s") % names, row)

    @property
    def new_line(self) -> PriceInputs:
        """The empty line."""
        return self.line("new")

    def clean(self) -> dict[str, Any] | None:
        """A product and its price come together."""
        has_product, has_price = bool(self.value("new", "product")), self.value("new", "price") is not None
        if has_product and not has_price and "new-price" not in self.errors:
            self.add_error("new-price", _("Enter the price of the material."))
        if has_price and not has_product:
            self.add_error("new-product", _("Enter the name of the material."))
        return self.cleaned_data

    def rows(self) -> Sequence[Row]:
        """Stored prices as typed, and the new one."""
        rows = []
        for row in self.stored:
            price = self.value(f"row{row.pk}", "price")
            if isinstance(row, MaterialPrice) and price is not None:
                ends_on = self.value(f"row{row.pk}", "ends_on")
                rows.append(MaterialPrice(product=row.product, unit=row.unit, price=price, ends_on=ends_on))
        if self.value("new", "product"):
            unit = self.value("new", "unit") or "pcs"
            new = {"product": self.value("new", "product"), "price": self.value("new", "price")}
            rows.append(MaterialPrice(unit=unit, **new))
        return rows


def _number_of(row: CategoryPrice | None) -> Decimal | None:
    if row is None or row.method == SalesPricing.AT_COST:
        return None
    return row.markup_percent if row.method == SalesPricing.MARKUP else row.price

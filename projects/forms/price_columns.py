"""The columns in which prices of categories and materials are typed and shown."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext_lazy

from core.refusals import Text
from core.templatetags.display import day, rate
from core.units import unit_word


@dataclass(frozen=True)
class PriceColumn:
    """A column of a table of prices: the input it shows, its head, and how it is laid out."""

    name: str
    head: Text
    layout: str = "stack-line"


@dataclass(frozen=True)
class PriceCell:
    """One cell of a line: an input where the price may be changed, else what is stored."""

    layout: str
    input: BoundField | None
    text: str


def words_of(name: str, value: Any) -> str:
    """A stored value in words; empty for none."""
    if value in (None, ""):
        return ""
    if name == "unit":
        return str(unit_word(value))
    if name == "ends_on":
        return day(value)
    return rate(value) if isinstance(value, Decimal) else str(value)


CATEGORY_COLUMNS = (
    PriceColumn("category", gettext_lazy("Category"), "stack-title"),
    PriceColumn("method", gettext_lazy("Method")),
    PriceColumn("number", gettext_lazy("Price or markup %"), "number stack-value"),
    PriceColumn("unit", gettext_lazy("Unit")),
    PriceColumn("ends_on", gettext_lazy("Last day")),
    PriceColumn("remove", gettext_lazy("Remove")),
)
MATERIAL_COLUMNS = (
    PriceColumn("product", gettext_lazy("Material"), "stack-title"),
    PriceColumn("unit", gettext_lazy("Unit"), "stack-subtitle"),
    PriceColumn("price", gettext_lazy("Price"), "number stack-value"),
    PriceColumn("ends_on", gettext_lazy("Last day")),
)

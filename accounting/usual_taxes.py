"""Sales taxes to begin with, by country: groups, codes, rates and the reasons why some take nothing (C3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from core.refusals import Text
from projects.states import TaxKind

FULL, REDUCED = "full", "reduced"


@dataclass(frozen=True)
class StandardTax:
    """The tax that a company usually charges: its code and rate in percent (19 means 19 %), from a day on.

    Tax tables are shared by all legal entities: companies that charge different taxes name different groups.
    """

    code: str
    name: str
    percent: Decimal
    starts_on: date
    sales_tax_group: str = "domestic"
    item_tax_group: str = FULL


@dataclass(frozen=True)
class ZeroTax:
    """A tax code that takes nothing from customers of a group, and says why in the document's language."""

    code: str
    name: str
    kind: str
    sales_tax_group: str
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class UsualTaxes:
    """What companies of one country charge: the title of the choice, the taxes, the names of the groups."""

    title: Text
    taxes: tuple[StandardTax, ...] = ()
    zero_taxes: tuple[ZeroTax, ...] = ()
    group_names: Mapping[str, str] = field(default_factory=dict)


REVERSE_CHARGE = {
    "en": "Reverse charge: the recipient of the service accounts for the tax.",
    "de": "Steuerschuldnerschaft des Leistungsempfängers.",
    "id": "Pajak ditanggung oleh penerima jasa (reverse charge).",
}
EXPORT = {
    "en": "Not taxable: the place of supply is outside the European Union.",
    "de": "Nicht steuerbar: Leistungsort außerhalb der Europäischen Union.",
    "id": "Tidak kena pajak: tempat penyerahan di luar Uni Eropa.",
}

NO_TAX = {
    "en": "No tax is charged.",
    "de": "Es wird keine Umsatzsteuer berechnet.",
    "id": "Tidak dikenakan pajak.",
}


def _in_the_union(title: Text, country: str, *rates: tuple[str, str, date]) -> UsualTaxes:
    """The taxes of a member state: its own rates, reverse charge within the union, nothing outside of it.

    A rate is the item group it holds for, its percent, and the day it holds from.
    """
    lower = country.lower()
    domestic, union, outside = f"{lower}-domestic", f"{lower}-eu", f"{lower}-outside"
    reverse = ZeroTax(union, f"Reverse charge {country}", TaxKind.REVERSE_CHARGE, union, REVERSE_CHARGE)
    export = ZeroTax(outside, f"Outside the EU {country}", TaxKind.EXEMPT, outside, EXPORT)
    return UsualTaxes(
        title,
        tuple(
            StandardTax(f"{lower}-{item}", f"VAT {country} {item}", Decimal(percent), day, domestic, item)
            for item, percent, day in rates
        ),
        (reverse, export),
        {
            domestic: f"{country}, domestic",
            union: f"{country}, business in the EU",
            outside: f"{country}, outside the EU",
        },
    )


USUAL_TAXES: Mapping[str, UsualTaxes] = {
    # Everything is exempt, and every invoice says so: without a group nothing is posted.
    "none": UsualTaxes(
        _("No tax"),
        (),
        (ZeroTax("no-tax", "No tax", TaxKind.EXEMPT, "no-tax", NO_TAX),),
        {"no-tax": "No tax"},
    ),
    "de": _in_the_union(
        _("Germany: 19% and 7%, reverse charge in the European Union"),
        "DE",
        (FULL, "19", date(2007, 1, 1)),
        # Lowered for the second half of 2020, so that hours of that time are taxed as they were.
        (FULL, "16", date(2020, 7, 1)),
        (FULL, "19", date(2021, 1, 1)),
        (REDUCED, "7", date(1983, 7, 1)),
        (REDUCED, "5", date(2020, 7, 1)),
        (REDUCED, "7", date(2021, 1, 1)),
    ),
    "at": _in_the_union(
        _("Austria: 20% and 10%, reverse charge in the European Union"),
        "AT",
        (FULL, "20", date(1984, 1, 1)),
        (REDUCED, "10", date(1984, 1, 1)),
    ),
    "nl": _in_the_union(
        _("Netherlands: 21% and 9%, reverse charge in the European Union"),
        "NL",
        (FULL, "21", date(2012, 10, 1)),
        (REDUCED, "9", date(2019, 1, 1)),
    ),
    "id": UsualTaxes(
        _("Indonesia: 11%"),
        (StandardTax("id-full", "PPN", Decimal(11), date(2022, 4, 1), "id-domestic", FULL),),
        (),
        {"id-domestic": "ID, domestic"},
    ),
}
"""The choices that a company may begin with; rates of later days are added to the codes."""

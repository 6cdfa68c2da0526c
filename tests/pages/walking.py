"""Every address of the product, and addresses made of it with values that nobody should type."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
"""A parameter of a route: its converter and its name."""

OVERRIDE = "\u202e"
"""Turns the reading order round."""


@dataclass(frozen=True)
class Page:
    """One address of the product: its route, the name it has, and its view."""

    route: str
    name: str
    view: object

    @property
    def in_admin(self) -> bool:
        return self.route.startswith("admin/")

    def addresses(self, values: list[str]) -> Iterator[str]:
        """The address with every combination of the values; itself where it takes none."""
        pieces = PARAMETER.split(self.route)
        texts, places = pieces[0::3], len(pieces) // 3
        for chosen in product(values, repeat=places):
            filled = "".join(text + value for text, value in zip(texts, [*chosen, ""], strict=True))
            yield "/" + filled


def all_pages() -> list[Page]:
    """Every address that leads somewhere, admin and included modules too."""
    return list(_under(get_resolver(), ""))


def _under(resolver: URLResolver, prefix: str) -> Iterator[Page]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _under(each, prefix + str(each.pattern))
        elif isinstance(each, URLPattern):
            yield Page(_readable(prefix + str(each.pattern)), each.name or "", each.callback)


def _readable(route: str) -> str:
    """A route without the signs of a regular expression, as few addresses of the admin are written."""
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).replace("^", "").replace("$", "").replace("\\Z", "")


NUMBERS = ["-1", "0", str(2**31), str(2**63), str(2**64), "9" * 400]
TEXTS = [
    "text",
    "\x00",
    f"{OVERRIDE}abc",
    "a" * 400,
    "../../etc",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "%",
    "1e9",
]
DATES = ["0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-W60", "9999-W52"]
HOSTILE = [*NUMBERS, *TEXTS, *DATES]


def in_path(value: str) -> str:
    """A value as a browser sends it in an address."""
    return quote(value, safe="")

"""Where a way out leads: the page on which somebody can do what a refusal says, by its code.

The core knows no page: `lead` is given them once, when the product starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class WayOutPage:
    """A page by its address name, the words of the link to it, and the permission that it needs."""

    label: str | Promise
    url_name: str
    permission: str
    query: str = ""


_PAGES: dict[str, WayOutPage] = {}


def lead(pages: Mapping[str, WayOutPage]) -> None:
    """Say where the ways out of these codes are gone."""
    _PAGES.update(pages)


def page_of(code: str) -> WayOutPage | None:
    """The page for a code; none where the page that refuses is the place itself."""
    return _PAGES.get(code)

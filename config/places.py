"""An entry of a sidebar: where it leads, who may go there, and what waits there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import IntegerField, QuerySet, Subquery
from django.utils.functional import Promise

Waiting = Callable[[User], QuerySet[Any]]


class Counted(Subquery):
    """How many rows a queryset has, as a column of another statement."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


@dataclass(frozen=True)
class Place:
    """One entry of the sidebar: label, icon, address name, the permission it needs, and what waits there.

    `unit`: the columns that tell one thing that waits from another.
    """

    label: str | Promise
    icon: str
    url_name: str
    permission: str = ""
    waiting: Waiting | None = None
    unit: tuple[str, ...] = ("pk",)


Sections = list[tuple[str | Promise, list[Place]]]
"""Headings, each with its entries."""

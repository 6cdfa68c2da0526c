"""The tabs above everything that is paid ahead of the work or kept back after it (B3)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import Retainer, Retention
from core.access import may
from projects.models import PrepaidHours

ALL, INVOICED, SCHEDULED = "all", "invoiced", "scheduled"
PREPAID, RETENTION = "prepaid", "retention"


@dataclass(frozen=True)
class Tab:
    """A tab: its key, its words, where it leads, who may open it, and what it counts."""

    key: str
    label: str | Promise
    url_name: str
    query: str
    permission: str
    rows: Callable[[User], QuerySet[Any]] | None = None


def _invoiced(user: User) -> QuerySet[Any]:
    return Retainer.objects.visible_to(user).invoiced()


def _scheduled(user: User) -> QuerySet[Any]:
    return Retainer.objects.visible_to(user).scheduled()


def _prepaid(user: User) -> QuerySet[Any]:
    return PrepaidHours.objects.visible_to(user).living()


def _kept(user: User) -> QuerySet[Any]:
    return Retention.objects.visible_to(user).open_ones()


VIEW = "billing.view_retainer"
TABS: tuple[Tab, ...] = (
    Tab(ALL, _("All"), "advances", "", VIEW),
    Tab(INVOICED, _("Advances"), "advances", "kind=invoiced", VIEW, _invoiced),
    Tab(SCHEDULED, _("Scheduled"), "advances", "kind=scheduled", VIEW, _scheduled),
    Tab(PREPAID, _("Prepaid hours"), "prepaid-hours", "", VIEW, _prepaid),
    Tab(RETENTION, _("Retention"), "retentions", "", "billing.view_retention", _kept),
)


def advance_tabs(user: User, current: str) -> list[dict[str, Any]]:
    """The tabs that are open to a person, with what each counts; a statement for each that counts."""
    return [
        {
            "label": tab.label,
            "url": f"{reverse(tab.url_name)}?{tab.query}" if tab.query else reverse(tab.url_name),
            "count": tab.rows(user).count() if tab.rows else None,
            "current": tab.key == current,
        }
        for tab in TABS
        if may(user, tab.permission)
    ]

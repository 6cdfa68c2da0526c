"""The start of those who record hours: this week, what was sent back, what is still to submit."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.access import enters_admin, may
from core.money import ZERO
from core.pages import Page
from core.templatetags.display import number, quantity
from projects.models import Entry
from projects.states import EntryStatus
from projects.views.page_defaults import PageDefaults

SHOWN = 8


class OwnStart(PageDefaults, Page):
    """Open to everybody who signed in: it shows nothing but one's own."""

    title, template_name = _("Overview"), "projects/start.html"

    def has_permission(self, obj: Model | None = None) -> bool:
        return self.request.user.is_authenticated

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**start_of(self.user, self.today), **kwargs)


def start_of(user: User, today: date) -> dict[str, Any]:
    """This week's hours, what waits for the person, and the entries that were sent back."""
    own = Entry.objects.kept().of_person(user)
    monday = today - timedelta(days=today.weekday())
    week = own.between(monday, monday + timedelta(days=6))
    returned = own.filter(status=EntryStatus.RETURNED).with_comment().select_related("project", "task")
    return {
        "today": today,
        "enters_admin": enters_admin(user),
        "may_see_people": may(user, "auth.view_user"),
        "may_record": may(user, "projects.submit_entry"),
        "kpis": _figures(own.week_summary(monday)) if may(user, "projects.submit_entry") else [],
        "week": week.select_related("project", "task").order_by("date", "pk"),
        "returned": returned.order_by("-date", "-pk")[:SHOWN],
    }


def _figures(week_summary: dict[str, Any]) -> list[dict[str, Any]]:
    entries = reverse("entries")
    return [
        {"label": gettext("This week"), "value": _hours(week_summary["week"]), "url": entries},
        _figure(gettext("To submit"), week_summary, "draft", f"{entries}?status=draft"),
        _figure(gettext("Waiting for approval"), week_summary, "submitted", f"{entries}?status=submitted"),
        _figure(gettext("Sent back"), week_summary, "returned", f"{entries}?status=returned"),
    ]


def _figure(label: str, week_summary: dict[str, Any], status: str, url: str) -> dict[str, Any]:
    count = week_summary[f"{status}_count"]
    detail = ngettext("%(count)s entry", "%(count)s entries", count) % {"count": number(count)}
    tone = "warn" if status == "returned" and count else ""
    return {
        "label": label,
        "value": _hours(week_summary[status]),
        "detail": [detail],
        "url": url,
        "tone": tone,
    }


def _hours(sum_of_hours: Any) -> str:
    return quantity(sum_of_hours or ZERO, "h")

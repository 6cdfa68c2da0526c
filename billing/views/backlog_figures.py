"""The figures above the backlog, from one set of sums: unbilled, ready, blocked, and how old it is."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects.money import HUNDRED
from projects.pages import SavedView, Total
from projects.templatetags.charts import Slice, age_bar
from projects.templatetags.house import number, percent

OLD = 60
Sums = Sequence[dict[str, Any]]


def backlog_totals(sums: Sums) -> list[Total]:
    """One total per currency; hours where there are any."""
    return [Total(row["currency"], row["entries"], row["total"], row["hours"], "h") for row in sums]


def backlog_views(today: dt.date, *, sees_all: bool) -> list[SavedView]:
    """What people look for, with dates as they are today; who sees a whole entity begins with all of it."""
    until, old = f"to={today}", f"to={today - dt.timedelta(days=OLD + 1)}"
    mine = SavedView(gettext_lazy("My contracts, this period"), f"manager=me&status=open&{until}&type=1")
    everything = SavedView(gettext_lazy("All contracts, this period"), f"status=open&{until}&type=1")
    return [
        everything if sees_all else mine,
        SavedView(gettext_lazy("Ready"), "status=ready"),
        SavedView(gettext_lazy("Blocked"), "status=blocked"),
        SavedView(gettext_lazy("Older than 60 days"), f"status=open&{old}"),
        SavedView(gettext_lazy("Expenses only"), "kind=expense&status=open"),
        SavedView(gettext_lazy("Non-chargeable and complimentary"), "status=open&type=2&type=3"),
    ]


def backlog_kpis(sums: Sums, asked: QueryDict) -> list[dict[str, Any]]:
    """Four figures; each opens the rows it is made of."""
    entries = sum(row["entries"] for row in sums)
    said = ngettext("%(count)s entry", "%(count)s entries", entries) % {"count": number(entries)}
    return [
        {"label": _("Unbilled in this view"), "amounts": amounts(sums, "total"), "detail": [said]},
        {
            "label": _("Ready to invoice"),
            "amounts": amounts(sums, "ready"),
            "detail": [_share(sums)],
            "url": narrowed(asked, "ready"),
            "current": asked.get("status") == "ready",
        },
        {
            "label": _("Blocked"),
            "amounts": amounts(sums, "blocked"),
            "detail": [capfirst(reasons_of(sums)) or _("Nothing keeps an entry back")],
            "url": narrowed(asked, "blocked"),
            "current": asked.get("status") == "blocked",
        },
        _age(sums),
    ]


def amounts(sums: Sums, name: str) -> list[tuple[Decimal, str]]:
    """A sum of every currency; nothing where there is no row."""
    return [(row[name], row["currency"]) for row in sums]


def narrowed(asked: QueryDict, status: str) -> str:
    """This view with another status."""
    changed = asked.copy()
    for name in ("page", "select"):
        changed.pop(name, None)
    changed["status"] = status
    return f"?{changed.urlencode()}"


def _share(sums: Sums) -> str:
    if len(sums) != 1 or not sums[0]["total"]:
        return ""
    share = (sums[0]["ready"] / sums[0]["total"] * HUNDRED).quantize(Decimal(1))
    return _("%(share)s of this view") % {"share": percent(share)}


def reasons_of(sums: Sums) -> str:
    """What keeps entries back, and how many each; empty where nothing does."""
    counted = {
        _("not-to-exceed %(count)s"): sum(row["over_limit"] for row in sums),
        _("on hold %(count)s"): sum(row["on_hold"] for row in sums),
        _("no price %(count)s"): sum(row["unpriced"] for row in sums),
    }
    return ", ".join(words % {"count": number(count)} for words, count in counted.items() if count)


def _age(sums: Sums) -> dict[str, Any]:
    """Share of each age in the currency that has most of it."""
    if not sums:
        return {"label": _("Age in days"), "value": ""}
    most = max(sums, key=lambda row: row["total"])
    names = {"0–30": "age_30", "31–60": "age_60", "61–90": "age_90", "91+": "age_more"}
    label = (
        _("Age in days")
        if len(sums) == 1
        else _("Age in days, %(currency)s") % {"currency": most["currency"]}
    )
    return {"label": label, "chart": age_bar([Slice(text, most[name]) for text, name in names.items()])}

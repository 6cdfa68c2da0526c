"""The figures above the backlog, from one set of sums: unbilled, ready, blocked, and how old it is."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.kept_forms import PARAMETER
from core.money import HUNDRED, ZERO
from core.pages import SavedView, Total
from core.templatetags.chart_pictures import Slice, age_bar
from core.templatetags.display import number, percent
from projects.querysets import BacklogQuerySet
from projects.states import BillingStatus, BillingType, ContractStatus, TransactionClass

OLD = 60
MOST_WITH_HOURS = 20_000
"""Hours need a look at every work item; beyond this many entries they say less than they cost."""

GROUP = ("contract_id", "customer_id", "currency")
NAMES = (
    "contract__number",
    "contract__name",
    "contract__status",
    "customer__name",
    "customer__is_on_hold",
)
Sums = Sequence[dict[str, Any]]
View = tuple[Any, str, Q]
"""A saved view: its label, its address and which rows it holds."""

WAITING = ~Q(status=BillingStatus.ON_DRAFT)
CHARGEABLE = Q(billing_type=BillingType.CHARGEABLE)


def grouped_sums(rows: Any, today: dt.date) -> Sums:
    """Sums per contract and customer in one scan, with their hours while there are few enough to read."""
    sums = [_as_stopped(row) for row in rows.summed(*GROUP, *NAMES, today=today)]
    if not 0 < sum(row["entries"] for row in sums) <= MOST_WITH_HOURS:
        return sums
    hours = {_key(row): row["hours"] for row in rows.hours(*GROUP)}
    return [{**row, "hours": hours.get(_key(row))} for row in sums]


def _as_stopped(row: dict[str, Any]) -> dict[str, Any]:
    """Where contract or payer stops a group, nothing is ready and all that no draft holds is blocked."""
    of_contract = row["contract__status"] != ContractStatus.CONFIRMED
    of_payer = row["customer__is_on_hold"]
    counts = {
        "contract_stops": row["waiting"] if of_contract else 0,
        "payer_stops": row["waiting"] if of_payer and not of_contract else 0,
    }
    if not (of_contract or of_payer):
        return row | counts
    # Counted by what stops all of it, not once more by what would keep single entries back.
    own = dict.fromkeys(("over_limit", "on_hold", "unpriced"), 0)
    return row | own | counts | {"ready": ZERO, "blocked": row["off_draft"]}


def by_currency(sums: Sums) -> Sums:
    """The same figures, one row per currency in the order of their codes."""
    rows: dict[str, dict[str, Any]] = {}
    for row in sums:
        known = rows.setdefault(row["currency"], {"currency": row["currency"]})
        for name, value in row.items():
            if name not in (*GROUP, *NAMES) and value is not None:
                known[name] = known.get(name, 0) + value
    return [rows[currency] for currency in sorted(rows)]


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in GROUP)


def backlog_totals(sums: Sums) -> list[Total]:
    """One total per currency; hours where there are any."""
    return [Total(row["currency"], row["entries"], row["total"], row.get("hours"), "h") for row in sums]


def backlog_views(rows: Any, today: dt.date, *, sees_all: bool, me: int) -> list[SavedView]:
    """What people look for, as of today; who sees a whole entity begins with all of it.

    `rows` are all items that the user may see. Each view says how many it holds and how much, in one
    statement for all of them, while there are few enough to read them once more.
    """
    views = [_this_period(today, sees_all=sees_all, me=me), *_standing_views(today)]
    sums = _sums_of_views(rows, [condition for _label, _query, condition in views])
    return [SavedView(label, query, *sums[number]) for number, (label, query, _when) in enumerate(views)]


def _this_period(today: dt.date, *, sees_all: bool, me: int) -> View:
    """What waits up to today and will be charged, of all contracts or of those that I manage."""
    mine = Q(contract__manager=me)
    due = WAITING & CHARGEABLE & Q(transaction_date__lte=today)
    query = f"status=open&to={today}&type=1"
    if sees_all:
        return gettext_lazy("All contracts, this period"), query, due
    return gettext_lazy("My contracts, this period"), f"manager=me&{query}", mine & due


def _standing_views(today: dt.date) -> list[View]:
    """Those that are the same for everybody."""
    old_day = today - dt.timedelta(days=OLD + 1)
    stopped = BacklogQuerySet.STOPPED
    expense = Q(work_item__transaction_class=TransactionClass.EXPENSE)
    return [
        (gettext_lazy("Ready"), "status=ready", Q(status=BillingStatus.READY) & ~stopped),
        (gettext_lazy("Blocked"), "status=blocked", WAITING & (BacklogQuerySet.BLOCKED | stopped)),
        (gettext_lazy("To look at"), "status=to_look_at", Q(review_on__lte=today)),
        (
            gettext_lazy("Older than 60 days"),
            f"status=open&to={old_day}",
            WAITING & Q(transaction_date__lte=old_day),
        ),
        (gettext_lazy("Expenses only"), "kind=expense&status=open", WAITING & expense),
        (
            gettext_lazy("Non-chargeable and complimentary"),
            "status=open&type=2&type=3",
            WAITING & ~CHARGEABLE,
        ),
    ]


def _sums_of_views(rows: Any, conditions: Sequence[Q]) -> list[tuple[Any, ...]]:
    """How many rows meet each condition, and their amounts; nothing where there are too many rows."""
    if rows.order_by()[: MOST_WITH_HOURS + 1].count() > MOST_WITH_HOURS:
        return [()] * len(conditions)
    wanted: dict[str, Any] = {}
    for place, condition in enumerate(conditions):
        wanted[f"count_{place}"] = Count("pk", filter=condition)
        wanted[f"amount_{place}"] = Sum("amount", filter=condition & CHARGEABLE, default=ZERO)
    of_currency = list(rows.order_by().values("currency").annotate(**wanted).order_by("currency"))
    return [
        (
            sum(row[f"count_{place}"] for row in of_currency),
            [(row[f"amount_{place}"], row["currency"]) for row in of_currency if row[f"count_{place}"]],
        )
        for place in range(len(conditions))
    ]


def backlog_kpis(sums: Sums, params: QueryDict) -> list[dict[str, Any]]:
    """Four figures; each opens the rows it is made of."""
    entries = sum(row["entries"] for row in sums)
    detail = ngettext("%(count)s entry", "%(count)s entries", entries) % {"count": number(entries)}
    return [
        {
            "label": _("Unbilled in this view"),
            "amounts": amounts(sums, "total"),
            "detail": [detail],
        },
        {
            "label": _("Ready to invoice"),
            "amounts": amounts(sums, "ready"),
            "detail": [_share(sums)],
            "url": with_status(params, "ready"),
            "current": params.get("status") == "ready",
        },
        {
            "label": _("Blocked"),
            "amounts": amounts(sums, "blocked"),
            "detail": [capfirst(reasons_of(sums)) or _("Nothing keeps an entry back")],
            "url": with_status(params, "blocked"),
            "current": params.get("status") == "blocked",
        },
        _age(sums),
    ]


def amounts(sums: Sums, name: str) -> list[tuple[Decimal, str]]:
    """A sum of every currency; nothing where there is no row."""
    return [(row[name], row["currency"]) for row in sums]


def with_status(params: QueryDict, status: str) -> str:
    """This view with another status."""
    changed = params.copy()
    for name in ("page", "select", PARAMETER):
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
        _("contract not confirmed %(count)s"): sum(row.get("contract_stops", 0) for row in sums),
        _("customer on hold %(count)s"): sum(row.get("payer_stops", 0) for row in sums),
    }
    return ", ".join(words % {"count": number(count)} for words, count in counted.items() if count)


def skipped_words(sums: Sums, ready_before: int) -> str:
    """Why entries of a selection were not marked ready: what keeps them back, and what needed no marking."""
    counted = {
        _("ready before %(count)s"): ready_before,
        _("on a draft %(count)s"): sum(row["entries"] - row["waiting"] for row in sums),
    }
    settled = [words % {"count": number(count)} for words, count in counted.items() if count]
    return ", ".join([*filter(None, [reasons_of(sums)]), *settled])


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

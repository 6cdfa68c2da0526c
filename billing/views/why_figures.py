"""The figures of what is on no invoice: how many for each reason, and how much per currency (X2)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, Sum
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import MilestoneShare
from billing.not_invoiced import (
    Sums,
    entries_with_reason,
    items_with_reason,
    shares_with_reason,
    sums_by_reason,
    waiting_entries,
)
from billing.states import NotInvoiced
from billing.tables.why import ROW
from core.access import may
from core.kept_forms import PARAMETER
from core.money import ZERO
from core.pages import Total
from core.templatetags.display import money, number, quantity
from projects.models import BacklogItem, Entry
from projects.states import BillingType, TransactionClass

Figure = dict[str, Any]
CHARGED = Q(billing_type=BillingType.CHARGEABLE)
TIME = Q(transaction_class=TransactionClass.TIME)


def sums_of_items(rows: Any) -> Sums:
    """Of backlog items that have their reason; what is not charged is counted, and is no amount."""
    return sums_by_reason(rows, "currency", "amount", counted=CHARGED)


def sums_of_entries(rows: Any) -> Sums:
    """Of entries that have their reason; hours besides, as few of them have an amount yet."""
    hours = Sum("quantity", filter=TIME, default=ZERO)
    return sums_by_reason(rows, "worth_currency", "worth", hours=hours)


def sums_of_shares(rows: Any) -> Sums:
    """Of milestone shares that have their reason."""
    return sums_by_reason(rows, "currency", "open_amount")


def totals_of(sums: Sums) -> list[Total]:
    """One total per currency; none where some rows have no amount yet, which would read as nothing."""
    if not all(row["of"] for row in sums):
        return []
    totals: dict[str, list[Any]] = {}
    for row in sums:
        known = totals.setdefault(row["of"], [0, ZERO])
        known[0] += row["count"]
        known[1] += row["sum"] or ZERO
    return [Total(currency, count, amount) for currency, (count, amount) in sorted(totals.items())]


def figures_of(sums: Sums, params: QueryDict | None = None, url: str = "") -> list[Figure]:
    """One figure for each reason, in the order to clear them; each opens its rows.

    `params` are those of the list that the figures stand above; without them they lead to `url`.
    """
    by_reason: dict[str, list[dict[str, Any]]] = {}
    for row in sums:
        by_reason.setdefault(row["reason"], []).append(row)
    return [_figure(NotInvoiced(code), rows, params, url) for code, rows in by_reason.items()]


def _figure(code: NotInvoiced, rows: Sequence[dict[str, Any]], params: QueryDict | None, url: str) -> Figure:
    hours = sum((row.get("hours", ZERO) for row in rows), ZERO)
    amounts = [money(row["sum"], row["of"]) for row in rows if row["of"] and row["sum"] is not None]
    unpriced = not amounts and "hours" in rows[0]
    detail = [_("%(hours)s, no price yet") % {"hours": quantity(hours, "h")}] if unpriced else amounts
    return {
        "label": code.label,
        "value": number(sum(row["count"] for row in rows)),
        "detail": detail,
        "url": url + _query(params, code),
        "current": params is not None and params.get("reason") == code,
        "tone": "bad" if code in ALARMING else "",
    }


ALARMING = (NotInvoiced.NOT_COVERED, NotInvoiced.RUN_FAILED, NotInvoiced.NO_PRICE, NotInvoiced.OVER_LIMIT)


def _query(params: QueryDict | None, code: NotInvoiced) -> str:
    changed = QueryDict(mutable=True) if params is None else params.copy()
    for name in ("page", ROW, PARAMETER, "all"):
        changed.pop(name, None)
    changed["reason"] = code.value
    return f"?{changed.urlencode()}"


def reasons_of_user(user: User, today: date) -> list[Figure]:
    """The figures of all that a user may see, work that is not in the backlog first; three statements."""
    shown: list[Figure] = []
    if may(user, "projects.view_backlogitem"):
        entries = entries_with_reason(waiting_entries(Entry.objects.visible_to(user)))
        shown += figures_of(sums_of_entries(entries), url=reverse("why-entries"))
        items = items_with_reason(BacklogItem.objects.visible_to(user), today)
        shown += figures_of(sums_of_items(items), url=reverse("why"))
    if may(user, "billing.view_milestone"):
        shares = shares_with_reason(MilestoneShare.objects.visible_to(user).not_invoiced(), today)
        shown += [
            {**one, "label": _("Milestones: %(reason)s") % {"reason": one["label"]}}
            for one in figures_of(sums_of_shares(shares), url=reverse("why-milestones"))
        ]
    return shown

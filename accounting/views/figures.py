"""The five figures of the overview: what waits at each step from work to money.

Amounts are per currency, before tax except receivables; each figure opens the rows it is the sum of. Where
nothing waits there is no amount, in no currency: the page shows a dash, and the words say so.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.models import CustomerInvoice
from billing.models import MilestoneShare, Proforma
from billing.states import ProformaStatus
from core.access import may
from core.templatetags.display import day, number
from projects.models import BacklogItem
from projects.states import BillingStatus

Figure = dict[str, Any]
Row = dict[str, Any]
Amounts = list[tuple[Decimal, str]]
BACKLOG, DRAFTS = "?status=open&type=1", "?status=draft&status=in_review"


def figures(user: User, today: date) -> list[Figure]:
    """All five, in four questions; receivables only for those who may see invoices."""
    backlog = BacklogItem.objects.visible_to(user).off_draft().chargeable()
    sums: list[Any] = list(backlog.summed("currency", "status", today=today).order_by("currency"))
    proformas: list[Any] = list(Proforma.objects.visible_to(user).summed().order_by("currency"))
    milestones = MilestoneShare.objects.visible_to(user).ready().count()
    shown = [
        _unbilled(sums),
        _ready([row for row in sums if row["status"] == BillingStatus.READY], milestones),
        _drafts([row for row in proformas if row["status"] != ProformaStatus.CONFIRMED], today),
        _confirmed([row for row in proformas if row["status"] == ProformaStatus.CONFIRMED]),
    ]
    if may(user, "accounting.view_customerinvoice"):
        shown.append(_overdue(CustomerInvoice.objects.visible_to(user).overdue_sums(today)))
    return shown


def _amounts(rows: Iterable[Row], name: str) -> Amounts:
    """Sum per currency, in the order of the codes."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row["currency"]] = sums.get(row["currency"], Decimal(0)) + row[name]
    return [(amount, currency) for currency, amount in sorted(sums.items())]


def _entries(rows: Sequence[Row]) -> str:
    count = sum(row["entries"] for row in rows)
    if not count:
        return _("No entry waits")
    return ngettext("%(count)s entry", "%(count)s entries", count) % {"count": number(count)}


def _unbilled(rows: Sequence[Row]) -> Figure:
    return {
        "label": _("Unbilled work"),
        "amounts": _amounts(rows, "total"),
        "detail": [_entries(rows)],
        "url": reverse("backlog") + BACKLOG,
    }


def _ready(rows: Sequence[Row], milestones: int) -> Figure:
    besides = ngettext("and %(count)s milestone", "and %(count)s milestones", milestones)
    return {
        "label": _("Ready to invoice"),
        "amounts": _amounts(rows, "total"),
        "detail": [_entries(rows), *([besides % {"count": number(milestones)}] if milestones else [])],
        "url": reverse("backlog") + "?status=ready&type=1",
    }


def _drafts(rows: Sequence[Row], today: date) -> Figure:
    count = sum(row["proformas"] for row in rows)
    detail = [ngettext("%(count)s draft", "%(count)s drafts", count) % {"count": number(count)}]
    if not rows:
        detail = [_("No draft waits")]
    else:
        age = (today - timezone.localdate(min(row["created"] for row in rows))).days
        detail.append(ngettext("oldest %(count)s day", "oldest %(count)s days", age) % {"count": number(age)})
    return {
        "label": _("Drafts to confirm"),
        "amounts": _amounts(rows, "net"),
        "detail": detail,
        "url": reverse("proformas") + DRAFTS,
    }


def _confirmed(rows: Sequence[Row]) -> Figure:
    count = sum(row["proformas"] for row in rows)
    detail = [ngettext("%(count)s proforma in accounting", "%(count)s proformas in accounting", count)]
    if not rows:
        detail = [_("No proforma waits in accounting")]
    else:
        since = min(row["confirmed"] for row in rows)
        detail.append(_("the oldest since %(day)s") % {"day": day(timezone.localdate(since), "short")})
    return {
        "label": _("Confirmed, not yet posted"),
        "amounts": _amounts(rows, "net"),
        "detail": [detail[0] % {"count": number(count)}, *detail[1:]],
        "url": reverse("proformas") + "?status=confirmed",
    }


def _overdue(rows: Iterable[Any]) -> Figure:
    summed = list(rows)
    count = sum(row["invoices"] for row in summed)
    detail = ngettext("%(count)s invoice past its due date", "%(count)s invoices past their due date", count)
    if not count:
        detail = _("No invoice is past its due date")
    return {
        "label": _("Overdue receivables"),
        "amounts": _amounts(summed, "open"),
        "detail": [detail % {"count": number(count)}],
        "url": reverse("invoices") + "?due=overdue",
    }

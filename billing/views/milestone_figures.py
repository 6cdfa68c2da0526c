"""The figures, views and groups of the milestones page, from one set of sums."""

import datetime as dt
from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.models import Milestone, MilestoneShare
from billing.querysets import SOON
from billing.states import MilestoneStatus
from billing.views.backlog_figures import Sums, amounts, with_status
from core.fields import AmountField
from core.money import ZERO
from core.pages import Group, SavedView
from core.templatetags.display import day, money, number, plain
from projects.models import ContractLine, ContractLineCustomer

MOST_PAYERS_NAMED = 2
NOTHING = Value(ZERO, output_field=AmountField())


def milestone_views(rows: Any, today: dt.date) -> list[SavedView]:
    """What is not invoiced of the own contracts first; each view with how many rows it holds.

    `rows` are all shares that the user may see; all are counted in one statement.
    """
    asked: list[tuple[Any, str, Any]] = [
        (gettext_lazy("Not fully invoiced"), "status=open", rows.not_invoiced()),
        (gettext_lazy("Ready"), "status=ready", rows.invoiceable()),
        (gettext_lazy("Overdue"), "status=overdue", rows.overdue(today)),
        (gettext_lazy("Due within 14 days"), "status=soon", rows.due_soon(today)),
        (gettext_lazy("By progress"), "status=progress", rows.by_progress()),
        (gettext_lazy("Blocked"), "status=blocked", rows.not_invoiced().stopped()),
        (gettext_lazy("Invoiced"), "status=posted", rows.filter(status=MilestoneStatus.POSTED)),
    ]
    counts = rows.order_by().aggregate(
        **{
            f"view_{place}": Count("pk", filter=Q(pk__in=chosen.order_by().values("pk")))
            for place, (_label, _query, chosen) in enumerate(asked)
        }
    )
    return [
        SavedView(label, query, counts[f"view_{place}"]) for place, (label, query, _rows) in enumerate(asked)
    ]


def milestone_kpis(sums: Sums, params: QueryDict, today: dt.date) -> list[dict[str, Any]]:
    """Four figures of this view; each opens the rows it is made of."""
    return [
        {
            "label": _("Ready to invoice"),
            "amounts": amounts(sums, "ready"),
            "detail": [_rows_and_customers(sums)],
            **_link(params, "ready"),
        },
        {
            "label": _("Overdue, not ready"),
            "amounts": amounts(sums, "overdue"),
            "detail": [_late(sums, today)],
            **_link(params, "overdue"),
        },
        {
            "label": _("Due by %(day)s") % {"day": day(today + SOON)},
            "amounts": amounts(sums, "soon"),
            "detail": [_soon(sums)],
            **_link(params, "soon"),
        },
        {
            "label": _("Not invoiced yet"),
            "amounts": amounts(sums, "left"),
            "detail": [_left(sums)],
            **_link(params, "open"),
        },
    ]


def _link(params: QueryDict, status: str) -> dict[str, Any]:
    return {"url": with_status(params, status), "current": params.get("status") == status}


def _sum(sums: Sums, name: str) -> int:
    return sum(row[name] for row in sums)


def _counted(one: str, many: str, count: int) -> str:
    return ngettext(one, many, count) % {"count": number(count)}


def _rows_and_customers(sums: Sums) -> str:
    rows = _counted("%(count)s row", "%(count)s rows", _sum(sums, "ready_shares"))
    customers = _counted("%(count)s customer", "%(count)s customers", _sum(sums, "ready_customers"))
    return f"{rows}, {customers}"


def _late(sums: Sums, today: dt.date) -> str:
    days = [row["oldest"] for row in sums if row["oldest"] is not None]
    if not days:
        return _("Nothing is late")
    rows = _counted("%(count)s row", "%(count)s rows", _sum(sums, "overdue_shares"))
    late = _counted("up to %(count)s day late", "up to %(count)s days late", (today - min(days)).days)
    return f"{rows}, {late}"


def _soon(sums: Sums) -> str:
    counted = _counted("%(count)s milestone", "%(count)s milestones", _sum(sums, "soon_milestones"))
    return _("%(milestones)s, overdue not counted") % {"milestones": counted}


def _left(sums: Sums) -> str:
    counted = _counted("%(count)s milestone", "%(count)s milestones", _sum(sums, "left_milestones"))
    contracts = _counted("%(count)s contract", "%(count)s contracts", _sum(sums, "left_contracts"))
    return f"{counted}, {contracts}"


def line_groups(keys: Collection[int], *, may_plan: bool) -> dict[int, Group]:
    """Head of each contract line: what was agreed, and whether its milestones add up; two statements."""
    planned = Milestone.objects.filter(contract_line=OuterRef("pk")).order_by().values("contract_line")
    billed = (
        MilestoneShare.objects.filter(milestone__contract_line=OuterRef("pk"))
        .order_by()
        .values("milestone__contract_line")
    )
    lines = (
        ContractLine.objects.filter(pk__in=keys)
        .select_related("contract")
        .annotate(
            planned=Coalesce(Subquery(planned.annotate(sum=Sum("amount")).values("sum")), NOTHING),
            invoiced=Coalesce(Subquery(billed.annotate(sum=Sum("billed_amount")).values("sum")), NOTHING),
        )
    )
    payers: dict[int, list[str]] = {}
    shares = ContractLineCustomer.objects.filter(contract_line__in=keys).select_related("customer")
    for share in shares.order_by("contract_line", "pk"):
        payers.setdefault(share.contract_line_id, []).append(share.customer.name)
    return {line.pk: _group(line, payers.get(line.pk, []), may_plan=may_plan) for line in lines}


def _group(line: Any, payers: list[str], *, may_plan: bool) -> Group:
    contract = line.contract
    names = ", ".join(payers) if len(payers) <= MOST_PAYERS_NAMED else _payers(len(payers))
    agreed = line.contracted_amount
    rest = agreed - line.planned if agreed is not None else ZERO
    query = urlencode({"line": line.pk, "amount": plain(rest)})
    address = f"{reverse('milestone-add', args=[contract.number])}?{query}"
    return Group(
        line.name,
        f"{contract.number} {contract.name}, {names}",
        agreed if agreed is not None else line.planned,
        contract.currency,
        reverse("contract", args=[contract.number]),
        note=_adds_up(line, rest),
        note_label=_("Add the rest") if rest and may_plan else "",
        note_url=address if rest and may_plan else "",
        note_tone="warn" if rest else "",
    )


def _payers(count: int) -> str:
    return ngettext("%(count)s payer", "%(count)s payers", count) % {"count": number(count)}


def _adds_up(line: Any, rest: Any) -> str:
    currency = line.contract.currency
    if line.contracted_amount is None:
        return _("planned; no amount was contracted")
    if rest:
        return _("contracted; %(rest)s not planned yet.") % {"rest": money(rest, currency)}
    if line.invoiced:
        return _("contracted; adds up, %(invoiced)s invoiced") % {"invoiced": money(line.invoiced, currency)}
    return _("contracted; adds up")

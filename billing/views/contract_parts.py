"""The page of one contract: its figures, and the part that the address asks for."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Count, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.contract_positions import percent_used
from billing.models import InvoiceSchedule, MilestoneShare, Proforma, Retainer
from billing.tables.advances import AdvanceTable
from billing.tables.contracts import ContractScheduleTable
from billing.tables.drafts import DraftTable
from billing.tables.milestones import MilestoneTable
from billing.views.contract_burn import burn_of
from billing.views.contract_history import events_of
from billing.views.contract_lines import lines_of, over_limits, rates_of
from billing.views.overage import prepaid_left
from core.money import HUNDRED
from core.templatetags.display import money, number, percent
from projects.models import BacklogItem, ContractLine, ContractLineCustomer, ProjectContract
from projects.states import BillingMethod, BillingStatus, ContractStatus

LINES = "lines"
LONGEST = 200
"""Rows that a part of the page shows at most; lists with filters show all of them."""


def contract_context(contract: ProjectContract, show: str, today: dt.date) -> dict[str, Any]:
    """Head, figures, tabs, and the part that the address names; an unknown part is the first one."""
    show = show if show in PARTS else LINES
    counts = counts_of(contract)
    return {
        "kpis": figures_of(contract, counts),
        "tabs": tabs_of(contract, counts, show),
        "show": show,
        "part": f"billing/contract_{show}.html",
        "caption": caption_of(contract, counts),
        "is_draft": contract.status == ContractStatus.DRAFT,
        "is_confirmed": contract.status == ContractStatus.CONFIRMED,
        "is_on_hold": contract.status == ContractStatus.ON_HOLD,
        **PARTS[show](contract, today),
    }


def counts_of(contract: ProjectContract) -> dict[str, int]:
    """How many there are of everything that hangs on a contract, in two statements."""
    shares = Q(milestone__contract_line__contract=contract)
    items = BacklogItem.objects.filter(contract=contract).aggregate(
        open=Count("pk", filter=~Q(status=BillingStatus.ON_DRAFT)),
        ready=Count("pk", filter=Q(status=BillingStatus.READY)),
    )
    others = {
        "lines": ContractLine.objects.filter(contract=contract),
        "shares": MilestoneShare.objects.filter(shares),
        "ready_shares": MilestoneShare.objects.filter(shares).ready(),
        "proformas": Proforma.objects.filter(contract=contract),
        "drafts": Proforma.objects.filter(contract=contract).open(),
        "retainers": Retainer.objects.filter(contract=contract),
    }
    columns = {f"{name}_count": _count(rows) for name, rows in others.items()}
    row = ProjectContract.objects.filter(pk=contract.pk).annotate(**columns).values_list(*columns).get()
    return items | dict(zip(others, row, strict=True))


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count")), Value(0))


def caption_of(contract: Any, counts: dict[str, int]) -> str:
    """What the primary action would take at most; the page behind it says it exactly."""
    entries, shares = counts["ready"], counts["ready_shares"]
    parts = []
    if entries:
        words = ngettext("%(count)s ready entry", "%(count)s ready entries", entries)
        parts.append(words % {"count": number(entries)})
    if shares:
        words = ngettext("%(count)s ready milestone", "%(count)s ready milestones", shares)
        parts.append(words % {"count": number(shares)})
    if not parts:
        return _("Nothing is ready")
    return ", ".join([*parts, money(contract.ready, contract.currency)])


def figures_of(contract: Any, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Value, billed, on drafts, unbilled, what is left, and the limit; all in the contract's currency."""
    currency = contract.currency
    ready = _("%(amount)s ready") % {"amount": money(contract.ready, currency)}
    lines = ngettext("%(count)s line", "%(count)s lines", counts["lines"]) % {
        "count": number(counts["lines"])
    }
    drafts = ngettext("%(count)s draft", "%(count)s drafts", counts["drafts"]) % {
        "count": number(counts["drafts"])
    }
    rows = [
        (_("Contract value"), contract.value, lines),
        (_("Billed"), contract.billed, of_value(contract.billed, contract.value, _("%(share)s of value"))),
        (_("On drafts"), contract.drafted, drafts),
        (_("Unbilled"), contract.unbilled, ready),
        (
            _("Left after unbilled"),
            contract.remaining,
            of_value(contract.remaining, contract.value, _("%(share)s of value")),
        ),
        (
            _("Not to exceed"),
            contract.not_to_exceed_amount,
            of_value(contract.used, contract.not_to_exceed_amount, _("%(share)s used")),
        ),
    ]
    return [
        {"label": label, "value": money(amount, currency), "detail": [detail] if detail else []}
        for label, amount, detail in rows
    ]


def of_value(part: Any, whole: Any, words: str) -> str:
    """A share in percent with one decimal, for the eye; empty where there is no whole."""
    share = None if part is None else percent_used(part, whole)
    return "" if share is None else words % {"share": percent(share.quantize(HUNDRED.scaleb(-3)))}


def tabs_of(contract: ProjectContract, counts: dict[str, int], show: str) -> list[dict[str, Any]]:
    """One address per part; the backlog is the list itself, filtered by this contract."""
    here = reverse("contract", args=[contract.number])
    backlog = f"{reverse('backlog')}?contract={contract.number}&status=open"
    tabs = [
        (_("Lines"), f"{here}?show=lines", counts["lines"], "lines"),
        (_("Backlog"), backlog, counts["open"], ""),
        (_("Why not invoiced"), reverse("why-contract", args=[contract.number]), None, ""),
        (_("Milestones"), f"{here}?show=milestones", counts["shares"], "milestones"),
        (_("Advances"), f"{here}?show=advances", counts["retainers"], "advances"),
        (_("Invoices"), f"{here}?show=invoices", counts["proformas"], "invoices"),
        (_("Schedule"), f"{here}?show=schedule", None, "schedule"),
        (_("Split"), f"{here}?show=split", None, "split"),
        (_("Activity"), f"{here}?show=activity", None, "activity"),
    ]
    return [
        {"label": label, "url": url, "count": count, "current": name == show}
        for label, url, count, name in tabs
    ]


def _lines(contract: ProjectContract, today: dt.date) -> dict[str, Any]:
    lines = lines_of(contract, today)
    return {
        "lines": lines,
        "over_limits": over_limits(lines),
        "rates": rates_of(contract, today),
        "has_discounts": any(one.line is not None and one.line.discount_percent for one in lines),
        "payers": _payers(contract),
        "advances": Retainer.objects.filter(contract=contract).with_balance().summed().first(),
        "prepaid": prepaid_left(contract, today),
        **burn_of(contract, today),
    }


def _payers(contract: ProjectContract) -> Any:
    return (
        ContractLineCustomer.objects.filter(contract_line__contract=contract)
        .select_related("customer", "contract_line")
        .order_by("contract_line__number", "pk")
    )


def _milestones(contract: ProjectContract, today: dt.date) -> dict[str, Any]:
    shares = (
        MilestoneShare.objects.filter(milestone__contract_line__contract=contract)
        .select_related("milestone__contract_line__contract__manager", "customer", "line_customer")
        .with_proforma()
        .order_by("milestone__due_on", "pk")
    )
    table = MilestoneTable(shares[:LONGEST], orderable=False)
    table.today = today
    has_lines = ContractLine.objects.filter(contract=contract, billing_method=BillingMethod.FIXED_PRICE)
    return {"table": table, "may_plan": has_lines.exists()}


def _advances(contract: ProjectContract, today: dt.date) -> dict[str, Any]:
    rows = Retainer.objects.filter(contract=contract).select_related("contract", "customer")
    table = AdvanceTable(rows[:LONGEST], orderable=False, exclude=["amount"])
    # What can be done with one is on its own page; here it is only shown.
    table.rights = {"plan": False, "draft": False}
    return {"table": table, "left": rows.with_balance().summed()}


def _invoices(contract: ProjectContract, today: dt.date) -> dict[str, Any]:
    rows = Proforma.objects.filter(contract=contract).with_net().select_related("contract", "customer")
    table = DraftTable(rows.order_by("-pk")[:LONGEST], orderable=False, exclude=["contract"])
    return {"table": table, "totals": table.totals()}


def _schedule(contract: ProjectContract, today: dt.date) -> dict[str, Any]:
    rows = InvoiceSchedule.objects.filter(contract_line__contract=contract).select_related("contract_line")
    return {"table": ContractScheduleTable(rows.order_by("run_date", "pk")[:LONGEST], orderable=False)}


def _split(contract: ProjectContract, today: dt.date) -> dict[str, Any]:
    return {"payers": _payers(contract)}


def _activity(contract: ProjectContract, today: dt.date) -> dict[str, Any]:
    return {"events": events_of(contract)}


PARTS: dict[str, Callable[[ProjectContract, dt.date], dict[str, Any]]] = {
    LINES: _lines,
    "milestones": _milestones,
    "advances": _advances,
    "invoices": _invoices,
    "schedule": _schedule,
    "split": _split,
    "activity": _activity,
}

"""Figures and quick views above the list of contracts, and the heads of its groups."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.contract_positions import nearly_used
from billing.views.backlog_figures import Sums
from core.pages import Group
from core.templatetags.display import money, number
from projects.querysets import ContractQuerySet
from projects.states import ENDED_CONTRACTS, ContractStatus

ENDING_SOON = dt.timedelta(days=60)

Query = tuple[str | Promise, str, str]
"""Label of a quick view, its query, and the name of its count."""


def contract_queries(today: dt.date, *, sees_all: bool) -> list[Query]:
    """What people look for, as of today; those who see a whole entity begin with all of it."""
    mine = (_("Mine"), "manager=me&open=1", "mine")
    everything = (_("All"), "open=1", "open")
    others: list[Query] = [
        (_("Limit at 80% or more"), "open=1&limit=80", "nearly_used"),
        (_("No schedule"), "open=1&unscheduled=1", "unscheduled"),
        (_("Ending in 60 days"), f"open=1&ends={today + ENDING_SOON}", "ending"),
    ]
    return [everything, mine, *others] if sees_all else [mine, *others, everything]


def contract_counts(contracts: ContractQuerySet, today: dt.date, *, me: int) -> dict[str, int]:
    """How many contracts each quick view holds, and how many need a look; two statements."""
    alive = contracts.exclude(status__in=ENDED_CONTRACTS).order_by()
    counts = alive.aggregate(
        open=Count("pk"),
        mine=Count("pk", filter=Q(manager=me)),
        unscheduled=Count("pk", filter=Q(bills_hours=True, next_run=None)),
        ending=Count("pk", filter=Q(ends_on__lte=today + ENDING_SOON)),
        on_hold=Count("pk", filter=Q(status=ContractStatus.ON_HOLD)),
        unconfirmed=Count("pk", filter=Q(status=ContractStatus.DRAFT)),
    )
    return counts | {"nearly_used": nearly_used(alive).count()}


def contract_kpis(sums: Sums, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Three figures of this view, one line per currency, and how many contracts need a look."""
    labels = [
        (_("Unbilled"), "unbilled", _("work, and milestones due or ready")),
        (_("Ready to invoice"), "ready", _("work and milestones")),
        (_("Left after unbilled"), "remaining", ""),
    ]
    figures: list[dict[str, Any]] = [
        {
            "label": label,
            "amounts": [
                (row[f"sum_{name}"], row["currency"]) for row in sums if row[f"sum_{name}"] is not None
            ],
            "detail": [detail] if detail else [],
        }
        for label, name, detail in labels
    ]
    near, held, drafts = counts["nearly_used"], counts["on_hold"], counts["unconfirmed"]
    details = [
        ngettext("%(count)s at 80%% of a limit or more", "%(count)s at 80%% of a limit or more", near)
        % {"count": number(near)}
        if near
        else "",
        ngettext("%(count)s on hold", "%(count)s on hold", held) % {"count": number(held)} if held else "",
        ngettext("%(count)s not confirmed", "%(count)s not confirmed", drafts) % {"count": number(drafts)}
        if drafts
        else "",
    ]
    look = {
        "label": _("Need a look"),
        "value": ngettext("%(count)s contract", "%(count)s contracts", near + held + drafts)
        % {"count": number(near + held + drafts)},
        "detail": [one for one in details if one],
        "url": "?open=1&limit=80" if near else "",
    }
    return [*figures, look]


def currency_group(row: Mapping[str, Any]) -> Group:
    """Head of the contracts of one currency over the whole filter, with what of them is unbilled."""
    currency, count = row["currency"], row["contracts"]
    parts = [ngettext("%(count)s contract", "%(count)s contracts", count) % {"count": number(count)}]
    named = [(_("value"), row["sum_value"]), (_("billed"), row["sum_billed"]), (_("ready"), row["sum_ready"])]
    parts += [f"{label} {money(amount, currency)}" for label, amount in named if amount is not None]
    return Group(currency, ", ".join(parts), row["sum_unbilled"], currency)

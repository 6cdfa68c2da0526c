"""By what the rows of the backlog are grouped, and the heads of the groups over the whole filter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.pages import Group
from core.templatetags.display import day, number, quantity
from projects.models import BacklogItem
from projects.states import ContractStatus

Row = dict[str, Any]


@dataclass(frozen=True)
class Grouping:
    """One way to group: the columns that rows are ordered and summed by, and what the head says."""

    name: str
    label: str | Promise
    order: tuple[str, ...]
    names: tuple[str, ...]
    key_of: Callable[[BacklogItem], Any]
    title_of: Callable[[Row], str]


def _contract_title(row: Row) -> str:
    return str(row["customer__name"])


def _month_of(item: BacklogItem) -> tuple[int, int]:
    return item.transaction_date.year, item.transaction_date.month


YEAR, MONTH = "transaction_date__year", "transaction_date__month"
BY_CONTRACT = Grouping(
    "contract",
    gettext_lazy("Contract and customer"),
    ("contract_id", "customer_id"),
    (),
    lambda item: (item.contract_id, item.customer_id),
    _contract_title,
)
GROUPINGS = {
    one.name: one
    for one in (
        BY_CONTRACT,
        Grouping(
            "customer",
            gettext_lazy("Customer"),
            ("customer_id",),
            ("customer__name",),
            lambda item: (item.customer_id,),
            _contract_title,
        ),
        Grouping(
            "project",
            gettext_lazy("Project"),
            ("project_id",),
            ("project__number", "project__name"),
            lambda item: (item.project_id,),
            lambda row: f"{row['project__number']} {row['project__name']}",
        ),
        Grouping(
            "person",
            gettext_lazy("Person"),
            ("work_item__resource_id",),
            ("work_item__resource__name",),
            lambda item: (item.work_item.resource_id,),
            lambda row: row["work_item__resource__name"] or _("Nobody: expenses, material and fees"),
        ),
        Grouping(
            "task",
            gettext_lazy("Task"),
            ("work_item__task_id",),
            ("work_item__task__name", "project__number"),
            lambda item: (item.work_item.task_id,),
            lambda row: (
                f"{row['work_item__task__name']}, {row['project__number']}"
                if row["work_item__task__name"]
                else _("Without a task")
            ),
        ),
        Grouping(
            "month",
            gettext_lazy("Month"),
            (YEAR, MONTH),
            (),
            _month_of,
            lambda row: day(date(row[YEAR], row[MONTH], 1), "month"),
        ),
        Grouping("none", gettext_lazy("No groups"), (), (), lambda item: None, lambda row: ""),
    )
}
USUAL = BY_CONTRACT


def backlog_groups(rows: Sequence[Row]) -> dict[Any, Group]:
    """Head of each contract and customer over the whole filter: entries, hours, amount, what stops it."""
    return {(row["contract_id"], row["customer_id"]): _group(row) for row in rows}


def groups_by(grouping: Grouping, rows: Sequence[Row]) -> dict[Any, Group]:
    """Heads of another grouping: how many entries, and the amount of each currency."""
    by_key: dict[Any, list[Row]] = {}
    for row in rows:
        by_key.setdefault(tuple(row[name] for name in grouping.order), []).append(row)
    heads: dict[Any, Group] = {}
    for key, members in by_key.items():
        by_currency: dict[str, Any] = {}
        for row in members:
            by_currency[row["currency"]] = by_currency.get(row["currency"], 0) + row["total"]
        (currency, amount), *others = sorted(by_currency.items())
        heads[key] = Group(
            grouping.title_of(members[0]),
            _entries(sum(row["entries"] for row in members)),
            amount,
            currency,
            others=[(more, code) for code, more in others],
        )
    return heads


def _entries(count: int) -> str:
    return ngettext("%(count)s entry", "%(count)s entries", count) % {"count": number(count)}


def _group(row: Row) -> Group:
    parts = [f"{row['contract__number']} {row['contract__name']}", _entries(row["entries"])]
    if row.get("hours"):
        parts.append(quantity(row["hours"], "h"))
    if row["contract__status"] != ContractStatus.CONFIRMED:
        parts.append(_("contract: “%(state)s”") % {"state": ContractStatus(row["contract__status"]).label})
    if row["customer__is_on_hold"]:
        parts.append(_("customer on hold"))
    url = reverse("contract", args=[row["contract__number"]])
    return Group(row["customer__name"], ", ".join(parts), row["total"], row["currency"], url)

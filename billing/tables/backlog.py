"""The backlog as a table: groups per contract and customer, and why a row cannot be billed."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_tables2 import A

from core.pages import (
    AmountColumn,
    DayColumn,
    Group,
    ListTable,
    QuantityColumn,
    RateColumn,
    StateColumn,
    TextColumn,
    Tick,
)
from core.spreadsheets import Figure
from core.templatetags.display import badge, day, money, number, quantity
from projects.models import BacklogItem
from projects.states import (
    BillingStatus,
    BillingType,
    ContractStatus,
    HoldReason,
    LimitLevel,
    NotToExceedStatus,
    PriceUnit,
    TransactionClass,
)


class BillingStateColumn(StateColumn):
    """Where an entry stands, and what keeps it back or which draft holds it."""

    def render(self, value: Any, record: Any, bound_column: Any = None) -> SafeString:
        """The badge."""
        return standing(record)


class WorthColumn(AmountColumn):
    """The amount; where it will not be charged, the billing type says so below."""

    second = "not_charged"

    def render(self, value: Any, record: BacklogItem) -> Any:
        """The amount and what becomes of it."""
        shown = super().render(value, record)
        if record.billing_type == BillingType.CHARGEABLE:
            return shown
        return format_html("{}<small>{}</small>", shown, record.get_billing_type_display())


class BilledQuantityColumn(QuantityColumn):
    """What is billed; where a line bills in steps or days, the hours that were recorded below it."""

    def render(self, value: Any, record: BacklogItem) -> Any:
        """The quantity, and what was recorded where that differs."""
        shown, item = super().render(value, record), record.work_item
        if item.recorded_hours is None or (item.unit, item.recorded_hours) == (PriceUnit.HOUR, value):
            return shown
        words = _("%(hours)s recorded") % {"hours": quantity(item.recorded_hours, "h")}
        return format_html("{}<small>{}</small>", shown, words)


class RoleColumn(TextColumn):
    """As what somebody worked; what is not time says its class instead."""

    def render(self, value: Any, record: BacklogItem) -> Any:
        """The role or the class."""
        item = record.work_item
        return (
            value if item.transaction_class == TransactionClass.TIME else item.get_transaction_class_display()
        )


class BacklogTable(ListTable):
    """Approved work that waits for its invoice."""

    caption = gettext_lazy("Backlog entries by contract and customer")
    empty = gettext_lazy("Everything that is approved is on an invoice.")
    identity = "worked_on"
    group_order = ("contract_id", "customer_id")
    group_column = "amount"

    worked_on = DayColumn(
        accessor="transaction_date",
        verbose_name=gettext_lazy("Date"),
        slot="title",
        linkify=("trace-work", {"pk": A("work_item_id")}),
    )
    person = TextColumn(
        accessor="work_item__resource__name", verbose_name=gettext_lazy("Person"), slot="subtitle"
    )
    role = RoleColumn(accessor="work_item__role__name", verbose_name=gettext_lazy("Role"), empty_values=())
    place = TextColumn(
        accessor="project__number", verbose_name=gettext_lazy("Project, task"), order_by="project__number"
    )
    description = TextColumn(
        accessor="work_item__external_description",
        verbose_name=gettext_lazy("Description on invoice"),
        wide=True,
        slot="line",
        order_by="work_item__external_description",
    )
    quantity = BilledQuantityColumn(of="work_item__unit", verbose_name=gettext_lazy("Quantity"))
    price = RateColumn(accessor="price", verbose_name=gettext_lazy("Rate"), order_by="actual__price")
    amount = WorthColumn(of="currency", verbose_name=gettext_lazy("Amount"), slot="value")
    status = BillingStateColumn(verbose_name=gettext_lazy("Status"), slot="status")
    age = TextColumn(
        accessor="transaction_date",
        verbose_name=gettext_lazy("Age"),
        order_by="-transaction_date",
        attrs={"td": {"class": "number wide-only"}, "th": {"class": "number"}},
    )

    today: dt.date

    class Meta:
        order_by = ("worked_on",)

    def render_place(self, value: str, record: BacklogItem) -> str:
        """Where it was done."""
        task = record.work_item.task
        return f"{value} {task.name}" if task else value

    def render_age(self, value: dt.date) -> str:
        """Whole days since the work was done."""
        return _("%(days)s d") % {"days": number(max((self.today - value).days, 0))}

    def value_age(self, record: BacklogItem) -> Figure:
        """The days as a figure, for an export."""
        return Figure(max((self.today - record.transaction_date).days, 0))

    def group_key(self, record: BacklogItem) -> tuple[int, int]:
        """A proforma is for one customer of one contract, and so is a group."""
        return record.contract_id, record.customer_id

    def tick(self, record: BacklogItem) -> Tick:
        """The day, who, and what it is worth."""
        item = record.work_item
        who = item.resource.name if item.resource else item.external_description
        of_time = item.transaction_class == TransactionClass.TIME
        return Tick(
            f"{day(record.transaction_date, 'short')}, {who}",
            record.amount,
            record.currency,
            record.quantity if of_time else None,
            item.unit if of_time else "h",
        )


def standing(item: BacklogItem) -> SafeString:
    """Badge of a backlog item; a blocked one says what keeps it back, and one on a draft names the draft."""
    if item.status == BillingStatus.ON_DRAFT:
        return badge(item.status, "billing", item.proforma_number)
    if item.not_to_exceed_status == NotToExceedStatus.FAILED:
        return format_html("{}<small>{}</small>", badge(NotToExceedStatus.FAILED, "limit"), exceeded(item))
    if not item.work_item.is_priced:
        why = _("Add it to a price list")
        return format_html("{}<small>{}</small>", badge("failed", "price", _("No price")), why)
    if item.hold_reason:
        return format_html("{}<small>{}</small>", badge("on_hold"), HoldReason(item.hold_reason).label)
    if item.not_to_exceed_status == NotToExceedStatus.NOT_EVALUATED:
        limit = NotToExceedStatus(item.not_to_exceed_status).label
        return format_html(
            "{}<small>{}</small>", badge(item.status), _("Limits: %(state)s") % {"state": limit}
        )
    return badge(item.status)


def exceeded(item: BacklogItem) -> str:
    """Which limit an item exceeds, and by how much."""
    return _("Exceeds the limit of the %(level)s by %(amount)s") % {
        "level": LimitLevel(item.exceeded_limit).label,
        "amount": money(item.exceeded_by, item.currency),
    }


def backlog_groups(rows: Any) -> dict[Any, Group]:
    """Head of each contract and customer over the whole filter: entries, hours, amount, what stops it."""
    return {(row["contract_id"], row["customer_id"]): _group(row) for row in rows}


def _group(row: dict[str, Any]) -> Group:
    parts = [
        f"{row['contract__number']} {row['contract__name']}",
        ngettext("%(count)s entry", "%(count)s entries", row["entries"]) % {"count": number(row["entries"])},
    ]
    if row.get("hours"):
        parts.append(quantity(row["hours"], "h"))
    if row["contract__status"] != ContractStatus.CONFIRMED:
        parts.append(_("contract: %(state)s") % {"state": ContractStatus(row["contract__status"]).label})
    if row["customer__is_on_hold"]:
        parts.append(_("customer on hold"))
    url = reverse("contract", args=[row["contract__number"]])
    return Group(row["customer__name"], ", ".join(parts), row["total"], row["currency"], url)

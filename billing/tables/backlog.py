"""The backlog as a table: groups per contract and customer, and why a row cannot be billed (UX 5.4)."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects.models import BacklogItem
from projects.pages import (
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
from projects.states import (
    BillingStatus,
    BillingType,
    ContractStatus,
    HoldReason,
    NotToExceedStatus,
    TransactionClass,
)
from projects.templatetags.house import badge, day, number, quantity


class BillingStateColumn(StateColumn):
    """Where an entry stands; what keeps it back stands below, with the draft that holds it."""

    def render(self, value: Any, record: BacklogItem, bound_column: Any) -> SafeString:
        """Badge and reason."""
        shown, why = standing(record)
        return format_html("{}<small>{}</small>", shown, why) if why else shown


class KindColumn(TextColumn):
    """Billing type, said only where it is not the usual one."""

    def render(self, value: Any, record: BacklogItem) -> Any:
        """The type, or nothing for chargeable."""
        return "" if record.billing_type == BillingType.CHARGEABLE else value


class BacklogTable(ListTable):
    """Approved work that waits for its invoice."""

    caption = gettext_lazy("Backlog entries by contract and customer")
    empty = gettext_lazy("Everything that is approved is on an invoice.")
    identity = "worked_on"
    group_order = ("contract_id", "customer_id")
    group_column = "amount"

    worked_on = DayColumn(accessor="transaction_date", verbose_name=gettext_lazy("Date"), slot="a1")
    person = TextColumn(accessor="work_item__resource__name", verbose_name=gettext_lazy("Person"), slot="b1")
    role = TextColumn(accessor="work_item__role__name", verbose_name=gettext_lazy("Role"))
    description = TextColumn(
        accessor="work_item__external_description",
        verbose_name=gettext_lazy("Description on invoice"),
        wide=True,
        slot="f",
        order_by="work_item__external_description",
    )
    quantity = QuantityColumn(of="work_item__unit", verbose_name=gettext_lazy("Quantity"))
    price = RateColumn(accessor="price", verbose_name=gettext_lazy("Rate"), order_by="actual__price")
    amount = AmountColumn(of="currency", verbose_name=gettext_lazy("Amount"), slot="a2")
    kind = KindColumn(
        accessor="get_billing_type_display",
        verbose_name=gettext_lazy("Type"),
        order_by="billing_type",
        default="",
    )
    status = BillingStateColumn(verbose_name=gettext_lazy("Status"), slot="b2")
    age = TextColumn(
        accessor="transaction_date",
        verbose_name=gettext_lazy("Age"),
        order_by="-transaction_date",
        attrs={"td": {"class": "n opt"}, "th": {"class": "n"}},
    )

    today: dt.date

    class Meta:
        order_by = ("worked_on",)

    def render_description(self, record: BacklogItem) -> SafeString:
        """What the customer will read; where it was done stands below."""
        item = record.work_item
        place = f"{record.project.number} {item.task.name}" if item.task else record.project.number
        if item.transaction_class != TransactionClass.TIME:
            place = f"{item.get_transaction_class_display()}, {place}"
        return format_html("{}<small>{}</small>", item.external_description or item.description, place)

    def render_age(self, value: dt.date) -> str:
        """Whole days since the work was done."""
        return _("%(days)s d") % {"days": number(max((self.today - value).days, 0))}

    def group_key(self, record: BacklogItem) -> tuple[int, int]:
        """A proforma is for one customer of one contract, and so is a group."""
        return record.contract_id, record.customer_id

    def tick(self, record: BacklogItem) -> Tick:
        """The day, who, and what it is worth."""
        item = record.work_item
        who = item.resource.name if item.resource else item.external_description
        hours = record.quantity if item.transaction_class == TransactionClass.TIME else None
        return Tick(
            f"{day(record.transaction_date, 'short')}, {who}", record.amount, record.currency, hours, "h"
        )


def standing(item: BacklogItem) -> tuple[SafeString, Any]:
    """Badge of a backlog item and what keeps it back, or the draft that holds it."""
    if item.status == BillingStatus.ON_DRAFT:
        return badge(item.status, "billing", _("On draft")), getattr(item, "draft_number", "")
    if item.not_to_exceed_status == NotToExceedStatus.FAILED:
        return badge(NotToExceedStatus.FAILED, "limit"), _("Raise the limit of the line")
    if not item.work_item.is_priced:
        return badge("failed", "price", _("No price")), _("Add it to a price list")
    if item.hold_reason:
        return badge("on_hold"), HoldReason(item.hold_reason).label
    return badge(item.status), ""


def backlog_groups(rows: Any) -> dict[Any, Group]:
    """Head of each contract and customer over the whole filter: entries, hours, amount, what stops it."""
    return {(row["contract_id"], row["customer_id"]): _group(row) for row in rows}


GROUPED_BY = (
    "contract_id",
    "customer_id",
    "currency",
    "contract__number",
    "contract__name",
    "contract__status",
    "customer__name",
    "customer__is_on_hold",
)


def _group(row: dict[str, Any]) -> Group:
    parts = [
        f"{row['contract__number']} {row['contract__name']}",
        ngettext("%(count)s entry", "%(count)s entries", row["entries"]) % {"count": number(row["entries"])},
    ]
    if row["hours"]:
        parts.append(quantity(row["hours"], "h"))
    if row["contract__status"] != ContractStatus.CONFIRMED:
        parts.append(_("contract: %(state)s") % {"state": ContractStatus(row["contract__status"]).label})
    if row["customer__is_on_hold"]:
        parts.append(_("customer on hold"))
    url = reverse("contract", args=[row["contract__number"]])
    return Group(row["customer__name"], ", ".join(parts), row["total"], row["currency"], url)

"""The backlog as a table: groups per contract and customer, and why a row cannot be billed."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.tables.backlog_groups import USUAL, Grouping
from core.money import ZERO
from core.pages import (
    AmountColumn,
    DayColumn,
    ListTable,
    QuantityColumn,
    RateColumn,
    StateColumn,
    TextColumn,
    Tick,
)
from core.people import person_name
from core.spreadsheets import Figure
from core.templatetags.display import badge, day, money, number, quantity
from projects.models import BacklogItem, ProjectContract
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
    group_column = "amount"

    worked_on = DayColumn(
        accessor="transaction_date",
        verbose_name=gettext_lazy("Date"),
        slot="title",
        linkify=lambda record, table: table.address_of(record),
    )
    person = TextColumn(
        accessor="work_item__resource__name", verbose_name=gettext_lazy("Person"), slot="subtitle"
    )
    role = RoleColumn(accessor="work_item__role__name", verbose_name=gettext_lazy("Role"), empty_values=())
    place = TextColumn(
        accessor="project__number", verbose_name=gettext_lazy("Project, task"), order_by="project__number"
    )
    description = TextColumn(
        accessor="printed_description",
        verbose_name=gettext_lazy("Description on invoice"),
        wide=True,
        slot="line",
        order_by="printed_description",
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
    grouping: Grouping = USUAL
    params: QueryDict

    class Meta:
        order_by = ("worked_on",)

    def address_of(self, record: BacklogItem) -> str:
        """The page of a row, which leads back to this list."""
        back = urlencode({"back": self.params.urlencode()})
        return f"{reverse('backlog-row', args=[record.pk])}?{back}"

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

    def group_key(self, record: BacklogItem) -> Any:
        """What the rows are grouped by; usually contract and customer, who get one proforma."""
        return self.grouping.key_of(record)

    def tick(self, record: BacklogItem) -> Tick:
        """The day, who, and what it is worth; no box where the contract, the customer or a draft stops it."""
        item = record.work_item
        who = item.resource.name if item.resource else item.external_description
        of_time = item.transaction_class == TransactionClass.TIME
        return Tick(
            f"{day(record.transaction_date, 'short')}, {who}",
            # Ticked rows add up to what would be invoiced: what is not charged is none of it.
            record.amount if record.billing_type == BillingType.CHARGEABLE else ZERO,
            record.currency,
            record.quantity if of_time else None,
            item.unit if of_time else "h",
            blocked=stopped(record),
        )


def stopped(item: BacklogItem) -> str:
    """Why nothing can be done to an item: it is on a draft, or its contract or customer stops it."""
    if item.status == BillingStatus.ON_DRAFT:
        return _("it is on %(number)s") % {"number": item.proforma_number}
    return next((words for _badge, words in _stops(item)), "")


def standing(item: BacklogItem) -> SafeString:
    """Badge of a backlog item; a blocked one says what keeps it back, and one on a draft names the draft."""
    if item.status == BillingStatus.ON_DRAFT:
        return badge(item.status, "billing", item.proforma_number)
    first = next(_keeps_back(item), None)
    if first is not None:
        return format_html("{}<small>{}</small>", *first)
    if item.not_to_exceed_status == NotToExceedStatus.NOT_EVALUATED:
        limit = NotToExceedStatus(item.not_to_exceed_status).label
        return format_html(
            "{}<small>{}</small>", badge(item.status), _("Limits: %(state)s") % {"state": limit}
        )
    return badge(item.status)


def _stops(item: BacklogItem) -> Iterator[tuple[SafeString, str]]:
    """A badge and its words where a contract or a customer stops everything of theirs."""
    if item.contract.status != ContractStatus.CONFIRMED:
        yield badge("blocked"), contract_stops(item.contract)
    if item.customer.is_on_hold:
        why = item.customer.hold_reason
        words = _("Customer on hold: %(reason)s") % {"reason": why} if why else _("Customer on hold")
        yield badge("blocked"), words


def _keeps_back(item: BacklogItem) -> Iterator[tuple[SafeString, str]]:
    """A badge and its words for each thing that keeps an item back, the widest first."""
    yield from _stops(item)
    if item.not_to_exceed_status == NotToExceedStatus.FAILED:
        yield badge(NotToExceedStatus.FAILED, "limit"), exceeded(item)
    if not item.work_item.is_priced:
        yield badge("failed", "price", _("No price")), _("Add it to a price list")
    if item.hold_reason:
        yield badge("on_hold"), held_words(item)


def contract_stops(contract: ProjectContract) -> str:
    """Why nothing is invoiced under a contract, and who can change it."""
    facts = {"who": person_name(contract.manager)}
    if contract.status == ContractStatus.DRAFT:
        words = _("Contract is a draft: %(who)s can confirm it")
        return words % facts if contract.manager else _("Contract is a draft: confirm it")
    if contract.status == ContractStatus.ON_HOLD:
        words = _("Contract on hold: %(who)s can resume it")
        return words % facts if contract.manager else _("Contract on hold: resume it")
    return _("Contract is “%(status)s”") % {"status": contract.get_status_display()}


def held_words(item: BacklogItem) -> str:
    """Why an item is on hold, and when somebody looks at it again."""
    reason = str(HoldReason(item.hold_reason).label)
    if item.review_on is None:
        return reason
    return _("%(reason)s, look again on %(day)s") % {"reason": reason, "day": day(item.review_on)}


def exceeded(item: BacklogItem) -> str:
    """Which limit an item exceeds, and by how much."""
    return _("Exceeds the limit of the %(level)s by %(amount)s") % {
        "level": LimitLevel(item.exceeded_limit).label,
        "amount": money(item.exceeded_by, item.currency),
    }

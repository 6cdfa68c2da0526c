"""Milestones as a table: one row per paying customer."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.models import MilestoneShare
from billing.states import MilestoneStatus
from core.pages import AmountColumn, DayColumn, ListTable, StateColumn, TextColumn, Tick
from core.templatetags.display import badge, number

CONTRACT = "milestone__contract_line__contract"


class ContractColumn(TextColumn):
    """A contract by its number, which opens it, with its name below."""

    def render(self, value: Any, record: Any) -> SafeString:
        """The link."""
        address = reverse("contract", args=[value.number])
        return format_html('<a href="{}">{}</a><small>{}</small>', address, value.number, value.name)


class NameColumn(TextColumn):
    """The milestone, which opens for whoever may change it."""

    def render(self, value: Any, record: Any, table: Any = None) -> Any:
        """The name, as a link where the table is for editing."""
        if not table.is_editable:
            return value
        contract = record.milestone.contract_line.contract
        address = reverse("milestone-change", args=[contract.number, record.milestone_id])
        return format_html('<a href="{}">{}</a>', address, value)


class MilestoneTable(ListTable):
    """Fixed amounts that become billable on a day."""

    caption = _("Milestones by due date")
    empty = _("Every milestone is invoiced.")
    identity = "milestone"

    milestone = NameColumn(accessor="milestone__name", verbose_name=_("Milestone"), wide=True, slot="title")
    contract = ContractColumn(
        accessor=CONTRACT, verbose_name=_("Contract"), order_by=f"{CONTRACT}__number", slot="line"
    )
    customer = TextColumn(accessor="customer__name", verbose_name=_("Customer"), slot="subtitle")
    due_on = DayColumn(accessor="milestone__due_on", verbose_name=_("Due date"), slot="line")
    amount = AmountColumn(of=f"{CONTRACT}__currency", verbose_name=_("Amount"), slot="value")
    status = StateColumn(verbose_name=_("Status"), slot="status")

    today: dt.date
    is_editable = False

    class Meta:
        order_by = ("due_on",)

    def render_status(self, record: MilestoneShare) -> SafeString:
        """Where it stands; overdue and for how long, or the draft that holds it."""
        late = (self.today - record.milestone.due_on).days
        if record.status == MilestoneStatus.NOT_READY and late > 0:
            days = ngettext("%(days)s day", "%(days)s days", late) % {"days": number(late)}
            return format_html("{}<small>{}</small>", badge("overdue"), days)
        shown = badge(record.status, "billing", record.get_status_display())
        held = getattr(record, "draft_number", "")
        return format_html("{}<small>{}</small>", shown, held) if held else shown

    def tick(self, record: MilestoneShare) -> Tick:
        """The milestone, who pays it, and its amount."""
        currency = record.milestone.contract_line.contract.currency
        return Tick(f"{record.milestone.name}, {record.customer.name}", record.amount, currency)

"""Milestones as a table: one row per paying customer, grouped by contract line (B2)."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.forms import BaseForm
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.models import MilestoneShare
from billing.next_parts import percent_of
from billing.states import MilestoneStatus
from billing.tables.backlog import contract_stops
from core.pages import AmountColumn, DayColumn, ListTable, StateColumn, TextColumn, Tick
from core.templatetags.display import amount, badge, number, percent
from projects.states import ContractStatus

CONTRACT = "milestone__contract_line__contract"


class NameColumn(TextColumn):
    """The milestone, which opens for whoever may change it, and who pays this share of it."""

    second = "payer"

    def render(self, value: Any, record: Any, table: Any = None) -> Any:
        """The name, as a link where the table is for editing."""
        shown = value
        if table.is_editable and getattr(record, "is_mine", True):
            contract = record.milestone.contract_line.contract
            address = reverse("milestone-change", args=[contract.number, record.milestone_id])
            shown = format_html('<a href="{}">{}</a>', address, value)
        return format_html("{}<small>{}</small>", shown, table.payer_of(record))


class InvoicedColumn(AmountColumn):
    """What is on confirmed proformas, and how much of the share that is."""

    second = "invoiced_percent"

    def render(self, value: Decimal, record: Any) -> Any:
        """The amount with its percentage; a dash where nothing is invoiced."""
        if not value:
            return "–"
        return format_html("{}<small>{}</small>", super().render(value, record), _percent(record, value))


class NextColumn(TextColumn):
    """A field for what goes next, where it can be chosen; the figure where a draft has it."""

    align = "number"

    def __init__(self, *args: Any, kind: str, **kwargs: Any):
        self.kind = kind
        # Side by side on a narrow screen, where each says what it is.
        attrs = {"td": {"class": f"number stack-line next-{kind}"}}
        super().__init__(*args, attrs=attrs, **kwargs)

    def render(self, value: Any, record: Any, table: Any = None) -> Any:
        """The field with its errors below it."""
        name = f"{self.kind}-{record.pk}"
        if table.form is not None and name in table.form.fields:
            field = table.form[name]
            # On a narrow screen there is no head of the column to say what the field is.
            words = self.verbose_name
            return format_html('<span class="narrow-only">{} </span>{}{}', words, field, field.errors)
        figure = self.figure_of(record)
        return format_html('<span class="wide-only">{}</span>', figure) if figure == "–" else figure

    def figure_of(self, record: MilestoneShare) -> str:
        """What a draft asks for, or what is ready; nothing where nothing is said."""
        part = part_next(record)
        if part is None:
            return "–"
        return _percent(record, part) if self.kind == "percent" else amount(part, _currency(record))


class MilestoneTable(ListTable):
    """Fixed amounts that become billable on a day."""

    caption = gettext_lazy("Milestones by contract line and due date")
    empty = gettext_lazy("Every milestone is invoiced.")
    identity = "milestone"
    group_order = ("milestone__contract_line__contract__number", "milestone__contract_line_id")
    group_column = "amount"

    milestone = NameColumn(
        accessor="milestone__name", verbose_name=gettext_lazy("Milestone"), wide=True, slot="title"
    )
    due_on = DayColumn(accessor="milestone__due_on", verbose_name=gettext_lazy("Due date"), slot="subtitle")
    amount = AmountColumn(of=f"{CONTRACT}__currency", verbose_name=gettext_lazy("Amount"), slot="value")
    billed_amount = InvoicedColumn(of=f"{CONTRACT}__currency", verbose_name=gettext_lazy("Invoiced to date"))
    next_percent = NextColumn(
        kind="percent", accessor="pk", verbose_name=gettext_lazy("Next, %"), orderable=False, slot="line"
    )
    next_amount = NextColumn(
        kind="amount", accessor="pk", verbose_name=gettext_lazy("Next"), orderable=False, slot="line"
    )
    stays = AmountColumn(
        accessor="open_amount",
        of=f"{CONTRACT}__currency",
        verbose_name=gettext_lazy("Stays after"),
        orderable=False,
    )
    status = StateColumn(verbose_name=gettext_lazy("Status"), slot="status")

    today: dt.date
    is_editable = False
    form: BaseForm | None = None

    class Meta:
        order_by = ("due_on",)

    def group_key(self, record: MilestoneShare) -> int:
        """The contract line, whose milestones add up to what was agreed."""
        return record.milestone.contract_line_id

    def payer_of(self, record: Any) -> str:
        """Who pays; of a milestone with several payers also the share, and how many of them are ready."""
        shares = getattr(record, "share_count", 1)
        if shares < 2:  # noqa: PLR2004 - one payer pays all
            return str(record.customer.name)
        facts = {
            "customer": record.customer.name,
            "percent": percent(record.line_customer.split_percent),
            "ready": number(record.ready_count),
            "all": number(shares),
        }
        return _("%(customer)s, %(percent)s; %(ready)s of %(all)s payers ready") % facts

    def render_stays(self, record: MilestoneShare) -> str:
        """What is left when the next part is invoiced."""
        return amount(record.open_amount - (part_next(record) or 0), _currency(record))

    def render_status(self, record: MilestoneShare) -> SafeString:
        """Where it stands: what stops it, how late it is, or the proforma that holds it."""
        contract = record.milestone.contract_line.contract
        if record.status in (MilestoneStatus.NOT_READY, MilestoneStatus.READY):
            if contract.status != ContractStatus.CONFIRMED:
                return format_html("{}<small>{}</small>", badge("blocked"), contract_stops(contract))
            if record.customer.is_on_hold:
                return format_html("{}<small>{}</small>", badge("blocked"), _("Customer on hold"))
        late = (self.today - record.milestone.due_on).days
        if record.status == MilestoneStatus.NOT_READY and late > 0:
            days = ngettext("%(days)s day late", "%(days)s days late", late) % {"days": number(late)}
            return format_html("{}<small>{}</small>", badge("overdue"), days)
        if record.status == MilestoneStatus.NOT_READY:
            return badge("in_progress" if record.billed_amount or record.next_amount else "not_started")
        shown = badge(record.status, "billing", record.get_status_display())
        held = getattr(record, "draft_number", "")
        if not held:
            return shown
        return format_html(
            '{}<small><a href="{}">{}</a></small>', shown, reverse("proforma", args=[held]), held
        )

    def tick(self, record: MilestoneShare) -> Tick:
        """The milestone, who pays it, and what the next invoice asks for."""
        asked = record.due_amount if record.status != MilestoneStatus.POSTED else record.amount
        why = stopped(record)
        return Tick(
            f"{record.milestone.name}, {record.customer.name}",
            asked,
            _currency(record),
            blocked=why,
        )


def stopped(record: MilestoneShare) -> str:
    """Why nothing can be done to a share: invoiced, on a draft, or its contract or customer stops it."""
    contract = record.milestone.contract_line.contract
    if record.status == MilestoneStatus.ON_DRAFT:
        return _("it is on %(number)s") % {"number": getattr(record, "draft_number", "")}
    if record.status == MilestoneStatus.POSTED:
        return _("it is invoiced")
    if contract.status != ContractStatus.CONFIRMED:
        return contract_stops(contract)
    return _("Customer on hold") if record.customer.is_on_hold else ""


def part_next(record: MilestoneShare) -> Decimal | None:
    """What the next invoice asks for, where somebody said so or a draft has it."""
    if record.next_amount is not None:
        return Decimal(record.next_amount)
    is_whole = record.status in (MilestoneStatus.READY, MilestoneStatus.ON_DRAFT)
    return Decimal(record.open_amount) if is_whole else None


def _percent(record: MilestoneShare, part: Decimal) -> str:
    return percent(percent_of(record, part))


def _currency(record: MilestoneShare) -> str:
    return str(record.milestone.contract_line.contract.currency)

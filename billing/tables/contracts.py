"""Contracts and their lines as tables."""

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing.contract_positions import percent_used
from core.pages import AmountColumn, DayColumn, ListTable, MeterColumn, StateColumn, TextColumn
from core.templatetags.display import badge
from projects.models import ProjectContract


class MethodsColumn(TextColumn):
    """How a contract bills: by the hour, by milestones, or both."""

    def render(self, value: Any, record: Any) -> str:
        """The methods in short."""
        words = [
            (record.bills_hours, _("T&M")),
            (record.bills_milestones, _("Fixed")),
        ]
        return " + ".join(str(word) for holds, word in words if holds) or "–"


class ContractTable(ListTable):
    """Deals with customers, with what waits first."""

    caption = _("Contracts with billed, unbilled and ready amounts")
    empty = _("No contracts yet.")
    identity = "number"

    number = TextColumn(verbose_name=_("Number"), slot="title")
    name = TextColumn(verbose_name=_("Title"), wide=True, slot="line", detail="customer__name")
    manager = TextColumn(
        verbose_name=_("Manager"), slot="subtitle", order_by=("manager__last_name", "manager__username")
    )
    methods = MethodsColumn(verbose_name=_("Method"), empty_values=(), orderable=False)
    value = AmountColumn(of="currency", verbose_name=_("Value"))
    billed = AmountColumn(of="currency", verbose_name=_("Billed"))
    unbilled = AmountColumn(of="currency", verbose_name=_("Unbilled"), slot="value")
    ready = AmountColumn(of="currency", verbose_name=_("Ready"))
    remaining = AmountColumn(of="currency", verbose_name=_("Remaining"))
    used = MeterColumn(verbose_name=_("Used"))
    next_run = DayColumn(verbose_name=_("Next run"))
    status = StateColumn(verbose_name=_("Status"), slot="status")

    class Meta:
        order_by = ("-unbilled",)

    def render_number(self, record: ProjectContract) -> SafeString:
        """The number opens the contract."""
        return format_html('<a href="{}">{}</a>', reverse("contract", args=[record.number]), record.number)

    def render_used(self, value: Decimal, record: Any, column: MeterColumn) -> str:
        """Percent of the limit, or of the value where there is none."""
        share = percent_used(value, record.not_to_exceed_amount or record.value)
        return column.default if share is None else column.render(share, record)

    def render_manager(self, value: Any) -> str:
        """The name of the person."""
        return value.get_full_name() or value.get_username()

    def render_status(self, record: ProjectContract) -> SafeString:
        """The state in its own words."""
        return badge(record.status, "contract", record.get_status_display())


class ContractScheduleTable(ListTable):
    """The runs of a contract's time-and-material lines."""

    caption = _("Invoice schedule")
    identity = "run_date"
    run_date = DayColumn(
        verbose_name=_("Run date"), slot="title", linkify=("schedule", {"pk": tables.A("pk")})
    )
    cut_off_date = DayColumn(verbose_name=_("Work up to"), slot="subtitle")
    contract_line = TextColumn(verbose_name=_("Line"), wide=True, slot="line")
    status = StateColumn(verbose_name=_("Status"), slot="status", kind="schedule")

    @property
    def paginated_rows(self) -> Any:
        """All rows: such a table has one page."""
        return self.rows

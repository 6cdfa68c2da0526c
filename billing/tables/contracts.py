"""Contracts and their lines as tables."""

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.contract_positions import percent_used
from core.pages import AmountColumn, DayColumn, ListTable, MeterColumn, StateColumn, TextColumn, Tick
from core.people import person_name
from core.templatetags.display import badge, icon
from projects.models import ProjectContract
from projects.states import ContractStatus


class MethodsColumn(TextColumn):
    """How a contract bills: by the hour, by milestones, or both."""

    def render(self, value: Any, record: Any) -> str:
        """The methods in short."""
        words = [
            (record.bills_hours, _("T&M")),
            (record.bills_milestones, _("Fixed")),
        ]
        return " + ".join(str(word) for holds, word in words if holds) or "–"


class TitleColumn(TextColumn):
    """Title and customer; where nothing can be billed now, why, and who can clear it."""

    def render(self, value: Any, record: ProjectContract) -> str:
        """The title, and the reason below it."""
        shown = super().render(value, record)
        why = obstacle(record)
        return format_html("{}<small>{} {}</small>", shown, icon("lock"), why) if why else shown


def obstacle(contract: ProjectContract) -> str:
    """Why nothing of a contract can be billed now and who can clear it; empty where nothing stops it."""
    if contract.status in (ContractStatus.DRAFT, ContractStatus.ON_HOLD):
        manager = contract.manager
        who = person_name(manager) if manager else str(_("Its manager"))
        if contract.status == ContractStatus.DRAFT:
            return gettext("Not confirmed yet, so nothing of it can be invoiced. %(who)s can confirm it.") % {
                "who": who
            }
        return gettext("On hold, so nothing of it can be invoiced. %(who)s can resume it.") % {"who": who}
    if contract.customer.is_on_hold:
        return gettext("The customer is on hold. Whoever looks after customers in accounting can release it.")
    return ""


def ended(contract: ProjectContract) -> str:
    """That a contract is completed or lost, so that nothing of it is billed any more."""
    if contract.status == ContractStatus.CONFIRMED:
        return ""
    return gettext("It is “%(status)s”, and nothing of it is invoiced any more.") % {
        "status": contract.get_status_display()
    }


class ContractTable(ListTable):
    """Deals with customers, with what waits first."""

    caption = _("Contracts with billed, unbilled and ready amounts")
    empty = _("No contracts yet.")
    identity = "number"
    group_order, group_column = ("currency",), "unbilled"

    number = TextColumn(verbose_name=_("Number"), slot="subtitle")
    name = TitleColumn(verbose_name=_("Title"), wide=True, slot="title", detail="customer__name")
    manager = TextColumn(
        verbose_name=_("Manager"), slot="line", order_by=("manager__last_name", "manager__username")
    )
    methods = MethodsColumn(verbose_name=_("Method"), empty_values=(), orderable=False)
    value = AmountColumn(of="currency", verbose_name=_("Value"))
    billed = AmountColumn(of="currency", verbose_name=_("Billed"))
    unbilled = AmountColumn(of="currency", verbose_name=_("Unbilled"), slot="value")
    ready = AmountColumn(of="currency", verbose_name=_("Ready"))
    used = MeterColumn(verbose_name=_("Used"))
    next_run = DayColumn(verbose_name=_("Next run"))
    status = StateColumn(verbose_name=_("Status"), slot="status")

    class Meta:
        order_by = ("-unbilled",)

    def group_key(self, record: ProjectContract) -> str:
        """Money of one currency."""
        return record.currency

    def tick(self, record: ProjectContract) -> Tick:
        """Number and title, and what of it is ready."""
        ready = getattr(record, "ready", None)
        why = obstacle(record) or ended(record)
        return Tick(
            f"{record.number}, {record.name}",
            ready,
            record.currency,
            blocked=why,
        )

    def render_number(self, record: ProjectContract) -> SafeString:
        """The number opens the contract."""
        return format_html('<a href="{}">{}</a>', reverse("contract", args=[record.number]), record.number)

    def render_used(self, value: Decimal, record: Any, column: MeterColumn) -> str:
        """Percent of the limit, or of the value where there is none."""
        share = percent_used(value, record.not_to_exceed_amount or record.value)
        return column.default if share is None else column.render(share, record)

    def render_manager(self, value: Any) -> str:
        """The name of the person."""
        return person_name(value)

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

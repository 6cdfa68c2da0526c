"""What was decided about entries, and which of them somebody asks back."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2 import A

from core.pages import AmountColumn, DayColumn, ListTable, QuantityColumn, TextColumn, Tick
from core.people import person_name
from core.templatetags.display import NOTHING, badge, day, moment, quantity
from projects.models import Approval
from projects.states import EntryStatus
from projects.tables.approvals import BillableColumn, reason_badges


class WorkColumns(ListTable):
    """The columns that say which work it is; a tick adds its value and quantity to the bar."""

    identity = "date"
    date = DayColumn(
        accessor="entry__date",
        form="medium",
        verbose_name=gettext_lazy("Date"),
        slot="title",
        linkify=("trace-entry", {"pk": A("entry_id")}),
    )
    person = TextColumn(
        accessor="entry__resource__name", verbose_name=gettext_lazy("Person"), slot="subtitle"
    )
    project = TextColumn(
        accessor="entry__project__name",
        detail="entry__task",
        verbose_name=gettext_lazy("Project and task"),
    )
    quantity = QuantityColumn(
        accessor="submitted_quantity", of="entry__unit", verbose_name=gettext_lazy("Quantity"), slot="value"
    )
    billing_type = BillableColumn(verbose_name=gettext_lazy("Billable"))
    amount = AmountColumn(
        accessor="sales_amount", of="sales_currency", with_currency=True, verbose_name=gettext_lazy("Value")
    )

    def render_amount(self, value: Any, record: Approval, column: AmountColumn) -> str:
        """Nothing where nothing is billed."""
        return column.render(value, record) if record.will_be_billed else column.default

    def tick(self, record: Approval) -> Tick:
        """The day, the project and how much."""
        entry = record.entry
        words = day(entry.date), entry.project.name, quantity(entry.quantity, entry.unit)
        return Tick(
            ", ".join(words),
            record.sales_amount if record.will_be_billed else None,
            record.sales_currency,
            record.submitted_quantity,
            entry.unit,
        )


class DecidedTable(WorkColumns):
    """Newest decision first, with who made it and what became of it."""

    caption = gettext_lazy("Decisions about entries")
    empty = gettext_lazy("Nothing was decided yet.")
    decided = TextColumn(accessor="decided_at", verbose_name=gettext_lazy("Decided"))
    comment = TextColumn(verbose_name=gettext_lazy("Comment"), empty_values=(), wide=True, slot="line")
    status = TextColumn(verbose_name=gettext_lazy("Status"), slot="status")

    class Meta:
        order_by = ("-decided",)
        sequence = ("...", "comment", "status")

    def render_decided(self, value: Any, record: Approval) -> SafeString:
        """The moment, and below it by whom, and on whose behalf."""
        by, behalf = person_name(record.decided_by), record.on_behalf_of
        if behalf is not None:
            by = _("%(person)s on behalf of %(approver)s") % {"person": by, "approver": person_name(behalf)}
        return format_html("{}<small>{}</small>", moment(value), by)

    def render_comment(self, value: str, record: Approval) -> SafeString | str:
        """What the approver said, and below it what the policy had found."""
        reasons = reason_badges(record)
        return format_html("{}{}", value, reasons) if value or reasons else NOTHING

    def render_status(self, record: Approval) -> SafeString:
        """What became of the decision; what is asked back says so."""
        if record.entry.status == EntryStatus.RECALL_REQUESTED and record.status == "approved":
            return badge("recall_requested")
        return badge(record.status)


class RecallTable(WorkColumns):
    """Oldest request first, with the reason and the draft that stands in the way."""

    caption = gettext_lazy("Entries that were asked back")
    empty = gettext_lazy("No entry was asked back.")
    reason = TextColumn(accessor="recall_reason", verbose_name=gettext_lazy("Reason"), wide=True, slot="line")
    draft = TextColumn(
        accessor="draft_number", verbose_name=gettext_lazy("On draft"), orderable=False, slot="status"
    )

    class Meta:
        order_by = ("date",)

    def render_reason(self, value: str, record: Any) -> SafeString:
        """The reason, and below it since when."""
        return format_html("{}<small>{}</small>", value, moment(record.recall_requested_at))

    def render_draft(self, value: str) -> str:
        """The draft must let it go first."""
        return _("%(number)s: remove it from this draft first") % {"number": value}

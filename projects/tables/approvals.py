"""The entries of one person and week, before an approver."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.pages import AmountColumn, DayColumn, ListTable, QuantityColumn, TextColumn, Tick
from core.templatetags.display import badge, day, quantity
from projects.models import Approval
from projects.states import BillingType

FLAGS = {
    "on_weekend": _("Weekend"),
    "is_long": _("Over 10 h"),
    "is_undescribed": _("No description"),
    "is_unpriced": _("No price"),
}


def _terms_address(record: Approval) -> str | None:
    """Where terms are changed; what no contract line includes is billed to nobody."""
    return reverse("approval-terms", args=[record.pk]) if record.contract_line_id is not None else None


class BillableColumn(TextColumn):
    """How the work will be billed, and how much of it where that differs from what was submitted."""

    def render(self, value: Any, record: Approval) -> str:
        """The billing type, and the billable quantity below it."""
        if record.billable_quantity == record.submitted_quantity:
            return str(value)
        return format_html(
            "{}<small>{}</small>", value, quantity(record.billable_quantity, record.entry.unit)
        )


class NoteColumn(TextColumn):
    """The description, with a badge for everything worth a second look."""

    def render(self, value: Any, record: Approval) -> SafeString:
        """Words first, flags below them."""
        flags = [(badge("flag", word=word),) for name, word in FLAGS.items() if getattr(record, name)]
        marks = format_html('<div class="flags">{}</div>', format_html_join("", "{}", flags)) if flags else ""
        return format_html("{}{}", record.entry.external_description or record.entry.description, marks)


class ApprovalTable(ListTable):
    """Rows of the right pane; unflagged entries are ticked at first."""

    caption, identity = _("Entries to approve"), "date"
    empty = _("Nothing waits for your approval.")
    date = DayColumn(accessor="entry__date", form="weekday", verbose_name=_("Date"), slot="title")
    project = TextColumn(
        accessor="entry__project__name",
        detail="entry__task",
        verbose_name=_("Project and task"),
        slot="subtitle",
    )
    quantity = QuantityColumn(
        accessor="submitted_quantity", of="entry__unit", verbose_name=_("Quantity"), slot="value"
    )
    billing_type = BillableColumn(verbose_name=_("Billable"), slot="status", linkify=_terms_address)
    amount = AmountColumn(
        accessor="sales_amount", of="sales_currency", with_currency=True, verbose_name=_("Value")
    )
    note = NoteColumn(
        accessor="pk", verbose_name=_("Note and flags"), orderable=False, wide=True, slot="line"
    )

    class Meta:
        order_by = ("date",)

    def render_amount(self, value: Decimal, record: Approval, column: AmountColumn) -> str:
        """Nothing where nothing will be billed."""
        return column.render(value, record) if is_billed(record) else column.default

    def tick(self, record: Approval) -> Tick:
        """What the entry adds to the bar; flagged ones wait for the approver's own tick."""
        entry = record.entry
        return Tick(
            f"{day(entry.date, 'weekday')}, {entry.project.name}, {quantity(entry.quantity, entry.unit)}",
            record.sales_amount if is_billed(record) else None,
            record.sales_currency,
            record.submitted_quantity,
            entry.unit,
            ticked=not any(getattr(record, name) for name in FLAGS),
        )


def is_billed(record: Approval) -> bool:
    """Whether it will be billed once it is approved; as `ApprovalQuerySet.billable`."""
    line = record.contract_line
    is_chargeable = record.billing_type == BillingType.CHARGEABLE and record.is_priced
    return is_chargeable and line is not None and line.is_time_and_material

"""A person's own entries."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import (
    AmountColumn,
    CountColumn,
    DayColumn,
    ListTable,
    QuantityColumn,
    StateColumn,
    TextColumn,
    Tick,
)
from core.templatetags.display import badge, day, quantity
from projects.models import Entry
from projects.states import EntryStatus, TransactionClass
from projects.tables.uncovered import NOTHING_COVERED, uncovered_mark


def _change_address(record: Entry) -> str:
    """Where an entry is changed; of what is with an approver or approved, where it is traced."""
    is_open = record.status in (EntryStatus.DRAFT, EntryStatus.RETURNED)
    page = "change-time" if record.transaction_class == TransactionClass.TIME else "change-expense"
    return reverse(page if is_open else "trace-entry", args=[record.pk])


class OwnNoteColumn(TextColumn):
    """The description; what an approver will ask about stands below it."""

    def render(self, value: Any, record: Any, table: Any = None) -> SafeString:
        """Words, the reason it came back with, whether the person is on the team, and why nobody pays it."""
        comment = format_html("<small>{}</small>", record.comment) if record.comment else ""
        mark = badge("flag", word=gettext("Not on the team")) if record.is_off_team else ""
        flags = format_html('<div class="flags">{}</div>', mark) if mark else ""
        is_open = record.status in (EntryStatus.DRAFT, EntryStatus.RETURNED)
        why = table.coverage.sentence_of(record) if is_open else ""
        uncovered = uncovered_mark(table, record, why) if why else ""
        return format_html("{}{}{}{}", value or "", comment, flags, uncovered)


class EntryTable(ListTable):
    """Newest first; what was sent back says why."""

    caption, identity = _("Recorded work and costs"), "date"
    empty = _("No entries yet. Record the first hours.")
    # With its year: hours of last November are not those of this one.
    date = DayColumn(verbose_name=_("Date"), slot="title", linkify=_change_address)
    kind = TextColumn(
        accessor="get_transaction_class_display", verbose_name=_("Class"), order_by="transaction_class"
    )
    project = TextColumn(
        accessor="project__name", detail="task", verbose_name=_("Project and task"), slot="subtitle"
    )
    quantity = QuantityColumn(of="unit", verbose_name=_("Quantity"), slot="value")
    note = OwnNoteColumn(
        accessor="external_description",
        empty_values=(),
        verbose_name=_("Description"),
        detail="comment",
        wide=True,
        slot="line",
    )
    status = StateColumn(verbose_name=_("Status"), slot="status")

    coverage, may_write_contracts = NOTHING_COVERED, False

    class Meta:
        order_by = ("-date",)

    def tick(self, record: Entry) -> Tick:
        """Hours add up in the bar."""
        name = f"{day(record.date)}, {record.project.name}, {quantity(record.quantity, record.unit)}"
        return Tick(name, quantity=record.quantity, unit=record.unit)


class CostTable(EntryTable):
    """Newest first: what was paid for one and in all, in the currency it was paid in."""

    caption = _("Expenses, material and fees")
    empty = _("No expenses yet. Record the first one.")
    category = TextColumn(
        accessor="category__name", detail="product", verbose_name=_("Category"), empty_values=()
    )
    price = AmountColumn(of="currency", with_currency=True, verbose_name=_("Price per unit"))
    receipts = CountColumn(accessor="receipt_count", verbose_name=_("Receipts"))

    class Meta:
        sequence = ("date", "kind", "category", "project", "note", "quantity", "price", "receipts", "status")
        order_by = ("-date",)

"""A person's own entries."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.pages import DayColumn, ListTable, QuantityColumn, StateColumn, TextColumn, Tick
from core.templatetags.display import day, quantity
from projects.models import Entry
from projects.states import EntryStatus


def _change_address(record: Entry) -> str | None:
    """Where an entry is changed; what is with an approver or approved is only read."""
    is_open = record.status in (EntryStatus.DRAFT, EntryStatus.RETURNED)
    return reverse("change-time", args=[record.pk]) if is_open else None


class EntryTable(ListTable):
    """Newest first; what was sent back says why."""

    caption, identity = _("Recorded hours"), "date"
    empty = _("No entries yet. Record the first hours.")
    date = DayColumn(form="weekday", verbose_name=_("Date"), slot="title", linkify=_change_address)
    project = TextColumn(
        accessor="project__name", detail="task", verbose_name=_("Project and task"), slot="subtitle"
    )
    quantity = QuantityColumn(of="unit", verbose_name=_("Quantity"), slot="value")
    note = TextColumn(
        accessor="external_description",
        verbose_name=_("Description"),
        detail="comment",
        wide=True,
        slot="line",
    )
    status = StateColumn(verbose_name=_("Status"), slot="status")

    class Meta:
        order_by = ("-date",)

    def tick(self, record: Entry) -> Tick:
        """Hours add up in the bar."""
        name = (
            f"{day(record.date, 'weekday')}, {record.project.name}, {quantity(record.quantity, record.unit)}"
        )
        return Tick(name, quantity=record.quantity, unit=record.unit)

"""Approved work that may be corrected, and the journals that did."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_tables2 import A

from core.pages import (
    CountColumn,
    DayColumn,
    ListTable,
    MomentColumn,
    QuantityColumn,
    TextColumn,
    Tick,
)
from core.people import person_name
from core.templatetags.display import day, quantity
from projects.models import CorrectionJournal, Entry


class CorrectableTable(ListTable):
    """Newest first."""

    caption, identity = _("Approved work that is on no draft and no invoice"), "date"
    empty = _("Nothing here can be corrected: only approved work that is on no draft and no invoice.")
    date = DayColumn(form="medium", verbose_name=_("Date"), slot="title")
    person = TextColumn(accessor="resource__name", verbose_name=_("Person"), slot="subtitle")
    project = TextColumn(
        accessor="project__name",
        detail="task",
        verbose_name=_("Project and task"),
        order_by="project__number",
        slot="line",
    )
    role = TextColumn(accessor="role__name", verbose_name=_("Role"))
    category = TextColumn(accessor="category__name", verbose_name=_("Category"))
    quantity = QuantityColumn(of="unit", verbose_name=_("Quantity"), slot="value")
    note = TextColumn(
        accessor="external_description",
        verbose_name=_("Description"),
        wide=True,
        order_by="external_description",
    )

    class Meta:
        order_by = ("-date",)

    def tick(self, record: Entry) -> Tick:
        """Hours add up in the bar."""
        name = f"{day(record.date)}, {record.project.name}, {quantity(record.quantity, record.unit)}"
        return Tick(name, quantity=record.quantity, unit=record.unit)


class CorrectionTable(ListTable):
    """Newest first."""

    caption, identity = _("Correction journals, newest first"), "number"
    empty = _("Nothing was corrected yet.")
    number = TextColumn(
        verbose_name=_("Number"), slot="title", linkify=("correction", {"pk": A("pk")}), order_by="sequence"
    )
    legal_entity = TextColumn(accessor="legal_entity__short_name", verbose_name=_("Company"))
    reason = TextColumn(verbose_name=_("Reason"), wide=True, slot="line")
    created_by = TextColumn(verbose_name=_("By"), orderable=False, slot="subtitle")
    created_at = MomentColumn(verbose_name=_("Posted"), slot="status")
    line_count = CountColumn(verbose_name=_("Entries"), slot="value")

    class Meta:
        order_by = ("-created_at",)

    def render_created_by(self, value: Any, record: CorrectionJournal) -> str:
        """The name of the person."""
        return person_name(value)

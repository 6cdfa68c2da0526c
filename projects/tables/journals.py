"""Actuals, and the journals that accountants write, as tables."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_tables2 import A

from core.pages import (
    AmountColumn,
    CountColumn,
    DayColumn,
    ListTable,
    MomentColumn,
    QuantityColumn,
    RateColumn,
    StateColumn,
    TextColumn,
    Tick,
)
from core.people import person_name
from core.templatetags.display import badge, day, quantity
from projects.models import Actual
from projects.states import ActualBillingStatus, AdjustmentStatus


class DerivedStateColumn(StateColumn):
    """A status that is derived, in the words of its enumeration; nothing where there is none."""

    def __init__(self, *args: Any, states: Any, **kwargs: Any):
        self.states = states
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any, bound_column: Any = None) -> str:
        """The badge."""
        return badge(value, self.kind, self.states(value).label)


class ActualTable(ListTable):
    """Newest first; cost in its own currency, sales in that of the contract."""

    caption, identity = _("Actuals, one per row"), "pk"
    empty = _("No actuals yet: they are written when work is approved.")
    pk = TextColumn(verbose_name=_("Number"), slot="title", linkify=("trace-work", {"pk": A("work_item_id")}))
    date = DayColumn(
        accessor="work_item__transaction_date",
        verbose_name=_("Date"),
        slot="subtitle",
        order_by="work_item__transaction_date",
    )
    type = TextColumn(verbose_name=_("Type"), detail="work_item__get_transaction_class_display")
    project = TextColumn(
        accessor="work_item__project", verbose_name=_("Project"), order_by="work_item__project__number"
    )
    person = TextColumn(
        accessor="work_item__resource__name", verbose_name=_("Person"), order_by="work_item__resource__name"
    )
    note = TextColumn(
        accessor="work_item__description",
        verbose_name=_("Description"),
        wide=True,
        slot="line",
        order_by="work_item__description",
    )
    billing_type = TextColumn(verbose_name=_("Billing type"))
    quantity = QuantityColumn(of="work_item__unit", verbose_name=_("Quantity"))
    price = RateColumn(verbose_name=_("Price"))
    amount = AmountColumn(of="its_currency", with_currency=True, verbose_name=_("Amount"), slot="value")
    accounting_date = DayColumn(verbose_name=_("Accounting date"))
    billing_status = DerivedStateColumn(
        states=ActualBillingStatus, kind="billing", verbose_name=_("Billing status"), slot="status"
    )
    adjustment_status = DerivedStateColumn(states=AdjustmentStatus, verbose_name=_("Adjustment status"))
    event = TextColumn(accessor="event", verbose_name=_("Written by"), orderable=False)

    class Meta:
        order_by = ("-pk",)

    def tick(self, record: Actual) -> Tick:
        """What it is and when."""
        item = record.work_item
        return Tick(f"{day(item.transaction_date)}, {record}, {quantity(record.quantity, item.unit)}")


class JournalTable(ListTable):
    """What entry journals and cancellation journals show alike."""

    identity = "number"
    legal_entity = TextColumn(accessor="legal_entity__short_name", verbose_name=_("Company"))
    reason = TextColumn(verbose_name=_("Reason"), wide=True, slot="line")
    created_by = TextColumn(verbose_name=_("By"), orderable=False, slot="subtitle")
    created_at = MomentColumn(verbose_name=_("Created"))
    line_count = CountColumn(verbose_name=_("Lines"), slot="value")
    status = StateColumn(verbose_name=_("Status"), slot="status")

    class Meta:
        order_by = ("-created_at",)
        sequence = ("number", "...")

    def render_created_by(self, value: Any, record: Any) -> str:
        """The name of the person."""
        return person_name(value)


class EntryJournalTable(JournalTable):
    """Newest first."""

    caption = _("Entry journals, newest first")
    empty = _("No journal was written yet.")
    number = TextColumn(
        verbose_name=_("Number"),
        slot="title",
        linkify=("entry-journal", {"pk": A("pk")}),
        order_by="sequence",
    )

    class Meta(JournalTable.Meta):
        pass


class CancellationTable(JournalTable):
    """Newest first."""

    caption = _("Cancellation journals, newest first")
    empty = _("Nothing was cancelled yet. Choose actuals that an entry journal wrote.")
    number = TextColumn(
        verbose_name=_("Number"), slot="title", linkify=("cancellation", {"pk": A("pk")}), order_by="sequence"
    )

    class Meta(JournalTable.Meta):
        pass

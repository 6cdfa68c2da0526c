"""What is on no invoice as tables: each row with its first reason, which opens the whole answer beside it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.models import MilestoneShare
from billing.states import NotInvoiced
from core.pages import AmountColumn, DayColumn, ListTable, QuantityColumn, TextColumn
from core.templatetags.display import badge, day, money, number
from projects.models import BacklogItem, Entry
from projects.states import TransactionClass

Reasons = Mapping[int, Sequence[NotInvoiced]]

ROW = "row"
"""The parameter that names the row whose answer is shown beside the list."""


class OpeningColumn(TextColumn):
    """Who or what; opens the answer of the row and keeps the list as it is."""

    def render(self, value: Any, record: Any, table: Any = None) -> SafeString:
        """The name as a link, with the text below it."""
        current = "true" if record.pk == table.opened else "false"
        name, text = table.name_of(record), table.text_of(record)
        return format_html(
            '<a href="{}#why" aria-current="{}">{}</a><small>{}</small>',
            table.address_of(record),
            current,
            name,
            text,
        )


class ReasonColumn(TextColumn):
    """The first reason as a badge, and what it is about below it."""

    def render(self, value: Any, record: Any, table: Any = None) -> SafeString:
        """The badge and its second line."""
        shown = badge(NotInvoiced(value), "why")
        more = table.about(record)
        return format_html("{}<small>{}</small>", shown, more) if more else shown


class WhyTable(ListTable):
    """What the three lists share: the address of a row, and how the parameters of the list stay with it."""

    today: date
    params: QueryDict
    opened: int | None = None

    def address_of(self, record: Any) -> str:
        """This list with the row opened."""
        params = self.params.copy()
        params[ROW] = str(record.pk)
        return f"?{params.urlencode()}"

    def about(self, record: Any) -> str:
        """What stands below the badge."""
        return ""


class WhyWorkTable(WhyTable):
    """Approved work by contract and customer."""

    caption = gettext_lazy("Approved work and why it is on no invoice")
    empty = gettext_lazy("Everything that is approved is on an invoice.")
    identity, group_order, group_column = "person", ("contract_id", "customer_id"), "amount"

    worked_on = DayColumn(accessor="transaction_date", verbose_name=gettext_lazy("Date"), slot="line")
    person = OpeningColumn(
        accessor="work_item__pk",
        order_by="work_item__resource__name",
        verbose_name=gettext_lazy("Person and text"),
        slot="title",
        wide=True,
    )
    quantity = QuantityColumn(of="work_item__unit", verbose_name=gettext_lazy("Quantity"))
    amount = AmountColumn(of="currency", verbose_name=gettext_lazy("Amount"), slot="value")
    reason = ReasonColumn(
        verbose_name=gettext_lazy("Why not on an invoice"), slot="status", orderable=False, wide=True
    )

    class Meta:
        order_by = ("worked_on",)

    find_reasons: Callable[[Sequence[BacklogItem]], Reasons] | None = None
    """Finds every reason of some rows at once; set by the page that shows or exports them."""
    reasons: Reasons = {}

    def look_up(self, records: Sequence[BacklogItem]) -> None:
        """Every reason of these rows, in one go."""
        self.reasons = self.find_reasons(records) if self.find_reasons else {}

    def group_key(self, record: BacklogItem) -> tuple[int, int]:
        """A proforma is for one customer of one contract, and so is a group."""
        return record.contract_id, record.customer_id

    def name_of(self, record: BacklogItem) -> str:
        """Who worked, or what it was."""
        item = record.work_item
        return item.resource.name if item.resource else item.get_transaction_class_display()

    def text_of(self, record: BacklogItem) -> str:
        """What the invoice would say."""
        item = record.work_item
        return item.external_description or item.description

    def about(self, record: BacklogItem) -> str:
        """The run or the draft, and how many further reasons there are."""
        words = [self._said(record)]
        others = len(self.reasons.get(record.pk, ())) - 1
        if others > 0:
            more = ngettext("and %(count)s more reason", "and %(count)s more reasons", others)
            words.append(more % {"count": number(others)})
        return ", ".join(filter(None, words))

    def _said(self, record: Any) -> str:
        if record.proforma_number:
            return str(record.proforma_number)
        if record.reason == NotInvoiced.OVER_LIMIT:
            return _("by %(amount)s") % {"amount": money(record.exceeded_by, record.currency)}
        if record.hold_reason:
            words = {"reason": record.get_hold_reason_display(), "day": day(record.review_on)}
            return _("%(reason)s, look again %(day)s") % words if record.review_on else str(words["reason"])
        if record.reason in (NotInvoiced.WAITS_FOR_RUN, NotInvoiced.AFTER_CUT_OFF):
            if record.run_on is None:
                return _("no later run is scheduled")
            return _("in the run of %(day)s") % {"day": day(record.run_on)}
        return ""


class WhyReportedTable(WhyTable):
    """Work that is not approved, or that no contract covers."""

    caption = gettext_lazy("Work that is not approved or that no contract covers")
    empty = gettext_lazy("All work for customers is approved, and a contract covers all of it.")
    identity = "person"

    date = DayColumn(verbose_name=gettext_lazy("Date"), slot="line")
    person = OpeningColumn(
        accessor="pk",
        order_by="resource__name",
        verbose_name=gettext_lazy("Person and text"),
        slot="title",
        wide=True,
    )
    project = TextColumn(
        accessor="project__name",
        detail="project__customer",
        verbose_name=gettext_lazy("Project and customer"),
        slot="subtitle",
        wide=True,
    )
    quantity = QuantityColumn(of="unit", verbose_name=gettext_lazy("Quantity"), slot="value")
    worth = AmountColumn(of="worth_currency", with_currency=True, verbose_name=gettext_lazy("Amount"))
    reason = ReasonColumn(
        verbose_name=gettext_lazy("Why not on an invoice"), slot="status", orderable=False, wide=True
    )

    class Meta:
        order_by = ("-date",)

    def name_of(self, record: Entry) -> str:
        """Who worked, or what it was."""
        return record.resource.name if record.resource else record.get_transaction_class_display()

    def text_of(self, record: Entry) -> str:
        """What was recorded."""
        kind = "" if record.transaction_class == TransactionClass.TIME else record.product
        return record.external_description or record.description or kind


class WhyMilestoneTable(WhyTable):
    """Shares of milestones that are not invoiced."""

    caption = gettext_lazy("Milestones and why they are on no invoice")
    empty = gettext_lazy("Every milestone is invoiced.")
    identity = "milestone"

    due_on = DayColumn(accessor="milestone__due_on", verbose_name=gettext_lazy("Due date"), slot="line")
    milestone = OpeningColumn(
        accessor="milestone__name", verbose_name=gettext_lazy("Milestone"), slot="title", wide=True
    )
    customer = TextColumn(
        accessor="customer__name",
        detail="milestone__contract_line__contract",
        verbose_name=gettext_lazy("Customer and contract"),
        slot="subtitle",
        wide=True,
    )
    amount = AmountColumn(
        accessor="open_amount",
        of="currency",
        with_currency=True,
        verbose_name=gettext_lazy("Amount"),
        slot="value",
    )
    reason = ReasonColumn(
        verbose_name=gettext_lazy("Why not on an invoice"), slot="status", orderable=False, wide=True
    )

    class Meta:
        order_by = ("due_on",)

    def name_of(self, record: MilestoneShare) -> str:
        """The milestone."""
        return record.milestone.name

    def text_of(self, record: MilestoneShare) -> str:
        """What the invoice would say."""
        return record.milestone.external_description

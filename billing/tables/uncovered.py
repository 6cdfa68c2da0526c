"""Work that no contract line covers: what it was, why, and the contract to change."""

from functools import cached_property
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import AmountColumn, DayColumn, ListTable, QuantityColumn, TextColumn
from core.templatetags.display import money
from projects.contract_terms import ContractTerms
from projects.models import Approval
from projects.tables.uncovered import COVERED_NOW, contract_link


class SalesValueColumn(TextColumn):
    """What the work would sell for by the price lists of today, in the customer's currency."""

    def render(self, value: Any, record: Any, table: Any = None) -> str:
        """The amount, or that no price list knows it."""
        customer = record.entry.project.customer
        if customer is None:
            return "–"
        worth = table.terms.worth_of(record.entry, customer.currency)
        return gettext("not known") if worth is None else money(worth, customer.currency)


class WhyColumn(TextColumn):
    """Why no line covers it, and the contract to change."""

    def render(self, value: Any, record: Any, table: Any = None) -> SafeString:
        """The reason, with a link to the contract of the project or to a new one."""
        project = record.entry.project
        if project.customer_id is None:
            return format_html("{}", gettext("Internal project"))
        why = table.terms.sentence_of(record.entry)
        words = why or gettext(COVERED_NOW)
        address, label = contract_link(table.terms, project)
        return format_html('{}<small><a href="{}">{}</a></small>', words, address, label)


class UncoveredTable(ListTable):
    """Newest first."""

    caption, identity = _("Approved work without a contract line"), "date"
    empty = _("All approved work is on a contract line.")
    date = DayColumn(accessor="entry__date", verbose_name=_("Date"), slot="title")
    person = TextColumn(
        accessor="entry__resource__name", detail="entry__role", verbose_name=_("Person"), slot="subtitle"
    )
    project = TextColumn(
        accessor="entry__project__name",
        detail="entry__project__customer",
        verbose_name=_("Project and customer"),
        wide=True,
        slot="line",
    )
    kind = TextColumn(
        accessor="entry__get_transaction_class_display",
        verbose_name=_("Kind"),
        order_by="entry__transaction_class",
    )
    quantity = QuantityColumn(
        accessor="submitted_quantity", of="entry__unit", verbose_name=_("Quantity"), slot="value"
    )
    cost_amount = AmountColumn(of="cost_currency", with_currency=True, verbose_name=_("Cost"))
    worth = SalesValueColumn(
        accessor="pk",
        orderable=False,
        verbose_name=_("Would sell for"),
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    why = WhyColumn(accessor="pk", orderable=False, verbose_name=_("Why"), wide=True)

    class Meta:
        order_by = ("-date",)

    @cached_property
    def terms(self) -> ContractTerms:
        """The contract terms of all that is shown, read once."""
        shown: list[Approval] = [row.record for row in self.paginated_rows]
        return ContractTerms.of([one.entry for one in shown])

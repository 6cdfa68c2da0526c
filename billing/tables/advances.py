"""Retainers as a table, by currency: what is invoiced, used, on drafts and available."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Retainer
from billing.states import RetainerStatus
from core.pages import AmountColumn, DayColumn, ListTable, StateColumn, TextColumn, Tick
from core.templatetags.display import badge, money

CURRENCY = "contract__currency"


def steps_of(retainer: Retainer, rights: dict[str, bool]) -> list[tuple[str, str]]:
    """What can be done with a retainer now, and the page of each: words and address names.

    Nothing is offered that would do nothing, as with a balance of zero, or that a draft forbids; and nothing
    but looking where somebody else manages its contract (`marked_mine`).
    """
    if not getattr(retainer, "is_mine", True):
        rights = dict.fromkeys(rights, False)
    offered = [
        (_("Apply"), "advance-apply", rights["draft"] and retainer.can_be_applied),
        (_("Refund"), "advance-refund", rights["plan"] and retainer.can_be_refunded),
        (_("Keep it"), "advance-keep", rights["plan"] and retainer.can_be_kept),
        (_("Edit"), "advance-change", rights["plan"] and retainer.is_untouched),
        (_("Show use"), "advance", retainer.status in (RetainerStatus.USED_UP, RetainerStatus.REFUNDED)),
    ]
    return [(word, name) for word, name, is_offered in offered if is_offered]


class AdvanceColumn(TextColumn):
    """An advance, which opens what became of it, with its contract below."""

    def render(self, value: Any, record: Any) -> SafeString:
        """The links."""
        return format_html(
            '<a href="{}">{}</a><small><a href="{}">{}</a>, {}</small><span class="narrow-only">{}</span>',
            reverse("advance", args=[record.pk]),
            value,
            reverse("contract", args=[record.contract.number]),
            record.contract.number,
            record.contract.name,
            _sums(record),
        )


def _sums(record: Any) -> str:
    """What a narrow page says in the place of the columns that it does not show."""
    currency = record.contract.currency
    if not record.invoiced_amount:
        return _("Amount %(amount)s") % {"amount": money(record.amount, currency)}
    facts = {"used": money(record.used_amount, currency), "all": money(record.invoiced_amount, currency)}
    return _("Used %(used)s of %(all)s") % facts


class AdvanceTable(ListTable):
    """Money invoiced before the work; figures are net."""

    caption = gettext_lazy("Advances by currency")
    empty = gettext_lazy("There is no advance.")
    identity = "name"

    name = AdvanceColumn(verbose_name=gettext_lazy("Advance and contract"), wide=True, slot="title")
    customer = TextColumn(accessor="customer__name", verbose_name=gettext_lazy("Customer"), slot="subtitle")
    invoice_on = DayColumn(verbose_name=gettext_lazy("Invoice date"), slot="line")
    amount = AmountColumn(of=CURRENCY, verbose_name=gettext_lazy("Amount"))
    invoiced_amount = AmountColumn(of=CURRENCY, verbose_name=gettext_lazy("Invoiced"))
    used_amount = AmountColumn(of=CURRENCY, verbose_name=gettext_lazy("Used"))
    drafted_amount = AmountColumn(of=CURRENCY, verbose_name=gettext_lazy("On drafts"))
    available_amount = AmountColumn(of=CURRENCY, verbose_name=gettext_lazy("Available"), slot="value")
    status = StateColumn(verbose_name=gettext_lazy("Status"), slot="status")

    group_order = (CURRENCY,)
    group_column = "available_amount"
    rights: dict[str, bool]

    class Meta:
        order_by = ("invoice_on",)

    def group_key(self, record: Retainer) -> str:
        """Money of different currencies is never added up."""
        return record.contract.currency

    def render_status(self, record: Retainer) -> SafeString:
        """Where it stands, and what can be done with it."""
        word = str(RetainerStatus(record.shown_status).label)
        links = format_html_join(
            " ",
            '<a href="{}">{}</a>',
            ((reverse(name, args=[record.pk]), text) for text, name in steps_of(record, self.rights)),
        )
        shown = badge(record.shown_status, "retainer", word)
        return format_html("{}<small>{}</small>", shown, links) if links else shown

    def tick(self, record: Retainer) -> Tick:
        """The advance, who pays it, and its amount."""
        return Tick(f"{record.name}, {record.customer.name}", record.amount, record.contract.currency)

"""What customers keep back, by currency: kept, released and open (B12)."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Retention
from core.pages import AmountColumn, DayColumn, ListTable, TextColumn
from core.templatetags.display import badge, percent

CURRENCY = "line__proforma__currency"


def status_of(retention: Retention, today: dt.date) -> str:
    """Where it stands on a day: kept, due for release, held by a draft, or released."""
    if not retention.open_amount:
        return "released"
    if retention.open_amount <= retention.drafted:
        return "on_draft"
    is_due = retention.release_on is not None and retention.release_on <= today
    return "release_due" if is_due else "kept_back"


class InvoiceColumn(TextColumn):
    """The invoice that keeps back, else its proforma, with its contract below."""

    def render(self, value: Any, record: Any) -> SafeString:
        """The link to the proforma."""
        proforma = record.line.proforma
        return format_html(
            '<a href="{}">{}</a><small>{}, {}</small>',
            reverse("proforma", args=[proforma.number]),
            proforma.customer_invoice_number or proforma.number,
            proforma.contract.name,
            proforma.customer.name,
        )


class KeptColumn(AmountColumn):
    """What is kept back, with the share of the net below."""

    def render(self, value: Any, record: Any) -> Any:
        """The amount and its percentage."""
        shown = super().render(value=value, record=record)
        return format_html("{}<small>{}</small>", shown, percent(record.percent))


class RetentionTable(ListTable):
    """Money kept back; figures bear no tax."""

    caption = gettext_lazy("Retentions by currency")
    empty = gettext_lazy("Nothing is kept back.")
    identity = "invoice"

    invoice = InvoiceColumn(
        accessor="line__proforma__number", verbose_name=gettext_lazy("Invoice"), wide=True, slot="title"
    )
    net = AmountColumn(of=CURRENCY, verbose_name=gettext_lazy("Net"))
    kept = KeptColumn(of=CURRENCY, verbose_name=gettext_lazy("Kept back"))
    released = AmountColumn(of=CURRENCY, verbose_name=gettext_lazy("Released"))
    open_amount = AmountColumn(of=CURRENCY, verbose_name=gettext_lazy("Open"), slot="value")
    release_on = DayColumn(verbose_name=gettext_lazy("Release"), slot="subtitle")
    status = TextColumn(accessor="pk", verbose_name=gettext_lazy("Status"), orderable=False, slot="status")

    group_order = (CURRENCY,)
    group_column = "open_amount"
    today: dt.date
    may_release: bool

    class Meta:
        order_by = ("release_on",)

    def group_key(self, record: Retention) -> str:
        """Money of different currencies is never added up."""
        return record.line.proforma.currency

    def render_status(self, record: Retention) -> SafeString:
        """Where it stands, and the page that releases it or says when."""
        state = status_of(record, self.today)
        shown = badge(state)
        if not self.may_release or not getattr(record, "is_mine", True) or state in ("released", "on_draft"):
            return shown
        pages = {"release_due": ("retention-release", _("Release"))}
        name, word = pages.get(state, ("retention-change", _("Change the date")))
        return format_html(
            '{}<small><a href="{}">{}</a></small>', shown, reverse(name, args=[record.pk]), word
        )

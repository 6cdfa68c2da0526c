"""Proformas in few columns: what a click made, and what a contract has had."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from billing.models import Proforma
from core.money import sum_by
from core.pages import AmountColumn, DayColumn, ListTable, StateColumn, TextColumn, Total


def proforma_address(number: str) -> str:
    """Address of a proforma; empty while no page shows one."""
    try:
        return reverse("proforma", args=[number])
    except NoReverseMatch:
        return ""


class ProformaLinkColumn(TextColumn):
    """Number of a proforma, which opens it."""

    def render(self, value: str, record: Proforma) -> Any:
        """The number as a link."""
        url = proforma_address(value)
        return format_html('<a href="{}">{}</a>', url, value) if url else value


class DraftTable(ListTable):
    """Proformas of one user or one contract, read with their net."""

    caption = _("Proformas")
    identity = "number"
    number = ProformaLinkColumn(verbose_name=_("Number"), slot="title")
    customer = TextColumn(verbose_name=_("Customer"), slot="subtitle")
    contract = TextColumn(verbose_name=_("Contract"), wide=True, slot="line")
    invoice_date = DayColumn(verbose_name=_("Invoice date"))
    net = AmountColumn(of="currency", with_currency=True, verbose_name=_("Net"), slot="value")
    gross_amount = AmountColumn(of="currency", with_currency=True, verbose_name=_("To pay"))
    customer_invoice_number = TextColumn(verbose_name=_("Invoice"))
    status = StateColumn(verbose_name=_("Status"), slot="status")

    def totals(self) -> Sequence[Total]:
        """Net per currency over all rows."""
        rows = [row.record for row in self.rows]
        sums = sum_by((row.currency, row.net) for row in rows)
        counts = sum_by((row.currency, Decimal(1)) for row in rows)
        return [Total(currency, int(counts[currency]), sums[currency]) for currency in sorted(sums)]

    @property
    def paginated_rows(self) -> Any:
        """All rows: such a table has one page."""
        return self.rows

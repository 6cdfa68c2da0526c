"""The list of proforma invoices."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.models import InvoiceLineDetail, Proforma
from billing.states import ProformaStatus
from core.pages import AmountColumn, CountColumn, ListTable, StateColumn, TextColumn, Tick
from core.people import person_name
from core.spreadsheets import Cell, Figure, Head
from core.templatetags.display import NOTHING, days, number
from projects.states import WORKED

WORK_DAYS = Q(transaction_class__in=WORKED)


def with_details(rows: QuerySet) -> QuerySet:
    """What only a shown row needs: its parties, its period and how many details it has."""
    details = InvoiceLineDetail.objects.filter(line__proforma=OuterRef("pk")).order_by()
    of_proforma = details.values("line__proforma")
    first, last = (edge("transaction_date", filter=WORK_DAYS) for edge in (Min, Max))
    return rows.select_related("customer", "contract__manager").annotate(
        first_day=Subquery(of_proforma.annotate(of_all=first).values("of_all")),
        last_day=Subquery(of_proforma.annotate(of_all=last).values("of_all")),
        details_count=Subquery(of_proforma.annotate(of_all=Count("pk")).values("of_all")),
    )


def days_waited(record: Proforma, today: date) -> int | None:
    """Whole days since the proforma came into its state; None for what is finished."""
    if record.status == ProformaStatus.POSTED:
        return None
    return max((today - timezone.localdate(record.confirmed_at or record.created_at)).days, 0)


class AgeColumn(TextColumn):
    """Whole days since the proforma came into its state; nothing for what is finished."""

    align = "number"

    def render(self, value: Any, record: Proforma, table: Any = None) -> str:
        """The days, up to the day the page says it is."""
        days = days_waited(record, table.today)
        if days is None:
            return NOTHING
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": number(days)}


class PeriodColumn(TextColumn):
    """First and last day of the work on a proforma."""

    def render(self, value: Any, record: Any) -> str:
        """Both days, as short as the language has it."""
        return days(record.first_day, record.last_day)

    def heads(self, name: str, label: Any) -> list[Head]:
        """A column for each day."""
        return [Head("first_day", _("First day")), Head("last_day", _("Last day"))]

    def cells(self, value: Any, written: Any, record: Any) -> list[Cell]:
        """The two days."""
        return [record.first_day, record.last_day]


class ProformaTable(ListTable):
    """One row per proforma, amounts in its currency; the page sets `today`."""

    caption, identity = _("Proforma invoices, one per row"), "number"
    empty = _("There is no proforma yet. Mark work ready in the backlog and create one.")
    today: date

    number = TextColumn(slot="title", linkify=("proforma", {"number": tables.A("number")}))
    customer = TextColumn(slot="subtitle", order_by="customer__name")
    contract = TextColumn(
        slot="line",
        order_by="contract__number",
        linkify=("contract", {"number": tables.A("contract__number")}),
    )
    period = PeriodColumn(verbose_name=_("Period"), accessor="first_day", orderable=False)
    details_count = CountColumn(verbose_name=_("Details"), orderable=False)
    net_amount = AmountColumn(accessor="net", of="currency", verbose_name=_("Net"))
    tax_amount = AmountColumn(of="currency", verbose_name=_("Tax"))
    gross_amount = AmountColumn(of="currency", verbose_name=_("To pay"), slot="value")
    status = StateColumn(slot="status")
    age = AgeColumn(verbose_name=_("Age"), accessor="created_at")
    customer_invoice_number = TextColumn(verbose_name=_("Invoice"))
    manager = TextColumn(verbose_name=_("Owner"), accessor="contract__manager", orderable=False)

    def render_manager(self, value: Any) -> str:
        """Name of the person who manages the contract."""
        return person_name(value)

    def value_age(self, record: Proforma) -> Figure | None:
        """The days as a figure, for an export."""
        days = days_waited(record, self.today)
        return None if days is None else Figure(days)

    def order_age(self, rows: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        """Oldest first when descending: the longest wait is the highest age."""
        since = F("created_at")
        return rows.order_by(since.asc() if is_descending else since.desc()), True

    def tick(self, record: Proforma) -> Tick:
        """The box adds what the customer would pay."""
        return Tick(
            f"{record.number}, {record.customer}",
            record.gross_amount,
            record.currency,
            blocked="" if record.is_open else gettext("it is confirmed, and only a correction changes it"),
            document=record.number if record.is_open else "",
        )

    class Meta:
        order_by = ("created_at",)

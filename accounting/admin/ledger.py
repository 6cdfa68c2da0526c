"""The ledger and the project subledger: vouchers with their lines, one row per actual in the books (C6)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    EstimateEvent,
    ProjectTransaction,
    Voucher,
    VoucherLine,
)
from accounting.voucher_sources import source_of
from core.admin_kit import Cell, Panel, ReadOnlyAdmin, columns, link_to, shown_of
from core.templatetags import display

LINES_SHOWN = 200


@admin.register(Voucher)
class VoucherAdmin(ReadOnlyAdmin):
    """Debits and credits, posted once and for ever."""

    list_display = (
        "number",
        columns.day("date", _("date")),
        "source_kind",
        "legal_entity",
        "posted_by",
        columns.moment("posted_at", _("posted at")),
    )
    list_filter = ("source_kind", ("legal_entity", RelatedOnlyFieldListFilter))
    list_select_related = ("legal_entity", "posted_by")
    search_fields = ("number",)
    date_hierarchy = "date"
    fields = ("number", "legal_entity", "date", "source_kind", "posted_by", "posted_at")

    def get_panels(self, request: HttpRequest, obj: Voucher) -> Iterable[Panel]:
        """Lines, debit and credit apart, and where the voucher comes from."""
        lines = obj.lines.select_related("account", "customer", "project").order_by("pk")
        own = obj.legal_entity.currency
        heads = (
            _("Account"),
            _("Customer"),
            _("Project"),
            _("Dimension"),
            _("Debit"),
            _("Credit"),
            _("In %(currency)s") % {"currency": own},
        )
        rows = [self._line(line, own) for line in lines[:LINES_SHOWN]]
        count = len(rows) if len(rows) < LINES_SHOWN else lines.count()
        yield Panel(_("Lines"), heads, rows, lines=shown_of(LINES_SHOWN, count))
        yield Panel(_("Source"), (_("What"), _("Which")), [self._source(obj)])

    @staticmethod
    def _line(line: VoucherLine, own: str) -> list[Cell]:
        written = display.money(abs(line.amount), line.currency)
        return [
            link_to(line.account),
            link_to(line.customer),
            link_to(line.project, line.project.number if line.project else None),
            Cell(line.dimension or display.NOTHING),
            Cell(written if line.amount > 0 else "", is_figure=True),
            Cell(written if line.amount < 0 else "", is_figure=True),
            Cell(display.money(line.base_amount, own), is_figure=True),
        ]

    @staticmethod
    def _source(obj: Voucher) -> list[Cell]:
        source = source_of(obj)
        # A posting of an estimate has no page of its own: its estimate shows it.
        shown = source.estimate if isinstance(source, EstimateEvent) else source
        return [Cell(obj.get_source_kind_display()), link_to(shown)]


@admin.register(ProjectTransaction)
class ProjectTransactionAdmin(ReadOnlyAdmin):
    """What of a project reached the books."""

    list_display = (
        columns.day("accounting_date", _("accounting date")),
        "project",
        "kind",
        columns.amount("amount", _("amount")),
        "voucher",
        "actual",
    )
    list_filter = ("kind", ("project", RelatedOnlyFieldListFilter), "currency")
    list_select_related = ("project", "voucher", "actual")
    search_fields = ("voucher__number", "project__number")
    date_hierarchy = "accounting_date"
    fields = ("project", "kind", "accounting_date", "currency", "amount", "base_amount", "voucher", "actual")

    def get_links(self, request: HttpRequest, obj: ProjectTransaction) -> Iterable[tuple[Any, str]]:
        """Where its work came from and what came of it."""
        yield _("Trace"), reverse("trace-work", args=[obj.actual.work_item_id])

"""The tax report: what a period owes the tax office, beside the ledger and down to each line (C15)."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounting.forms.tax_report import DOCUMENTS, LINES, OUTSIDE, ReportSpan, TaxReportForm
from accounting.models import CustomerInvoice, InvoiceTax
from accounting.tax_report import (
    TaxTotal,
    accounts_of_tax,
    documents_behind,
    lines_behind,
    taxes_of,
    total_of,
    totals_by_code,
    vouchers_of,
)
from accounting.views.ledger import PERMISSION, csv_file
from core.money import ZERO
from core.pages import Page
from core.people import person_name
from core.spreadsheets import XLSX_TYPE, Cell, Figure, Head, written_xlsx
from projects.views.page_defaults import PageDefaults

SHOWN = 100
CURSOR = re.compile(r"(\d{1,4})-(\d{8})-(\d{1,18})", re.ASCII)
HEADS = [
    Head("tax_group", gettext_lazy("Tax group")),
    Head("code", gettext_lazy("Code")),
    Head("name", gettext_lazy("Name")),
    Head("rate", gettext_lazy("Rate")),
    Head("box", gettext_lazy("Box")),
    Head("document", gettext_lazy("Document")),
    Head("corrects", gettext_lazy("Corrects")),
    Head("customer", gettext_lazy("Customer")),
    Head("vat_id", gettext_lazy("VAT id")),
    Head("date", gettext_lazy("Date")),
    Head("currency", gettext_lazy("Currency")),
    Head("base", gettext_lazy("Base")),
    Head("tax", gettext_lazy("Tax")),
    Head("own_currency", gettext_lazy("Currency of the company")),
    Head("own_base", gettext_lazy("Base in the company’s currency")),
    Head("own_tax", gettext_lazy("Tax in the company’s currency")),
]


class TaxReport(PageDefaults, Page):
    """Taxes by code and rate, their account in the ledger, and the documents and lines behind them."""

    permission, title, template_name = PERMISSION, gettext_lazy("Tax report"), "accounting/tax_report.html"

    @cached_property
    def form(self) -> TaxReportForm:
        """What the address asks for; without anything the last period with an invoice."""
        if "period" in self.request.GET:
            return TaxReportForm(self.request.GET, user=self.user)
        empty = TaxReportForm(user=self.user)
        last = CustomerInvoice.objects.visible_to(self.user).aggregate(last=Max("invoice_date"))["last"]
        periods = [(key, one) for key, one in empty.spans.items() if one.period is not None]
        known = [key for key, one in periods if one.span.first <= (last or self.today)]
        chosen = known[0] if known else next((key for key, _one in periods), "")
        return TaxReportForm({"period": chosen}, user=self.user)

    @property
    def chosen(self) -> ReportSpan:
        """The days asked for."""
        return self.form.chosen

    @cached_property
    def taxes(self) -> QuerySet[InvoiceTax]:
        """Every tax of the span."""
        return taxes_of(self.chosen.legal_entity, self.chosen.span)

    @cached_property
    def totals(self) -> list[TaxTotal]:
        """Their sums by tax group, code and rate."""
        return totals_by_code(self.taxes)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The page, or every document of it as a file."""
        export = request.GET.get("export")
        if export in ("csv", "xlsx") and self.form.is_valid():
            return self._as_csv() if export == "csv" else self._as_xlsx()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = self._figures() if self.form.is_valid() else {}
        return super().get_context_data(form=self.form, has_periods=bool(self.form.spans), **more, **kwargs)

    def _figures(self) -> dict[str, Any]:
        entity, total = self.chosen.legal_entity, total_of(self.taxes)
        accounts = accounts_of_tax(entity, self.chosen.span)
        booked = sum((one.invoiced for one in accounts), ZERO)
        return {
            "chosen": self.chosen,
            "entity": entity,
            "currency": entity.currency,
            "totals": self.totals,
            "total": total,
            "accounts": accounts,
            "difference": total.tax - booked,
            "boxes": self._boxes(),
            **self._behind(),
        }

    def _boxes(self) -> list[dict[str, Any]]:
        """The boxes of the return with their bases and taxes; codes without a box are left out."""
        boxes: dict[str, dict[str, Any]] = {}
        for one in self.totals:
            if one.code and one.code.return_box:
                box = boxes.setdefault(one.code.return_box, {"codes": [], "base": ZERO, "tax": ZERO})
                box["codes"].append(str(one.code))
                box["base"] += one.base
                box["tax"] += one.tax
        return [{"box": name, **box} for name, box in sorted(boxes.items())]

    # --- The rows behind it ---------------------------------------------------------------------

    def _behind(self) -> dict[str, Any]:
        shown = LINES if self.request.GET.get("show") == LINES else DOCUMENTS
        wanted = self._of_code(self.taxes)
        rows: Any = (lines_behind if shown == LINES else documents_behind)(wanted, self.totals)
        after = self._after()
        if after is not None:
            place, day, key = after
            later = Q(day__gt=day) | Q(day=day, pk__gt=key)
            rows = rows.filter(Q(place__gt=place) | (Q(place=place) & later))
        read = list(rows[: SHOWN + 1])
        page = read[:SHOWN]
        return {
            "shown": shown,
            "is_first": after is None,
            "next_key": f"{page[-1].place}-{page[-1].day:%Y%m%d}-{page[-1].pk}" if len(read) > SHOWN else "",
            "groups": self._grouped(page, lines=shown == LINES),
        }

    def _of_code(self, taxes: QuerySet[InvoiceTax]) -> QuerySet[InvoiceTax]:
        code = self.form.cleaned_data["code"]
        if code == OUTSIDE:
            return taxes.filter(tax_code__isnull=True)
        return taxes.filter(tax_code=code) if code else taxes

    def _grouped(self, rows: list[Any], *, lines: bool) -> list[dict[str, Any]]:
        """The rows of the page under their totals, each with its invoice and voucher."""
        invoices = {row.tax.invoice_id if lines else row.invoice_id for row in rows}
        vouchers = vouchers_of(sorted(invoices))
        groups: list[dict[str, Any]] = []
        for row in rows:
            invoice = row.tax.invoice if lines else row.invoice
            total = self.totals[row.place]
            row.original = "" if lines else _corrected_by(row)
            if not groups or groups[-1]["total"] is not total:
                groups.append({"total": total, "reason": _reason(total), "rows": []})
            groups[-1]["rows"].append((row, invoice, vouchers.get(invoice.pk)))
        return groups

    def _after(self) -> tuple[int, date, int] | None:
        """The row that this part follows; an address that names none begins at the first."""
        place = CURSOR.fullmatch(self.request.GET.get("after", ""))
        if place is None:
            return None
        try:
            return int(place[1]), date.fromisoformat(place[2]), int(place[3])
        except ValueError:
            return None

    # --- Files ----------------------------------------------------------------------------------

    @property
    def file_name(self) -> str:
        """Says whose taxes of which days are in the file."""
        span = self.chosen.span
        return f"taxes-{self.chosen.legal_entity.code}-{span.first:%Y%m%d}-{span.last:%Y%m%d}"

    def _rows(self) -> Iterator[list[Cell]]:
        entity = self.chosen.legal_entity
        documents = documents_behind(self._of_code(self.taxes), self.totals)
        for tax in documents.iterator(chunk_size=1000):
            yield _file_row(tax, self.totals[tax.place], entity.currency)  # type: ignore[attr-defined]

    def _as_csv(self) -> Any:
        return csv_file(self.file_name, HEADS, self._rows())

    def _as_xlsx(self) -> FileResponse:
        facts: list[tuple[str, Cell]] = [
            (_("Exported"), timezone.now()),
            (_("By"), person_name(self.user)),
            (_("Company"), self.chosen.legal_entity.name),
            (_("From"), self.chosen.span.first),
            (_("To"), self.chosen.span.last),
            (_("Tax"), Figure(total_of(self.taxes).tax, 2)),
        ]
        count = self._of_code(self.taxes).count()
        file = written_xlsx(HEADS, self._rows(), count=count, title=str(self.title), facts=facts)
        disposition = {"Content-Disposition": f'attachment; filename="{self.file_name}.xlsx"'}
        return FileResponse(file, content_type=XLSX_TYPE, headers=disposition)


def _reason(total: TaxTotal) -> str:
    """Why nothing is taken, in the reader's language, or in the first one that has it."""
    reasons: Mapping[str, str] = total.code.reasons if total.code else {}
    written = [reasons.get((get_language() or "")[:2], ""), *reasons.values()]
    return next((reason for reason in written if reason), "")


def _corrected_by(tax: Any) -> str:
    """The numbers of the invoices that a credit note corrects."""
    return ", ".join(number for number, _day in tax.originals or ())


def _file_row(tax: Any, total: TaxTotal, own: str) -> list[Cell]:
    code = total.code
    return [
        str(total.sales_group or ""),
        code.code if code else "",
        code.name if code else "",
        Figure(tax.percent),
        code.return_box if code else "",
        tax.invoice.number,
        _corrected_by(tax),
        tax.invoice.customer.name,
        tax.vat_id or "",
        tax.day,
        tax.invoice.currency,
        Figure(tax.base_amount, 2),
        Figure(tax.tax_amount, 2),
        own,
        Figure(tax.own_base, 2),
        Figure(tax.own_tax, 2),
    ]

"""The tax report: what a period owes the tax office, beside the ledger and down to each line (C15)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Max, Q
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounting.books_waiting import closing_of
from accounting.forms.tax_report import DISCOUNTS, DOCUMENTS, LINES, OUTSIDE, ReportSpan, TaxReportForm
from accounting.models import CustomerInvoice, Voucher
from accounting.states import VoucherSource
from accounting.tax_report import (
    ReportedTaxes,
    TaxTotal,
    accounts_of_tax,
    discounts_behind,
    documents_behind,
    lines_behind,
    taxes_of,
    total_of,
    totals_by_code,
    vouchers_of,
)
from accounting.views.ledger import PERMISSION, csv_file
from accounting.views.tax_report_file import HEADS, corrected_by, file_rows
from core.money import ZERO
from core.pages import Page
from core.people import person_name
from core.spreadsheets import XLSX_TYPE, Cell, Figure, written_xlsx
from projects.views.page_defaults import PageDefaults

SHOWN = 100
CURSOR = re.compile(r"(\d{1,4})-(\d{8})-(\d{1,18})", re.ASCII)
BEHIND = {DOCUMENTS: documents_behind, LINES: lines_behind, DISCOUNTS: discounts_behind}


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
    def taxes(self) -> ReportedTaxes:
        """Every tax of the span, and what cash discounts take off."""
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
        booked = sum((one.invoiced + one.written_off for one in accounts), ZERO)
        return {
            "chosen": self.chosen,
            "entity": entity,
            "currency": entity.currency,
            "totals": self.totals,
            "total": total,
            "accounts": accounts,
            "difference": total.owed_tax - booked,
            "boxes": self._boxes(),
            "closing": closing_of(self.chosen.period) if self.chosen.period is not None else None,
            "may_close": self.may("accounting.close_period"),
            **self._behind(),
        }

    def _boxes(self) -> list[dict[str, Any]]:
        """The boxes of the return with their bases and taxes; codes without a box are left out."""
        boxes: dict[str, dict[str, Any]] = {}
        for one in self.totals:
            if one.code and one.code.return_box:
                box = boxes.setdefault(one.code.return_box, {"codes": [], "base": ZERO, "tax": ZERO})
                box["codes"].append(str(one.code))
                box["base"] += one.owed_base
                box["tax"] += one.owed_tax
        return [{"box": name, **box} for name, box in sorted(boxes.items())]

    # --- The rows behind it ---------------------------------------------------------------------

    def _behind(self) -> dict[str, Any]:
        asked = self.request.GET.get("show", "")
        shown = asked if asked in BEHIND else DOCUMENTS
        rows: Any = BEHIND[shown](self._of_code(), self.totals)
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
            "groups": self._grouped(page, shown),
        }

    def _of_code(self) -> ReportedTaxes:
        code = self.form.cleaned_data["code"]
        if code == OUTSIDE:
            return self.taxes.only(Q(tax_code__isnull=True))
        return self.taxes.only(Q(tax_code=code)) if code else self.taxes

    def _grouped(self, rows: list[Any], shown: str) -> list[dict[str, Any]]:
        """The rows of the page under their totals, each with its invoice and voucher."""
        of_rows = [(row, _invoice_of(row, shown)) for row in rows]
        vouchers = _vouchers_of(of_rows, shown)
        groups: list[dict[str, Any]] = []
        for (row, invoice), voucher in zip(of_rows, vouchers, strict=True):
            total = self.totals[row.place]
            row.original = corrected_by(row) if shown == DOCUMENTS else ""
            if not groups or groups[-1]["total"] is not total:
                groups.append({"total": total, "reason": _reason(total), "rows": []})
            groups[-1]["rows"].append((row, invoice, voucher))
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
        return file_rows(self._of_code(), self.totals, self.chosen.legal_entity.currency)

    def _as_csv(self) -> Any:
        return csv_file(self.file_name, HEADS, self._rows())

    def _as_xlsx(self) -> FileResponse:
        facts: list[tuple[str, Cell]] = [
            (_("Exported"), timezone.now()),
            (_("By"), person_name(self.user)),
            (_("Company"), self.chosen.legal_entity.name),
            (_("From"), self.chosen.span.first),
            (_("To"), self.chosen.span.last),
            (_("Tax"), Figure(total_of(self.taxes).owed_tax, 2)),
        ]
        taxes = self._of_code()
        count = taxes.documents.count() + taxes.discounts.count()
        file = written_xlsx(HEADS, self._rows(), count=count, title=str(self.title), facts=facts)
        disposition = {"Content-Disposition": f'attachment; filename="{self.file_name}.xlsx"'}
        return FileResponse(file, content_type=XLSX_TYPE, headers=disposition)


def _reason(total: TaxTotal) -> str:
    """Why nothing is taken, in the reader's language, or in the first one that has it."""
    reasons: Mapping[str, str] = total.code.reasons if total.code else {}
    written = [reasons.get((get_language() or "")[:2], ""), *reasons.values()]
    return next((reason for reason in written if reason), "")


def _invoice_of(row: Any, shown: str) -> CustomerInvoice:
    """The invoice that a row is about."""
    of_row = row.tax if shown == LINES else row.write_off if shown == DISCOUNTS else row
    return of_row.invoice


def _vouchers_of(of_rows: Sequence[tuple[Any, CustomerInvoice]], shown: str) -> list[Voucher | None]:
    """The voucher of each row: that of its invoice, or of the cash discount; one statement."""
    if shown == DISCOUNTS:
        source, keys = VoucherSource.WRITE_OFF, [row.write_off_id for row, _invoice in of_rows]
    else:
        source, keys = VoucherSource.CUSTOMER_INVOICE, [invoice.pk for _row, invoice in of_rows]
    vouchers = vouchers_of(source, sorted(set(keys)))
    return [vouchers.get(key) for key in keys]

"""Ageing and statements of customers in the admin: as of any day, every figure a link to its rows (C11)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounting.admin.credit_panel import credit_panel
from accounting.ageing import BUCKETS, AgeingRow, CustomerStatement, ageing_of, statements_of, totals_of
from accounting.models import CustomerTransaction
from accounting.receivable_checks import name_of
from accounting.reminder_levels import last_reminders, last_reminders_to, reminded_words
from core.access import may
from core.admin_kit import Cell, Panel, change_url, link_to, signed_in_user
from core.day_inputs import DayField
from core.missing_permissions import denied
from core.templatetags import display
from projects.models import Customer
from projects.views.page_defaults import today_of

VIEW = "accounting.view_customertransaction"


class AgeingForm(forms.Form):
    on = DayField(label=_("As of"), required=False)


class CustomerStatementForm(forms.Form):
    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("As of"), required=False)

    def clean(self) -> dict[str, Any]:
        """From before to."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            raise forms.ValidationError(_("The first day lies after the last."), "order")
        return cleaned


class AgeingPages:
    """The addresses of ageing and statement below the customer subledger."""

    def __init__(self, site: AdminSite):
        self.site = site

    @property
    def urls(self) -> list[URLPattern]:
        """Both pages, open to those who may look at the subledger."""
        view = self.site.admin_view
        return [
            path("ageing/", view(self.ageing), name="accounting_ageing"),
            path("ageing/<int:key>/", view(self.statement), name="accounting_statement"),
        ]

    def ageing(self, request: HttpRequest) -> HttpResponse:
        """What is open by age, one table for each currency."""
        rows = _rows_of(request)
        form = AgeingForm(request.GET or None)
        on = _day(form, "on") or today_of(request)
        aged = ageing_of(rows, on)
        form = form if form.errors else AgeingForm(initial={"on": on})
        totals = totals_of(aged)
        panels = [
            _ageing_panel(currency, [one for one in aged if one.currency == currency], totals[currency], on)
            for currency in totals
        ]
        context = {"form": form, "panels": panels, "empty": _("Nothing is open on this day.")}
        title = _("Ageing on %(day)s") % {"day": display.day(on)}
        return self._page(request, title, context)

    def statement(self, request: HttpRequest, key: int) -> HttpResponse:
        """The account of one customer, with its running balance, and what is open."""
        rows = _rows_of(request)
        customers = Customer.objects.visible_to(signed_in_user(request)).select_related("legal_entity")
        customer = get_object_or_404(customers, pk=key)
        form = CustomerStatementForm(request.GET or None)
        last = _day(form, "last") or today_of(request)
        first = min(_day(form, "first") or last.replace(day=1), last)
        panels: list[Panel] = []
        for one in statements_of(rows, customer, first, last):
            panels += [_account_panel(one, first, last), _open_panel(one, last)]
        panels.append(credit_panel(customer, today_of(request)))
        form = form if form.errors else CustomerStatementForm(initial={"first": first, "last": last})
        context = {"form": form, "panels": panels, "empty": _("This customer has no rows until this day.")}
        title = _("Statement of %(customer)s") % {"customer": customer}
        crumb = (_("Ageing"), reverse("admin:accounting_ageing"))
        return self._page(request, title, context | {"crumb": crumb, "address": customer.billing_address})

    def _page(self, request: HttpRequest, title: str, context: dict[str, Any]) -> HttpResponse:
        shown = {
            **self.site.each_context(request),
            "opts": CustomerTransaction._meta,
            "title": title,
            **context,
        }
        return TemplateResponse(request, "admin/ageing.html", shown)


def _rows_of(request: HttpRequest) -> Any:
    user = signed_in_user(request)
    if not may(user, VIEW):
        raise denied(VIEW)
    return CustomerTransaction.objects.visible_to(user)


def _day(form: forms.Form, name: str) -> date | None:
    """What was typed, where it is a day: anything else shows its error and the usual day."""
    return form.cleaned_data.get(name) if form.is_bound and form.is_valid() else None


def _statement_url(customer: Customer, on: date) -> str:
    return f"{reverse('admin:accounting_statement', args=[customer.pk])}?last={on}"


def _ageing_panel(currency: str, rows: Sequence[AgeingRow], totals: Iterable[Any], on: date) -> Panel:
    reminded = last_reminders_to([one.customer.pk for one in rows])
    cells = [
        [
            Cell(one.customer, url=_statement_url(one.customer, on)),
            *(Cell(display.money(part, currency), is_figure=True) for part in one.parts),
            Cell(display.money(one.total, currency), is_figure=True),
            Cell(display.money(one.overdue, currency), is_figure=True),
            Cell(reminded_words(reminded.get((one.customer.pk, currency)))),
        ]
        for one in rows
    ]
    parts = list(totals)
    together = AgeingRow(Customer(name=""), currency, tuple(parts))
    figures = (*parts, together.total, together.overdue)
    sums = (Cell(display.money(one, currency), is_figure=True) for one in figures)
    cells.append([Cell(_("Total")), *sums, Cell("")])
    heads = (_("Customer"), *BUCKETS, _("Total"), _("Overdue"), _("Last reminder"))
    return Panel(_("Ageing in %(currency)s") % {"currency": currency}, heads, cells)


def _account_panel(statement: CustomerStatement, first: date, last: date) -> Panel:
    currency = statement.currency
    rows = [
        [
            Cell(display.day(first)),
            Cell(_("Balance brought forward")),
            Cell(""),
            Cell("", is_figure=True),
            Cell(display.money(statement.opening, currency), is_figure=True),
        ]
    ]
    for one in statement.rows:
        row = one.row
        rows.append(
            [
                Cell(display.day(row.date)),
                Cell(name_of(row), url=change_url(CustomerTransaction, row.pk)),
                Cell(row.voucher.get_source_kind_display()),
                Cell(display.money(row.amount, currency), is_figure=True),
                Cell(display.money(one.balance, currency), is_figure=True),
            ]
        )
    rows.append(
        [
            Cell(display.day(last)),
            Cell(pgettext("of an account", "Balance")),
            Cell(""),
            Cell("", is_figure=True),
            Cell(display.money(statement.closing, currency), is_figure=True),
        ]
    )
    heads = (_("Date"), _("Document"), _("What"), _("Amount"), pgettext("of an account", "Balance"))
    return Panel(_("Account in %(currency)s") % {"currency": currency}, heads, rows)


def _open_panel(statement: CustomerStatement, last: date) -> Panel:
    reminders = last_reminders(row.invoice_id for row in statement.open_rows if row.invoice_id)
    rows = [
        [
            link_to(row.invoice or row.voucher),
            Cell(display.day(row.date)),
            Cell(display.day(row.due_date)),
            Cell(_("Overdue") if row.due_date < last and row.amount > 0 else _("Not due")),
            Cell(reminded_words(reminders.get(row.invoice_id or 0))),
            Cell(display.money(row.amount, statement.currency), is_figure=True),
            Cell(display.money(row.open_amount, statement.currency), is_figure=True),
        ]
        for row in statement.open_rows
    ]
    total = display.money(statement.open_total, statement.currency)
    heads = (_("Document"), _("Date"), _("Due"), _("State"), _("Reminder"), _("Amount"), _("Open"))
    title = _("Open on %(day)s: %(total)s") % {"day": display.day(last), "total": total}
    return Panel(title, heads, rows, _("Nothing is open."))

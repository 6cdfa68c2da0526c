"""Ageing and statements of customers in the admin: as of any day, every figure a link to its rows (C11)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounting.admin.customer_statement import StatementPages
from accounting.ageing import BUCKETS, AgeingRow, ageing_of, totals_of
from accounting.models import CustomerTransaction
from accounting.reminder_levels import last_reminders_to, reminded_words
from core.access import may
from core.admin_kit import Cell, Panel, signed_in_user
from core.day_inputs import DayField
from core.missing_permissions import denied
from core.templatetags import display
from projects.models import Customer
from projects.views.page_defaults import today_of

VIEW = "accounting.view_customertransaction"
PAST = "accounting.view_voucher"
"""What the page needs that shows what else stood on the day."""


class AgeingForm(forms.Form):
    on = DayField(label=_("As of"), required=False)


class AgeingPages:
    """The addresses of ageing and statement below the customer subledger."""

    def __init__(self, site: AdminSite):
        self.site = site

    @property
    def urls(self) -> list[URLPattern]:
        """All pages, open to those who may look at the subledger."""
        own = path("ageing/", self.site.admin_view(self.ageing), name="accounting_ageing")
        return [own, *StatementPages(self.site).urls]

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
        if may(signed_in_user(request), PAST) and on <= today_of(request):
            context["past"] = f"{reverse('as-of')}?day={on}&show=receivables"
        title = _("Ageing on %(day)s") % {"day": display.day(on)}
        return self._page(request, title, context)

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

"""The statement of a customer in the admin: as of any day, as PDF, sent by mail and kept (C11)."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounting.admin.credit_panel import credit_panel
from accounting.admin.statement_file import statement_file
from accounting.ageing import BUCKETS, CustomerStatement, ageing_of, statements_of
from accounting.bank_matches import matches_of
from accounting.models import BankBooking, CustomerTransaction, Reminder, SentAccountStatement
from accounting.reminder_levels import last_reminders, reminded_words
from accounting.row_names import name_of
from accounting.sending_statements import send_account_statement
from accounting.statement_facts import account_letter
from core.access import may
from core.admin_kit import Cell, Panel, change_url, link_to, signed_in_user
from core.answering import carry_out, keep_answer
from core.day_inputs import DayField
from core.documents.account_statement import account_data
from core.missing_permissions import denied
from core.pages.documents import shown_document
from core.people import person_name
from core.refusals import Text
from core.templatetags import display
from projects.models import Customer
from projects.views.page_defaults import today_of

VIEW, SEND = "accounting.view_customertransaction", "accounting.send_reminder"
SENT_SHOWN = 8
NAME = "accounting_statement"


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


class StatementPages:
    """The addresses of the statement of a customer: the page, the document, and those that were sent."""

    def __init__(self, site: AdminSite):
        self.site = site

    @property
    def urls(self) -> list[URLPattern]:
        """All of them below the customer subledger."""
        view = self.site.admin_view
        return [
            path("ageing/<int:key>/", view(self.statement), name=NAME),
            path("ageing/<int:key>/<str:currency>.pdf", view(self.document), name=f"{NAME}_document"),
            path("ageing/sent/<int:key>.pdf", view(self.sent_document), name=f"{NAME}_sent"),
        ]

    def statement(self, request: HttpRequest, key: int) -> HttpResponseBase:
        """The account with its running balance and what is open, or the statement sent."""
        customer = _customer(request, key)
        if request.method == "POST":
            return self._sent(request, customer)
        if request.GET.get("export") == "csv":
            return statement_file(customer, _chosen(request, _statements(request, customer)))
        return self._page(request, customer)

    def document(self, request: HttpRequest, key: int, currency: str) -> HttpResponse:
        """The statement in one currency as PDF; nothing is kept."""
        customer = _customer(request, key)
        _form, first, last = _span(request, request.GET)
        rows = CustomerTransaction.objects.visible_to(signed_in_user(request))
        facts = account_letter(rows, customer, currency, first, last, today_of(request))
        if facts is None:
            raise Http404
        back = reverse(f"admin:{NAME}", args=[key])
        title = _("Statement as PDF")
        return shown_document(request, account_data(facts), facts.letter.number, title=title, back=back)

    def sent_document(self, request: HttpRequest, key: int) -> HttpResponse:
        """The stored bytes of a statement, as they were sent."""
        user = signed_in_user(request)
        if not may(user, VIEW):
            raise denied(VIEW)
        sent = get_object_or_404(SentAccountStatement.objects.visible_to(user), pk=key)
        return _pdf(bytes(sent.pdf), sent.number)

    def _sent(self, request: HttpRequest, customer: Customer) -> HttpResponse:
        user = signed_in_user(request)
        if not may(user, SEND):
            raise denied(SEND)
        _form, first, last = _span(request, request.POST)
        outcome = carry_out(
            request,
            lambda: send_account_statement(
                Customer.objects.visible_to(user).filter(pk=customer.pk),
                request.POST.get("currency", ""),
                first,
                last,
                address=request.POST.get("address", ""),
                actor=user,
                on=today_of(request),
                at=timezone.now(),
            ),
        )
        if outcome.failure is not None:
            return self._page(request, customer, outcome.failure.refusals, outcome.failure.status)
        address = f"{reverse(f'admin:{NAME}', args=[customer.pk])}?first={first}&last={last}"
        if outcome.first_answer is not None:
            return HttpResponseRedirect(outcome.first_answer or address)
        keep_answer(request, address)
        words = {"address": outcome.result.address}
        messages.success(request, _("The statement is on its way to %(address)s.") % words)
        return HttpResponseRedirect(address)

    def _page(
        self, request: HttpRequest, customer: Customer, refusals: Any = (), status: int = 200
    ) -> HttpResponse:
        form, first, last = _span(request, request.POST if request.method == "POST" else request.GET)
        rows = CustomerTransaction.objects.visible_to(signed_in_user(request))
        known = _statements(request, customer)
        statements = [
            {
                "currency": one.currency,
                "panels": [
                    _account_panel(one, first, last),
                    _open_panel(one, last),
                    *_ages_panel(rows, customer, one.currency, last),
                ],
                "url": f"{reverse(f'admin:{NAME}_document', args=[customer.pk, one.currency])}"
                f"?first={first}&last={last}",
            }
            for one in _chosen(request, known)
        ]
        context = {
            **self.site.each_context(request),
            "opts": CustomerTransaction._meta,
            "title": _("Statement of %(customer)s") % {"customer": customer},
            "form": form,
            "customer": customer,
            "first": first,
            "last": last,
            "statements": statements,
            "currencies": [one.currency for one in known] if len(known) > 1 else [],
            "currency": request.GET.get("currency", ""),
            "panels": [
                *_waiting_panel(customer),
                credit_panel(customer, today_of(request)),
                _sent_panel(customer),
            ],
            "may_send": may(signed_in_user(request), SEND) and last <= today_of(request),
            "refusals": refusals,
            "ageing_url": reverse("admin:accounting_ageing"),
        }
        return TemplateResponse(request, "admin/customer_statement.html", context, status=status)


def _customer(request: HttpRequest, key: int) -> Customer:
    user = signed_in_user(request)
    if not may(user, VIEW):
        raise denied(VIEW)
    customers = Customer.objects.visible_to(user).select_related("legal_entity", "payment_terms")
    return get_object_or_404(customers, pk=key)


def _span(request: HttpRequest, given: Any) -> tuple[forms.Form, date, date]:
    """The days asked for, and the form that shows them; of what makes no sense the usual ones."""
    form = CustomerStatementForm(given if "first" in given or "last" in given else None)
    cleaned = form.cleaned_data if form.is_bound and form.is_valid() else {}
    last = cleaned.get("last") or today_of(request)
    first = min(cleaned.get("first") or last.replace(day=1), last)
    return form if form.errors else CustomerStatementForm(initial={"first": first, "last": last}), first, last


def _statements(request: HttpRequest, customer: Customer) -> list[CustomerStatement]:
    """The account of the customer in every currency that it has, for the days asked for."""
    _form, first, last = _span(request, request.POST if request.method == "POST" else request.GET)
    rows = CustomerTransaction.objects.visible_to(signed_in_user(request))
    return statements_of(rows, customer, first, last)


def _chosen(request: HttpRequest, statements: list[CustomerStatement]) -> list[CustomerStatement]:
    """Those of the currency that the address names; all of them where it names none that there is."""
    named = [one for one in statements if one.currency == request.GET.get("currency")]
    return named or statements


def _pdf(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _ages_panel(rows: Any, customer: Customer, currency: str, last: date) -> list[Panel]:
    """What is open by days since the due date; nothing where nothing is open."""
    aged = ageing_of(rows.filter(customer=customer, currency=currency), last)
    cells = [
        [
            *(Cell(display.money(part, currency), is_figure=True) for part in one.parts),
            Cell(display.money(one.total, currency), is_figure=True),
        ]
        for one in aged
        if one.currency == currency
    ]
    return [Panel(_("By age"), (*BUCKETS, _("Total")), cells)] if cells else []


def _waiting_panel(customer: Customer) -> list[Panel]:
    """What the bank has booked and nobody has settled: it is not in the statement yet."""
    bookings = BankBooking.objects.filter(bank_account__legal_entity=customer.legal_entity_id).unmatched()
    matches = matches_of(list(bookings.select_related("bank_account").order_by("pk")))
    rows = [
        [
            link_to(one.entry, display.day(one.entry.booked_on)),
            Cell(one.entry.text or one.entry.payer),
            Cell(display.money(one.entry.amount, one.entry.bank_account.currency), is_figure=True),
        ]
        for one in matches
        if one.customer == customer
    ]
    if not rows:
        return []
    lines = (_("Settle them before you send it."),)
    heads = (_("Booked on"), _("Text"), _("Amount"))
    return [Panel(_("Not in this statement yet"), heads, rows, lines=lines)]


def _sent_panel(customer: Customer) -> Panel:
    """Statements and reminders that went to the customer, newest first."""
    statements = SentAccountStatement.objects.filter(customer=customer).defer("pdf").select_related("sent_by")
    reminders = Reminder.objects.filter(customer=customer).defer("snapshot").select_related("sent_by")
    sent: list[tuple[Any, Text, str]] = [
        (
            one,
            _("Statement to %(day)s") % {"day": display.day(one.last_day)},
            reverse(f"admin:{NAME}_sent", args=[one.pk]),
        )
        for one in statements[:SENT_SHOWN]
    ]
    sent += [(one, one.get_level_display(), change_url(Reminder, one.pk)) for one in reminders[:SENT_SHOWN]]
    sent.sort(key=lambda each: each[0].sent_at, reverse=True)
    rows = [
        [
            Cell(label, url=url),
            Cell(display.moment(one.sent_at)),
            Cell(one.address),
            Cell(person_name(one.sent_by)),
        ]
        for one, label, url in sent[:SENT_SHOWN]
    ]
    return Panel(_("Sent"), (_("What"), _("When"), _("To"), _("By")), rows, _("Nothing was sent yet."))


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
            link_to(row.invoice or row.voucher, name_of(row)),
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

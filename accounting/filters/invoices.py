"""What the posted invoices may be filtered by."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounting.models import CustomerInvoice
from core.day_inputs import DaySpanFilter
from projects.models import Customer
from projects.views.page_defaults import today_of

DUE = [("unpaid", _("not paid in full")), ("overdue", _("overdue")), ("open", _("due today or later"))]


def _customers(request: Any) -> QuerySet[Any]:
    return Customer.objects.visible_to(request.user).filter(customer_invoices__isnull=False).distinct()


class InvoiceFilter(django_filters.FilterSet):
    """Search in numbers and customers; customer, currency, dates, and whether it is due."""

    q = django_filters.CharFilter(method="search", label=_("Search number or customer"))
    customer = django_filters.ModelChoiceFilter(queryset=_customers, label=_("Customer is"))
    currency = django_filters.CharFilter(lookup_expr="iexact", label=_("Currency is"), max_length=3)
    invoice_date = DaySpanFilter(label=_("Invoice date"))
    due = django_filters.ChoiceFilter(choices=DUE, method="due_by", label=_("Payment is"))

    class Meta:
        model = CustomerInvoice
        fields: list[str] = []

    def search(self, rows: Any, name: str, value: str) -> QuerySet[Any]:
        return rows.filter(Q(number__icontains=value) | Q(customer__name__icontains=value))

    def due_by(self, rows: Any, name: str, value: str) -> QuerySet[Any]:
        today = today_of(self.request)
        if value == "open":
            return rows.unpaid().filter(open_due__gte=today)
        return rows.overdue(today) if value == "overdue" else rows.unpaid()

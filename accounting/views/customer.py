"""The page of one customer: terms, contracts, documents, what is open, what keeps it from being billed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounting.models import CustomerInvoice
from accounting.payment_states import payment_badge
from accounting.reminder_levels import last_reminders, reminded_words
from billing.models import Proforma
from core.access import may
from core.models import Activity
from core.money import ZERO
from core.pages import DetailPage
from core.templatetags.display import number
from projects.models import BacklogItem, ContractLineCustomer, Customer, Project, ProjectContract, TaxRule
from projects.states import TaxKind
from projects.views.customers import CHANGE
from projects.views.page_defaults import PageDefaults

SHOWN = 8
ACTIVITIES_SHOWN = 5
Amounts = list[tuple[Decimal, str]]


class CustomerPage(PageDefaults, DetailPage):
    """Everything about one customer that the user may see."""

    permission, template_name = "projects.view_customer", "accounting/customer.html"
    title = _("Customer")

    def get_queryset(self) -> QuerySet[Customer]:
        rows = Customer.objects.visible_to(self.user)
        return rows.select_related(
            "legal_entity", "manager", "sales_tax_group", "payment_terms", "document_layout"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customer = self.object
        is_changeable = Customer.objects.changeable_by(self.user).filter(pk=customer.pk).exists()
        rights = {
            "may_change": is_changeable and self.may(CHANGE),
            "may_delete": is_changeable and self.may("projects.delete_customer"),
            "may_add_contract": self.may("projects.add_projectcontract"),
            "may_add_project": self.may("projects.add_project"),
        }
        crumbs = [(_("Customers"), reverse("customers")), (customer.number, "")]
        parts = parts_of(customer, self.user, self.today)
        return super().get_context_data(**rights, **parts, crumbs=crumbs, **kwargs)


def parts_of(customer: Customer, user: User, today: dt.date) -> dict[str, Any]:
    """Everything on the page, in a fixed number of statements."""
    sees_invoices = may(user, "accounting.view_customerinvoice")
    items = BacklogItem.objects.visible_to(user).filter(customer=customer).chargeable().off_draft()
    drafts = Proforma.objects.visible_to(user).filter(customer=customer)
    invoices = CustomerInvoice.objects.visible_to(user).filter(customer=customer).with_printed()
    if not sees_invoices:
        invoices = invoices.none()
    projects = Project.objects.visible_to(user).filter(customer=customer).order_by("is_closed", "-pk")
    return {
        "kpis": kpis_of(items, drafts.open(), invoices, today),
        "contracts": contracts_of(customer, user, items, drafts),
        "projects": projects[:SHOWN],
        "invoices": latest_of(invoices, today),
        "drafts": drafts.open().with_net().select_related("contract").order_by("-pk")[:SHOWN],
        "all_invoices": f"{reverse('invoices')}?customer={customer.number}",
        "missing": missing_on(customer),
        "activities": Activity.objects.about(customer).select_related("actor")[:ACTIVITIES_SHOWN],
        "today": today,
    }


def latest_of(invoices: Any, today: dt.date) -> list[CustomerInvoice]:
    """The latest invoices, each with how far it is paid."""
    latest = list(invoices.with_net().with_open().select_related("proposal__proforma__contract")[:SHOWN])
    reminders = last_reminders(invoice.pk for invoice in latest)
    for invoice in latest:
        invoice.payment = payment_badge(invoice, today)
        reminder = reminders.get(invoice.pk)
        invoice.reminded = reminded_words(reminder) if reminder else ""
    return latest


def kpis_of(items: Any, drafts: Any, invoices: Any, today: dt.date) -> list[dict[str, Any]]:
    """Invoiced, overdue, unbilled and on drafts, a line per currency."""
    overdue = invoices.overdue(today)
    return [
        _figure(gettext("Invoiced"), invoices, "gross_amount", gettext("to pay")),
        _figure(gettext("Overdue"), overdue, "late_amount", gettext("not paid, with tax"), tone="bad"),
        _figure(gettext("Unbilled work"), items, "amount", gettext("approved work, net")),
        _figure(gettext("On drafts"), drafts.with_net(), "net", gettext("net")),
    ]


def _figure(label: str, rows: Any, name: str, detail: str, tone: str = "") -> dict[str, Any]:
    amounts, count = _amounts(rows, name), rows.count()
    said = ngettext("%(count)s item", "%(count)s items", count) % {"count": number(count)}
    return {"label": label, "amounts": amounts, "detail": [f"{said}, {detail}"], "tone": tone}


def _amounts(rows: Any, name: str) -> Amounts:
    sums = rows.order_by().values("currency").annotate(sum=Sum(name)).order_by("currency")
    return [(row["sum"], row["currency"]) for row in sums]


def contracts_of(customer: Customer, user: User, items: Any, drafts: Any) -> Sequence[ProjectContract]:
    """Contracts in which the customer pays a part, with that part billed, on drafts and unbilled."""
    paid = ContractLineCustomer.objects.filter(customer=customer).values("contract_line__contract")
    seen = ProjectContract.objects.visible_to(user).filter(Q(customer=customer) | Q(pk__in=paid))
    rows = list(seen.order_by("-pk"))
    unbilled, open_drafts = _by_contract(items, "amount"), _by_contract(drafts.open().with_net(), "net")
    billed = _by_contract(drafts.confirmed().with_net(), "net")
    for contract in rows:
        contract.unbilled = unbilled.get(contract.pk, ZERO)  # type: ignore[attr-defined]
        contract.drafted = open_drafts.get(contract.pk, ZERO)  # type: ignore[attr-defined]
        contract.billed = billed.get(contract.pk, ZERO)  # type: ignore[attr-defined]
    return rows


def _by_contract(rows: Any, name: str) -> Mapping[int, Decimal]:
    return dict(rows.order_by().values_list("contract").annotate(sum=Sum(name)))


def missing_on(customer: Customer) -> list[str]:
    """What an invoice to the customer would lack, in sentences."""
    reverse_charge = TaxRule.objects.filter(
        sales_tax_group=customer.sales_tax_group_id, tax_code__kind=TaxKind.REVERSE_CHARGE
    )
    wanted = (
        (customer.billing_address.strip(), gettext("A billing address.")),
        (customer.sales_tax_group_id, gettext("A sales tax group: without one nothing is taxed.")),
        (customer.vat_id or not reverse_charge.exists(), gettext("A VAT id: reverse charge names it.")),
    )
    return [sentence for value, sentence in wanted if not value]

"""Customers: the list, and what is done to one of them; its page is one of accounting."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.pages import Button, ListPage, SavedView
from projects.filters.records import CustomerFilter
from projects.forms.records import CustomerChangeForm, CustomerForm, CustomerHoldForm
from projects.maintaining import hold_customers, release_customers
from projects.models import Customer
from projects.tables.records import CustomerTable
from projects.views.page_defaults import PageDefaults
from projects.views.record_numbers import next_number
from projects.views.records import AddRecord, ChangeRecord, CloseRecord, DeleteRecord, OfRecord, ReopenRecord

CHANGE = "projects.change_customer"


class Customers(ListPage):
    """Customers the user may see."""

    permission, url_name = "projects.view_customer", "customers"
    title, purpose = _("Customers"), _("Who receives the invoices, and on which terms")
    template_name = "projects/customers.html"
    filterset_class, table_class = CustomerFilter, CustomerTable
    default_filter = "state=open"
    saved_views = [
        SavedView(_("Open"), "state=open"),
        SavedView(_("On hold"), "state=held"),
        SavedView(_("Closed"), "state=closed"),
        SavedView(_("All"), "all=1"),
    ]
    buttons: list[Button] = []

    def get_queryset(self) -> QuerySet[Customer]:
        return Customer.objects.visible_to(self.user).select_related(
            "manager", "sales_tax_group", "payment_terms"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With whether the user may add one."""
        return super().get_context_data(may_add=self.may("projects.add_customer"), **kwargs)


class CustomerPages:
    """How customers are named in the addresses of their pages."""

    model, list_name, list_title, page_name = Customer, "customers", _("Customers"), "customer"


class AddCustomer(CustomerPages, AddRecord):
    """A new customer; whoever adds it looks after it unless somebody else is named."""

    permission, title, form_class = "projects.add_customer", _("New customer"), CustomerForm

    def get_initial(self) -> dict[str, Any]:
        return {"number": next_number(self.get_queryset()), "manager": self.user}


class ChangeCustomer(CustomerPages, ChangeRecord):
    permission, title, form_class = CHANGE, _("Edit customer"), CustomerChangeForm


class HoldCustomer(CustomerPages, PageDefaults, OfRecord):
    """Nothing of a customer is billed until somebody releases it."""

    permission, title, form_class, verb = CHANGE, _("Put on hold"), CustomerHoldForm, hold_customers
    template_name, success_message = "projects/record_form.html", _("Put on hold")
    submit_label = _("Put on hold")

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"reason": form.cleaned_data["reason"], "on": self.today}


class ReleaseCustomer(CustomerPages, OfRecord):
    permission, title, verb, success_message = CHANGE, _("Release"), release_customers, _("Released")


class CloseCustomer(CustomerPages, CloseRecord):
    permission, title = CHANGE, _("Close customer")
    consequences = (
        _("It is no longer offered for projects and contracts."),
        _("What was invoiced stays, and can still be paid and corrected."),
        _("It can be opened again."),
    )


class ReopenCustomer(CustomerPages, ReopenRecord):
    permission, title = CHANGE, _("Reopen customer")


class DeleteCustomer(CustomerPages, DeleteRecord):
    permission, title = "projects.delete_customer", _("Delete customer")
    instead = _("Put it on hold or close it instead.")

"""What every project chooses from: billing roles, transaction categories and resources (A13)."""

from typing import Any, ClassVar

from django.db.models import BooleanField, Exists, OuterRef, QuerySet, Value
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.pages import Button, ListPage, SavedView
from projects.filters.choices import CategoryFilter, ResourceFilter, RoleFilter
from projects.forms.choices_of_projects import (
    CategoryChangeForm,
    CategoryForm,
    ResourceChangeForm,
    ResourceForm,
    RoleForm,
)
from projects.models import Resource, Role, TransactionCategory
from projects.tables.choices import CategoryTable, ResourceTable, RoleTable
from projects.views.records import AddRecord, CloseRecord, DeleteRecord, RecordPage, ReopenRecord

CHANGE_ROLE = "projects.change_role"
CHANGE_CATEGORY = "projects.change_transactioncategory"
CHANGE_RESOURCE = "projects.change_resource"


class ChoiceList(ListPage):
    """A list of rows that others name, with a link to each for those who may change it."""

    template_name = "projects/record_list.html"
    default_filter = "state=open"
    saved_views = [
        SavedView(_("Open"), "state=open"),
        SavedView(_("Closed"), "state=closed"),
        SavedView(_("All"), "all=1"),
    ]
    buttons: list[Button] = []
    add_label: ClassVar[str | Promise] = ""
    add_name: ClassVar[str] = ""

    def get_queryset(self) -> QuerySet[Any]:
        """The rows the user sees, each with whether the user may change it."""
        rows: Any = self.filterset_class._meta.model._default_manager
        may_change = self.may(self.permission.replace(".view_", ".change_"))
        mine = Exists(rows.changeable_by(self.user).filter(pk=OuterRef("pk")))
        is_changeable = mine if may_change else Value(False, output_field=BooleanField())
        visible: QuerySet[Any] = rows.visible_to(self.user).annotate(is_changeable=is_changeable)
        return visible

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With whether the user may add one, and where."""
        may_add = self.may(self.permission.replace(".view_", ".add_"))
        return super().get_context_data(may_add=may_add, add_url=reverse(self.add_name), **kwargs)


class AddChoice(AddRecord):
    """A new row; it leads back to the list, where the next one can be added."""

    def get_success_url(self) -> str:
        return self.cancel_url


# --- Billing roles ----------------------------------------------------------------------------------


class Roles(ChoiceList):
    permission, url_name, title = "projects.view_role", "roles", _("Billing roles")
    purpose = _("What hours are billed as; each gets prices on the price lists")
    filterset_class, table_class = RoleFilter, RoleTable
    add_name, add_label = "add-role", _("New billing role")


class RolePages:
    model, list_name, list_title, page_name = Role, "roles", _("Billing roles"), "role"


class AddRole(RolePages, AddChoice):
    permission, title, form_class = "projects.add_role", _("New billing role"), RoleForm


class RolePage(RolePages, RecordPage):
    permission, title, form_class = CHANGE_ROLE, _("Billing role"), RoleForm
    close_label, reopen_label = _("Close billing role"), _("Reopen billing role")


class CloseRole(RolePages, CloseRecord):
    permission, title = CHANGE_ROLE, _("Close billing role")
    consequences = (
        _("It is no longer offered for people, teams, entries and prices."),
        _("What was recorded and priced with it stays, and can still be invoiced."),
        _("It can be opened again."),
    )


class ReopenRole(RolePages, ReopenRecord):
    permission, title = CHANGE_ROLE, _("Reopen billing role")


class DeleteRole(RolePages, DeleteRecord):
    permission, title = "projects.delete_role", _("Delete billing role")


# --- Transaction categories -------------------------------------------------------------------------


class Categories(ChoiceList):
    permission, url_name = "projects.view_transactioncategory", "categories"
    title, purpose = _("Transaction categories"), _("What kind of work or cost an entry is, and its tax")
    filterset_class, table_class = CategoryFilter, CategoryTable
    add_name, add_label = "add-category", _("New category")

    def get_queryset(self) -> QuerySet[TransactionCategory]:
        return super().get_queryset().select_related("item_sales_tax_group")


class CategoryPages:
    model, list_name, page_name = TransactionCategory, "categories", "category"
    list_title = _("Transaction categories")


class AddCategory(CategoryPages, AddChoice):
    permission, title = "projects.add_transactioncategory", _("New category")
    form_class = CategoryForm


class CategoryPage(CategoryPages, RecordPage):
    permission, title, form_class = CHANGE_CATEGORY, _("Transaction category"), CategoryChangeForm
    close_label, reopen_label = _("Close category"), _("Reopen category")


class CloseCategory(CategoryPages, CloseRecord):
    permission, title = CHANGE_CATEGORY, _("Close category")
    consequences = (
        _("It is no longer offered for entries and prices."),
        _("What was recorded with it stays, and can still be invoiced."),
        _("It can be opened again."),
    )


class ReopenCategory(CategoryPages, ReopenRecord):
    permission, title = CHANGE_CATEGORY, _("Reopen category")


class DeleteCategory(CategoryPages, DeleteRecord):
    permission, title = "projects.delete_transactioncategory", _("Delete category")


# --- Resources --------------------------------------------------------------------------------------


class Resources(ChoiceList):
    permission, url_name, title = "projects.view_resource", "resources", _("Resources")
    purpose = _("Whose time is recorded, whether they sign in or not, and what their hours are billed as")
    filterset_class, table_class = ResourceFilter, ResourceTable
    add_name, add_label = "add-resource", _("New resource")

    def get_queryset(self) -> QuerySet[Resource]:
        return super().get_queryset().select_related("role", "user")


class ResourcePages:
    model, list_name, list_title, page_name = Resource, "resources", _("Resources"), "resource"


class AddResource(ResourcePages, AddChoice):
    permission, title, form_class = "projects.add_resource", _("New resource"), ResourceForm


class ResourcePage(ResourcePages, RecordPage):
    permission, title, form_class = CHANGE_RESOURCE, _("Resource"), ResourceChangeForm
    close_label, reopen_label = _("Close resource"), _("Reopen resource")


class CloseResource(ResourcePages, CloseRecord):
    permission, title = CHANGE_RESOURCE, _("Close resource")
    consequences = (
        _("No more work is recorded for this person, and no team can add them."),
        _("What was recorded stays, and can still be invoiced and corrected."),
        _("It can be opened again."),
    )


class ReopenResource(ResourcePages, ReopenRecord):
    permission, title = CHANGE_RESOURCE, _("Reopen resource")


class DeleteResource(ResourcePages, DeleteRecord):
    permission, title = "projects.delete_resource", _("Delete resource")
    instead = _("Close it instead: what was recorded stays.")

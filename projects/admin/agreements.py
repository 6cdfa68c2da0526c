"""Legal entities, customers, contracts and projects, which are only shown here."""

from collections.abc import Iterable

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin_kit import Cell, Panel, ReadOnlyAdmin, columns, link_to
from core.templatetags import display
from projects.models import ContractLine, Customer, LegalEntity, Project, ProjectContract, TransactionCategory

OF_ENTITY = ("legal_entity", RelatedOnlyFieldListFilter)


@admin.register(LegalEntity)
class LegalEntityAdmin(ReadOnlyAdmin):
    list_display = (
        "code",
        "name",
        "currency",
        "timezone",
        columns.day("locked_through", _("locked through")),
    )
    search_fields = ("code", "name")
    fieldsets = (
        (None, {"fields": ("code", "name", "short_name", "currency", "timezone", "language")}),
        (
            _("On documents"),
            {
                "fields": (
                    "address",
                    "country",
                    "contact",
                    "registered_office",
                    "managing_directors",
                    "register_entry",
                    "tax_number",
                    "vat_id",
                )
            },
        ),
        (_("Bank"), {"fields": ("bank_name", "iban", "bic")}),
        (_("Books"), {"fields": ("tax_group_method", "milestone_item_tax_group", "locked_through")}),
    )


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ("number", "name", "country", "currency", "language", "sales_tax_group", "is_on_hold")
    list_display_links = ("number", "name")
    list_filter = (OF_ENTITY, "is_on_hold", "currency", "sales_tax_group")
    list_select_related = ("sales_tax_group",)
    search_fields = ("number", "name", "vat_id")
    fieldsets = (
        (None, {"fields": ("legal_entity", "number", "name", "short_name", "is_on_hold")}),
        (
            _("On documents"),
            {"fields": ("billing_address", "country", "vat_id", "language", "purchase_order")},
        ),
        (_("Terms"), {"fields": ("currency", "payment_days", "sales_tax_group")}),
    )

    def get_panels(self, request: HttpRequest, obj: Customer) -> Iterable[Panel]:
        """The customer's contracts."""
        rows = [
            (link_to(one, one.number), Cell(one.name), Cell(one.get_status_display()))
            for one in obj.contracts.order_by("number")[:50]
        ]
        yield Panel(_("Contracts"), (_("Number"), _("Name"), _("Status")), rows, _("No contract yet."))


@admin.register(ProjectContract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = ("number", "name", "customer", "currency", "manager", columns.state(_("status")))
    list_display_links = ("number", "name")
    list_filter = (OF_ENTITY, "status", "currency")
    list_select_related = ("customer", "manager")
    search_fields = ("number", "name", "customer__name")
    fieldsets = (
        (None, {"fields": ("legal_entity", "number", "name", "customer", "status", "manager")}),
        (_("Terms"), {"fields": ("currency", "starts_on", "ends_on", "not_to_exceed_amount")}),
        (_("On documents"), {"fields": ("purchase_order", "sales_tax_group", "confirmed_at")}),
    )

    def get_panels(self, request: HttpRequest, obj: ProjectContract) -> Iterable[Panel]:
        """The lines of the contract and who pays them."""
        lines = obj.lines.select_related("project").prefetch_related("customers__customer")
        yield Panel(
            _("Contract lines"),
            (_("Line"), _("Name"), _("Billing method"), _("Project"), _("Customers"), _("Contracted")),
            [self._line(line, obj.currency) for line in lines],
            _("No line yet."),
        )

    @staticmethod
    def _line(line: ContractLine, currency: str) -> list[Cell]:
        payers = ", ".join(
            f"{one.customer} {display.percent(one.split_percent)}" for one in line.customers.all()
        )
        return [
            Cell(line.number, is_figure=True),
            link_to(line, line.name),
            Cell(line.get_billing_method_display()),
            link_to(line.project),
            Cell(payers),
            Cell(display.money(line.contracted_amount, currency), is_figure=True),
        ]


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ("number", "name", "customer", "manager", "group", "dimension", "is_closed")
    list_display_links = ("number", "name")
    list_filter = (OF_ENTITY, "is_closed", "group")
    list_select_related = ("customer", "manager")
    search_fields = ("number", "name", "customer__name")
    fieldsets = (
        (None, {"fields": ("legal_entity", "number", "name", "customer", "manager", "is_closed")}),
        (_("Books"), {"fields": ("group", "sales_tax_group", "dimension")}),
    )

    def get_panels(self, request: HttpRequest, obj: Project) -> Iterable[Panel]:
        """Tasks and team."""
        tasks = [(Cell(task.code), Cell(task.name)) for task in obj.tasks.all()[:100]]
        yield Panel(_("Tasks"), (_("Code"), _("Name")), tasks, _("No task yet."))
        team = [
            (Cell(str(one.resource)), Cell(str(one.role)), Cell(_("Yes") if one.is_approver else ""))
            for one in obj.team.select_related("resource", "role")[:100]
        ]
        yield Panel(_("Team"), (_("Team member"), _("Role"), _("Approves")), team, _("Nobody yet."))


@admin.register(TransactionCategory)
class CategoryAdmin(ReadOnlyAdmin):
    list_display = ("name", "transaction_class", "unit", "is_chargeable", "item_sales_tax_group")
    list_filter = ("transaction_class", "is_chargeable")
    list_select_related = ("item_sales_tax_group",)
    search_fields = ("name",)
    fields = ("name", "transaction_class", "unit", "is_chargeable", "item_sales_tax_group")

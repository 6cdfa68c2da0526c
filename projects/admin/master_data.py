"""Legal entities, customers, projects with tasks and teams, categories."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin_kit import (
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    changelist_url,
    columns,
    link_to,
    shown_of,
    signed_in_user,
)
from core.templatetags.display import number
from core.units import unit_word
from projects.access import people_visible_to
from projects.admin.records import RecordAdmin, actions_of
from projects.maintaining import hold_customers, release_customers, remove_team_members
from projects.models import (
    Customer,
    LegalEntity,
    Project,
    Task,
    TeamMember,
    TransactionCategory,
)
from projects.querysets import CustomerQuerySet
from projects.setting_up import change_legal_entity

CONTRACTS_SHOWN = 50
OF_ENTITY = ("legal_entity", RelatedOnlyFieldListFilter)
COMPANY_FIELDS = (
    *("name", "short_name", "timezone", "language", "address", "country", "contact", "registered_office"),
    *("managing_directors", "register_entry", "tax_number", "vat_id", "bank_name", "iban", "bic"),
    *("tax_group_method", "tax_date", "tax_rounding", "milestone_item_tax_group"),
    *("daily_maximum", "entry_days_ahead", "entry_days_back", "second_person_above"),
    "moves_accounting_dates",
    *("document_layout", "checks_proposals"),
)
CUSTOMER_FIELDS = (
    *("number", "name", "short_name", "manager", "billing_address", "country", "vat_id", "language"),
    *("purchase_order", "currency", "payment_terms", "credit_limit", "sales_tax_group", "dimension"),
    *("email", "sends_invoices", "document_layout"),
)
PROJECT_FIELDS = (
    *("number", "name", "customer", "manager", "starts_on", "ends_on", "budget_hours", "budget_amount"),
    *("budget_readers", "group", "sales_tax_group", "dimension"),
)


@admin.register(LegalEntity)
class LegalEntityAdmin(ReadOnlyAdmin):
    """A company is created with its books on a page of its own; here it is changed."""

    changes = True
    editable_fields = COMPANY_FIELDS
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
                    "document_layout",
                )
            },
        ),
        (_("Bank"), {"fields": ("bank_name", "iban", "bic")}),
        (_("Billing"), {"fields": ("second_person_above",)}),
        (_("Entries"), {"fields": ("daily_maximum", "entry_days_ahead", "entry_days_back")}),
        (
            _("Books"),
            {
                "fields": (
                    "tax_group_method",
                    "tax_date",
                    "tax_rounding",
                    "milestone_item_tax_group",
                    "locked_through",
                    "moves_accounting_dates",
                    "checks_proposals",
                )
            },
        ),
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The verb writes, and refuses a VAT id or an IBAN that cannot be."""
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        if values:
            change_legal_entity(obj, values, actor=signed_in_user(request), at=timezone.now())

    def log_field_changes(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """The verb has logged the change itself."""


class HoldReasonForm(forms.Form):
    """Why a customer is put on hold."""

    reason = forms.CharField(label=_("reason"), max_length=200)


class HoldCustomers(AdminAction):
    """Nothing of a customer is billed until it is released."""

    name, label, permission = "hold", _("Put on hold"), "projects.change_customer"
    confirms, form_class = True, HoldReasonForm

    def is_available(self, obj: Customer) -> bool:
        return not obj.is_on_hold

    def run(
        self, targets: CustomerQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        reason, on = cleaned_data["reason"], timezone.localdate(at)
        return hold_customers(targets, reason=reason, on=on, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        return ngettext("%(count)s put on hold.", "%(count)s put on hold.", result) % {
            "count": number(result)
        }


class ReleaseCustomers(AdminAction):
    """Bill a customer again."""

    name, label, permission = "release", _("Release"), "projects.change_customer"

    def is_available(self, obj: Customer) -> bool:
        return obj.is_on_hold

    def run(
        self, targets: CustomerQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        return release_customers(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        return ngettext("%(count)s released.", "%(count)s released.", result) % {"count": number(result)}


@admin.register(Customer)
class CustomerAdmin(RecordAdmin):
    editable_fields = CUSTOMER_FIELDS
    readonly_fields = ("is_on_hold", "hold_reason", "held_on", "is_closed")
    choice_querysets: ClassVar = {"manager": people_visible_to}
    action_classes: ClassVar = (
        HoldCustomers,
        ReleaseCustomers,
        *actions_of(Customer, _("Put it on hold or close it instead.")),
    )
    list_display = ("number", "name", "country", "currency", "language", "sales_tax_group", "is_on_hold")
    list_display_links = ("number", "name")
    list_filter = (OF_ENTITY, "is_on_hold", "is_closed", "currency", "sales_tax_group")
    list_select_related = ("sales_tax_group",)
    search_fields = ("number", "name", "vat_id")
    fieldsets = (
        (None, {"fields": ("legal_entity", "number", "name", "short_name", "manager")}),
        (
            _("On documents"),
            {
                "fields": (
                    *("billing_address", "country", "email", "vat_id", "language", "purchase_order"),
                    *("sends_invoices", "document_layout"),
                )
            },
        ),
        (
            _("Terms"),
            {"fields": ("currency", "payment_terms", "credit_limit", "sales_tax_group", "dimension")},
        ),
        (_("State"), {"fields": ("is_on_hold", "hold_reason", "held_on", "is_closed")}),
    )

    def get_panels(self, request: HttpRequest, obj: Customer) -> Iterable[Panel]:
        """The customer's contracts."""
        rows = [
            (link_to(one, one.number), Cell(one.name), Cell(one.get_status_display()))
            for one in obj.contracts.order_by("number")[:CONTRACTS_SHOWN]
        ]
        count = len(rows) if len(rows) < CONTRACTS_SHOWN else obj.contracts.count()
        heads = (_("Number"), _("Name"), _("Status"))
        more = shown_of(CONTRACTS_SHOWN, count)
        yield Panel(_("Contracts"), heads, rows, _("No contract yet."), lines=more)


@admin.register(Project)
class ProjectAdmin(RecordAdmin):
    editable_fields = PROJECT_FIELDS
    readonly_fields = ("is_closed",)
    choice_querysets: ClassVar = {"manager": people_visible_to, "budget_readers": people_visible_to}
    action_classes: ClassVar = actions_of(Project, _("Close it instead."))
    list_display = ("number", "name", "customer", "manager", "group", "dimension", "is_closed")
    list_display_links = ("number", "name")
    list_filter = (OF_ENTITY, "is_closed", "group")
    list_select_related = ("customer", "manager")
    search_fields = ("number", "name", "customer__name")
    fieldsets = (
        (None, {"fields": ("legal_entity", "number", "name", "customer", "manager", "is_closed")}),
        (_("Dates"), {"fields": ("starts_on", "ends_on")}),
        (_("Budget"), {"fields": ("budget_hours", "budget_amount", "budget_readers")}),
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


@admin.register(Task)
class TaskAdmin(RecordAdmin):
    editable_fields = ("code", "name", "budget_hours", "budget_amount")
    readonly_fields = ("is_closed",)
    list_display = (
        "code",
        "name",
        "project",
        columns.quantity("budget_hours", _("budget in hours")),
        "is_closed",
    )
    list_display_links = ("code", "name")
    list_filter = (("project", RelatedOnlyFieldListFilter), "is_closed")
    list_select_related = ("project",)
    search_fields = ("code", "name", "project__number", "project__name")
    fields = ("project", "code", "name", "budget_hours", "budget_amount", "is_closed")
    currency_paths: ClassVar = {"budget_amount": "project__legal_entity__currency"}
    action_classes: ClassVar = actions_of(Task, _("Close it instead."))


class TakeOffTeam(AdminAction):
    """Take people off a team; what they recorded stays."""

    name, label, permission = "take-off", _("Take off the team"), "projects.change_teammember"
    confirms = True

    def run(self, targets: Any, *, actor: User, at: datetime, cleaned_data: dict[str, Any]) -> int:
        return remove_team_members(targets, actor=actor, at=at)

    def get_success_message(self, result: int) -> str:
        return ngettext("%(count)s taken off.", "%(count)s taken off.", result) % {"count": number(result)}

    def get_success_url(self, result: Any, cancel_url: str) -> str:
        return changelist_url(TeamMember)


@admin.register(TeamMember)
class TeamMemberAdmin(RecordAdmin):
    editable_fields = ("role", "is_approver", "starts_on")
    list_display = ("resource", "role", "project", "is_approver", columns.day("starts_on", _("since")))
    list_filter = (("project", RelatedOnlyFieldListFilter), "role", "is_approver")
    list_select_related = ("resource", "role", "project")
    search_fields = ("resource__name", "project__number", "project__name")
    fields = ("project", "resource", "role", "is_approver", "starts_on")
    action_classes: ClassVar = (TakeOffTeam,)


@admin.register(TransactionCategory)
class CategoryAdmin(RecordAdmin):
    editable_fields = (
        *("name", "unit", "group", "is_purchased", "is_chargeable", "is_default", "item_sales_tax_group"),
    )
    readonly_fields = ("is_closed",)
    action_classes: ClassVar = actions_of(TransactionCategory, _("Close it instead."))
    list_display = (
        *("name", "transaction_class", "unit_shown", "is_chargeable", "is_default"),
        *("item_sales_tax_group", "is_closed"),
    )
    list_filter = ("transaction_class", "is_chargeable", "is_closed")
    list_select_related = ("item_sales_tax_group",)
    search_fields = ("name",)
    fields = (
        *(
            "name",
            "transaction_class",
            "unit",
            "group",
            "is_purchased",
            "is_chargeable",
            "is_default",
            "item_sales_tax_group",
            "is_closed",
        ),
    )

    @admin.display(description=_("unit"), ordering="unit")
    def unit_shown(self, category: TransactionCategory) -> str:
        return unit_word(category.unit)

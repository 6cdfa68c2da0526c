"""Contracts, created and changed by the verbs of the pages; their lines stand on one form there."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.admin_kit import Cell, Panel, ReadOnlyAdmin, columns, link_to, signed_in_user
from core.templatetags import display
from projects.access import people_visible_to
from projects.agreements import ContractHead, head_of
from projects.models import ContractLine, ProjectContract
from projects.states import ContractStatus
from projects.writing_contracts import change_contract, create_contract

HEAD = (
    *("number", "name", "customer", "manager", "currency", "starts_on", "ends_on", "not_to_exceed_amount"),
    *("purchase_order", "sales_tax_group"),
)
ENDED = (ContractStatus.COMPLETED, ContractStatus.LOST)


class ContractAdminForm(forms.ModelForm):
    """A contract as a whole, whose number may be left to the product; the verb judges the rest."""

    number = forms.CharField(
        label=_("number"), max_length=20, required=False, help_text=_("Empty: the next one")
    )


@admin.register(ProjectContract)
class ContractAdmin(ReadOnlyAdmin):
    adds = changes = True
    form = ContractAdminForm
    editable_fields = HEAD
    choice_querysets: ClassVar = {"manager": people_visible_to}
    list_display = ("number", "name", "customer", "currency", "manager", columns.state(_("status")))
    list_display_links = ("number", "name")
    list_filter = (("legal_entity", RelatedOnlyFieldListFilter), "status", "currency")
    list_select_related = ("customer", "manager")
    search_fields = ("number", "name", "customer__name")
    readonly_fields = ("status", "confirmed_at")
    fieldsets = (
        (None, {"fields": ("legal_entity", "number", "name", "customer", "status", "manager")}),
        (_("Terms"), {"fields": ("currency", "starts_on", "ends_on", "not_to_exceed_amount")}),
        (_("On documents"), {"fields": ("purchase_order", "sales_tax_group", "confirmed_at")}),
    )

    def is_changeable(self, obj: ProjectContract) -> bool:
        """What has ended stands still."""
        return obj.status not in ENDED

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The verb writes, and refuses what was agreed otherwise or is in use."""
        user, now = signed_in_user(request), timezone.now()
        today = obj.legal_entity.day_of(now)
        values = {name: form.cleaned_data[name] for name in HEAD}
        if not change:
            head = ContractHead(legal_entity=obj.legal_entity, **values)
            made = create_contract(head, actor=user, on=today, at=now)
            obj.pk, obj.number = made.pk, made.number
            return
        # Read anew: the object at hand holds what was typed already.
        rows = ProjectContract.objects.filter(pk=obj.pk)
        change_contract(rows, replace(head_of(rows.get()), **values), actor=user, on=today, at=now)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The verb has logged it; Django's own log is kept beside it."""
        return super(ReadOnlyAdmin, self).log_addition(request, obj, message)

    def log_field_changes(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """The verb has logged the change itself."""

    def get_links(self, request: HttpRequest, obj: ProjectContract) -> Iterable[tuple[Any, str]]:
        """The form of its lines, payers and rules, which is one for everybody who writes contracts."""
        if obj.status not in ENDED and self.has_change_permission(request, obj):
            yield _("Edit lines, payers and rules"), reverse("contract-edit", args=[obj.number])

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

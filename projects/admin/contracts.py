"""Contracts with their customers, created and changed by the verbs of the pages; each line has a page."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from core.admin_kit import Cell, Panel, ReadOnlyAdmin, columns, link_to, signed_in_user
from core.templatetags import display
from projects.access import people_visible_to
from projects.admin.agreement_inlines import ContractCustomerInline
from projects.agreement_checks import fixed_fields
from projects.agreements import ContractHead, head_of
from projects.models import ContractLine, ProjectContract
from projects.states import ENDED_CONTRACTS
from projects.writing_contracts import change_contract, create_contract

RETENTION = ("retention_percent", "retention_months", "retention_condition")
HEAD = (
    *("number", "name", "customer", "manager", "currency", "starts_on", "ends_on", "not_to_exceed_amount"),
    *("purchase_order", "sales_tax_group", "payment_terms", "document_layout", "dimension", *RETENTION),
)


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
        (
            _("Terms"),
            {"fields": ("currency", "payment_terms", "starts_on", "ends_on", "not_to_exceed_amount")},
        ),
        (
            _("On documents"),
            {"fields": ("purchase_order", "document_layout", "sales_tax_group", "confirmed_at")},
        ),
        (_("Books"), {"fields": ("dimension",)}),
        (_("Retention"), {"fields": RETENTION}),
    )

    inlines: ClassVar = [ContractCustomerInline]

    def is_changeable(self, obj: ProjectContract) -> bool:
        """What has ended stands still."""
        return obj.status not in ENDED_CONTRACTS

    def get_read_only_names(self, request: HttpRequest, obj: Any) -> set[str]:
        """What no longer changes has no input any more."""
        return super().get_read_only_names(request, obj) | set(fixed_fields(obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Left to `save_related`: a contract is judged with its customers."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The verb writes, and refuses what was agreed otherwise or is in use."""
        contract, user, now = form.instance, signed_in_user(request), timezone.now()
        today = contract.legal_entity.day_of(now)
        (customers,) = formsets
        # Tells the page what was added and changed; nothing is written.
        customers.save(commit=False)
        values = {name: form.cleaned_data[name] for name in HEAD if name in form.cleaned_data}
        values["customers"] = customers.payers()
        if not change:
            head = ContractHead(legal_entity=contract.legal_entity, **values)
            made = create_contract(head, actor=user, on=today, at=now)
            contract.pk, contract.number, contract._state.adding = made.pk, made.number, False
            return
        # Read again, because `obj` holds the new values already.
        rows = ProjectContract.objects.filter(pk=contract.pk)
        change_contract(rows, replace(head_of(rows.get()), **values), actor=user, on=today, at=now)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The verb has logged it; Django's own log is kept beside it."""
        return super(ReadOnlyAdmin, self).log_addition(request, obj, message)

    def get_links(self, request: HttpRequest, obj: ProjectContract) -> Iterable[tuple[Any, str]]:
        """A further line, and the form of all lines at once, which is one for whoever writes contracts."""
        if obj.status not in ENDED_CONTRACTS and self.has_change_permission(request, obj):
            add = reverse("admin:projects_contractline_add")
            yield _("Add line"), f"{add}?{urlencode({'contract': obj.pk})}"
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

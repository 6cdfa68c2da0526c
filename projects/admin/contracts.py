"""Contracts with their customers, created and changed by the verbs of the pages; each line has a page."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    columns,
    link_to,
    signed_in_user,
)
from core.day_inputs import DayField
from core.number_inputs import NumberField
from core.templatetags import display
from projects.access import people_visible_to
from projects.admin.agreement_inlines import ContractCustomerInline
from projects.agreement_checks import fixed_fields
from projects.agreements import ContractHead, head_of
from projects.entering_agreed_rates import NewRate, agree_rate
from projects.models import AgreedRate, ContractLine, ProjectContract
from projects.states import ENDED_CONTRACTS
from projects.writing_contracts import change_contract, create_contract

RETENTION = ("retention_percent", "retention_months", "retention_condition")
HEAD = (
    *("number", "name", "customer", "manager", "currency", "starts_on", "ends_on", "not_to_exceed_amount"),
    *("purchase_order", "sales_tax_group", "payment_terms", "document_layout", "dimension", *RETENTION),
)


class AgreedRateForm(forms.Form):
    """A rate, and the days on which it holds."""

    rate = NumberField(
        label=_("Agreed rate"), help_text=_("Units of the company’s currency for one of the contract’s.")
    )
    starts_on = DayField(label=_("From"))
    ends_on = DayField(
        label=_("To"), required=False, help_text=_("Empty: until another agreement takes over.")
    )


class AgreeRate(AdminAction):
    """Agrees on an exchange rate for contracts in a foreign currency."""

    name, label, permission = "agree-rate", _("Agree on an exchange rate"), "projects.agree_rate"
    confirms = True
    form_class = AgreedRateForm

    def is_available(self, obj: ProjectContract) -> bool:
        """In a foreign currency, while it has not ended."""
        return obj.currency != obj.legal_entity.currency and obj.status not in ENDED_CONTRACTS

    def preview(self, request: HttpRequest, targets: Any, cleaned_data: dict[str, Any]) -> ActionPreview:
        """The contracts with their currencies."""
        chosen = list(targets.select_related("legal_entity").order_by("number"))
        rows = [(link_to(one), Cell(one.currency), Cell(one.legal_entity.currency)) for one in chosen]
        heads = (_("Contract"), _("Currency"), _("Currency of the company"))
        return ActionPreview(
            targets,
            ",".join(str(one.pk) for one in chosen),
            effects=(
                _("Sales that are accrued or invoiced on these days take it instead of the exchange rate."),
                _("What is posted keeps the rate that it was posted with."),
            ),
            panels=(Panel(_("Contracts"), heads, rows, _("None of these.")),),
            submit_label=self.label,
            is_possible=bool(chosen),
        )

    def run(
        self, targets: Any, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> list[AgreedRate]:
        """Call the verb."""
        return agree_rate(targets, NewRate(**cleaned_data), actor=actor, at=at)

    def get_success_message(self, result: list[AgreedRate]) -> str:
        """For how many contracts."""
        words = ngettext(
            "The rate is agreed for %(count)s contract.",
            "The rate is agreed for %(count)s contracts.",
            len(result),
        )
        return words % {"count": len(result)}


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

    action_classes: ClassVar = (AgreeRate,)

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
        agreed = list(obj.agreed_rates.order_by("-starts_on", "-pk"))
        if agreed:
            rows = [
                [
                    Cell(display.day(one.starts_on)),
                    Cell(display.day(one.ends_on) if one.ends_on else display.NOTHING),
                    Cell(display.rate(one.rate), is_figure=True),
                ]
                for one in agreed
            ]
            yield Panel(_("Agreed exchange rates"), (_("From"), _("To"), _("Rate")), rows)

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

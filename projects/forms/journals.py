"""What an accountant types: a journal, its lines, and why rows are cancelled."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DayField
from core.number_inputs import NumberField, QuantityOrDurationField
from projects.forms.choices import UnitField
from projects.forms.entries import TaskField
from projects.models import (
    ContractLine,
    Customer,
    LegalEntity,
    Project,
    Resource,
    Role,
    Task,
    TransactionCategory,
)
from projects.states import BillingType, TransactionClass, TransactionType

BILLING_TYPES = [(one.value, one.label) for one in BillingType if one != BillingType.NOT_AVAILABLE]


class ContractLineField(forms.ModelChoiceField):
    """A contract line, named with its contract and project, because one list holds those of several."""

    def label_from_instance(self, obj: ContractLine) -> str:
        project = f", {obj.project.number}" if obj.project else ""
        return f"{obj.contract.number} · {obj.name}{project}"


class JournalReasonForm(forms.Form):
    """Why a journal is written; it stays with it."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class JournalForm(JournalReasonForm):
    """A new journal of one of the user's companies."""

    legal_entity = forms.ModelChoiceField(label=_("Company"), queryset=LegalEntity.objects.none())
    field_order = ("legal_entity", "reason")

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["legal_entity"])
        field.queryset = LegalEntity.objects.visible_to(user).order_by("short_name")


class JournalLineForm(forms.Form):
    """One fact; contract line and payer are for unbilled sales."""

    needed = ("contract_line", "customer")
    type = forms.TypedChoiceField(label=_("Type"), coerce=int, choices=TransactionType.choices)
    transaction_class = forms.ChoiceField(label=_("Class"), choices=TransactionClass.reported())
    date = DayField(label=_("Date"))
    project = forms.ModelChoiceField(label=_("Project"), queryset=Project.objects.none())
    task = TaskField(label=_("Task"), queryset=Task.objects.none(), required=False)
    contract_line = ContractLineField(
        label=_("Contract line"), queryset=ContractLine.objects.none(), required=False
    )
    customer = forms.ModelChoiceField(label=_("Payer"), queryset=Customer.objects.none(), required=False)
    resource = forms.ModelChoiceField(label=_("Person"), queryset=Resource.objects.none(), required=False)
    role = forms.ModelChoiceField(label=_("Role"), queryset=Role.objects.all(), required=False)
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=TransactionCategory.objects.all(), required=False
    )
    quantity = QuantityOrDurationField(label=_("Quantity"))
    unit = UnitField(label=_("Unit"), initial="h")
    price = NumberField(label=_("Price per unit"))
    amount = NumberField(
        label=_("Amount"), required=False, help_text=_("Quantity times price where it is left empty.")
    )
    billing_type = forms.TypedChoiceField(
        label=_("Billing type"), coerce=int, choices=BILLING_TYPES, initial=BillingType.CHARGEABLE
    )
    description = forms.CharField(label=_("Description"), max_length=500)

    def __init__(self, *args: Any, user: User, entity: LegalEntity, **kwargs: Any):
        super().__init__(*args, **kwargs)
        projects = Project.objects.visible_to(user).filter(legal_entity=entity, is_closed=False)
        of_projects = {"project__in": projects.order_by().values("pk")}
        lines = ContractLine.objects.filter(**of_projects).select_related("contract", "project")
        self._offer("project", projects.order_by("number"))
        self._offer("task", Task.objects.filter(**of_projects).select_related("project").order_by("pk"))
        self._offer("contract_line", lines.order_by("contract__number", "number"))
        payers = Customer.objects.filter(legal_entity=entity, contract_line_shares__contract_line__in=lines)
        self._offer("customer", payers.distinct().order_by("number"))
        people = Resource.objects.visible_to(user).filter(legal_entity=entity)
        self._offer("resource", people.order_by("name"))

    def _offer(self, name: str, rows: Any) -> None:
        cast(forms.ModelChoiceField, self.fields[name]).queryset = rows

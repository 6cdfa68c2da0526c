"""Payers and chargeability rules as rows of admin pages; the verb judges all of them together (A4, A5)."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import Model, QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import ModelChoiceField, construct_instance
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.access import may
from core.admin_kit import LabelledDeletionFormSet, ReadOnlyInline, signed_in_user
from core.deleting import uses_of
from core.money import HUNDRED
from projects.agreements import ChargeRule, PayerShare
from projects.models import (
    Chargeability,
    ContractCustomer,
    ContractLine,
    ContractLineCustomer,
    ProjectContract,
    Task,
)
from projects.states import ENDED_CONTRACTS, TransactionClass

CHARGEABLE = Chargeability._meta.get_field("is_chargeable").verbose_name
PAYER_FIELDS = ("customer", "split_percent", "is_rounding", "not_to_exceed_amount")


class AgreementForm(forms.ModelForm):
    """A row that the verb judges together with the others: by itself it may clash with what stands."""

    def _post_clean(self) -> None:
        """Take over what was typed, and ask the database nothing."""
        self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)


class AgreementFormSet(LabelledDeletionFormSet):
    """Rows of an agreement, whose choices are read once for all of them."""

    @cached_property
    def choices(self) -> dict[str, list[Any]]:
        """What may be chosen in each column."""
        return {}

    def add_fields(self, form: Any, index: int | None) -> None:
        """Share the choices among the rows."""
        super().add_fields(form, index)
        for name, field in form.fields.items():
            if isinstance(field, ModelChoiceField) and not field.widget.is_hidden:
                if name not in self.choices:
                    offered: Any = field.choices
                    self.choices[name] = list(offered)
                field.widget.choices = self.choices[name]

    def validate_unique(self) -> None:
        """Left to the verb, which names the rows that clash."""

    def filled(self) -> Iterator[dict[str, Any]]:
        """What stands in the rows, without those that are empty or to be taken away."""
        gone = self.deleted_forms
        for form in self.forms:
            if form not in gone and (form.instance.pk or form.has_changed()):
                yield form.cleaned_data


class PayerFormSet(AgreementFormSet):
    """Payers; whose share is in use keeps it."""

    @cached_property
    def in_use(self) -> set[int]:
        """The rows whose share something was split by."""
        return {key for key, uses in uses_of(self.get_queryset()).items() if uses}

    def add_fields(self, form: Any, index: int | None) -> None:
        """A row keeps its customer, and one in use its share and its place."""
        super().add_fields(form, index)
        form.fields["customer"].disabled = form.instance.pk is not None
        if form.instance.pk in self.in_use:
            form.fields["split_percent"].disabled = True
            form.fields[DELETION_FIELD_NAME].disabled = True

    def payers(self) -> tuple[PayerShare, ...]:
        """The payers as the verb takes them."""
        return tuple(PayerShare(**{name: row[name] for name in PAYER_FIELDS}) for row in self.filled())


class ChargeabilityForm(AgreementForm):
    """A rule for one task, role or category; not chargeable unless it is ticked."""

    is_chargeable = forms.BooleanField(
        label=CHARGEABLE, required=False, widget=forms.CheckboxInput(attrs={"aria-label": CHARGEABLE})
    )


class ChargeabilityFormSet(AgreementFormSet):
    """Chargeability rules."""

    def rules(self) -> tuple[ChargeRule, ...]:
        """The rules as the verb takes them."""
        names = ("task", "role", "category", "is_chargeable")
        return tuple(ChargeRule(**{name: row[name] for name in names}) for row in self.filled())


class AgreementInline(ReadOnlyInline):
    """Rows that are written with their contract, by whoever may write that, until it has ended."""

    adds = changes = deletes = True
    extra = 1
    form = AgreementForm
    named_by: ClassVar[tuple[str, ...]]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what the rows are named by."""
        return super().get_queryset(request).select_related(*self.named_by)

    def user_may(self, request: HttpRequest, action: str) -> bool:
        """The permission of the contract: its rows have none of their own."""
        verb = "view" if action == "view" else "change"
        return may(request.user, f"projects.{verb}_projectcontract")

    def is_open(self, obj: Model | None) -> bool:
        """Whether the contract that the rows belong to may still change."""
        contract = obj.contract if isinstance(obj, ContractLine) else obj
        return not isinstance(contract, ProjectContract) or contract.status not in ENDED_CONTRACTS

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self.is_open(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_open(obj)


class ContractCustomerInline(AgreementInline):
    """Customers of a contract: the share that new lines suggest, and the limit over all lines."""

    model = ContractCustomer
    verbose_name, verbose_name_plural = _("customer"), _("customers of the contract")
    formset = PayerFormSet
    fields = PAYER_FIELDS
    named_by = ("customer",)


class PayerInline(AgreementInline):
    """Who pays a line; a new one begins with what its contract suggests."""

    model = ContractLineCustomer
    verbose_name, verbose_name_plural = _("payer"), _("payers")
    formset = PayerFormSet
    fields = PAYER_FIELDS
    named_by = ("customer",)

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """One empty row, and those that are suggested."""
        return len(suggested_payers(request, obj)) + 1


class RuleInline(AgreementInline):
    """What is chargeable on a line, and what is not."""

    model = Chargeability
    verbose_name, verbose_name_plural = _("chargeability rule"), _("chargeability rules")
    form, formset = ChargeabilityForm, ChargeabilityFormSet
    fields = ("task", "role", "category", "is_chargeable")
    named_by = ("task", "role", "category")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Rows for the tasks of the project of the line."""
        formset = super().get_formset(request, obj, **kwargs)
        if obj is not None and "task" in formset.form.base_fields:
            task: Any = formset.form.base_fields["task"]
            task.queryset = tasks_of(request, obj)
        return formset

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        """Categories of expenses, the only ones that chargeability is agreed for (A4)."""
        rows = super().get_field_queryset(db, db_field, request)
        if db_field.name == "category":
            return rows.filter(transaction_class=TransactionClass.EXPENSE)
        return rows.select_related("project") if db_field.name == "task" else rows


def tasks_of(request: HttpRequest, line: ContractLine | None) -> Any:
    """The tasks that a line may name: those of its project, or of all projects while it has none."""
    tasks = Task.objects.visible_to(signed_in_user(request)).select_related("project")
    return tasks.filter(project=line.project_id) if line is not None and line.project_id else tasks


def suggested_payers(request: HttpRequest, line: ContractLine | None) -> list[dict[str, Any]]:
    """What the contract that the address names suggests for a new line, as first values of its rows."""
    named = request.GET.get("contract", "")
    if request.method != "GET" or line is not None or not (named.isascii() and named.isdigit()):
        return []
    contracts = ProjectContract.objects.visible_to(signed_in_user(request)).filter(pk=named[:18])
    rows = ContractCustomer.objects.filter(contract__in=contracts, split_percent__gt=0).order_by("pk")
    suggested = [dict(row) for row in rows.values("customer", "split_percent", "is_rounding")]
    alone = {"split_percent": HUNDRED, "is_rounding": True}
    return suggested or [{"customer": key} | alone for key in contracts.values_list("customer", flat=True)]

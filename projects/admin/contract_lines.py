"""Contract lines with their payers and rules, one line a page, written by the verb of the pages (A3-A5)."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import may
from core.admin_kit import AdminAction, ReadOnlyAdmin, change_url, signed_in_user
from projects.admin.agreement_inlines import (
    AgreementForm,
    PayerInline,
    RuleInline,
    suggested_payers,
    tasks_of,
)
from projects.agreement_checks import fixed_fields_of_line
from projects.agreements import LineTerms
from projects.models import ContractLine, ProjectContract
from projects.querysets import ContractLineQuerySet, ContractQuerySet
from projects.states import ENDED_CONTRACTS
from projects.writing_contracts import remove_line, write_line

CHANGE = "projects.change_projectcontract"
CLASSES = ("includes_time", "includes_expense", "includes_material", "includes_fee")
AMOUNTS = ("contracted_amount", "not_to_exceed_amount")
STEPS = ("increment_minutes", "increment_rule", "increment_scope", "day_hours")
COLUMNS = tuple(one.name for one in fields(LineTerms) if one.name not in ("line", "tasks", "payers", "rules"))


class TasksField(forms.ModelMultipleChoiceField):
    """Tasks, named with their project while tasks of several are offered."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.project.number} · {obj.code} {obj.name}"


class RemoveContractLine(AdminAction):
    """Take a line out of its contract."""

    name, label, permission = "remove", _("Remove from the contract"), CHANGE
    confirms, on_many = True, False

    def is_available(self, obj: ContractLine) -> bool:
        """What has ended stands still."""
        return obj.contract.status not in ENDED_CONTRACTS

    def run(
        self, targets: ContractLineQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> ProjectContract:
        """Call the verb."""
        line = targets.select_related("contract__legal_entity").get()
        contracts, today = contract_of(line), line.contract.legal_entity.day_of(at)
        return remove_line(contracts, line, actor=actor, on=today, at=at)

    def get_success_message(self, result: ProjectContract) -> str:
        return str(_("Line removed."))

    def get_success_url(self, result: ProjectContract, cancel_url: str) -> str:
        """The contract: the line has no page any more."""
        return change_url(ProjectContract, result.pk)


class LineAdmin(ReadOnlyAdmin):
    """One line as somebody agreed it: how a project is billed, who pays, and what is chargeable."""

    adds = changes = True
    form = AgreementForm
    editable_fields = (*COLUMNS, "tasks")
    choice_querysets: ClassVar = {
        "contract": lambda user: ProjectContract.objects.managed_by(user).exclude(status__in=ENDED_CONTRACTS)
    }
    list_display = ("name", "contract", "billing_method", "project", "billing_starts_on")
    list_filter = ("billing_method", ("contract", RelatedOnlyFieldListFilter))
    list_select_related = ("contract", "project")
    search_fields = ("name", "contract__number", "contract__name", "project__number")
    readonly_fields = ("number",)
    fieldsets = (
        (None, {"fields": ("contract", "number", "name", "billing_method", "project", "tasks")}),
        (_("Includes"), {"fields": CLASSES}),
        (_("Amounts"), {"fields": (*AMOUNTS, "billing_starts_on")}),
        (_("Billing increments"), {"fields": STEPS}),
        (_("Standing discount"), {"fields": ("discount_percent", "discount_reason")}),
    )
    inlines: ClassVar = [PayerInline, RuleInline]
    action_classes: ClassVar[tuple[type[AdminAction], ...]] = (RemoveContractLine,)
    currency_paths: ClassVar = dict.fromkeys(AMOUNTS, "contract__currency")

    def user_may(self, request: HttpRequest, action: str) -> bool:
        """Lines are written by whoever writes contracts."""
        return super().user_may(request, action) if action == "view" else may(request.user, CHANGE)

    def is_changeable(self, obj: ContractLine) -> bool:
        """What has ended stands still."""
        return obj.contract.status not in ENDED_CONTRACTS

    # --- What is offered ------------------------------------------------------------------------------

    def get_read_only_names(self, request: HttpRequest, obj: Any) -> set[str]:
        """What the use of the line has fixed has no input any more."""
        return super().get_read_only_names(request, obj) | set(self._fixed(obj))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The reason stands above what is fixed; a new line has no number yet."""
        (title, options), *others = super().get_fieldsets(request, obj)
        if obj is None:
            options = options | {"fields": [name for name in options["fields"] if name != "number"]}
        fixed = self._fixed(obj)
        if fixed and self.has_change_permission(request, obj):
            words = _("Billing method and project are fixed, because the line is in use: %(uses)s")
            options = options | {"description": words % {"uses": fixed["billing_method"]}}
        return [(title, options), *others]

    def _fixed(self, line: Any) -> dict[str, str]:
        if line is None:
            return {}
        # Asked several times while one page is made, and counted once.
        if not hasattr(line, "fixed_fields"):
            line.fixed_fields = fixed_fields_of_line(line)
        fixed: dict[str, str] = line.fixed_fields
        return fixed

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The tasks of the project of the line; with several projects each is named with its own."""
        form_class = super().get_form(request, obj, change=change, **kwargs)
        if "tasks" in form_class.base_fields:
            offered = form_class.base_fields["tasks"]
            form_class.base_fields["tasks"] = TasksField(
                tasks_of(request, obj),
                label=offered.label,
                required=False,
                help_text=_("None: the whole project."),
            )
        return form_class

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """A new line begins with the payers that its contract suggests."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        line = obj if obj.pk else None
        if isinstance(inline, PayerInline) and (suggested := suggested_payers(request, line)):
            kwargs["initial"] = suggested
        return kwargs

    # --- Saving ---------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Left to `save_related`: a line is judged with its payers and rules."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The verb writes the line as a whole, and refuses what cannot be agreed."""
        line, user, now = form.instance, signed_in_user(request), timezone.now()
        for formset in formsets:
            # Tells the page what was added and changed; nothing is written.
            formset.save(commit=False)
        payers, rules = formsets
        terms = LineTerms(
            **{name: getattr(line, name) for name in COLUMNS},
            line=line if change else None,
            tasks=tuple(form.cleaned_data["tasks"]),
            payers=payers.payers(),
            rules=rules.rules(),
        )
        today = line.contract.legal_entity.day_of(now)
        written = write_line(contract_of(line), terms, actor=user, on=today, at=now)
        line.pk, line.number, line._state.adding = written.pk, written.number, False

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The verb has logged it; Django's own log is kept beside it."""
        return super(ReadOnlyAdmin, self).log_addition(request, obj, message)

    def get_links(self, request: HttpRequest, obj: ContractLine) -> Iterable[tuple[Any, str]]:
        """The contract of the line."""
        yield _("Open the contract"), change_url(ProjectContract, obj.contract_id)


def contract_of(line: ContractLine) -> ContractQuerySet:
    """The contract of a line, as a verb takes it."""
    rows: ContractQuerySet = ProjectContract.objects.filter(pk=line.contract_id)
    return rows

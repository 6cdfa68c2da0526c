"""Write a contract in the browser: new, or as it stands; every button works without a script."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from billing.forms.contract import CONFIRM, SAVE, ContractForm
from billing.forms.contract_rows import ContractRows, LineRows, Row, rows_of
from billing.planning_runs import plan_runs
from billing.views.contract_edit_parts import (
    blocks_of,
    checks_of,
    paying,
    saved_at,
    shares_of,
)
from billing.views.contract_lines import rates_of
from billing.views.contract_rights import CHANGE, steps_of
from billing.views.contract_schedules import Schedules, plans_to_write
from billing.views.contracts import ContractMixin
from core.pages import ActionPage, FormPage
from projects.agreement_checks import fixed_fields
from projects.agreements import head_of, terms_of
from projects.models import Customer, LegalEntity, Project, ProjectContract
from projects.states import BillingMethod
from projects.views.page_defaults import PageDefaults
from projects.writing_contracts import change_contract, create_contract


class Writing(PageDefaults):
    """The form of a contract. `Save` and `Confirm` write it, every other button changes the form alone."""

    template_name = "billing/contract_edit.html"
    form_class: Any = ContractForm

    @property
    def contract(self) -> ProjectContract | None:
        """The contract that changes; a new one has none."""
        return None

    def get_rows(self) -> ContractRows:
        """What the form shows at first."""
        raise NotImplementedError

    @cached_property
    def schedules(self) -> Schedules:
        """The schedules of its lines, read once."""
        return Schedules(self.contract, self.today)

    @property
    def button(self) -> str:
        """The button that was pressed."""
        return self.request.POST.get("do", SAVE)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The rows as sent, or as kept when the session ended, or as they stand."""
        kept = self.kept_form  # type: ignore[attr-defined]
        sent = kept.data if kept else self.request.POST
        rows = ContractRows.sent(sent) if sent else self.get_rows()
        fixed = fixed_fields(self.contract)
        return {
            "rows": rows,
            "user": self.user,
            "contract": self.contract,
            "fixed": fixed,
            "button": self.button,
        }

    def get_form(self, form_class: Any = None) -> ContractForm:
        """The form, validated only when it is to be saved."""
        form = ContractForm(**self.get_form_kwargs())
        if self.request.method == "GET" or self.button not in (SAVE, CONFIRM):
            form.forget_errors()
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Write, or show the form with what the button did to it."""
        if self.button in (SAVE, CONFIRM):
            return super().post(request, *args, **kwargs)
        return self.render_to_response(self.get_context_data(form=self.get_form()))  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form in blocks, with shares, checks, prices, and who pays what."""
        context = super().get_context_data(**kwargs)
        form, contract = context["form"], self.contract
        currency, problems = form.data.get("currency", ""), checks_of(contract)
        blocks = blocks_of(form, contract, problems, currency, self.schedules.blocks(form))
        return context | {
            "contract": contract,
            "blocks": blocks,
            "currency": currency,
            "customers": shares_of(form.customers, form.rounding_place, None, currency),
            "problems": problems,
            "saved_at": saved_at(contract),
            "rates": rates_of(contract, self.today) if contract else [],
            "may_confirm": self.may_confirm,
            **paying(blocks),
        }

    @property
    def may_confirm(self) -> bool:
        """Whether the next step of this contract is its confirmation, and this user may take it."""
        contract = self.contract
        return contract is None or any(one.is_primary for one in steps_of(contract, self.user))


class AddContract(Writing, FormPage):
    """A new draft; whoever writes it manages it unless somebody else is named."""

    permission, title = "projects.add_projectcontract", _("New contract")
    success_message, cancel_url = _("Contract saved as a draft"), reverse_lazy("contracts")

    def get_rows(self) -> ContractRows:
        """An empty contract with one line, for the customer or project that the address names."""
        entity = LegalEntity.objects.visible_to(self.user).order_by("pk").first()
        project = self._named(Project, "project")
        customer = self._named(Customer, "customer") or (project.customer if project else None)
        key = str(customer.pk) if customer else ""
        head = {
            "legal_entity": str(project.legal_entity_id if project else entity.pk if entity else ""),
            "currency": customer.currency if customer else entity.currency if entity else "",
            "name": project.name if project else "",
            "customer": key,
            "manager": str(self.user.pk),
        }
        own: Row = {
            "name": [project.name if project else ""],
            "billing_method": [BillingMethod.TIME_AND_MATERIAL],
            "project": [str(project.pk) if project else ""],
            "scope": ["project"],
            "rounding": ["0"],
            **{f"includes_{one}": ["on"] for one in ("time", "expense", "material")},
        }
        payer = {"customer": [key], "split_percent": ["100"]}
        return ContractRows(
            {name: [value] for name, value in head.items()} | {"rounding": ["0"]},
            [dict(payer)] if key else [],
            [LineRows(own, [payer], [])],
        )

    def _named(self, model: Any, name: str) -> Any:
        number = self.request.GET.get(name, "").replace("\x00", "")
        return model.objects.visible_to(self.user).filter(number=number).first() if number else None

    def form_valid(self, form: ContractForm) -> HttpResponse:
        return self.answer(lambda: self.write(form), form)

    def write(self, form: ContractForm) -> ProjectContract:
        """The contract, then the schedules of its lines, each in a transaction of its own."""
        user, today, now = self.user, self.today, timezone.now()
        contract = create_contract(form.head(), form.terms({}), actor=user, on=today, at=now)
        plan_runs(plans_to_write(form, contract), actor=user, on=today, at=now)
        return contract

    def get_success_url(self) -> str:
        return next_page(self.result, self.button)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [(_("Contracts"), reverse("contracts")), (self.title, "")]
        return super().get_context_data(crumbs=crumbs, **kwargs)


class EditContract(ContractMixin, Writing, ActionPage):
    """The page of a contract that exists, for its manager."""

    permission, title, success_message = CHANGE, _("Edit"), _("Contract saved")

    def get_queryset(self) -> QuerySet[ProjectContract]:
        return ProjectContract.objects.managed_by(self.user).select_related("customer", "legal_entity")

    @property
    def contract(self) -> ProjectContract:
        contract: ProjectContract = self.object
        return contract

    @cached_property
    def stands(self) -> tuple[Any, Sequence[Any]]:
        """The contract and its lines as they are written."""
        return head_of(self.contract), terms_of(self.contract)

    def get_rows(self) -> ContractRows:
        return self.schedules.fill(rows_of(*self.stands))

    def call_verb(self, form: ContractForm) -> Any:
        lines = {terms.line.pk: terms.line for terms in self.stands[1] if terms.line is not None}
        kwargs = self.get_verb_kwargs(form) | {"on": self.today}
        contract = change_contract(self.targets, form.head(), form.terms(lines), **kwargs)
        # In a transaction of its own: what it could refuse was checked with the form.
        plan_runs(plans_to_write(form, self.contract), **kwargs)
        return contract

    def get_success_url(self) -> str:
        return next_page(self.result, self.button)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(crumbs=self.get_crumbs(self.title), **kwargs)


def next_page(contract: ProjectContract, button: str) -> str:
    """Where saving leads: back to the form, or on to the confirmation."""
    return reverse("contract-confirm" if button == CONFIRM else "contract-edit", args=[contract.number])

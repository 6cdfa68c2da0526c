"""The list of contracts, and what can be done to one of them (UX 5.2)."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.contract_positions import summed, with_position
from billing.drafting import draft_contracts
from billing.filters.contracts import ContractFilter
from billing.models import MilestoneShare
from billing.tables.contracts import ContractTable
from billing.views.contract_parts import contract_context
from billing.views.drafts import Drafting
from billing.views.page_defaults import Asking, Chosen, Housed, MoneyList, today_of
from core.pages import DetailPage, SavedView, Total
from projects.contracting import confirm_contracts, hold_contracts, resume_contracts
from projects.models import BacklogItem, ProjectContract

STEP = "projects.confirm_contract"
ENDING_SOON = dt.timedelta(days=60)


class ContractSums(MoneyList):
    """Sums of the contracts, read once per page for totals and figures alike."""

    sums: Any = ()

    def rows(self) -> Any:
        """Contracts the reader may see, with how they stand."""
        return with_position(
            ProjectContract.objects.visible_to(self.request.user), today=today_of(self.request)
        )

    def displayed(self, rows: Any) -> Any:
        """Rows with the names of customer and manager."""
        return rows.select_related("customer", "manager")

    def totals(self, rows: Any) -> Any:
        """Unbilled per currency; all sums are kept for the figures above the list."""
        self.sums = list(summed(rows))
        return [Total(row["currency"], row["contracts"], row["sum_unbilled"]) for row in self.sums]

    def saved_views(self) -> Any:
        """The views of this reader, with dates as they are today."""
        return contract_views(today_of(self.request))


class Contracts(ContractSums):
    permission, url_name = "projects.view_projectcontract", "contracts"
    title, purpose = _("Contracts"), _("What was agreed, what is billed, and what waits")
    filterset_class, table_class = ContractFilter, ContractTable

    def context(self) -> dict[str, Any]:
        return {**super().context(), "kpis": contract_kpis(self.sums)}


class OneContract(Housed):
    """A contract by its number, among those the reader may see."""

    def rows(self) -> Any:
        """Contracts the reader may see."""
        return ProjectContract.objects.visible_to(self.request.user)

    def back(self) -> str:
        """The contract."""
        return reverse("contract", args=[self.kwargs["number"]])


class Contract(OneContract, DetailPage):
    permission, template_name = "projects.view_projectcontract", "billing/contract.html"

    def rows(self) -> Any:
        """The contract with how it stands, and all its names."""
        seen = (
            super()
            .rows()
            .select_related("customer__sales_tax_group", "manager", "legal_entity", "sales_tax_group")
        )
        return with_position(seen, today=today_of(self.request))

    def context(self) -> dict[str, Any]:
        """Figures, tabs and the part that the address asks for."""
        return contract_context(self, self.found(), today_of(self.request))


class Step(OneContract, Chosen):
    """A step of a contract's life, or what asks before it."""

    permission = STEP


class DraftContract(OneContract, Drafting, Asking):
    def crumbs(self) -> Any:
        return crumbs_to(self.found(), self.title)

    def wanted(self) -> Any:
        contract = self.found()
        shares = MilestoneShare.objects.filter(milestone__contract_line__contract=contract)
        return BacklogItem.objects.filter(contract=contract), shares

    def act(self, targets: Any, form: Any) -> Any:
        return draft_contracts(targets, invoice_date=form.cleaned_data["invoice_date"], **self.arguments())


class ConfirmContract(Step):
    title, success = _("Confirm contract"), _("Contract confirmed")
    verb, template_name = confirm_contracts, "billing/contract_confirm.html"

    def context(self) -> dict[str, Any]:
        contract = self.found()
        return {**super().context(), "contract": contract, "crumbs": crumbs_to(contract, self.title)}


class HoldContract(Step):
    title, verb, success = _("Put the contract on hold"), hold_contracts, _("Contract put on hold")


class ResumeContract(Step):
    title, verb, success = _("Resume the contract"), resume_contracts, _("Contract resumed")


def crumbs_to(contract: Any, title: Any) -> list[tuple[Any, str]]:
    """The way from the list over the contract to a page about it."""
    number = contract.number
    return [(_("Contracts"), reverse("contracts")), (number, reverse("contract", args=[number])), (title, "")]


def contract_views(today: dt.date) -> list[SavedView]:
    """What people look for, with dates as they are today."""
    return [
        SavedView(_("All"), ""),
        SavedView(_("Mine"), "manager=me"),
        SavedView(_("No schedule"), "unscheduled=1"),
        SavedView(_("Ending in 60 days"), f"ends={today + ENDING_SOON}"),
    ]


def contract_kpis(sums: Any) -> list[dict[str, Any]]:
    """Four figures of this view, one line per currency."""
    labels = [
        (_("Contract value"), "value"),
        (_("Billed"), "billed"),
        (_("Unbilled"), "unbilled"),
        (_("Ready to invoice"), "ready"),
    ]
    return [
        {"label": label, "amounts": [(row[f"sum_{name}"], row["currency"]) for row in sums]}
        for label, name in labels
    ]

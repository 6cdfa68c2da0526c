"""The list of contracts, and what can be done to one of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.contract_positions import summed, with_position
from billing.drafting import draft_contracts
from billing.filters.contracts import ContractFilter
from billing.models import MilestoneShare, Retainer
from billing.retainer_querysets import RetainerQuerySet
from billing.tables.contracts import ContractTable
from billing.views.backlog_figures import Sums
from billing.views.contract_figures import (
    contract_counts,
    contract_kpis,
    contract_queries,
    currency_group,
)
from billing.views.contract_parts import LINES, contract_context
from billing.views.contract_rights import is_changeable, is_managed, steps_of
from billing.views.drafts import DraftAction
from billing.views.money_list import MoneyList
from core.pages import Button, DetailPage, Group, ListTable, ObjectMixin, SavedView, Total
from projects.access import sees_whole_entity
from projects.models import BacklogItem, ProjectContract
from projects.querysets import ContractQuerySet
from projects.views.page_defaults import PageDefaults


class Contracts(MoneyList):
    """Contracts the user may see, with their positions; the sums are read once per page."""

    permission, url_name = "projects.view_projectcontract", "contracts"
    title, purpose = _("Contracts"), _("Agreed value, billed amounts, and work to be billed")
    filterset_class, table_class = ContractFilter, ContractTable
    template_name = "billing/contracts.html"
    buttons = [
        Button(
            _("Create proformas"),
            "contracts-draft",
            "billing.draft_proforma",
            key="c",
            primary=True,
            asks=True,
        )
    ]
    sums: Sums = ()
    counts: Mapping[str, int] = {}

    @property
    def default_filter(self) -> str:  # type: ignore[override]
        """The first of the saved views: their own contracts, for those who do not see a whole entity."""
        return contract_queries(self.today, sees_all=sees_whole_entity(self.user))[0][1]

    def get_queryset(self) -> ContractQuerySet:
        return with_position(ProjectContract.objects.visible_to(self.user), today=self.today)

    def with_details(self, rows: Any) -> QuerySet[ProjectContract]:
        """Rows with the names of customer and manager."""
        return rows.select_related("customer", "manager")

    def get_saved_views(self) -> Sequence[SavedView]:
        """The views of this user, with how many contracts each holds today."""
        queries = contract_queries(self.today, sees_all=sees_whole_entity(self.user))
        return [SavedView(label, query, self.counts[name]) for label, query, name in queries]

    def get_totals(self, rows: Any) -> Sequence[Total]:
        """Unbilled per currency; all sums are kept for the figures above the list."""
        self.sums = list(summed(rows))
        return [Total(row["currency"], row["contracts"], row["sum_unbilled"]) for row in self.sums]

    def get_whole_table(self, **kwargs: Any) -> ListTable:
        """Who manages a contract is said to those who see several people's."""
        table = super().get_whole_table(**kwargs)
        if not sees_whole_entity(self.user):
            table.columns.hide("manager")
        return table

    def get_groups(self, rows: QuerySet[Any]) -> dict[Any, Group]:
        """Per currency, because money of different currencies is never added up."""
        return {row["currency"]: currency_group(row) for row in self.sums}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.counts = contract_counts(self.get_queryset(), self.today, me=self.user.pk)
        context = super().get_context_data(**kwargs)
        may_add = self.may("projects.add_projectcontract")
        return context | {"kpis": contract_kpis(self.sums, self.counts), "may_add": may_add}


class ContractMixin(ObjectMixin):
    """A contract by its number, among those the user may see."""

    slug_field = slug_url_kwarg = "number"

    def get_queryset(self) -> Any:
        return ProjectContract.objects.visible_to(self.user)

    @property
    def cancel_url(self) -> str:
        """The contract."""
        return reverse("contract", args=[self.kwargs["number"]])

    def get_crumbs(self, title: Any) -> list[tuple[Any, str]]:
        """The way from the list over the contract to a page about it."""
        number = self.object.number
        return [
            (_("Contracts"), reverse("contracts")),
            (number, reverse("contract", args=[number])),
            (title, ""),
        ]


class Contract(ContractMixin, PageDefaults, DetailPage):
    """Figures, tabs and the part of the contract that the address asks for."""

    permission, template_name = "projects.view_projectcontract", "billing/contract.html"

    def get_queryset(self) -> Any:
        """Contracts with their positions, and all their names."""
        related = (
            *("customer__sales_tax_group", "manager", "legal_entity", "sales_tax_group"),
            *("payment_terms", "customer__payment_terms"),
            *("document_layout", "customer__document_layout", "legal_entity__document_layout"),
        )
        return with_position(super().get_queryset().select_related(*related), today=self.today)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The part, and what this user may do here."""
        contract = self.object
        parts = contract_context(contract, self.request.GET.get("show", LINES), self.today)
        managed = is_managed(contract, self.user)
        rights = {
            "may_draft": managed and self.may("billing.draft_proforma"),
            "may_change": managed and is_changeable(contract, self.user),
            "steps": steps_of(contract, self.user) if managed else [],
        }
        if "may_plan" in parts:
            # Milestones open for whoever may change what was agreed.
            parts["table"].is_editable = rights["may_change"]
        crumbs = [(_("Contracts"), reverse("contracts")), (contract.number, "")]
        return super().get_context_data(**rights, **parts, crumbs=crumbs, **kwargs)


class DraftContract(ContractMixin, DraftAction):
    def get_queryset(self) -> Any:
        """Contracts that the user manages; to see one is not enough."""
        return ProjectContract.objects.managed_by(self.user)

    def draft_anew(self, form: Any, items: Any, shares: Any) -> Any:
        return draft_contracts(self.targets, **self.get_verb_kwargs(form))

    def get_billable(self) -> tuple[Any, Any]:
        shares = MilestoneShare.objects.filter(milestone__contract_line__contract=self.object)
        return BacklogItem.objects.filter(contract=self.object), shares

    def get_retainers(self) -> RetainerQuerySet:
        rows: RetainerQuerySet = Retainer.objects.filter(contract=self.object)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(crumbs=self.get_crumbs(self.title), **kwargs)

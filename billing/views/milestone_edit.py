"""Milestones of a contract: added one by one or in a row, changed, divided, deleted (B2)."""

import re
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from billing.forms.milestones import (
    ChangeMilestoneForm,
    InstalmentsForm,
    MilestoneForm,
    PartForm,
    fixed_price_lines,
)
from billing.models import Milestone
from billing.planning import change_milestone, delete_milestones, plan_milestones, split_milestone
from billing.querysets import MilestoneQuerySet
from billing.views.contract_rights import CHANGE
from billing.views.contracts import ContractMixin
from core.money import ZERO
from core.pages import ActionPage, FormPage
from core.pages.keep_mine import KeepMine
from core.templatetags.display import money
from projects.models import ProjectContract
from projects.views.page_defaults import PageDefaults

REST = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
LONGEST_KEY = 18


class MilestonesOfContract(ContractMixin, PageDefaults):
    """A contract that the user manages; every page leads back to its milestones."""

    permission = CHANGE

    def get_queryset(self) -> Any:
        """Contracts that the user manages; to see one is not enough."""
        return ProjectContract.objects.managed_by(self.user)

    @property
    def cancel_url(self) -> str:
        """The milestones of the contract."""
        return f"{reverse('contract', args=[self.kwargs['number']])}?show=milestones"


class MilestonePage(MilestonesOfContract, FormPage):
    template_name = "billing/milestone_form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = self.get_crumbs(self.title)
        return super().get_context_data(
            contract=self.object, crumbs=crumbs, unplanned=self.unplanned, **kwargs
        )

    @property
    def unplanned(self) -> list[tuple[str, str]]:
        """What is left to plan on each line that has an agreed amount."""
        lines = fixed_price_lines(self.object).filter(contracted_amount__isnull=False)
        planned = lines.annotate(planned=Sum("milestones__amount", default=ZERO))
        currency = self.object.currency
        return [(line.name, money(line.contracted_amount - line.planned, currency)) for line in planned]


class AddMilestone(MilestonePage):
    title, form_class = _("Add a milestone"), MilestoneForm
    success_message = _("Milestone added")

    def get_initial(self) -> dict[str, Any]:
        """The line and the rest that a link to this page names; what cannot be read is left out."""
        line, rest = self.request.GET.get("line", ""), self.request.GET.get("amount", "")
        initial: dict[str, Any] = {"line": line} if line.isdecimal() and len(line) <= LONGEST_KEY else {}
        return initial | ({"amount": Decimal(rest)} if REST.fullmatch(rest) else {})

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"contract": self.object}

    def form_valid(self, form: MilestoneForm) -> HttpResponse:
        line, now = form.cleaned_data["line"], timezone.now()
        return self.answer(lambda: plan_milestones(line, [form.plan()], actor=self.user, at=now), form)


class AddInstalments(MilestonePage):
    """A row of equal milestones."""

    title, form_class = _("Generate a series"), InstalmentsForm
    success_message = _("Milestones added: %(count)s")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"contract": self.object}

    def form_valid(self, form: InstalmentsForm) -> HttpResponse:
        line, now = form.cleaned_data["line"], timezone.now()
        return self.answer(lambda: plan_milestones(line, form.plans(), actor=self.user, at=now), form)


class OfMilestone:
    """The milestone that the address names, of this contract; 404 when it is not there.

    Its key is not called `pk` in the address: by that name Django would look for the contract (B2).
    """

    @cached_property
    def milestone(self) -> Milestone:
        """The milestone with its line and contract."""
        rows = Milestone.objects.select_related("contract_line__contract")
        kwargs = self.kwargs  # type: ignore[attr-defined]
        return get_object_or_404(rows, pk=kwargs["milestone"], contract_line__contract=self.object)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> MilestoneQuerySet:
        """It as the verbs take it."""
        rows: MilestoneQuerySet = Milestone.objects.filter(pk=self.milestone.pk)
        return rows


class ChangeMilestone(KeepMine, OfMilestone, MilestonePage):
    """What was agreed, until a draft or an invoice has it; with the ways to divide and to delete it."""

    template_name = "billing/milestone_change.html"
    title, form_class = _("Edit milestone"), ChangeMilestoneForm
    success_message = _("Milestone saved")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"contract": self.object, "milestone": self.milestone}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the shares, which say what was billed."""
        shares = self.milestone.shares.select_related("customer").with_proforma().order_by("pk")
        return super().get_context_data(milestone=self.milestone, shares=shares, **kwargs)

    def form_valid(self, form: ChangeMilestoneForm) -> HttpResponse:
        seen, plan = {self.milestone.pk: form.seen_values()}, form.plan()
        chosen, user, now = self.chosen, self.user, timezone.now()
        return self.answer(lambda: change_milestone(chosen, plan, seen=seen, actor=user, at=now), form)

    def get_row(self) -> Milestone:
        """The milestone as somebody else has saved it."""
        del self.milestone
        return self.milestone


class DivideMilestone(OfMilestone, MilestonePage):
    """A part of it becomes a milestone of its own, to be invoiced before the rest."""

    title, form_class = _("Divide milestone"), PartForm
    success_message = _("Milestone divided: mark the part ready to invoice it")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"milestone": self.milestone}

    def form_valid(self, form: PartForm) -> HttpResponse:
        name, part, now = form.cleaned_data["name"], form.part(), timezone.now()
        return self.answer(
            lambda: split_milestone(self.chosen, part, name=name, actor=self.user, at=now), form
        )


class DeleteMilestone(OfMilestone, MilestonesOfContract, ActionPage):
    title, verb = _("Delete milestone"), delete_milestones
    success_message = _("Milestone deleted")

    def get_targets(self) -> MilestoneQuerySet:
        """The milestone of the address."""
        return self.chosen

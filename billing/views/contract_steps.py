"""The steps of a contract, each on a page that says what will happen: confirm, hold, resume, end, delete."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.ending import closed_by_losing, complete_contracts, lose_contracts
from billing.models import MilestoneShare
from billing.views.contract_rights import CONFIRM, DELETE
from billing.views.contracts import ContractMixin
from core.money import ZERO
from core.pages import ActionPage
from core.templatetags.display import money, number, quantity
from projects.contracting import confirm_contracts, hold_contracts, reopen_contracts, resume_contracts
from projects.models import Approval, BacklogItem, ContractLine, ProjectContract
from projects.states import ApprovalStatus, TransactionClass
from projects.views.page_defaults import PageDefaults
from projects.writing_contracts import delete_contract_drafts

Effects = Sequence[str | Promise]


class StepPage(ContractMixin, PageDefaults, ActionPage):
    """A page that says what a step means before it is taken."""

    template_name, permission = "billing/contract_step.html", CONFIRM
    effects: Effects = ()

    def get_queryset(self) -> Any:
        """Contracts that the user manages; to see one is not enough."""
        return ProjectContract.objects.managed_by(self.user)

    def get_effects(self) -> Effects:
        """What will happen, sentence by sentence, with figures where there are any."""
        return self.effects

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **{
                "contract": self.object,
                "crumbs": self.get_crumbs(self.title),
                "effects": self.get_effects(),
                **kwargs,
            }
        )


class Confirm(StepPage):
    """Confirm a draft; work that was recorded before is priced again."""

    title, success_message, verb = _("Confirm contract"), _("Contract confirmed"), confirm_contracts

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"on": self.today}

    def get_effects(self) -> Effects:
        return [
            gettext("From now on its work and milestones may be invoiced."),
            *recorded_before(self.object),
            gettext("It does not become a draft again; lines can still be added, and it can be put on hold."),
        ]


class Hold(StepPage):
    title, verb, success_message = _("Put the contract on hold"), hold_contracts, _("Contract put on hold")
    effects = (
        _("Nothing of it is invoiced, neither by hand nor by a run, until it is resumed."),
        _("People go on recording work on it, and drafts that exist stay."),
    )


class Resume(StepPage):
    title, verb, success_message = _("Resume the contract"), resume_contracts, _("Contract resumed")
    effects = (_("It may be invoiced again. The next run includes what was skipped meanwhile."),)


class Complete(StepPage):
    title, verb, success_message = _("Complete the contract"), complete_contracts, _("Contract completed")
    effects = (
        _("Everything is done and billed: work recorded from now on is not covered by it."),
        _("What was invoiced stays. It can be opened again, to correct an invoice or to go on."),
    )


class ReopenContract(StepPage):
    """Go on with a completed contract, or correct what it invoiced."""

    title, verb, success_message = _("Reopen the contract"), reopen_contracts, _("Contract reopened")

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"on": self.today}

    def get_effects(self) -> Effects:
        return [
            gettext("Work and milestones may be invoiced again, and what was invoiced can be corrected."),
            gettext("Work recorded since then, which no contract covers, gets its lines and prices."),
        ]


class Lose(StepPage):
    """Give a contract up, with what that takes back."""

    title, verb, success_message = (
        _("Mark the contract as lost"),
        lose_contracts,
        _("Contract marked as lost"),
    )

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"on": self.today}

    def get_effects(self) -> Effects:
        return lost_with(self.object)


class Delete(StepPage):
    title, permission, verb, success_message = (
        _("Delete draft"),
        DELETE,
        delete_contract_drafts,
        _("Draft deleted"),
    )
    effects = (_("The draft is deleted with its lines, payers and rules."),)

    def get_success_url(self) -> str:
        return reverse("contracts")


def recorded_before(contract: ProjectContract) -> list[str]:
    """How much work was approved on its projects and lies on no confirmed contract."""
    lines = ContractLine.objects.filter(contract=contract)
    free = Q(contract_line=None) | Q(contract_line__contract=contract)
    approved = Approval.objects.filter(
        free, status=ApprovalStatus.APPROVED, entry__project__in=lines.values("project")
    )
    hours = approved.filter(entry__transaction_class=TransactionClass.TIME).aggregate(
        sum=Sum("submitted_quantity", default=ZERO)
    )["sum"]
    count = approved.count()
    if not count:
        return []
    words = ngettext(
        "%(count)s entry recorded before, %(hours)s, gets its current line, price and chargeability.",
        "%(count)s entries recorded before, %(hours)s, get their current lines, prices and chargeability.",
        count,
    )
    return [words % {"count": count, "hours": quantity(hours, "h")}]


def lost_with(contract: ProjectContract) -> list[str]:
    """What is reversed and closed with a contract that is given up."""
    items = BacklogItem.objects.filter(contract=contract)
    amount = items.chargeable().aggregate(sum=Sum("amount", default=ZERO))["sum"]
    shares = MilestoneShare.objects.filter(milestone__contract_line__contract=contract).not_invoiced()
    effects = []
    if count := items.count():
        words = ngettext(
            "%(count)s unbilled entry, %(amount)s, is reversed; its cost stays.",
            "%(count)s unbilled entries, %(amount)s, are reversed; their cost stays.",
            count,
        )
        effects.append(words % {"count": count, "amount": money(amount, contract.currency)})
    if count := shares.count():
        words = ngettext(
            "%(count)s milestone is never invoiced.", "%(count)s milestones are never invoiced.", count
        )
        effects.append(words % {"count": number(count)})
    effects.extend(
        gettext("Project %(project)s is closed, because no other contract covers it.") % {"project": project}
        for project in closed_by_losing([contract])
    )
    effects.append(gettext("What was invoiced stays. A lost contract cannot be opened again."))
    return effects

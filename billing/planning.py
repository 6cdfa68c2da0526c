"""Plan the milestones of fixed-price lines: amount, day, and each customer's share (B2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Milestone, MilestoneShare
from core.activity_log import log_activity
from core.money import HUNDRED, ZERO, minor_places
from core.refusals import Refusal, refuse_if
from projects.models import ContractLine, ContractLineCustomer


@dataclass(frozen=True)
class PlannedMilestone:
    """One milestone as agreed: its amount is in the contract's currency."""

    name: str
    due_on: date
    amount: Decimal
    external_description: str = ""


def plan_milestones(
    line: ContractLine, plans: list[PlannedMilestone], *, actor: User, at: datetime
) -> list[Milestone]:
    """Add milestones to a fixed-price line, each shared out among the line's customers.

    Amounts are in the contract's currency. Shares are rounded to its minor unit and add up to the milestone;
    the rounding customer absorbs the difference (decision 8). Locks the line. Raises Refused:
    not-fixed-price, project-missing, split-not-whole, above-contracted-amount (B2).
    """
    with transaction.atomic(durable=True):
        # The line is locked so that two plans at once cannot exceed its amount together.
        held = ContractLine.objects.select_related("contract").select_for_update(of=("self",)).get(pk=line.pk)
        payers = list(held.customers.order_by("pk"))
        refuse_if(_reasons_against(held, payers, plans))

        milestones = Milestone.objects.bulk_create(
            Milestone(
                contract_line=held,
                name=plan.name,
                due_on=plan.due_on,
                amount=plan.amount,
                external_description=plan.external_description,
            )
            for plan in plans
        )
        MilestoneShare.objects.bulk_create(
            share for milestone in milestones for share in _shares(milestone, payers, held.contract.currency)
        )
        log_activity("planned", milestones, actor=actor, at=at)
    return milestones


def _reasons_against(
    line: ContractLine, payers: list[ContractLineCustomer], plans: list[PlannedMilestone]
) -> Iterable[Refusal]:
    if line.is_time_and_material:
        message = _("Time-and-material lines are invoiced by what was worked.")
        yield Refusal("not-fixed-price", message, str(line), _("Choose a fixed-price line."))
    if line.project_id is None:
        message = _("A fixed-price line needs a project.")
        yield Refusal("project-missing", message, str(line), _("Choose the project."))
    if sum((payer.split_percent for payer in payers), ZERO) != HUNDRED:
        message = _("The customers' shares do not add up to 100 percent.")
        yield Refusal(
            "split-not-whole", message, str(line), _("Change them so that they add up to 100 percent.")
        )
    # Those planned before count as well: together they may not exceed what the customer agreed to.
    amounts = [*line.milestones.values_list("amount", flat=True), *(one.amount for one in plans)]
    planned = sum(amounts, ZERO)
    if line.contracted_amount is not None and planned > line.contracted_amount:
        message = _("The milestones would add up to more than the contracted amount.")
        way_out = _("Lower a milestone, or edit the contract line.")
        yield Refusal("above-contracted-amount", message, str(line), way_out)


def _shares(
    milestone: Milestone, payers: list[ContractLineCustomer], currency: str
) -> Iterable[MilestoneShare]:
    # Shared out once and stored: later changes of the split do not change what was agreed.
    amounts = ContractLineCustomer.shares_of(milestone.amount, payers, places=minor_places(currency))
    for payer, amount in zip(payers, amounts, strict=True):
        yield MilestoneShare(
            milestone=milestone, line_customer=payer, customer_id=payer.customer_id, amount=amount
        )

"""Plan the milestones of fixed-price lines: amount, day, and each customer's share (B2)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from billing.milestone_plans import PlannedMilestone
from billing.models import Milestone, MilestoneShare
from billing.querysets import MilestoneQuerySet
from core.activity_log import came_with, changes_of, log_activity, went_with
from core.money import HUNDRED, ZERO, has_places, minor_places
from core.refusals import Refusal, refuse_if
from core.seen_values import Seen, edited_since
from projects.models import ContractLine, ContractLineCustomer, ProjectContract
from projects.states import ENDED_CONTRACTS


def plan_milestones(
    line: ContractLine, plans: Sequence[PlannedMilestone], *, actor: User, at: datetime
) -> list[Milestone]:
    """Add milestones to a fixed-price line, each shared out among the line's customers.

    Amounts are in the contract's currency. Shares are rounded to its minor unit and add up to the milestone;
    the rounding customer absorbs the difference (decision 8). Locks the contract. Raises Refused:
    nothing-planned, not-fixed-price, project-missing, contract-ended, split-not-whole,
    above-contracted-amount, amount-not-positive, below-minor-unit, share-empty (B2).
    """
    with transaction.atomic(durable=True):
        # The contract is locked so that two plans at once cannot exceed the amount of a line together.
        held, payers = _held(line.pk)
        nothing = Refusal("nothing-planned", _("There is no milestone to add."), str(held), _("Add one."))
        refuse_if([] if plans else [nothing])
        planned = _planned_of(held)
        refuse_if([*_reasons_of_line(held, payers), *_reasons_of_plans(held, payers, plans, planned)])

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
        changes = came_with(milestones, "amount", "due_on")
        log_activity("planned", milestones, actor=actor, at=at, changes=changes)
    return milestones


def change_milestone(
    milestones: MilestoneQuerySet,
    plan: PlannedMilestone,
    *,
    seen: Seen | None = None,
    actor: User,
    at: datetime,
) -> Milestone:
    """Change name, day, amount and text of one milestone that no draft holds and no invoice billed.

    A new amount is shared out anew among the customers of the line. Amounts are in the contract's currency,
    shares rounded to its minor unit (decision 8). `seen` is what whoever changes it has seen. Locks the
    contract, the milestone, then its shares. Raises Refused as `plan_milestones`, and milestone-used,
    edited-meanwhile (B2).
    """
    with transaction.atomic(durable=True):
        milestone, line, payers = _one_held(milestones)
        planned = _planned_of(line) - milestone.amount
        refuse_if(
            [
                *_used([milestone]),
                *edited_since([milestone], seen),
                *_reasons_of_line(line, payers),
                *_reasons_of_plans(line, payers, [plan], planned),
            ]
        )

        values = {
            "name": plan.name,
            "due_on": plan.due_on,
            "amount": plan.amount,
            "external_description": plan.external_description,
        }
        before_and_after = changes_of([milestone], values)
        for name, value in values.items():
            setattr(milestone, name, value)
        milestone.save(update_fields=list(values))
        _share_anew(milestone, payers, line.contract.currency)
        log_activity("changed", [milestone], actor=actor, at=at, changes=before_and_after)
    return milestone


def split_milestone(
    milestones: MilestoneQuerySet, amount: Decimal, *, name: str, actor: User, at: datetime
) -> Milestone:
    """Divide a milestone, so that a part of it can be invoiced before the rest; returns the part.

    `amount` is the part's, in the contract's currency. Each customer owes in sum what was agreed: the part is
    shared out, the rest is what is left of each share. Locks and refusals are those of `change_milestone`,
    with not-a-part for an amount that leaves nothing (B2).
    """
    with transaction.atomic(durable=True):
        milestone, line, payers = _one_held(milestones)
        currency = line.contract.currency
        plan = PlannedMilestone(name, milestone.due_on, amount, milestone.external_description)
        refuse_if(
            [
                *_used([milestone]),
                *_reasons_of_line(line, payers),
                *_not_a_part(milestone, amount),
                *_reasons_of_plans(line, payers, [plan], ZERO),
            ]
        )

        part = Milestone.objects.create(
            contract_line=line,
            name=name,
            due_on=plan.due_on,
            amount=amount,
            external_description=plan.external_description,
        )
        shares = list(_shares(part, payers, currency))
        MilestoneShare.objects.bulk_create(shares)
        taken = {share.customer_id: share.amount for share in shares}
        left = list(milestone.shares.locked())
        for share in left:
            share.amount -= taken.get(share.customer_id, ZERO)
            # A part of what it was may be more than what it is now.
            share.next_amount = None
        MilestoneShare.objects.bulk_update(left, ["amount", "next_amount"])
        values = {"amount": milestone.amount - amount}
        before_and_after = changes_of([milestone], values)
        milestone.amount = values["amount"]
        milestone.save(update_fields=["amount"])
        log_activity("divided", [milestone], actor=actor, at=at, changes=before_and_after)
        log_activity("planned", [part], actor=actor, at=at, changes=came_with([part], "amount", "due_on"))
    return part


def delete_milestones(milestones: MilestoneQuerySet, *, actor: User, at: datetime) -> int:
    """Delete milestones that no draft holds and no invoice billed.

    Locks their contracts, then the milestones. Raises Refused: milestone-used (B2).
    """
    with transaction.atomic(durable=True):
        _lock_contracts(milestones.order_by().values("contract_line__contract"))
        chosen = list(milestones.locked())
        refuse_if(_used(chosen))

        changes = went_with(chosen, "amount", "due_on")
        log_activity("deleted", chosen, actor=actor, at=at, changes=changes)
        Milestone.objects.filter(pk__in=[one.pk for one in chosen]).delete()
    return len(chosen)


# --- Reasons against ------------------------------------------------------------------------------


def _held(key: int) -> tuple[ContractLine, list[ContractLineCustomer]]:
    _lock_contracts(ContractLine.objects.filter(pk=key).values("contract"))
    line = ContractLine.objects.select_related("contract").get(pk=key)
    return line, list(line.customers.order_by("pk"))


def _lock_contracts(keys: QuerySet) -> None:
    # Contracts first, as everywhere (D10): who drafts or ends one waits, and two people never plan at once.
    list(ProjectContract.objects.filter(pk__in=keys).only("pk").locked())


def _one_held(milestones: MilestoneQuerySet) -> tuple[Milestone, ContractLine, list[ContractLineCustomer]]:
    # Its contract first, as planning takes it: two people on one contract wait for each other.
    line, payers = _held(milestones.get().contract_line_id)
    return milestones.locked().get(), line, payers


def _planned_of(line: ContractLine) -> Decimal:
    planned: Decimal = line.milestones.aggregate(sum=Sum("amount", default=ZERO))["sum"]
    return planned


def _reasons_of_line(line: ContractLine, payers: Sequence[ContractLineCustomer]) -> Iterable[Refusal]:
    if line.is_time_and_material:
        message = _("Time-and-material lines are invoiced by what was worked.")
        yield Refusal("not-fixed-price", message, str(line), _("Choose a fixed-price line."))
    if line.project_id is None:
        message = _("A fixed-price line needs a project.")
        yield Refusal("project-missing", message, str(line), _("Choose the project."))
    if line.contract.status in ENDED_CONTRACTS:
        message = _("Its contract is “%(status)s”.") % {"status": line.contract.get_status_display()}
        yield Refusal("contract-ended", message, str(line), _("Add it to a contract that has not ended."))
    if not _is_whole(payers):
        message = _("The customers' shares do not add up to 100 percent.")
        yield Refusal(
            "split-not-whole", message, str(line), _("Change them so that they add up to 100 percent.")
        )


def _is_whole(payers: Sequence[ContractLineCustomer]) -> bool:
    return sum((payer.split_percent for payer in payers), ZERO) == HUNDRED


def _amounts_of(amount: Decimal, payers: Sequence[ContractLineCustomer], places: int) -> list[Decimal]:
    return ContractLineCustomer.shares_of(amount, payers, places=places)


def _reasons_of_plans(
    line: ContractLine,
    payers: Sequence[ContractLineCustomer],
    plans: Sequence[PlannedMilestone],
    planned: Decimal,
) -> Iterable[Refusal]:
    places = minor_places(line.contract.currency)
    for plan in plans:
        if plan.amount <= ZERO:
            message = _("A milestone has an amount above zero.")
            yield Refusal(
                "amount-not-positive",
                message,
                plan.name,
                _("To take something back, correct its proforma."),
            )
        elif not has_places(plan.amount, places):
            message = _("The amount has more decimals than %(currency)s.")
            facts = {"currency": line.contract.currency}
            yield Refusal("below-minor-unit", message % facts, plan.name, _("Round the amount."))
        elif _is_whole(payers) and min(_amounts_of(plan.amount, payers, places)) <= ZERO:
            message = _("It is too small to be shared among the customers of the line.")
            yield Refusal("share-empty", message, plan.name, _("Raise the amount."))
    # Those planned before count as well: together they may not exceed what the customer agreed to.
    total = planned + sum((plan.amount for plan in plans), ZERO)
    if line.contracted_amount is not None and total > line.contracted_amount:
        message = _("The milestones would add up to more than the contracted amount.")
        way_out = _("Lower a milestone, or edit the contract line.")
        yield Refusal("above-contracted-amount", message, str(line), way_out)


def _used(milestones: Sequence[Milestone]) -> Iterable[Refusal]:
    """One statement; the message names the proforma."""
    shares = MilestoneShare.objects.filter(milestone__in=milestones)
    free = shares.untouched().values("pk")
    used = shares.exclude(pk__in=free).with_proforma().select_related("milestone").order_by("pk")
    for share in used:
        number = getattr(share, "draft_number", None) or _("an earlier proforma")
        yield Refusal(
            "milestone-used",
            _("%(number)s has it.") % {"number": number},
            str(share.milestone),
            _("Take it off the draft first; what is invoiced is corrected."),
        )


def _not_a_part(milestone: Milestone, amount: Decimal) -> Iterable[Refusal]:
    if amount >= milestone.amount:
        message = _("The part leaves nothing of the milestone.")
        yield Refusal("not-a-part", message, str(milestone), _("Choose less than its amount."))


# --- Shares ---------------------------------------------------------------------------------------


def _shares(
    milestone: Milestone, payers: Sequence[ContractLineCustomer], currency: str
) -> Iterable[MilestoneShare]:
    # Shared out once and stored: later changes of the split do not change what was agreed.
    amounts = _amounts_of(milestone.amount, payers, minor_places(currency))
    for payer, amount in zip(payers, amounts, strict=True):
        yield MilestoneShare(
            milestone=milestone, line_customer=payer, customer_id=payer.customer_id, amount=amount
        )


def _share_anew(milestone: Milestone, payers: Sequence[ContractLineCustomer], currency: str) -> None:
    """Share a changed amount out among the customers of today; what was ready stays ready."""
    known = {share.customer_id: share for share in milestone.shares.locked()}
    new = []
    for share in _shares(milestone, payers, currency):
        kept = known.pop(share.customer_id, None)
        if kept is None:
            new.append(share)
        else:
            kept.amount, kept.line_customer, kept.next_amount = share.amount, share.line_customer, None
            kept.save(update_fields=["amount", "line_customer", "next_amount"])
    MilestoneShare.objects.filter(pk__in=[share.pk for share in known.values()]).delete()
    MilestoneShare.objects.bulk_create(new)

"""Plan retainers, mark them ready, and let their balances go back to the customer (B3, N14)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import InvoiceLineDetail, Retainer
from billing.retainer_plans import PlannedRetainer
from billing.retainer_querysets import RetainerQuerySet
from billing.states import RetainerStatus
from core.activity_log import came_with, changes_of, log_activity, states_of, went_with
from core.days import DAYS_ALLOWED, is_possible
from core.money import ZERO, has_places, minor_places
from core.querysets import Transition
from core.refusals import Refusal, refuse_if
from projects.entry_rules import TOO_LARGE
from projects.models import ContractLine, Customer, ProjectContract
from projects.states import ENDED_CONTRACTS


def plan_retainers(
    contract: ProjectContract,
    customer: Customer,
    plans: Sequence[PlannedRetainer],
    *,
    actor: User,
    at: datetime,
) -> list[Retainer]:
    """Agree retainers of one customer of a contract: one, or a series with a row of its own for each date.

    Amounts are net, in the contract's currency. They are printed and posted with the first line that the
    customer pays for and that has a project, and taxed as milestones of the legal entity are. Locks the
    contract. Raises Refused: nothing-planned, contract-ended, not-a-payer, amount-not-positive,
    below-minor-unit, amount-too-large, day-not-possible (B3).
    """
    with transaction.atomic(durable=True):
        held = ProjectContract.objects.select_related("legal_entity").locked().get(pk=contract.pk)
        line = _line_of(held, customer)
        refuse_if([*_reasons_of_payer(held, customer, line), *_reasons_of_plans(plans, held.currency)])
        if line is None:
            raise AssertionError("refused without a line")

        retainers = Retainer.objects.bulk_create(
            Retainer(
                contract=held,
                customer=customer,
                contract_line=line,
                name=plan.name,
                amount=plan.amount,
                invoice_on=plan.invoice_on,
                item_sales_tax_group_id=held.legal_entity.milestone_item_tax_group_id,
            )
            for plan in plans
        )
        changes = came_with(retainers, "amount", "invoice_on")
        log_activity("planned", retainers, actor=actor, at=at, changes=changes)
    return retainers


def change_retainer(
    retainers: RetainerQuerySet, plan: PlannedRetainer, *, actor: User, at: datetime
) -> Retainer:
    """Change name, date and amount of one retainer that no proforma ever held.

    The amount is net, in the contract's currency. Locks the retainer. Raises Refused: retainer-used,
    of-a-block, and those of amounts and days of `plan_retainers` (B3, A12).
    """
    with transaction.atomic(durable=True):
        retainer = retainers.select_related("contract").locked().get()
        refuse_if(
            [
                *_used([retainer]),
                *_of_blocks([retainer]),
                *_reasons_of_plans([plan], retainer.contract.currency),
            ]
        )

        values = {"name": plan.name, "invoice_on": plan.invoice_on, "amount": plan.amount}
        before_and_after = changes_of([retainer], values)
        for name, value in values.items():
            setattr(retainer, name, value)
        retainer.save(update_fields=list(values))
        log_activity("changed", [retainer], actor=actor, at=at, changes=before_and_after)
    return retainer


def delete_retainers(retainers: RetainerQuerySet, *, actor: User, at: datetime) -> int:
    """Delete retainers that no proforma ever held.

    Locks them. Raises Refused: retainer-used, of-a-block (B3, A12).
    """
    with transaction.atomic(durable=True):
        chosen = list(retainers.locked())
        refuse_if([*_used(chosen), *_of_blocks(chosen)])

        changes = went_with(chosen, "amount", "invoice_on")
        log_activity("deleted", chosen, actor=actor, at=at, changes=changes)
        Retainer.objects.filter(pk__in=[one.pk for one in chosen]).delete()
    return len(chosen)


def mark_retainers_ready(retainers: RetainerQuerySet, *, actor: User, at: datetime) -> int:
    """Let retainers enter drafts from their date on. Locks them. Raises Refused: not-markable (B3)."""
    return _step(retainers, Retainer.mark_ready, RetainerStatus.NOT_READY, RetainerStatus.READY, actor, at)


def mark_retainers_not_ready(retainers: RetainerQuerySet, *, actor: User, at: datetime) -> int:
    """Take ready retainers back. Locks them. Raises Refused: not-markable (B3)."""
    return _step(
        retainers, Retainer.mark_not_ready, RetainerStatus.READY, RetainerStatus.NOT_READY, actor, at
    )


def ask_for_refund(retainers: RetainerQuerySet, *, reason: str, actor: User, at: datetime) -> int:
    """Let the whole balance of retainers go back to the customer with the next proforma (N14).

    The reason is printed on it. Locks the retainers. Raises Refused: reason-missing, not-available,
    held-by-draft (B3).
    """
    with transaction.atomic(durable=True):
        chosen = list(retainers.select_related("contract").locked())
        refuse_if([*_without_reason(reason), *_not_refundable(chosen)])

        Retainer.objects.walk(chosen, Retainer.ask_refund, refund_reason=reason.strip())
        log_activity(
            "to be refunded",
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=RetainerStatus.TO_REFUND,
        )
    return len(chosen)


def keep_balance(retainers: RetainerQuerySet, *, actor: User, at: datetime) -> int:
    """Do not refund retainers after all; what is left of them is available again.

    Locks them. Raises Refused: not-markable, held-by-draft (B3).
    """
    with transaction.atomic(durable=True):
        chosen = list(retainers.locked())
        refuse_if([*_not_in(chosen, RetainerStatus.TO_REFUND), *_held_by_drafts(chosen)])

        Retainer.objects.walk(chosen, Retainer.keep, refund_reason="")
        log_activity(
            "kept",
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=RetainerStatus.AVAILABLE,
        )
    return len(chosen)


# --- Reasons against ------------------------------------------------------------------------------


def _line_of(contract: ProjectContract, customer: Customer) -> ContractLine | None:
    lines = ContractLine.objects.filter(contract=contract, customers__customer=customer)
    return lines.exclude(project=None).order_by("number", "pk").first()


def _reasons_of_payer(
    contract: ProjectContract, customer: Customer, line: ContractLine | None
) -> Iterable[Refusal]:
    if contract.status in ENDED_CONTRACTS:
        message = _("The contract is “%(status)s”.") % {"status": contract.get_status_display()}
        yield Refusal("contract-ended", message, str(contract), _("Choose a contract that has not ended."))
    if line is None:
        message = _("%(customer)s pays for no line of this contract that has a project.")
        yield Refusal(
            "not-a-payer",
            message % {"customer": customer},
            str(contract),
            _("Choose a customer of the contract, or add the customer to a contract line."),
        )


def _reasons_of_plans(plans: Sequence[PlannedRetainer], currency: str) -> Iterable[Refusal]:
    if not plans:
        yield Refusal("nothing-planned", _("There is no advance to add."), "", _("Add one."))
    for plan in plans:
        if not is_possible(plan.invoice_on):
            message = _("The invoice date is not possible.")
            yield Refusal("day-not-possible", message, plan.name, DAYS_ALLOWED)
        # What is no number compares with nothing, so this comes first.
        if not plan.amount.is_finite() or plan.amount >= TOO_LARGE:
            yield Refusal(
                "amount-too-large",
                _("The amount is too large to be stored."),
                plan.name,
                _("Check it, or agree it in parts."),
            )
        elif plan.amount <= ZERO:
            yield Refusal(
                "amount-not-positive",
                _("An advance has an amount above zero."),
                plan.name,
                _("To give money back, refund an advance that was invoiced."),
            )
        elif not has_places(plan.amount, minor_places(currency)):
            message = _("The amount has more decimals than %(currency)s.") % {"currency": currency}
            yield Refusal("below-minor-unit", message, plan.name, _("Round the amount."))


def _used(retainers: Iterable[Retainer]) -> Iterable[Refusal]:
    for retainer in retainers:
        if not retainer.is_untouched:
            message = _("It is “%(status)s”.") % {"status": retainer.get_status_display()}
            yield Refusal(
                "retainer-used",
                message,
                str(retainer),
                _("Take it off the draft first; what is invoiced is corrected or refunded."),
            )


def _of_blocks(retainers: Iterable[Retainer]) -> Iterable[Refusal]:
    """The money of a block is its hours times its rate, as long as its month is agreed."""
    for retainer in retainers:
        if retainer.prepaid_month_id is not None:
            message = _("It is the block of a month of prepaid hours.")
            yield Refusal("of-a-block", message, str(retainer), _("End the prepaid hours before that month."))


def _not_in(retainers: Iterable[Retainer], status: str) -> Iterable[Refusal]:
    for retainer in retainers:
        if retainer.status != status:
            message = _("It is “%(status)s”.") % {"status": retainer.get_status_display()}
            way_out = _("Reload the page to see what has changed.")
            yield Refusal("not-markable", message, str(retainer), way_out)


def _without_reason(reason: str) -> Iterable[Refusal]:
    if not reason.strip():
        message, way_out = _("The document says why money goes back."), _("Give a reason.")
        yield Refusal("reason-missing", message, "", way_out)


def _not_refundable(retainers: Sequence[Retainer]) -> Iterable[Refusal]:
    for retainer in retainers:
        if retainer.status != RetainerStatus.AVAILABLE:
            yield Refusal(
                "not-available",
                _("It is “%(status)s”: there is no balance to refund.")
                % {"status": retainer.get_status_display()},
                str(retainer),
                _("Refund an advance that is available."),
            )
    yield from _held_by_drafts(retainers)


def _held_by_drafts(retainers: Sequence[Retainer]) -> Iterable[Refusal]:
    """That drafts hold a part of a balance; one statement, and the message names them."""
    holding = InvoiceLineDetail.objects.filter(
        retainer__in=retainers, amount__lt=0, line__proforma__event__isnull=True
    )
    rows = holding.select_related("retainer", "line__proforma").order_by("retainer", "pk")
    for detail in rows:
        message = _("Draft %(number)s holds a part of it.") % {"number": detail.line.proforma.number}
        yield Refusal(
            "held-by-draft", message, str(detail.retainer), _("Confirm that draft, or take it off the draft.")
        )


def _step(
    retainers: RetainerQuerySet, step: Transition, source: str, target: str, actor: User, at: datetime
) -> int:
    with transaction.atomic(durable=True):
        chosen = list(retainers.locked())
        refuse_if(_not_in(chosen, source))

        Retainer.objects.walk(chosen, step)
        verb = target.replace("_", " ")
        log_activity(verb, chosen, actor=actor, at=at, from_states=states_of(chosen), to_state=target)
    return len(chosen)

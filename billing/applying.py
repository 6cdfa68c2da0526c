"""Say how much of the retainers of a contract and customer their drafts apply (decision 9)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.applied_advances import (
    APPLYING,
    block_of,
    capacities_of,
    count_blocks,
    forget_less,
    taxed_as,
)
from billing.changing_drafts import frozen, lock_details
from billing.models import InvoiceLineDetail, Proforma, Retainer
from billing.querysets import DetailQuerySet, ProformaQuerySet
from billing.retainer_details import apply_available
from billing.retainer_querysets import RetainerQuerySet
from billing.totalling import add_up
from core.activity_log import came_with, changes_of, log_activity
from core.money import ZERO, has_places, minor_places
from core.refusals import Refusal, refuse_if
from core.templatetags.display import money
from projects.entry_rules import TOO_LARGE
from projects.models import ProjectContract


def apply_to_drafts(proformas: ProformaQuerySet, *, actor: User, at: datetime) -> int:
    """Apply what is available to open drafts, oldest retainer first, as far as their totals go.

    What a draft applies already stays as it is there. Amounts are net, in the contract's currency; totals are
    added up again. Locks the contracts, the drafts, then the retainers. Returns how many details are new.
    Raises Refused: frozen (decision 9).
    """
    with transaction.atomic(durable=True):
        _lock_contracts(proformas)
        drafts = list(proformas.locked())
        refuse_if(frozen(drafts))

        details = apply_available(drafts)
        add_up(drafts, by=actor)
        log_activity("applied", details, actor=actor, at=at, changes=came_with(details, "amount"))
    return len(details)


def apply_to_open_drafts(retainers: RetainerQuerySet, *, actor: User, at: datetime) -> int:
    """Apply what is available to the open drafts of the retainers' contracts and customers.

    Drafts take the oldest retainer first, whichever was asked for, as far as their totals go. Locks as
    `apply_to_drafts`. Returns how many drafts got something. Raises Refused: no-open-draft, nothing-to-apply
    (decision 9).
    """
    with transaction.atomic(durable=True):
        payers = {(one.contract_id, one.customer_id) for one in retainers}
        contracts = {contract for contract, _customer in payers}
        list(ProjectContract.objects.filter(pk__in=contracts).only("pk").locked())
        rows = Proforma.objects.open().filter(contract__in=contracts).locked()
        drafts = [one for one in rows if (one.contract_id, one.customer_id) in payers]
        refuse_if(_without_draft(retainers, drafts))

        details = apply_available(drafts)
        # Where there is nothing to apply, nothing was written.
        refuse_if(_without_effect(drafts, details))
        add_up(drafts, by=actor)
        log_activity("applied", details, actor=actor, at=at, changes=came_with(details, "amount"))
    return len({one.line.proforma_id for one in details})


def set_applied(details: DetailQuerySet, amount: Decimal, *, actor: User, at: datetime) -> Proforma:
    """Say how much of a retainer a draft applies; nothing takes it off, and it is available again.

    The amount is net and positive, in the contract's currency; totals are added up again. Locks the draft,
    the detail, then the retainer. Raises Refused: frozen, not-applied, amount-too-large, amount-negative,
    below-minor-unit, above-available, above-total, above-block (decision 9, A12).
    """
    with transaction.atomic(durable=True):
        drafts, chosen = lock_details(details, "retainer", "line__proforma")
        # Somebody took it off, or deleted the draft, since it was found.
        if not chosen:
            raise InvoiceLineDetail.DoesNotExist("no detail is left to apply anything")
        (detail,) = chosen
        (draft,) = drafts
        list(Retainer.objects.filter(pk=detail.retainer_id).locked())
        refuse_if([*frozen(drafts), *_reasons_of_applied(draft, detail, amount)])

        forget_less(draft, [detail.retainer_id])
        before_and_after = changes_of([detail], {"amount": -amount})
        log_activity("applied", [detail], actor=actor, at=at, changes=before_and_after)
        if amount:
            detail.amount = detail.quantity = -amount
            detail.save(update_fields=["amount", "quantity"])
        else:
            detail.delete()
        add_up(drafts, by=actor)
    return draft


def _without_draft(retainers: RetainerQuerySet, drafts: list[Proforma]) -> Iterable[Refusal]:
    if not drafts:
        yield Refusal(
            "no-open-draft",
            _("There is no open draft of its contract and customer."),
            ", ".join(str(one) for one in retainers),
            _("Create a proforma: what is available is applied to it by itself."),
        )


def _without_effect(drafts: list[Proforma], details: list[InvoiceLineDetail]) -> Iterable[Refusal]:
    if not details:
        yield Refusal(
            "nothing-to-apply",
            _("Nothing is left to be paid, or the advance is applied there already."),
            ", ".join(one.number for one in drafts),
            _("Add work to the draft, or open it to change how much is applied."),
        )


def _reasons_of_applied(draft: Proforma, detail: InvoiceLineDetail, amount: Decimal) -> Iterable[Refusal]:
    retainer, subject = detail.retainer, str(detail)
    is_applied = InvoiceLineDetail.objects.filter(APPLYING, pk=detail.pk, retainer__isnull=False)
    if retainer is None or not is_applied.exists():
        message = _("It does not apply an advance.")
        yield Refusal("not-applied", message, subject, _("Choose an advance that the draft applies."))
        return
    impossible = list(_impossible(amount, subject))
    yield from impossible
    if impossible:
        return
    if not has_places(amount, minor_places(draft.currency)):
        message = _("The amount has more decimals than %(currency)s.") % {"currency": draft.currency}
        yield Refusal("below-minor-unit", message, subject, _("Round the amount."))
    left = retainer.available_amount - detail.amount
    if amount > left:
        facts = {"left": money(left, draft.currency)}
        yield Refusal(
            "above-available",
            _("Only %(left)s is left.") % facts,
            subject,
            _("Type %(left)s or less, or 0 to keep it for later.") % facts,
        )
        return
    yield from _reasons_of_total(draft, detail, amount, left)


def _reasons_of_total(
    draft: Proforma, detail: InvoiceLineDetail, amount: Decimal, left: Decimal
) -> Iterable[Refusal]:
    """That a total would fall below zero, or that a block would pay for more than lies within it."""
    capacities = capacities_of([draft])
    applied = InvoiceLineDetail.objects.filter(APPLYING, line__proforma=draft)
    details = list(applied.select_related("retainer__prepaid_month"))
    count_blocks(capacities, map(block_of, details))
    capacity = capacities[draft.pk]
    for other in details:
        if other.pk != detail.pk:
            capacity.take(taxed_as(other), -other.amount, block_of(other))
    block = block_of(detail)
    most = capacity.most_of(taxed_as(detail), left, block)
    if amount > most and block is not None and most == capacity.blocks[block]:
        facts = {"most": money(most, draft.currency)}
        yield Refusal(
            "above-block",
            _("Prepaid hours pay for work within the block, and the draft has %(most)s of it.") % facts,
            str(detail),
            _("Type %(most)s or less.") % facts,
        )
    elif amount > most:
        facts = {"most": money(most, draft.currency)}
        yield Refusal(
            "above-total",
            _("With more than %(most)s the total would be below zero.") % facts,
            str(detail),
            _("Type %(most)s or less.") % facts,
        )


def _impossible(amount: Decimal, subject: str) -> Iterable[Refusal]:
    # What is no number compares with nothing, so it comes first.
    if not amount.is_finite() or amount >= TOO_LARGE:
        message, way_out = _("The amount is too large to be stored."), _("Type what is left of it at most.")
        yield Refusal("amount-too-large", message, subject, way_out)
    elif amount < ZERO:
        message = _("The amount that is applied is zero or more.")
        yield Refusal("amount-negative", message, subject, _("Type 0 to keep it for later."))


def _lock_contracts(proformas: ProformaQuerySet) -> None:
    # Contracts first (D10): a draft made beside this one takes what is left after it, or waits.
    keys = proformas.order_by().values("contract")
    list(ProjectContract.objects.filter(pk__in=keys).only("pk").locked())

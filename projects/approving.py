"""Approve submissions, which writes their actuals; send them back; change their terms (A9, A10, #2-#8)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import changes_of, log_activity, states_of
from core.money import HUNDRED, ZERO
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day
from projects.actuals import Payers, payers_of
from projects.approval_policy import most_billable_percents
from projects.approval_querysets import ApprovalQuerySet
from projects.approval_terms import fee_refusals
from projects.models import Approval, ApprovalReason, Entry, ProjectContract
from projects.prepaid_reckoning import count_prepaid_hours
from projects.recording import seal_events
from projects.replacing import open_events, record_facts
from projects.standing_in import note_delegators
from projects.states import (
    ENDED_CONTRACTS,
    ApprovalStatus,
    BillingType,
    EntryStatus,
    EventKind,
    RuleEffect,
    TransactionClass,
)

BATCH = 1000
RELATED = (
    "entry__legal_entity",
    "entry__project",
    "entry__resource",
    "contract_line__contract",
)


def approve_entries(
    approvals: ApprovalQuerySet, *, actor: User, on: date, at: datetime, comment: str = ""
) -> int:
    """Approve a set of submissions: cost always, unbilled sales for time and material, split by customer.

    Cost is in the cost currency, sales in the contract's; shares add up to the whole, the rounding customer
    absorbs the difference. Billable below submitted leaves a non-chargeable rest. What exceeds a limit is
    approved and held back (A6); what exceeds prepaid hours has their overage rate (A12). Locks the contracts,
    the approvals, then their entries. Raises Refused:
    not-submitted, own-work, held-by-policy, period-locked, contract-ended, fee-not-billable, split-not-whole
    (A9, S1, X12).
    """
    with transaction.atomic(durable=True):
        # Contracts are locked first (D10), so that none of them ends, and no limit is used up, meanwhile.
        contracts = approvals.order_by().values("contract_line__contract")
        list(ProjectContract.objects.filter(pk__in=contracts).only("pk").locked())
        chosen = list(approvals.select_related(*RELATED).locked())
        # Approvals before entries, in the same order as a recall, so that the two cannot deadlock (D10).
        entries = list(Entry.objects.filter(approvals__in=chosen).locked())
        # Read once, for the check that the shares are complete and for the rows.
        payers = payers_of(chosen)
        refuse_if(
            [
                *_reasons_against(chosen, actor),
                *_held_by_policy(chosen, comment),
                *_in_locked_periods(chosen),
                *_on_ended_contracts(chosen),
                *_unbillable_fees(chosen),
                *_not_paid_in_full(chosen, payers),
            ]
        )

        Approval.objects.walk(chosen, Approval.approve, decided_by=actor, decided_at=at, comment=comment)
        note_delegators(chosen, actor=actor, on=on)
        Entry.objects.walk(entries, Entry.approve)
        # One event per legal entity, so that its seal adds up what belongs together.
        entities = [one.entry.legal_entity for one in chosen]
        events = open_events(EventKind.APPROVAL, entities, actor=actor, on=on, at=at)
        record_facts(chosen, payers, events)
        seal_events(events.values())
        count_prepaid_hours((one.contract_line_id for one in chosen), actor=actor, on=on, at=at)
        log_activity(
            "approved",
            entries,
            actor=actor,
            at=at,
            from_states=states_of(entries),
            to_state=EntryStatus.APPROVED,
        )
        # The integration journal takes the new actuals over after the commit (O1).
        enqueue("actuals-recorded", [event.pk for event in events.values()], at=at)
    return len(chosen)


def reject_entries(approvals: ApprovalQuerySet, *, actor: User, comment: str, at: datetime) -> int:
    """Send submissions back to the person who made them, with a reason; no actual is written.

    Locks the approvals, then their entries. Raises Refused: not-submitted, own-work, comment-missing (A9).
    """
    with transaction.atomic(durable=True):
        chosen = list(approvals.select_related("entry__legal_entity", "entry__resource").locked())
        refuse_if([*_reasons_against(chosen, actor), *_comment_missing(comment)])

        Approval.objects.walk(chosen, Approval.reject, decided_by=actor, decided_at=at, comment=comment)
        if chosen:
            # A delegation counts by the calendar of the legal entity of the entries.
            note_delegators(chosen, actor=actor, on=chosen[0].entry.legal_entity.day_of(at))
        entries = [one.entry for one in chosen]
        Entry.objects.walk(entries, Entry.send_back)
        log_activity(
            "returned",
            entries,
            actor=actor,
            at=at,
            from_states=states_of(entries),
            to_state=EntryStatus.RETURNED,
            facts={"comment": comment},
        )
    return len(chosen)


def change_terms(
    approvals: ApprovalQuerySet,
    *,
    billable_quantity: Decimal | None,
    billing_type: int | None,
    actor: User,
    at: datetime,
) -> int:
    """Change what will be billed of waiting submissions: the quantity, the billing type, or both.

    The sales amount follows, rounded once; the recorded quantity has the amount it had before. Locks
    the approvals. Raises Refused: not-submitted, own-work, negative-quantity, above-policy, not-available,
    no-contract-line (A9, X12).
    """
    with transaction.atomic(durable=True):
        chosen = list(approvals.select_related("entry__legal_entity", "entry__resource").locked())
        refuse_if(
            [
                *_reasons_against(chosen, actor),
                *_wrong_quantity(chosen, billable_quantity),
                *_above_policy(chosen, billable_quantity),
                *_wrong_type(chosen, billing_type),
            ]
        )

        terms = {"billable_quantity": billable_quantity, "billing_type": billing_type}
        changes = changes_of(chosen, {name: value for name, value in terms.items() if value is not None})
        for approval in chosen:
            if billable_quantity is not None:
                approval.billable_quantity = billable_quantity
                # Work without a contract line has no sales price that could follow.
                if approval.sales_currency:
                    approval.sales_amount = approval.amount_of(billable_quantity)
            if billing_type is not None:
                approval.billing_type = billing_type
            approval.terms_changed = True
        Approval.objects.bulk_update(
            chosen,
            ["billable_quantity", "sales_amount", "billing_type", "terms_changed"],
            batch_size=BATCH,
        )
        of_entries = {one.entry_id: changes[one.pk] for one in chosen if one.pk in changes}
        log_activity("terms changed", [one.entry for one in chosen], actor=actor, at=at, changes=of_entries)
    return len(chosen)


def _reasons_against(approvals: Iterable[Approval], actor: User) -> Iterable[Refusal]:
    for approval in approvals:
        subject = str(approval.entry)
        if approval.status != ApprovalStatus.SUBMITTED:
            yield Refusal(
                "not-submitted",
                _("It is “%(status)s” already.") % {"status": approval.get_status_display()},
                subject,
                _("Only submitted entries can be approved or sent back."),
            )
        # The database refuses this too; here it is checked for the whole set, with a message (S1).
        if actor.pk in (approval.submitted_by_id, approval.worker_id):
            yield Refusal(
                "own-work",
                _("Nobody decides on own work or on what they submitted."),
                subject,
                _("Ask another approver of the project."),
            )


def _held_by_policy(approvals: list[Approval], comment: str) -> Iterable[Refusal]:
    """What a rule holds is approved individually and with a comment (X12)."""
    if len(approvals) == 1 and comment.strip():
        return
    held = ApprovalReason.objects.filter(approval__in=approvals, effect=RuleEffect.HOLD)
    reasons: dict[int, list[str]] = defaultdict(list)
    for reason in held.order_by("pk"):
        reasons[reason.approval_id].append(reason.sentence)
    for approval in approvals:
        if approval.pk in reasons:
            yield Refusal(
                "held-by-policy",
                _("The approval policy holds it: %(reasons)s.")
                % {"reasons": ", ".join(reasons[approval.pk])},
                str(approval.entry),
                _("Open the entry, approve it individually, and give a comment."),
            )


def _in_locked_periods(approvals: Iterable[Approval]) -> Iterable[Refusal]:
    """Approving writes actuals into the period; sending back does not, and stays possible."""
    for approval in approvals:
        entry = approval.entry
        if entry.legal_entity.is_locked_on(entry.date):
            yield Refusal(
                "period-locked",
                _("%(day)s lies in a closed period.") % {"day": day(entry.date)},
                str(entry),
                _("Send it back, or ask the controller to reopen the period."),
            )


def _on_ended_contracts(approvals: Iterable[Approval]) -> Iterable[Refusal]:
    """Ending a contract moves what waits to other lines; a submission may come in at the same moment."""
    for approval in approvals:
        line = approval.contract_line
        if line is not None and line.contract.status in ENDED_CONTRACTS:
            yield Refusal(
                "contract-ended",
                _("Contract %(contract)s is “%(status)s”.")
                % {"contract": line.contract, "status": line.contract.get_status_display()},
                str(approval.entry),
                _("Send it back, so that it is submitted again without that contract."),
            )


def _unbillable_fees(approvals: Iterable[Approval]) -> Iterable[Refusal]:
    """A contract line may have changed since the fee was submitted."""
    for approval in approvals:
        if approval.entry.transaction_class == TransactionClass.FEE:
            yield from fee_refusals(approval.entry, approval.contract_line)


def _comment_missing(comment: str) -> Iterable[Refusal]:
    if not comment.strip():
        yield Refusal("comment-missing", _("Give the reason for sending it back."))


def _wrong_quantity(approvals: Iterable[Approval], quantity: Decimal | None) -> Iterable[Refusal]:
    for approval in approvals:
        if quantity is not None and quantity * approval.submitted_quantity < 0:
            yield Refusal(
                "negative-quantity",
                _("The billable quantity must have the sign of the submitted one."),
                str(approval.entry),
            )


def _above_policy(approvals: list[Approval], quantity: Decimal | None) -> Iterable[Refusal]:
    if quantity is None:
        return
    percents = most_billable_percents(approvals)
    for approval in approvals:
        # Where the line bills in increments or days, the percentage is of what the line bills.
        of_line = abs(approval.proposed_quantity)
        if approval.unit == approval.entry.unit:
            of_line = max(of_line, abs(approval.submitted_quantity))
        most = of_line * percents[approval.pk] / HUNDRED
        # The sign was checked before, so that sizes are compared.
        if abs(quantity) > most:
            yield Refusal(
                "above-policy",
                _("At most %(percent)s percent of what was submitted may be billable: %(most)s %(unit)s.")
                % {
                    "percent": f"{percents[approval.pk].normalize():f}",
                    "most": f"{most.normalize():f}",
                    "unit": approval.unit,
                },
                str(approval.entry),
                _("Choose less, or change the rule in the approval policy."),
            )


def _wrong_type(approvals: Iterable[Approval], billing_type: int | None) -> Iterable[Refusal]:
    """*Not available* means that no contract line includes the work, so it cannot be chosen or replaced."""
    for approval in approvals:
        if billing_type == BillingType.NOT_AVAILABLE != approval.billing_type:
            yield Refusal(
                "not-available",
                _("“Not available” means that no contract line includes the work; it cannot be chosen."),
                str(approval.entry),
                _("Choose chargeable, non-chargeable or complimentary."),
            )
        if approval.contract_line_id is None and billing_type not in (None, BillingType.NOT_AVAILABLE):
            yield Refusal(
                "no-contract-line",
                _("No contract line includes it, so it is not billed to anybody."),
                str(approval.entry),
                _("Add its project, task or class to a contract line first."),
            )


def _not_paid_in_full(approvals: Iterable[Approval], payers: Payers) -> Iterable[Refusal]:
    for approval in approvals:
        line = approval.contract_line
        if line is None or not line.is_time_and_material:
            continue
        # A contract may be a draft here, whose lines nobody checked yet.
        split = sum((payer.split_percent for payer in payers[line.pk]), ZERO)
        if split != HUNDRED:
            yield Refusal(
                "split-not-whole",
                _("The customers of contract line %(line)s pay %(sum)s percent of it.")
                % {"line": line, "sum": f"{split.normalize():f}"},
                str(approval.entry),
                _("Change the shares of the contract line so that they add up to 100 percent."),
            )

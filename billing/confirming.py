"""Confirm proformas: the second approval, one-way. Reverse what was unbilled, write what is billed (B8).

Which rows with which sign and status: N1 to N10 and N16; what an edit leaves: decision 4; what a correction
writes: R1 to R9.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, Count, F, Value, When
from django.utils.translation import gettext as _

from billing.adjusting import write_edits
from billing.closed_periods import reasons_against_days
from billing.confirm_warnings import not_ticked, said_of, warnings_of
from billing.discounts import discounts_above_lines
from billing.findings import Check
from billing.models import InvoiceLineDetail, Proforma, ProformaReview
from billing.querysets import DetailQuerySet, ProformaQuerySet
from billing.retainer_facts import record_retainers, settle_retainers, write_balances
from billing.retention_facts import record_retentions
from billing.second_person import reasons_against_confirming_alone
from billing.seen_contents import contents_of
from billing.states import ProformaStatus, ReviewOutcome
from billing.taking_back import record_replacements, settle_milestones, take_back, taken_back_by
from billing.totalling import add_up, tax_estimates
from billing.who_confirmed import who_confirmed
from core.activity_log import log_activity, states_of
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from core.templatetags.display import money
from projects.broken_books import reasons_while_broken
from projects.contract_limits import commit_new_work, lock_limits
from projects.models import Actual, ActualEvent, ProjectContract, WorkItem
from projects.prepaid_reckoning import count_prepaid_hours_of
from projects.recording import (
    mirror,
    open_event,
    record_actuals,
    record_events,
    record_from,
    record_work_items,
    seal_events,
)
from projects.states import ActualOutcome, ContractStatus, EventKind, TransactionClass, TransactionType

EVENT = "invoice_detail__line__proforma__event"
INVOICE_DATE = "invoice_detail__line__proforma__invoice_date"


def confirm_proformas(
    proformas: ProformaQuerySet,
    *,
    actor: User,
    at: datetime,
    accepted: Iterable[str] = (),
    seen_totals: Mapping[str, Decimal] | None = None,
    seen_contents: Mapping[str, str] | None = None,
    then: Callable[[list[Proforma]], None] | None = None,
) -> list[Proforma]:
    """Confirm a set of drafts: freeze them, reverse their unbilled sales, write their billed sales.

    Amounts are in each proforma's currency and are not multiplied again. The number of statements does not
    depend on how many details there are. `accepted` are the ticks of warnings (`Check.tick`), asked for
    again under the locks; they stay in the history. `seen_totals` and `seen_contents` are the totals and the
    hashes (`contents_of`) that whoever confirms saw, by number: another one is refused. `then` gets what was
    confirmed, in the same transaction. What an edit keeps in the backlog is checked against the limits with
    this billed (A6). Locks the contracts, then the proformas; the database checks totals and conservation
    before it commits. Raises Refused, all reasons at once: books-broken, already-confirmed, nothing-on-it,
    contract-not-confirmed, customer-on-hold, period-locked, period-missing, changes-nothing, content-changed,
    discount-above-line, second-person-needed, total-changed, warnings-open (B7, B8, I4).
    """
    with transaction.atomic(durable=True):
        # Contracts are locked first (D10), so that none of them ends, and no limit is used up, meanwhile.
        contracts = ProjectContract.objects.filter(pk__in=proformas.order_by().values("contract"))
        held = [contract.pk for contract in contracts.only("pk").locked()]
        drafts = list(proformas.select_related("legal_entity", "contract", "customer").locked())
        seen = (seen_totals or {}, seen_contents or {})
        warnings = _warnings_unless_refused(drafts, actor, at, accepted, seen)
        # Read now: confirming changes the state of the objects in memory.
        before = states_of(drafts)

        # From here on nothing may be refused.
        add_up(drafts, by=None)
        events = _events(drafts, actor, at)
        # Before the freeze: the guards let details change on drafts alone (I1).
        record_retainers(drafts, events)
        record_retentions(drafts, events)
        _create_missing_work_items(drafts, events)
        corrections = taken_back_by(drafts, events)
        record_replacements(corrections)
        edited = _frozen_with_edits_known(drafts, events, actor, at)
        _reverse_unbilled(drafts, edited)
        _write_billed(drafts)
        # After the billed rows: their replacements and rests belong to the same event.
        write_edits(edited)
        take_back(corrections)
        write_balances(drafts, events)
        # What reduced details keep and corrections open waits again, beside what is billed now (A6).
        commit_new_work(lock_limits(ProjectContract.objects.filter(pk__in=held)), events)
        settle_milestones(drafts, corrections)
        settle_retainers(drafts)
        # Last, because the seal adds up all rows of the event (J3).
        seal_events(events)
        # Hours that were written off or taken back are free for other work of their month (A12).
        count_prepaid_hours_of(held, actor=actor, at=at)
        log_activity(
            "confirmed",
            drafts,
            actor=actor,
            at=at,
            from_states=before,
            to_state=ProformaStatus.CONFIRMED,
            own_facts={key: {"accepted": said_of(checks)} for key, checks in warnings.items() if checks},
        )
        _answer_reviews(drafts, at)
        enqueue("proforma-confirmed", [draft.pk for draft in drafts], at=at)
        if then is not None:
            then(drafts)
    return drafts


def _warnings_unless_refused(
    drafts: list[Proforma],
    actor: User,
    at: datetime,
    accepted: Iterable[str],
    seen: tuple[Mapping[str, Decimal], Mapping[str, str]],
) -> dict[int, list[Check]]:
    """The warnings that were ticked, under the locks; raises Refused with all reasons at once."""
    still_open = [draft for draft in drafts if draft.is_open]
    warnings = warnings_of(still_open, tax_estimates(still_open))
    alone = reasons_against_confirming_alone(still_open, actor, at=at)
    moved = _changed_since_seen(still_open, *seen)
    refuse_if([*reasons_against(drafts), *alone, *moved, *not_ticked(warnings, accepted)])
    return warnings


def reasons_against(drafts: list[Proforma]) -> Iterable[Refusal]:
    """Every reason why these drafts cannot be confirmed; contracts and customers are loaded.

    Four statements. Locks and raises nothing, so that a page can show the reasons before (B8, decision 11).
    """
    yield from reasons_while_broken(draft.legal_entity for draft in drafts)
    yield from _corrections_of_nothing(drafts)
    yield from discounts_above_lines(drafts)
    counts = dict(
        InvoiceLineDetail.objects.filter(line__proforma__in=drafts)
        .values_list("line__proforma")
        .annotate(count=Count("pk"))
        .order_by()
    )
    confirmed = who_confirmed(drafts)
    for draft in drafts:
        if not draft.is_open:
            yield Refusal(
                "already-confirmed",
                confirmed[draft.pk],
                draft.number,
                _("To change it, open it and choose “Correct”."),
            )
        if not counts.get(draft.pk):
            message = _("There is nothing on it.")
            yield Refusal("nothing-on-it", message, draft.number, _("Add ready items, or delete the draft."))
        if draft.contract.status != ContractStatus.CONFIRMED:
            message = _("Its contract is “%(status)s”.") % {"status": draft.contract.get_status_display()}
            yield Refusal(
                "contract-not-confirmed", message, draft.number, _("Confirm or resume the contract.")
            )
        if draft.customer.is_on_hold:
            message = _("Customer %(customer)s is on hold.") % {"customer": draft.customer}
            yield Refusal("customer-on-hold", message, draft.number, _("Release the customer first."))
    # The invoice date becomes the accounting date of what is written.
    days = ((draft.legal_entity, draft.invoice_date, draft.number) for draft in drafts)
    yield from reasons_against_days(days, is_draft=True)


def _answer_reviews(drafts: list[Proforma], at: datetime) -> None:
    """Whoever was asked to look at them has answered by confirming, or somebody was faster."""
    waiting = ProformaReview.objects.waiting().filter(proforma__in=drafts)
    waiting.update(outcome=ReviewOutcome.CONFIRMED, answered_at=at)


def _changed_since_seen(
    drafts: list[Proforma], seen: Mapping[str, Decimal], contents: Mapping[str, str]
) -> Iterable[Refusal]:
    """Somebody edited it between the page that was looked at and the click that confirms."""
    now = contents_of([draft for draft in drafts if draft.number in contents]) if contents else {}
    for draft in drafts:
        if seen.get(draft.number, draft.gross_amount) != draft.gross_amount:
            message = _("The total is %(now)s now; this page showed %(seen)s.") % {
                "now": money(draft.gross_amount, draft.currency),
                "seen": money(seen[draft.number], draft.currency),
            }
            yield Refusal("total-changed", message, draft.number, _("Look at it again, then confirm."))
        elif now.get(draft.number) != contents.get(draft.number):
            message = _("Somebody else has changed it since you opened it.")
            yield Refusal("content-changed", message, draft.number, _("Look at it again, then confirm."))


def _corrections_of_nothing(drafts: list[Proforma]) -> Iterable[Refusal]:
    """What an edit has made the same again would be taken back and billed for nothing."""
    same = InvoiceLineDetail.objects.filter(
        line__proforma__in=drafts,
        quantity=F("replaces__corrects__quantity"),
        price=F("replaces__corrects__price"),
        amount=F("replaces__corrects__amount"),
    )
    for detail in same.select_related("line__proforma").order_by("line__proforma", "pk"):
        message = _("The correction of “%(detail)s” changes nothing.") % {"detail": detail}
        way_out = _("Change what stays billed, or remove both of its details.")
        yield Refusal("changes-nothing", message, detail.line.proforma.number, way_out)


def _events(drafts: list[Proforma], actor: User, at: datetime) -> list[ActualEvent]:
    return record_events(
        open_event(EventKind.CONFIRMATION, draft.legal_entity, actor=actor, on=draft.invoice_date, at=at)
        for draft in drafts
    )


def _create_missing_work_items(drafts: list[Proforma], events: list[ActualEvent]) -> None:
    """Milestones and manual details become work items; details of actuals have theirs already."""
    event_of = {draft.pk: event for draft, event in zip(drafts, events, strict=True)}
    details = list(
        InvoiceLineDetail.objects.filter(
            # A correction is about work that has its work item already, and so is a retainer by now.
            line__proforma__in=drafts,
            actual__isnull=True,
            corrects__isnull=True,
            replaces__isnull=True,
            retainer__isnull=True,
            retention__isnull=True,
        ).select_related("line__proforma__legal_entity", "line__contract_line__project")
    )
    work_items = record_work_items(
        _work_item(detail, event_of[detail.line.proforma_id]) for detail in details
    )
    for detail, work_item in zip(details, work_items, strict=True):
        detail.work_item = work_item
    InvoiceLineDetail.objects.bulk_update(details, ["work_item"], batch_size=200)


def _work_item(detail: InvoiceLineDetail, event: ActualEvent) -> WorkItem:
    proforma, contract_line = detail.line.proforma, detail.line.contract_line
    return WorkItem(
        legal_entity=proforma.legal_entity,
        event=event,
        contract_id=proforma.contract_id,
        contract_line=contract_line,
        customer_id=proforma.customer_id,
        project=contract_line.project,
        role_id=detail.role_id,
        category_id=detail.category_id,
        product=detail.product,
        transaction_class=detail.transaction_class,
        transaction_date=detail.transaction_date,
        unit=detail.unit,
        currency=proforma.currency,
        cost_currency=proforma.legal_entity.currency,
        quantity=detail.quantity,
        amount=detail.amount,
        description=detail.description,
        external_description=detail.external_description,
    )


def _frozen_with_edits_known(
    drafts: list[Proforma], events: list[ActualEvent], actor: User, at: datetime
) -> list[InvoiceLineDetail]:
    """Walk the drafts through their machine and write them back; then read which details were edited."""
    for draft, event in zip(drafts, events, strict=True):
        draft.confirm(event=event, by=actor, at=at)
    # The guard checks totals and work items on this step (I2).
    Proforma.objects.bulk_update(drafts, ["status", "event", "confirmed_by", "confirmed_at"], batch_size=200)
    edited = InvoiceLineDetail.objects.filter(line__proforma__in=drafts).edited()
    return list(edited.select_related("actual", "line__proforma").order_by("pk"))


def _reverse_unbilled(drafts: list[Proforma], edited: list[InvoiceLineDetail]) -> None:
    is_edited = When(pk__in=[detail.actual_id for detail in edited], then=Value(ActualOutcome.ADJUSTED))
    mirror(
        Actual.objects.filter(invoice_detail__line__proforma__in=drafts),
        event=F(EVENT),
        accounting_date=F(INVOICE_DATE),
        # The reversal says how the original ended: billed as it stood, or replaced by other rows.
        outcome=Case(is_edited, default=Value(ActualOutcome.INVOICED)),
    )


def _write_billed(drafts: list[Proforma]) -> None:
    details = InvoiceLineDetail.objects.filter(line__proforma__in=drafts)
    _billed_from(details.filter(actual__isnull=False), work_item=F("actual__work_item"), bills=F("actual"))
    # Work added by hand is recorded and reversed at once, so that every billed hour has been unbilled (N6).
    by_hand = details.filter(
        actual__isnull=True, corrects__isnull=True, retainer__isnull=True, retention__isnull=True
    ).select_related("line__contract_line", "line__proforma")
    unbilled = record_actuals(
        _unbilled_row(detail)
        for detail in by_hand
        if detail.milestone_share_id is None
        # A discount is no work: nothing of it was ever unbilled.
        and detail.transaction_class != TransactionClass.DISCOUNT
        and detail.line.contract_line.is_time_and_material
    )
    mirror(
        Actual.objects.filter(pk__in=[row.pk for row in unbilled]),
        event=F("event"),
        accounting_date=F("accounting_date"),
        outcome=ActualOutcome.INVOICED,
    )
    _billed_from(details.filter(actual__isnull=True, corrects__isnull=True), work_item=F("work_item"))


def _billed_from(details: DetailQuerySet, **columns: object) -> None:
    record_from(
        Actual,
        details,
        event=F("line__proforma__event"),
        type=TransactionType.BILLED_SALES,
        billing_type=F("billing_type"),
        quantity=F("quantity"),
        price=F("price"),
        amount=F("amount"),
        accounting_date=F("line__proforma__invoice_date"),
        outcome=ActualOutcome.OPEN,
        **columns,
    )


def _unbilled_row(detail: InvoiceLineDetail) -> Actual:
    return Actual(
        work_item_id=detail.work_item_id,
        event_id=detail.line.proforma.event_id,
        type=TransactionType.UNBILLED_SALES,
        billing_type=detail.billing_type,
        quantity=detail.quantity,
        price=detail.price,
        amount=detail.amount,
        accounting_date=detail.line.proforma.invoice_date,
    )


__all__ = ["confirm_proformas", "reasons_against"]

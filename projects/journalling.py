"""Entry journals: facts that an accountant types, one actual for each line, written when confirmed (#11)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import log_activity, states_of
from core.money import ZERO, times
from core.outbox import enqueue
from core.querysets import ChangedMeanwhile
from core.refusals import Refusal, refuse_if
from projects.contract_limits import commit_new_work, lock_limits
from projects.entry_rules import fits
from projects.journal_numbers import next_sequence
from projects.journal_rules import JournalRules
from projects.models import (
    Actual,
    ActualEvent,
    ContractLine,
    Customer,
    EntryJournal,
    EntryJournalLine,
    LegalEntity,
    Project,
    ProjectContract,
    Resource,
    Role,
    Task,
    TransactionCategory,
    WorkItem,
)
from projects.querysets import FactJournalQuerySet
from projects.recording import record_actuals, record_work_items, seal_events
from projects.replacing import open_events
from projects.states import BillingType, EntryJournalStatus, EventKind, TransactionType

BATCH = 500
RELATED = (
    "journal__legal_entity",
    "project",
    "task",
    "contract_line__contract",
    "customer",
    "resource",
    "role",
    "category",
)


@dataclass(frozen=True)
class TypedLine:
    """What is typed of one fact; without an amount it is quantity times price."""

    type: int
    transaction_class: str
    project: Project
    date: date
    quantity: Decimal
    price: Decimal
    description: str
    unit: str = "h"
    amount: Decimal | None = None
    task: Task | None = None
    contract_line: ContractLine | None = None
    customer: Customer | None = None
    resource: Resource | None = None
    role: Role | None = None
    category: TransactionCategory | None = None
    billing_type: int = BillingType.CHARGEABLE


def start_journal(entity: LegalEntity, *, reason: str, actor: User, at: datetime) -> EntryJournal:
    """Begin a journal of one company; nothing financial happens before it is confirmed.

    Holds the company while the number is taken. Raises Refused: reason-missing (#11).
    """
    with transaction.atomic(durable=True):
        refuse_if(_reason_missing(reason))

        journal = EntryJournal.objects.create(
            legal_entity=entity,
            sequence=next_sequence(EntryJournal, entity),
            reason=reason,
            created_by=actor,
            created_at=at,
        )
        log_activity("added", [journal], actor=actor, at=at, states=("", EntryJournalStatus.DRAFT))
    return journal


def add_line(
    journals: FactJournalQuerySet, typed: TypedLine, *, actor: User, at: datetime
) -> EntryJournalLine:
    """Write one line on a journal that is a draft.

    Cost is in the company's currency, unbilled sales are in that of their contract; the amount is rounded
    once to the minor unit, and one that was typed must be just that. Locks the journal. Raises Refused:
    not-a-draft, and those of `JournalRules.reasons_against`: billed-sales-need-a-proforma,
    class-not-possible, contract-line-missing, fixed-price, line-of-other-project, class-not-included,
    day-not-covered, task-not-included, contract-ended, payer-missing, payer-of-other-line,
    category-of-other-class, other-entity, task-not-of-project, project-closed, amount-differs,
    period-locked, period-missing, too-far-ahead, too-far-back, quantity-not-possible, negative-quantity,
    quantity-missing, price-not-possible, negative-price, amount-too-large (#11, A8, decision 18).
    """
    with transaction.atomic(durable=True):
        journal = journals.select_related("legal_entity").locked().get()
        line = _line(journal, typed)
        refuse_if([*_not_draft([journal]), *JournalRules.of([line], at).reasons_against([line])])

        line.save()
        log_activity("line added", [journal], actor=actor, at=at, facts={"line": str(line)})
    return line


def remove_lines(journals: FactJournalQuerySet, keys: Sequence[int], *, actor: User, at: datetime) -> int:
    """Take lines off a journal that is a draft; returns how many. Locks the journal.

    Raises Refused: not-a-draft (#11).
    """
    with transaction.atomic(durable=True):
        journal = journals.locked().get()
        refuse_if(_not_draft([journal]))

        chosen = EntryJournalLine.objects.filter(journal=journal, pk__in=keys)
        facts = {"lines": ", ".join(str(line) for line in chosen)}
        count, _each = chosen.delete()
        log_activity("line removed", [journal], actor=actor, at=at, facts=facts)
    return count


def confirm_journals(journals: FactJournalQuerySet, *, actor: User, on: date, at: datetime) -> int:
    """Write one actual for each line of draft journals; afterwards they are final.

    Amounts as they were typed; each actual is dated as its line. Unbilled sales count against the limits of
    their contract. Locks the contracts of the lines, then the journals. Number of statements independent of
    the number of lines. Raises Refused: not-a-draft, no-lines, and those of `add_line`; and ChangedMeanwhile
    where a line of another contract was written in between (#11, A2, A6, D10).
    """
    with transaction.atomic(durable=True):
        # Contracts are locked first (D10), so that none of them ends, and no limit is used up, meanwhile.
        named = journals.order_by().values("lines__contract_line__contract")
        contracts = ProjectContract.objects.filter(pk__in=named)
        held = {contract.pk for contract in contracts.only("pk").locked()}
        chosen = list(journals.select_related("legal_entity").locked())
        lines = list(EntryJournalLine.objects.filter(journal__in=chosen).select_related(*RELATED))
        _check_held(lines, held)
        refuse_if(
            [
                *_not_draft(chosen),
                *_empty(chosen, lines),
                *JournalRules.of(lines, at).reasons_against(lines),
            ]
        )

        events = _write(chosen, lines, actor=actor, on=on, at=at)
        commit_new_work(lock_limits(ProjectContract.objects.filter(pk__in=held)), events)
        seal_events(events)
        EntryJournal.objects.walk(chosen, EntryJournal.confirm, confirmed_by=actor, confirmed_at=at)
        log_activity(
            "confirmed",
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=EntryJournalStatus.CONFIRMED,
        )
        enqueue("actuals-recorded", [event.pk for event in events], at=at)
    return len(lines)


def _check_held(lines: Iterable[EntryJournalLine], held: Collection[int]) -> None:
    """Raise ChangedMeanwhile where a line names a contract that nobody held before the journal was."""
    unheld = [line for line in lines if line.contract_line and line.contract_line.contract_id not in held]
    if unheld:
        raise ChangedMeanwhile(f"{len(unheld)} lines of other contracts were written")


def _line(journal: EntryJournal, typed: TypedLine) -> EntryJournalLine:
    of_contract = typed.type != TransactionType.COST and typed.contract_line is not None
    currency = typed.contract_line.contract.currency if of_contract else journal.legal_entity.currency
    line = EntryJournalLine(journal=journal, currency=currency, **vars(typed))
    if typed.amount is None:
        # What cannot be stored cannot be multiplied either; the rules say so.
        possible = fits(typed.quantity) and fits(typed.price)
        line.amount = times(typed.quantity, typed.price, currency) if possible else ZERO
    if typed.type == TransactionType.COST:
        line.customer = None
        # Cost of what no contract line includes is not available for billing, as after an approval (#4c).
        line.billing_type = BillingType.CHARGEABLE if typed.contract_line else BillingType.NOT_AVAILABLE
    return line


def _write(
    journals: list[EntryJournal], lines: list[EntryJournalLine], *, actor: User, on: date, at: datetime
) -> list[ActualEvent]:
    """One event for each journal, so that the journal of an actual is found by its event."""
    written = []
    for journal in journals:
        (event,) = open_events(
            EventKind.ENTRY_JOURNAL, [journal.legal_entity], actor=actor, on=on, at=at
        ).values()
        journal.event = event
        written.append(event)
    event_of = {journal.pk: journal.event for journal in journals}
    work_items = record_work_items(_work_item(line, event_of[line.journal_id]) for line in lines)
    record_actuals(_actual(line, item) for line, item in zip(lines, work_items, strict=True))
    for line, item in zip(lines, work_items, strict=True):
        line.work_item = item
    EntryJournalLine.objects.bulk_update(lines, ["work_item"], batch_size=BATCH)
    EntryJournal.objects.bulk_update(journals, ["event"], batch_size=BATCH)
    return written


def _work_item(line: EntryJournalLine, event: ActualEvent | None) -> WorkItem:
    is_sold = line.type == TransactionType.UNBILLED_SALES
    entity = line.journal.legal_entity
    return WorkItem(
        legal_entity=entity,
        event=event,
        contract=line.contract_line.contract if line.contract_line else None,
        contract_line=line.contract_line,
        customer=line.customer,
        project=line.project,
        task=line.task,
        role=line.role,
        resource=line.resource,
        category=line.category,
        transaction_class=line.transaction_class,
        transaction_date=line.date,
        unit=line.unit,
        currency=line.currency if is_sold else entity.currency,
        cost_currency=entity.currency,
        quantity=line.quantity if is_sold else ZERO,
        amount=line.amount if is_sold else ZERO,
        description=line.description,
        external_description=line.description,
    )


def _actual(line: EntryJournalLine, item: WorkItem) -> Actual:
    return Actual(
        work_item=item,
        event=item.event,
        type=line.type,
        billing_type=line.billing_type,
        quantity=line.quantity,
        price=line.price,
        amount=line.amount,
        accounting_date=line.date,
    )


def _reason_missing(reason: str) -> Iterator[Refusal]:
    if not reason.strip():
        yield Refusal("reason-missing", _("Give the reason for the journal."))


def _not_draft(journals: Iterable[EntryJournal]) -> Iterator[Refusal]:
    for journal in journals:
        if journal.status != EntryJournalStatus.DRAFT:
            yield Refusal(
                "not-a-draft",
                _("It is “%(status)s”.") % {"status": journal.get_status_display()},
                journal.number,
                _("What it wrote can be taken back by a cancellation journal."),
            )


def _empty(journals: Iterable[EntryJournal], lines: Iterable[EntryJournalLine]) -> Iterator[Refusal]:
    filled = {line.journal_id for line in lines}
    for journal in journals:
        if journal.pk not in filled:
            yield Refusal("no-lines", _("It has no lines."), journal.number, _("Add a line first."))

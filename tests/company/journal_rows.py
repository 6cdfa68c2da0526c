"""Rows of journals without a verb: corrections, entry journals and cancellations; as few as may be."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from projects.models import (
    Actual,
    CancellationJournal,
    CancellationLine,
    CorrectionJournal,
    CorrectionLine,
    EntryJournal,
    EntryJournalLine,
)
from projects.states import (
    ApprovalStatus,
    EntryStatus,
    EventKind,
    TransactionClass,
    TransactionType,
)
from tests.company.rows import CUT_OFF, DAY, NOW, actual, approval, entry, event, next_number, seal, work_item

if TYPE_CHECKING:
    from tests.company.builder import Company


def correction(at: "Company", **columns: Any) -> CorrectionJournal:
    """A journal that corrected one entry; both sides have the approval that was decided about them."""
    decided = {"status": ApprovalStatus.APPROVED, "decided_by": at.manager, "decided_at": NOW}
    old = entry(at, status=EntryStatus.CORRECTED)
    approval(at, entry=old, **decided | {"status": ApprovalStatus.REPLACED})
    new = entry(at, status=EntryStatus.APPROVED, corrects=old, date=CUT_OFF)
    approval(at, entry=new, **decided)
    columns = {"reason": "Wrong day", "created_by": at.manager, "created_at": NOW} | columns
    journal = CorrectionJournal.objects.create(legal_entity=at.entity, sequence=next_number(), **columns)
    CorrectionLine.objects.create(journal=journal, entry=new)
    return journal


def typed_line(journal: EntryJournal, at: "Company", **columns: Any) -> EntryJournalLine:
    """A line of a draft journal: two pieces of material at a cost of 50."""
    columns = {
        "type": TransactionType.COST,
        "transaction_class": TransactionClass.MATERIAL,
        "project": at.project,
        "date": DAY,
        "quantity": Decimal(2),
        "unit": "pcs",
        "price": Decimal(50),
        "amount": Decimal(100),
        "currency": "EUR",
        "description": "Cable",
    } | columns
    return EntryJournalLine.objects.create(journal=journal, **columns)


def entry_journal(at: "Company", *, is_confirmed: bool = False) -> EntryJournal:
    """A journal with one line; confirmed with its sealed event and its actual."""
    journal = EntryJournal.objects.create(
        legal_entity=at.entity,
        sequence=next_number(),
        reason="Opening costs",
        created_by=at.manager,
        created_at=NOW,
    )
    line = typed_line(journal, at)
    if is_confirmed:
        opened = event(at, EventKind.ENTRY_JOURNAL)
        line.work_item = work_item(
            at, opened, quantity=Decimal(0), amount=Decimal(0), transaction_class=TransactionClass.MATERIAL
        )
        line.save()
        actual(line.work_item, opened, type=TransactionType.COST, quantity=2, price=50, amount=100)
        seal(opened)
        EntryJournal.objects.filter(pk=journal.pk).update(
            status="confirmed", event=opened, confirmed_by=at.manager, confirmed_at=NOW
        )
    return EntryJournal.objects.get(pk=journal.pk)


def cancellation(at: "Company", **columns: Any) -> CancellationJournal:
    """A journal in process that will cancel what a confirmed entry journal wrote."""
    typed = entry_journal(at, is_confirmed=True)
    columns = {"reason": "Typed twice", "created_by": at.manager, "created_at": NOW} | columns
    journal = CancellationJournal.objects.create(legal_entity=at.entity, sequence=next_number(), **columns)
    row = Actual.objects.get(event=typed.event)
    CancellationLine.objects.create(journal=journal, actual=row)
    return journal

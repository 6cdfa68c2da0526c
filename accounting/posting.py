"""Post integration journals: cost, accrued revenue, the project subledger (C1, C2).

Good lines post; bad ones move to an error journal that says why.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext as _

from accounting.booking import (
    negate_vouchers_of,
    open_vouchers_from,
    seal_vouchers_of,
    write_lines_from,
)
from accounting.cost_moves import take_back_moves
from accounting.models import IntegrationJournal, IntegrationJournalLine, ProjectTransaction, Voucher
from accounting.posting_context import PostingContext
from accounting.posting_outcomes import ORIGINAL, TAKES_BACK, Outcomes, outcomes_of
from accounting.querysets import JournalLineQuerySet, JournalQuerySet
from accounting.states import JournalLineStatus, JournalStatus, ProjectTransactionKind, VoucherSource
from billing.numbering import take_numbers
from billing.states import SeriesKind
from core.activity_log import log_activity, states_of
from core.querysets import insert_in_order
from core.refusals import Refusal, refuse_if
from projects.broken_books import reasons_while_broken
from projects.states import TransactionType

NOTHING = Q(amount=0, base_amount=0)
"""Lines of nothing: they need no voucher, and nothing of them is accrued or held."""


@dataclass(frozen=True)
class Posted:
    """How many lines reached the books, and how many wait in an error journal."""

    posted: int
    failed: int


def post_journals(journals: JournalQuerySet, *, actor: User, at: datetime) -> Posted:
    """Post a set of integration journals, one transaction each: vouchers, project transactions, accruals.

    Amounts are the lines' own, in their currency and the entity's, as they were rounded when they were
    pulled. What takes back a posted line moves the accounts of its voucher, negated (P13). One voucher per
    line; a line of nothing, or one the profile keeps off the ledger, gets none. Lines that cannot post move
    to an error journal. The number of statements depends neither on lines nor on projects. Locks the journal,
    then the number series; the first failure of the database ends the set, and journals posted before it stay
    posted. Raises Refused: books-broken, already-posted, for the whole set before anything is posted
    (C1, C2, X6).
    """
    chosen = list(journals.select_related("legal_entity"))
    refuse_if(reasons_while_broken(journal.legal_entity for journal in chosen))
    refuse_if(
        Refusal(
            "already-posted",
            _("It is posted already."),
            journal.number,
            _("Choose journals that are drafts or in error."),
        )
        for journal in chosen
        if journal.status == JournalStatus.POSTED
    )
    posted = failed = 0
    # One transaction each: a journal that the database refuses leaves those before it posted.
    for key in [journal.pk for journal in journals.order_by("pk")]:
        done = _post_one(key, actor, at)
        posted, failed = posted + done.posted, failed + done.failed
    return Posted(posted, failed)


def _post_one(journal_id: int, actor: User, at: datetime) -> Posted:
    with transaction.atomic(durable=True):
        journal = IntegrationJournal.objects.select_related("legal_entity").locked().get(pk=journal_id)
        # Somebody else posted it since the set was looked at: it is done, and nobody needs to be refused.
        if journal.status == JournalStatus.POSTED:
            return Posted(0, 0)
        before = states_of([journal])
        if journal.status == JournalStatus.ERROR:
            # Lines that failed before are tried again, and may fail for another reason now.
            journal.lines.filter(status=JournalLineStatus.ERROR).move(IntegrationJournalLine.retry)
        waiting = journal.lines.filter(status=JournalLineStatus.DRAFT).order_by()
        outcomes = outcomes_of(waiting, PostingContext.of(journal.legal_entity))
        failed = _set_aside(journal, waiting, outcomes, at)
        posted = _book(journal, waiting, outcomes, actor, at)
        # What could not be posted has left a draft; an error journal keeps it, and stays what it is.
        if not journal.lines.unposted().exists():
            journal.post()
            journal.save(update_fields=["status"])
        facts = {"posted": posted, "failed": failed}
        log_activity(
            "posted", [journal], actor=actor, at=at, from_states=before, to_state=journal.status, facts=facts
        )
    return Posted(posted, failed)


def _set_aside(
    journal: IntegrationJournal, waiting: JournalLineQuerySet, outcomes: Outcomes, at: datetime
) -> int:
    """Move lines that cannot post to an error journal; in an error journal they stay where they are."""
    errors = [(error, lines) for error, lines in outcomes.errors if waiting.filter(lines).exists()]
    if not errors:
        return 0
    target = journal
    if journal.status != JournalStatus.ERROR:
        # A journal is posted as a whole, so what cannot be posted moves to one of its own (C1).
        (number,) = take_numbers(journal.legal_entity, SeriesKind.INTEGRATION_JOURNAL, at.year, 1)
        target = IntegrationJournal(
            legal_entity=journal.legal_entity,
            number=number,
            period_starts_on=journal.period_starts_on,
            original=journal,
            imported_at=at,
        )
        target.fail()
        target.save()
    return sum(
        waiting.filter(lines).move(IntegrationJournalLine.fail, journal=target, error=str(error)[:300])
        for error, lines in errors
    )


def _book(
    journal: IntegrationJournal, waiting: JournalLineQuerySet, outcomes: Outcomes, actor: User, at: datetime
) -> int:
    """Post what waits: vouchers, then the lines, then the ledger, the subledger and at last the seals."""
    booked = waiting.filter(outcomes.booked).exclude(NOTHING)
    open_vouchers_from(
        journal.legal_entity,
        SeriesKind.PROJECT_VOUCHER,
        booked,
        day="accounting_date",
        source_kind=VoucherSource.JOURNAL_LINE,
        actor=actor,
        at=at,
    )
    posted = _post_lines(waiting, outcomes)
    # Known by what is still missing: no list of keys is sent back, and none before has a transaction.
    new = journal.lines.posted().filter(actual__project_transaction__isnull=True).order_by()
    _write_lines(new.filter(voucher__isnull=False), outcomes)
    seal_vouchers_of(VoucherSource.JOURNAL_LINE, new)
    # Cost that has left the balance since is taken back from where it went.
    take_back_moves(new.filter(TAKES_BACK, is_held=True), journal.legal_entity, actor=actor, at=at)
    _write_transactions(new)
    return posted


def _post_lines(waiting: JournalLineQuerySet, outcomes: Outcomes) -> int:
    """Post the lines and tie each to its voucher; a line of nothing neither accrues nor holds anything."""
    voucher = Voucher.objects.filter(source_kind=VoucherSource.JOURNAL_LINE, source_id=OuterRef("pk"))
    stamps = {"voucher": Subquery(voucher.values("pk")[:1]), "error": ""}
    post, moving = IntegrationJournalLine.post, waiting.exclude(NOTHING)
    return (
        moving.filter(outcomes.accruing).move(post, is_accrued=True, **stamps)
        + moving.filter(outcomes.holding).move(post, is_held=True, **stamps)
        + waiting.move(post, **stamps)
    )


def _write_lines(new: JournalLineQuerySet, outcomes: Outcomes) -> None:
    write_lines_from(
        new.filter(outcomes.by_profile),
        debit_account=outcomes.account("debit_account"),
        credit_account=outcomes.account("credit_account"),
    )
    negate_vouchers_of(new.filter(TAKES_BACK), original=f"{ORIGINAL}__voucher")


def _write_transactions(new: JournalLineQuerySet) -> None:
    kind = Case(
        When(actual__type=TransactionType.COST, then=Value(ProjectTransactionKind.COST)),
        default=Value(ProjectTransactionKind.SALES),
    )
    insert_in_order(
        ProjectTransaction,
        new.order_by("pk"),
        actual=F("actual"),
        kind=kind,
        project=F("project"),
        accounting_date=F("accounting_date"),
        currency=F("currency"),
        amount=F("amount"),
        voucher=F("voucher"),
    )

"""Post integration journals: cost, accrued revenue, the project subledger (C1, C2).

Good lines post; bad ones move to an error journal that says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext as _

from accounting.booking import negate_vouchers_of, open_vouchers, seal_vouchers, write_lines_from
from accounting.models import IntegrationJournal, IntegrationJournalLine, ProjectTransaction, Voucher
from accounting.posting_context import PostingContext
from accounting.profiles import Move, Situation, accrual_move, cost_move
from accounting.querysets import JournalLineQuerySet, JournalQuerySet
from accounting.states import (
    JournalLineStatus,
    JournalStatus,
    PostingType,
    ProjectTransactionKind,
    VoucherSource,
)
from billing.numbering import take_numbers
from billing.states import SeriesKind
from core.activity_log import log_activity, states_of
from core.querysets import KEYS_PER_STATEMENT, insert_from
from core.refusals import Refusal, refuse_if
from projects.states import BillingMethod, BillingType, TransactionType

GROUP = {
    "actual_type": "actual__type",
    "billing_type": "actual__billing_type",
    "transaction_class": "actual__work_item__transaction_class",
    "billing_method": "actual__work_item__contract_line__billing_method",
    "work_project": "actual__work_item__project",
    "project_group": "actual__work_item__project__group",
    "work_contract": "actual__work_item__contract",
}


ORIGINAL = "actual__reverses__journal_line"
TAKES_BACK = Q(**{f"{ORIGINAL}__status": JournalLineStatus.POSTED})
"""Lines of reversals whose originals are in the books."""


@dataclass(frozen=True)
class PostingRule:
    """What happens to all lines of one group: the accounts they move, nothing, or why they cannot post.

    Lines that `takes_back` negate the vouchers of their originals, whatever a profile says by now (P13).
    """

    lines: Q
    debit_account: int | None = None
    credit_account: int | None = None
    is_accrual: bool = False
    takes_back: bool = False
    error: str = ""

    @property
    def is_booked(self) -> bool:
        """Whether its lines have vouchers."""
        return self.takes_back or self.debit_account is not None


LinesByRule = list[tuple[PostingRule, JournalLineQuerySet]]
"""The lines of each rule, a chunk at a time."""


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
    to an error journal. Locks the journal, then the number series; the first failure of the database ends the
    set, and journals posted before it stay posted. Raises Refused: already-posted, for the whole set before
    anything is posted (C1, C2).
    """
    refuse_if(
        Refusal(
            "already-posted",
            _("It is posted already."),
            journal.number,
            _("Choose journals that are drafts or in error."),
        )
        for journal in journals
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
        context = PostingContext.of(journal.legal_entity)
        rules = _posting_rules(journal, context)
        before = states_of([journal])
        failed = _set_aside(journal, [rule for rule in rules if rule.error], at)
        by_rule = _lines_by_rule(journal, [rule for rule in rules if not rule.error])
        vouchers = _open_vouchers(journal, by_rule, actor, at)
        posted = _post_lines(by_rule)
        _write_vouchers(by_rule)
        seal_vouchers(vouchers)
        if journal.lines.unposted().exists():
            step = None if journal.status == JournalStatus.ERROR else journal.fail
        else:
            step = journal.post
        if step is not None:
            step()
            journal.save(update_fields=["status"])
        facts = {"posted": posted, "failed": failed}
        log_activity(
            "posted", [journal], actor=actor, at=at, from_states=before, to_state=journal.status, facts=facts
        )
    return Posted(posted, failed)


def _posting_rules(journal: IntegrationJournal, context: PostingContext) -> list[PostingRule]:
    lines = journal.lines.unposted().order_by()
    days = lines.values_list("accounting_date", flat=True).distinct()
    closed = Q(accounting_date__in=[day for day in days if not context.is_open_on(day)])
    closed_message = _("The accounting date lies in a closed period: reopen the period, then post again.")
    # Lines that no profile can tell apart move the same accounts: a few statements post all of them.
    groups = lines.exclude(closed | TAKES_BACK).values(**{name: F(path) for name, path in GROUP.items()})
    rules = [_posting_rule(group, context, ~closed & ~TAKES_BACK) for group in groups.distinct()]
    rules += _taking_back(lines.exclude(closed).filter(TAKES_BACK), ~closed & TAKES_BACK)
    return [*rules, PostingRule(closed, error=closed_message)] if lines.filter(closed).exists() else rules


def _posting_rule(group: Mapping[str, Any], context: PostingContext, among: Q) -> PostingRule:
    lines = among & Q(**{GROUP[name]: value for name, value in group.items() if value is not None})
    # `= NULL` finds nothing in SQL, so what is empty is asked for by IS NULL.
    lines &= Q(**{f"{GROUP[name]}__isnull": True for name, value in group.items() if value is None})
    situation = Situation(
        # The cost of work without a contract line, such as internal work, has no revenue to accrue either.
        billing_method=group["billing_method"] or BillingMethod.FIXED_PRICE,
        project_id=group["work_project"],
        project_group=group["project_group"] or "",
        contract_id=group["work_contract"],
    )
    profile = context.profile(situation)
    if profile is None:
        return PostingRule(lines, error=_("No cost and revenue profile applies: add a rule for it."))
    is_cost = group["actual_type"] == TransactionType.COST
    if not is_cost and group["billing_type"] != BillingType.CHARGEABLE:
        # Nobody will pay for it, so there is no revenue to accrue.
        return PostingRule(lines)
    move = (cost_move if is_cost else accrual_move)(profile, group["transaction_class"])
    if move is None:
        return PostingRule(lines)
    return _accounts(lines, move, group["work_project"], context, not is_cost)


def _taking_back(lines: JournalLineQuerySet, among: Q) -> list[PostingRule]:
    """One rule for each way in which originals are in the books: accrued or not, on the ledger or not."""
    if not lines.exists():
        return []
    return [
        PostingRule(
            among
            & Q(**{f"{ORIGINAL}__is_accrued": is_accrued, f"{ORIGINAL}__voucher__isnull": is_off_ledger}),
            is_accrual=is_accrued,
            takes_back=not is_off_ledger,
        )
        for is_accrued, is_off_ledger in product((False, True), repeat=2)
    ]


def _accounts(
    lines: Q, move: Move, project_id: int | None, context: PostingContext, is_accrual: bool
) -> PostingRule:
    debit, credit = context.account(move.debit, project_id), context.account(move.credit, project_id)
    missing = [role for role, account in ((move.debit, debit), (move.credit, credit)) if account is None]
    if missing:
        names = ", ".join(str(PostingType(role).label) for role in missing)
        return PostingRule(
            lines, error=_("No account is set for this posting type: %(roles)s.") % {"roles": names}
        )
    return PostingRule(lines, debit, credit, is_accrual)


def _set_aside(journal: IntegrationJournal, bad: list[PostingRule], at: datetime) -> int:
    """Move lines that cannot post to an error journal; in an error journal they stay where they are."""
    if not bad:
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
    moved = 0
    for rule in bad:
        lines = journal.lines.filter(rule.lines).unposted()
        # A line that failed before may fail for another reason now: it goes through draft, as the graph says.
        lines.filter(status=JournalLineStatus.ERROR).move(IntegrationJournalLine.retry)
        moved += lines.move(IntegrationJournalLine.fail, journal=target, error=str(rule.error)[:300])
    return moved


def _lines_by_rule(journal: IntegrationJournal, rules: list[PostingRule]) -> LinesByRule:
    """The lines of each rule by their keys, a chunk at a time.

    What follows finds them by key alone, so no plan depends on the statistics of tables that have just been
    filled.
    """
    lines = journal.lines.unposted().order_by("pk")
    chunks: LinesByRule = []
    for rule in rules:
        keys = list(lines.filter(rule.lines).values_list("pk", flat=True))
        for start in range(0, len(keys), KEYS_PER_STATEMENT):
            chunk = keys[start : start + KEYS_PER_STATEMENT]
            chunks.append((rule, IntegrationJournalLine.objects.filter(pk__in=chunk)))
    return chunks


def _open_vouchers(
    journal: IntegrationJournal,
    by_rule: LinesByRule,
    actor: User,
    at: datetime,
) -> list[Voucher]:
    on_ledger = [lines.exclude(amount=0, base_amount=0) for rule, lines in by_rule if rule.is_booked]
    sources = [source for lines in on_ledger for source in lines.values_list("pk", "accounting_date")]
    # Numbers follow the order of the lines, in whatever order the rules were worked.
    return open_vouchers(
        journal.legal_entity,
        SeriesKind.PROJECT_VOUCHER,
        sorted(sources),
        source_kind=VoucherSource.JOURNAL_LINE,
        actor=actor,
        at=at,
    )


def _post_lines(by_rule: LinesByRule) -> int:
    """Post the lines and tie each to its voucher; a line of nothing accrues nothing."""
    voucher = Voucher.objects.filter(source_kind=VoucherSource.JOURNAL_LINE, source_id=OuterRef("pk"))
    return sum(
        lines.move(
            IntegrationJournalLine.post,
            voucher=Subquery(voucher.values("pk")[:1]),
            is_accrued=Case(When(amount=0, base_amount=0, then=Value(False)), default=Value(rule.is_accrual)),
            error="",
        )
        for rule, lines in by_rule
    )


def _write_vouchers(by_rule: LinesByRule) -> None:
    kind = Case(
        When(actual__type=TransactionType.COST, then=Value(ProjectTransactionKind.COST)),
        default=Value(ProjectTransactionKind.SALES),
    )
    for rule, lines in by_rule:
        debit, credit = rule.debit_account, rule.credit_account
        if debit is not None and credit is not None:
            booked = lines.filter(voucher__isnull=False)
            write_lines_from(booked, debit_account=debit, credit_account=credit)
        if rule.takes_back:
            negate_vouchers_of(lines.filter(voucher__isnull=False), original=f"{ORIGINAL}__voucher")
        insert_from(
            ProjectTransaction,
            lines,
            actual=F("actual"),
            kind=kind,
            project=F("project"),
            accounting_date=F("accounting_date"),
            currency=F("currency"),
            amount=F("amount"),
            voucher=F("voucher"),
        )

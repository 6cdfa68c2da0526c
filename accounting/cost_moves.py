"""Cost that waits in the balance moves to profit and loss: one voucher for each line that held it (P16)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounting.booking import new_vouchers, open_vouchers_from, seal_new_vouchers, write_one_line_of
from accounting.models import IntegrationJournalLine, InvoiceProposalLine, Voucher, VoucherLine
from accounting.posting_context import PostingContext
from accounting.posting_outcomes import accounts_of_role
from accounting.querysets import JournalLineQuerySet
from accounting.states import JournalLineStatus, PostingType, VoucherSource
from billing.states import SeriesKind
from core.refusals import Refusal
from projects.models import LegalEntity

MOVED = Voucher.objects.filter(source_kind=VoucherSource.COST_MOVE, source_id=OuterRef("pk"))


@dataclass(frozen=True)
class CostMove:
    """Lines of one legal entity whose cost moves on one day, and the accounts it moves to."""

    lines: JournalLineQuerySet
    accounts: Case
    context: PostingContext
    day: date


def held_costs(lines: JournalLineQuerySet) -> JournalLineQuerySet:
    """Those of the lines whose cost waits in the balance: posted there, neither moved nor taken back."""
    held = lines.posted().filter(is_held=True, actual__reverses__isnull=True).filter(~Exists(MOVED))
    taken_back = IntegrationJournalLine.objects.filter(
        actual__reverses=OuterRef("actual"), status=JournalLineStatus.POSTED
    )
    return held.filter(~Exists(taken_back)).order_by()


def costs_of_invoiced(proposals: list[int]) -> JournalLineQuerySet:
    """Held costs of the work on these proposals, whatever of it is billed."""
    invoiced = InvoiceProposalLine.objects.filter(proposal__in=proposals)
    costs = IntegrationJournalLine.objects.filter(actual__work_item__in=invoiced.values("actual__work_item"))
    return held_costs(costs)


def plan_cost_move(
    lines: JournalLineQuerySet, context: PostingContext, day: date
) -> CostMove | list[Refusal]:
    """Where the cost of held lines of one legal entity moves on a day; or why it cannot: account-missing."""
    accounts, is_complete = accounts_of_role(lines, context, PostingType.PROJECT_COST, day)
    return CostMove(lines, accounts, context, day) if is_complete else list(_no_account())


def _no_account() -> Iterator[Refusal]:
    message = _("No account is set for the posting type %(name)s.")
    yield Refusal("account-missing", message % {"name": PostingType.PROJECT_COST.label})


def write_cost_move(move: CostMove, *, actor: User, at: datetime) -> int:
    """Debit project cost, credit the account that holds each line; returns how many lines.

    What leaves the balance is what the voucher of the line put there: same account, amount, rate, project and
    dimension. A few statements for any number of lines. The caller holds the lines (P16).
    """
    # Asked before: once a line has its voucher it is not held any more.
    count = open_vouchers_from(
        move.context.legal_entity,
        SeriesKind.PROJECT_VOUCHER,
        move.lines,
        day=move.day,
        source_kind=VoucherSource.COST_MOVE,
        actor=actor,
        at=at,
    )
    entity = move.context.legal_entity
    opened = new_vouchers(entity, VoucherSource.COST_MOVE).filter(source_id=OuterRef("pk"))
    moving = IntegrationJournalLine.objects.filter(Exists(opened)).order_by()
    voucher = Subquery(opened.values("pk")[:1])
    write_one_line_of(moving, voucher=voucher, account=move.accounts)
    holding = F("voucher__lines__account")
    write_one_line_of(_holding(moving), voucher=voucher, account=holding, is_opposite=True)
    seal_new_vouchers(entity, VoucherSource.COST_MOVE)
    return count


def take_back_moves(
    reversals: JournalLineQuerySet, legal_entity: LegalEntity, *, actor: User, at: datetime
) -> None:
    """The opposite of what moved the cost of the originals of reversals, in vouchers of their own (P13, P16).

    A few statements for any number of lines; the caller holds their journal.
    """
    original = "actual__reverses__journal_line"
    moved = Voucher.objects.filter(source_kind=VoucherSource.COST_MOVE, source_id=OuterRef(original))
    written = open_vouchers_from(
        legal_entity,
        SeriesKind.PROJECT_VOUCHER,
        reversals.filter(Exists(moved)),
        day="accounting_date",
        source_kind=VoucherSource.COST_MOVE,
        actor=actor,
        at=at,
    )
    if not written:
        return
    reversal = IntegrationJournalLine.objects.filter(**{original: OuterRef("voucher__source_id")})
    opened = new_vouchers(legal_entity, VoucherSource.COST_MOVE)
    voucher = opened.filter(
        source_id__in=IntegrationJournalLine.objects.filter(
            **{original: OuterRef(OuterRef("voucher__source_id"))}
        ).values("pk")
    )
    moves = VoucherLine.objects.filter(
        Exists(reversal.filter(pk__in=opened.values("source_id"))),
        voucher__source_kind=VoucherSource.COST_MOVE,
    )
    write_one_line_of(
        moves, voucher=Subquery(voucher.values("pk")[:1]), account=F("account"), is_opposite=True
    )
    seal_new_vouchers(legal_entity, VoucherSource.COST_MOVE)


def _holding(lines: JournalLineQuerySet) -> QuerySet:
    """The lines joined with the line of their voucher that put the cost into the balance: its debit."""
    return lines.filter(voucher__lines__amount=F("amount"), voucher__lines__base_amount=F("base_amount"))

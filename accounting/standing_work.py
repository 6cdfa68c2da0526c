"""Work that stood at the end of a day: the backlog, accrued revenue, cost in the balance (X3).

Each row carries `its_currency`, and `standing_amount` in it; rows of the books also `standing_base` in the
company's currency, at the rate of their vouchers. Nothing is locked.
"""

from decimal import Decimal

from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Sum

from accounting.as_of import AsOf
from accounting.models import IntegrationJournalLine, InvoiceProposalLine, Voucher
from accounting.querysets import JournalLineQuerySet
from accounting.states import ProposalStatus, VoucherSource
from core.fields import AmountField
from core.money import ZERO
from projects.actual_querysets import ActualQuerySet
from projects.models import Actual
from projects.states import BALANCES, BillingType

POSTED = ("accounting_date", "voucher__posted_at")
ACCRUED, HELD = Q(is_accrued=True), Q(is_held=True)
WRITTEN = ("accounting_date", "event__recorded_at")


def backlog_of(at: AsOf) -> ActualQuerySet:
    """Chargeable unbilled sales that nothing had taken back: neither a proforma nor a cancellation.

    By accounting date; that of a billed row is the date of its proforma (X3, B1).
    """
    written = Actual.objects.unbilled_sales().originals().filter(at.has(*WRITTEN))
    chargeable = written.filter(
        work_item__legal_entity=at.legal_entity, billing_type=BillingType.CHARGEABLE
    ).exclude(work_item__transaction_class__in=BALANCES)
    return chargeable.filter(~Exists(_taken_back(at, "pk"))).annotate(
        its_currency=F("work_item__currency"), standing_amount=F("amount")
    )


def accrued_of(at: AsOf) -> JournalLineQuerySet:
    """Lines of the journal whose revenue was accrued, and that no invoice had taken back (X3, G5)."""
    return _standing(at, ACCRUED, _invoiced(at))


def invoiced_before(at: AsOf) -> JournalLineQuerySet:
    """Lines whose invoice belongs to the day and whose accrual does not yet: below zero (X3, G5)."""
    return _before(at, ACCRUED, _invoiced(at))


def held_of(at: AsOf) -> JournalLineQuerySet:
    """Lines of the journal whose cost was in the balance, and had not moved to profit and loss (X3, P16)."""
    return _standing(at, HELD, _moved(at))


def moved_before(at: AsOf) -> JournalLineQuerySet:
    """Lines whose cost had moved before it came into the balance: below zero (X3, P16)."""
    return _before(at, HELD, _moved(at))


def accrued_in_backlog(at: AsOf) -> dict[str, Decimal]:
    """By currency, how much of the accrued work was in the backlog of the same day: one statement."""
    in_backlog = at.has("actual__accounting_date", "actual__event__recorded_at")
    both = _lines(at, ACCRUED).filter(
        at.has(*POSTED),
        in_backlog,
        ~Exists(_invoiced(at)),
        ~Exists(_taken_back(at, "actual")),
        actual__reverses__isnull=True,
        actual__billing_type=BillingType.CHARGEABLE,
    )
    return dict(both.order_by().values_list("currency").annotate(sum=Sum("amount", default=ZERO)))


def _taken_back(at: AsOf, original: str) -> QuerySet[Actual]:
    return Actual.objects.filter(at.has(*WRITTEN), reverses=OuterRef(original))


def _invoiced(at: AsOf) -> QuerySet[InvoiceProposalLine]:
    invoice = "proposal__customer_invoice"
    return InvoiceProposalLine.objects.filter(
        at.has(f"{invoice}__invoice_date", f"{invoice}__posted_at"),
        detail__actual=OuterRef("actual"),
        proposal__status=ProposalStatus.POSTED,
    )


def _moved(at: AsOf) -> QuerySet[Voucher]:
    return Voucher.objects.filter(
        at.has("date", "posted_at"), source_kind=VoucherSource.COST_MOVE, source_id=OuterRef("pk")
    )


def _lines(at: AsOf, which: Q) -> JournalLineQuerySet:
    return IntegrationJournalLine.objects.posted().filter(which, journal__legal_entity=at.legal_entity)


def _standing(at: AsOf, which: Q, left_it: QuerySet) -> JournalLineQuerySet:
    """Lines that were on the account and had not left it.

    A line and the line that takes it back are no rows once both stand. Every condition stands on its own, so
    that the database joins each once instead of asking for every line.
    """
    standing = _lines(at, which).filter(at.has(*POSTED), ~Exists(left_it))
    opposite = standing.filter(actual__reverses=OuterRef("actual"))
    original = standing.filter(actual=OuterRef("actual__reverses"))
    return _as_rows(standing.filter(~Exists(opposite), ~Exists(original)), 1)


def _before(at: AsOf, which: Q, left_it: QuerySet) -> JournalLineQuerySet:
    """Lines that left the account before they came there, because of an invoice dated before its work.

    They stand with the opposite sign: the ledger has them too.
    """
    return _as_rows(_lines(at, which).filter(~at.has(*POSTED), Exists(left_it)), -1)


def _as_rows(lines: JournalLineQuerySet, sign: int) -> JournalLineQuerySet:
    signed = {
        name: ExpressionWrapper(F(column) * sign, AmountField())
        for name, column in (("standing_amount", "amount"), ("standing_base", "base_amount"))
    }
    return lines.annotate(its_currency=F("currency"), **signed)

"""What breaks journal vouchers: their vouchers, lines, second persons and reversals (C6, G13)."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounting.balances import RESULT_KINDS, closing_a_year
from accounting.models import JournalVoucher, JournalVoucherLine, RecurringVoucher, Voucher, VoucherLine
from accounting.proofs.proof import Offender, Proof
from accounting.states import JournalVoucherStatus, VoucherSource
from core.money import HUNDRED

OF_JOURNAL_VOUCHER = Q(source_kind=VoucherSource.JOURNAL_VOUCHER)
POSTED = JournalVoucherStatus.POSTED
MONTHS = 12


def without_voucher() -> QuerySet:
    """Posted journal vouchers that no voucher of their day, company, person and moment stands for."""
    voucher = Voucher.objects.filter(
        OF_JOURNAL_VOUCHER,
        source_id=OuterRef("pk"),
        legal_entity=OuterRef("legal_entity"),
        date=OuterRef("date"),
        posted_by=OuterRef("posted_by"),
        posted_at=OuterRef("posted_at"),
    )
    return JournalVoucher.objects.filter(~Exists(voucher), status=POSTED).order_by("pk")


def without_journal_voucher() -> QuerySet:
    """Vouchers of journal vouchers that are not there, or not posted."""
    posted = JournalVoucher.objects.filter(pk=OuterRef("source_id"), status=POSTED)
    return Voucher.objects.filter(OF_JOURNAL_VOUCHER & ~Exists(posted)).order_by("pk")


def unlike_lines() -> list[Offender]:
    """Vouchers whose lines are not those of their journal voucher, account by account."""
    facts = ("account", "currency", "customer", "project", "dimension")
    sums: dict[str, Any] = {
        "amount_sum": Sum("amount"),
        "base_sum": Sum("base_amount"),
        "count": Count("pk"),
    }
    booked = VoucherLine.objects.filter(voucher__source_kind=VoucherSource.JOURNAL_VOUCHER).order_by()
    lines = JournalVoucherLine.objects.filter(journal_voucher__status=POSTED).order_by()
    whose = ("voucher__source_id", "voucher__legal_entity")
    theirs = ("journal_voucher", "journal_voucher__legal_entity")
    left = set(booked.values_list(*whose, *facts).annotate(**sums))
    right = set(lines.values_list(*theirs, *facts).annotate(**sums))
    wrong = sorted({(row[0], row[1]) for row in left ^ right})
    names = JournalVoucher.objects.in_bulk([key for key, _entity in wrong])
    return [Offender(str(names.get(key, key)), entity) for key, entity in wrong]


def posted_by_their_writers() -> QuerySet:
    """Posted journal vouchers that nobody else than their writer has seen."""
    return JournalVoucher.objects.filter(status=POSTED, posted_by=F("written_by")).order_by("pk")


def unlike_reversals() -> list[Offender]:
    """Posted reversals that are not the negation of a posted journal voucher, or the second one of it."""
    posted = JournalVoucher.objects.filter(status=POSTED, reverses__isnull=False).order_by("pk")
    pairs = list(posted.values_list("pk", "reverses", "legal_entity"))
    facts = ("position", "account", "currency", "customer", "project", "dimension", "amount", "base_amount")
    chosen = {key for pair in pairs for key in pair[:2]}
    lines: dict[int | None, list[tuple[Any, ...]]] = {}
    rows = JournalVoucherLine.objects.filter(journal_voucher__in=chosen).order_by("position")
    for key, *line in rows.values_list("journal_voucher", *facts):
        lines.setdefault(key, []).append(tuple(line))
    seen: set[int | None] = set()
    wrong = []
    for key, original, entity in pairs:
        negated = [(*line[:-2], -line[-2], -(line[-1] or 0)) for line in lines.get(original, [])]
        if lines.get(key, []) != negated or original in seen:
            wrong.append((key, entity))
        seen.add(original)
    names = JournalVoucher.objects.in_bulk([key for key, _entity in wrong])
    return [Offender(str(names[key]), entity) for key, entity in wrong]


def results_left() -> list[Offender]:
    """Fiscal years that are closed and have a balance on an account of revenue or expense, by dimension."""
    wrong = []
    closed = JournalVoucher.objects.closing_years().posted().select_related("legal_entity").order_by("pk")
    # One or two a year and company: a statement for each.
    for one in closed:
        upto = VoucherLine.objects.filter(
            voucher__legal_entity=one.legal_entity_id, account__kind__in=RESULT_KINDS
        ).filter(
            Q(voucher__date__lt=one.date) | (Q(voucher__date=one.date) & closing_a_year(one.legal_entity))
        )
        sums = upto.order_by().values("account", "dimension").annotate(sum=Sum("base_amount"))
        if sums.exclude(sum=0).exists():
            wrong.append(Offender(str(one), one.legal_entity_id))
    return wrong


def badly_divided() -> list[Offender]:
    """Posted journal vouchers with parts that do not come to 100 percent of what was divided."""
    parts = JournalVoucherLine.objects.filter(journal_voucher__status=POSTED, first_part__isnull=False)
    grouped = parts.order_by().values("journal_voucher", "first_part", "account", "currency", "whole")
    wrong = grouped.annotate(percents=Sum("percent"), parts=Sum("amount")).exclude(
        percents=HUNDRED, parts=F("whole")
    )
    keys = sorted({row["journal_voucher"] for row in wrong})
    names = JournalVoucher.objects.in_bulk(keys)
    return [Offender(str(names[key]), names[key].legal_entity_id) for key in keys]


def not_reversed() -> QuerySet:
    """Posted journal vouchers that are reversed on a later day, and are not."""
    back = JournalVoucher.objects.filter(reverses=OuterRef("pk"), date=OuterRef("reversed_on"), status=POSTED)
    return JournalVoucher.objects.filter(~Exists(back), status=POSTED, reversed_on__isnull=False)


def months_left_out() -> list[Offender]:
    """Recurring journal vouchers of which a month before the next one was not proposed."""
    wrong = []
    months = RecurringVoucher.objects.annotate(proposals=Count("proposed"), last=Max("proposed__month"))
    for one in months.order_by("pk"):
        upto = one.next_month or (following(one.last) if one.last else one.first_month)
        first, end = one.first_month, upto
        if one.proposals != MONTHS * (end.year - first.year) + end.month - first.month:
            wrong.append(Offender(str(one), one.legal_entity_id))
    return wrong


def following(month: date) -> date:
    """The month after one, by its first day."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


ENTITY = "legal_entity"
PROOFS = (
    Proof("G13a", _("Every posted journal voucher has its voucher."), without_voucher, ENTITY),
    Proof(
        "G13b",
        _("Every voucher of a journal voucher belongs to a posted one."),
        without_journal_voucher,
        ENTITY,
    ),
    Proof("G13c", _("A voucher books the lines of its journal voucher."), unlike_lines),
    Proof("G13d", _("Nobody posted the journal voucher that they wrote."), posted_by_their_writers, ENTITY),
    Proof(
        "G13e",
        _("The reversal of a journal voucher is its exact negation, and the only one."),
        unlike_reversals,
    ),
    Proof("G13f", _("The parts of a divided amount come to 100 percent of it."), badly_divided),
    Proof("G15", _("Nothing of a closed fiscal year is left on its revenue and expenses."), results_left),
    Proof("G17a", _("What is reversed on a later day has its reversal there."), not_reversed, ENTITY),
    Proof("G17b", _("Every month of a recurring journal voucher was proposed once."), months_left_out),
)

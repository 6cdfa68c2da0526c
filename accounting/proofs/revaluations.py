"""What breaks revaluations: their figures, their vouchers and that nothing of them stays (C9, G14)."""

from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounting.models import PostingAccountUse, Revaluation, RevaluationLine, Voucher, VoucherLine
from accounting.proofs.proof import Offender, Proof
from accounting.states import PostingType, VoucherSource
from core.money import converted

KINDS = (VoucherSource.REVALUATION, VoucherSource.REVALUATION_REVERSAL)


def without_vouchers() -> QuerySet:
    """Revaluations without a voucher of their day, or without its reversal."""
    posted = Voucher.objects.filter(source_id=OuterRef("pk"), legal_entity=OuterRef("legal_entity"))
    of_day = posted.filter(source_kind=VoucherSource.REVALUATION, date=OuterRef("valued_on"))
    returned = posted.filter(source_kind=VoucherSource.REVALUATION_REVERSAL, date=OuterRef("reversed_on"))
    return Revaluation.objects.filter(~Exists(of_day) | ~Exists(returned)).order_by("pk")


def without_revaluation() -> QuerySet:
    """Vouchers of revaluations that are not there."""
    known = Revaluation.objects.filter(pk=OuterRef("source_id"))
    return Voucher.objects.filter(~Exists(known), source_kind__in=KINDS).order_by("pk")


def wrong_worth() -> list[Offender]:
    """Lines whose difference is not what their amount is worth at their rate beyond the books."""
    lines = RevaluationLine.objects.select_related("account", "revaluation__legal_entity").order_by("pk")
    return [
        Offender(f"{one.revaluation} {one}", one.revaluation.legal_entity_id)
        for one in lines
        if converted(one.amount, one.rate, one.revaluation.legal_entity.currency) != one.worth
    ]


def unlike_vouchers() -> list[Offender]:
    """Revaluations whose vouchers do not move the account of revaluations by exactly their differences."""
    used = PostingAccountUse.objects.filter(posting_type=PostingType.REVALUATION).values("account")
    lines = RevaluationLine.objects.order_by().values_list("revaluation", "currency", "customer", "project")
    expected = _sums(lines.annotate(sum=Sum("difference")), 1)
    wrong: set[int] = set()
    for kind, sign in zip(KINDS, (1, -1), strict=True):
        booked = VoucherLine.objects.filter(account__in=used, voucher__source_kind=kind).order_by()
        facts = booked.values_list("voucher__source_id", "currency", "customer", "project")
        moved = _sums(facts.annotate(sum=Sum("base_amount")), sign)
        wrong |= {key[0] for key in expected.keys() | moved.keys() if expected.get(key) != moved.get(key)}
    named = Revaluation.objects.in_bulk(wrong)
    return [
        Offender(str(named.get(key, key)), named[key].legal_entity_id if key in named else None)
        for key in sorted(wrong)
    ]


def _sums(rows: QuerySet, sign: int) -> dict[tuple[Any, ...], Decimal]:
    return {tuple(row[:-1]): sign * row[-1] for row in rows if row[-1]}


def second_ones() -> QuerySet:
    """Revaluations that stand beside another one of their period, or reverse none of their period."""
    standing = Revaluation.objects.standing()
    others = standing.filter(period=OuterRef("period")).exclude(pk=OuterRef("pk"))
    same = {"period": F("reverses__period"), "valued_on": F("reverses__valued_on")}
    is_back = Q(reverses__isnull=False)
    return Revaluation.objects.filter(
        (Q(pk__in=standing.values("pk")) & Exists(others)) | (is_back & ~Q(**same))
    ).order_by("pk")


def left_over() -> list[Offender]:
    """Companies whose account of revaluations holds anything when every voucher is counted."""
    used = PostingAccountUse.objects.filter(posting_type=PostingType.REVALUATION).values("account")
    lines = VoucherLine.objects.filter(account__in=used, voucher__source_kind__in=KINDS).order_by()
    by = ("voucher__legal_entity", "voucher__legal_entity__code", "currency", "customer", "project")
    sums = lines.values_list(*by).annotate(sum=Sum("base_amount"))
    return sorted({Offender(f"{code} {row[0]}", entity) for entity, code, *row in sums if row[-1]})


ENTITY = "legal_entity"
PROOFS = (
    Proof(
        "G14a",
        _("Every revaluation is in the ledger on its day and reversed the next."),
        without_vouchers,
        ENTITY,
    ),
    Proof("G14b", _("Every voucher of a revaluation belongs to a revaluation."), without_revaluation, ENTITY),
    Proof("G14c", _("A balance is valued at its rate, rounded once."), wrong_worth),
    Proof("G14d", _("The vouchers of a revaluation move exactly its differences."), unlike_vouchers),
    Proof("G14e", _("One revaluation stands for a period."), second_ones, ENTITY),
    Proof("G14f", _("Nothing of a revaluation stays on its account."), left_over),
)

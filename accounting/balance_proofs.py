"""What breaks the balances that wait for revenue: held cost and estimates (G11, G12)."""

from django.db.models import F, QuerySet, Sum

from accounting.cost_moves import held_costs
from accounting.models import IntegrationJournalLine, PostingAccountUse, RevenueEstimate, VoucherLine
from accounting.states import EstimateStatus, PostingType, Recognition, VoucherSource
from core.money import sum_by

BALANCE = {
    Recognition.COMPLETED_CONTRACT: PostingType.WIP_COST_VALUE,
    Recognition.COMPLETED_PERCENTAGE: PostingType.WIP_SALES_VALUE,
}


def held() -> list[str]:
    """Projects whose cost in the balance is not what their lines hold."""
    booked = _booked(PostingType.WIP_COST_VALUE).exclude(voucher__source_kind=VoucherSource.ESTIMATE)
    return _apart(booked, held_costs(IntegrationJournalLine.objects.all()), F("amount"))


def estimated() -> list[str]:
    """Projects whose posted estimates are not what their vouchers left in the balance."""
    apart: list[str] = []
    for method, role in BALANCE.items():
        booked = _booked(role).filter(voucher__source_kind=VoucherSource.ESTIMATE)
        posted = RevenueEstimate.objects.filter(method=method, status=EstimateStatus.POSTED)
        apart += _apart(booked, posted, F("amount"))
    return apart


def _booked(role: str) -> QuerySet:
    accounts = PostingAccountUse.objects.filter(posting_type=role).values("account")
    return VoucherLine.objects.filter(account__in=accounts)


def _apart(booked: QuerySet, expected: QuerySet, amount: F) -> list[str]:
    sides = ((booked, 1), (expected, -1))
    left = sum_by(
        (project, sign * total)
        for rows, sign in sides
        for project, total in rows.order_by().values_list("project__number").annotate(total=Sum(amount))
    )
    return sorted(str(project) for project, total in left.items() if total)

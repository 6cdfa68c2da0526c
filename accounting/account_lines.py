"""The lines of accounts in the order of their days, with the balance after each (C6).

Figures are amounts in the currency of the legal entity, or in the one currency that was asked for; debits
are positive.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum

from accounting.balances import Span
from accounting.models import Account, VoucherLine
from core.money import ZERO


@dataclass(frozen=True)
class StatementPage:
    """Some lines of an account with the balance before them; `next_key` is where the following ones begin.

    Each line carries `balance`, the balance after it, and `credit`, its amount with the opposite sign.
    """

    brought_forward: Decimal
    lines: list[VoucherLine]
    carried_forward: Decimal
    next_key: str


@dataclass(frozen=True)
class StatementTotals:
    """Of all lines of the span: how many, their debits and credits, and the balances at both ends."""

    opening: Decimal
    debit: Decimal
    credit: Decimal
    count: int

    @property
    def closing(self) -> Decimal:
        """The balance on the last day."""
        return self.opening + self.debit - self.credit


def lines_of(
    accounts: Account | QuerySet[Account],
    customer: int | None = None,
    dimension: str = "",
    currency: str = "",
) -> QuerySet[VoucherLine]:
    """The lines of an account or several, of a customer or a dimension where given, as a statement has them.

    With a currency only what was booked in it, and each `figure` is in it.
    """
    lines = VoucherLine.objects.filter(
        **{"account": accounts} if isinstance(accounts, Account) else {"account__in": accounts}
    )
    if customer is not None:
        lines = lines.filter(customer=customer)
    if dimension:
        lines = lines.filter(dimension=dimension)
    if currency:
        lines = lines.filter(currency=currency)
    figure = F("amount" if currency else "base_amount")
    return lines.annotate(day=F("voucher__date"), figure=figure).order_by("day", "pk")


def currencies_of(accounts: QuerySet[Account]) -> list[str]:
    """The currencies that something was booked in on these accounts, by their codes; one statement."""
    codes = VoucherLine.objects.filter(account__in=accounts).order_by("currency")
    return list(codes.values_list("currency", flat=True).distinct())


def totals_of(lines: QuerySet[VoucherLine], span: Span) -> StatementTotals:
    """What the lines add up to over a span; one statement."""
    within = Q(day__gte=span.first)
    row = (
        lines.filter(day__lte=span.last)
        .order_by()
        .aggregate(
            opening=Sum("figure", filter=Q(day__lt=span.first), default=ZERO),
            debit=Sum("figure", filter=within & Q(figure__gt=0), default=ZERO),
            credit=Sum("figure", filter=within & Q(figure__lt=0), default=ZERO),
            count=Count("pk", filter=within),
        )
    )
    return StatementTotals(row["opening"], row["debit"], -row["credit"], row["count"])


def page_of(
    lines: QuerySet[VoucherLine], span: Span, after: tuple[date, int] | None, size: int
) -> StatementPage:
    """The next `size` lines of a span behind the line `after`, its day and key; two statements.

    Lines are sought by day and key, so that the hundredth page costs what the first one does.
    """
    start = (span.first, 0) if after is None else after
    behind = Q(day__gt=start[0]) | Q(day=start[0], pk__gt=start[1])
    before = lines.exclude(behind).order_by().aggregate(sum=Sum("figure", default=ZERO))["sum"]
    rows = list(
        lines.filter(behind, day__lte=span.last).select_related(
            "voucher", "account", "customer", "project", "voucher__posted_by"
        )[: size + 1]
    )
    shown, balance = rows[:size], before
    for line in shown:
        figure: Decimal = line.figure  # type: ignore[attr-defined]
        balance += figure
        line.balance, line.credit = balance, -figure  # type: ignore[attr-defined]
    last = shown[-1] if len(rows) > size else None
    next_key = f"{last.day:%Y%m%d}-{last.pk}" if last else ""  # type: ignore[attr-defined]
    return StatementPage(before, shown, balance, next_key)

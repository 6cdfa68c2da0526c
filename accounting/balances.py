"""What stands on the accounts of a legal entity: balances and movements of a span of days (C6).

All of it is read from the lines of vouchers, in the currency of the legal entity; debits are positive. What
closes a fiscal year stands on the first day of the next one and belongs to what was before: it is in no
result, neither of the year that it closes nor of the next.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Q, Sum

from accounting.models import Account, JournalVoucher, VoucherLine
from accounting.states import AccountKind, VoucherSource
from core.money import ZERO
from projects.models import LegalEntity

RESULT_KINDS = (AccountKind.REVENUE, AccountKind.EXPENSE)


@dataclass(frozen=True)
class Span:
    """Days from the first to the last, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class AccountBalance:
    """One account, or the sum of several: what stood before a span of days, its debits and its credits.

    `credit` is positive. `compared` and `compared_movement` are zero where nothing is compared.
    """

    account: Account | None
    opening: Decimal = ZERO
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    compared: Decimal = ZERO
    compared_movement: Decimal = ZERO

    @property
    def movement(self) -> Decimal:
        """What the span added; a credit is negative."""
        return self.debit - self.credit

    @property
    def closing(self) -> Decimal:
        """The balance on the last day of the span."""
        return self.opening + self.movement

    @property
    def change(self) -> Decimal:
        """Against the last day of the span that it is compared with."""
        return self.closing - self.compared

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever posted up to the last day."""
        return not any((self.opening, self.debit, self.credit, self.compared, self.compared_movement))

    def __add__(self, other: "AccountBalance") -> "AccountBalance":
        return AccountBalance(
            None,
            self.opening + other.opening,
            self.debit + other.debit,
            self.credit + other.credit,
            self.compared + other.compared,
            self.compared_movement + other.compared_movement,
        )


NOTHING = AccountBalance(None)


def balances_of(
    entity: LegalEntity, span: Span, compared: Span | None = None, dimension: str = ""
) -> list[AccountBalance]:
    """Every account of a legal entity in the order of its numbers, of lines with a dimension where given.

    Three statements.
    """
    date_is = "voucher__date"
    closing = closing_a_year(entity)
    within = Q(**{f"{date_is}__gte": span.first, f"{date_is}__lte": span.last}) & ~closing
    before = Q(**{f"{date_is}__lt": span.first}) | (Q(**{f"{date_is}__lte": span.last}) & closing)
    sums = {
        "opening": Sum("base_amount", filter=before, default=ZERO),
        "debit": Sum("base_amount", filter=within & Q(base_amount__gt=0), default=ZERO),
        "credit": Sum("base_amount", filter=within & Q(base_amount__lt=0), default=ZERO),
    }
    if compared is not None:
        upto = Q(**{f"{date_is}__lte": compared.last})
        sums["compared"] = Sum("base_amount", filter=upto, default=ZERO)
        sums["compared_movement"] = Sum(
            "base_amount", filter=upto & Q(**{f"{date_is}__gte": compared.first}) & ~closing, default=ZERO
        )
    last = max(span.last, compared.last if compared else span.last)
    lines = VoucherLine.objects.filter(voucher__legal_entity=entity, voucher__date__lte=last)
    if dimension:
        lines = lines.filter(dimension=dimension)
    by_account: dict[int, Any] = {
        row["account"]: row for row in lines.order_by().values("account").annotate(**sums)
    }
    return [
        _balance(account, by_account.get(account.pk))
        for account in Account.objects.filter(legal_entity=entity).order_by("number")
    ]


def closing_a_year(entity: LegalEntity) -> Q:
    """Lines of vouchers that close fiscal years of a legal entity, or take that back."""
    year_ends = JournalVoucher.objects.year_ends().filter(legal_entity=entity)
    keys = list(year_ends.posted().values_list("pk", flat=True))
    # Few: one or two for each year that was closed.
    return Q(voucher__source_kind=VoucherSource.JOURNAL_VOUCHER, voucher__source_id__in=keys)


def _balance(account: Account, row: dict[str, Decimal] | None) -> AccountBalance:
    if row is None:
        return AccountBalance(account)
    figures = {name: row.get(name, ZERO) for name in ("opening", "debit", "compared", "compared_movement")}
    return AccountBalance(account, credit=-row["credit"], **figures)


def summed(balances: Iterable[AccountBalance]) -> AccountBalance:
    """Their sum, without an account."""
    return reduce(add, balances, NOTHING)


def by_kind(
    balances: Sequence[AccountBalance],
) -> list[tuple[AccountKind, list[AccountBalance], AccountBalance]]:
    """The balances of each kind of account and their sum, kinds in the order of a chart of accounts."""
    groups = []
    for kind in AccountKind:
        rows = [one for one in balances if one.account is not None and one.account.kind == kind]
        if rows:
            groups.append((kind, rows, summed(rows)))
    return groups

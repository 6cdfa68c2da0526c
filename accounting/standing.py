"""What stood at the end of a day, beside the accounts of the ledger of the same day (X3).

Debits and credits are shown as what they mean: what is owed, kept or advanced is above zero on both sides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from accounting.as_of import AsOf
from accounting.models import Account, PostingAccountUse, VoucherLine
from accounting.standing_money import (
    OF_ESTIMATES,
    estimates_of,
    on_account_in_base,
    on_account_of,
    receivables_of,
    waiting_of,
)
from accounting.standing_work import (
    accrued_in_backlog,
    accrued_of,
    backlog_of,
    held_of,
    invoiced_before,
    moved_before,
)
from accounting.states import ControlKind, PostingType, StandingKind, VoucherSource
from core.money import ZERO
from projects.exchange_rates import ExchangeRates
from projects.states import TransactionClass

ADVANCES, RETENTIONS = TransactionClass.RETAINER, TransactionClass.RETENTION
Part = Callable[[AsOf], QuerySet[Any, Any]]
ROWS: Mapping[StandingKind, Part] = {
    StandingKind.BACKLOG: backlog_of,
    StandingKind.ACCRUED: accrued_of,
    StandingKind.HELD: held_of,
    StandingKind.ESTIMATES: estimates_of,
    StandingKind.RECEIVABLES: receivables_of,
    StandingKind.ON_ACCOUNT: on_account_of,
    StandingKind.ADVANCES: lambda at: waiting_of(at, ADVANCES),
    StandingKind.RETENTIONS: lambda at: waiting_of(at, RETENTIONS),
}
"""The rows of each kind."""
BEFORE: Mapping[StandingKind, Part] = {
    StandingKind.ACCRUED: invoiced_before,
    StandingKind.HELD: moved_before,
}
"""Further rows of a kind, below zero: what left an account before it came there."""
ROLES: Mapping[StandingKind, tuple[PostingType, ...]] = {
    StandingKind.ACCRUED: (PostingType.WIP_SALES_VALUE,),
    StandingKind.HELD: (PostingType.WIP_COST_VALUE,),
    StandingKind.ESTIMATES: OF_ESTIMATES,
    StandingKind.ON_ACCOUNT: (PostingType.WIP_INVOICED_ON_ACCOUNT,),
    StandingKind.ADVANCES: (PostingType.CUSTOMER_ADVANCES,),
    StandingKind.RETENTIONS: (PostingType.RETENTION_RECEIVABLE,),
}
"""The posting types whose accounts hold each kind; those of receivables are control accounts."""
OWED_BY_US = (StandingKind.ON_ACCOUNT, StandingKind.ADVANCES)
"""They stand in the ledger as credits."""
Sums = dict[str, tuple[Decimal, Decimal]]
"""By currency, in it and in the company's."""
NONE = (ZERO, ZERO)


@dataclass(frozen=True)
class StandingSum:
    """What stood in one currency, and what the ledger held of it; the latter two in the company's."""

    currency: str
    amount: Decimal
    booked: Decimal
    base: Decimal
    booked_base: Decimal

    @property
    def difference(self) -> Decimal:
        """What the rows have above the ledger, in the currency; nothing where both say the same."""
        return self.amount - self.booked


@dataclass(frozen=True)
class Standing:
    """One kind at the end of a day: its sums by currency, in their order, and the accounts that hold it."""

    kind: StandingKind
    sums: list[StandingSum]
    accounts: list[Account]

    @property
    def base(self) -> Decimal:
        """All currencies, in the company's."""
        return sum((one.base for one in self.sums), ZERO)

    @property
    def booked_base(self) -> Decimal:
        """The same in the ledger."""
        return sum((one.booked_base for one in self.sums), ZERO)

    @property
    def difference(self) -> Decimal:
        """What the rows have above the ledger, in the company's currency."""
        return self.base - self.booked_base

    @property
    def is_equal(self) -> bool:
        """Whether rows and ledger agree to the cent, in every currency and in the company's."""
        return not any(one.difference or one.base != one.booked_base for one in self.sums)


@dataclass(frozen=True)
class BacklogSum:
    """The backlog in one currency on its way to accrued revenue; `worth` is at the exchange rate of the day.

    Backlog, less what of it was not accrued, plus what had left it without being invoiced, is what was
    accrued. `worth` is in the company's currency; None where no rate is known.
    """

    currency: str
    amount: Decimal
    in_both: Decimal
    accrued: Decimal
    worth: Decimal | None

    @property
    def not_accrued(self) -> Decimal:
        """In the backlog and not in the books: not posted by then, or its profile accrues nothing."""
        return self.amount - self.in_both

    @property
    def confirmed(self) -> Decimal:
        """In the books and no more in the backlog: confirmed, or cancelled and not posted."""
        return self.accrued - self.in_both


@dataclass(frozen=True)
class Stood:
    """Everything that stood at the end of a day."""

    at: AsOf
    backlog: list[BacklogSum] = field(default_factory=list)
    kinds: list[Standing] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether all of it agrees with the ledger."""
        return all(one.is_equal for one in self.kinds)

    @property
    def worth(self) -> Decimal | None:
        """The backlog in the company's currency; None where a rate is missing."""
        worths = [one.worth for one in self.backlog]
        return None if None in worths else sum((one for one in worths if one is not None), ZERO)


def what_stood(at: AsOf) -> Stood:
    """Sums of every kind, and of the ledger: a fixed number of statements; locks nothing (X3)."""
    rows: dict[StandingKind, Sums] = {kind: _sums(kind, at) for kind in ROLES}
    rows[StandingKind.RECEIVABLES] = _sums(StandingKind.RECEIVABLES, at)
    booked, accounts = _ledger(at)
    kinds = [
        Standing(kind, _beside(rows[kind], booked[kind]), accounts[kind])
        for kind in StandingKind
        if kind in rows
    ]
    return Stood(at, _backlog(at, rows[StandingKind.ACCRUED]), kinds)


def _sums(kind: StandingKind, at: AsOf) -> Sums:
    rows, sums = ROWS[kind](at).order_by(), Sums()
    if kind == StandingKind.ON_ACCOUNT:
        bases = on_account_in_base(at)
        amounts = dict(rows.values_list("its_currency").annotate(sum=Sum("standing_amount")))
        return {one: (amounts.get(one, ZERO), bases.get(one, ZERO)) for one in amounts.keys() | bases.keys()}
    if kind in (StandingKind.ADVANCES, StandingKind.RETENTIONS, StandingKind.ESTIMATES):
        # Few, and grouped already: one row for each advance, retention or project.
        for row in rows:
            amount, base = sums.get(row["its_currency"], NONE)
            sums[row["its_currency"]] = amount + row["standing_amount"], base + row["standing_base"]
        return sums
    parts = [rows, *([BEFORE[kind](at).order_by()] if kind in BEFORE else [])]
    for part in parts:
        grouped = part.values_list("its_currency")
        for currency, *figures in grouped.annotate(amount=Sum("standing_amount"), base=Sum("standing_base")):
            amount, base = sums.get(currency, NONE)
            sums[currency] = amount + figures[0], base + figures[1]
    return sums


def _beside(rows: Sums, booked: Sums) -> list[StandingSum]:
    sums = []
    for currency in sorted(rows.keys() | booked.keys()):
        (amount, base), (in_books, in_books_base) = rows.get(currency, NONE), booked.get(currency, NONE)
        sums.append(StandingSum(currency, amount, in_books, base, in_books_base))
    return [one for one in sums if any((one.amount, one.base, one.booked, one.booked_base))]


def _ledger(at: AsOf) -> tuple[dict[StandingKind, Sums], dict[StandingKind, list[Account]]]:
    """What the accounts of each kind held, and which they are: two statements."""
    roles = {role for each in ROLES.values() for role in each}
    used = PostingAccountUse.objects.filter(legal_entity=at.legal_entity, posting_type__in=roles)
    playing: dict[str, set[int]] = {}
    for role, account in used.order_by().values_list("posting_type", "account"):
        playing.setdefault(role, set()).add(account)
    keys = {account for each in playing.values() for account in each}
    control = Q(control=ControlKind.CUSTOMER)
    accounts = list(
        Account.objects.filter(control | Q(pk__in=keys), legal_entity=at.legal_entity).order_by("number")
    )
    of_kind = {
        kind: [one for one in accounts if any(one.pk in playing.get(role, ()) for role in each)]
        for kind, each in ROLES.items()
    }
    of_kind[StandingKind.RECEIVABLES] = [one for one in accounts if one.control == ControlKind.CUSTOMER]
    lines = VoucherLine.objects.filter(
        at.has("voucher__date", "voucher__posted_at"),
        account__in=accounts,
        voucher__legal_entity=at.legal_entity,
    )
    by = ("account", "voucher__source_kind", "currency")
    booked: dict[StandingKind, Sums] = {kind: {} for kind in of_kind}
    for account, source, currency, amount, base in (
        lines.order_by().values_list(*by).annotate(amount=Sum("amount"), base=Sum("base_amount"))
    ):
        for kind in _held_by(account, source, of_kind):
            sign = -1 if kind in OWED_BY_US else 1
            so_far = booked[kind].get(currency, NONE)
            booked[kind][currency] = so_far[0] + sign * amount, so_far[1] + sign * base
    return booked, of_kind


def _held_by(account: int, source: str, of_kind: Mapping[StandingKind, list[Account]]) -> list[StandingKind]:
    """The kinds that a line belongs to: what estimates move on accounts of work is theirs."""
    is_estimate = source == VoucherSource.ESTIMATE
    kinds = [kind for kind, accounts in of_kind.items() if any(one.pk == account for one in accounts)]
    of_work = (StandingKind.ACCRUED, StandingKind.HELD)
    return [
        kind
        for kind in kinds
        if not (kind in of_work and is_estimate) and (kind != StandingKind.ESTIMATES or is_estimate)
    ]


def _backlog(at: AsOf, accrued: Sums) -> list[BacklogSum]:
    sums = backlog_of(at).order_by().values_list("its_currency").annotate(sum=Sum("standing_amount"))
    amounts, both = dict(sums), accrued_in_backlog(at)
    entity = at.legal_entity
    rates = ExchangeRates.of({entity.pk: entity.currency})
    return [
        BacklogSum(
            currency,
            amounts.get(currency, ZERO),
            both.get(currency, ZERO),
            accrued.get(currency, NONE)[0],
            rates.in_own_currency(entity.pk, amounts.get(currency, ZERO), currency, at.day),
        )
        for currency in sorted(amounts.keys() | accrued.keys())
    ]

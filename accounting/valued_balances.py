"""What a company holds in foreign currencies at the end of a day, and its worth at the rate of it (C9).

What is owed in money is valued: open rows of customers (invoices, credit notes, payments on account), money
at the bank, and what customers keep back. Advances are owed in work and keep the rate they were booked with,
and so do accruals, which are reversed at it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum

from accounting.models import BankAccount, CustomerTransaction, PostingAccountUse, VoucherLine
from accounting.states import ControlKind, PostingType
from core.money import ZERO, converted
from projects.models import ExchangeRate, LegalEntity


@dataclass(frozen=True)
class ForeignBalance:
    """An amount in a foreign currency, and in the company's as the books have it; debits are positive."""

    account_id: int
    currency: str
    amount: Decimal
    base: Decimal
    row: CustomerTransaction | None = None
    project_id: int | None = None

    def difference(self, rate: Decimal, own: str) -> Decimal:
        """What the books miss of its worth at a rate, in the company's currency, rounded once."""
        return converted(self.amount, rate, own) - self.base


def foreign_balances(entity: LegalEntity, on: date) -> list[ForeignBalance]:
    """What a company holds in foreign currencies at the end of a day: three statements, nothing is locked.

    Rows of customers come first, one by one, then accounts of banks, then retentions by project.
    """
    used = PostingAccountUse.objects.filter(
        legal_entity=entity, posting_type=PostingType.RETENTION_RECEIVABLE
    ).values("account")
    banks = BankAccount.objects.filter(legal_entity=entity).values("account")
    return [*_open_rows(entity, on), *_booked(entity, on, banks), *_booked(entity, on, used, "project")]


def rates_of_the_day(entity: LegalEntity, on: date) -> dict[str, Decimal]:
    """The rates that begin on a day, by currency; one of an earlier day is not the rate of this one."""
    of_day = ExchangeRate.objects.filter(legal_entity=entity, starts_on=on)
    return dict(of_day.values_list("currency", "rate"))


def without_rate(balances: Sequence[ForeignBalance], rates: Mapping[str, Decimal]) -> list[str]:
    """The currencies that would be valued and have no rate, in the order of their codes."""
    return sorted({one.currency for one in balances} - rates.keys())


def _open_rows(entity: LegalEntity, on: date) -> Iterator[ForeignBalance]:
    rows = CustomerTransaction.objects.filter(legal_entity=entity).exclude(currency=entity.currency)
    still_open = rows.open(on)
    chosen = still_open.select_related("customer", "invoice", "voucher").order_by("date", "pk")
    lines = VoucherLine.objects.filter(
        voucher__in=still_open.order_by().values("voucher"), account__control=ControlKind.CUSTOMER
    )
    accounts = dict(lines.order_by().values_list("voucher", "account"))
    for row in chosen:
        yield ForeignBalance(accounts[row.voucher_id], row.currency, row.open_amount, row.open_base, row=row)


def _booked(entity: LegalEntity, on: date, accounts: QuerySet, *by: str) -> Iterator[ForeignBalance]:
    lines = VoucherLine.objects.filter(
        account__in=accounts, voucher__legal_entity=entity, voucher__date__lte=on
    ).exclude(currency=entity.currency)
    sums = lines.order_by("account__number", "currency", *by).values("account", "currency", *by)
    for held in sums.annotate(amount_sum=Sum("amount"), base_sum=Sum("base_amount")):
        if held["amount_sum"] or held["base_sum"] != ZERO:
            yield ForeignBalance(
                held["account"],
                held["currency"],
                held["amount_sum"],
                held["base_sum"],
                project_id=held.get("project"),
            )

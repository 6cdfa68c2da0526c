"""Files that bring books from another system: the opening trial balance, and open items (C13).

Each row is read on its own; what is wrong names its row and column. Amounts are as the file has them: a
debit, and what a customer owes, is above zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.journal_voucher_checks import NewVoucher, NewVoucherLine, control_accounts
from accounting.models import Account
from accounting.opening_checks import NewOpeningItem
from accounting.posting_context import PostingContext
from accounting.states import PostingType
from core.money import ZERO
from projects.entering_costs import CURRENCIES
from projects.models import Customer, LegalEntity
from projects.record_files import FileColumn, FileError, FileLine, Kind, Table

BALANCES, ITEMS = "balances", "items"
KINDS: Mapping[str, Kind] = {
    BALANCES: Kind(
        BALANCES,
        gettext_lazy("Opening trial balance"),
        gettext_lazy("Account, debit or credit"),
        (
            FileColumn("account", "1200", is_required=True, longest=12),
            FileColumn("debit", "25000.00"),
            FileColumn("credit", ""),
            FileColumn("currency", "EUR", longest=3),
            FileColumn("dimension", "", longest=40),
            FileColumn("text", "Bank"),
        ),
    ),
    ITEMS: Kind(
        ITEMS,
        gettext_lazy("Open items of customers"),
        gettext_lazy("Customer, number, dates and what is open"),
        (
            FileColumn("customer", "K-10001", is_required=True, longest=20),
            FileColumn("number", "2025-0815", is_required=True, longest=40),
            FileColumn("date", "2025-12-10", is_required=True),
            FileColumn("due date", "2026-01-09"),
            FileColumn("currency", "EUR", longest=3),
            FileColumn("amount", "1190.00", is_required=True),
            FileColumn("company amount", ""),
        ),
    ),
}


@dataclass
class OpeningPlan:
    """What a file means: the open items, or the journal voucher; and what is wrong, row by row."""

    errors: list[FileError] = field(default_factory=list)
    items: list[NewOpeningItem] = field(default_factory=list)
    voucher: NewVoucher | None = None
    moved: int = 0
    """How many rows of the trial balance go to the account of opening balances instead of their own."""


def items_in(table: Table, entity: LegalEntity) -> OpeningPlan:
    """The open items of a file; one statement for any number of rows."""
    numbers = {line.text("customer") for line in table.lines}
    known = Customer.objects.filter(legal_entity=entity, number__in=numbers)
    customers = {one.number: one for one in known}
    items = [one for line in table.lines if (one := _item(line, entity, customers)) is not None]
    return OpeningPlan(table.all_errors, items)


def balances_in(table: Table, entity: LegalEntity, on: date, context: PostingContext) -> OpeningPlan:
    """The journal voucher of a trial balance; three statements for any number of rows.

    Balances of control accounts, which only invoices, payments and journals move, go to the account of
    opening balances: open items bring them, and leave nothing on it.
    """
    accounts = {one.number: one for one in Account.objects.filter(legal_entity=entity)}
    controls = control_accounts([entity.pk])
    opening = context.account(PostingType.OPENING_BALANCE, on=on)
    in_place_of_controls = next((one for one in accounts.values() if one.pk == opening), None)
    lines, moved = [], 0
    for line in table.lines:
        account, amount = accounts.get(line.text("account")), _balance(line)
        currency = _currency(line, entity)
        if account is None:
            line.fail("account", _("There is no account “%(number)s”.") % {"number": line.text("account")})
            continue
        if not amount or line.errors:
            continue
        text = line.text("text") or account.name
        if account.pk in controls and in_place_of_controls is not None:
            account, text, moved = in_place_of_controls, f"{account.number} {text}"[:200], moved + 1
        lines.append(
            NewVoucherLine(line.number, account, currency, amount, text, dimension=line.text("dimension"))
        )
    voucher = NewVoucher(entity, on, _("Opening trial balance"), lines) if lines else None
    return OpeningPlan(table.all_errors, voucher=voucher, moved=moved)


def _balance(line: FileLine) -> Decimal:
    """A debit above zero, a credit below; an error where a row has both."""
    debit, credit = line.number_of("debit") or ZERO, line.number_of("credit") or ZERO
    if debit and credit:
        line.fail("credit", _("A row has a debit or a credit, not both."))
    return debit - credit


def _item(line: FileLine, entity: LegalEntity, customers: Mapping[str, Customer]) -> NewOpeningItem | None:
    customer = customers.get(line.text("customer"))
    if customer is None and line.text("customer"):
        line.fail("customer", _("There is no customer “%(number)s”.") % {"number": line.text("customer")})
    day, amount = line.day_of("date"), line.number_of("amount")
    due, base = line.day_of("due date"), line.number_of("company amount")
    currency = _currency(line, entity)
    if customer is None or day is None or amount is None or line.errors:
        return None
    return NewOpeningItem(line.number, customer, line.text("number"), day, due or day, currency, amount, base)


def _currency(line: FileLine, entity: LegalEntity) -> str:
    currency = line.text("currency") or entity.currency
    if currency not in CURRENCIES:
        line.fail("currency", _("“%(code)s” is not a currency code.") % {"code": currency})
    return currency


def sums_of(items: Sequence[NewOpeningItem]) -> list[tuple[str, Decimal]]:
    """What the items add up to, by currency."""
    sums: dict[str, Decimal] = {}
    for one in items:
        sums[one.currency] = sums.get(one.currency, ZERO) + one.amount
    return sorted(sums.items())

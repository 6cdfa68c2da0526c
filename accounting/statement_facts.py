"""The facts of the printed statement of a customer's account (C11)."""

from datetime import date, timedelta

from accounting.ageing import CustomerStatement, ageing_of, statements_of
from accounting.models import CustomerTransaction
from accounting.receivable_querysets import CustomerTransactionQuerySet
from accounting.row_names import name_of
from accounting.states import VoucherSource
from core.documents.account_statement import AccountLetter, LetterRow, OpenRow, What
from core.documents.building import parties
from core.documents.letters import Letter
from core.money import ZERO
from projects.models import Customer

NOTHING_BY_AGE = (ZERO,) * 5


def account_letter(
    rows: CustomerTransactionQuerySet, customer: Customer, currency: str, first: date, last: date, on: date
) -> AccountLetter | None:
    """What the account of a customer in one currency says from a first to a last day, printed on a day.

    None where the customer has no row in that currency until then. Five statements for any number of rows;
    locks nothing.
    """
    known = {one.currency: one for one in statements_of(rows, customer, first, last)}
    statement = known.get(currency)
    if statement is None:
        return None
    aged = ageing_of(rows.filter(customer=customer, currency=currency), last)
    ages = next((one.parts for one in aged if one.currency == currency), NOTHING_BY_AGE)
    return AccountLetter(
        letter=_letter(customer, currency, last, on),
        first=first,
        last=last,
        opening=statement.opening,
        closing=statement.closing,
        rows=_rows(statement),
        open_rows=_open_rows(statement, last),
        ages=ages,
    )


def _letter(customer: Customer, currency: str, last: date, on: date) -> Letter:
    entity = customer.legal_entity
    seller, buyer = parties(entity, customer)
    return Letter(
        number=f"{customer.number}-{currency}-{last:%Y%m%d}",
        printed_on=on,
        language=customer.language,
        currency=currency,
        seller=seller,
        customer=buyer,
        customer_number=customer.number,
        iban=entity.iban,
        bic=entity.bic,
        bank=entity.bank_name,
    )


def _rows(statement: CustomerStatement) -> tuple[LetterRow, ...]:
    return tuple(
        LetterRow(
            number=name_of(one.row),
            day=one.row.date,
            due=one.row.due_date,
            what=_what(one.row),
            amount=one.row.amount,
            balance=one.balance,
        )
        for one in statement.rows
    )


def _open_rows(statement: CustomerStatement, last: date) -> tuple[OpenRow, ...]:
    return tuple(
        OpenRow(
            number=name_of(row),
            day=row.date,
            due=row.due_date,
            days_late=(last - row.due_date) // timedelta(days=1),
            amount=row.amount,
            open_amount=row.open_amount,
        )
        for row in statement.open_rows
    )


def _what(row: CustomerTransaction) -> What:
    kind, is_owed = row.voucher.source_kind, row.amount > ZERO
    if kind == VoucherSource.CUSTOMER_INVOICE:
        return "invoice" if is_owed else "credit"
    if kind == VoucherSource.CUSTOMER_PAYMENT:
        return "payment_back" if is_owed else "payment"
    return "write_off" if kind == VoucherSource.WRITE_OFF else "other"

"""What customers of a company owe and pay in tests: rows of the subledger and payments by the verbs."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounting.models import Account, BankAccount, CustomerPayment, CustomerTransaction
from accounting.paying import enter_payments
from accounting.posting_context import posting_contexts_of
from accounting.receivable_checks import NewPayment
from accounting.receivable_rows import SubledgerPosting, base_of, post_to_subledger
from accounting.states import PostingType, VoucherSource
from projects.models import Customer
from tests.company.rows import DAY, NOW, next_number

if TYPE_CHECKING:
    from tests.company.builder import Company


def bank_of(company: "Company", currency: str = "EUR") -> BankAccount:
    """The company's bank account in a currency, with an account of the ledger of its own."""
    known = BankAccount.objects.filter(legal_entity=company.entity, currency=currency).first()
    if known is not None:
        return known
    account = Account.objects.create(
        legal_entity=company.entity, number=f"18{currency}", name=f"Bank {currency}", kind="asset"
    )
    return BankAccount.objects.create(
        legal_entity=company.entity, name=f"Bank {currency}", currency=currency, account=account
    )


def owed(
    company: "Company",
    *amounts: str,
    on: date = DAY,
    currency: str = "EUR",
    customer: Customer | None = None,
) -> list[CustomerTransaction]:
    """Rows of the subledger with these amounts, as posted invoices and credit notes leave them.

    Their source is a settlement that never was: of an invoice the books would miss the rest.
    """
    contexts = posting_contexts_of([company.entity])
    context = contexts[company.entity.pk]
    revenue = context.account(PostingType.INVOICED_REVENUE, on=on)
    assert revenue is not None
    entries = []
    for amount in map(Decimal, amounts):
        base = base_of(context, currency, amount, on)
        counter = ((revenue, currency, -amount, -base),)
        key = (customer or company.customer).pk
        source = 1_000_000 + next_number()
        entries.append(SubledgerPosting(source, company.entity, key, on, currency, amount, base, counter))
    with transaction.atomic():
        made = post_to_subledger(
            VoucherSource.SETTLEMENT, entries, contexts, actor=company.accountant, at=NOW
        )
    return list(made.values())


def pays(
    company: "Company",
    amount: str,
    *rows: CustomerTransaction,
    parts: tuple[str, ...] = (),
    on: date = DAY,
    currency: str = "EUR",
    **columns: Any,
) -> CustomerPayment:
    """The customer pays these rows, each in full unless parts are given."""
    shares = [Decimal(one) for one in parts] or [open_of(row) for row in rows]
    facts = {
        "customer": company.customer,
        "bank_account": bank_of(company, currency),
        "date": on,
        "amount": Decimal(amount),
        "currency": currency,
        "shares": {row.pk: share for row, share in zip(rows, shares, strict=True)},
    } | columns
    (payment,) = enter_payments([NewPayment(**facts)], actor=company.accountant, at=NOW)
    return payment


def open_of(row: CustomerTransaction, on: date | None = None) -> Decimal:
    """What of a row is open."""
    return CustomerTransaction.objects.with_open(on).get(pk=row.pk).open_amount


def row_of(payment: CustomerPayment) -> CustomerTransaction:
    """The row of the subledger that a payment wrote."""
    return CustomerTransaction.objects.get(
        voucher__source_kind=VoucherSource.CUSTOMER_PAYMENT, voucher__source_id=payment.pk
    )


def open_rows(company: "Company") -> list[Decimal]:
    """Everything of the company's customers that is open, by key of the row."""
    rows = CustomerTransaction.objects.filter(legal_entity=company.entity).open().order_by("pk")
    return list(rows.values_list("open_amount", flat=True))

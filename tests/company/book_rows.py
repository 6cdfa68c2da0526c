"""Accounts, vouchers, journal lines and posted invoices for tests, written row by row without a verb."""

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from accounting.models import (
    Account,
    BankAccount,
    BankBooking,
    BankFile,
    CustomerInvoice,
    CustomerPayment,
    CustomerTransaction,
    FiscalPeriod,
    IntegrationJournal,
    IntegrationJournalLine,
    InvoiceDocument,
    InvoiceProposal,
    InvoiceTax,
    OpeningItem,
    ProjectTransaction,
    Reminder,
    ReminderDocument,
    ReminderItem,
    Revaluation,
    RevaluationLine,
    SentAccountStatement,
    Settlement,
    Voucher,
    VoucherLine,
    VoucherSeal,
    WriteOff,
    WriteOffTax,
)
from accounting.states import AccountKind, ControlKind, ProjectTransactionKind, VoucherSource, WriteOffKind
from billing.models import NumberSeries, Proforma
from projects.models import Actual
from tests.company.rows import CUT_OFF, DAY, NOW, next_number

if TYPE_CHECKING:
    from tests.company.builder import Company


def account(at: "Company", kind: str = AccountKind.ASSET, control: str = "") -> Account:
    number = str(1000 + next_number())
    return Account.objects.create(
        legal_entity=at.entity, number=number, name=f"Account {number}", kind=kind, control=control
    )


def period(at: "Company", **columns: Any) -> FiscalPeriod:
    """March 2026, open unless given otherwise."""
    columns = {"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 31)} | columns
    return FiscalPeriod.objects.create(legal_entity=at.entity, name="2026-03", **columns)


def voucher(at: "Company", **columns: Any) -> Voucher:
    """A voucher without lines and without its seal: it cannot be committed as it is."""
    columns = {
        "date": DAY,
        "source_kind": VoucherSource.JOURNAL_LINE,
        "source_id": next_number(),
        "posted_by": at.accountant,
        "posted_at": NOW,
    } | columns
    return Voucher.objects.create(legal_entity=at.entity, number=f"V{next_number()}", **columns)


def voucher_line(of: Voucher, on: Account, amount: str, **columns: Any) -> VoucherLine:
    columns = {"currency": "EUR", "base_amount": Decimal(amount)} | columns
    return VoucherLine.objects.create(voucher=of, account=on, amount=Decimal(amount), **columns)


def seal_voucher(of: Voucher) -> VoucherSeal:
    return VoucherSeal.objects.create(key=of.seal_id, voucher=of)


def balanced(at: "Company", amount: str = "100", **columns: Any) -> Voucher:
    """A sealed voucher of two lines: a customer owes, revenue is earned."""
    made = voucher(at, **columns)
    voucher_line(made, account(at, control=ControlKind.CUSTOMER), amount, customer=at.customer)
    voucher_line(made, account(at, AccountKind.REVENUE), str(-Decimal(amount)))
    seal_voucher(made)
    return made


def journal_line(at: "Company", of: Actual, **columns: Any) -> IntegrationJournalLine:
    """An open line of a journal of its own for one actual."""
    journal = IntegrationJournal.objects.create(
        legal_entity=at.entity, number=f"IJ{next_number()}", imported_at=NOW
    )
    columns = {"project": at.project, "accounting_date": DAY, "currency": "EUR"} | columns
    return IntegrationJournalLine.objects.create(
        journal=journal, actual=of, amount=of.amount, base_amount=of.amount, **columns
    )


def project_transaction(at: "Company", of: Actual, by: Voucher | None = None) -> ProjectTransaction:
    return ProjectTransaction.objects.create(
        actual=of,
        kind=ProjectTransactionKind.SALES,
        project=at.project,
        accounting_date=DAY,
        currency="EUR",
        amount=of.amount,
        voucher=by,
    )


def proposal(of: Proforma) -> InvoiceProposal:
    return InvoiceProposal.objects.create(
        proforma=of, legal_entity=of.legal_entity, accounting_date=of.invoice_date, created_at=NOW
    )


def invoice(at: "Company", of: InvoiceProposal, series: NumberSeries, **columns: Any) -> CustomerInvoice:
    """The customer invoice of a proposal, taking the next number of its series; `columns` spoil it."""
    series.last_number += 1
    series.save()
    columns = {
        "series": series,
        "series_number": series.last_number,
        "number": series.written(series.last_number),
        "legal_entity": at.entity,
        "customer": of.proforma.customer,
        "invoice_date": CUT_OFF,
        "due_date": CUT_OFF,
        "currency": of.proforma.currency,
        "net_amount": of.proforma.net_amount,
        "tax_amount": Decimal(0),
        "gross_amount": of.proforma.net_amount,
        "posted_by": at.accountant,
        "posted_at": NOW,
    } | columns
    return CustomerInvoice.objects.create(proposal=of, snapshot={}, **columns)


def post(at: "Company", of: Proforma, series: NumberSeries) -> CustomerInvoice:
    """All that a posted invoice leaves: number, tax, print, voucher, what is owed, stamped proforma."""
    offered = {"discount_percent": Decimal(2), "discount_until": CUT_OFF}
    posted = invoice(at, proposal(of), series, **offered)
    InvoiceTax.objects.create(
        invoice=posted,
        percent=Decimal(0),
        base_amount=posted.net_amount,
        tax_amount=Decimal(0),
        own_base=posted.net_amount,
        own_tax=Decimal(0),
    )
    InvoiceDocument.objects.create(
        invoice=posted, pdf=b"%PDF", sha256="0" * 64, rendered_of=b"x", rendered_at=NOW
    )
    made = balanced(
        at, str(posted.gross_amount), source_kind=VoucherSource.CUSTOMER_INVOICE, source_id=posted.pk
    )
    CustomerTransaction.objects.create(
        legal_entity=at.entity,
        customer=posted.customer,
        voucher=made,
        invoice=posted,
        date=posted.invoice_date,
        due_date=posted.due_date,
        currency=posted.currency,
        amount=posted.gross_amount,
        base_amount=posted.gross_amount,
    )
    of.post(number=posted.number, on=posted.invoice_date, tax=Decimal(0), tax_group_id=None)
    of.save()
    return posted


def customer_row(at: "Company", amount: str, **columns: Any) -> CustomerTransaction:
    """A row of the customer subledger with a voucher of its own; `columns` spoil it."""
    columns = {
        "legal_entity": at.entity,
        "customer": at.customer,
        "date": CUT_OFF,
        "due_date": CUT_OFF,
        "currency": "EUR",
        "base_amount": Decimal(amount),
        "voucher": columns.get("voucher") or balanced(at, amount),
    } | columns
    return CustomerTransaction.objects.create(amount=Decimal(amount), **columns)


def payment(at: "Company", amount: str = "20", **columns: Any) -> CustomerPayment:
    """A payment without its voucher."""
    known = BankAccount.objects.filter(legal_entity=at.entity, currency="EUR").first()
    bank = known or BankAccount.objects.create(
        legal_entity=at.entity, name="Bank", currency="EUR", account=account(at)
    )
    columns = {
        "bank_account": bank,
        "customer": at.customer,
        "date": CUT_OFF,
        "bank_amount": Decimal(amount),
        "currency": "EUR",
        "entered_by": at.accountant,
        "entered_at": NOW,
    } | columns
    return CustomerPayment.objects.create(amount=Decimal(amount), **columns)


def bank_booking(bank: BankAccount, by: Any, amount: str = "20", *, nth: int = 1) -> BankBooking:
    """A booking of a bank in a file of its own; `nth` tells several apart."""
    file = BankFile.objects.create(
        bank_account=bank, name="a.xml", sha256=f"{nth - 1}" * 64, imported_by=by, imported_at=NOW
    )
    return BankBooking.objects.create(
        bank_file=file, bank_account=bank, booked_on=CUT_OFF, amount=Decimal(amount), key=f"{nth}" * 64
    )


def opening_item(at: "Company", **columns: Any) -> OpeningItem:
    """An open item from another system without its voucher."""
    usual = {
        "legal_entity": at.entity,
        "customer": at.customer,
        "number": "A-1",
        "document_date": DAY,
        "due_date": CUT_OFF,
        "opened_on": CUT_OFF,
        "currency": "EUR",
        "amount": Decimal(10),
        "base_amount": Decimal(10),
        "entered_by": at.accountant,
        "entered_at": NOW,
    }
    return OpeningItem.objects.create(**usual | columns)


def revaluation(at: "Company", **columns: Any) -> Revaluation:
    """Dollars at the rate of the cut-off date, as a row with a line of its own."""
    period = FiscalPeriod.objects.filter(
        legal_entity=at.entity, starts_on__lte=CUT_OFF, ends_on__gte=CUT_OFF
    ).first()
    usual = {
        "legal_entity": at.entity,
        "period": period,
        "valued_on": CUT_OFF,
        "reversed_on": CUT_OFF + timedelta(days=1),
        "posted_by": at.accountant,
        "posted_at": NOW,
    }
    made = Revaluation.objects.create(**usual | columns)
    amounts = {"rate": Decimal("0.9"), "amount": Decimal(10), "base_amount": Decimal(8), "difference": 1}
    RevaluationLine.objects.create(revaluation=made, account=account(at), currency="USD", **amounts)
    return made


def write_off(at: "Company", amount: str = "0.02", **columns: Any) -> WriteOff:
    """A write-off without its voucher."""
    columns = {
        "customer": at.customer,
        "date": CUT_OFF,
        "currency": "EUR",
        "entered_by": at.accountant,
        "entered_at": NOW,
    } | columns
    return WriteOff.objects.create(amount=Decimal(amount), **columns)


def discount(of: CustomerInvoice, amount: str = "0.02") -> WriteOff:
    """A cash discount on an invoice without tax, with its row of the tax report, without its voucher."""
    taken = WriteOff.objects.create(
        kind=WriteOffKind.DISCOUNT,
        invoice=of,
        customer=of.customer,
        date=of.invoice_date,
        currency=of.currency,
        amount=Decimal(amount),
        entered_by=of.posted_by,
        entered_at=NOW,
    )
    discount_tax(taken)
    return taken


def discount_tax(of: WriteOff, **columns: Any) -> WriteOffTax:
    """The whole of a cash discount on an invoice without tax; `columns` spoil it."""
    columns = {
        "percent": Decimal(0),
        "base_amount": of.amount,
        "tax_amount": Decimal(0),
        "own_base": of.amount,
        "own_tax": Decimal(0),
    } | columns
    return WriteOffTax.objects.create(write_off=of, **columns)


def settlement(
    debit: CustomerTransaction, credit: CustomerTransaction, amount: str, **columns: Any
) -> Settlement:
    columns = {
        "date": CUT_OFF,
        "debit_base": Decimal(amount),
        "credit_base": Decimal(amount),
        "settled_by": debit.voucher.posted_by,
        "settled_at": NOW,
    } | columns
    return Settlement.objects.create(debit=debit, credit=credit, amount=Decimal(amount), **columns)


def reminder(of: CustomerInvoice, **columns: Any) -> Reminder:
    """A first reminder of an invoice on the day after it was due, with its item and its letter."""
    columns = {
        "number": "REMINDER",
        "level": 1,
        "date": of.due_date + timedelta(days=1),
        "currency": of.currency,
        "open_amount": of.gross_amount,
        "address": "a@example.org",
        "language": "en-gb",
        "snapshot": {},
        "sent_by": of.posted_by,
        "sent_at": NOW,
    } | columns
    made = Reminder.objects.create(legal_entity=of.legal_entity, customer=of.customer, **columns)
    ReminderItem.objects.create(
        reminder=made, invoice=of, level=1, due_date=of.due_date, open_amount=of.gross_amount
    )
    ReminderDocument.objects.create(reminder=made, pdf=b"%PDF", sha256="0" * 64, rendered_at=NOW)
    return made


def sent_statement(of: CustomerInvoice) -> SentAccountStatement:
    """A statement that was sent to the customer of an invoice."""
    return SentAccountStatement.objects.create(
        customer=of.customer,
        number="STATEMENT",
        currency=of.currency,
        first_day=of.invoice_date,
        last_day=of.due_date,
        balance=of.gross_amount,
        address="a@example.org",
        language="en-gb",
        pdf=b"%PDF",
        sha256="0" * 64,
        sent_by=of.posted_by,
        sent_at=NOW,
    )

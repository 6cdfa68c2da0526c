"""What the database refuses about the books (C11, G1-G6, G13-G18, I3, I4, J1, L1-L5, S2)."""

from accounting.models import (
    BankBooking,
    BankFile,
    CustomerInvoice,
    CustomerPayment,
    CustomerTransaction,
    EstimateEvent,
    ExportedVoucher,
    HoursList,
    IntegrationJournalLine,
    InvoiceDocument,
    InvoiceInstalment,
    InvoiceTax,
    JournalVoucherLine,
    OpeningItem,
    ProjectTransaction,
    RecurringVoucher,
    Reminder,
    ReminderDocument,
    ReminderItem,
    ReminderStop,
    Revaluation,
    RevaluationLine,
    RevenueEstimate,
    SentAccountStatement,
    SentInvoice,
    SentReceipt,
    SetAsideBooking,
    Settlement,
    Voucher,
    VoucherExport,
    VoucherLine,
    VoucherSeal,
    WriteOff,
    WriteOffTax,
)
from core.guarding import Guard, append_only, load, no_replacing

BY_STEPS = (
    # An open line takes other tax groups, so it is updated; only once it is posted it never changes (J1).
    IntegrationJournalLine,
    # Drafts are written anew; what is posted never changes (G13).
    JournalVoucherLine,
    RecurringVoucher,
    # A stop is lifted and nothing else (C11).
    ReminderStop,
    # Brought back and nothing else (C11).
    SetAsideBooking,
    # Made anew until it is posted, and moved by its steps (G18).
    RevenueEstimate,
)
"""Rows that change by listed steps, and are never replaced."""


def guards(vendor: str) -> list[Guard]:
    """The guards of this app on one engine."""
    return [
        *append_only(vendor, Voucher, "post another voucher"),
        *append_only(vendor, VoucherLine, "post another voucher"),
        *append_only(vendor, VoucherSeal, "post another voucher"),
        *append_only(vendor, CustomerInvoice, "post a correction"),
        *append_only(vendor, InvoiceTax, "post a correction"),
        *append_only(vendor, InvoiceInstalment, "post a correction"),
        *append_only(vendor, InvoiceDocument, "the first print is kept"),
        *append_only(vendor, HoursList, "the first print is kept"),
        *append_only(vendor, SentInvoice, "send the invoice once more"),
        *append_only(vendor, SentReceipt, "send the invoice once more"),
        *append_only(vendor, CustomerTransaction, "post another voucher"),
        *append_only(vendor, ProjectTransaction, "post another actual"),
        *append_only(vendor, BankFile, "import another file"),
        *append_only(vendor, BankBooking, "enter, or reverse, its payment"),
        *append_only(vendor, CustomerPayment, "reverse the payment"),
        *append_only(vendor, WriteOff, "undo its settlement"),
        *append_only(vendor, WriteOffTax, "undo its settlement"),
        *append_only(vendor, Settlement, "undo the settlement"),
        *append_only(vendor, OpeningItem, "take the open item back"),
        *append_only(vendor, Revaluation, "take the revaluation back"),
        *append_only(vendor, RevaluationLine, "take the revaluation back"),
        *append_only(vendor, EstimateEvent, "reverse the step of the estimate"),
        *append_only(vendor, Reminder, "send the next one"),
        *append_only(vendor, ReminderItem, "send the next one"),
        *append_only(vendor, ReminderDocument, "the letter is kept as it was sent"),
        *append_only(vendor, SentAccountStatement, "send another one"),
        *append_only(vendor, VoucherExport, "export the vouchers again"),
        *append_only(vendor, ExportedVoucher, "export the vouchers again"),
        *(guard for model in BY_STEPS for guard in no_replacing(vendor, model)),
        *load(__name__, vendor),
    ]

"""What the database refuses about the books (C11, G1-G6, G13, G14, I3, I4, J1, L1-L5, S2)."""

from accounting.models import (
    BankBooking,
    BankFile,
    CustomerInvoice,
    CustomerPayment,
    CustomerTransaction,
    ExportedVoucher,
    HoursList,
    IntegrationJournalLine,
    InvoiceDocument,
    InvoiceInstalment,
    InvoiceTax,
    JournalVoucherLine,
    ProjectTransaction,
    Reminder,
    ReminderDocument,
    ReminderItem,
    ReminderStop,
    Revaluation,
    RevaluationLine,
    SentAccountStatement,
    SentInvoice,
    SentReceipt,
    Settlement,
    Voucher,
    VoucherExport,
    VoucherLine,
    VoucherSeal,
    WriteOff,
    WriteOffTax,
)
from core.guarding import Guard, append_only, load, no_replacing


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
        *append_only(vendor, Revaluation, "take the revaluation back"),
        *append_only(vendor, RevaluationLine, "take the revaluation back"),
        *append_only(vendor, Reminder, "send the next one"),
        *append_only(vendor, ReminderItem, "send the next one"),
        *append_only(vendor, ReminderDocument, "the letter is kept as it was sent"),
        # A stop is lifted and nothing else (C11).
        *no_replacing(vendor, ReminderStop),
        *append_only(vendor, SentAccountStatement, "send another one"),
        *append_only(vendor, VoucherExport, "export the vouchers again"),
        *append_only(vendor, ExportedVoucher, "export the vouchers again"),
        # An open line takes other tax groups, so it is updated; only once it is posted it never changes (J1).
        *no_replacing(vendor, IntegrationJournalLine),
        # Drafts are written anew; what is posted never changes (G13).
        *no_replacing(vendor, JournalVoucherLine),
        *load(__name__, vendor),
    ]

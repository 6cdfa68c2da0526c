"""What the books say, table by table."""

from accounting.models.bank_mapping import BankCsvMapping
from accounting.models.dimension import FinancialDimension
from accounting.models.estimate import EstimateEvent, RevenueEstimate
from accounting.models.export import DatevKey, DatevSettings, ExportedVoucher, VoucherExport
from accounting.models.integrity import IntegrityCheck, IntegrityFinding
from accounting.models.invoice import (
    CustomerInvoice,
    CustomerTransaction,
    InvoiceDocument,
    InvoiceInstalment,
    InvoiceTax,
)
from accounting.models.journal import IntegrationJournal, IntegrationJournalLine, ProjectTransaction
from accounting.models.journal_voucher import JournalVoucher, JournalVoucherLine
from accounting.models.ledger import (
    Account,
    PostingAccount,
    PostingAccountUse,
    Voucher,
    VoucherLine,
    VoucherSeal,
)
from accounting.models.opening import OpeningItem
from accounting.models.period import FiscalPeriod
from accounting.models.profile import CostRevenueProfile, CostRevenueRule
from accounting.models.proposal import InvoiceProposal, InvoiceProposalLine
from accounting.models.receivable import (
    BankAccount,
    BankBooking,
    BankFile,
    CustomerPayment,
    ReceivablesPolicy,
    Settlement,
    WriteOff,
    WriteOffTax,
)
from accounting.models.recurring import RecurringVoucher
from accounting.models.reminder import (
    Reminder,
    ReminderDocument,
    ReminderItem,
    ReminderLevel,
    ReminderProposal,
    ReminderStop,
    ReminderText,
)
from accounting.models.revaluation import Revaluation, RevaluationLine
from accounting.models.sent_invoice import HoursList, SentInvoice, SentReceipt
from accounting.models.set_aside import SetAsideBooking
from accounting.models.statement import SentAccountStatement

__all__ = [
    "Account",
    "BankAccount",
    "BankBooking",
    "BankCsvMapping",
    "BankFile",
    "CostRevenueProfile",
    "CostRevenueRule",
    "CustomerInvoice",
    "CustomerPayment",
    "CustomerTransaction",
    "DatevKey",
    "DatevSettings",
    "EstimateEvent",
    "ExportedVoucher",
    "FinancialDimension",
    "FiscalPeriod",
    "IntegrationJournal",
    "IntegrationJournalLine",
    "IntegrityCheck",
    "IntegrityFinding",
    "InvoiceDocument",
    "InvoiceInstalment",
    "InvoiceProposal",
    "InvoiceProposalLine",
    "InvoiceTax",
    "JournalVoucher",
    "JournalVoucherLine",
    "OpeningItem",
    "PostingAccount",
    "PostingAccountUse",
    "ProjectTransaction",
    "HoursList",
    "SentInvoice",
    "SentReceipt",
    "RevenueEstimate",
    "ReceivablesPolicy",
    "RecurringVoucher",
    "Revaluation",
    "RevaluationLine",
    "Reminder",
    "ReminderDocument",
    "ReminderItem",
    "ReminderLevel",
    "ReminderProposal",
    "ReminderStop",
    "ReminderText",
    "SentAccountStatement",
    "SetAsideBooking",
    "Settlement",
    "Voucher",
    "VoucherExport",
    "VoucherLine",
    "VoucherSeal",
    "WriteOff",
    "WriteOffTax",
]

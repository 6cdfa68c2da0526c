"""Every enumeration of accounting; values are the words that logs, URLs and CSS show."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class JournalStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    POSTED = "posted", _("Posted")
    ERROR = "error", _("Error")


class JournalLineStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    POSTED = "posted", _("Posted")
    ERROR = "error", _("Error")


class JournalVoucherStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    POSTED = "posted", _("Posted")
    DISCARDED = "discarded", _("Discarded")


class JournalVoucherKind(models.TextChoices):
    """What a journal voucher is for; only ordinary ones are written line by line."""

    ORDINARY = "ordinary", pgettext_lazy("journal voucher", "Ordinary")
    YEAR_END = "year_end", _("Close of a fiscal year")


class JournalPeriodUnit(models.TextChoices):
    DAYS = "days", _("Days")
    MONTHS = "months", _("Months")
    YEARS = "years", _("Years")
    ALL = "all", _("All")


class ProposalStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    POSTED = "posted", _("Posted")


class PeriodStatus(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class AccountKind(models.TextChoices):
    ASSET = "asset", _("Asset")
    LIABILITY = "liability", _("Liability")
    EQUITY = "equity", _("Equity")
    REVENUE = "revenue", _("Revenue")
    EXPENSE = "expense", pgettext_lazy("kind of account", "Expense")


class ControlKind(models.TextChoices):
    """Which subledger an account controls; its lines must name the subledger's party (G4)."""

    NONE = "", _("None")
    CUSTOMER = "customer", _("Customers")


class PostingType(models.TextChoices):
    """The roles that accounts play in vouchers."""

    PROJECT_COST = "project_cost", _("Project cost")
    PAYROLL_ALLOCATION = "payroll_allocation", _("Payroll allocation")
    EXPENSE_OFFSET = "expense_offset", _("Expense integration account")
    ITEM_COST = "item_cost", _("Cost of items")
    PROCUREMENT = "procurement", _("Procurement integration account")
    WIP_COST_VALUE = "wip_cost_value", _("WIP - cost value")
    WIP_SALES_VALUE = "wip_sales_value", _("WIP - sales value")
    ACCRUED_REVENUE = "accrued_revenue", _("Accrued revenue - sales value")
    INVOICED_REVENUE = "invoiced_revenue", _("Invoiced revenue")
    INVOICED_ON_ACCOUNT = "invoiced_on_account", _("Invoiced revenue - on account")
    WIP_INVOICED_ON_ACCOUNT = "wip_invoiced_on_account", _("WIP - invoiced on account")
    CUSTOMER_ADVANCES = "customer_advances", _("Advances of customers")
    RETENTION_RECEIVABLE = "retention_receivable", _("Retentions receivable")
    SALES_DISCOUNT = "sales_discount", _("Sales discounts")
    CUSTOMER_BALANCE = "customer_balance", _("Customer balance")
    SALES_TAX_PAYABLE = "sales_tax_payable", _("Sales tax payable")
    ROUNDING = "rounding", _("Rounding difference")
    EXCHANGE_DIFFERENCE = "exchange_difference", _("Exchange difference")
    SMALL_DIFFERENCE = "small_difference", _("Small differences of payments")
    RETAINED_EARNINGS = "retained_earnings", _("Retained earnings")
    CASH_DISCOUNT = "cash_discount", _("Cash discounts granted")
    REVALUATION = "revaluation", _("Revaluation of foreign balances")
    UNREALISED_GAIN = "unrealised_gain", _("Unrealised exchange gain")
    UNREALISED_LOSS = "unrealised_loss", _("Unrealised exchange loss")
    OPENING_BALANCE = "opening_balance", _("Opening balances")


class CostPosting(models.TextChoices):
    """Where the cost of a class goes."""

    PROFIT_AND_LOSS = "profit_and_loss", _("Profit and loss")
    BALANCE = "balance", _("Balance")
    NO_LEDGER = "no_ledger", _("No ledger")
    NEVER_LEDGER = "never_ledger", _("Never ledger")


class OnAccountPosting(models.TextChoices):
    """Where an invoiced milestone goes."""

    PROFIT_AND_LOSS = "profit_and_loss", _("Profit and loss")
    BALANCE = "balance", _("Balance")


class Recognition(models.TextChoices):
    """When the revenue of a fixed price is recognised."""

    NONE = "none", _("With its invoices")
    COMPLETED_CONTRACT = "completed_contract", _("Completed contract")
    COMPLETED_PERCENTAGE = "completed_percentage", _("Completed percentage")


class EstimateStatus(models.TextChoices):
    CREATED = "created", _("Created")
    POSTED = "posted", _("Posted")
    ELIMINATED = "eliminated", _("Eliminated")


class EstimateStep(models.TextChoices):
    POSTED = "posted", _("Posted")
    ELIMINATED = "eliminated", _("Eliminated")
    POSTING_REVERSED = "posting_reversed", _("Posting reversed")
    ELIMINATION_REVERSED = "elimination_reversed", _("Elimination reversed")


class VoucherSource(models.TextChoices):
    JOURNAL_LINE = "journal_line", _("Integration journal")
    CUSTOMER_INVOICE = "customer_invoice", _("Customer invoice")
    COST_MOVE = "cost_move", _("Cost moved to profit and loss")
    ESTIMATE = "estimate", _("Estimate of a fixed price")
    CUSTOMER_PAYMENT = "customer_payment", _("Customer payment")
    WRITE_OFF = "write_off", _("Write-off")
    SETTLEMENT = "settlement", _("Settlement, exchange difference")
    JOURNAL_VOUCHER = "journal_voucher", _("Journal voucher")
    REVALUATION = "revaluation", _("Revaluation of foreign balances")
    REVALUATION_REVERSAL = "revaluation_reversal", _("Revaluation reversed the next day")
    OPENING_ITEM = "opening_item", _("Open item of another system")


class WriteOffKind(models.TextChoices):
    """Why somebody asks for less than was invoiced."""

    DIFFERENCE = "difference", _("Small difference")
    DISCOUNT = "discount", _("Cash discount")


class CsvDelimiter(models.TextChoices):
    """What stands between the cells of a bank's file."""

    SEMICOLON = ";", _("Semicolon ;")
    COMMA = ",", _("Comma ,")
    TAB = "\t", _("Tab")
    BAR = "|", _("Bar |")


class CsvEncoding(models.TextChoices):
    """How letters are written in a bank's file."""

    UTF_8 = "utf-8", _("UTF-8")
    CP_1252 = "cp1252", _("Windows-1252")
    LATIN = "iso-8859-15", _("ISO 8859-15")


class CsvDateOrder(models.TextChoices):
    """In which order a bank's file writes dates; with dots, slashes or hyphens."""

    DAY_FIRST = "dmy", _("Day, month, year")
    MONTH_FIRST = "mdy", _("Month, day, year")
    YEAR_FIRST = "ymd", _("Year, month, day")


class CsvDecimalSign(models.TextChoices):
    """What stands before the decimals of an amount."""

    COMMA = ",", _("Comma: 1.234,56")
    POINT = ".", _("Point: 1,234.56")


class LevelOfReminders(models.IntegerChoices):
    """The three levels at which somebody is reminded of what is overdue."""

    FIRST = 1, _("First reminder")
    SECOND = 2, _("Second reminder")
    THIRD = 3, _("Third reminder")


class ProjectTransactionKind(models.TextChoices):
    COST = "cost", _("Cost")
    SALES = "sales", _("Sales")
    INVOICED = "invoiced", _("Invoiced")


class StandingKind(models.TextChoices):
    """What stands at the end of a day and is settled, invoiced or recognised later (X3)."""

    BACKLOG = "backlog", _("Backlog")
    ACCRUED = "accrued", _("Accrued and not invoiced")
    HELD = "held", _("Cost in the balance")
    ESTIMATES = "estimates", _("Estimates of fixed prices")
    RECEIVABLES = "receivables", _("Receivables")
    ON_ACCOUNT = "on_account", _("Invoiced on account")
    ADVANCES = "advances", _("Advances not applied")
    RETENTIONS = "retentions", _("Kept back and not released")


class ExportTarget(models.TextChoices):
    """Which ledger vouchers are exported to."""

    CSV = "csv", _("CSV")
    DATEV = "datev", _("DATEV")


class CheckOccasion(models.TextChoices):
    """Why the books were checked."""

    NIGHTLY = "nightly", _("Nightly")
    CLOSING = "closing", _("Before a period was closed")
    ASKED = "asked", _("Asked for")


class PaymentState(models.TextChoices):
    """How far an invoice is paid, derived from its settlements; nobody types it."""

    OPEN = "open", _("Open")
    PART_PAID = "part_paid", _("Partly paid")
    PAID = "paid", _("Paid")

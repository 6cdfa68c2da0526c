"""What an audit of a year reads: one file for each table, the columns in words and in their order (C15)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model, Q, QuerySet

from accounting.audit_index import DAY, NUMBER, TEXT, AuditColumn
from accounting.balances import Span
from accounting.models import (
    Account,
    CustomerInvoice,
    CustomerPayment,
    FiscalPeriod,
    IntegrationJournal,
    InvoiceProposal,
    InvoiceTax,
    Voucher,
    VoucherExport,
    VoucherLine,
    WriteOffTax,
)
from billing.models import Proforma
from core.models import Activity
from core.spreadsheets import Cell, Figure
from projects.models import Actual, Approval, Customer, Entry, LegalEntity, ProjectContract

PIECE = 2000
LOGGED: dict[type[Model], str] = {
    LegalEntity: "pk",
    Customer: "legal_entity",
    ProjectContract: "legal_entity",
    Entry: "legal_entity",
    Approval: "entry__legal_entity",
    Proforma: "legal_entity",
    IntegrationJournal: "legal_entity",
    InvoiceProposal: "legal_entity",
    CustomerInvoice: "legal_entity",
    CustomerPayment: "bank_account__legal_entity",
    FiscalPeriod: "legal_entity",
    Account: "legal_entity",
    VoucherExport: "legal_entity",
}
"""Whose history is exported, with the path to the legal entity: the log is shared by all of them."""


@dataclass(frozen=True)
class AuditTable:
    """One file: its name, what it holds, its columns and the rows of a legal entity and a year."""

    name: str
    holds: str
    columns: Sequence[AuditColumn]
    rows: Callable[[LegalEntity, Span], QuerySet[Any]]

    def cells(self, entity: LegalEntity, span: Span) -> Iterator[list[Cell]]:
        """The rows as cells, read in pieces of 2,000."""
        paths = [column.path for column in self.columns]
        for row in self.rows(entity, span).values_list(*paths).iterator(chunk_size=PIECE):
            yield [_cell(value) for value in row]


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | date | datetime):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | Decimal):
        return Figure(value)
    return str(value)


def _columns(*columns: tuple[str, str, str, str]) -> tuple[AuditColumn, ...]:
    return tuple(AuditColumn(*column) for column in columns)


TAX = (
    ("tax_group", "sales_tax_group__name", TEXT, "Sales tax group"),
    ("code", "tax_code__code", TEXT, "Tax code"),
    ("percent", "percent", NUMBER, "Rate in percent"),
    ("base", "base_amount", NUMBER, "Base"),
    ("tax", "tax_amount", NUMBER, "Tax"),
    ("own_base", "own_base", NUMBER, "Base in the currency of the company"),
    ("own_tax", "own_tax", NUMBER, "Tax in the currency of the company"),
)


def _between(field: str) -> Callable[[Span], Q]:
    return lambda span: Q(**{f"{field}__range": (span.first, span.last)})


def _activity(entity: LegalEntity, span: Span) -> QuerySet[Activity]:
    of_entity = Q(pk__in=[])
    for model, path in LOGGED.items():
        mine = model._default_manager.filter(**{path: entity.pk}).values("pk")
        of_entity |= Q(subject_kind=model._meta.label_lower, subject_id__in=mine)
    days = Q(happened_at__date__range=(span.first, span.last))
    return Activity.objects.filter(of_entity, days).order_by("pk")


TABLES = (
    AuditTable(
        "accounts",
        "The chart of accounts",
        _columns(
            ("number", "number", TEXT, "Number of the account"),
            ("name", "name", TEXT, "Name of the account"),
            ("kind", "kind", TEXT, "asset, liability, revenue or expense"),
            ("control", "control", TEXT, "Subledger that the account controls"),
        ),
        lambda entity, span: Account.objects.filter(legal_entity=entity).order_by("number"),
    ),
    AuditTable(
        "vouchers",
        "Every voucher of the year",
        _columns(
            ("voucher", "number", TEXT, "Number of the voucher"),
            ("date", "date", DAY, "Accounting date"),
            ("source", "source_kind", TEXT, "What it was posted for"),
            ("source_key", "source_id", NUMBER, "Key of what it was posted for"),
            ("posted_by", "posted_by__username", TEXT, "Who posted it"),
            ("posted_at", "posted_at", TEXT, "When it was posted"),
        ),
        lambda entity, span: Voucher.objects.filter(_between("date")(span), legal_entity=entity).order_by(
            "date", "pk"
        ),
    ),
    AuditTable(
        "voucher_lines",
        "Every debit (positive) and credit (negative) of the year",
        _columns(
            ("voucher", "voucher__number", TEXT, "Number of the voucher"),
            ("date", "voucher__date", DAY, "Accounting date"),
            ("line_key", "pk", NUMBER, "Key of the line"),
            ("account", "account__number", TEXT, "Number of the account"),
            ("currency", "currency", TEXT, "Currency of the amount"),
            ("amount", "amount", NUMBER, "Amount in its currency"),
            ("own_amount", "base_amount", NUMBER, "Amount in the currency of the company"),
            ("customer", "customer__number", TEXT, "Number of the customer"),
            ("project", "project__number", TEXT, "Number of the project"),
            ("dimension", "dimension", TEXT, "Financial dimension"),
        ),
        lambda entity, span: VoucherLine.objects.filter(
            _between("voucher__date")(span), voucher__legal_entity=entity
        ).order_by("voucher__date", "pk"),
    ),
    AuditTable(
        "customers",
        "All customers of the company",
        _columns(
            ("number", "number", TEXT, "Number of the customer"),
            ("name", "name", TEXT, "Legal name"),
            ("address", "billing_address", TEXT, "Billing address"),
            ("country", "country", TEXT, "Country (ISO)"),
            ("vat_id", "vat_id", TEXT, "VAT id"),
            ("currency", "currency", TEXT, "Currency"),
        ),
        lambda entity, span: Customer.objects.filter(legal_entity=entity).order_by("number"),
    ),
    AuditTable(
        "invoices",
        "Every customer invoice and credit note (negative) of the year",
        _columns(
            ("number", "number", TEXT, "Legal number"),
            ("date", "invoice_date", DAY, "Invoice date"),
            ("due_date", "due_date", DAY, "Due date"),
            ("customer", "customer__number", TEXT, "Number of the customer"),
            ("proforma", "proposal__proforma__number", TEXT, "Number of the proforma"),
            ("currency", "currency", TEXT, "Currency"),
            ("net", "net_amount", NUMBER, "Net, less what is kept back as a retention"),
            ("tax", "tax_amount", NUMBER, "Tax"),
            ("total", "gross_amount", NUMBER, "Total"),
            ("document_sha256", "document__sha256", TEXT, "Hash of the printed document"),
            ("posted_by", "posted_by__username", TEXT, "Who posted it"),
            ("posted_at", "posted_at", TEXT, "When it was posted"),
        ),
        lambda entity, span: CustomerInvoice.objects.filter(
            _between("invoice_date")(span), legal_entity=entity
        ).order_by("pk"),
    ),
    AuditTable(
        "invoice_taxes",
        "The taxes of the invoices",
        _columns(
            ("invoice", "invoice__number", TEXT, "Legal number of the invoice"),
            *TAX,
        ),
        lambda entity, span: InvoiceTax.objects.filter(
            _between("invoice__invoice_date")(span), invoice__legal_entity=entity
        ).order_by("pk"),
    ),
    AuditTable(
        "discount_taxes",
        "By how much cash discounts lower the taxes of invoices",
        _columns(
            ("invoice", "write_off__invoice__number", TEXT, "Legal number of the invoice"),
            ("date", "write_off__date", DAY, "Day on which the discount was taken"),
            *TAX,
        ),
        lambda entity, span: WriteOffTax.objects.filter(
            _between("write_off__date")(span), write_off__invoice__legal_entity=entity
        ).order_by("pk"),
    ),
    AuditTable(
        "actuals",
        "Every actual of the year: cost, unbilled and billed sales",
        _columns(
            ("key", "pk", NUMBER, "Key of the actual"),
            ("work", "work_item", NUMBER, "Key of the work"),
            ("date", "accounting_date", DAY, "Accounting date"),
            ("type", "type", NUMBER, "Transaction type"),
            ("billing_type", "billing_type", NUMBER, "Billing type"),
            ("quantity", "quantity", NUMBER, "Quantity"),
            ("price", "price", NUMBER, "Price"),
            ("amount", "amount", NUMBER, "Amount"),
            ("project", "work_item__project__number", TEXT, "Number of the project"),
            ("person", "work_item__resource__code", TEXT, "Code of the person"),
            ("reverses", "reverses", NUMBER, "Key of the actual it reverses"),
            ("bills", "bills", NUMBER, "Key of the actual it bills"),
        ),
        lambda entity, span: Actual.objects.filter(
            _between("accounting_date")(span), work_item__legal_entity=entity
        ).order_by("pk"),
    ),
    AuditTable(
        "approvals",
        "Every submission of work of the year and what became of it",
        _columns(
            ("key", "pk", NUMBER, "Key of the approval"),
            ("date", "entry__date", DAY, "Day of the work"),
            ("project", "entry__project__number", TEXT, "Number of the project"),
            ("class", "entry__transaction_class", TEXT, "Class of the work"),
            ("status", "status", TEXT, "Status"),
            ("submitted", "submitted_quantity", NUMBER, "Submitted quantity"),
            ("billable", "billable_quantity", NUMBER, "Billable quantity"),
            ("amount", "sales_amount", NUMBER, "Sales amount"),
            ("currency", "sales_currency", TEXT, "Currency of the sales amount"),
            ("worker", "worker__username", TEXT, "Whose work it is"),
        ),
        lambda entity, span: Approval.objects.filter(
            _between("entry__date")(span), entry__legal_entity=entity
        ).order_by("pk"),
    ),
    AuditTable(
        "activity",
        "What was done in the year, by whom and when",
        _columns(
            ("key", "pk", NUMBER, "Key of the row; the chain of hashes closes it"),
            ("at", "happened_at", TEXT, "When"),
            ("who", "actor__username", TEXT, "Who"),
            ("what", "verb", TEXT, "What"),
            ("kind", "subject_kind", TEXT, "Kind of the subject"),
            ("of", "subject_name", TEXT, "Name of the subject"),
            ("from", "from_state", TEXT, "State before"),
            ("to", "to_state", TEXT, "State after"),
            ("facts", "facts", TEXT, "Old and new values and other facts"),
        ),
        _activity,
    ),
)

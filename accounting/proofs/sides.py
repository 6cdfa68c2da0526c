"""Both sides of the identities that are about money, for their page; every other one is counted."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial

from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    CustomerInvoice,
    CustomerTransaction,
    IntegrationJournalLine,
    InvoiceProposalLine,
    InvoiceTax,
    PostingAccountUse,
    VoucherLine,
)
from accounting.proofs.proof import Figures, Sides, by_currency
from accounting.states import ControlKind, PostingType, ProposalStatus, VoucherSource
from billing.models import InvoiceLineDetail, NumberSeries, Proforma
from billing.states import SeriesKind
from core.money import ZERO
from projects.models import Actual, Adjustment, WorkItem
from projects.states import BillingType, TransactionClass, TransactionType

SALES = [TransactionType.UNBILLED_SALES, TransactionType.BILLED_SALES]


def _together(parts: Iterable[Figures]) -> Figures:
    sums: dict[str, Decimal | int] = {}
    for part in parts:
        for currency, figure in part.items():
            sums[currency] = sums.get(currency, ZERO) + figure
    return sums


def _opposite(figures: Figures) -> Figures:
    return {currency: -figure for currency, figure in figures.items()}


def _on(posting_type: str) -> QuerySet:
    used = PostingAccountUse.objects.filter(posting_type=posting_type).values("account")
    return VoucherLine.objects.filter(account__in=used)


def _invoiced(transaction_class: str) -> QuerySet:
    return InvoiceProposalLine.objects.filter(
        proposal__status=ProposalStatus.POSTED, detail__transaction_class=transaction_class
    )


def _of_invoices(transaction_class: str) -> Figures:
    return by_currency(_invoiced(transaction_class), currency="proposal__proforma__currency")


def _lines(condition: Q) -> Figures:
    return by_currency(VoucherLine.objects.filter(condition))


def _accrued() -> Figures:
    invoiced = InvoiceProposalLine.objects.filter(
        proposal__status=ProposalStatus.POSTED, detail__actual__isnull=False
    ).values("detail__actual")
    waiting = IntegrationJournalLine.objects.posted().filter(is_accrued=True)
    return by_currency(waiting.exclude(actual__in=invoiced))


def _sales() -> Figures:
    return by_currency(Actual.objects.filter(type__in=SALES), currency="work_item__currency")


def _approved() -> Figures:
    adjusted = by_currency(Adjustment.objects.all(), currency="work_item__currency")
    return _together((by_currency(WorkItem.objects.all()), adjusted))


def _details() -> Figures:
    paid = InvoiceLineDetail.objects.filter(billing_type=BillingType.CHARGEABLE)
    return by_currency(paid, currency="line__proforma__currency")


def _taxes() -> Figures:
    return by_currency(InvoiceTax.objects.all(), "tax_amount", "invoice__currency")


def _tax_in_ledger() -> Figures:
    of_invoices = _on(PostingType.SALES_TAX_PAYABLE).filter(
        voucher__source_kind=VoucherSource.CUSTOMER_INVOICE
    )
    return _opposite(by_currency(of_invoices))


def _numbers_taken() -> Figures:
    taken = NumberSeries.objects.filter(kind=SeriesKind.CUSTOMER_INVOICE).aggregate(sum=Sum("last_number"))
    return {"": taken["sum"] or 0}


SIDES: Mapping[str, Sides] = {
    "J3": Sides(_("Unbilled and billed sales"), _sales, _("Approved and adjusted work"), _approved),
    "I2": Sides(
        _("Net of proformas"),
        lambda: by_currency(Proforma.objects.all(), "net_amount"),
        _("Chargeable details"),
        _details,
    ),
    "G1": Sides(
        _("Debits"),
        partial(_lines, Q(amount__gt=0)),
        _("Credits"),
        lambda: _opposite(_lines(Q(amount__lt=0))),
    ),
    "G4a": Sides(
        _("Customer transactions"),
        lambda: by_currency(CustomerTransaction.objects.all()),
        _("Control accounts of customers"),
        partial(_lines, Q(account__control=ControlKind.CUSTOMER)),
    ),
    "G5": Sides(
        _("Accrued and not invoiced"),
        _accrued,
        _("Accounts of work in progress"),
        lambda: by_currency(
            _on(PostingType.WIP_SALES_VALUE).exclude(voucher__source_kind=VoucherSource.ESTIMATE)
        ),
    ),
    "G9": Sides(
        _("Invoiced and not applied"),
        partial(_of_invoices, TransactionClass.RETAINER),
        _("Accounts of advances"),
        lambda: _opposite(by_currency(_on(PostingType.CUSTOMER_ADVANCES))),
    ),
    "G10": Sides(
        _("Kept back and not released"),
        lambda: _opposite(_of_invoices(TransactionClass.RETENTION)),
        _("Accounts of retentions"),
        lambda: by_currency(_on(PostingType.RETENTION_RECEIVABLE)),
    ),
    "G7": Sides(
        _("Totals of invoices"),
        lambda: by_currency(CustomerInvoice.objects.all(), "gross_amount"),
        _("Net of their proformas and taxes"),
        lambda: _together(
            (
                by_currency(
                    CustomerInvoice.objects.annotate(asked=F("proposal__proforma__net_amount")), "asked"
                ),
                _taxes(),
            )
        ),
    ),
    "G7b": Sides(_("Taxes of invoices"), _taxes, _("Accounts of sales tax"), _tax_in_ledger),
    "L2": Sides(
        _("Numbers taken"),
        _numbers_taken,
        _("Invoices"),
        lambda: {"": CustomerInvoice.objects.count()},
    ),
}
"""By the code of the proof."""

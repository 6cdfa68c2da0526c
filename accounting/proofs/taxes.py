"""What breaks the taxes of invoices: their sums, bases, lines, tax groups and the ledger (C6, C15, G7)."""

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    CustomerInvoice,
    InvoiceProposalLine,
    InvoiceTax,
    PostingAccountUse,
    VoucherLine,
)
from accounting.proofs.proof import Proof, sum_of
from accounting.states import PostingType, VoucherSource
from billing.tax_days import sales_tax_group
from projects.states import TransactionClass

NO_GROUP = Value(0, output_field=BigIntegerField())


def tax_in_ledger_differs() -> QuerySet:
    """Invoices whose tax in the ledger is not the one they ask for."""
    taxed = PostingAccountUse.objects.filter(posting_type=PostingType.SALES_TAX_PAYABLE).values("account")
    lines = VoucherLine.objects.filter(voucher__source_kind=VoucherSource.CUSTOMER_INVOICE, account__in=taxed)
    booked = sum_of(lines, "voucher__source_id")
    return _on_own_tax_account().annotate(booked=booked).exclude(tax_amount=-F("booked"))


def _on_own_tax_account() -> QuerySet:
    """Invoices of companies whose account of taxes holds nothing else: of others nothing can be said."""
    uses = PostingAccountUse.objects
    shared = uses.exclude(posting_type=PostingType.SALES_TAX_PAYABLE).values("account")
    mixed = uses.filter(
        legal_entity=OuterRef("legal_entity"),
        posting_type=PostingType.SALES_TAX_PAYABLE,
        account__in=shared,
    )
    return CustomerInvoice.objects.filter(~Exists(mixed))


def unexplained_rates() -> QuerySet:
    """Invoices with a tax at a negative rate, or with tax where the rate is nothing."""
    wrong = InvoiceTax.objects.filter(invoice=OuterRef("pk")).filter(
        Q(percent__lt=0) | (Q(percent=0) & ~Q(tax_amount=0))
    )
    return CustomerInvoice.objects.filter(Exists(wrong))


def tax_lines_differ() -> QuerySet:
    """Taxes whose base is not the sum of the lines that are in it."""
    added_up = sum_of(InvoiceProposalLine.objects.all(), "tax")
    return InvoiceTax.objects.annotate(added_up=added_up).exclude(base_amount=F("added_up"))


def untied_lines() -> QuerySet:
    """Lines of posted invoices that are in no tax, or in that of another invoice."""
    lines = InvoiceProposalLine.objects.filter(proposal__customer_invoice__isnull=False)
    taxed = lines.exclude(detail__transaction_class=TransactionClass.RETENTION)
    return taxed.exclude(tax__invoice__proposal=F("proposal"))


def own_taxes_differ() -> QuerySet:
    """Invoices whose taxes in the company's currency are not what their voucher owes the tax office."""
    taxed = PostingAccountUse.objects.filter(posting_type=PostingType.SALES_TAX_PAYABLE).values("account")
    lines = VoucherLine.objects.filter(voucher__source_kind=VoucherSource.CUSTOMER_INVOICE, account__in=taxed)
    return (
        _on_own_tax_account()
        .annotate(booked=sum_of(lines, "voucher__source_id", "base_amount"))
        .annotate(own=sum_of(InvoiceTax.objects.all(), "invoice", "own_tax"))
        .exclude(own=-F("booked"))
    )


def in_other_groups() -> QuerySet:
    """Taxes with lines of another sales tax group than they are reported under."""
    lines = InvoiceProposalLine.objects.filter(tax=OuterRef("pk"))
    lines = lines.annotate(own_group=Coalesce(sales_tax_group("detail__", "proposal__"), NO_GROUP))
    return InvoiceTax.objects.annotate(reported=Coalesce("sales_tax_group", NO_GROUP)).filter(
        Exists(lines.exclude(own_group=OuterRef("reported")))
    )


INVOICE = "legal_entity"
OF_INVOICE = "invoice__legal_entity"
PROOFS = (
    Proof(
        "G7b",
        _("The tax of an invoice is what its voucher owes the tax office."),
        tax_in_ledger_differs,
        INVOICE,
    ),
    Proof("G7c", _("A tax has a rate that explains it."), unexplained_rates, INVOICE),
    Proof("G7d", _("The base of a tax is the sum of its lines."), tax_lines_differ, OF_INVOICE),
    Proof(
        "G7e",
        _("Every line of an invoice is in one of its taxes."),
        untied_lines,
        "proposal__legal_entity",
    ),
    Proof(
        "G7f",
        _("The taxes of an invoice are what its voucher owes, in the company’s currency."),
        own_taxes_differ,
        INVOICE,
    ),
    Proof("G7g", _("A tax is reported under the tax group of its lines."), in_other_groups, OF_INVOICE),
)

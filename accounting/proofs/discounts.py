"""What breaks payment terms: instalments, discounts that no invoice offered, tax they lowered (C11)."""

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    CustomerInvoice,
    InvoiceInstalment,
    InvoiceTax,
    PostingAccountUse,
    VoucherLine,
    WriteOff,
    WriteOffTax,
)
from accounting.proofs.invoices import changed
from accounting.proofs.proof import Proof, sum_of
from accounting.states import PostingType, VoucherSource, WriteOffKind
from core.money import ZERO


def instalments_differ() -> QuerySet:
    """Invoices whose instalments are not their total, or whose last one is due on another day."""
    rows = InvoiceInstalment.objects
    last = rows.filter(
        invoice=OuterRef("pk"), through=OuterRef("gross_amount"), due_date=OuterRef("due_date")
    )
    invoices = CustomerInvoice.objects.annotate(in_parts=sum_of(rows.all(), "invoice"))
    in_parts = invoices.filter(Exists(rows.filter(invoice=OuterRef("pk"))))
    return in_parts.filter(~Q(in_parts=F("gross_amount")) | ~Exists(last)).order_by("pk")


def not_offered() -> QuerySet:
    """Cash discounts of another customer's invoice, of one that offers none or not that much, or too late."""
    offered = Q(
        customer=F("invoice__customer"),
        currency=F("invoice__currency"),
        invoice__discount_until__gte=F("date"),
        amount__lte=F("invoice__gross_amount"),
    )
    discounts = WriteOff.objects.filter(kind=WriteOffKind.DISCOUNT, reverses__isnull=True)
    return discounts.exclude(offered).order_by("pk")


def taxes_differ() -> QuerySet:
    """Cash discounts whose taxes are not what their voucher takes off what is owed to the tax office."""
    taxed = PostingAccountUse.objects.filter(posting_type=PostingType.SALES_TAX_PAYABLE).values("account")
    other = PostingAccountUse.objects.filter(posting_type=PostingType.CASH_DISCOUNT).values("account")
    lines = VoucherLine.objects.filter(voucher__source_kind=VoucherSource.WRITE_OFF)
    booked = lines.filter(account__in=taxed).exclude(account__in=other)
    discounts = WriteOff.objects.filter(kind=WriteOffKind.DISCOUNT).annotate(
        said=sum_of(WriteOffTax.objects.all(), "write_off", "tax_amount"),
        divided=sum_of(WriteOffTax.objects.all(), "write_off", "base_amount"),
        booked=sum_of(booked, "voucher__source_id"),
        own=sum_of(WriteOffTax.objects.all(), "write_off", "own_tax"),
        own_booked=sum_of(booked, "voucher__source_id", "base_amount"),
    )
    whole = Q(divided=F("amount") - F("said")) | Q(divided=ZERO, said=ZERO)
    return discounts.exclude(whole, said=F("booked"), own=F("own_booked")).order_by("pk")


def of_other_taxes() -> QuerySet:
    """Cash discounts that lower a tax which their invoice does not ask for."""
    none = Value(0, output_field=BigIntegerField())
    known_by = {"code": Coalesce("tax_code", none), "group": Coalesce("sales_tax_group", none)}
    asked = InvoiceTax.objects.annotate(**known_by).filter(
        invoice=OuterRef("write_off__invoice"),
        percent=OuterRef("percent"),
        code=OuterRef("code"),
        group=OuterRef("group"),
    )
    lowered = WriteOffTax.objects.annotate(**known_by)
    lowered = lowered.filter(~Exists(asked), write_off=OuterRef("pk"))
    return WriteOff.objects.filter(Exists(lowered)).order_by("pk")


CUSTOMER = "customer__legal_entity"
PROOFS = (
    Proof(
        "J1h",
        _("The instalments of an invoice are as they were posted."),
        lambda: changed("instalments"),
        "legal_entity",
    ),
    Proof("C11k", _("The instalments of an invoice add up to it."), instalments_differ, "legal_entity"),
    Proof("C11i", _("A cash discount was offered by its invoice until that day."), not_offered, CUSTOMER),
    Proof("C11j", _("A cash discount lowers the tax by what its voucher says."), taxes_differ, CUSTOMER),
    Proof("C11l", _("A cash discount lowers taxes that its invoice asks for."), of_other_taxes, CUSTOMER),
)

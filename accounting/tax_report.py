"""The tax report of a span of days: posted taxes by tax group, code and rate, beside the ledger (C15).

Everything is read from the taxes of posted invoices and credit notes, on their accounting date and in the
currency of the legal entity; what they owe the tax office is positive, what they give back negative. Advances
are in it with the tax they were invoiced with, and take it back where they are applied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from accounting.balances import Span
from accounting.models import (
    Account,
    InvoiceProposalLine,
    InvoiceTax,
    PostingAccountUse,
    Voucher,
    VoucherLine,
)
from accounting.states import PostingType, VoucherSource
from core.money import ZERO
from projects.models import LegalEntity, SalesTaxGroup, TaxCode

CREDITED = Q(invoice__gross_amount__lt=0)
SALES_GROUP = "invoice__proposal__sales_tax_group"


class GroupKey(NamedTuple):
    """What is added up together: a sales tax group, a tax code and a rate; nothing where there is none."""

    sales_group: int | None
    code: int | None
    percent: Decimal


@dataclass(frozen=True)
class TaxTotal:
    """The taxes of one key, or of all: how many documents, their bases and their tax.

    `credited` is the part of `tax` that credit notes give back.
    """

    key: GroupKey | None
    sales_group: SalesTaxGroup | None = None
    code: TaxCode | None = None
    documents: int = 0
    credit_notes: int = 0
    base: Decimal = ZERO
    tax: Decimal = ZERO
    credited: Decimal = ZERO

    @property
    def invoices(self) -> int:
        """How many documents are not credit notes."""
        return self.documents - self.credit_notes

    @property
    def invoiced(self) -> Decimal:
        """The tax of invoices, before what credit notes give back."""
        return self.tax - self.credited


@dataclass(frozen=True)
class TaxAccount:
    """An account of taxes over the span, credit less debit: what stood on it, what came, what stands on it.

    `others` is what did not come from invoices, by the kind of its vouchers.
    """

    account: Account
    opening: Decimal
    invoiced: Decimal
    others: Sequence[tuple[VoucherSource, Decimal]]

    @property
    def closing(self) -> Decimal:
        """The balance on the last day."""
        return self.opening + self.invoiced + sum((amount for _source, amount in self.others), ZERO)


def taxes_of(entity: LegalEntity, span: Span) -> QuerySet[InvoiceTax]:
    """The taxes of all documents that are dated in the span."""
    return InvoiceTax.objects.filter(
        invoice__legal_entity=entity, invoice__invoice_date__range=(span.first, span.last)
    )


def totals_by_code(taxes: QuerySet[InvoiceTax]) -> list[TaxTotal]:
    """Their sums by tax group, code and rate: the highest rate first, then by code; three statements."""
    rows = taxes.order_by().values_list(SALES_GROUP, "tax_code", "percent").annotate(**_sums())
    by_key = {GroupKey(*row[:3]): row[3:] for row in rows}
    codes = TaxCode.objects.in_bulk({key.code for key in by_key if key.code})
    groups = SalesTaxGroup.objects.in_bulk({key.sales_group for key in by_key if key.sales_group})
    totals = [
        TaxTotal(key, groups.get(key.sales_group or 0), codes.get(key.code or 0), *sums)
        for key, sums in by_key.items()
    ]
    return sorted(totals, key=_place)


def _place(total: TaxTotal) -> tuple[Decimal, str, str]:
    percent = total.key.percent if total.key else ZERO
    return (-percent, total.code.code if total.code else "", str(total.sales_group or ""))


def total_of(taxes: QuerySet[InvoiceTax]) -> TaxTotal:
    """What all of them come to, a document of several rates once; one statement."""
    return TaxTotal(None, None, None, **taxes.order_by().aggregate(**_sums()))


def _sums() -> dict[str, Any]:
    return {
        "documents": Count("invoice", distinct=True),
        "credit_notes": Count("invoice", distinct=True, filter=CREDITED),
        "base": Sum("own_base", default=ZERO),
        "tax": Sum("own_tax", default=ZERO),
        "credited": Sum("own_tax", filter=CREDITED, default=ZERO),
    }


def accounts_of_tax(entity: LegalEntity, span: Span) -> list[TaxAccount]:
    """Every account that plays or once played the sales tax of the entity, over the span; two statements."""
    uses = PostingAccountUse.objects.filter(legal_entity=entity, posting_type=PostingType.SALES_TAX_PAYABLE)
    accounts = list(Account.objects.filter(pk__in=uses.values("account")).order_by("number"))
    lines = VoucherLine.objects.filter(account__in=accounts, voucher__date__lte=span.last)
    within = Q(voucher__date__gte=span.first)
    rows = (
        lines.order_by()
        .values_list("account", "voucher__source_kind")
        .annotate(
            before=Sum("base_amount", filter=~within, default=ZERO),
            moved=Sum("base_amount", filter=within, default=ZERO),
        )
    )
    by_key: dict[int, list[tuple[str, Decimal, Decimal]]] = {}
    for account, source, before, moved in rows:
        by_key.setdefault(account, []).append((source, before, moved))
    return [_account(account, by_key.get(account.pk, [])) for account in accounts]


def _account(account: Account, rows: list[tuple[str, Decimal, Decimal]]) -> TaxAccount:
    moved = {source: -amount for source, _before, amount in rows}
    return TaxAccount(
        account=account,
        # A liability: what is owed to the tax office is a credit, and shown as positive.
        opening=-sum((before for _source, before, _moved in rows), ZERO),
        invoiced=moved.get(VoucherSource.CUSTOMER_INVOICE, ZERO),
        others=[
            (VoucherSource(source), amount)
            for source, amount in sorted(moved.items())
            if amount and source != VoucherSource.CUSTOMER_INVOICE
        ],
    )


# --- What is behind it ----------------------------------------------------------------------------


def documents_behind(taxes: QuerySet[InvoiceTax], totals: Sequence[TaxTotal]) -> QuerySet[InvoiceTax]:
    """The taxes in the order of the report, each with its `place` in it and what its document says.

    `originals` are the numbers and days of what a credit note corrects, `vat_id` the customer's as printed.
    """
    return (
        taxes.annotate(
            place=_places(totals, "tax_code", "percent", SALES_GROUP),
            day=F("invoice__invoice_date"),
            originals=KeyTransform("originals", "invoice__snapshot"),
            vat_id=KeyTextTransform("vat_id", KeyTransform("customer", "invoice__snapshot")),
        )
        .select_related("invoice__customer", "tax_code")
        .defer("invoice__snapshot")
        .order_by("place", "day", "pk")
    )


def lines_behind(taxes: QuerySet[InvoiceTax], totals: Sequence[TaxTotal]) -> QuerySet[InvoiceProposalLine]:
    """The lines of invoices that are in these taxes, in the order of the report; amounts as invoiced."""
    return (
        InvoiceProposalLine.objects.filter(tax__in=taxes.order_by().values("pk"))
        .annotate(
            place=_places(totals, "tax__tax_code", "tax__percent", f"tax__{SALES_GROUP}"),
            day=F("tax__invoice__invoice_date"),
        )
        .select_related(
            "tax__invoice__customer",
            "item_sales_tax_group",
            "detail__line",
            "detail__actual__work_item__task",
            "detail__actual__work_item__category",
            "detail__work_item__task",
            "detail__work_item__category",
            "actual__work_item__resource",
        )
        .defer("tax__invoice__snapshot")
        .order_by("place", "day", "pk")
    )


def _places(totals: Sequence[TaxTotal], code: str, percent: str, sales_group: str) -> Case:
    """The index of the total that a row is in."""
    whens = [
        When(
            Q(**{percent: total.key.percent})
            & _same(code, total.key.code)
            & _same(sales_group, total.key.sales_group),
            then=Value(index),
        )
        for index, total in enumerate(totals)
        if total.key
    ]
    return Case(*whens, default=Value(len(totals)), output_field=IntegerField())


def _same(column: str, key: int | None) -> Q:
    return Q(**{f"{column}__isnull": True}) if key is None else Q(**{column: key})


def vouchers_of(invoices: Sequence[int]) -> Mapping[int, Voucher]:
    """The voucher of each invoice by the key of the invoice; one statement."""
    vouchers = Voucher.objects.filter(source_kind=VoucherSource.CUSTOMER_INVOICE, source_id__in=invoices)
    return {voucher.source_id: voucher for voucher in vouchers}

"""The tax report of a span of days: posted taxes by tax group, code and rate, beside the ledger (C15).

Everything is read from the taxes of posted invoices and credit notes on their accounting date, and from
those of cash discounts on the day they were taken, in the currency of the legal entity. What is owed to the
tax office is positive, what is given back negative. Advances are in it under their own tax group with the tax
they were invoiced with, and take it back there where they are applied.
"""

from collections import defaultdict
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
    WriteOffTax,
)
from accounting.states import PostingType, VoucherSource
from core.money import ZERO
from projects.models import LegalEntity, SalesTaxGroup, TaxCode

REPORTED = (VoucherSource.CUSTOMER_INVOICE, VoucherSource.WRITE_OFF)
CREDITED = Q(invoice__gross_amount__lt=0)
COLUMNS = ("sales_tax_group", "tax_code", "percent")


class GroupKey(NamedTuple):
    """What is added up together: a sales tax group, a tax code and a rate; nothing where there is none."""

    sales_group: int | None
    code: int | None
    percent: Decimal


@dataclass(frozen=True)
class TaxTotal:
    """The taxes of one key, or of all: how many documents, their bases and their tax.

    `credited` is the part of `tax` that credit notes give back. `discounts` counts cash discounts, those that
    were taken back included; `discount_base` and `discount_tax` are by how much they lower both.
    """

    key: GroupKey | None
    sales_group: SalesTaxGroup | None = None
    code: TaxCode | None = None
    documents: int = 0
    credit_notes: int = 0
    base: Decimal = ZERO
    tax: Decimal = ZERO
    credited: Decimal = ZERO
    discounts: int = 0
    discount_base: Decimal = ZERO
    discount_tax: Decimal = ZERO

    @property
    def owed_base(self) -> Decimal:
        """The base of documents less that of cash discounts."""
        return self.base - self.discount_base

    @property
    def owed_tax(self) -> Decimal:
        """What is owed to the tax office: the tax of documents less that of cash discounts."""
        return self.tax - self.discount_tax

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

    `written_off` is what cash discounts took off, below zero; `others` is what came neither from invoices nor
    from them, by the kind of its vouchers.
    """

    account: Account
    opening: Decimal
    invoiced: Decimal
    written_off: Decimal
    others: Sequence[tuple[VoucherSource, Decimal]]

    @property
    def closing(self) -> Decimal:
        """The balance on the last day."""
        reported = self.opening + self.invoiced + self.written_off
        return reported + sum((amount for _source, amount in self.others), ZERO)


@dataclass(frozen=True)
class ReportedTaxes:
    """What is reported of a span: the taxes of documents, and by how much cash discounts lower taxes."""

    documents: QuerySet[InvoiceTax]
    discounts: QuerySet[WriteOffTax]

    def only(self, condition: Q) -> "ReportedTaxes":
        """Those of a tax code."""
        return ReportedTaxes(self.documents.filter(condition), self.discounts.filter(condition))


def taxes_of(entity: LegalEntity, span: Span) -> ReportedTaxes:
    """The taxes of all documents that are dated in the span, and of the cash discounts taken in it."""
    days = (span.first, span.last)
    return ReportedTaxes(
        InvoiceTax.objects.filter(invoice__legal_entity=entity, invoice__invoice_date__range=days),
        WriteOffTax.objects.filter(write_off__invoice__legal_entity=entity, write_off__date__range=days),
    )


def totals_by_code(taxes: ReportedTaxes) -> list[TaxTotal]:
    """Their sums by tax group, code and rate: the highest rate first, then by code; four statements."""
    sums: dict[GroupKey, dict[str, Any]] = defaultdict(dict)
    for rows, each in ((taxes.documents, _sums()), (taxes.discounts, _discounted())):
        for row in rows.order_by().values(*COLUMNS).annotate(**each):
            key = GroupKey(*(row.pop(column) for column in COLUMNS))
            sums[key] |= row
    codes = TaxCode.objects.in_bulk({key.code for key in sums if key.code})
    groups = SalesTaxGroup.objects.in_bulk({key.sales_group for key in sums if key.sales_group})
    totals = [
        TaxTotal(key, groups.get(key.sales_group or 0), codes.get(key.code or 0), **each)
        for key, each in sums.items()
    ]
    return sorted(totals, key=_place)


def _place(total: TaxTotal) -> tuple[Decimal, str, str]:
    percent = total.key.percent if total.key else ZERO
    return (-percent, total.code.code if total.code else "", str(total.sales_group or ""))


def total_of(taxes: ReportedTaxes) -> TaxTotal:
    """What all of them come to, a document of several rates once; two statements."""
    documents = taxes.documents.order_by().aggregate(**_sums())
    return TaxTotal(None, **documents, **taxes.discounts.order_by().aggregate(**_discounted()))


def _discounted() -> dict[str, Any]:
    return {
        "discounts": Count("write_off", distinct=True),
        "discount_base": Sum("own_base", default=ZERO),
        "discount_tax": Sum("own_tax", default=ZERO),
    }


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
        written_off=moved.get(VoucherSource.WRITE_OFF, ZERO),
        others=[
            (VoucherSource(source), amount)
            for source, amount in sorted(moved.items())
            if amount and source not in REPORTED
        ],
    )


# --- What is behind it ----------------------------------------------------------------------------


def documents_behind(taxes: ReportedTaxes, totals: Sequence[TaxTotal]) -> QuerySet[InvoiceTax]:
    """The taxes in the order of the report, each with its `place` in it and what its document says.

    `originals` are the numbers and days of what a credit note corrects, `vat_id` the customer's as printed.
    """
    return (
        taxes.documents.annotate(
            place=_places(totals),
            day=F("invoice__invoice_date"),
            originals=KeyTransform("originals", "invoice__snapshot"),
            vat_id=KeyTextTransform("vat_id", KeyTransform("customer", "invoice__snapshot")),
        )
        .select_related("invoice__customer", "tax_code")
        .defer("invoice__snapshot")
        .order_by("place", "day", "pk")
    )


def lines_behind(taxes: ReportedTaxes, totals: Sequence[TaxTotal]) -> QuerySet[InvoiceProposalLine]:
    """The lines of invoices that are in these taxes, in the order of the report; amounts as invoiced."""
    return (
        InvoiceProposalLine.objects.filter(tax__in=taxes.documents.order_by().values("pk"))
        .annotate(
            place=_places(totals, "tax__"),
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


def discounts_behind(taxes: ReportedTaxes, totals: Sequence[TaxTotal]) -> QuerySet[WriteOffTax]:
    """The taxes that cash discounts lower, in the order of the report; negative where one was taken back."""
    return (
        taxes.discounts.annotate(place=_places(totals), day=F("write_off__date"))
        .select_related("write_off__invoice__customer", "tax_code")
        .defer("write_off__invoice__snapshot")
        .order_by("place", "day", "pk")
    )


def _places(totals: Sequence[TaxTotal], tax: str = "") -> Case:
    """The index of the total that a row is in; `tax` leads to its tax."""
    whens = [
        When(
            Q(**{f"{tax}percent": total.key.percent})
            & _same(f"{tax}tax_code", total.key.code)
            & _same(f"{tax}sales_tax_group", total.key.sales_group),
            then=Value(index),
        )
        for index, total in enumerate(totals)
        if total.key
    ]
    return Case(*whens, default=Value(len(totals)), output_field=IntegerField())


def _same(column: str, key: int | None) -> Q:
    return Q(**{f"{column}__isnull": True}) if key is None else Q(**{column: key})


def vouchers_of(source: VoucherSource, keys: Sequence[int]) -> Mapping[int, Voucher]:
    """The voucher of each invoice or write-off by the key of that; one statement."""
    vouchers = Voucher.objects.filter(source_kind=source, source_id__in=keys)
    return {voucher.source_id: voucher for voucher in vouchers}

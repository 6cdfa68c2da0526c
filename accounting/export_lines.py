"""Vouchers as other ledgers read them: rows of a CSV file, or bookings of a DATEV batch (C15)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.db.models import Exists, OuterRef, QuerySet

from accounting.balances import Span
from accounting.datev import Booking, paired
from accounting.models import CustomerTransaction, ExportedVoucher, Voucher, VoucherLine
from accounting.voucher_sources import documents_of
from core.spreadsheets import Cell, Figure, Head
from projects.models import LegalEntity

PIECE = 500
CSV_NAMES = (
    *("voucher", "date", "source", "document", "line", "account", "account_name", "customer", "vat_id"),
    *("project", "dimension", "currency", "debit", "credit", "own_currency", "own_debit", "own_credit"),
)
CSV_HEADS = [Head(name, name) for name in CSV_NAMES]


def vouchers_to_export(
    entity: LegalEntity, span: Span, target: str, *, again: bool = False
) -> QuerySet[Voucher]:
    """The vouchers of the days in the order of their dates; without `again` those not exported yet."""
    vouchers = Voucher.objects.filter(legal_entity=entity, date__range=(span.first, span.last))
    if not again:
        before = ExportedVoucher.objects.filter(voucher=OuterRef("pk"), target=target)
        vouchers = vouchers.exclude(Exists(before))
    return vouchers.order_by("date", "pk")


def csv_rows(vouchers: Sequence[int], currency: str) -> Iterator[list[Cell]]:
    """One row for each line, in both currencies; two or three statements for every 500 vouchers."""
    for _voucher, document, lines in _with_lines(vouchers):
        for number, line in enumerate(lines, start=1):
            yield [
                line.voucher.number,
                line.voucher.date,
                line.voucher.source_kind,
                document,
                Figure(number),
                line.account.number,
                line.account.name,
                line.customer.number if line.customer else None,
                line.customer.vat_id if line.customer else None,
                line.project.number if line.project else None,
                line.dimension,
                line.currency,
                *_sides(line.amount),
                currency,
                *_sides(line.base_amount),
            ]


def _sides(amount: Decimal) -> tuple[Cell, Cell]:
    debit = Figure(amount, 2) if amount > 0 else None
    credit = Figure(-amount, 2) if amount < 0 else None
    return debit, credit


def bookings(vouchers: Sequence[int], keys: Mapping[int, str]) -> Iterator[Booking]:
    """The bookings of vouchers, debit against credit in the currency of the legal entity.

    `keys` are tax keys by account. The sums of every account are those of its lines, to the cent. Three
    statements for every 500 vouchers.
    """
    for voucher, document, lines in _with_lines(vouchers):
        for debit, credit, amount in paired([line.base_amount for line in lines]):
            yield _booking(voucher, document, (lines[debit], lines[credit]), amount, keys)


def _booking(
    voucher: Voucher,
    document: str,
    sides: tuple[VoucherLine, VoucherLine],
    amount: Decimal,
    keys: Mapping[int, str],
) -> Booking:
    debit, credit = sides
    customer = debit.customer or credit.customer
    project = debit.project or credit.project
    about = [document, customer.name if customer else voucher.get_source_kind_display()]
    due: date | None = getattr(voucher, "due_on", None)
    return Booking(
        amount=amount,
        is_debit=True,
        account=debit.account.number,
        contra=credit.account.number,
        key=keys.get(debit.account_id) or keys.get(credit.account_id, ""),
        day=voucher.date,
        document=document or voucher.number,
        text=" ".join(part for part in about if part),
        project=project.number if project else "",
        cost_centre=debit.dimension or credit.dimension,
        vat_id=customer.vat_id.replace(" ", "") if customer else "",
        due_on=due if customer else None,
    )


def _with_lines(vouchers: Sequence[int]) -> Iterator[tuple[Voucher, str, list[VoucherLine]]]:
    """Each voucher with the number of its document and its lines, piece by piece."""
    for start in range(0, len(vouchers), PIECE):
        piece = vouchers[start : start + PIECE]
        lines = (
            VoucherLine.objects.filter(voucher__in=piece)
            .select_related("voucher", "account", "customer", "project")
            .order_by("voucher__date", "voucher", "pk")
        )
        grouped = [(voucher, list(rows)) for voucher, rows in groupby(lines, key=lambda line: line.voucher)]
        documents = documents_of([voucher for voucher, _lines in grouped])
        owed = CustomerTransaction.objects.filter(voucher__in=piece, invoice__isnull=False)
        due_days = dict(owed.values_list("voucher", "due_date"))
        for voucher, rows in grouped:
            voucher.due_on = due_days.get(voucher.pk)
            yield voucher, documents.get(voucher.pk, ""), rows

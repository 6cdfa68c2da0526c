"""The only writer of vouchers: numbers, lines from rows or from Python, seals (C6, G1)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db.models import Exists, F, Max, Min, OuterRef, QuerySet, Value
from django.db.models.expressions import Combinable

from accounting.models import Voucher, VoucherLine, VoucherSeal
from accounting.states import VoucherSource
from billing.numbering import take_numbers
from billing.states import SeriesKind
from core.fields import NthRow, RandomKey
from core.querysets import ChangedMeanwhile, insert_from, insert_in_order
from projects.models import LegalEntity
from projects.querysets import OfEntityQuerySet

BATCH = 1000


def open_vouchers(
    legal_entity: LegalEntity,
    kind: SeriesKind,
    sources: Sequence[tuple[int, date]],
    *,
    source_kind: VoucherSource,
    actor: User,
    at: datetime,
) -> list[Voucher]:
    """Write one numbered voucher per (source key, date); the commit fails unless each gets its seal.

    Numbers are taken per year in the order of the sources. Call it inside the transaction that posts, after
    everything that may still be refused: it locks the number series, and a rollback gives the numbers back
    (decision 12, G2).
    """
    vouchers = []
    # Years in order, so that two who post lock their series in one order (D10).
    for year in sorted({day.year for _key, day in sources}):
        of_year = [(key, day) for key, day in sources if day.year == year]
        numbers = take_numbers(legal_entity, kind, year, len(of_year))
        vouchers += [
            Voucher(
                legal_entity=legal_entity,
                number=number,
                date=day,
                source_kind=source_kind,
                source_id=key,
                posted_by=actor,
                posted_at=at,
            )
            for number, (key, day) in zip(numbers, of_year, strict=True)
        ]
    # Each carries the key of a seal that is still missing: the deferred foreign key demands it (D2).
    return Voucher.objects.bulk_create(vouchers, batch_size=BATCH)


def open_vouchers_from(
    legal_entity: LegalEntity,
    kind: SeriesKind,
    rows: QuerySet,
    *,
    day: str | date,
    source_kind: VoucherSource,
    actor: User,
    at: datetime,
) -> int:
    """Write one numbered voucher per row, its source: a few statements per year for any number of rows.

    `day` is the date of all vouchers, or the column that holds it. Numbers follow the keys of the rows. Like
    `open_vouchers` it locks the number series, and the commit fails unless each voucher gets its seal. The
    caller holds the rows. Returns how many. Raises ChangedMeanwhile (decision 12, G2).
    """
    written = 0
    for year, of_year in _by_year(rows, day):
        count = of_year.count()
        numbers = take_numbers(legal_entity, kind, year, count)
        # Numbered by the database, so that no list of keys is sent back and forth.
        nth = NthRow(F("pk")) + Value(numbers.first - 1)
        inserted = insert_in_order(
            Voucher,
            of_year.order_by("pk"),
            legal_entity=legal_entity.pk,
            number=numbers.series.written_in_sql(nth),
            date=day if isinstance(day, date) else F(day),
            source_kind=source_kind,
            source_id=F("pk"),
            posted_by=actor.pk,
            posted_at=at,
            # The key of a seal that is still missing: the deferred foreign key demands it (D2).
            seal=RandomKey(),
        )
        if inserted != count:
            raise ChangedMeanwhile(f"{count} numbers were taken for {inserted} vouchers")
        written += inserted
    return written


def _by_year(rows: QuerySet, day: str | date) -> list[tuple[int, QuerySet]]:
    """The rows of each year that has any, in the order in which all who post lock the series (D10)."""
    if isinstance(day, date):
        return [(day.year, rows)] if rows.exists() else []
    ends = rows.order_by().aggregate(first=Min(day), last=Max(day))
    if ends["first"] is None:
        return []
    years = range(ends["first"].year, ends["last"].year + 1)
    by_year = [(year, rows.filter(**{f"{day}__year": year})) for year in years]
    return by_year if len(by_year) == 1 else [(year, some) for year, some in by_year if some.exists()]


def write_lines(lines: Iterable[VoucherLine]) -> None:
    """Write lines that Python made; a line of zero in both currencies says nothing and is left out."""
    VoucherLine.objects.bulk_create(
        [line for line in lines if line.amount or line.base_amount], batch_size=BATCH
    )


def write_lines_from(rows: QuerySet, *, debit_account: Combinable, credit_account: Combinable) -> None:
    """Write a debit and a credit of each row's amount: two statements for any number of rows.

    `rows` have voucher, currency, amount, base_amount, project and dimension; the accounts are expressions
    over them, so that rows of different accounts are written together. Nothing is computed here: the amounts
    were rounded when the rows were written, so both lines of a voucher balance to the cent (G1).
    """
    common = {
        "voucher": F("voucher"),
        "currency": F("currency"),
        "project": F("project"),
        "dimension": F("dimension"),
    }
    insert_from(
        VoucherLine, rows, account=debit_account, amount=F("amount"), base_amount=F("base_amount"), **common
    )
    # A credit is a negative amount, so that debit and credit add up to zero, which the seal checks.
    insert_from(
        VoucherLine,
        rows,
        account=credit_account,
        amount=-F("amount"),
        base_amount=-F("base_amount"),
        **common,
    )


def write_one_line_of(
    rows: QuerySet, *, voucher: Combinable, account: Combinable, is_opposite: bool = False
) -> None:
    """Write a line of each row's amount, or of its opposite: one statement for any number of rows.

    `rows` have currency, amount, base_amount, project and dimension; voucher and account are expressions.
    """
    amount, base = F("amount"), F("base_amount")
    insert_from(
        VoucherLine,
        rows,
        voucher=voucher,
        account=account,
        currency=F("currency"),
        project=F("project"),
        dimension=F("dimension"),
        amount=-amount if is_opposite else amount,
        base_amount=-base if is_opposite else base,
    )


def negate_vouchers_of(rows: QuerySet, *, original: str) -> None:
    """Write the lines of other vouchers with the opposite sign: one statement for any number of rows.

    Each row has its own voucher, and a path `original` that leads to the one it takes back (P13).
    """
    insert_from(
        VoucherLine,
        rows,
        voucher=F("voucher"),
        account=F(f"{original}__lines__account"),
        currency=F(f"{original}__lines__currency"),
        amount=-F(f"{original}__lines__amount"),
        base_amount=-F(f"{original}__lines__base_amount"),
        project=F(f"{original}__lines__project"),
        dimension=F(f"{original}__lines__dimension"),
    )


def seal_vouchers(vouchers: Sequence[Voucher]) -> None:
    """Close vouchers: the database adds up debits and credits and refuses what does not balance (G1, G2)."""
    VoucherSeal.objects.bulk_create(
        [VoucherSeal(key=voucher.seal_id, voucher=voucher) for voucher in vouchers], batch_size=BATCH
    )


def seal_vouchers_of(source_kind: VoucherSource, rows: QuerySet) -> None:
    """Close the vouchers of rows, as `seal_vouchers` does: one statement for any number of them (G1, G2)."""
    opened = Voucher.objects.filter(source_kind=source_kind, source_id__in=rows.order_by().values("pk"))
    insert_from(VoucherSeal, opened, key=F("seal_id"), voucher=F("pk"))


def new_vouchers(legal_entity: LegalEntity, source_kind: VoucherSource) -> OfEntityQuerySet:
    """The vouchers of a kind that this transaction has opened: every other one has its seal (G2)."""
    sealed = VoucherSeal.objects.filter(voucher=OuterRef("pk"))
    opened = Voucher.objects.filter(legal_entity=legal_entity, source_kind=source_kind)
    return opened.filter(~Exists(sealed))


def seal_new_vouchers(legal_entity: LegalEntity, source_kind: VoucherSource) -> None:
    """Close the vouchers of a kind that this transaction has opened, in one statement (G1, G2)."""
    opened = new_vouchers(legal_entity, source_kind)
    insert_from(VoucherSeal, opened, key=F("seal_id"), voucher=F("pk"))

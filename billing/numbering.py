"""Gapless numbers: taken from a locked row inside the transaction that uses them (decision 12, L1-L3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from billing.models import NumberSeries, Proforma
from billing.states import SeriesKind
from projects.models import LegalEntity

USUAL_PREFIX = {
    SeriesKind.PROFORMA: "PF",
    SeriesKind.CUSTOMER_INVOICE: "RE",
    SeriesKind.INTEGRATION_JOURNAL: "IJ",
    SeriesKind.PROJECT_VOUCHER: "PV",
    SeriesKind.INVOICE_VOUCHER: "RV",
    SeriesKind.PAYMENT_VOUCHER: "BV",
    SeriesKind.JOURNAL_VOUCHER: "GV",
}


class OutsideTransaction(Exception):
    """Numbers were asked for where a failure could not give them back."""


@dataclass(frozen=True)
class Numbers:
    """A run of numbers of one series, from `first` on."""

    series: NumberSeries
    first: int
    count: int

    def __iter__(self) -> Iterator[str]:
        """The numbers as people read them, in order."""
        return (self.series.written(number) for number in range(self.first, self.first + self.count))


def take_numbers(legal_entity: LegalEntity, kind: SeriesKind, year: int, count: int) -> Numbers:
    """Take `count` numbers in a row; the caller's rollback gives them back, so a series has no gap.

    Locks the series row until the transaction ends: take numbers last (D10). The first use of
    a year makes the series. Raises OutsideTransaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(f"{kind} numbers are taken inside a transaction")
    series = _locked_series(legal_entity, kind, year)
    # The series is locked, so nobody else can take these numbers before the commit.
    first = series.last_number + 1
    series.last_number += count
    series.save(update_fields=["last_number"])
    return Numbers(series, first, count)


def number_proformas(proformas: Sequence[Proforma], year: int) -> None:
    """Give new proformas their numbers, in memory and in their order; their legal entities are loaded.

    Locks the series of each legal entity, in order of key, so that two drafters never wait for each other
    (D10).
    """
    entities = {one.legal_entity_id: one.legal_entity for one in proformas}
    for entity_id in sorted(entities):
        mine = [one for one in proformas if one.legal_entity_id == entity_id]
        numbers = take_numbers(entities[entity_id], SeriesKind.PROFORMA, year, len(mine))
        for proforma, number in zip(mine, numbers, strict=True):
            proforma.number = number


def expected_numbers(legal_entity: LegalEntity, kind: SeriesKind, year: int, count: int) -> Numbers:
    """The next `count` numbers, if nobody takes any before.

    A forecast for previews: nothing is reserved or locked (X4).
    """
    existing = NumberSeries.objects.filter(legal_entity=legal_entity, kind=kind, year=year).first()
    series = existing or NumberSeries(kind=kind, year=year, prefix=_free_prefix(legal_entity, kind))
    return Numbers(series, series.last_number + 1, count)


def open_series(legal_entity: LegalEntity, kind: SeriesKind, year: int) -> NumberSeries:
    """Create the series of a year unless it exists, and lock it until the transaction ends (L1, L2)."""
    return _locked_series(legal_entity, kind, year)


def _free_prefix(legal_entity: LegalEntity, kind: SeriesKind) -> str:
    """The usual prefix, or one with the entity's code where another entity has it."""
    prefix = USUAL_PREFIX[kind]
    # Two companies with one prefix would send out documents with the same number.
    others = NumberSeries.objects.filter(kind=kind, prefix=prefix).exclude(legal_entity=legal_entity)
    return f"{prefix}{legal_entity.code}"[:16] if others.exists() else prefix


def _locked_series(legal_entity: LegalEntity, kind: SeriesKind, year: int) -> NumberSeries:
    # An insert that meets an existing series is ignored, then the row is locked, whoever inserted it.
    mine = NumberSeries.objects.filter(legal_entity=legal_entity, kind=kind, year=year)
    existing = mine.select_for_update().first()
    if existing is not None:
        return existing
    for _attempt in ("the usual prefix", "its own, when another entity took that one in the same moment"):
        prefix = _free_prefix(legal_entity, kind)
        series = NumberSeries(legal_entity=legal_entity, kind=kind, year=year, prefix=prefix)
        NumberSeries.objects.bulk_create([series], ignore_conflicts=True)
        if mine.exists():
            break
    return mine.select_for_update().get()

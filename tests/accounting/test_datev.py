"""The DATEV file field by field, and the bookings that a voucher becomes (C15)."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.datev import (
    Booking,
    DatevBatch,
    batches,
    can_be_written,
    document_key,
    headings,
    paired,
    transliterated,
    written,
)

BATCH = DatevBatch(
    created=datetime(2026, 4, 1, 9, 30, 15, 123000, tzinfo=UTC),
    consultant=1001,
    client=456,
    year_starts_on=date(2026, 1, 1),
    account_length=4,
    first=date(2026, 3, 1),
    last=date(2026, 3, 31),
    title="Nordkai 2026-03",
    initials="HB",
    exported_by="hanna",
    chart="03",
)
BOOKING = Booking(
    amount=Decimal("1920.00"),
    is_debit=True,
    account="1400",
    contra="8400",
    day=date(2026, 3, 31),
    document="RE-2026-00001",
    text='RE-2026-00001 Müller "West"',
    key="40",
    project="P1",
    vat_id="DE123456789",
    due_on=date(2026, 4, 30),
)


def lines_of(*bookings: Booking, batch: DatevBatch = BATCH) -> list[bytes]:
    return list(written(batch, bookings))


def fields(line: bytes) -> list[str]:
    return next(csv.reader([line.decode("cp1252")], delimiter=";"))


def test_the_header_has_31_fields_in_their_places() -> None:
    (header, _headings) = lines_of()
    assert header.endswith(b"\r\n")
    assert header.decode("cp1252").strip() == (
        '"EXTF";700;21;"Buchungsstapel";13;20260401093015123;;"CH";"hanna";"";1001;456;20260101;4;'
        '20260301;20260331;"Nordkai 2026-03";"HB";1;0;0;"EUR";;;;;"03";;;;"Countinghouse"'
    )
    assert len(fields(header)) == 31


def test_there_are_125_headings_and_those_that_matter_stand_where_they_should() -> None:
    (_header, line) = lines_of()
    named = fields(line)
    assert len(named) == len(headings()) == 125
    places = {1: "Umsatz (ohne Soll/Haben-Kz)", 2: "Soll/Haben-Kennzeichen", 3: "WKZ Umsatz", 4: "Kurs"}
    places |= {7: "Konto", 9: "BU-Schlüssel", 10: "Belegdatum", 11: "Belegfeld 1", 13: "Skonto"}
    places |= {14: "Buchungstext", 20: "Beleglink", 37: "KOST1 - Kostenstelle", 38: "KOST2 - Kostenstelle"}
    places |= {39: "Kost-Menge", 40: "EU-Land u. UStID (Bestimmung)", 43: "Sachverhalt L+L"}
    places |= {95: "Auftragsnummer", 96: "Buchungstyp", 114: "Festschreibung", 115: "Leistungsdatum"}
    places |= {116: "Datum Zuord. Steuerperiode", 117: "Fälligkeit", 118: "Generalumkehr (GU)"}
    places |= {119: "Steuersatz", 120: "Land", 125: "Abw. Skontokonto"}
    assert {number: named[number - 1] for number in places} == places


def test_a_booking_fills_its_columns_and_leaves_the_others_empty() -> None:
    line = lines_of(BOOKING)[2]
    row = fields(line)
    filled = {number: value for number, value in enumerate(row, start=1) if value}
    assert filled == {
        1: "1920,00",
        2: "S",
        3: "EUR",
        7: "1400",
        8: "8400",
        9: "40",
        10: "3103",
        11: "RE-2026-00001",
        14: 'RE-2026-00001 Müller "West"',
        37: "P1",
        40: "DE123456789",
        95: "P1",
        114: "0",
        117: "30042026",
    }
    assert len(row) == 125
    # Figures and accounts are bare, texts are quoted with doubled quotes, in one byte each.
    assert line.startswith(b'1920,00;"S";"EUR";;;;1400;8400;"40";3103;"RE-2026-00001";;;')
    assert 'Müller ""West""'.encode("cp1252") in line


@pytest.mark.parametrize(
    ("text", "as_written"),
    [("Łódź", "Lódz"), ("Dvořák", "Dvorák"), ("a\tb\nc", "a b c"), ("€ – „x“", "€ – „x“"), ("東", "東")],
)
def test_letters_that_the_code_page_does_not_have_are_transliterated(text: str, as_written: str) -> None:
    assert transliterated(text) == as_written
    assert can_be_written(as_written) is (text != "東")


def test_a_document_number_keeps_what_column_11_takes() -> None:
    assert document_key("RE 2026/00001_ä.x") == "RE2026/00001x"
    assert len(document_key("9" * 50)) == 36


AMOUNTS = st.lists(
    st.decimals(min_value=Decimal("-99999"), max_value=Decimal("99999"), places=2).filter(bool),
    min_size=1,
    max_size=12,
)


@given(AMOUNTS, st.text(max_size=90), st.text(max_size=60))
def test_sums_stay_and_every_field_is_within_its_limits(
    amounts: list[Decimal], text: str, number: str
) -> None:
    """Whatever a voucher is and its texts hold: the sums of each line stay, and no field is too long."""
    rest = -sum(amounts, Decimal(0))
    lines = [*amounts, rest] if rest else amounts
    sums = dict.fromkeys(range(len(lines)), Decimal(0))
    for debit, credit, amount in paired(lines):
        assert amount > 0
        sums[debit] += amount
        sums[credit] -= amount
    assert sums == dict(enumerate(lines))
    assert len(paired(lines)) < max(len(lines), 2)
    plain = "".join(one for one in text if can_be_written(transliterated(one)))
    booking = Booking(Decimal(1), True, "1400", "8400", date(2026, 3, 1), number, plain, project=plain)
    line = lines_of(booking)[2]
    row = fields(line)
    assert (len(row), len(row[10]) <= 36, len(row[13]) <= 60, len(row[36]) <= 36) == (125, True, True, True)
    assert not any(byte < 32 for byte in line.removesuffix(b"\r\n"))
    assert line.count(b"\r\n") == 1


def test_files_hold_so_many_rows_and_keep_a_document_together() -> None:
    rows = [
        replace(BOOKING, document=name, amount=Decimal(nth)) for nth, name in enumerate("aabbbccccccc", 1)
    ]
    files = ["".join(one.document for one in file) for file in batches(rows, 5)]
    assert files == ["aabbb", "ccccc", "cc"]
    assert list(batches([], 5)) == []


def test_lines_that_do_not_balance_are_not_paired() -> None:
    with pytest.raises(ValueError, match="balance"):
        paired([Decimal(1), Decimal(-2)])


def test_equal_amounts_are_counterparts() -> None:
    """An invoice of accrued work: customer against revenue and tax, accrual against work in progress."""
    lines = [Decimal(one) for one in ("1920", "-1600", "-320", "1600", "-1600")]
    assert paired(lines) == [(3, 4, 1600), (0, 1, 1600), (0, 2, 320)]

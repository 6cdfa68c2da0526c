"""Reads bank bookings from a CSV file, by a mapping that says which column is what (C11). Pure.

Encoding, delimiter and decimal sign are suggested for a first look, and a person sees how the file is read by
them. Nothing is left out in silence: what cannot be read is a fault with its row and column.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounting.bank_files import LONGEST_TEXT, StatementBooking

DATE = re.compile(r"([0-9]{1,4})[./-]([0-9]{1,2})[./-]([0-9]{1,4})", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
ORDERS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}
"""Where year, month and day stand."""
CENTURY, SHORT_YEAR, LONG_YEAR = 2000, 2, 4
MOST_COLUMNS = 100


@dataclass(frozen=True)
class CsvMapping:
    """Which column of a file is what; columns count from 1, and rows as well.

    Either one column has the amount with its sign, or one has what went out and one what came in. What went
    out is stated above zero or below, alike in all of a file. Texts of several columns are put together in
    their order.
    """

    delimiter: str = ";"
    encoding: str = "utf-8"
    date_order: str = "dmy"
    decimal_sign: str = ","
    first_row: int = 2
    rows_at_end: int = 0
    date_column: int = 1
    amount_column: int | None = None
    debit_column: int | None = None
    credit_column: int | None = None
    currency_column: int | None = None
    text_columns: tuple[int, ...] = ()
    payer_column: int | None = None
    iban_column: int | None = None
    reference_column: int | None = None


@dataclass(frozen=True)
class CsvFault:
    """What cannot be read, by code, with its row and column; zero where all of the row or file is wrong."""

    code: str
    row: int = 0
    column: int = 0
    value: str = ""


@dataclass(frozen=True)
class CsvReading:
    """The bookings of a file with the row of each, what cannot be read, and rows over nothing."""

    bookings: tuple[tuple[int, StatementBooking], ...] = ()
    faults: tuple[CsvFault, ...] = ()
    zero_rows: tuple[int, ...] = ()


def cells_of(content: bytes, mapping: CsvMapping) -> list[list[str]] | CsvFault:
    """The cells of a file, or why it is none: wrong-encoding, no-table."""
    try:
        text = content.decode(mapping.encoding).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError):
        return CsvFault("wrong-encoding")
    if "\0" in text:
        return CsvFault("no-table")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter, strict=True):
            rows.append([cell.strip() for cell in row[:MOST_COLUMNS]])
    except csv.Error:
        return CsvFault("no-table", row=len(rows) + 1)
    return rows


def read_csv(content: bytes, mapping: CsvMapping) -> CsvReading:
    """The bookings of a file by a mapping, with every fault; empty rows are no bookings."""
    cells = cells_of(content, mapping)
    if isinstance(cells, CsvFault):
        return CsvReading(faults=(cells,))
    last = len(cells) - mapping.rows_at_end
    is_mixed = _is_mixed(cells[mapping.first_row - 1 : last], mapping)
    bookings, faults, zero_rows = [], [], []
    for number, row in enumerate(cells[:last], 1):
        if number < mapping.first_row or not any(row):
            continue
        booking, wrong = _booking(number, row, mapping, is_mixed)
        faults += wrong
        if booking is not None and booking.amount:
            bookings.append((number, booking))
        elif booking is not None:
            zero_rows.append(number)
    if not bookings and not faults:
        faults.append(CsvFault("no-bookings"))
    return CsvReading(tuple(bookings), tuple(faults), tuple(zero_rows))


def guessed(content: bytes) -> CsvMapping:
    """A first mapping to begin with: encoding and delimiter as the file has them, nothing else."""
    try:
        text, encoding = content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = content.decode("cp1252", errors="replace"), "cp1252"
    head = text[:4000]
    delimiter = max(";,\t|", key=head.count)
    return CsvMapping(delimiter=delimiter, encoding=encoding, decimal_sign="." if delimiter == "," else ",")


def _booking(
    number: int, row: Sequence[str], mapping: CsvMapping, is_mixed: bool
) -> tuple[StatementBooking | None, list[CsvFault]]:
    missing = sorted(column for column in _columns(mapping) if column > len(row))
    if missing:
        return None, [CsvFault("column-missing", number, column) for column in missing]

    def cell(column: int | None) -> str:
        return "" if column is None else row[column - 1]

    day, date_text = _date(cell(mapping.date_column), mapping.date_order), cell(mapping.date_column)
    amount, faults = _amount(number, row, mapping, is_mixed)
    if day is None:
        faults.insert(0, CsvFault("no-date", number, mapping.date_column, date_text))
    currency = cell(mapping.currency_column).upper()
    if mapping.currency_column and not CURRENCY.fullmatch(currency):
        faults.append(CsvFault("no-currency", number, mapping.currency_column, currency))
    if faults or day is None or amount is None:
        return None, faults
    booking = StatementBooking(
        booked_on=day,
        amount=amount,
        currency=currency,
        text=" ".join(text for text in map(cell, mapping.text_columns) if text)[:LONGEST_TEXT],
        payer=cell(mapping.payer_column)[:140],
        payer_iban=cell(mapping.iban_column).replace(" ", "")[:34],
        reference=cell(mapping.reference_column)[:70],
    )
    return booking, []


def _columns(mapping: CsvMapping) -> set[int]:
    """Every column that the mapping names."""
    single = (
        mapping.date_column,
        mapping.amount_column,
        mapping.debit_column,
        mapping.credit_column,
        mapping.currency_column,
        mapping.payer_column,
        mapping.iban_column,
        mapping.reference_column,
    )
    return {column for column in (*single, *mapping.text_columns) if column is not None}


def _is_mixed(rows: Iterable[Sequence[str]], mapping: CsvMapping) -> bool:
    """Whether the column of what went out has amounts above zero and below."""
    column = mapping.debit_column
    if column is None:
        return False
    stated = [_number(row[column - 1], mapping.decimal_sign) for row in rows if len(row) >= column]
    return len({amount > 0 for amount in stated if amount}) > 1


def _amount(
    number: int, row: Sequence[str], mapping: CsvMapping, is_mixed: bool
) -> tuple[Decimal | None, list[CsvFault]]:
    """The amount of a row with its sign: of one column, or of what went out and what came in."""
    sides = [(column, sign) for column, sign in _sides(mapping) if column is not None]
    is_one = len(sides) == 1
    amounts = []
    for column, sign in sides:
        text = row[column - 1]
        if not text and not is_one:
            continue
        amount = _number(text, mapping.decimal_sign)
        if amount is None:
            return None, [CsvFault("no-number", number, column, text)]
        # Beside others above zero it may be a refund or a charge: nobody can know from the file.
        if sign < 0 and is_mixed and amount < 0:
            return None, [CsvFault("other-sign", number, column, text)]
        # Some banks state what went out below zero in a column of its own as well.
        amounts.append(amount if sign > 0 else -abs(amount))
    if not amounts:
        return None, [CsvFault("no-amount", number, sides[0][0])]
    stated = [amount for amount in amounts if amount]
    if len(stated) > 1:
        return None, [CsvFault("two-amounts", number, sides[0][0])]
    return (stated or amounts)[0], []


def _sides(mapping: CsvMapping) -> tuple[tuple[int | None, int], ...]:
    return (mapping.amount_column, 1), (mapping.debit_column, -1), (mapping.credit_column, 1)


def _number(text: str, decimal_sign: str) -> Decimal | None:
    """A plain amount with its sign before or behind, of at most four places, or none."""
    plain = text.replace("\xa0", " ").replace("\u202f", " ").replace("\u2212", "-").strip()
    sign = ""
    if plain[:1] in ("-", "+"):
        sign, plain = plain[0], plain[1:].strip()
    elif plain[-1:] in ("-", "+"):
        sign, plain = plain[-1], plain[:-1].strip()
    groups = "." if decimal_sign == "," else ","
    mark = re.escape(decimal_sign)
    pattern = rf"([0-9]{{1,3}}(?:[{groups}' ][0-9]{{3}})+|[0-9]{{1,12}})(?:{mark}([0-9]{{1,4}}))?"
    parts = re.fullmatch(pattern, plain, re.ASCII)
    if parts is None:
        return None
    whole = re.sub(r"[^0-9]", "", parts[1])
    if len(whole) > 12:  # noqa: PLR2004 - as many digits as amounts have
        return None
    amount = Decimal(f"{whole}.{parts[2] or 0}")
    return -amount if sign == "-" else amount


def _date(text: str, order: str) -> date | None:
    match = DATE.fullmatch(text.split(" ", maxsplit=1)[0])
    if match is None:
        return None
    parts = match.groups()
    year_text = parts[ORDERS[order][0]]
    if len(year_text) not in (SHORT_YEAR, LONG_YEAR):
        return None
    year, month, day = (int(parts[place]) for place in ORDERS[order])
    try:
        return date(year + CENTURY if len(year_text) == SHORT_YEAR else year, month, day)
    except ValueError:
        return None

"""The DATEV format EXTF: a batch of bookings as one file, field by field (C15). Pure.

Header 700, category 21 (Buchungsstapel), version 13: a header of 31 fields, a row of 125 headings, then one
row for each booking. Windows-1252, CRLF, semicolons, every text in quotes, decimal comma.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

ENCODING = "cp1252"
LINE_END = "\r\n"
FORMAT, VERSION, CATEGORY, NAME, CATEGORY_VERSION = "EXTF", 700, 21, "Buchungsstapel", 13
MOST_ROWS = 99_999
"""What DATEV reads of one file."""
MOST_AMOUNT = Decimal("9999999999.99")
LENGTHS = {"title": 30, "document": 36, "text": 60, "cost_centre": 36, "order": 30, "vat_id": 15}
IN_DOCUMENT = re.compile(r"[^A-Za-z0-9$&%*+\-/]")
"""What may not stand in column 11, by which open items find one another."""
UNLIKE = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "−": "-", "→": "->", "≥": ">=", "×": "x"}
)


@dataclass(frozen=True)
class DatevBatch:
    """What the header says: who, for whom, which fiscal year and days."""

    created: datetime
    consultant: int
    client: int
    year_starts_on: date
    account_length: int
    first: date
    last: date
    title: str
    initials: str = ""
    exported_by: str = ""
    chart: str = ""
    is_locked: bool = False
    currency: str = "EUR"


@dataclass(frozen=True)
class Booking:
    """One row: an amount above zero from one account to another; `is_debit` is of `account`."""

    amount: Decimal
    is_debit: bool
    account: str
    contra: str
    day: date
    document: str
    text: str
    key: str = ""
    project: str = ""
    cost_centre: str = ""
    vat_id: str = ""
    due_on: date | None = None


def batches(bookings: Iterable[Booking], most: int) -> Iterator[list[Booking]]:
    """Bookings in files of at most `most`, in their order.

    Those of one document stay together, unless they alone are more: each row balances by itself.
    """
    file: list[Booking] = []
    for _document, group in groupby(bookings, key=lambda one: (one.day, one.document)):
        of_document = list(group)
        if file and len(file) + len(of_document) > most:
            yield file
            file = []
        file += of_document
        while len(file) > most:
            yield file[:most]
            file = file[most:]
    if file:
        yield file


def headings() -> list[str]:
    """The 125 headings in their order."""
    pairs = [f"Beleginfo - {what} {n}" for n in range(1, 9) for what in ("Art", "Inhalt")]
    more = [f"Zusatzinformation - {what} {n}" for n in range(1, 21) for what in ("Art", "Inhalt")]
    return [
        *("Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz"),
        *("WKZ Basis-Umsatz", "Konto", "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum"),
        *("Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext", "Postensperre", "Diverse Adressnummer"),
        *("Geschäftspartnerbank", "Sachverhalt", "Zinssperre", "Beleglink", *pairs),
        *("KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge"),
        *("EU-Land u. UStID (Bestimmung)", "EU-Steuersatz (Bestimmung)", "Abw. Versteuerungsart"),
        *("Sachverhalt L+L", "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp"),
        *("BU 49 Hauptfunktionsnummer", "BU 49 Funktionsergänzung", *more),
        *("Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr", "Zugeordnete Fälligkeit"),
        *("Skontotyp", "Auftragsnummer", "Buchungstyp", "USt-Schlüssel (Anzahlungen)"),
        *("EU-Land (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)", "EU-Steuersatz (Anzahlungen)"),
        *("Erlöskonto (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID", "KOST-Datum", "SEPA-Mandatsreferenz"),
        *("Skontosperre", "Gesellschaftername", "Beteiligtennummer", "Identifikationsnummer"),
        *("Zeichnernummer", "Postensperre bis", "Bezeichnung SoBil-Sachverhalt", "Kennzeichen SoBil-Buchung"),
        *("Festschreibung", "Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit"),
        *("Generalumkehr (GU)", "Steuersatz", "Land", "Abrechnungsreferenz", "BVV-Position"),
        *("EU-Land u. UStID (Ursprung)", "EU-Steuersatz (Ursprung)", "Abw. Skontokonto"),
    ]


def written(batch: DatevBatch, bookings: Iterable[Booking]) -> Iterator[bytes]:
    """The lines of the file, encoded, one at a time. Raises UnicodeEncodeError for what has no letter."""
    yield _line(_header(batch))
    yield _line(headings())
    for booking in bookings:
        yield _line(_row(booking, batch))


def transliterated(text: str) -> str:
    """The text in letters that Windows-1252 has, where there are any; control characters become spaces."""
    plain = "".join(" " if unicodedata.category(one) == "Cc" else one for one in text.translate(UNLIKE))
    return "".join(_letter(one) for one in unicodedata.normalize("NFC", plain))


def _letter(one: str) -> str:
    if can_be_written(one):
        return one
    base = "".join(c for c in unicodedata.normalize("NFKD", one) if not unicodedata.combining(c))
    return base if base and can_be_written(base) else one


def readable(text: str) -> str:
    """The text without what Windows-1252 has no letter for: for what only says who made the file."""
    return "".join(one for one in transliterated(text) if can_be_written(one))


def can_be_written(text: str) -> bool:
    """Whether every character is in Windows-1252."""
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def document_key(text: str) -> str:
    """A document number as column 11 takes it: other characters are left out, at most 36."""
    return IN_DOCUMENT.sub("", transliterated(text))[: LENGTHS["document"]]


def _header(batch: DatevBatch) -> Sequence[str]:
    return [
        *(_quoted(FORMAT), str(VERSION), str(CATEGORY), _quoted(NAME), str(CATEGORY_VERSION)),
        f"{batch.created:%Y%m%d%H%M%S}{batch.created.microsecond // 1000:03d}",
        "",
        *(_quoted("CH"), _quoted(readable(batch.exported_by)[:25]), _quoted("")),
        *(str(batch.consultant), str(batch.client), f"{batch.year_starts_on:%Y%m%d}"),
        *(str(batch.account_length), f"{batch.first:%Y%m%d}", f"{batch.last:%Y%m%d}"),
        *(_text(readable(batch.title), "title"), _quoted(readable(batch.initials)[:2]), "1", "0"),
        *("1" if batch.is_locked else "0", _quoted(batch.currency)),
        *("", "", "", ""),
        *(_quoted(batch.chart), "", "", ""),
        _quoted("Countinghouse"),
    ]


def _row(booking: Booking, batch: DatevBatch) -> Sequence[str]:
    columns: Mapping[int, str] = {
        1: f"{booking.amount:.2f}".replace(".", ","),
        2: _quoted("S" if booking.is_debit else "H"),
        3: _quoted(batch.currency),
        7: booking.account,
        8: booking.contra,
        9: _quoted(booking.key),
        10: f"{booking.day:%d%m}",
        11: _quoted(document_key(booking.document)),
        14: _text(booking.text, "text"),
        37: _text(booking.project, "cost_centre"),
        38: _text(booking.cost_centre, "cost_centre"),
        40: _quoted(booking.vat_id[: LENGTHS["vat_id"]]),
        95: _text(booking.project, "order"),
        114: "1" if batch.is_locked else "0",
        117: f"{booking.due_on:%d%m%Y}" if booking.due_on else "",
    }
    return [columns.get(number, "") for number in range(1, len(headings()) + 1)]


def _text(text: str, limit: str) -> str:
    return _quoted(transliterated(text)[: LENGTHS[limit]])


def _quoted(text: str) -> str:
    doubled = transliterated(text).replace('"', '""')
    return f'"{doubled}"'


def _line(fields: Sequence[str]) -> bytes:
    return (";".join(fields) + LINE_END).encode(ENCODING)


def paired(amounts: Sequence[Decimal]) -> list[tuple[int, int, Decimal]]:
    """Debits (positive) and credits of one balanced voucher as (debit, credit, amount), above zero each.

    Lines are known by their index. The largest are matched first, and equal ones with one another, so that
    few rows tell the same story. Raises ValueError where the lines do not balance.
    """
    if sum(amounts, Decimal(0)) != 0:
        raise ValueError("lines that do not balance cannot be paired")
    left = {index: abs(amount) for index, amount in enumerate(amounts) if amount}
    largest = sorted(left, key=lambda index: (-left[index], index))
    debits, credits = ([n for n in largest if (amounts[n] > 0) is side] for side in (True, False))
    pairs = [_counterpart(debit, credits, left) for debit in debits]
    # What found no counterpart of its own amount is taken in order.
    pairs += [(debit, credit, _taken(debit, credit, left)) for debit in debits for credit in credits]
    return [pair for pair in pairs if pair[2]]


def _counterpart(debit: int, credits: Sequence[int], left: dict[int, Decimal]) -> tuple[int, int, Decimal]:
    """The nearest credit of the same amount, where there is one."""
    same = [credit for credit in credits if left[credit] == left[debit]]
    nearest = min(same, key=lambda credit: abs(credit - debit), default=debit)
    return (debit, nearest, _taken(debit, nearest, left) if same else Decimal(0))


def _taken(debit: int, credit: int, left: dict[int, Decimal]) -> Decimal:
    taken = min(left[debit], left[credit])
    left[debit] -= taken
    left[credit] -= taken
    return taken

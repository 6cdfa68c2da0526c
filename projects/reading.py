"""Pure: from rows of a table and a mapping to rows of work, with an error for each unreadable one (X8)."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Lookup
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import blake2b

from core.durations import Duration, Unreadable
from core.table_files import Cell, TableRow, as_text
from projects.column_styles import RowError, Style, cell_at, column_of, day_of, duration_of, first_cell
from projects.layouts import JOINED, Columns, Mapping

NAMES = ("person", "customer", "project", "task", "role", "category")
LONGEST_TEXT = 500
LONGEST = dict.fromkeys(NAMES, 80) | {"login": 254, "description": LONGEST_TEXT}
LONGEST_ID = 60
JOINTS = {"person": " ", "description": "; "}

YES = frozenset(
    {"yes", "y", "true", "t", "1", "x", "ja", "j", "wahr", "ya", "benar", "oui", "si", "sí", "billable"}
)
NO = frozenset({"no", "n", "false", "f", "0", "nein", "falsch", "tidak", "salah", "non", "non-billable"})


@dataclass(frozen=True)
class WorkRow:
    """One row of work as it will be entered; names are those of the file, `seconds` where they are known."""

    number: int
    import_id: str
    content: str
    day: date
    quantity: Decimal
    seconds: int | None
    names: Lookup[str, str]
    description: str
    is_chargeable: bool
    is_invoiced: bool
    is_shortened: bool = False


class Reader:
    """Reads the rows of one file in order; identical rows are numbered to distinguish them."""

    def __init__(self, mapping: Mapping, columns: Columns, style: Style, head: Sequence[str]):
        self.mapping, self.columns, self.style, self.head = mapping, columns, style, head
        self.seen: dict[str, int] = {}
        self.status_place = _place(head, mapping.status_column)

    def read(self, rows: Iterable[TableRow]) -> Iterator[WorkRow | list[RowError]]:
        """Every row as work, or as all its errors; quantities have four places."""
        for row in rows:
            errors: list[RowError] = []
            work = self._read(row, errors)
            yield errors if errors or work is None else work

    def _read(self, row: TableRow, errors: list[RowError]) -> WorkRow | None:
        texts = {name: self._text(row, name) for name in self.columns.places}
        is_shortened = self.mapping.shortens_descriptions and len(texts.get("description", "")) > LONGEST_TEXT
        for name, most in LONGEST.items():
            if len(texts.get(name, "")) > most and not (is_shortened and name == "description"):
                errors.append(self._too_long(row, name, texts[name], most))
        for name in ("person", "project"):
            if not texts[name]:
                errors.append(self._error(row, name, "empty"))
        day, duration = self._day(row, errors), self._duration(row, errors)
        is_chargeable = self._answer(row, "chargeable", errors, default=True)
        is_invoiced = self._answer(row, "invoiced", errors, default=False)
        if self.status_place is not None and self.status_place < len(row.cells):
            is_chargeable = (
                is_chargeable and as_text(row.cells[self.status_place]) not in self.mapping.non_chargeable
            )
        # A row of no hours is left out whatever else it lacks: a timer that was started by mistake.
        if duration is not None and not duration.quantity:
            errors[:] = [error for error in errors if error.code != "empty"]
        if errors or day is None or duration is None:
            return None
        content = _content(day, duration, texts)
        import_id = self._identity(row, content, errors)
        names = {name: texts.get(name, "") for name in (*NAMES, "login", "project_number")}
        return WorkRow(
            number=row.number,
            import_id=import_id,
            content=_digest(content + f"\x1f{is_chargeable}"),
            day=day,
            quantity=duration.quantity,
            seconds=duration.seconds,
            names=names,
            description=shortened(texts["description"]) if is_shortened else texts.get("description", ""),
            is_shortened=is_shortened,
            is_chargeable=is_chargeable,
            is_invoiced=is_invoiced,
        )

    def _identity(self, row: TableRow, content: str, errors: list[RowError]) -> str:
        """The id of the file; without one its content and how many identical rows stand before it."""
        if "id" not in self.columns.places:
            digest = _digest(content)
            before = self.seen.get(digest, 0)
            self.seen[digest] = before + 1
            return f"{digest}-{before}"
        its_id = self._text(row, "id")
        if not its_id:
            errors.append(self._error(row, "id", "no-id"))
        elif len(its_id) > LONGEST_ID:
            errors.append(self._too_long(row, "id", its_id, LONGEST_ID))
        elif its_id in self.seen:
            errors.append(self._error(row, "id", "repeated-id", its_id))
        self.seen[its_id] = 1
        return its_id

    def _text(self, row: TableRow, name: str) -> str:
        """A field as text: the columns that make it joined, or the first of its columns that is filled."""
        texts = [_plain(cell_at(row, place)) for (place, *_rest) in self.columns.places[name]]
        filled = [text for text in texts if text]
        if name in JOINED:
            return JOINTS[name].join(dict.fromkeys(filled))
        return filled[0] if filled else ""

    def _day(self, row: TableRow, errors: list[RowError]) -> date | None:
        cell = first_cell(row, self.columns, "date")
        if isinstance(cell, date):
            return cell
        text = as_text(cell)
        if not (day := day_of(text, self.style.dates)):
            errors.append(self._error(row, "date", "no-date" if text else "empty", text))
        return day

    def _duration(self, row: TableRow, errors: list[RowError]) -> Duration | None:
        cell = first_cell(row, self.columns, "quantity")
        try:
            return duration_of(cell, self.style.hours)
        except Unreadable as error:
            one = self._error(row, "quantity", error.code, as_text(cell))
            errors.append(RowError(one.number, one.column, one.code, one.value, error.readings))
        return None

    def _answer(self, row: TableRow, name: str, errors: list[RowError], *, default: bool) -> bool:
        """Yes or no in a word; a column that is not there says the default, another word is an error."""
        if name not in self.columns.places:
            return default
        text = self._text(row, name)
        if text.casefold() in YES:
            return True
        # An empty cell means not invoiced.
        if text.casefold() in NO or (name == "invoiced" and not text):
            return False
        errors.append(self._error(row, name, "neither-yes-nor-no", text))
        return default

    def _too_long(self, row: TableRow, name: str, text: str, most: int) -> RowError:
        """With how long it is and how long it may be; a description can be shortened instead."""
        code = "description-too-long" if name == "description" else "too-long"
        return replace(self._error(row, name, code, text), readings=(f"{len(text)}", f"{most}"))

    def _error(self, row: TableRow, name: str, code: str, value: str = "") -> RowError:
        places = [place for part in self.columns.places.get(name, ()) for place in part[:1]]
        column = " + ".join(self.head[place] for place in places if place < len(self.head))
        return RowError(row.number, column or column_of(self.mapping, name), code, value[:40])


def shortened(text: str) -> str:
    """The first 500 characters of a description, the last of them an ellipsis."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1].rstrip()}…"


def _content(day: date, duration: Duration, texts: Lookup[str, str]) -> str:
    """What a row says, however it is written: the same work in another export is the same text."""
    meant = f"{duration.seconds}s" if duration.seconds is not None else f"{duration.quantity.normalize():f}h"
    of_whom = [texts.get(name, "") for name in NAMES]
    return "\x1f".join([day.isoformat(), meant, *of_whom, texts.get("description", "")])


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _plain(cell: Cell) -> str:
    """A text in one form of its letters, with single blanks; line ends within a cell become blanks."""
    return " ".join(unicodedata.normalize("NFC", as_text(cell)).split())


def _place(head: Sequence[str], name: str) -> int | None:
    return list(head).index(name) if name and name in head else None

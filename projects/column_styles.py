"""Pure: how a file writes numbers and dates, detected from all its rows before any is read (X8).

A column with 7,5 and no full stop has a decimal comma. Where a column leaves it open, the user is asked.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from core.durations import Duration, Unreadable, read_decimal, read_duration
from core.money import STORED_PLACES, hours_of, rounded_hours, whole_seconds
from core.table_files import Cell, TableRow, as_text
from projects.layouts import Columns, Mapping

COMMA, POINT, SECONDS = "comma", "point", "seconds"
LANGUAGES = {COMMA: "de", POINT: "en"}
MOST_PLACES = 20

# Three digits after one mark may be thousands or decimals; everything else shows which mark is which.
OPEN_NUMBER = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
DECIMAL = re.compile(r"(?:\d+|\d{1,3}(?:([.,])\d{3})+)([.,])\d+")
MINUTES_OF_TIMER = re.compile(r"(\d+):(\d\d) ?min")
SECONDS_OF_TIMER = re.compile(r"(\d+) ?(?:s|sec)")
WHOLE = re.compile(r"\d+")
CLOCK = re.compile(r"\d+:\d\d(:\d\d)?")

ISO_MOMENT = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d\d.*)?")
DAY_SHAPES = {
    ISO_MOMENT: ("%Y-%m-%d",),
    re.compile(r"\d{4}/\d{1,2}/\d{1,2}"): ("%Y/%m/%d",),
    re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"): ("%d.%m.%Y",),
    re.compile(r"\d{1,2}\.\d{1,2}\.\d{2}"): ("%d.%m.%y",),
    re.compile(r"\d{1,2}/\d{1,2}/\d{4}"): ("%m/%d/%Y", "%d/%m/%Y"),
    re.compile(r"\d{1,2}-\d{1,2}-\d{4}"): ("%d-%m-%Y", "%m-%d-%Y"),
    re.compile(r"\d{1,2}-[A-Za-z]{3}-\d{2}"): ("%d-%b-%y",),
    re.compile(r"\d{1,2} [A-Za-z]{3} \d{4}"): ("%d %b %Y",),
}
DAY_FORMATS = tuple(form for forms in DAY_SHAPES.values() for form in forms)
PAIR = re.compile(r"(\d{1,2})\D(\d{1,2})\D")
MONTHS = 12


@dataclass(frozen=True)
class RowError:
    """What is wrong with a row: its number in the file, the column, a code for the sentence, the value."""

    number: int
    column: str
    code: str
    value: str = ""
    readings: tuple[str, ...] = ()


@dataclass
class Survey:
    """What the rows of a file show about its numbers and dates; collected row by row."""

    row_count: int = 0
    marks: dict[str, str] = field(default_factory=dict)
    open_number: str = ""
    clock: str = ""
    has_fraction: bool = False
    shapes: dict[tuple[str, ...], int] = field(default_factory=dict)
    first_day: str = ""
    days_first: str = ""
    months_first: str = ""

    def take(self, row: TableRow, columns: Columns) -> None:
        """Look at one row."""
        self.row_count += 1
        quantity, day = first_cell(row, columns, "quantity"), first_cell(row, columns, "date")
        if isinstance(quantity, str) and quantity:
            self._take_number(quantity)
        elif isinstance(quantity, Decimal) and quantity % 1:
            self.has_fraction = True
        if isinstance(day, str) and day:
            self._take_day(day)

    def _take_number(self, text: str) -> None:
        if ":" in text:
            self.clock = self.clock or text
        elif OPEN_NUMBER.fullmatch(text):
            self.open_number = self.open_number or text
        elif (number := DECIMAL.fullmatch(text)) and number[1] != number[2]:
            self.marks.setdefault(COMMA if number[2] == "," else POINT, text)

    def _take_day(self, text: str) -> None:
        self.first_day = self.first_day or text
        forms = next((forms for shape, forms in DAY_SHAPES.items() if shape.fullmatch(text)), ())
        self.shapes[forms] = self.shapes.get(forms, 0) + 1
        if len(forms) > 1 and (pair := PAIR.match(text)):
            if int(pair[1]) > MONTHS:
                self.days_first = self.days_first or text
            elif int(pair[2]) > MONTHS:
                self.months_first = self.months_first or text


@dataclass(frozen=True)
class Style:
    """How a file writes hours and dates, with an example of each; `questions` are what stays open."""

    hours: str = ""
    dates: str = ""
    hours_seen: str = ""
    dates_seen: str = ""
    questions: tuple[RowError, ...] = ()


def style_of(survey: Survey, mapping: Mapping) -> Style:
    """How to read a file: as the mapping says, else as its columns show, with the questions left open."""
    hours, hours_seen, hours_question = _hours_of(survey, mapping)
    dates, dates_question = _dates_of(survey, mapping)
    questions = tuple(one for one in (hours_question, dates_question) if one)
    return Style(hours, dates, hours_seen, survey.first_day, questions)


def _hours_of(survey: Survey, mapping: Mapping) -> tuple[str, str, RowError | None]:
    seen = next(iter(survey.marks.values()), survey.clock or survey.open_number)
    if mapping.hours:
        return mapping.hours, seen, None
    has_marks = bool(survey.marks or survey.open_number or survey.clock or survey.has_fraction)
    if mapping.whole_numbers_are_seconds and not has_marks:
        return SECONDS, seen, None
    if len(survey.marks) == 1:
        return next(iter(survey.marks)), seen, None
    if survey.marks:
        return (
            "",
            seen,
            RowError(0, column_of(mapping, "quantity"), "mixed-marks", " / ".join(survey.marks.values())),
        )
    if survey.open_number:
        return "", seen, RowError(0, column_of(mapping, "quantity"), "open-mark", survey.open_number)
    return POINT, seen, None


def _dates_of(survey: Survey, mapping: Mapping) -> tuple[str, RowError | None]:
    if mapping.dates or not survey.shapes:
        return mapping.dates or DAY_FORMATS[0], None
    forms = max(survey.shapes, key=lambda each: survey.shapes[each])
    column = column_of(mapping, "date")
    if len(forms) <= 1:
        return (forms[0], None) if forms else ("", RowError(0, column, "unknown-date", survey.first_day))
    if survey.days_first and survey.months_first:
        both = f"{survey.days_first} / {survey.months_first}"
        return "", RowError(0, column, "mixed-dates", both)
    if not survey.days_first and not survey.months_first:
        return "", RowError(0, column, "open-date", survey.first_day)
    order = "%d" if survey.days_first else "%m"
    return next(form for form in forms if form.startswith(order)), None


def duration_of(cell: Cell, style: str) -> Duration:
    """Hours of a cell: four places, and the seconds that are meant.

    A clock time says its seconds. A decimal of more than four places is a computed figure: where it is
    within a hundredth of a second of a whole one, that second is meant (1.4166666666667 h are 5,100 s),
    else it is rounded to four places. Raises Unreadable (A8).
    """
    if isinstance(cell, timedelta):
        return _of_seconds(int(cell.total_seconds()))
    if isinstance(cell, date):
        raise Unreadable("not-a-duration", as_text(cell))
    text = as_text(cell)
    if timer := MINUTES_OF_TIMER.fullmatch(text):
        return _of_seconds(int(timer[1]) * 60 + int(timer[2]))
    if timer := SECONDS_OF_TIMER.fullmatch(text):
        return _of_seconds(int(timer[1]))
    if CLOCK.fullmatch(text):
        return read_duration(text, language="en")
    if style == SECONDS:
        number = read_decimal(text, language="en")
        if number % 1:
            raise Unreadable("not-a-duration", text)
        return _of_seconds(int(number))
    return _of_number(text, POINT if isinstance(cell, Decimal) else style)


def _of_number(text: str, style: str) -> Duration:
    bare = text.removesuffix("h").strip()
    if any(char.isalpha() for char in bare):
        return read_duration(text, language=LANGUAGES[style])
    wrong = "." if style == COMMA else ","
    # The mark is known for the whole column, so another one can only group thousands.
    marks = [mark for mark in bare if mark in ".,"]
    if marks == [wrong] and not OPEN_NUMBER.fullmatch(bare):
        raise Unreadable("other-mark", text)
    try:
        number = read_decimal(bare, language=LANGUAGES[style], places=MOST_PLACES)
    except Unreadable as error:
        code = "not-a-duration" if error.code == "not-a-number" else error.code
        raise Unreadable(code, text, readings=error.readings, limit=error.limit) from error
    if -int(number.as_tuple().exponent) <= STORED_PLACES:
        return read_duration(f"{number:f}", language="en")
    seconds = whole_seconds(number)
    return (
        Duration(hours_of(seconds), seconds) if seconds is not None else Duration(rounded_hours(number), None)
    )


def _of_seconds(seconds: int) -> Duration:
    hours, rest = divmod(seconds, 3600)
    return read_duration(f"{hours}:{rest // 60:02}:{rest % 60:02}", language="en")


@lru_cache(maxsize=4096)
def day_of(text: str, form: str) -> date | None:
    """A day in one form, None where the text is none."""
    # A time of day may follow the date and is ignored.
    if form.startswith("%Y-") and ISO_MOMENT.fullmatch(text):
        text = re.split("[T ]", text)[0]
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a plain date
    except ValueError:
        return None


def cell_at(row: TableRow, place: int) -> Cell:
    """The cell of a column; empty where the row is shorter."""
    return row.cells[place] if place < len(row.cells) else ""


def first_cell(row: TableRow, columns: Columns, name: str) -> Cell:
    """The first of a field's columns that is filled."""
    for place, *_rest in columns.places.get(name, ()):
        cell = cell_at(row, place)
        if cell != "":
            return cell
    return ""


def column_of(mapping: Mapping, field_name: str) -> str:
    """What a mapping calls the columns of a field."""
    return " / ".join(part[0] for part in mapping.columns.get(field_name, ()))

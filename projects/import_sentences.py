"""Messages about files and rows that cannot be read: sentence and way out for each code (X8)."""

from collections.abc import Iterable
from typing import TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.durations import Unreadable
from core.number_errors import SENTENCES as NUMBER_SENTENCES
from core.number_errors import sentence_of
from core.refusals import Refusal
from core.templatetags.display import number
from projects.column_styles import RowError

MOST_REASONS = 50

FILE_SENTENCES: dict[str, tuple[Promise, Promise]] = {
    "too-many-bytes": (
        gettext_lazy("The file has more than %(value)s MB."),
        gettext_lazy("Split it, for example by month."),
    ),
    "too-many-rows": (
        gettext_lazy("The file has more than %(value)s rows."),
        gettext_lazy("Split it, for example by month."),
    ),
    "too-many-columns": (
        gettext_lazy("The row has %(value)s columns; 200 can be read."),
        gettext_lazy("Check the separator, or export fewer columns."),
    ),
    "too-many-cells": (
        gettext_lazy("The row has more cells than there are column names (%(value)s)."),
        gettext_lazy("Put text that contains the separator in quotation marks, or check the separator."),
    ),
    "line-too-long": (
        gettext_lazy("A line is longer than %(value)s characters."),
        gettext_lazy("Check that the file is a table of hours."),
    ),
    "cell-too-long": (
        gettext_lazy("A cell holds more text than a spreadsheet allows."),
        gettext_lazy("Shorten it."),
    ),
    "wrong-encoding": (
        gettext_lazy("The file cannot be read in the encoding %(value)s."),
        gettext_lazy("Choose another encoding, or save the file as UTF-8."),
    ),
    "not-a-text-file": (
        gettext_lazy("This is neither a text file nor a spreadsheet."),
        gettext_lazy("Export it as CSV or XLSX."),
    ),
    "quote-never-closed": (
        gettext_lazy("A quotation mark is opened here and never closed."),
        gettext_lazy("Close it, or export the file again."),
    ),
    "quote-misplaced": (
        gettext_lazy("A cell in quotation marks contains a quotation mark."),
        gettext_lazy("Double it inside the cell, or export the file again."),
    ),
    "not-a-spreadsheet": (
        gettext_lazy("The spreadsheet is damaged or in another format."),
        gettext_lazy("Save it as XLSX or CSV again."),
    ),
    "old-spreadsheet": (
        gettext_lazy("This is a spreadsheet in the old format (XLS)."),
        gettext_lazy("Save it as XLSX or CSV."),
    ),
    "unpacks-too-large": (
        gettext_lazy("The spreadsheet unpacks to %(value)s MB, far more than a table of hours."),
        gettext_lazy("Save only the table of hours as XLSX or CSV."),
    ),
    "empty-file": (
        gettext_lazy("The file holds no rows."),
        gettext_lazy("Export it with some days of work."),
    ),
    "unknown-layout": (
        gettext_lazy("No layout fits the columns of this file."),
        gettext_lazy("Choose the layout that comes closest, or “New mapping”."),
    ),
    "columns-missing": (
        gettext_lazy("The layout needs these columns, and the file does not have them: %(value)s."),
        gettext_lazy("Choose another layout, or export the file with them."),
    ),
    "columns-repeated": (
        gettext_lazy("The file has these columns twice: %(value)s."),
        gettext_lazy("Rename the column that is not meant."),
    ),
    "dates-missing": (
        gettext_lazy("The layout keeps its dates in a second file."),
        gettext_lazy("Choose both files."),
    ),
}
QUESTION_SENTENCES: dict[str, tuple[Promise, Promise]] = {
    "open-mark": (
        gettext_lazy(
            "“%(value)s” can be thousands or decimals, and no other value of the column says which."
        ),
        gettext_lazy("Choose it under “Hours written as”."),
    ),
    "mixed-marks": (
        gettext_lazy("The column has decimal commas and decimal points: %(value)s."),
        gettext_lazy("Choose it under “Hours written as”; values written otherwise are then listed."),
    ),
    "open-date": (
        gettext_lazy("“%(value)s” can be two days, and no other value of the column says which."),
        gettext_lazy("Choose it under “Dates written as”."),
    ),
    "mixed-dates": (
        gettext_lazy("The column has the day first and the month first: %(value)s."),
        gettext_lazy("Choose it under “Dates written as”; values written otherwise are then listed."),
    ),
    "unknown-date": (
        gettext_lazy("“%(value)s” is not in a known date format."),
        gettext_lazy("Choose it under “Dates written as”."),
    ),
}
ROW_SENTENCES: dict[str, tuple[Promise, Promise]] = {
    "too-long": (
        gettext_lazy("The text has %(length)s characters; at most %(most)s are allowed."),
        gettext_lazy("Shorten it."),
    ),
    "description-too-long": (
        gettext_lazy("The description has %(length)s characters; at most %(most)s are allowed."),
        gettext_lazy("Shorten it, or choose “Shortened to 500 characters” under “Long descriptions”."),
    ),
    "empty": (gettext_lazy("The value is missing."), gettext_lazy("Fill it in.")),
    "no-date": (gettext_lazy("This is not a date."), gettext_lazy("Write the date as the other rows do.")),
    "other-mark": (
        gettext_lazy("The decimal mark is not that of the column."),
        gettext_lazy("Write it as the other rows do."),
    ),
    "neither-yes-nor-no": (
        gettext_lazy("The value is neither yes nor no."),
        gettext_lazy("Write yes or no, ja or nein, ya or tidak, true or false, 1 or 0."),
    ),
    "no-id": (gettext_lazy("The row has no id."), gettext_lazy("Export the file with its ids.")),
    "repeated-id": (
        gettext_lazy("Another row of the file has the same id."),
        gettext_lazy("Remove one of them."),
    ),
    "unknown": (
        gettext_lazy("No record has this name."),
        gettext_lazy("Create it first, or correct the row."),
    ),
    "ambiguous-name": (
        gettext_lazy("More than one record has this name."),
        gettext_lazy("Write the number or code instead, or name the customer."),
    ),
    "no-role": (
        gettext_lazy("The person has no usual role, and the file names none."),
        gettext_lazy("Choose it under “Role of people who have none”."),
    ),
    "period-locked": (
        gettext_lazy("The day lies in a closed period."),
        gettext_lazy("Leave the row out, or ask the controller to reopen the period."),
    ),
    "period-missing": (
        gettext_lazy("No fiscal period covers this day."),
        gettext_lazy("Leave the row out, or ask the controller to create the period."),
    ),
    "too-far-ahead": (
        gettext_lazy("The day is too far ahead."),
        gettext_lazy("Import the row when the day is closer."),
    ),
    "too-far-back": (
        gettext_lazy("The day is too far back."),
        gettext_lazy("If the file is history, mark it so in an import mapping."),
    ),
    "project-closed": (
        gettext_lazy("The project is closed."),
        gettext_lazy("Ask its manager to reopen it, or leave the row out."),
    ),
    "daily-maximum": (
        gettext_lazy("The person would have more hours on this day than the daily maximum of the company."),
        gettext_lazy(
            "Correct the hours; if a row is the sum of several days, mark it so in an import mapping."
        ),
    ),
}
SENTENCES = FILE_SENTENCES | QUESTION_SENTENCES | ROW_SENTENCES


def refusal_of(error: RowError) -> Refusal:
    """An error as a reason: which row and column, the value, the rule, and the way out."""
    where = [_("Row %(row)s") % {"row": error.number}] if error.number else []
    where += [_("column %(column)s") % {"column": error.column}] if error.column else []
    message, way_out = words_of(error)
    shown = (
        f"“{error.value}”: " if error.value and error.code not in FILE_SENTENCES | QUESTION_SENTENCES else ""
    )
    return Refusal(error.code, f"{shown}{message}", ", ".join(where), way_out)


def refusals_of(errors: Iterable[RowError], count: int) -> list[Refusal]:
    """The first fifty errors as reasons, and how many more there are."""
    reasons = [refusal_of(error) for error, _nth in zip(errors, range(MOST_REASONS), strict=False)]
    if count > MOST_REASONS:
        left = count - MOST_REASONS
        message = ngettext("%(count)s further error.", "%(count)s further errors.", left) % {
            "count": number(left)
        }
        reasons.append(Refusal("further-errors", message, "", _("Correct those above first.")))
    return reasons


class StoredError(TypedDict):
    """An error as the database keeps it."""

    number: int
    column: str
    code: str
    value: str
    readings: list[str]


def stored(error: RowError) -> StoredError:
    """An error as the database keeps it, without a message, which is translated for each reader."""
    return {
        "number": error.number,
        "column": error.column,
        "code": error.code,
        "value": error.value,
        "readings": list(error.readings),
    }


def restored(raw: StoredError) -> RowError:
    """The error that `stored` kept."""
    return RowError(raw["number"], raw["column"], raw["code"], raw["value"], tuple(raw["readings"]))


def words_of(error: RowError) -> tuple[str, str]:
    """The rule that an error breaks and the way out, in the language of the page."""
    if error.code in SENTENCES:
        message, way_out = SENTENCES[error.code]
        length, most = error.readings or ("", "")
        return str(message) % {"value": error.value, "length": length, "most": most}, str(way_out)
    if error.code not in NUMBER_SENTENCES:
        raise KeyError(error.code)
    sentence = sentence_of(Unreadable(error.code, error.value, readings=error.readings))
    return sentence, _("Correct the row.")

"""Rows of work out of the files of five time trackers (X8)."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.projects.export_samples import CLOCKIFY, HARVEST, HARVEST_GERMAN, KIMAI, TEMPO, TOGGL
from tests.projects.test_reading import MAPPINGS, work

# --- Five time trackers ---------------------------------------------------------------------------


def summary(text: str, name: str) -> list[tuple[Any, ...]]:
    return [
        (row.day.isoformat(), row.names["person"], row.seconds, row.is_chargeable, row.is_invoiced)
        for row in work(text, MAPPINGS[name])
    ]


def test_harvest_with_decimal_commas_and_names_in_two_columns():
    assert summary(HARVEST, "harvest") == [
        ("2026-03-09", "Ada Brandt", 22_500, True, False),
        ("2026-03-09", "Jonas Reuter", 1440, True, False),
        ("2026-03-10", "Ada Brandt", 10_800, True, True),
        ("2026-03-11", "Ilse Vogt", 68_400, False, False),
    ]
    first, *_rest, last = work(HARVEST, MAPPINGS["harvest"])
    assert (first.quantity, first.description) == (Decimal("6.25"), "Plates, frames")
    assert (first.names["customer"], first.names["project"]) == ("Nordlicht Werft GmbH", "Slipway")
    assert (first.names["project_number"], first.names["task"]) == ("N-7", "Survey")
    assert (last.names["customer"], last.names["task"], last.quantity) == ("", "", 19)


def test_harvest_of_a_german_account():
    (row,) = work(HARVEST_GERMAN, MAPPINGS["harvest"])
    assert (row.day, row.quantity, row.description) == (date(2026, 3, 9), Decimal("6.5"), "Überprüfung")


def test_toggl_with_seconds_past_midnight_and_a_row_of_no_hours():
    assert summary(TOGGL, "toggl") == [
        ("2026-03-09", "Ada Brandt", 7207, True, False),
        ("2026-03-09", "Jonas Reuter", 1800, True, False),
        ("2026-03-10", "Ilse Vogt", 0, False, False),
    ]
    assert work(TOGGL, MAPPINGS["toggl"])[0].quantity == Decimal("2.0019")


def test_clockify_takes_the_hours_of_its_clock_and_the_day_that_shows_the_order():
    assert summary(CLOCKIFY, "clockify") == [
        ("2026-03-09", "Ada Brandt", 7207, True, False),
        ("2026-03-11", "Jonas Reuter", 2400, True, False),
        ("2026-03-16", "Ilse Vogt", 21_600, False, False),
    ]


def test_kimai_in_seconds_with_what_was_exported():
    assert summary(KIMAI, "kimai") == [
        ("2026-03-09", "ada@example.com", 8400, True, False),
        ("2026-03-10", "jonas@example.com", 1500, True, True),
    ]
    assert work(KIMAI, MAPPINGS["kimai"])[0].quantity == Decimal("2.3333")


def test_tempo_with_thirteen_decimals_and_joined_notes():
    first, second = work(TEMPO, MAPPINGS["tempo"])
    assert (first.quantity, first.seconds, first.description) == (
        Decimal("2.5833"),
        9300,
        "SW-4; Plates; port side",
    )
    assert (second.quantity, second.seconds) == (Decimal("0.1667"), 600)

"""Files of hours as a company exports them: made up the same way every time, or the year of real ones."""

import csv
import os
import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

RATES = {"Development": Decimal("118.40"), "Management": Decimal("152.75"), "Operational": Decimal("89.90")}
FIRST, THROUGH = date(2025, 1, 6), date(2025, 7, 1)
ENCODING = "windows-1252"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
HEAD = (
    "TaskNumber,Summary,ProjectCode,ProjectBreakdownCode,Category,SubCategory,StatusCode,DeveloperID,"
    "DeveloperHoursActual"
)


@dataclass(frozen=True)
class Row:
    task: int
    project: str
    role: str
    person: int
    hours: Decimal
    day: date

    @property
    def amount(self) -> Decimal:
        return (self.hours * RATES[self.role]).quantize(Decimal("0.01"), ROUND_HALF_UP)


def made_up(count: int = 300, days_of_work: int = 170, first: date = FIRST) -> list[Row]:
    """The same rows every time: four projects, three roles, quarters, odd hours and sums of days."""
    dice = random.Random(20250106)
    days = {task: first + timedelta(days=dice.randrange(days_of_work)) for task in range(1, count // 3 + 1)}
    sizes = [Decimal(quarters) / 4 for quarters in range(1, 33)] + [
        Decimal("0.33"),
        Decimal("1.67"),
        Decimal(40),
    ]
    rows = []
    for _each in range(count):
        task = dice.choice(list(days))
        rows.append(
            Row(
                task=task,
                project=f"PC{task % 4}",
                role=dice.choice(list(RATES)),
                person=dice.randrange(10, 16),
                hours=dice.choice(sizes),
                day=days[task],
            )
        )
    return rows


def written(rows: list[Row], folder: Path) -> tuple[Path, Path]:
    """The two files as such a company exports them, in the encoding of its machines."""
    hours, dates = folder / "task-info.csv", folder / "dates.csv"
    lines = [
        f'{row.task},"Prüfung {row.task}, Größe",{row.project},B{row.task % 7},{row.role},Work,FINISHED,'
        f"{row.person},{row.hours}"
        for row in rows
    ]
    hours.write_bytes("\r\n".join([HEAD, *lines, ""]).encode(ENCODING))
    days = {row.task: row.day for row in rows}
    lines = [f"{task},,,{day:%d-%b-%y}" for task, day in sorted(days.items())]
    dates.write_bytes(
        "\r\n".join(["TaskNumber,EstimateOn,StartedOn,CompletedOn", *lines, ""]).encode(ENCODING)
    )
    return hours, dates


def real_year(year: int, folder: Path) -> tuple[Path, Path] | None:
    """The rows of a year of real files in the folder that COUNTINGHOUSE_HOURS names; None where it is unset.

    They are nobody's to publish with the product: without them rows are made up.
    """
    named = os.environ.get("COUNTINGHOUSE_HOURS")
    if not named:
        return None
    hours, dates = Path(named) / "Sip-task-info.csv", Path(named) / "est-act-dates.csv"
    days = days_of(dates)
    chosen = folder / "task-info.csv"
    with hours.open(encoding=ENCODING, newline="") as source:
        rows = list(csv.DictReader(source))
    with chosen.open("w", encoding=ENCODING, newline="") as target:
        writer = csv.DictWriter(target, rows[0].keys())
        writer.writeheader()
        writer.writerows(row for row in rows if days[row["TaskNumber"]].year == year)
    return chosen, dates


def days_of(dates: Path) -> dict[str, date]:
    """The day of each task: when it was completed, else started, else estimated."""
    with dates.open(encoding=ENCODING, newline="") as source:
        rows = list(csv.DictReader(source))
    return {
        row["TaskNumber"]: _day(row["CompletedOn"] or row["StartedOn"] or row["EstimateOn"]) for row in rows
    }


def _day(text: str) -> date:
    """A day as `02-Nov-04`."""
    day, month, year = text.split("-")
    return date(2000 + int(year), 1 + MONTHS.index(month), int(day))


def rows_of(hours: Path, dates: Path) -> list[Row]:
    """Both files read again by the csv module alone: none of the product's code has part in it."""
    days = days_of(dates)
    with hours.open(encoding=ENCODING, newline="") as source:
        return [
            Row(
                task=int(row["TaskNumber"]),
                project=row["ProjectCode"],
                role=row["Category"],
                person=int(row["DeveloperID"]),
                hours=Decimal(row["DeveloperHoursActual"]),
                day=days[row["TaskNumber"]],
            )
            for row in csv.DictReader(source)
        ]

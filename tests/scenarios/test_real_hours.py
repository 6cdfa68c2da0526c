"""A company's real hours from its file to printed invoices, per contract and month by month (X8)."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from accounting.models import CustomerInvoice, InvoiceDocument, Voucher, VoucherLine
from core.models import OutboxEntry
from projects.layouts import known_mappings
from projects.models import Actual, BacklogItem, Entry, ImportBatch
from real_hours.steps import Hours, rates_from
from tests.company.checking import all_rows, unbalanced

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

RATES = {"Development": Decimal("118.40"), "Management": Decimal("152.75"), "Operational": Decimal("89.90")}
FIRST, THROUGH = date(2025, 1, 6), date(2025, 7, 1)
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


def half_a_year(count: int = 300) -> list[Row]:
    """The same rows every time: four projects, three roles, quarters, odd hours and sums of days."""
    dice = random.Random(20250106)
    days = {task: FIRST + timedelta(days=dice.randrange(170)) for task in range(1, count // 3 + 1)}
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
    hours.write_bytes("\r\n".join([HEAD, *lines, ""]).encode("windows-1252"))
    days = {row.task: row.day for row in rows}
    lines = [f"{task},,,{day:%d-%b-%y}" for task, day in sorted(days.items())]
    dates.write_bytes(
        "\r\n".join(["TaskNumber,EstimateOn,StartedOn,CompletedOn", *lines, ""]).encode("windows-1252")
    )
    return hours, dates


def bill(folder: Path, *, monthly: bool) -> list[str]:
    said: list[str] = []
    texts = [f"{role}={price}" for role, price in RATES.items()]
    way = Hours(mapping=known_mappings()["sip"], rates=rates_from(texts), through=THROUGH, write=said.append)
    way.bill(*written(half_a_year(), folder), monthly=monthly, printing=True)
    return said


def figures(said: list[str]) -> list[str]:
    return said[-5:-1]


@pytest.mark.parametrize(("monthly", "invoices"), [(False, 4), (True, 24)])
def test_every_hour_is_billed_to_the_cent_and_a_second_run_changes_nothing(tmp_path, monthly, invoices):
    rows = half_a_year()
    net = sum(row.amount for row in rows)
    hours = sum(row.hours for row in rows)
    assert (hours, net) == (Decimal("1464.66"), Decimal("175460.60"))

    said = bill(tmp_path, monthly=monthly)
    assert figures(said) == [
        f"entries   300, {hours:.2f} hours",
        f"billed    {net:.2f} net in {invoices} invoices",
        "backlog   0 items",
        f"ledger    {VoucherLine.objects.count()} lines, debits less credits 0.00",
    ]
    billed = CustomerInvoice.objects.all()
    assert sum(billed.values_list("net_amount", flat=True)) == net
    by_project = {f"PC{number}": Decimal(0) for number in range(4)}
    for row in rows:
        by_project[row.project] += row.amount
    shown = {project: Decimal(0) for project in by_project}
    for invoice in billed.select_related("proposal__proforma__contract"):
        shown[invoice.proposal.proforma.contract.name] += invoice.net_amount
    assert shown == by_project
    assert [one.series_number for one in billed.order_by("series_number")] == list(range(1, invoices + 1))
    assert InvoiceDocument.objects.count() == invoices
    assert not BacklogItem.objects.exists()
    assert unbalanced() == []
    balances: dict[str, Decimal] = {}
    for number, base in VoucherLine.objects.values_list("account__number", "base_amount"):
        balances[number] = balances.get(number, Decimal(0)) + base
    assert {number: balance for number, balance in balances.items() if balance} == {"1400": net, "8400": -net}

    before = [row for row in all_rows() if row[0] not in GROWING]
    again = bill(tmp_path, monthly=monthly)
    assert figures(again) == figures(said)
    assert [row for row in all_rows() if row[0] not in GROWING] == before
    assert list(ImportBatch.objects.order_by("pk").values_list("created_count", "known_count")) == [
        (300, 0),
        (0, 300),
    ]


# A second run is remembered: an import that found nothing new, and in the monthly way a run with nothing due.
GROWING = {
    "projects_importbatch",
    "core_activity",
    "core_outboxentry",
    "billing_batchrun",
}


def test_real_hours_leave_the_rows_that_all_work_leaves(tmp_path):
    bill(tmp_path, monthly=False)
    assert Entry.objects.filter(status="approved").count() == 300
    # Of each hour: its unbilled sale, the mirror, and what was billed. Nobody said what an hour costs.
    assert Actual.objects.filter(type=2).count() == 600
    assert Actual.objects.filter(type=3).count() == 300
    assert Voucher.objects.filter(source_kind="journal_line").count() == 300
    assert OutboxEntry.objects.filter(kind="invoice-posted").count() == 4

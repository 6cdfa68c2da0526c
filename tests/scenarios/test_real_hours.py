"""A company's real hours from its file to printed invoices, per contract and month by month (X8)."""

from decimal import Decimal
from pathlib import Path

import pytest

from accounting.models import CustomerInvoice, InvoiceDocument, Voucher, VoucherLine
from core.models import OutboxEntry
from projects.layouts import known_mappings
from projects.models import Actual, BacklogItem, Entry, ImportBatch
from real_hours.steps import Hours, rates_from
from tests.company.checking import all_rows, unbalanced
from tests.scenarios.hours_files import RATES, THROUGH, made_up, written

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def bill(folder: Path, *, monthly: bool) -> list[str]:
    said: list[str] = []
    texts = [f"{role}={price}" for role, price in RATES.items()]
    way = Hours(mapping=known_mappings()["sip"], rates=rates_from(texts), through=THROUGH, write=said.append)
    way.bill(*written(made_up(), folder), monthly=monthly, printing=True)
    return said


def figures(said: list[str]) -> list[str]:
    return said[-5:-1]


@pytest.mark.parametrize(("monthly", "invoices"), [(False, 4), (True, 24)])
def test_every_hour_is_billed_to_the_cent_and_a_second_run_changes_nothing(tmp_path, monthly, invoices):
    rows = made_up()
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

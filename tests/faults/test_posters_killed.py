"""Eight processes post four hundred documents, are killed and undone: numbers have no gap (L2)."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest
from django.conf import settings
from django.db.models import Count

from accounting.models import CustomerInvoice, InvoiceProposal, Voucher
from billing.correcting import correct_billed
from billing.correction_rows import BilledCorrection
from billing.models import NumberSeries, Proforma
from core.models import Activity, OutboxEntry
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.corrections import billed_row
from tests.company.many import many_confirmed
from tests.company.rows import CUT_OFF, NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PROCESSES, MOST = 8, 20
INVOICES, CREDITS = 160, 40
"""Of each of two companies; each has series of its own."""
PATIENCE = 100


def waiting_to_be_posted() -> None:
    """Four hundred proposals of two companies: a credit note takes back half of every fourth invoice."""
    for company in (Company(), Company()):
        company.sells_material_for("200")
        confirmed = many_confirmed(company, INVOICES)
        billed = [billed_row(one) for one in confirmed[:CREDITS]]
        halves = [BilledCorrection(row, quantity=row.quantity / 2) for row in billed]
        credits = correct_billed(halves, invoice_date=CUT_OFF, actor=company.manager, at=NOW)
        company.confirm(*credits)
        company.journalise()
        assert company.propose() == INVOICES + CREDITS


def test_four_hundred_are_posted_once_each_and_their_numbers_have_no_gap(environment: dict[str, str]):
    waiting_to_be_posted()
    command = [sys.executable, "-m", "tests.faults.posters", str(PROCESSES), str(MOST)]
    posters = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        said, complained = posters.communicate(timeout=PATIENCE)
    finally:
        # None of them outlives the test, whatever became of the first.
        with suppress(ProcessLookupError):
            os.killpg(posters.pid, signal.SIGKILL)
    assert (posters.returncode, complained) == (0, "")
    ends = json.loads(said)
    assert (ends["killed"], ends["finished"], ends["undone"]) == (PROCESSES, PROCESSES, PROCESSES)

    count = 2 * (INVOICES + CREDITS)
    assert not InvoiceProposal.objects.unposted().exists()
    assert Proforma.objects.filter(status="posted").count() == count
    assert CustomerInvoice.objects.filter(gross_amount__lt=0).count() == 2 * CREDITS
    assert CustomerInvoice.objects.count() == count
    for series in NumberSeries.objects.filter(kind="customer_invoice"):
        numbers = series.customer_invoices.order_by("series_number")
        assert list(numbers.values_list("series_number", flat=True)) == list(range(1, count // 2 + 1))
        assert series.last_number == count // 2
    vouchers = Voucher.objects.filter(source_kind="customer_invoice").order_by().values("source_id")
    assert set(vouchers.annotate(count=Count("pk")).values_list("count", flat=True)) == {1}
    assert len(vouchers) == count
    posted = Activity.objects.filter(verb="posted", subject_kind="accounting.invoiceproposal")
    assert posted.count() == OutboxEntry.objects.filter(kind="invoice-posted").count() == count
    assert_proven()

"""A sweeper that is killed half-way loses nothing and does nothing twice: the next one finishes (O1)."""

import signal
import subprocess
import sys

import pytest
from django.conf import settings

from accounting.models import InvoiceProposal, InvoiceProposalLine
from accounting.proving import prove
from core.models import Activity, OutboxEntry
from tests.company import Company

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60


def swept(companies: int, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.faults.sweeper", str(companies)]
    return subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment,
        text=True,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


def waiting() -> int:
    return OutboxEntry.objects.filter(kind="proforma-confirmed", status="pending").count()


def test_a_sweeper_that_is_killed_is_made_good_by_the_next(environment: dict[str, str]):
    for hours in (8, 4, 2):
        company = Company()
        company.approved(hours)
        company.confirm(company.draft())

    assert swept(1, environment).returncode == -signal.SIGKILL
    # The first company is in the books although its row is not ticked off; nothing is left of the second.
    assert (InvoiceProposal.objects.count(), waiting()) == (1, 3)

    second = swept(0, environment)
    assert (second.returncode, second.stderr, second.stdout) == (0, "", "3")
    assert (InvoiceProposal.objects.count(), InvoiceProposalLine.objects.count(), waiting()) == (3, 3, 0)
    assert Activity.objects.filter(verb="proposed").count() == 3
    assert [finding.proof.code for finding in prove() if finding.count] == []

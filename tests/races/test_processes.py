"""Real processes that bill the same in the same moment, with the locks of the verbs and without them (F17).

With them the second reads what the first has done. Without them the guards of the database stand alone: it
may be stopped in the middle, and nothing of it stays.
"""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from billing.models import InvoiceLineDetail, Proforma
from projects.models import Actual
from projects.states import TransactionType
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.corrections import billed_row
from tests.company.text import table

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE = 60
with_and_without_locks = pytest.mark.parametrize("locks", ["with-locks", "without-locks"])


def at_once(environment: dict[str, str], locks: str, *asked: tuple[str, int]) -> list[dict[str, Any]]:
    """What each process answered; all were ready before the first began."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.races.racer", action, str(key), locks],
            cwd=settings.BASE_DIR,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for action, key in asked
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n", racer.communicate()[1]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = [racer.communicate(timeout=PATIENCE) for racer in racers]
    assert [complained for _said, complained in answers] == [""] * len(racers)
    return [json.loads(said) for said, _complained in answers]


def done(answers: list[dict[str, Any]]) -> int:
    return sum(answer.get("done", 0) for answer in answers)


def losers(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [answer for answer in answers if "done" not in answer]


@with_and_without_locks
def test_two_who_draft_the_same_contract_claim_each_hour_once(environment: dict[str, str], locks: str):
    company = Company()
    company.approved(8)
    company.approved(4)
    company.milestone("5000")
    company.ready()
    answers = at_once(environment, locks, *[("draft", company.contract.pk)] * 2)
    assert done(answers) == Proforma.objects.count() == 1
    assert Proforma.objects.get().net_amount == 12 * 200 + 5000
    assert InvoiceLineDetail.objects.count() == 3
    if locks == "with-locks":
        assert losers(answers) == []
    assert_proven()


@with_and_without_locks
def test_what_is_approved_meanwhile_is_on_no_draft_and_waits(environment: dict[str, str], locks: str):
    company = Company()
    company.approved(8)
    company.ready()
    late = company.submitted(4)
    answers = at_once(environment, locks, ("draft", company.contract.pk), ("approve", late.pk))
    assert (done(answers), losers(answers)) == (2, [])
    # What was approved is not ready yet, so no draft may have it.
    assert Proforma.objects.get().net_amount == 1600
    assert company.backlog() == table("""
        2026-03-02 chargeable +8 +1600.00 on_draft
        2026-03-02 chargeable +4  +800.00 not_ready
    """)
    assert_proven()


@with_and_without_locks
def test_of_two_who_confirm_one_reads_that_it_is_confirmed(environment: dict[str, str], locks: str):
    company = Company()
    company.approved(8)
    draft = company.draft()
    answers = at_once(environment, locks, *[("confirm", draft.pk)] * 2)
    assert done(answers) == 1
    (loser,) = losers(answers)
    if locks == "with-locks":
        assert loser["codes"] == ["already-confirmed"]
        assert company.manager.get_full_name() in loser["said"]
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  invoiced
        unbilled  chargeable  -8  -1600.00  mirror
        billed    chargeable  +8  +1600.00
    """)
    assert_proven()


@with_and_without_locks
def test_who_edits_what_another_confirms_is_before_it_or_refused(environment: dict[str, str], locks: str):
    company = Company()
    company.approved(8)
    draft = company.draft()
    answers = at_once(environment, locks, ("confirm", draft.pk), ("edit", draft.pk))
    edited = "done" in answers[1]
    if locks == "with-locks":
        assert "done" in answers[0]
        assert edited or answers[1]["codes"] == ["frozen"]
    proforma = Proforma.objects.get()
    detail = InvoiceLineDetail.objects.get()
    assert (proforma.net_amount, detail.amount) == ((1200, 1200) if edited else (1600, 1600))
    billed = Actual.objects.filter(type=TransactionType.BILLED_SALES, billing_type=1)
    assert [row.amount for row in billed] == ([proforma.net_amount] if "done" in answers[0] else [])
    assert_proven()


@with_and_without_locks
def test_of_two_who_correct_the_same_row_one_reads_by_which_draft(environment: dict[str, str], locks: str):
    company = Company()
    company.approved(8)
    (first,) = company.confirm(company.draft())
    answers = at_once(environment, locks, *[("correct", billed_row(first).pk)] * 2)
    assert done(answers) == 1
    (loser,) = losers(answers)
    correction = Proforma.objects.open().get()
    assert correction.net_amount == -400
    if locks == "with-locks":
        assert loser["codes"] == ["being-corrected"]
        assert correction.number in loser["said"]
    assert_proven()

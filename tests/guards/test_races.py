"""D4: a guard that reads a parent holds it, so that two users at once cannot slip past it (PostgreSQL).

Each race has a first and a second user. The first has written and not yet committed; the second must
wait, and then be judged by what the first has made true.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounting.models import FiscalPeriod, Voucher
from billing.models import InvoiceLineDetail, Proforma
from projects.models import BacklogItem, ProjectContract
from tests.company import book_rows, invoicing_rows, rows
from tests.guards.attacks import row
from tests.guards.guarded_rows import GuardedRows, build

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 20


@pytest.fixture
def committed(transactional_db: None) -> GuardedRows:
    with transaction.atomic():
        return build()


def race(first: Callable[[], Any], second: Callable[[], Any]) -> BaseException | None:
    """Let `second` run into the uncommitted work of `first`; return what stopped it, if anything did."""
    stopped: list[BaseException | None] = [None]

    def run() -> None:
        try:
            with transaction.atomic():
                second()
        except IntegrityError as error:
            stopped[0] = error
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        _until_somebody_waits()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    return stopped[0]


def _until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _attempt in range(PATIENCE * 20):
            cursor.execute("SELECT pg_sleep(0.05), count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[1]:
                return
    raise AssertionError("the second user did not wait for the first")


def test_a_detail_added_while_its_draft_is_confirmed_is_refused(committed: GuardedRows):
    line = committed.draft.lines.get()
    stopped = race(
        lambda: invoicing_rows.confirm(committed.draft, committed.company),
        lambda: invoicing_rows.detail(line),
    )
    assert "details of a confirmed proforma never change" in str(stopped)
    assert InvoiceLineDetail.objects.filter(line=line).count() == 1


def test_a_line_removed_while_its_draft_is_confirmed_is_refused(committed: GuardedRows):
    stopped = race(
        lambda: invoicing_rows.confirm(committed.draft, committed.company),
        lambda: InvoiceLineDetail.objects.filter(line__proforma=committed.draft).delete(),
    )
    assert "details of a confirmed proforma never change" in str(stopped)


def test_confirming_while_a_detail_is_added_counts_it(committed: GuardedRows):
    line = committed.draft.lines.get()
    stopped = race(
        lambda: invoicing_rows.detail(line),
        lambda: invoicing_rows.confirm(committed.draft, committed.company),
    )
    assert "a proforma asks for the sum of its chargeable details" in str(stopped)
    assert Proforma.objects.get(pk=committed.draft.pk).status == "draft"


def test_posting_while_the_period_is_closed_is_refused(committed: GuardedRows):
    at, period = committed.company, FiscalPeriod.objects.get()
    before = Voucher.objects.count()
    stopped = race(
        lambda: row(period).update(status="closed", closed_by=at.accountant),
        lambda: book_rows.balanced(at),
    )
    assert "nothing is posted into a closed period" in str(stopped)
    assert Voucher.objects.count() == before


def test_work_that_is_approved_while_its_contract_is_lost_is_refused(committed: GuardedRows):
    at, before = committed.company, BacklogItem.objects.count()
    with transaction.atomic():
        contract = rows.contract(at.entity, at.customer)
        line = rows.contract_line(contract, at.customer, project=at.project)
    stopped = race(
        lambda: row(contract).update(status="lost"),
        lambda: rows.approved_hours(at, contract=contract, contract_line=line),
    )
    assert "a contract that has ended takes no unbilled sales" in str(stopped)
    assert BacklogItem.objects.count() == before


def test_a_contract_that_is_lost_while_work_is_approved_is_not_lost(committed: GuardedRows):
    at = committed.company
    with transaction.atomic():
        contract = rows.contract(at.entity, at.customer)
        line = rows.contract_line(contract, at.customer, project=at.project)
    stopped = race(
        lambda: rows.approved_hours(at, contract=contract, contract_line=line),
        lambda: row(contract).update(status="lost"),
    )
    assert "a contract with open work does not end" in str(stopped)
    assert ProjectContract.objects.get(pk=contract.pk).status == "confirmed"


def test_one_actual_is_claimed_by_one_of_two_drafts(committed: GuardedRows):
    with transaction.atomic():
        mine, yours = (
            invoicing_rows.line(invoicing_rows.proforma(committed.company), committed.company.line)
            for _user in range(2)
        )
    stopped = race(
        lambda: invoicing_rows.claim(mine, committed.sales),
        lambda: invoicing_rows.claim(yours, committed.sales),
    )
    assert "unique" in str(stopped)
    assert InvoiceLineDetail.objects.get(actual=committed.sales).line == mine


def test_one_actual_is_reversed_by_one_of_two_events(committed: GuardedRows):
    def cancel() -> None:
        opened = rows.event(committed.company)
        rows.mirror(committed.sales, opened)
        rows.actual(committed.sales.work_item, opened, type=3, bills=committed.sales)
        rows.seal(opened)

    assert "reversed_once" in str(race(cancel, cancel))

"""K3 and M5: the journal opens and closes the backlog, which repeats its actual and keeps within limits."""

from decimal import Decimal
from typing import Any

import pytest

from projects.models import Actual, BacklogItem
from projects.states import (
    BillingStatus,
    BillingType,
)
from tests.company import rows
from tests.guards.attacks import Attack, delete, each, insert, refused, row, update
from tests.guards.guarded_rows import GuardedRows, confirmed, mirror_of

OPEN = "only an open unbilled-sales actual has a backlog item"


def test_the_journal_opens_and_closes_the_backlog(guarded: GuardedRows):
    item = BacklogItem.objects.get(pk=guarded.sales.pk)
    values = (item.work_item, item.contract, item.contract_line, item.customer, item.project, item.currency)
    work = guarded.sales.work_item
    assert values == (work, work.contract, work.contract_line, work.customer, work.project, "EUR")
    assert (item.transaction_date, item.billing_type, item.quantity, item.amount) == (
        rows.DAY,
        BillingType.CHARGEABLE,
        Decimal(8),
        Decimal(800),
    )
    assert (item.status, item.hold_reason, item.not_to_exceed_status) == ("not_ready", "", "not_applicable")
    confirmed(guarded, "8", "800")
    assert not BacklogItem.objects.filter(pk=guarded.sales.pk).exists()


def _backlog(of: Actual, **columns: object) -> BacklogItem:
    work = of.work_item
    values = {
        "actual": of,
        "work_item": work,
        "contract": work.contract,
        "contract_line": work.contract_line,
        "customer": work.customer,
        "project": work.project,
        "currency": work.currency,
        "transaction_date": work.transaction_date,
        "billing_type": of.billing_type,
        "quantity": of.quantity,
        "amount": of.amount,
    }
    return BacklogItem(**values | columns)


def _item(guarded: GuardedRows) -> BacklogItem:
    return BacklogItem.objects.get(pk=guarded.sales.pk)


BEYOND = {"not_to_exceed_status": "failed", "exceeded_limit": "contract", "exceeded_by": 200}


def ready(guarded: GuardedRows) -> Any:
    """The backlog item, marked ready."""
    items = row(_item(guarded))
    items.update(status="ready")
    return items


@each(
    insert("of-a-cost", OPEN, lambda s: _backlog(Actual.objects.cost().first())),
    insert("of-what-is-billed", OPEN, lambda s: _backlog(s.billed)),
    insert("of-a-mirror", OPEN, lambda s: _backlog(mirror_of(s.billed))),
    delete("while-the-actual-stands", "an open actual keeps its backlog item", lambda s: row(_item(s))),
    update(
        "not-ready-to-draft",
        "one step at a time",
        lambda s: (row(_item(s)), {"status": "on_draft", "proforma_number": "P1"}),
    ),
    update("a-draft-without-name", "draft_is_named", lambda s: (ready(s), {"status": "on_draft"})),
    update("a-name-without-draft", "draft_is_named", lambda s: (row(_item(s)), {"proforma_number": "P1"})),
    update("ready-beyond-its-limit", "beyond_its_limit", lambda s: (ready(s), BEYOND)),
    update("beyond-no-limit", "failed_limit", lambda s: (row(_item(s)), BEYOND | {"exceeded_limit": ""})),
    update("to-posted", "one step at a time", lambda s: (row(_item(s)), {"status": "posted"})),
)
def test_the_backlog_refuses(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


MUTABLE = {
    "status",
    "hold_reason",
    "held_by",
    "held_at",
    "review_on",
    "external_description",
    "not_to_exceed_status",
    "proforma_number",
    "exceeded_limit",
    "exceeded_by",
}
REPEATED = [field for field in BacklogItem._meta.concrete_fields if field.name not in MUTABLE]


@pytest.mark.parametrize("field", REPEATED, ids=[field.name for field in REPEATED])
def test_a_backlog_item_repeats_its_actual(guarded: GuardedRows, field: object):
    value = {"currency": "USD", "transaction_date": rows.CUT_OFF}.get(field.name, 7)
    with refused("a backlog item repeats its actual"):
        row(_item(guarded)).update(**{field.attname: value})


def test_hold_and_limit_of_a_backlog_item_change(guarded: GuardedRows):
    changed = row(_item(guarded)).update(hold_reason="waiting", **BEYOND)
    assert (changed, _item(guarded).hold_reason) == (1, "waiting")


def test_a_status_is_not_a_claim(guarded: GuardedRows):
    """Walking the whole machine there and back leaves the item as it was."""
    for step, number in (("ready", ""), ("on_draft", "P1"), ("ready", ""), ("not_ready", "")):
        assert row(_item(guarded)).update(status=step, proforma_number=number) == 1
    assert _item(guarded).status == BillingStatus.NOT_READY

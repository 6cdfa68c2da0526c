"""B12, K6: what is kept back of a proforma stays on it, and no more than that is released."""

import re
from decimal import Decimal

from django.db import models

from billing.models import InvoiceLineDetail, Retention
from projects.states import BillingType, TransactionClass
from tests.company import invoicing_rows, rows
from tests.guards.attacks import Attack, delete, each, insert, refused, row, update
from tests.guards.guarded_rows import GuardedRows
from tests.guards.test_proformas import _confirming

ELSEWHERE = "a retention is kept back on its own proforma and released later"
WITHIN = "no more is released of a retention than is kept back"
# Nothing is kept back yet that could be released: two guards say so.
NOT_HERE = re.compile(f"{ELSEWHERE}|{WITHIN}")
SAID = re.compile("retention_detail_says_what_it_is")
STAYS = "a detail of a retention keeps what it does"
TERMS = "a retention keeps its proforma and, once that is confirmed, its share"
KEPT = "what a confirmed proforma keeps back never goes|FOREIGN KEY|foreign key"


def _retention(guarded: GuardedRows) -> Retention:
    return Retention.objects.create(line=guarded.draft_line, percent=Decimal(10))


def _detail(guarded: GuardedRows, **columns: object) -> InvoiceLineDetail:
    """A tenth of the guarded draft kept back, as it should be written unless given otherwise."""
    values: dict[str, object] = {
        "transaction_class": TransactionClass.RETENTION,
        "quantity": Decimal(-80),
        "price": Decimal(1),
        "amount": Decimal(-80),
    }
    if "retention" not in columns:
        values["retention"] = _retention(guarded)
    return invoicing_rows.unsaved_detail(guarded.draft_line, **values | columns)


def _confirmed(guarded: GuardedRows) -> Retention:
    """The guarded draft with a tenth kept back, confirmed row by row."""
    detail = _detail(guarded)
    detail.work_item = guarded.sales.work_item
    detail.save()
    invoicing_rows.add_up(guarded.draft)
    row(guarded.draft).update(**_confirming(guarded))
    assert detail.retention is not None
    return detail.retention


def _release(guarded: GuardedRows, amount: str, line: object = None, **columns: object) -> InvoiceLineDetail:
    """What a later draft of the same customer releases."""
    retention = _confirmed(guarded)
    on = line or invoicing_rows.line(invoicing_rows.proforma(guarded.company), guarded.company.line)
    values = {"quantity": Decimal(amount), "amount": Decimal(amount), "retention": retention}
    detail = _detail(guarded, **values | columns)
    detail.line = on  # type: ignore[assignment]
    return detail


def _line_of_another_customer(guarded: GuardedRows) -> object:
    other = invoicing_rows.proforma(guarded.company, customer=rows.customer(guarded.company.entity))
    return invoicing_rows.line(other, guarded.company.line)


def _twice(guarded: GuardedRows) -> InvoiceLineDetail:
    """A release of all of it while another draft holds a part of it."""
    first = _release(guarded, "30")
    first.save()
    on = invoicing_rows.line(invoicing_rows.proforma(guarded.company), guarded.company.line)
    detail = _detail(guarded, quantity=Decimal(80), amount=Decimal(80), retention=first.retention)
    detail.line = on
    return detail


def _of_draft(guarded: GuardedRows) -> InvoiceLineDetail:
    """A release of what a draft would keep back."""
    written = _detail(guarded)
    written.save()
    on = invoicing_rows.line(invoicing_rows.proforma(guarded.company), guarded.company.line)
    detail = _detail(guarded, quantity=Decimal(80), amount=Decimal(80), retention=written.retention)
    detail.line = on
    return detail


@each(
    insert("without-retention", SAID, lambda s: _detail(s, retention=None)),
    insert("other-class", SAID, lambda s: _detail(s, transaction_class=TransactionClass.FEE)),
    insert("not-charged", SAID, lambda s: _detail(s, billing_type=BillingType.COMPLIMENTARY)),
    insert("other-quantity", SAID, lambda s: _detail(s, quantity=Decimal(-1))),
    insert("added", NOT_HERE, lambda s: _detail(s, quantity=Decimal(80), amount=Decimal(80))),
    insert("kept-elsewhere", ELSEWHERE, lambda s: _release(s, "-5")),
    insert("other-customer", ELSEWHERE, lambda s: _release(s, "5", _line_of_another_customer(s))),
    insert("of-a-draft", NOT_HERE, _of_draft),
    insert("above", WITHIN, lambda s: _release(s, "80.01")),
    insert("twice", WITHIN, _twice),
)
def test_what_is_kept_back_and_released(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)


def _written(guarded: GuardedRows) -> models.QuerySet:
    detail = _detail(guarded)
    detail.save()
    return row(detail)


def _released(guarded: GuardedRows) -> models.QuerySet:
    detail = _release(guarded, "30")
    detail.save()
    return row(detail)


def _another_line(guarded: GuardedRows) -> object:
    return invoicing_rows.line(invoicing_rows.proforma(guarded.company), guarded.company.line)


@each(
    update("turned", STAYS, lambda s: (_written(s), {"amount": Decimal(80), "quantity": Decimal(80)})),
    update("moved", STAYS, lambda s: (_written(s), {"line": _another_line(s)})),
    update("more", STAYS, lambda s: (_released(s), {"amount": Decimal(31), "quantity": Decimal(31)})),
    update("share", TERMS, lambda s: (row(_confirmed(s)), {"percent": Decimal(5)})),
    update("line", TERMS, lambda s: (row(_retention(s)), {"line": _another_line(s)})),
    delete("gone", re.compile(KEPT), lambda s: row(_confirmed(s))),
    insert(
        "late",
        "a confirmed proforma keeps nothing more back",
        lambda s: Retention(line=s.posted_detail.line, percent=Decimal(5)),
    ),
    insert(
        "above-all",
        re.compile("retention_within_whole"),
        lambda s: Retention(line=s.draft_line, percent=Decimal("100.01")),
    ),
)
def test_a_retention_keeps_what_was_agreed(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)

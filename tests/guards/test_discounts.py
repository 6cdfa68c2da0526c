"""B12, decision 21: a discount stays on its line, says what it is, and never turns its line negative."""

import re
from decimal import Decimal

from django.db import models

from billing.models import Discount, InvoiceLineDetail
from projects.states import BillingType, TransactionClass
from tests.company import invoicing_rows, rows
from tests.guards.attacks import Attack, delete, each, insert, refused, row, update
from tests.guards.guarded_rows import GuardedRows
from tests.guards.test_proformas import _confirming

FROZEN = "discounts of a confirmed proforma never change"
THERE = "a discount is on the line it lowers"
SAID = re.compile("discount_detail_says_what_it_is")
LOWERS = re.compile("discount_lowers")
EITHER = re.compile("discount_is_percent_or_amount")


def _granted(guarded: GuardedRows, **columns: object) -> Discount:
    """A discount of the guarded draft's line that nobody has written yet."""
    return Discount(line=guarded.draft_line, **{"percent": Decimal(10)} | columns)


def _detail(guarded: GuardedRows, **columns: object) -> InvoiceLineDetail:
    """What a discount of ten percent takes off the draft's line, written as it should be unless given."""
    values: dict[str, object] = {
        "transaction_class": TransactionClass.DISCOUNT,
        "quantity": Decimal(1),
        "price": Decimal(-80),
        "amount": Decimal(-80),
    }
    if not {"discount", "corrects", "replaces"} & set(columns):
        discount = _granted(guarded)
        discount.save()
        values["discount"] = discount
    return invoicing_rows.unsaved_detail(guarded.draft_line, **values | columns)


def _of_posted(guarded: GuardedRows) -> Discount:
    """A discount that comes after its proforma was posted."""
    return Discount(line=guarded.posted_detail.line, percent=Decimal(10))


@each(
    insert("posted", FROZEN, _of_posted),
    insert("neither", EITHER, lambda s: _granted(s, percent=None)),
    insert("both", EITHER, lambda s: _granted(s, amount=Decimal(5))),
    insert("nothing", EITHER, lambda s: _granted(s, percent=Decimal(0))),
    insert("more-than-all", EITHER, lambda s: _granted(s, percent=Decimal("100.01"))),
    insert("negative", EITHER, lambda s: _granted(s, percent=None, amount=Decimal(-5))),
    insert("class-without-discount", SAID, lambda s: _detail(s, discount=None)),
    insert("other-class", SAID, lambda s: _detail(s, transaction_class=TransactionClass.FEE)),
    insert("not-charged", SAID, lambda s: _detail(s, billing_type=BillingType.COMPLIMENTARY)),
    insert("raises", LOWERS, lambda s: _detail(s, price=Decimal(80), amount=Decimal(80))),
    insert("turned", LOWERS, lambda s: _detail(s, quantity=Decimal(-1))),
)
def test_what_is_no_discount_is_refused(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)


def _written(guarded: GuardedRows) -> InvoiceLineDetail:
    detail = _detail(guarded)
    detail.save()
    return detail


def _another_line(guarded: GuardedRows) -> object:
    on = rows.contract_line(guarded.company.contract, guarded.company.customer)
    return invoicing_rows.line(guarded.draft, on)


def _foreign(guarded: GuardedRows) -> InvoiceLineDetail:
    """A detail on another line than the discount that it names."""
    detail = _detail(guarded)
    detail.line = _another_line(guarded)
    return detail


@each(
    insert("elsewhere", THERE, _foreign),
    update("without", THERE, lambda s: (row(_written(s)), {"discount": _granted_saved(s)})),
    update("moved", THERE, lambda s: (row(_written(s)), {"line": _same_line_of_another_draft(s)})),
    update(
        "discount-moved",
        "a discount stays on its line",
        lambda s: (row(_granted_saved(s)), {"line": _another_line(s)}),
    ),
)
def test_a_discount_stays_where_it_was_granted(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)


def _granted_saved(guarded: GuardedRows) -> Discount:
    discount = _granted(guarded, is_standing=False)
    discount.save()
    return discount


def _same_line_of_another_draft(guarded: GuardedRows) -> object:
    return invoicing_rows.line(invoicing_rows.proforma(guarded.company), guarded.company.line)


def _confirmed_with_discount(guarded: GuardedRows) -> Discount:
    """The guarded draft with ten percent off, confirmed row by row."""
    detail = _written(guarded)
    row(detail).update(work_item=guarded.sales.work_item)
    invoicing_rows.add_up(guarded.draft)
    row(guarded.draft).update(**_confirming(guarded))
    assert detail.discount is not None
    return detail.discount


@each(
    update("percent", FROZEN, lambda s: (row(_confirmed_with_discount(s)), {"percent": Decimal(20)})),
    update("reason", FROZEN, lambda s: (row(_confirmed_with_discount(s)), {"reason": "other"})),
    delete(
        "gone", re.compile(f"{FROZEN}|FOREIGN KEY|foreign key"), lambda s: row(_confirmed_with_discount(s))
    ),
)
def test_a_confirmed_discount_never_changes(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)


def _with_too_much_off(guarded: GuardedRows) -> models.QuerySet:
    detail = _detail(guarded, price=Decimal(-801), amount=Decimal(-801))
    detail.save()
    row(detail).update(work_item=guarded.sales.work_item)
    invoicing_rows.add_up(guarded.draft)
    return row(guarded.draft)


@each(
    update(
        "above",
        "a discount is never more than its line charges",
        lambda s: (_with_too_much_off(s), _confirming(s)),
    )
)
def test_a_discount_never_turns_its_line_negative(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)

"""J2, K2: what a correction takes back, what stands beside it; nothing else takes billed sales back."""

import re
from decimal import Decimal

from billing.models import InvoiceLine, InvoiceLineDetail
from projects.models import Actual
from projects.states import ActualOutcome, BillingType
from tests.company import invoicing_rows, rows
from tests.company.invoicing_rows import staying, taking_back
from tests.guards.attacks import Attack, each, insert, refused, row, update
from tests.guards.guarded_rows import GuardedRows

TAKES_BACK = "a correction negates billed sales of its own contract line and customer that stand"
STANDS = "a replacement stands on the line of what it replaces, for the same work"
KEEPS = "a detail keeps what it claims"
EXACT = "a correction takes back exactly what was billed and keeps its billing type"
BY_CORRECTION = "billed sales are taken back by the correction that names them"
TWICE = re.compile(r"(?i)unique|not replaced")


def billed_of(guarded: GuardedRows) -> Actual:
    return Actual.objects.get(bills=guarded.billed)


def credit(guarded: GuardedRows) -> InvoiceLineDetail:
    """A correction of the billed day on the company's draft."""
    detail = taking_back(guarded.draft_line, billed_of(guarded))
    detail.save()
    return detail


def kept(guarded: GuardedRows) -> InvoiceLineDetail:
    """Six hours that stay billed beside it."""
    detail = staying(credit(guarded))
    detail.save()
    return detail


def _line_of_another_customer(guarded: GuardedRows) -> InvoiceLine:
    other = invoicing_rows.proforma(guarded.company, customer=rows.customer(guarded.company.entity))
    return invoicing_rows.line(other, guarded.company.line)


def _mirror(guarded: GuardedRows) -> Actual:
    billed = billed_of(guarded)
    return Actual(
        work_item=billed.work_item,
        event=guarded.event(),
        type=billed.type,
        billing_type=billed.billing_type,
        quantity=-billed.quantity,
        price=billed.price,
        amount=-billed.amount,
        accounting_date=billed.accounting_date,
        reverses=billed,
        outcome=ActualOutcome.ADJUSTED,
    )


@each(
    insert("unbilled", TAKES_BACK, lambda s: taking_back(s.draft_line, s.sales)),
    insert(
        "less-than-billed",
        TAKES_BACK,
        lambda s: taking_back(s.draft_line, billed_of(s), quantity=Decimal(-7)),
    ),
    insert(
        "another-amount",
        TAKES_BACK,
        lambda s: taking_back(s.draft_line, billed_of(s), amount=Decimal("-799.99")),
    ),
    insert(
        "another-type",
        TAKES_BACK,
        lambda s: taking_back(s.draft_line, billed_of(s), billing_type=BillingType.COMPLIMENTARY),
    ),
    insert(
        "another-customer",
        TAKES_BACK,
        lambda s: taking_back(_line_of_another_customer(s), billed_of(s)),
    ),
    insert(
        "other-work",
        TAKES_BACK,
        lambda s: taking_back(s.draft_line, billed_of(s), work_item=s.sales.work_item),
    ),
    insert("twice", TWICE, lambda s: taking_back(credit(s).line, billed_of(s))),
    insert(
        "beside-nothing-taken-back",
        STANDS,
        lambda s: staying(s.draft_detail, work_item=billed_of(s).work_item),
    ),
    insert("beside-other-work", STANDS, lambda s: staying(credit(s), work_item=s.sales.work_item)),
    insert(
        "beside-with-another-type",
        STANDS,
        lambda s: staying(credit(s), billing_type=BillingType.NON_CHARGEABLE),
    ),
    update("corrects-nothing", KEEPS, lambda s: (row(credit(s)), {"corrects": None})),
    update("replaces-nothing", KEEPS, lambda s: (row(kept(s)), {"replaces": None})),
    update("claims-other-work", KEEPS, lambda s: (row(kept(s)), {"actual": s.sales})),
    update("takes-back-less", EXACT, lambda s: (row(credit(s)), {"quantity": Decimal(-7)})),
    update("takes-back-for-less", EXACT, lambda s: (row(credit(s)), {"amount": Decimal(-1)})),
    update(
        "another-type-stays",
        EXACT,
        lambda s: (row(kept(s)), {"billing_type": BillingType.COMPLIMENTARY}),
    ),
    insert("without-a-correction", BY_CORRECTION, _mirror),
    insert("by-another-event", BY_CORRECTION, lambda s: (credit(s), _mirror(s))[1]),
)
def test_a_correction_takes_back_what_is_billed(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_a_correction_and_what_stays_are_written(guarded: GuardedRows):
    stays = kept(guarded)
    assert (stays.quantity, stays.replaces.quantity, stays.line) == (6, -8, guarded.draft_line)

"""K5: what is left of a retainer is added up from proformas, and held by one draft alone."""

import re
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from billing.models import InvoiceLine, InvoiceLineDetail, Retainer
from billing.states import RetainerStatus
from projects.models import Actual, ActualEventSeal
from projects.states import BillingType, TransactionType
from tests.company import invoicing_rows, rows
from tests.company.invoicing_rows import invoiced_retainer, of_retainer, retainer
from tests.guards.attacks import Attack, each, insert, refused, row, steps, update
from tests.guards.guarded_rows import GuardedRows

TAKES_A_PART = "a detail invoices a whole retainer or takes a part of it off"
KEEPS = "a detail of a retainer keeps what it does: only the amount that is applied may change"
STARTS = "a retainer starts without a balance"
PAYER = "a retainer is paid by a customer of its contract line, which has a project"
STEPS = "a retainer is invoiced, applied or refunded, one step at a time"
TERMS = "a retainer keeps its payer, and its amount once it is on a proforma"
ADDED_UP = "what is invoiced and used of a retainer is added up from proformas"
MORE = re.compile("(?i)no_more_applied_than_invoiced")
TWICE = re.compile("(?i)unique|not replaced")


def _applied(guarded: GuardedRows, amount: str = "-400") -> InvoiceLineDetail:
    """A part of an invoiced retainer on the company's draft."""
    detail = of_retainer(guarded.draft_line, invoiced_retainer(guarded.company), amount, "apply")
    detail.save()
    return detail


def _line_of_another_customer(guarded: GuardedRows) -> InvoiceLine:
    other = invoicing_rows.proforma(guarded.company, customer=rows.customer(guarded.company.entity))
    return invoicing_rows.line(other, guarded.company.line)


def _another_draft_takes(guarded: GuardedRows) -> InvoiceLineDetail:
    held = _applied(guarded, "-1000").retainer
    assert held is not None
    second = invoicing_rows.line(invoicing_rows.proforma(guarded.company), guarded.company.line)
    return of_retainer(second, held, "-0.01", "apply")


def _seal_more_than_invoiced(guarded: GuardedRows) -> None:
    """Billed and unbilled rows add up to nothing, and yet more is applied than there ever was."""
    held = invoiced_retainer(guarded.company)
    opened = guarded.event()
    assert held.work_item is not None
    for kind, amount in ((TransactionType.BILLED_SALES, -1500), (TransactionType.UNBILLED_SALES, 1500)):
        rows.actual(
            held.work_item,
            opened,
            type=kind,
            quantity=Decimal(amount),
            price=Decimal(1),
            amount=Decimal(amount),
            billing_type=BillingType.CHARGEABLE,
        )
    ActualEventSeal.objects.create(key=opened.seal_id, event=opened)


def _detail(guarded: GuardedRows, amount: str, use: str = "apply", **columns: object) -> InvoiceLineDetail:
    """A detail of an invoiced retainer on the company's draft, not written yet."""
    return of_retainer(guarded.draft_line, invoiced_retainer(guarded.company), amount, use, **columns)


def _first(guarded: GuardedRows, amount: str, use: str = "invoice", **columns: object) -> InvoiceLineDetail:
    """A detail of a retainer that was never invoiced."""
    return of_retainer(guarded.draft_line, retainer(guarded.company), amount, use, **columns)


def _to(of: Retainer, **columns: object) -> tuple[QuerySet, dict[str, Any]]:
    return row(of), columns


def _applied_as(guarded: GuardedRows, amount: str) -> tuple[QuerySet, dict[str, Any]]:
    return row(_applied(guarded)), {"amount": Decimal(amount), "quantity": Decimal(amount)}


@each(
    insert("a-part-invoiced", TAKES_A_PART, lambda s: _first(s, "999")),
    insert("old-claim", TAKES_A_PART, lambda s: _first(s, "1000", claim_number=2)),
    insert("more-is-given", TAKES_A_PART, lambda s: _detail(s, "1")),
    insert("not-charged", TAKES_A_PART, lambda s: _detail(s, "-1", "refund", billing_type=3)),
    insert(
        "another-customer",
        TAKES_A_PART,
        lambda s: of_retainer(_line_of_another_customer(s), invoiced_retainer(s.company), "-1", "apply"),
    ),
    insert("above-invoiced", MORE, lambda s: _detail(s, "-1000.01")),
    insert("never-invoiced", MORE, lambda s: _first(s, "-1", "apply")),
    insert("held-by-another-draft", MORE, _another_draft_takes),
    insert(
        "twice-on-a-draft", TWICE, lambda s: of_retainer(s.draft_line, _applied(s).retainer, "-1", "refund")
    ),
    update("more-applied", MORE, lambda s: _applied_as(s, "-1001")),
    update("less-than-nothing", KEEPS, lambda s: _applied_as(s, "1")),
    update("other-use", KEEPS, lambda s: (row(_applied(s)), {"retainer_use": "refund"})),
    update("other-retainer", KEEPS, lambda s: (row(_applied(s)), {"retainer": retainer(s.company)})),
    update("given-away", KEEPS, lambda s: (row(_applied(s)), {"billing_type": BillingType.COMPLIMENTARY})),
    insert("from-nowhere", STARTS, lambda s: _unsaved(s, invoiced_amount=Decimal(1000))),
    insert("starts-available", STARTS, lambda s: _unsaved(s, status=RetainerStatus.AVAILABLE)),
    insert("another-payer", PAYER, lambda s: _unsaved(s, customer=rows.customer(s.company.entity))),
    update("other-amount", TERMS, lambda s: _to(invoiced_retainer(s.company), amount=Decimal(2000))),
    update(
        "other-customer",
        TERMS,
        lambda s: _to(retainer(s.company), customer=rows.customer(s.company.entity)),
    ),
    update("unused", ADDED_UP, lambda s: _to(_applied(s).retainer, drafted_amount=Decimal(0))),
    update("invoiced-by-hand", ADDED_UP, lambda s: _to(retainer(s.company), invoiced_amount=Decimal(1000))),
    update("used-by-hand", ADDED_UP, lambda s: _to(invoiced_retainer(s.company), used_amount=Decimal(10))),
    update("step-over", STEPS, lambda s: _to(retainer(s.company), status=RetainerStatus.AVAILABLE)),
    update("refunded", STEPS, lambda s: _to(invoiced_retainer(s.company), status=RetainerStatus.REFUNDED)),
    steps("more-in-the-books", "a retainer is applied up to what was invoiced", _seal_more_than_invoiced),
)
def test_a_retainer_is_guarded(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def _unsaved(guarded: GuardedRows, **columns: object) -> Retainer:
    made = retainer(guarded.company)
    Retainer.objects.filter(pk=made.pk).delete()
    made.pk = None
    for name, value in columns.items():
        made.__dict__[Retainer._meta.get_field(name).attname] = getattr(value, "pk", value)
    return made


def test_what_a_draft_holds_is_added_up_and_given_back(guarded: GuardedRows):
    detail = _applied(guarded)
    held = row(detail.retainer)
    assert (held.get().drafted_amount, held.get().available_amount) == (400, 600)
    row(detail).update(amount=Decimal(-150), quantity=Decimal(-150))
    assert (held.get().drafted_amount, held.get().available_amount) == (150, 850)
    row(detail).delete()
    assert (held.get().drafted_amount, held.get().available_amount) == (0, 1000)
    assert not Actual.objects.filter(work_item=held.get().work_item, backlog_item__isnull=False).exists()


def test_a_contract_with_retainers_keeps_its_currency(guarded: GuardedRows):
    company = guarded.company
    contract = rows.contract(company.entity, company.customer)
    of_it = rows.contract_line(contract, company.customer, project=company.project)
    retainer(company, contract=contract, contract_line=of_it)
    with refused("a contract with retainers keeps its currency"):
        row(contract).update(currency="USD")

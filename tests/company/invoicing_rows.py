"""Drafts, claims and confirmed proformas for tests, written row by row without a verb."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from billing.models import (
    InvoiceLine,
    InvoiceLineDetail,
    Milestone,
    MilestoneShare,
    NumberSeries,
    Proforma,
    Retainer,
    Retention,
)
from billing.states import MilestoneStatus, RetainerStatus, SeriesKind
from projects.models import Actual, BacklogItem, ContractLine
from projects.states import (
    ActualOutcome,
    BillingMethod,
    BillingStatus,
    BillingType,
    EventKind,
    NotToExceedStatus,
    TransactionType,
)
from tests.company.rows import (
    CUT_OFF,
    DAY,
    NOW,
    actual,
    contract_line,
    event,
    mirror,
    next_number,
    seal,
    work_item,
)

if TYPE_CHECKING:
    from tests.company.builder import Company


def number_series(at: "Company", kind: str = SeriesKind.CUSTOMER_INVOICE, **columns: Any) -> NumberSeries:
    columns = {"year": 2026, "prefix": f"S{next_number()}", "last_number": 0} | columns
    return NumberSeries.objects.create(legal_entity=at.entity, kind=kind, **columns)


def proforma(at: "Company", **columns: Any) -> Proforma:
    """An empty draft dated on the cut-off; add lines, claim, then `add_up`."""
    columns = {
        "contract": at.contract,
        "customer": at.customer,
        "currency": "EUR",
        "invoice_date": CUT_OFF,
        "cut_off_date": CUT_OFF,
        "created_by": at.manager,
        "created_at": NOW,
    } | columns
    return Proforma.objects.create(legal_entity=at.entity, number=f"PF{next_number()}", **columns)


def line(draft: Proforma, of: ContractLine) -> InvoiceLine:
    return InvoiceLine.objects.create(proforma=draft, contract_line=of, name=of.name)


def claim(on: InvoiceLine, sales: Actual, **columns: Any) -> InvoiceLineDetail:
    """A detail that holds an open actual; its backlog item goes on the draft."""
    columns = {
        "transaction_class": sales.work_item.transaction_class,
        "transaction_date": sales.work_item.transaction_date,
        "quantity": sales.quantity,
        "unit": "h",
        "price": sales.price,
        "amount": sales.amount,
        "billing_type": sales.billing_type,
    } | columns
    held = InvoiceLineDetail.objects.create(line=on, actual=sales, **columns)
    for status, number in ((BillingStatus.READY, ""), (BillingStatus.ON_DRAFT, on.proforma.number)):
        BacklogItem.objects.filter(pk=sales.pk).update(status=status, proforma_number=number)
    return held


def detail(on: InvoiceLine, **columns: Any) -> InvoiceLineDetail:
    """A detail added by hand: one hour at 100, unless given otherwise."""
    columns = {
        "transaction_class": "fee",
        "transaction_date": DAY,
        "quantity": Decimal(1),
        "unit": "h",
        "price": Decimal(100),
        "amount": Decimal(100),
    } | columns
    return InvoiceLineDetail.objects.create(line=on, **columns)


def unsaved_detail(on: InvoiceLine, **columns: object) -> InvoiceLineDetail:
    """Eight hours at 100 that nobody has written yet, claiming what `columns` say."""
    values = {
        "transaction_class": "time",
        "transaction_date": DAY,
        "quantity": Decimal(8),
        "unit": "h",
        "price": Decimal(100),
        "amount": Decimal(800),
    }
    if "milestone_share" in columns:
        values["claim_number"] = 1
    return InvoiceLineDetail(line=on, **values | columns)


def taking_back(on: InvoiceLine, billed: Actual, **columns: object) -> InvoiceLineDetail:
    """A detail, not written yet, that takes one billed row back as it should."""
    values = {
        "corrects": billed,
        "work_item": billed.work_item,
        "quantity": -billed.quantity,
        "price": billed.price,
        "amount": -billed.amount,
        "billing_type": billed.billing_type,
    }
    return unsaved_detail(on, **values | columns)


def staying(taken_back: InvoiceLineDetail, **columns: object) -> InvoiceLineDetail:
    """Six of the eight hours stay billed beside what is taken back."""
    values = {
        "replaces": taken_back,
        "work_item": taken_back.work_item,
        "quantity": Decimal(6),
        "price": Decimal(100),
        "amount": Decimal(600),
        "billing_type": taken_back.billing_type,
    }
    return unsaved_detail(taken_back.line, **values | columns)


def milestone_share(at: "Company", amount: str = "1000") -> MilestoneShare:
    """A ready milestone of a new fixed-price line, owed by the company's customer."""
    fixed = contract_line(
        at.contract, at.customer, billing_method=BillingMethod.FIXED_PRICE, project=at.project
    )
    stone = Milestone.objects.create(contract_line=fixed, name="Go-live", due_on=DAY, amount=Decimal(amount))
    return MilestoneShare.objects.create(
        milestone=stone,
        line_customer=fixed.customers.get(),
        customer=at.customer,
        amount=Decimal(amount),
        status=MilestoneStatus.READY,
    )


def add_up(draft: Proforma) -> Proforma:
    """Set the amounts of lines and header to the sums of the chargeable details; no tax."""
    total = Decimal(0)
    for one in draft.lines.all():
        one.amount = sum(
            (each.amount for each in one.details.filter(billing_type=BillingType.CHARGEABLE)), Decimal(0)
        )
        one.save()
        total += one.amount
    draft.net_amount = draft.gross_amount = total
    draft.save()
    return draft


def draft_of(at: "Company", *sales: Actual) -> Proforma:
    """A draft of the company's line that claims these actuals, added up."""
    draft = proforma(at)
    on = line(draft, at.line)
    for each in sales:
        claim(on, each)
    return add_up(draft)


def confirm(draft: Proforma, at: "Company") -> Proforma:
    """Freeze a draft as its manager would: mirrors, billed sales and the seal, for unedited claims alone."""
    opened = event(at, EventKind.CONFIRMATION)
    draft.confirm(event=opened, by=at.manager, at=NOW)
    draft.save()
    claims = InvoiceLineDetail.objects.filter(line__proforma=draft, actual__isnull=False)
    for held in claims.select_related("actual__work_item"):
        mirror(held.actual, opened, ActualOutcome.INVOICED)
        actual(
            held.actual.work_item,
            opened,
            type=TransactionType.BILLED_SALES,
            billing_type=held.billing_type,
            quantity=held.quantity,
            price=held.price,
            amount=held.amount,
            bills=held.actual,
        )
    seal(opened)
    return draft


def beyond_its_limit(items: Any) -> int:
    """Backlog items that exceed the limit of their contract by 100."""
    return items.update(
        not_to_exceed_status=NotToExceedStatus.FAILED, exceeded_limit="contract", exceeded_by=Decimal(100)
    )


def keeping(draft: Proforma, amount: str = "80") -> Proforma:
    """The draft with an amount kept back on its one line."""
    on = draft.lines.get()
    kept = Decimal(amount)
    InvoiceLineDetail.objects.create(
        line=on,
        retention=Retention.objects.create(line=on, percent=Decimal(10), release_on=CUT_OFF),
        work_item=on.details.get().actual.work_item,  # type: ignore[union-attr]
        transaction_class="retention",
        transaction_date=DAY,
        quantity=-kept,
        unit="",
        price=Decimal(1),
        amount=-kept,
    )
    add_up(draft)
    return draft


def retainer(at: "Company", amount: str = "1000", **columns: Any) -> Retainer:
    """A ready retainer of the company's line and customer."""
    columns = {
        "contract": at.contract,
        "customer": at.customer,
        "contract_line": at.line,
        "name": "Advance",
        "invoice_on": DAY,
        "status": RetainerStatus.READY,
    } | columns
    return Retainer.objects.create(amount=Decimal(amount), **columns)


def of_retainer(on: InvoiceLine, held: Retainer, amount: str, use: str, **columns: Any) -> InvoiceLineDetail:
    """A detail, not written yet, that invoices, applies or refunds an amount of a retainer."""
    values = {
        "retainer": held,
        "retainer_use": use,
        "transaction_class": "retainer",
        "unit": "",
        "quantity": Decimal(amount),
        "price": Decimal(1),
        "amount": Decimal(amount),
        "claim_number": held.claim_number if use == "invoice" else None,
        "is_taxed_apart": use != "invoice",
    }
    return unsaved_detail(on, **values | columns)


def invoiced_retainer(at: "Company", amount: str = "1000") -> Retainer:
    """A retainer on a confirmed proforma, with its billed row and its open balance; it is available."""
    held = retainer(at, amount)
    draft = proforma(at)
    detail = of_retainer(line(draft, at.line), held, amount, "invoice")
    opened = event(at, EventKind.CONFIRMATION)
    item = work_item(
        at, opened, transaction_class="retainer", unit="", quantity=Decimal(0), amount=Decimal(0)
    )
    detail.work_item = item
    detail.save()
    add_up(draft)
    draft.confirm(event=opened, by=at.manager, at=NOW)
    draft.save()
    terms = {"price": Decimal(1), "billing_type": BillingType.CHARGEABLE}
    for kind, signed in (
        (TransactionType.BILLED_SALES, Decimal(amount)),
        (TransactionType.UNBILLED_SALES, -Decimal(amount)),
    ):
        actual(item, opened, type=kind, quantity=signed, amount=signed, **terms)
    seal(opened)
    Retainer.objects.filter(pk=held.pk).update(work_item=item)
    for status in (RetainerStatus.ON_DRAFT, RetainerStatus.AVAILABLE):
        Retainer.objects.filter(pk=held.pk).update(status=status)
    return Retainer.objects.get(pk=held.pk)


def status_of(*actuals: Any) -> list[str]:
    """The billing status of each of these open actuals, as the backlog has it."""
    states = dict(BacklogItem.objects.values_list("pk", "status"))
    return [states[one.pk] for one in actuals]

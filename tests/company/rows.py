"""Rows of a company's work without a verb: each function writes the fewest rows that the database accepts.

Everything is in euros, dates in March 2026. Call them inside a transaction: what must be sealed is sealed
here, so each of them leaves rows that may be committed.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

from projects.models import (
    Actual,
    ActualEvent,
    ActualEventSeal,
    Approval,
    ApprovalDelegation,
    ApprovalReason,
    ApprovalRule,
    ContractLine,
    ContractLineCustomer,
    Customer,
    Entry,
    FiscalSpan,
    LegalEntity,
    PaymentTerms,
    PriceList,
    Project,
    ProjectContract,
    RecallRequest,
    RolePrice,
    Task,
    WorkItem,
)
from projects.states import (
    ActualOutcome,
    BillingMethod,
    BillingType,
    ContractStatus,
    EntryStatus,
    EventKind,
    PriceContext,
    TransactionClass,
    TransactionType,
)

if TYPE_CHECKING:
    from tests.company.builder import Company

DAY = date(2026, 3, 2)
CUT_OFF = date(2026, 3, 31)
NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
_numbers = count(1)


def next_number() -> int:
    """A number that no other row of this test run carries."""
    return next(_numbers)


def user(name: str = "person") -> Any:
    return get_user_model().objects.create_user(f"{name}{next_number()}")


def moment_for(day: date) -> datetime:
    """Now, or the noon of a day that is too far ahead to be entered now."""
    return max(NOW, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def fiscal_days(
    entity: LegalEntity, first: date = date(2014, 1, 1), last: date = date(2026, 12, 31)
) -> FiscalSpan:
    """Days on which entries may be dated, as fiscal periods open them, without the periods."""
    return FiscalSpan.objects.create(
        period_key=-next_number(),
        legal_entity=entity,
        starts_on=first,
        ends_on=last,
    )


def terms(net_days: int = 30, **columns: Any) -> PaymentTerms:
    """Payment terms of so many days net, made once."""
    name = f"{net_days} days net" if not columns else f"Terms {next_number()}"
    made, _new = PaymentTerms.objects.get_or_create(name=name, defaults={"net_days": net_days, **columns})
    return made


def customer(entity: LegalEntity, **columns: Any) -> Customer:
    number = next_number()
    columns = {"name": f"Customer {number}", "short_name": f"C{number}", "currency": "EUR"} | columns
    return Customer.objects.create(
        legal_entity=entity, number=f"C{number}", billing_address="1 Road", **columns
    )


def contract_line(contract: ProjectContract, payer: Customer, **columns: Any) -> ContractLine:
    """A time-and-material line for one customer, who pays all of it."""
    columns = {"name": "Hours", "billing_method": BillingMethod.TIME_AND_MATERIAL} | columns
    line = ContractLine.objects.create(contract=contract, number=contract.lines.count() + 1, **columns)
    ContractLineCustomer.objects.create(
        contract_line=line, customer=payer, split_percent=Decimal(100), is_rounding=True
    )
    return line


def contract(entity: LegalEntity, payer: Customer, **columns: Any) -> ProjectContract:
    columns = {"currency": "EUR", "status": ContractStatus.CONFIRMED, "confirmed_at": NOW} | columns
    number = f"PC{next_number()}"
    return ProjectContract.objects.create(
        legal_entity=entity, number=number, name=number, customer=payer, **columns
    )


def project(at: "Company", **columns: Any) -> Project:
    """Another project of the company's customer, which no contract covers yet."""
    number = next_number()
    columns = {"customer": at.customer, "name": f"Project {number}"} | columns
    return Project.objects.create(legal_entity=at.entity, number=f"P{number}", **columns)


def task(of: Project, code: str) -> Task:
    return Task.objects.create(project=of, code=code, name=f"Task {code}")


def draft_contract(at: "Company", on: Project | None = None, **columns: Any) -> ProjectContract:
    """A draft over a project, another one unless it is given, with one line by time and material."""
    made = contract(at.entity, at.customer, status=ContractStatus.DRAFT, confirmed_at=None, **columns)
    contract_line(made, at.customer, project=on or project(at))
    return made


def event(at: "Company", kind: int = EventKind.APPROVAL) -> ActualEvent:
    """An event that is still open: write its actuals, then seal it."""
    return ActualEvent.objects.create(
        kind=kind, legal_entity=at.entity, actor=at.manager, happened_on=DAY, recorded_at=NOW
    )


def seal(opened: ActualEvent) -> ActualEventSeal:
    return ActualEventSeal.objects.create(key=opened.seal_id, event=opened)


def work_item(
    at: "Company", opened: ActualEvent, hours: str = "8", price: str = "100", **columns: Any
) -> WorkItem:
    columns = {
        "contract": at.contract,
        "contract_line": at.line,
        "customer": at.customer,
        "project": at.project,
        "role": at.role,
        "resource": at.resource,
        "transaction_class": TransactionClass.TIME,
        "transaction_date": DAY,
        "quantity": Decimal(hours),
        "amount": Decimal(hours) * Decimal(price),
        "unit": "h",
        "currency": "EUR",
        "cost_currency": "EUR",
    } | columns
    return WorkItem.objects.create(legal_entity=at.entity, event=opened, **columns)


def actual(item: WorkItem, opened: ActualEvent, **columns: Any) -> Actual:
    """An actual about a work item; unless given, its unbilled sales at the item's own quantity and amount."""
    columns = {
        "type": TransactionType.UNBILLED_SALES,
        "billing_type": BillingType.CHARGEABLE,
        "quantity": item.quantity,
        "price": item.amount / item.quantity if item.quantity else Decimal(0),
        "amount": item.amount,
        "accounting_date": DAY,
    } | columns
    return Actual.objects.create(work_item=item, event=opened, **columns)


def cost(item: WorkItem, opened: ActualEvent, price: str = "40") -> Actual:
    amount = item.quantity * Decimal(price)
    return actual(item, opened, type=TransactionType.COST, price=Decimal(price), amount=amount)


def mirror(
    original: Actual, opened: ActualEvent, outcome: int = ActualOutcome.INVOICED, **columns: Any
) -> Actual:
    """The exact negation of an original; `columns` spoil it for tests of refusals."""
    columns = {
        "type": original.type,
        "billing_type": original.billing_type,
        "quantity": -original.quantity,
        "price": original.price,
        "amount": -original.amount,
        "reverses": original,
        "outcome": outcome,
    } | columns
    return actual(original.work_item, opened, **columns)


def approved_hours(at: "Company", hours: str = "8", price: str = "100", **columns: Any) -> Actual:
    """What an approval leaves: sealed event, work item, cost, open unbilled sales; the last is returned."""
    opened = event(at)
    item = work_item(at, opened, hours, price, **columns)
    cost(item, opened)
    sales = actual(item, opened)
    seal(opened)
    return sales


def entry(at: "Company", **columns: Any) -> Entry:
    """Eight hours of the company's worker, submitted."""
    columns = {
        "transaction_class": TransactionClass.TIME,
        "project": at.project,
        "resource": at.resource,
        "role": at.role,
        "date": DAY,
        "quantity": Decimal(8),
        "status": EntryStatus.SUBMITTED,
    } | columns
    return Entry.objects.create(legal_entity=at.entity, **columns)


def approval(at: "Company", **columns: Any) -> Approval:
    """The submission of those hours, at a cost of 40 and a price of 100, waiting for a decision."""
    columns = {
        "entry": columns.pop("entry", None) or entry(at),
        "contract_line": at.line,
        "submitted_quantity": Decimal(8),
        "proposed_quantity": Decimal(8),
        "proposed_amount": Decimal(800),
        "priced_quantity": Decimal(8),
        "priced_amount": Decimal(800),
        "billable_quantity": Decimal(8),
        "cost_price": Decimal(40),
        "cost_amount": Decimal(320),
        "cost_currency": "EUR",
        "sales_price": Decimal(100),
        "sales_amount": Decimal(800),
        "sales_currency": "EUR",
        "worker": at.worker,
        "submitted_by": at.worker,
        "submitted_at": NOW,
    } | columns
    return Approval.objects.create(**columns)


def recall_request(at: "Company", **columns: Any) -> RecallRequest:
    """An approval that the manager gave, and that the worker asks back."""
    asked = entry(at, status=EntryStatus.RECALL_REQUESTED)
    decided = approval(at, entry=asked, status="approved", decided_by=at.manager, decided_at=NOW)
    columns = {"reason": "Wrong day", "requested_by": at.worker, "requested_at": NOW} | columns
    return RecallRequest.objects.create(approval=decided, **columns)


def price_list(at: "Company", hour: str = "100", **columns: Any) -> PriceList:
    """Sales prices of the company's contract, by which an hour of its role has this price."""
    columns = {"context": PriceContext.SALES, "currency": "EUR", "contract": at.contract} | columns
    made = PriceList.objects.create(legal_entity=at.entity, name=f"Prices {next_number()}", **columns)
    RolePrice.objects.create(price_list=made, role=at.role, price=Decimal(hour))
    return made


def approval_rule(at: "Company", kind: str, effect: str = "flag", **columns: Any) -> ApprovalRule:
    """A rule of the company's approval policy, written by its manager."""
    columns = {"author": at.manager, "written_at": NOW} | columns
    return ApprovalRule.objects.create(legal_entity=at.entity, kind=kind, effect=effect, **columns)


def reason(of: ApprovalRule, about: Approval, measured: Decimal | None = None) -> ApprovalReason:
    """What a rule found about a submission."""
    return ApprovalReason.objects.create(
        approval=about, rule=of, kind=of.kind, effect=of.effect, number=of.number, measured=measured
    )


def delegation(delegator: Any, stand_in: Any, **columns: Any) -> ApprovalDelegation:
    """A stand-in for one day."""
    columns = {"starts_on": DAY, "ends_on": DAY, "named_at": NOW} | columns
    return ApprovalDelegation.objects.create(delegator=delegator, stand_in=stand_in, **columns)


def uncovered(at: "Company", **columns: Any) -> Approval:
    """Eight approved hours on a project of the customer that no contract covers."""
    site = columns.pop("project", None) or project(at)
    return approval(
        at,
        entry=entry(at, project=site, status=EntryStatus.APPROVED),
        contract_line=None,
        status="approved",
        decided_by=at.manager,
        decided_at=NOW,
        billing_type=BillingType.NOT_AVAILABLE,
        **columns,
    )

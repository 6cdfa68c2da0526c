"""The headline job through the product's own verbs: drafts, confirmation, posted invoices."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounting.invoicing import post_proposals
from accounting.models import CustomerInvoice, IntegrationJournal, InvoiceProposal
from accounting.posting import post_journals
from accounting.pulling import pull_journals, pull_proposals
from accounting.setting_up import create_books
from bench.bare_sql import PER_CONTRACT, run_bare_sql
from bench.measuring import Measured, measured
from billing.confirm_warnings import ticks_of
from billing.confirming import confirm_proformas
from billing.drafting import draft_contracts
from billing.marking_ready import mark_ready
from billing.models import Proforma
from billing.states import ProformaStatus
from core.money import HUNDRED
from projects.contracting import confirm_contracts
from projects.models import (
    Actual,
    ActualEvent,
    BacklogItem,
    ContractLine,
    ContractLineCustomer,
    Customer,
    ItemSalesTaxGroup,
    LegalEntity,
    Project,
    ProjectContract,
    Resource,
    Role,
    SalesTaxGroup,
    TaxCode,
    TaxRule,
    TransactionCategory,
    WorkItem,
)
from projects.querysets import ContractQuerySet
from projects.recording import open_event, record_actuals, record_events, record_work_items, seal_events
from projects.setting_up import create_legal_entity
from projects.states import BillingMethod, EventKind, TaxKind, TransactionClass, TransactionType

FIRST = date(2026, 1, 1)
LAST = date(2026, 10, 31)
DAYS = 300
HOURS, COST, RATE = Decimal(8), Decimal(100), Decimal(200)
ROWS = 5000
SET_OF_CONTRACTS = 200
LINES_OF_HOUR = 2
"""Lines of an hour in a journal: its cost and its unbilled sales."""


class World:
    """N ready unbilled-sales actuals over N/100 contracts of two lines each, in their own legal entity."""

    def __init__(self, n: int):
        users = get_user_model().objects
        self.n, self.now = n, timezone.now()
        self.manager = users.create(username="bench-manager")
        self.accountant = users.create(username="bench-accountant")
        self.entity: LegalEntity = create_legal_entity(
            LegalEntity(
                code="bench", name="Bench", short_name="Bench", currency="EUR", address="1 Example Street"
            ),
            actor=self.manager,
            at=self.now,
        )
        create_books(self.entity, first_day=FIRST, last_day=LAST, actor=self.manager, at=self.now)
        self.role = Role.objects.create(name="Bench role")
        self.tax_group = SalesTaxGroup.objects.create(code="bench", name="Bench customers")
        items = ItemSalesTaxGroup.objects.create(code="bench", name="Bench work")
        code = TaxCode.objects.create(code="bench", name="Bench", kind=TaxKind.EXEMPT, reason_en="Measured")
        TaxRule.objects.create(sales_tax_group=self.tax_group, item_sales_tax_group=items, tax_code=code)
        self.category = TransactionCategory.objects.create(
            name="Bench work", transaction_class=TransactionClass.TIME, unit="h", item_sales_tax_group=items
        )
        self.person = Resource.objects.create(legal_entity=self.entity, code="B1", name="Bench person")

    def build(self) -> None:
        """Agreements, then work in transactions of some thousand rows, each sealed, then the journal."""
        lines = self.agree(self.n // PER_CONTRACT)
        for start in range(0, self.n, ROWS):
            self.record(lines, range(start, min(start + ROWS, self.n)))
        self.make_ready()

    def make_ready(self) -> None:
        """Mark ready what may be marked, in sets."""
        items = BacklogItem.objects.filter(contract__legal_entity=self.entity).markable()
        for keys in _sets(items, ROWS):
            mark_ready(BacklogItem.objects.filter(pk__in=keys), actor=self.manager, at=self.now)

    def contracts(self) -> ContractQuerySet:
        return ProjectContract.objects.filter(legal_entity=self.entity)

    def agree(self, count: int) -> list[ContractLine]:
        """Confirmed contracts with a customer of their own and two lines, each for a project of its own."""
        # Numbers go on where those of an earlier call ended.
        known = self.contracts().count()
        numbers = range(known + 1, known + count + 1)
        customers = Customer.objects.bulk_create(self._customer(i) for i in numbers)
        projects = self._projects(range(2 * known + 1, 2 * (known + count) + 1))
        contracts = ProjectContract.objects.bulk_create(
            ProjectContract(
                legal_entity=self.entity,
                number=f"B{i}",
                name=f"Contract {i}",
                customer=customer,
                currency="EUR",
            )
            for i, customer in zip(numbers, customers, strict=True)
        )
        lines = ContractLine.objects.bulk_create(
            ContractLine(
                contract=contracts[index // 2],
                number=index % 2 + 1,
                name=f"Line {index}",
                billing_method=BillingMethod.TIME_AND_MATERIAL,
                project=project,
            )
            for index, project in enumerate(projects)
        )
        ContractLineCustomer.objects.bulk_create(
            ContractLineCustomer(
                contract_line=line, customer=line.contract.customer, split_percent=HUNDRED, is_rounding=True
            )
            for line in lines
        )
        drafts = ProjectContract.objects.filter(pk__in=[one.pk for one in contracts])
        confirm_contracts(drafts, actor=self.manager, on=self.now.date(), at=self.now)
        return lines

    def _customer(self, number: int) -> Customer:
        return Customer(
            legal_entity=self.entity,
            number=f"K{number}",
            name=f"Customer {number}",
            currency="EUR",
            sales_tax_group=self.tax_group,
        )

    def _projects(self, numbers: range) -> list[Project]:
        return Project.objects.bulk_create(
            Project(legal_entity=self.entity, number=f"P{i}", name=f"Project {i}") for i in numbers
        )

    def record(self, lines: list[ContractLine], numbers: Iterable[int]) -> None:
        """Approved work of these numbers, which say on which line and day each piece lies."""
        with transaction.atomic():
            (event,) = record_events(
                [open_event(EventKind.APPROVAL, self.entity, actor=self.manager, on=LAST, at=self.now)]
            )
            items = record_work_items(self._item(lines, event, number) for number in numbers)
            record_actuals(row for item in items for row in _rows(item))
            seal_events([event])

    def line_of(self, lines: list[ContractLine], number: int) -> ContractLine:
        """The line of a piece of work: so many pieces for each contract, in turn on its two lines."""
        return lines[2 * (number // PER_CONTRACT) + number % 2]

    def _item(self, lines: list[ContractLine], event: ActualEvent, number: int) -> WorkItem:
        line = self.line_of(lines, number)
        return WorkItem(
            legal_entity=self.entity,
            event=event,
            contract=line.contract,
            contract_line=line,
            customer_id=line.contract.customer_id,
            project_id=line.project_id,
            role=self.role,
            resource=self.person,
            category=self.category,
            transaction_class=TransactionClass.TIME,
            transaction_date=FIRST + timedelta(days=number % DAYS),
            unit="h",
            currency="EUR",
            cost_currency="EUR",
            quantity=HOURS,
            amount=HOURS * RATE,
            description=f"Work worth paying for {number}",
            external_description=f"Work worth paying for {number}",
        )


def bench_billing(n: int, *, set_size: int = SET_OF_CONTRACTS) -> dict[str, Any]:
    """Run the job in bare SQL, by the verbs, and in bare SQL again; check its sums; return all figures.

    On an empty scratch database.
    """
    bare_runs = [run_bare_sql(n)]
    world = World(n)
    with measured("build") as build:
        world.build()
    with measured("journal") as journal:
        pull_journals(world.entity, actor=world.accountant, at=world.now)
        drafts = IntegrationJournal.objects.filter(legal_entity=world.entity)
        post_journals(drafts, actor=world.accountant, at=world.now)
    settle()
    steps = list(job(world, set_size))
    bare_runs.append(run_bare_sql(n))
    _check(world)
    return _report(n, bare_runs, [build, journal], steps)


def open_drafts(world: World) -> QuerySet[Proforma]:
    """Proformas that are not confirmed yet."""
    return Proforma.objects.filter(legal_entity=world.entity, status=ProformaStatus.DRAFT)


def job(world: World, size: int) -> Iterator[Measured]:
    """Draft, confirm and post all that is ready, in sets of contracts; each step with its figures."""
    with measured("create") as create:
        for keys in _sets(world.contracts(), size):
            chosen = ProjectContract.objects.filter(pk__in=keys)
            draft_contracts(chosen, invoice_date=LAST, actor=world.manager, at=world.now)
    yield create
    with measured("confirm") as confirm:
        for keys in _sets(open_drafts(world), size):
            drafts = Proforma.objects.filter(pk__in=keys)
            confirm_proformas(drafts, actor=world.manager, at=world.now, accepted=ticks_of(drafts))
    yield confirm
    with measured("post") as post:
        confirmed = Proforma.objects.waiting_for_posting().filter(legal_entity=world.entity)
        pull_proposals(confirmed, at=world.now).count_or_raise()
        for keys in _sets(InvoiceProposal.objects.unposted().filter(legal_entity=world.entity), size):
            post_proposals(InvoiceProposal.objects.filter(pk__in=keys), actor=world.accountant, at=world.now)
    yield post


def _rows(item: WorkItem) -> Iterator[Actual]:
    for kind, price in ((TransactionType.COST, COST), (TransactionType.UNBILLED_SALES, RATE)):
        yield Actual(
            work_item=item,
            event=item.event,
            type=kind,
            billing_type=1,
            quantity=HOURS,
            price=price,
            amount=HOURS * price,
            accounting_date=item.transaction_date,
        )


def _sets(rows: QuerySet[Any], size: int) -> Iterator[list[int]]:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return (keys[start : start + size] for start in range(0, len(keys), size))


def settle() -> None:
    """Let the database count what was just built, as it does by itself in the shop."""
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze" if connection.vendor == "postgresql" else "analyze")


def _check(world: World) -> None:
    net = CustomerInvoice.objects.filter(legal_entity=world.entity).aggregate(net=Sum("net_amount"))["net"]
    expected = world.n * HOURS * RATE
    left = BacklogItem.objects.filter(contract__legal_entity=world.entity).count()
    if (net, left) != (expected, 0):
        raise AssertionError(f"billed {net} of {expected}, {left} left in the backlog")


def _report(
    n: int, bare_runs: list[dict[str, float]], before: list[Measured], steps: list[Measured]
) -> dict[str, Any]:
    bare_steps = {step: min(one[step] for one in bare_runs) for step in bare_runs[0]}
    seconds, journal = sum(step.seconds for step in steps), before[-1]
    bare = sum(bare_steps.values())
    return {
        "database": connection.vendor,
        "n": n,
        "before": [step.row(n) for step in before],
        "steps": [
            step.row(n)
            | {
                "bare_seconds": round(bare_steps[step.name], 2),
                "ratio": round(step.seconds / bare_steps[step.name], 2),
            }
            for step in steps
        ],
        "total": {
            "seconds": round(seconds, 2),
            "per_second": round(n / seconds),
            "bare_seconds": round(bare, 2),
            "bare_per_second": round(n / bare),
            "ratio": round(seconds / bare, 2),
            # What a line of a journal takes beside a line of an invoice: an hour is two and one of them.
            "journal_line_to_invoice_line": round(journal.seconds / LINES_OF_HOUR / steps[-1].seconds, 2),
        },
    }

"""Confirm many contracts at once, each over a project on which work was approved before (A3, #13)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from bench.billing import World
from bench.measuring import growths, measured
from core.money import HUNDRED
from projects.approving import approve_entries
from projects.contracting import confirm_contracts
from projects.models import (
    Approval,
    BacklogItem,
    ContractLine,
    ContractLineCustomer,
    Customer,
    Entry,
    PriceList,
    Project,
    ProjectContract,
    RolePrice,
)
from projects.querysets import ContractQuerySet
from projects.states import BillingMethod, ContractStatus, PriceContext, TransactionClass
from projects.submitting import submit_entries

WORKED_ON = date(2026, 3, 2)
PRICES = ((PriceContext.COST, 100), (PriceContext.SALES, 200))
PARTS = (4, 2, 1)
"""The job is also done for a quarter and a half of the contracts, to see how it grows."""


def bench_contracts(n: int) -> dict[str, Any]:
    """Confirm n/4 contracts, then n/2 and n others; the exponents say how the time grows with them."""
    world = World(0)
    _write_prices(world)
    steps, rows, counts = [], [], [max(n // part, 1) for part in PARTS]
    for count in counts:
        contracts = _draft(world, count)
        with measured(f"confirm {count}") as figures:
            confirm_contracts(contracts, actor=world.manager, on=WORKED_ON, at=world.now)
        steps.append(figures)
        rows.append(figures.row(count))
    confirmed = ProjectContract.objects.filter(status=ContractStatus.CONFIRMED).count()
    sold = BacklogItem.objects.count()
    if (confirmed, sold) != (sum(counts), sum(counts)):
        raise AssertionError(f"{confirmed} contracts confirmed and {sold} entries sold, not {sum(counts)}")
    growth = growths("confirm", list(zip(counts, steps, strict=True)))
    total = {"contracts": confirmed, "entries_written_again": sold, **growth}
    return {"database": connection.vendor, "n": n, "before": [], "steps": rows, "total": total}


def _write_prices(world: World) -> None:
    for context, price in PRICES:
        prices = PriceList.objects.create(
            legal_entity=world.entity, name=f"Bench {context}", context=context, currency="EUR"
        )
        RolePrice.objects.create(price_list=prices, role=world.role, price=Decimal(price))


def _draft(world: World, count: int) -> ContractQuerySet:
    """Draft contracts of one line each, and an approved entry on each of their projects."""
    first = Project.objects.count() + 1
    numbers = range(first, first + count)
    customer = Customer.objects.create(
        legal_entity=world.entity, number=f"K{first}", name=f"Customer {first}", currency="EUR"
    )
    projects = Project.objects.bulk_create(
        Project(legal_entity=world.entity, number=f"P{nth}", name=f"Project {nth}", customer=customer)
        for nth in numbers
    )
    # Before there is any contract, so that the work lies on no line.
    _approve(world, _work_on(world, projects))
    return _agree(world, customer, projects)


def _work_on(world: World, projects: Sequence[Project]) -> list[int]:
    """An entry of a few seconds on each project, so that they fit into one day; their keys."""
    entries = Entry.objects.bulk_create(
        Entry(
            legal_entity=world.entity,
            transaction_class=TransactionClass.TIME,
            project=project,
            resource=world.person,
            role=world.role,
            date=WORKED_ON,
            quantity=Decimal("0.001"),
            description="Bench",
        )
        for project in projects
    )
    return [entry.pk for entry in entries]


def _agree(world: World, customer: Customer, projects: Sequence[Project]) -> ContractQuerySet:
    with transaction.atomic():
        contracts = ProjectContract.objects.bulk_create(
            ProjectContract(
                legal_entity=world.entity,
                number=f"B{project.pk}",
                name=project.name,
                customer=customer,
                currency="EUR",
            )
            for project in projects
        )
        lines = ContractLine.objects.bulk_create(
            ContractLine(
                contract=contract,
                number=1,
                name="Hours",
                billing_method=BillingMethod.TIME_AND_MATERIAL,
                project=project,
            )
            for contract, project in zip(contracts, projects, strict=True)
        )
        ContractLineCustomer.objects.bulk_create(
            ContractLineCustomer(
                contract_line=line, customer=customer, split_percent=HUNDRED, is_rounding=True
            )
            for line in lines
        )
    return ProjectContract.objects.filter(pk__in=[one.pk for one in contracts])


def _approve(world: World, keys: list[int]) -> None:
    entries = Entry.objects.filter(pk__in=keys)
    submit_entries(entries, actor=world.accountant, at=world.now)
    approve_entries(Approval.objects.filter(entry__in=keys), actor=world.manager, on=WORKED_ON, at=world.now)

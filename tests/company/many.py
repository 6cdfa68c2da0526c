"""Hundreds of contracts of one company, each with work of a day: rows in bulk, then the verbs on all."""

from datetime import date

from billing.models import Proforma
from projects.approving import approve_entries
from projects.models import (
    Approval,
    ContractLine,
    ContractLineCustomer,
    Customer,
    Entry,
    Project,
    ProjectContract,
)
from projects.states import BillingMethod, ContractStatus
from projects.submitting import submit_entries
from tests.company.builder import Company
from tests.company.rows import DAY, NOW, moment_for, next_number


def many_contracts(company: Company, count: int) -> list[ProjectContract]:
    """Confirmed contracts by time and material, each with a customer and a project of its own."""
    first = next_number()
    names = [f"M{first}-{nth:03d}" for nth in range(count)]
    group = Customer.objects.get(pk=company.customer.pk).sales_tax_group
    customers = Customer.objects.bulk_create(
        Customer(
            legal_entity=company.entity,
            number=name,
            name=f"Customer {name}",
            short_name=name,
            currency="EUR",
            billing_address="1 Road",
            sales_tax_group=group,
        )
        for name in names
    )
    projects = Project.objects.bulk_create(
        Project(legal_entity=company.entity, number=one.number, name=one.name, customer=one)
        for one in customers
    )
    contracts = ProjectContract.objects.bulk_create(
        ProjectContract(
            legal_entity=company.entity,
            number=one.number,
            name=one.name,
            customer=one,
            currency="EUR",
            status=ContractStatus.CONFIRMED,
            confirmed_at=NOW,
            manager=company.manager,
        )
        for one in customers
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
            contract_line=line, customer=contract.customer, split_percent=100, is_rounding=True
        )
        for contract, line in zip(contracts, lines, strict=True)
    )
    return contracts


def work_on(company: Company, contracts: list[ProjectContract], *, on: date = DAY) -> None:
    """An hour of material at 200 on each contract, submitted and approved."""
    projects = Project.objects.filter(contract_lines__contract__in=contracts).order_by("pk")
    Entry.objects.bulk_create(
        Entry(
            legal_entity=company.entity,
            transaction_class="material",
            project=project,
            date=on,
            quantity=1,
            unit="pcs",
            price=100,
            product="Cable",
            category=company.categories["material"],
            description=f"Cable for {project.number}",
        )
        for project in projects
    )
    entries = Entry.objects.filter(project__in=projects)
    submitted = submit_entries(entries, actor=company.worker, at=moment_for(on))
    approvals = Approval.objects.filter(pk__in=[one.pk for one in submitted])
    approve_entries(approvals, actor=company.manager, on=on, at=NOW)


def many_confirmed(company: Company, count: int) -> list[Proforma]:
    """So many confirmed proformas of 200 each, one for each contract."""
    work_on(company, many_contracts(company, count))
    company.ready()
    return company.confirm(*company.drafts())

"""What the demo company agreed: customers, projects, teams, contracts with lines, milestones, schedules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounting.models import CostRevenueProfile, CostRevenueRule
from billing.models import InvoiceFrequency, Milestone, MilestoneShare
from billing.scheduling import generate_schedule
from config.demo.days import Days, months_after
from projects.contracting import confirm_contracts, hold_contracts
from projects.models import (
    ContractLine,
    ContractLineCustomer,
    Customer,
    LegalEntity,
    Project,
    ProjectContract,
    Resource,
    SalesTaxGroup,
    Task,
    TeamMember,
)
from projects.money import minor_places, share_out
from projects.states import BillingMethod

HOURS, FIXED = BillingMethod.TIME_AND_MATERIAL, BillingMethod.FIXED_PRICE

CUSTOMERS = (
    # number, name, short name, address, country, VAT id, language, currency, days, tax group
    ("K-1001", "Alster Logistik AG", "Alster", "Speicherstraße 7\n20457 Hamburg", "DE", "DE000000101", "de", "EUR", 30, "domestic"),
    ("K-1002", "Alster Terminal GmbH", "Alster Terminal", "Kai 9\n21129 Hamburg", "DE", "DE000000102", "de", "EUR", 30, "domestic"),
    ("K-1003", "Ostwind Energie GmbH", "Ostwind", "Am Deich 3\n18055 Rostock", "DE", "DE000000103", "de", "EUR", 14, "domestic"),
    ("K-1004", "Lindenhof Verlag GmbH", "Lindenhof", "Lindenallee 22\n04109 Leipzig", "DE", "DE000000104", "de", "EUR", 30, "domestic"),
    ("K-1005", "Brabant Foods NV", "Brabant Foods", "Molenweg 48\n4811 Breda\nNetherlands", "NL", "NL000000105B01", "en-gb", "EUR", 30, "eu"),
    ("K-1006", "Fjellvik Assuranse ASA", "Fjellvik", "Bryggegata 5\n5003 Bergen\nNorway", "NO", "NO000000106MVA", "en-gb", "EUR", 45, "export"),
    ("K-1007", "Harbour & Pine Ltd", "Harbour & Pine", "18 Quay Lane\nBristol BS1 0AA\nUnited Kingdom", "GB", "GB000000107", "en-gb", "GBP", 30, "export"),
    ("K-1008", "PT Samudra Kencana", "Samudra", "Jalan Pelabuhan 14\nSurabaya 60177\nIndonesia", "ID", "", "id", "EUR", 30, "export"),
)  # fmt: skip

PROJECTS = (
    # number, name, customer, manager, group, team, tasks
    ("P-101", "Data platform", "K-1001", "katrin", "Data", "mia chiara aulia", ("Ingest", "Data model", "Reporting", "Steering")),
    ("P-102", "Operations support", "K-1001", "katrin", "Services", "mia tom", ("Incidents", "Changes", "On call")),
    ("P-103", "ERP rollout", "K-1005", "katrin", "Rollouts", "mia chiara jonas", ("Process design", "Interfaces", "Cut-over", "Training")),
    ("P-104", "Grid portal", "K-1003", "jonas", "Portals", "tom katrin", ("Portal", "Metering feed", "Acceptance")),
    ("P-105", "Gate automation", "K-1001", "katrin", "Rollouts", "chiara aulia jonas", ("Gate design", "Camera trial", "Integration")),
    ("P-106", "Claims analytics", "K-1006", "jonas", "Data", "tom chiara katrin", ("Claims model", "Dashboards", "Steering")),
    ("P-107", "Pricing engine", "K-1007", "jonas", "Portals", "tom aulia", ("Rules", "Simulation", "Rollout")),
    ("P-108", "Warehouse app", "K-1008", "katrin", "Portals", "aulia mia", ("Stock-take screens", "Handhelds", "Go-live")),
    ("P-109", "Editorial workflow", "K-1004", "jonas", "Portals", "chiara tom", ("Workflow", "Print run")),
    ("P-110", "Forecast service", "K-1003", "jonas", "Data", "mia katrin", ("Concept",)),
    ("P-000", "Internal", None, "katrin", "Internal", "mia chiara aulia tom jonas", ("Team meeting", "Learning")),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One contract line; `payers` as (customer, percent), the first of them takes the rounding."""

    name: str
    method: str
    project: str
    payers: tuple[tuple[str, str], ...]
    tasks: tuple[str, ...] = ()
    amount: str | None = None
    frequency: str = ""
    limit: str | None = None


@dataclass(frozen=True)
class Deal:
    """One contract; `ending` is draft for a deal that is still being talked about."""

    serial: int
    name: str
    customer: str
    manager: str
    lines: tuple[Line, ...]
    currency: str = "EUR"
    limit: str | None = None
    order: str = ""
    accrues: bool = False
    is_draft: bool = False

    @property
    def number(self) -> str:
        """The contract's number without its year."""
        return f"{self.serial:03d}"


MONTHLY, FORTNIGHTLY = "Monthly on the 1st", "Every second Monday"


def _alone(customer: str) -> tuple[tuple[str, str], ...]:
    return ((customer, "100"),)


DEALS = (
    Deal(1, "Data platform", "K-1001", "katrin",
         (Line("Data platform, by the hour", HOURS, "P-101", _alone("K-1001"), frequency=MONTHLY),),
         limit="180000", order="4500017733", accrues=True),
    Deal(2, "Operations support", "K-1001", "katrin",
         (Line("Operations support", HOURS, "P-102", _alone("K-1001"), frequency=FORTNIGHTLY),), order="4500018102"),
    Deal(3, "ERP rollout", "K-1005", "katrin",
         (Line("Rollout, by the hour", HOURS, "P-103", _alone("K-1005"), frequency=MONTHLY,
               tasks=("Process design", "Interfaces", "Cut-over"), limit="95000"),
          Line("Key-user training", FIXED, "P-103", _alone("K-1005"), tasks=("Training",), amount="27000")),
         order="BF-2291"),
    Deal(4, "Grid portal", "K-1003", "jonas",
         (Line("Grid portal, fixed price", FIXED, "P-104", _alone("K-1003"), amount="96000"),), order="OW-77-0412"),
    Deal(5, "Gate automation", "K-1001", "katrin",
         (Line("Gate automation, shared", FIXED, "P-105", (("K-1001", "60"), ("K-1002", "40")), amount="64999.99"),)),
    Deal(6, "Claims analytics", "K-1006", "jonas",
         (Line("Claims analytics", HOURS, "P-106", _alone("K-1006"), frequency=MONTHLY),), accrues=True),
    Deal(7, "Pricing engine", "K-1007", "jonas",
         (Line("Pricing engine", HOURS, "P-107", _alone("K-1007"), frequency=MONTHLY),), currency="GBP",
         order="PO-88120"),
    Deal(8, "Warehouse app", "K-1008", "katrin",
         (Line("Warehouse app", HOURS, "P-108", _alone("K-1008"), frequency=MONTHLY),), accrues=True),
    Deal(9, "Editorial workflow", "K-1004", "jonas",
         (Line("Editorial workflow", HOURS, "P-109", _alone("K-1004"), frequency=MONTHLY),)),
    Deal(10, "Forecast service", "K-1003", "jonas",
         (Line("Forecast service", HOURS, "P-110", _alone("K-1003")),), is_draft=True),
)  # fmt: skip


def agree(entity: LegalEntity, people: dict[str, Any], days: Days) -> dict[int, ProjectContract]:
    """Write customers, projects and draft contracts; confirm all but one. Returns contracts by serial."""
    customers = _customers(entity)
    _projects(entity, people, customers)
    contracts = {deal.serial: _contract(entity, deal, people, customers, days) for deal in DEALS}
    _milestones(contracts, days)
    begun = days.at(days.told[0], "08:30")
    for login in ("katrin", "jonas"):
        serials = [deal.serial for deal in DEALS if deal.manager == login and not deal.is_draft]
        mine = ProjectContract.objects.filter(pk__in=[contracts[serial].pk for serial in serials])
        confirm_contracts(mine, actor=people[login], at=begun)
    _schedules(contracts, people, days)
    return contracts


def hold_editorial_work(contracts: dict[int, ProjectContract], people: dict[str, Any], days: Days) -> None:
    """The publisher asked to wait: nothing of its contract is invoiced for now."""
    held = ProjectContract.objects.filter(pk=contracts[9].pk)
    hold_contracts(held, actor=people["jonas"], at=days.at(days.last_month.replace(day=20), "15:40"))


def _customers(entity: LegalEntity) -> dict[str, Customer]:
    groups = {group.code: group for group in SalesTaxGroup.objects.all()}
    return {
        number: Customer.objects.create(
            legal_entity=entity,
            number=number,
            name=name,
            short_name=short_name,
            billing_address=address,
            country=country,
            vat_id=vat_id,
            language=language,
            currency=currency,
            payment_days=payment_days,
            sales_tax_group=groups[group],
        )
        for number, name, short_name, address, country, vat_id, language, currency, payment_days, group in CUSTOMERS
    }


def _projects(entity: LegalEntity, people: dict[str, Any], customers: dict[str, Customer]) -> None:
    resources = {one.code: one for one in Resource.objects.filter(legal_entity=entity).select_related("role")}
    for number, name, customer, manager, group, team, tasks in PROJECTS:
        project = Project.objects.create(
            legal_entity=entity,
            number=number,
            name=name,
            customer=customers.get(customer),
            manager=people[manager],
            group=group,
            dimension=group.upper()[:3],
        )
        Task.objects.bulk_create(
            Task(project=project, code=f"{index:02d}", name=task) for index, task in enumerate(tasks, 1)
        )
        TeamMember.objects.bulk_create(
            TeamMember(project=project, resource=resources[code], role=resources[code].role)
            for code in team.split()
        )


def _contract(
    entity: LegalEntity, deal: Deal, people: dict[str, Any], customers: dict[str, Customer], days: Days
) -> ProjectContract:
    contract = ProjectContract.objects.create(
        legal_entity=entity,
        number=f"C-{days.told[0].year}-{deal.number}",
        name=deal.name,
        customer=customers[deal.customer],
        currency=deal.currency,
        manager=people[deal.manager],
        starts_on=months_after(days.told[0], -2),
        not_to_exceed_amount=deal.limit and Decimal(deal.limit),
        purchase_order=deal.order,
    )
    for number, line in enumerate(deal.lines, 1):
        _line(contract, number, line, customers)
    if deal.accrues:
        profile = CostRevenueProfile.objects.get(legal_entity=entity, name="Time and material, accrued")
        CostRevenueRule.objects.create(profile=profile, contract=contract)
    return contract


def _line(contract: ProjectContract, number: int, line: Line, customers: dict[str, Customer]) -> None:
    project = Project.objects.get(legal_entity=contract.legal_entity, number=line.project)
    made = ContractLine.objects.create(
        contract=contract,
        number=number,
        name=line.name,
        billing_method=line.method,
        project=project,
        contracted_amount=line.amount and Decimal(line.amount),
        not_to_exceed_amount=line.limit and Decimal(line.limit),
    )
    made.tasks.set(Task.objects.filter(project=project, name__in=line.tasks))
    ContractLineCustomer.objects.bulk_create(
        ContractLineCustomer(
            contract_line=made,
            customer=customers[customer],
            split_percent=Decimal(percent),
            is_rounding=index == 0,
        )
        for index, (customer, percent) in enumerate(line.payers)
    )


def _milestones(contracts: dict[int, ProjectContract], days: Days) -> None:
    first, second = days.told
    soon, late = days.today + timedelta(days=6), days.today - timedelta(days=5)
    next_month = months_after(days.this_month, 1)
    _milestone(contracts[4], "Concept accepted", first.replace(day=15), "24000")
    _milestone(contracts[4], "Portal on the test grid", second.replace(day=18), "30000")
    _milestone(contracts[4], "Metering feed live", days.today - timedelta(days=2), "27000")
    _milestone(contracts[4], "Acceptance", next_month.replace(day=28), "15000")
    _milestone(contracts[5], "Gate design accepted", second.replace(day=12), "24999.99")
    _milestone(contracts[5], "Camera trial passed", late, "22000")
    _milestone(contracts[5], "Handover", months_after(days.this_month, 2).replace(day=10), "18000")
    _milestone(contracts[3], "Training material delivered", soon, "9000")
    _milestone(contracts[3], "Key users trained", next_month.replace(day=20), "18000")


def _milestone(contract: ProjectContract, name: str, due_on: date, amount: str) -> None:
    line = contract.lines.get(billing_method=FIXED)
    milestone = Milestone.objects.create(contract_line=line, name=name, due_on=due_on, amount=Decimal(amount))
    payers = list(line.customers.order_by("pk"))
    parts = share_out(
        milestone.amount,
        [payer.split_percent for payer in payers],
        places=minor_places(contract.currency),
        absorber=next(index for index, payer in enumerate(payers) if payer.is_rounding),
    )
    MilestoneShare.objects.bulk_create(
        MilestoneShare(milestone=milestone, line_customer=payer, customer_id=payer.customer_id, amount=part)
        for payer, part in zip(payers, parts, strict=True)
    )


def _schedules(contracts: dict[int, ProjectContract], people: dict[str, Any], days: Days) -> None:
    """Monthly lines run from the first month told on; the fortnightly one from this month on."""
    for deal, line in _scheduled(DEALS):
        begins = days.this_month if line.frequency == FORTNIGHTLY else days.told[1]
        generate_schedule(
            contracts[deal.serial].lines.get(name=line.name),
            InvoiceFrequency.objects.get(name=line.frequency),
            starts_on=begins,
            ends_on=months_after(days.this_month, 3),
            actor=people[deal.manager],
            at=days.at(days.told[0], "08:45"),
        )


def _scheduled(deals: Iterable[Deal]) -> Iterable[tuple[Deal, Line]]:
    return ((deal, line) for deal in deals for line in deal.lines if line.frequency)

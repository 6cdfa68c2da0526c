"""What the demo company agreed: customers, projects, teams, contracts with lines, milestones, schedules."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounting.models import CostRevenueProfile, CostRevenueRule
from billing.milestone_plans import PlannedMilestone
from billing.models import InvoiceFrequency
from billing.planning import plan_milestones
from billing.planning_runs import generate_schedule
from demo.days import Days, months_after
from demo.deals import DEALS, FIXED, FORTNIGHTLY, PAYERS, UNDERTAKINGS, Deal, DealLine
from demo.people import People
from projects.contracting import confirm_contracts, hold_contracts
from projects.models import (
    ContractLine,
    ContractLineCustomer,
    Customer,
    DocumentLayout,
    LegalEntity,
    PaymentTerms,
    Project,
    ProjectContract,
    Resource,
    SalesTaxGroup,
    Task,
    TeamMember,
)

BUDGETS = {
    "P-101": {"budget_hours": Decimal(560), "budget_amount": Decimal(80_000)},
    "P-103": {"budget_hours": Decimal(500)},
    "P-105": {"budget_hours": Decimal(480)},
}
"""What some projects may use, so that bars of each colour are seen."""

TERMS: tuple[dict[str, Any], ...] = (
    {"name": "14 days net", "net_days": 14},
    {"name": "30 days net", "net_days": 30},
    {"name": "45 days net", "net_days": 45},
    {"name": "30 days from the end of the month", "net_days": 30, "is_end_of_month": True},
    {
        "name": "2 % within 10 days, 30 days net",
        "net_days": 30,
        "discount_percent": Decimal(2),
        "discount_days": 10,
    },
    {"name": "Half at once, half after 60 days", "net_days": 60, "instalments": "50 0\n50 60"},
)
"""Payment terms to choose from; the first three are those of the demo's customers."""


LAYOUTS: tuple[dict[str, Any], ...] = (
    {
        "name": "One row for a person, with an annex",
        "rows": "person",
        "has_annex": True,
        "before_en": "Thank you for your order. The work of the month is listed in the annex.",
        "before_de": "Vielen Dank für Ihren Auftrag. Die Leistungen des Monats stehen im Einzelnachweis.",
    },
    {"name": "One row for a task", "rows": "task"},
)
"""Document layouts to choose from; the first is that of the Dutch customer."""
LAID_OUT = "K-1005"


def agree(entity: LegalEntity, people: People, days: Days) -> dict[int, ProjectContract]:
    """Write customers, projects and draft contracts; confirm all but one. Returns contracts by serial."""
    customers = _customers(entity)
    _projects(entity, people, customers)
    contracts = {deal.serial: _contract(entity, deal, people, customers, days) for deal in DEALS}
    _milestones(contracts, people, days)
    begun = days.at(days.billed[0], "08:30")
    for login in ("katrin", "jonas"):
        serials = [deal.serial for deal in DEALS if deal.manager == login and not deal.is_draft]
        mine = ProjectContract.objects.filter(pk__in=[contracts[serial].pk for serial in serials])
        confirm_contracts(mine, actor=people[login], on=days.billed[0], at=begun)
    _schedules(contracts, people, days)
    return contracts


def hold_editorial_work(contracts: dict[int, ProjectContract], people: People, days: Days) -> None:
    """The publisher asked to wait: nothing of its contract is invoiced for now."""
    held = ProjectContract.objects.filter(pk=contracts[9].pk)
    hold_contracts(held, actor=people["jonas"], at=days.at(days.last_month.replace(day=20), "15:40"))


def _customers(entity: LegalEntity) -> dict[str, Customer]:
    groups = {group.code: group for group in SalesTaxGroup.objects.all()}
    PaymentTerms.objects.bulk_create(PaymentTerms(**one) for one in TERMS)
    terms = {one.name: one for one in PaymentTerms.objects.all()}
    by_person, _by_task = DocumentLayout.objects.bulk_create(DocumentLayout(**one) for one in LAYOUTS)
    return {
        payer.number: Customer.objects.create(
            legal_entity=entity,
            number=payer.number,
            name=payer.name,
            short_name=payer.short_name,
            billing_address=payer.address,
            country=payer.country,
            vat_id=payer.vat_id,
            email=f"rechnung@{payer.number.lower()}.example",
            language=payer.language,
            currency=payer.currency,
            payment_terms=terms[payer.terms],
            sales_tax_group=groups[payer.tax],
            document_layout=by_person if payer.number == LAID_OUT else None,
        )
        for payer in PAYERS
    }


def _projects(entity: LegalEntity, people: People, customers: dict[str, Customer]) -> None:
    resources = {one.code: one for one in Resource.objects.filter(legal_entity=entity).select_related("role")}
    for one in UNDERTAKINGS:
        project = Project.objects.create(
            legal_entity=entity,
            number=one.number,
            name=one.name,
            customer=customers.get(one.customer),
            manager=people[one.manager],
            group=one.group,
            dimension=one.group.upper()[:3],
            **BUDGETS.get(one.number, {}),
        )
        Task.objects.bulk_create(
            Task(project=project, code=f"{index:02d}", name=task) for index, task in enumerate(one.tasks, 1)
        )
        TeamMember.objects.bulk_create(
            TeamMember(project=project, resource=resources[code], role=resources[code].role)
            for code in one.team.split()
        )


def _contract(
    entity: LegalEntity, deal: Deal, people: People, customers: dict[str, Customer], days: Days
) -> ProjectContract:
    contract = ProjectContract.objects.create(
        legal_entity=entity,
        number=f"C-{days.billed[0].year}-{deal.serial:03d}",
        name=deal.name,
        customer=customers[deal.customer],
        currency=deal.currency,
        manager=people[deal.manager],
        starts_on=months_after(days.billed[0], -2),
        not_to_exceed_amount=deal.limit and Decimal(deal.limit),
        purchase_order=deal.order,
        **_kept_back(deal),
    )
    for number, line in enumerate(deal.lines, 1):
        _line(contract, number, line, customers)
    if deal.accrues:
        profile = CostRevenueProfile.objects.get(legal_entity=entity, name="Time and material, accrued")
        CostRevenueRule.objects.create(profile=profile, contract=contract)
    return contract


def _kept_back(deal: Deal) -> dict[str, Any]:
    if deal.kept_back is None:
        return {}
    percent, months, condition = deal.kept_back
    return {
        "retention_percent": Decimal(percent),
        "retention_months": months,
        "retention_condition": condition,
    }


def _discount(line: DealLine) -> dict[str, Any]:
    if line.discount is None:
        return {}
    percent, reason = line.discount
    return {"discount_percent": Decimal(percent), "discount_reason": reason}


def _line(contract: ProjectContract, number: int, line: DealLine, customers: dict[str, Customer]) -> None:
    project = Project.objects.get(legal_entity=contract.legal_entity, number=line.project)
    made = ContractLine.objects.create(
        contract=contract,
        number=number,
        name=line.name,
        billing_method=line.method,
        project=project,
        contracted_amount=line.amount and Decimal(line.amount),
        not_to_exceed_amount=line.limit and Decimal(line.limit),
        increment_minutes=line.steps,
        day_hours=line.day_hours and Decimal(line.day_hours),
        **_discount(line),
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


def _milestones(contracts: dict[int, ProjectContract], people: People, days: Days) -> None:
    def plan(contract: ProjectContract, name: str, due_on: date, amount: str) -> None:
        line = contract.lines.get(billing_method=FIXED)
        at = days.at(days.billed[0], "08:30")
        plan_milestones(
            line,
            [PlannedMilestone(name, due_on, Decimal(amount))],
            actor=people[contract.manager.username],
            at=at,
        )

    first, second = days.billed
    soon, late = days.today + timedelta(days=6), days.today - timedelta(days=5)
    next_month = months_after(days.this_month, 1)
    plan(contracts[4], "Concept accepted", first.replace(day=15), "24000")
    plan(contracts[4], "Portal on the test grid", second.replace(day=18), "30000")
    plan(contracts[4], "Metering feed live", days.today - timedelta(days=2), "27000")
    plan(contracts[4], "Acceptance", next_month.replace(day=28), "15000")
    plan(contracts[5], "Gate design accepted", second.replace(day=12), "24999.99")
    plan(contracts[5], "Camera trial passed", late, "22000")
    plan(contracts[5], "Handover", months_after(days.this_month, 2).replace(day=10), "18000")
    plan(contracts[3], "Training material delivered", soon, "9000")
    plan(contracts[3], "Key users trained", next_month.replace(day=20), "18000")


def _schedules(contracts: dict[int, ProjectContract], people: People, days: Days) -> None:
    """Monthly lines run since the second billed month; the fortnightly one only since this month."""
    for deal in DEALS:
        for line in deal.lines:
            if not line.frequency:
                continue
            generate_schedule(
                contracts[deal.serial].lines.get(name=line.name),
                InvoiceFrequency.objects.get(name=line.frequency),
                starts_on=days.this_month if line.frequency == FORTNIGHTLY else days.billed[1],
                ends_on=months_after(days.this_month, 3),
                actor=people[deal.manager],
                at=days.at(days.billed[0], "08:45"),
            )

"""Many contracts of one company, each with work that is ready: what people choose for a run."""

from typing import Any

from billing.marking_ready import mark_ready
from projects.models import BacklogItem, Customer, Project, ProjectContract
from tests.company import Company, rows
from tests.company.rows import NOW, next_number


def contract_with_hours(
    company: Company, hours: int, *, payer: Customer | None = None, is_ready: bool = True, **columns: Any
) -> ProjectContract:
    """A confirmed contract with approved hours at 200 each, managed by the company's manager."""
    # Each customer is taxed by the own group; here all of them live where the company's first one does.
    group = Customer.objects.get(pk=company.customer.pk).sales_tax_group
    payer = payer or rows.customer(company.entity, sales_tax_group=group)
    deal = rows.contract(company.entity, payer, **{"manager": company.manager} | columns)
    project = Project.objects.create(
        legal_entity=company.entity, number=f"X{next_number()}", name="Other", customer=payer
    )
    rows.contract_line(deal, payer, project=project)
    if hours:
        company.approved(hours, project=project)
        if is_ready:
            make_ready(company, deal)
    return deal


def make_ready(company: Company, *contracts: ProjectContract) -> int:
    """Mark ready what waits on these contracts alone."""
    items = BacklogItem.objects.filter(contract__in=contracts).markable()
    return mark_ready(items, actor=company.manager, at=NOW)

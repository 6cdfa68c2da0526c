"""Real hours are billed without sales tax: their files say nothing of it, and every invoice says why."""

from datetime import datetime
from typing import Protocol

from django.contrib.auth.models import User

from accounting.models import InvoiceProposalLine
from accounting.querysets import ProposalQuerySet
from accounting.reviewing import review_proposal_lines, review_proposals
from projects.models import ItemSalesTaxGroup, SalesTaxGroup, TaxCode, TaxRule
from projects.states import TaxKind

WITHOUT = "hours-without-tax"


class GroupsGiver(Protocol):
    """Gives proposals and their lines the tax groups that they need to be posted."""

    def __call__(self, proposals: ProposalQuerySet, *, actor: User, at: datetime) -> None: ...


def exempt(proposals: ProposalQuerySet, *, actor: User, at: datetime) -> None:
    """Give proposals, and their lines, the groups that are exempt; those that have groups keep them.

    Without groups nothing is posted: nobody sells without tax by mistake (C3).
    """
    name = "Without sales tax"
    group, _made = SalesTaxGroup.objects.get_or_create(code=WITHOUT, defaults={"name": name})
    items, _made = ItemSalesTaxGroup.objects.get_or_create(code=WITHOUT, defaults={"name": name})
    code, _made = TaxCode.objects.get_or_create(
        code=WITHOUT,
        defaults={
            "name": name,
            "kind": TaxKind.EXEMPT,
            "reason_en": "Hours as they were recorded",
        },
    )
    TaxRule.objects.get_or_create(
        sales_tax_group=group, item_sales_tax_group=items, defaults={"tax_code": code}
    )
    give_groups(proposals, group, items, actor=actor, at=at)


def give_groups(
    proposals: ProposalQuerySet,
    group: SalesTaxGroup,
    items: ItemSalesTaxGroup,
    *,
    actor: User,
    at: datetime,
) -> None:
    """Give these groups to those of the proposals and of their lines that have none."""
    bare = proposals.filter(sales_tax_group__isnull=True)
    lines = InvoiceProposalLine.objects.filter(proposal__in=bare, item_sales_tax_group__isnull=True)
    review_proposal_lines(
        InvoiceProposalLine.objects.filter(pk__in=list(lines.values_list("pk", flat=True))),
        {"item_sales_tax_group": items},
        actor=actor,
        at=at,
    )
    review_proposals(bare, {"sales_tax_group": group}, actor=actor, at=at)

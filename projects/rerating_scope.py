"""Which approved work is to be priced again, and which of it a user may price (B11)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from core.querysets import AnyUser
from projects.access import entities_of, sees_whole_entity
from projects.approval_querysets import ApprovalQuerySet
from projects.models import Approval, PriceList, Project, ProjectContract
from projects.states import PriceContext


@dataclass(frozen=True)
class Scope:
    """The work to price again: of a price list, a contract or a project, and between which days.

    `every_day`: the prices of the list are taken as if it held on every day, which raises recorded work to
    the prices of a later list; otherwise work has the prices of its own day.
    """

    price_list: PriceList | None = None
    contract: ProjectContract | None = None
    project: Project | None = None
    first: date | None = None
    last: date | None = None
    every_day: bool = False

    @property
    def prices(self) -> PriceList | None:
        """The list whose prices are taken for every day, if so."""
        return self.price_list if self.every_day else None

    def approvals(self) -> ApprovalQuerySet:
        """Approved work in this scope, billed or not."""
        rows = Approval.objects.approved()
        if self.price_list is not None:
            rows = rows.filter(_may_be_priced_by(self.price_list, self.every_day))
        if self.contract is not None:
            rows = rows.filter(contract_line__contract=self.contract)
        if self.project is not None:
            rows = rows.filter(entry__project=self.project)
        return _between(rows, self.first, self.last)


def rerateable_by(approvals: ApprovalQuerySet, user: AnyUser) -> ApprovalQuerySet:
    """Work that a user may price again: of the whole entity for those who see it, else of own contracts."""
    seen = approvals.filter(entry__legal_entity__in=entities_of(user))
    if sees_whole_entity(user):
        return seen
    own = ProjectContract.objects.managed_by(user).values("pk")
    return seen.filter(contract_line__contract__in=own)


def _may_be_priced_by(price_list: PriceList, every_day: bool) -> Q:
    """Work of the kind and, unless `every_day`, of the days of a list, whatever priced it so far."""
    if price_list.context == PriceContext.SALES:
        mine = Q(sales_currency=price_list.currency)
    else:
        mine = Q(cost_currency=price_list.currency)
    mine &= Q(entry__legal_entity=price_list.legal_entity_id)
    if price_list.contract_id is not None:
        mine &= Q(contract_line__contract=price_list.contract_id)
    if price_list.starts_on is not None and not every_day:
        mine &= Q(entry__date__gte=price_list.starts_on)
    if price_list.ends_on is not None and not every_day:
        mine &= Q(entry__date__lte=price_list.ends_on)
    return mine


def _between(rows: ApprovalQuerySet, first: date | None, last: date | None) -> ApprovalQuerySet:
    if first is not None:
        rows = rows.filter(entry__date__gte=first)
    if last is not None:
        rows = rows.filter(entry__date__lte=last)
    return rows

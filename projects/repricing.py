"""What the prices of today would change of approved work that is not billed yet (B11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from core.money import ZERO, sum_by
from core.querysets import AnyUser
from core.refusals import Refusal
from projects.access import entities_of, sees_whole_entity
from projects.approval_querysets import ApprovalQuerySet
from projects.approval_terms import repriced
from projects.contract_terms import ContractTerms
from projects.models import Actual, Approval, PriceList, Project, ProjectContract
from projects.states import BillingStatus, EntryStatus, PriceContext
from projects.time_amounts import foresee_time

RELATED = (
    "entry__legal_entity",
    "entry__project",
    "entry__resource",
    "entry__role",
    "entry__category",
    "contract_line__contract",
)
PRICED = ("sales_price", "sales_amount", "is_priced", "cost_price", "cost_amount", "is_cost_priced")


@dataclass(frozen=True)
class Scope:
    """Which work is asked about: of a price list, a contract or a project, and between which days.

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


@dataclass(frozen=True)
class Change:
    """One approval as it is, and as it would be at the prices of today."""

    old: Approval
    new: Approval

    @property
    def difference(self) -> Decimal:
        """By how much the sales amount would rise, in the contract's currency."""
        return self.new.sales_amount - self.old.sales_amount

    @property
    def cost_difference(self) -> Decimal:
        """By how much the cost would rise, in its currency."""
        return self.new.cost_amount - self.old.cost_amount


@dataclass(frozen=True)
class Rerating:
    """What would change, what cannot and why; `unchanged` counts what has today's price already."""

    changes: Sequence[Change]
    left_out: Sequence[Refusal]
    unchanged: int

    def differences(self) -> dict[str, Decimal]:
        """By how much sales would rise, by currency; zero is left out."""
        return _without_zero((one.old.sales_currency, one.difference) for one in self.changes)

    def cost_differences(self) -> dict[str, Decimal]:
        """By how much cost would rise, by currency; zero is left out."""
        return _without_zero((one.old.cost_currency, one.cost_difference) for one in self.changes)

    @property
    def hours(self) -> Decimal:
        """Hours among what would change; other units do not add up with them."""
        return sum((one.old.submitted_quantity for one in self.changes if one.old.entry.unit == "h"), ZERO)

    @property
    def digest(self) -> str:
        """Count and sums as text: what a person saw before saying yes."""
        sums = sorted((*self.differences().items(), *self.cost_differences().items()))
        words = (f"{currency}:{amount.normalize():f}" for currency, amount in sums)
        return " ".join([str(len(self.changes)), *words])


def rerateable_by(approvals: ApprovalQuerySet, user: AnyUser) -> ApprovalQuerySet:
    """Work that a user may price again: of the whole entity for those who see it, else of own contracts."""
    seen = approvals.filter(entry__legal_entity__in=entities_of(user))
    return seen if sees_whole_entity(user) else seen.filter(contract_line__contract__manager=user)


def rerating_of(approvals: ApprovalQuerySet, *, prices: PriceList | None = None) -> Rerating:
    """What today's prices change of approved work; statements do not depend on how much it is.

    With `prices` those of one list are taken as if it held on every day.
    Work whose share of any customer is on a draft or billed is left out, and so is work that somebody asked
    to have back. Nothing is written or locked; a caller that holds the rows may rely on the answer.
    """
    chosen = list(_with_obstacles(approvals).select_related(*RELATED).order_by("entry__date", "pk"))
    terms = ContractTerms.of([one.entry for one in chosen])
    if prices is not None:
        terms = terms.priced_by(prices)
    changes, left_out, unchanged = [], [], 0
    for old in chosen:
        new = repriced(old, terms)
        if all(getattr(old, name) == getattr(new, name) for name in PRICED):
            unchanged += 1
        elif (obstacle := _obstacle_to(old)) is not None:
            left_out.append(obstacle)
        else:
            changes.append(Change(old, new))
    foresee_time([one.new for one in changes], [one.old for one in changes], keeps_quantities=True)
    return Rerating(changes, left_out, unchanged)


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


def _with_obstacles(approvals: ApprovalQuerySet) -> ApprovalQuerySet:
    """Work with something open, each with the draft that holds a part of it and whether a part was billed.

    Work that was billed in full is no candidate: nobody expects its price to change.
    """
    actuals = Actual.objects.filter(work_item__approval=OuterRef("pk"))
    on_draft = actuals.filter(backlog_item__status=BillingStatus.ON_DRAFT)
    return approvals.annotate(
        is_billed=Exists(actuals.billed_sales().unreversed()),
        is_open=Exists(actuals.filter(backlog_item__isnull=False)),
        draft_number=on_draft.order_by("pk").values("backlog_item__proforma_number")[:1],
    ).filter(Q(is_open=True) | Q(is_billed=False))


def _obstacle_to(approval: Any) -> Refusal | None:
    """Why an approval of `_with_obstacles` cannot be priced again, if so."""
    subject = str(approval.entry)
    if approval.draft_number:
        message = _("It is on draft %(number)s.") % {"number": approval.draft_number}
        return Refusal("on-draft", message, subject, _("Take it off the draft first."))
    if approval.is_billed:
        message, way_out = _("A part of it was invoiced."), _("That part stays until it is credited in full.")
        return Refusal("invoiced", message, subject, way_out)
    if approval.entry.status != EntryStatus.APPROVED:
        message = _("It is %(status)s.") % {"status": approval.entry.get_status_display()}
        return Refusal("not-approved", message, subject, _("Answer the request first."))
    return None


def _without_zero(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    return {currency: amount for currency, amount in sum_by(pairs).items() if amount}

"""Preview of re-rating: what today's prices would change about approved, unbilled work (B11)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from core.money import ZERO, sum_by
from core.refusals import Refusal
from projects.approval_querysets import ApprovalQuerySet
from projects.approval_terms import repriced
from projects.contract_terms import ContractTerms
from projects.models import Actual, Approval, PriceList
from projects.states import ENDED_CONTRACTS, BillingStatus, EntryStatus
from projects.time_amounts import foresee_time_amounts

RELATED = (
    "entry__legal_entity",
    "entry__project",
    "entry__resource",
    "entry__role",
    "entry__category",
    "contract_line__contract__customer",
)
PRICED = ("sales_price", "sales_amount", "is_priced", "cost_price", "cost_amount", "is_cost_priced")


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
class Worth:
    """What work of one kind is worth before and after, in one currency; hours are those of time."""

    subject: object
    currency: str
    entries: int
    hours: Decimal
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """By how much it would rise."""
        return self.after - self.before


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

    def worth_by(self, subject_of: Callable[[Approval], object]) -> list[Worth]:
        """What the work would sell for before and after, by what `subject_of` says and by currency."""
        groups: dict[tuple[object, str], list[Change]] = defaultdict(list)
        for one in self.changes:
            groups[subject_of(one.old), one.old.sales_currency].append(one)
        return [
            Worth(
                subject,
                currency,
                entries=len(some),
                hours=_hours_of(some),
                before=sum((one.old.sales_amount for one in some), ZERO),
                after=sum((one.new.sales_amount for one in some), ZERO),
            )
            for (subject, currency), some in sorted(groups.items(), key=lambda pair: str(pair[0]))
        ]

    def by_customer(self) -> list[Worth]:
        """By the customer of the contract; work on no contract line, which sells for nothing, is left out."""
        of_customers = self.worth_by(lambda old: old.contract_line and old.contract_line.contract.customer)
        return [one for one in of_customers if one.subject is not None]

    def worth(self) -> list[Worth]:
        """All of it, by currency."""
        return [one for one in self.worth_by(lambda old: "") if one.currency]

    @property
    def hours(self) -> Decimal:
        """Hours among what would change; other units do not add up with them."""
        return _hours_of(self.changes)

    @property
    def digest(self) -> str:
        """Count and sums as text: what a person saw before saying yes."""
        sums = sorted((*self.differences().items(), *self.cost_differences().items()))
        words = (f"{currency}:{amount.normalize():f}" for currency, amount in sums)
        return " ".join([str(len(self.changes)), *words])


def rerating_of(approvals: ApprovalQuerySet, *, prices: PriceList | None = None) -> Rerating:
    """What today's prices change of approved work; statements do not depend on how much it is.

    With `prices` those of one list are taken as if it held on every day.
    Work whose share of any customer is on a draft or billed is left out, and so is work that somebody asked
    to have back, and work of contracts that were completed or lost. Nothing is written or locked; a caller
    that holds the rows may rely on the answer.
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
    foresee_time_amounts([one.new for one in changes], [one.old for one in changes], keeps_quantities=True)
    return Rerating(changes, left_out, unchanged)


def _with_obstacles(approvals: ApprovalQuerySet) -> ApprovalQuerySet:
    """Work with something open, each with the draft that holds a part of it and whether a part was billed.

    Work that was billed in full is left out.
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
        return Refusal("on-draft", message, subject, _("Remove it from the draft first."))
    if approval.is_billed:
        message, way_out = _("A part of it was invoiced."), _("That part stays as it was invoiced.")
        return Refusal("invoiced", message, subject, way_out)
    if approval.entry.status != EntryStatus.APPROVED:
        message = _("It is “%(status)s”.") % {"status": approval.entry.get_status_display()}
        return Refusal("not-approved", message, subject, _("Give it back or leave it approved first."))
    line = approval.contract_line
    if line is not None and line.contract.status in ENDED_CONTRACTS:
        # A lost contract has reversed its work: pricing it again would write it back.
        message = _("Contract %(contract)s is “%(status)s”.") % {
            "contract": line.contract,
            "status": line.contract.get_status_display(),
        }
        return Refusal("contract-ended", message, subject, _("It keeps the price it had."))
    return None


def _hours_of(changes: Iterable[Change]) -> Decimal:
    return sum((one.old.submitted_quantity for one in changes if one.old.entry.unit == "h"), ZERO)


def _without_zero(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    return {currency: amount for currency, amount in sum_by(pairs).items() if amount}

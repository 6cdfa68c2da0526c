"""What posting makes of journal lines: outcomes found in memory, and conditions that find the lines (C1, C2).

Lines are asked for by what decides about them, never one by one, so that the number of statements depends
neither on lines nor on projects.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BigIntegerField, Case, DateField, F, Q, Value, When
from django.utils.translation import gettext as _

from accounting.account_search import PostingPlace
from accounting.line_groups import Condition, conditions_of
from accounting.posting_context import PostingContext
from accounting.profiles import Move, Situation, accrual_move, cost_move
from accounting.querysets import JournalLineQuerySet
from accounting.states import PostingType
from projects.states import BillingMethod, BillingType, TransactionType

KINDS = {
    "actual_type": "actual__type",
    "billing_type": "actual__billing_type",
    "transaction_class": "actual__work_item__transaction_class",
    "billing_method": "actual__work_item__contract_line__billing_method",
    "is_purchased": "actual__work_item__category__is_purchased",
}
PLACES = {
    "project": "actual__work_item__project",
    "project_group": "actual__work_item__project__group",
    "contract": "actual__work_item__contract",
}
CATEGORIES = {
    "category": "actual__work_item__category",
    "category_group": "actual__work_item__category__group",
}
SINCE = "since"

ORIGINAL = "actual__reverses__journal_line"
TAKES_BACK = Q(actual__reverses__project_transaction__isnull=False)
"""Lines of reversals whose originals are in the books: asked of the subledger, which posting writes last."""
BY_PROFILE = ~TAKES_BACK


@dataclass(frozen=True)
class LineOutcome:
    """What happens to lines: the accounts they move, nothing, or the error that keeps them from the books."""

    debit_account: int | None = None
    credit_account: int | None = None
    is_accrual: bool = False
    is_held: bool = False
    error: str = ""


NOTHING = LineOutcome()
NONE = Q(pk__in=[])
"""No lines at all."""


@dataclass(frozen=True)
class Outcomes:
    """Conditions on journal lines by what becomes of them, and the lines of closed periods by their error.

    The conditions tell lines of one journal apart that are still drafts and do not take back.
    """

    by_outcome: Mapping[LineOutcome, Q]
    closed: Mapping[str, Q]

    @property
    def errors(self) -> list[tuple[str, Q]]:
        """The lines of each error, those of closed periods first: no account mends them."""
        failed: dict[str, list[Q]] = {}
        for outcome, lines in self.by_outcome.items():
            if outcome.error:
                failed.setdefault(outcome.error, []).append(lines)
        return [
            *self.closed.items(),
            *((error, BY_PROFILE & _any_of(some)) for error, some in failed.items()),
        ]

    @property
    def by_profile(self) -> Q:
        """Lines that move the accounts their profile and the posting set-up name."""
        return BY_PROFILE & self._where(lambda one: one.debit_account is not None)

    @property
    def booked(self) -> Q:
        """Lines that have vouchers: those, and what takes back a voucher."""
        return self.by_profile | (TAKES_BACK & Q(**{f"{ORIGINAL}__voucher__isnull": False}))

    @property
    def accruing(self) -> Q:
        """Lines that accrue revenue or take an accrual back."""
        taken_back = TAKES_BACK & Q(**{f"{ORIGINAL}__is_accrued": True})
        return taken_back | (BY_PROFILE & self._where(lambda one: one.is_accrual))

    @property
    def holding(self) -> Q:
        """Lines that keep cost in the balance or take it out again."""
        taken_back = TAKES_BACK & Q(**{f"{ORIGINAL}__is_held": True})
        return taken_back | (BY_PROFILE & self._where(lambda one: one.is_held))

    def account(self, side: str) -> Case:
        """The account of a side, `debit_account` or `credit_account`, of each line of `by_profile`."""
        by_account: dict[int, list[Q]] = {}
        for outcome, lines in self.by_outcome.items():
            account = getattr(outcome, side)
            if account is not None:
                by_account.setdefault(account, []).append(lines)
        steps = (When(_any_of(some), then=Value(account)) for account, some in by_account.items())
        return Case(*steps, output_field=BigIntegerField())

    def _where(self, holds: Callable[[LineOutcome], bool]) -> Q:
        return _any_of([lines for outcome, lines in self.by_outcome.items() if holds(outcome)])


def outcomes_of(lines: JournalLineQuerySet, context: PostingContext) -> Outcomes:
    """Resolve what becomes of draft lines of one journal, in two statements for any number of them.

    What decides is read once for each combination that occurs; profiles and accounts are found in memory.
    Locks and refuses nothing; what cannot post has an error instead of accounts (C1, C2).
    """
    days = lines.order_by().values_list("accounting_date", flat=True).distinct()
    shut = [day for day in days if not context.is_open_on(day)]
    closed = Q(accounting_date__in=shut)
    changes = context.accounts.changes
    columns: dict[str, Any] = {name: F(path) for name, path in {**KINDS, **PLACES}.items()}
    if context.accounts.asks_for_category:
        columns |= {name: F(path) for name, path in CATEGORIES.items()}
    if changes:
        columns[SINCE] = _since(changes)
    named = {f"by_{name}": expression for name, expression in columns.items()}
    groups = lines.exclude(closed | TAKES_BACK).order_by().annotate(**named).values_list(*named).distinct()
    outcomes = {group: _outcome(dict(zip(columns, group, strict=True)), context) for group in groups}
    by_outcome = {
        outcome: _any_of([_lines(one, changes) for one in conditions])
        for outcome, conditions in conditions_of(list(columns), len(KINDS), outcomes).items()
    }
    return Outcomes(by_outcome, _not_open(shut, context))


def _not_open(days: Sequence[date], context: PostingContext) -> dict[str, Q]:
    """The lines of days that are not open by why: their period is closed, or there is none (decision 18)."""
    closed = _("The accounting date lies in a closed period: reopen the period, then post again.")
    missing = _("No fiscal period covers the accounting date: create the period, then post again.")
    return {
        closed: Q(accounting_date__in=[day for day in days if context.covers(day)]),
        missing: Q(accounting_date__in=[day for day in days if not context.covers(day)]),
    }


def accounts_of_role(
    lines: JournalLineQuerySet, context: PostingContext, role: str, on: date
) -> tuple[Case, bool]:
    """The account that plays a role on a day for each of the lines, and whether every line has one.

    One statement for any number of lines (C2).
    """
    columns = {name: F(path) for name, path in {**PLACES, **CATEGORIES}.items() if name != "contract"}
    named = {f"by_{name}": expression for name, expression in columns.items()}
    groups = lines.order_by().annotate(**named).values_list(*named).distinct()
    accounts = {
        group: context.account(role, PostingPlace(group[0], group[1] or "", group[2], group[3] or ""), on)
        for group in groups
    }
    conditions = conditions_of(list(columns), 0, accounts)
    steps = [
        When(_any_of([_lines(one, ()) for one in some]), then=Value(account))
        for account, some in conditions.items()
        if account is not None
    ]
    return Case(*steps, output_field=BigIntegerField()), None not in accounts.values()


def _outcome(group: Mapping[str, Any], context: PostingContext) -> LineOutcome:
    situation = Situation(
        # The cost of work without a contract line, such as internal work, has no revenue to accrue either.
        billing_method=group["billing_method"] or BillingMethod.FIXED_PRICE,
        project_id=group["project"],
        project_group=group["project_group"] or "",
        contract_id=group["contract"],
    )
    profile = context.profile(situation)
    if profile is None:
        return LineOutcome(error=_("No cost and revenue profile applies: add a rule for it."))
    is_cost = group["actual_type"] == TransactionType.COST
    if not is_cost and group["billing_type"] != BillingType.CHARGEABLE:
        # Nobody will pay for it, so there is no revenue to accrue.
        return NOTHING
    kind = group["transaction_class"]
    if is_cost:
        move = cost_move(profile, kind, is_purchased=bool(group["is_purchased"]))
    else:
        move = accrual_move(profile, kind)
    return NOTHING if move is None else _accounts(move, group, context, is_accrual=not is_cost)


def _accounts(
    move: Move, group: Mapping[str, Any], context: PostingContext, *, is_accrual: bool
) -> LineOutcome:
    place = PostingPlace(
        group["project"],
        group["project_group"] or "",
        group.get("category"),
        group.get("category_group") or "",
    )
    on = group.get(SINCE, date.min)
    debit, credit = (context.account(role, place, on) for role in (move.debit, move.credit))
    missing = [role for role, account in ((move.debit, debit), (move.credit, credit)) if account is None]
    if missing:
        names = ", ".join(str(PostingType(role).label) for role in missing)
        return LineOutcome(error=_("No account is set for this posting type: %(roles)s.") % {"roles": names})
    return LineOutcome(debit, credit, is_accrual, move.debit == PostingType.WIP_COST_VALUE)


def _since(changes: Sequence[date]) -> Case:
    """The last day on which the posting set-up changed by the accounting date, or the first day there is."""
    steps = (When(accounting_date__gte=day, then=Value(day)) for day in changes)
    return Case(*steps, default=Value(date.min), output_field=DateField())


def _lines(condition: Condition, changes: Sequence[date]) -> Q:
    fixed, listed, values = condition
    lines = Q()
    for name, value in fixed:
        lines &= _has(name, frozenset([value]), changes)
    lines = lines & _has(listed, values, changes) if listed else lines
    # Where nothing decides, the condition holds for every line; an empty one is none to the database.
    return lines or Q(pk__isnull=False)


def _has(name: str, values: frozenset[Any], changes: Sequence[date]) -> Q:
    if name == SINCE:
        return _any_of([_between(day, changes) for day in values])
    path = {**KINDS, **PLACES, **CATEGORIES}[name]
    known = sorted(value for value in values if value is not None)
    has = Q(**{f"{path}__in": known}) if len(known) > 1 else Q(**{path: known[0]}) if known else None
    if None not in values:
        return has or NONE
    # `= NULL` finds nothing in SQL, so what is empty is asked for by IS NULL.
    empty = Q(**{f"{path}__isnull": True})
    return empty | has if has is not None else empty


def _between(day: date, changes: Sequence[date]) -> Q:
    later = [change for change in changes if change > day]
    return Q(accounting_date__gte=day) & (Q(accounting_date__lt=min(later)) if later else Q())


def _any_of(conditions: Sequence[Q]) -> Q:
    return reduce(or_, conditions) if conditions else NONE

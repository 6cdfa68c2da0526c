"""Evaluate the approval policy: which rules apply to submissions, and how much may be billable (X12)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from core.money import ZERO
from projects.budgets import budget_of, budget_use_of, budget_use_of_tasks, percent_of
from projects.exchange_rates import ExchangeRates
from projects.models import (
    Approval,
    ApprovalReason,
    ApprovalRule,
    Entry,
    Project,
    Task,
    TeamMember,
)
from projects.states import (
    BillingType,
    BudgetMeasure,
    EntryStatus,
    RuleEffect,
    RuleKind,
    TransactionClass,
)
from projects.usual_rules import MOST_BILLABLE

BATCH = 1000
WEEKEND = (5, 6)
COUNTED = (EntryStatus.SUBMITTED, EntryStatus.APPROVED, EntryStatus.RECALL_REQUESTED)
"""Entries that count towards a day: submitted or approved, and neither withdrawn, sent back nor corrected."""
Finding = tuple[ApprovalRule, Decimal | None]


def record_reasons(approvals: Sequence[Approval], *, at: datetime) -> list[ApprovalReason]:
    """Store which rules of its legal entity and project apply to each submission.

    Approvals are saved and have their entry with project, task and legal entity loaded. Hours are those of
    all classes of time of one person on one day; percentages are exact. The number of statements does not
    depend on how many submissions there are. Returns the reasons (X12).
    """
    rules = Rules.of({one.entry.legal_entity_id for one in approvals})
    if not rules:
        return []
    facts = PolicyFacts(approvals, rules.kinds, at)
    reasons = []
    for approval in approvals:
        findings = list(facts.findings(approval, rules.of_entry(approval.entry)))
        against = [rule for rule, _number in findings if rule.effect != RuleEffect.APPROVE]
        reasons += [
            ApprovalReason(
                approval=approval,
                rule=rule,
                kind=rule.kind,
                effect=rule.effect,
                number=rule.number,
                measured=number,
            )
            for rule, number in findings
            # A rule that approves is ignored where another one flags or holds.
            if rule.effect != RuleEffect.APPROVE or not against
        ]
    return ApprovalReason.objects.bulk_create(reasons, batch_size=BATCH)


def most_billable_percents(approvals: Iterable[Approval]) -> dict[int, Decimal]:
    """Up to how many percent of what was submitted each submission may be made billable, by key (A9, X12)."""
    chosen = list(approvals)
    rules = Rules.of({one.entry.legal_entity_id for one in chosen})
    percents: dict[int, Decimal] = {}
    for one in chosen:
        caps = [rule.number for rule in rules.of_entry(one.entry) if rule.kind == RuleKind.BILLABLE_UP_TO]
        percents[one.pk] = caps[0] if caps and caps[0] is not None else MOST_BILLABLE
    return percents


class Rules:
    """The active rules of some legal entities; a project's rule replaces the entity's of its kind."""

    def __init__(self, rules: Iterable[ApprovalRule]):
        self._of_entity: dict[int, list[ApprovalRule]] = defaultdict(list)
        self._of_project: dict[int, list[ApprovalRule]] = defaultdict(list)
        self.kinds: set[str] = set()
        for rule in rules:
            self.kinds.add(rule.kind)
            if rule.project_id is None:
                self._of_entity[rule.legal_entity_id].append(rule)
            else:
                self._of_project[rule.project_id].append(rule)

    @classmethod
    def of(cls, entities: Collection[int]) -> "Rules":
        """Read them in one statement."""
        return cls(ApprovalRule.objects.active().filter(legal_entity__in=entities).order_by("pk"))

    def __bool__(self) -> bool:
        return bool(self.kinds)

    def of_entry(self, entry: Entry) -> list[ApprovalRule]:
        """The rules that hold for an entry."""
        own = self._of_project.get(entry.project_id, [])
        replaced = {rule.kind for rule in own}
        usual = [one for one in self._of_entity.get(entry.legal_entity_id, []) if one.kind not in replaced]
        return [*usual, *own]


class PolicyFacts:
    """What the rules need to know about a set of submissions, read once for all of them."""

    def __init__(self, approvals: Sequence[Approval], kinds: Set[str], at: datetime):
        self.at = at
        entries = [one.entry for one in approvals]
        by_hours = kinds & {RuleKind.ABOVE_HOURS, RuleKind.UP_TO_HOURS}
        self.hours = _hours_of_days(entries) if by_hours else {}
        self.team = _teams_of(entries) if RuleKind.OFF_TEAM in kinds else {}
        self.budgets = _budgets_of(approvals) if RuleKind.ABOVE_BUDGET in kinds else {}

    def findings(self, approval: Approval, rules: Iterable[ApprovalRule]) -> Iterator[Finding]:
        """The rules that apply to a submission, each with the figure that was measured."""
        entry = approval.entry
        of_day = self.hours.get((entry.resource_id, entry.date), ZERO) if _is_time(entry) else ZERO
        days_late = (entry.legal_entity.day_of(self.at) - entry.date).days
        used = self.budgets.get((entry.project_id, entry.task_id), ZERO)
        for rule in rules:
            number = rule.number or ZERO
            # Whether each kind applies, and the figure; caps are checked when terms change.
            results: dict[str, tuple[bool, Decimal | None]] = {
                RuleKind.ABOVE_HOURS: (of_day > number, of_day),
                RuleKind.UP_TO_HOURS: (ZERO < of_day <= number, of_day),
                RuleKind.WEEKEND: (entry.date.weekday() in WEEKEND, None),
                RuleKind.LATE: (days_late > number, Decimal(days_late)),
                RuleKind.ABOVE_BUDGET: (used > number, used),
                RuleKind.UNDESCRIBED: (not (entry.description or entry.external_description), None),
                RuleKind.OFF_TEAM: (self._is_off_team(entry), None),
                RuleKind.UNPRICED: (_lacks_a_price(approval), None),
                # Its cost would be recorded as zero until somebody prices it again (B11).
                RuleKind.UNCOSTED: (not approval.is_cost_priced, None),
            }
            applies, figure = results.get(rule.kind, (False, None))
            if applies:
                yield rule, figure

    def _is_off_team(self, entry: Entry) -> bool:
        """As `EntryQuerySet.with_team`: the manager of a project counts as on the team."""
        person, project = entry.resource, entry.project
        place = (project.pk, person.pk if person else 0)
        since = self.team.get(place)
        if person is None or (place in self.team and (since is None or since <= entry.date)):
            return False
        return person.user_id is None or person.user_id != project.manager_id


def _lacks_a_price(approval: Approval) -> bool:
    return not approval.is_priced and approval.billing_type == BillingType.CHARGEABLE


def _is_time(entry: Entry) -> bool:
    return entry.transaction_class == TransactionClass.TIME


def _hours_of_days(entries: Iterable[Entry]) -> dict[tuple[int | None, date], Decimal]:
    time = [one for one in entries if _is_time(one)]
    if not time:
        return {}
    days = [one.date for one in time]
    rows = Entry.objects.filter(
        transaction_class=TransactionClass.TIME,
        resource__in={one.resource_id for one in time},
        date__gte=min(days),
        date__lte=max(days),
        status__in=COUNTED,
    )
    sums = rows.order_by().values_list("resource", "date").annotate(hours=Sum("quantity"))
    return {(person, day): hours for person, day, hours in sums}


def _teams_of(entries: Sequence[Entry]) -> dict[tuple[int, int], date | None]:
    """Since when each resource is on the team of each project; None is from the beginning."""
    rows = TeamMember.objects.filter(project__in={entry.project_id for entry in entries})
    return {
        (project, person): since
        for project, person, since in rows.values_list("project", "resource", "starts_on")
    }


def _budgets_of(approvals: Sequence[Approval]) -> dict[tuple[int, int | None], Decimal]:
    """The highest percentage used of any budget of project or task, by both keys.

    Hours are all that were reported. Money is what was approved and what these submissions would add, in the
    currency of the legal entity.
    """
    entries = [one.entry for one in approvals]
    projects = {one.project_id: one.project for one in entries}
    tasks = {one.task_id: one.task for one in entries if one.task is not None}
    of_projects, of_tasks = budget_use_of(projects.values()), budget_use_of_tasks(tasks.values())
    added = _added_money(approvals)
    percents: dict[tuple[int, int | None], Decimal] = {}
    for entry in entries:
        known = [
            share
            for row, burn in (
                (entry.project, of_projects.get(entry.project_id)),
                (entry.task, of_tasks.get(entry.task_id or 0)),
            )
            if row is not None and burn is not None
            for share in (
                percent_of(burn.recorded_hours, budget_of(row, BudgetMeasure.HOURS)),
                percent_of(burn.amount + added[row], budget_of(row, BudgetMeasure.AMOUNT)),
            )
            if share is not None
        ]
        if known:
            percents[entry.project_id, entry.task_id] = max(known)
    return percents


def _added_money(approvals: Sequence[Approval]) -> dict[Project | Task, Decimal]:
    """What the submissions would add, at the rate of their day; without a rate they count in no budget."""
    added: dict[Project | Task, Decimal] = defaultdict(lambda: ZERO)
    billed = [one for one in approvals if one.will_be_billed]
    entities = {one.entry.legal_entity_id: one.entry.legal_entity.currency for one in billed}
    is_foreign = any(one.sales_currency != entities[one.entry.legal_entity_id] for one in billed)
    rates = ExchangeRates.of(entities) if is_foreign else ExchangeRates(entities)
    for one in billed:
        entry = one.entry
        amount = rates.in_own_currency(
            entry.legal_entity_id, one.sales_amount, one.sales_currency, entry.date
        )
        for row in (entry.project, entry.task):
            if row is not None and amount is not None:
                added[row] += amount
    return added

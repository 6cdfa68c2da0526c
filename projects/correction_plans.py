"""The plan of a correction journal: new entries with their terms, and the refusals.

Nothing is written here: `correcting` shows the plan and carries it out (A10, matrix 4.1 #10).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from core.activity_log import Changes, as_text
from core.money import HUNDRED, ZERO, sum_by
from core.refusals import Refusal
from core.templatetags.display import day
from projects.actuals import payers_of
from projects.approval_terms import fee_refusals, renewed
from projects.contract_terms import ContractTerms
from projects.day_totals import DayHours, DayTotals
from projects.entry_dates import EntryDates
from projects.entry_rules import reasons_against_place
from projects.models import (
    Actual,
    Approval,
    CorrectionJournal,
    Entry,
    Project,
    Resource,
    Role,
    Task,
    TransactionCategory,
)
from projects.querysets import EntryQuerySet
from projects.states import ENDED_CONTRACTS, ApprovalStatus, BillingStatus, EntryStatus, TransactionClass
from projects.time_amounts import foresee_time_amounts

# Columns that the new entry does not copy; related objects are copied too, which costs no statement.
OWN = {"id", "status", "corrects", "import_batch", "import_source", "import_id"}
KEPT = [field.name for field in Entry._meta.concrete_fields if field.name not in OWN]


@dataclass(frozen=True)
class NewValues:
    """The new values of the entries; what is None stays as it is."""

    project: Project | None = None
    task: Task | None = None
    role: Role | None = None
    resource: Resource | None = None
    date: dt.date | None = None
    category: TransactionCategory | None = None

    def applied_to(self, entry: Entry) -> Entry:
        """A new entry with these values and the rest of `entry`, approved, not written yet."""
        new = Entry(
            corrects=entry, status=EntryStatus.APPROVED, **{name: getattr(entry, name) for name in KEPT}
        )
        # A task belongs to one project: where the project changes and no task is named, it has none.
        if self.project is not None and self.project.pk != entry.project_id:
            new.task = None
        for name, value in vars(self).items():
            if value is not None:
                setattr(new, name, value)
        return new


@dataclass(frozen=True)
class CorrectedLine:
    """One entry before and after: both with their approval, which holds line, prices and amounts.

    `uncovered`: why no contract line would cover what a preview shows; empty where one does.
    """

    old: Approval
    new: Approval
    changes: Changes
    uncovered: str = ""

    @property
    def moves_hours(self) -> bool:
        """Whether a day of a person becomes longer; rows of a file of totals do not count."""
        entry = self.old.entry
        is_total = entry.import_batch is not None and entry.import_batch.is_total
        is_time = entry.transaction_class == TransactionClass.TIME
        return is_time and not is_total and not self.changes.keys().isdisjoint({"date", "resource"})


@dataclass(frozen=True)
class BeforeAndAfter:
    """An amount before and after, in one currency; `side` is sales or cost."""

    side: str
    currency: str
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """What the correction adds; negative where it takes away."""
        return self.after - self.before


@dataclass(frozen=True)
class CorrectionPlan:
    """The entries of a set, and for the approved ones what takes their place."""

    entries: list[Entry]
    lines: list[CorrectedLine]
    unpaid: list[Approval]

    @classmethod
    def of(cls, entries: list[Entry], values: NewValues) -> "CorrectionPlan":
        """Read what is needed in a number of statements that does not depend on how many entries."""
        living = Approval.objects.filter(entry__in=entries, status=ApprovalStatus.APPROVED)
        related = living.select_related("contract_line__contract", "submitted_by")
        olds = {one.entry_id: one for one in related}
        chosen = [entry for entry in entries if entry.pk in olds]
        news = [values.applied_to(entry) for entry in chosen]
        terms = ContractTerms.of(news)
        lines = []
        for entry, new in zip(chosen, news, strict=True):
            # The entry as it was read, so that its project and people are not asked for again.
            old = olds[entry.pk]
            old.entry = entry
            uncovered = terms.sentence_of(new)
            lines.append(CorrectedLine(old, renewed(old, terms, entry=new), _changes(entry, new), uncovered))
        foresee_time_amounts([line.new for line in lines], [line.old for line in lines])
        return cls(entries, lines, _unpaid([line.new for line in lines]))

    def reasons_against(self, actor: User, *, on: dt.date, at: dt.datetime) -> Iterator[Refusal]:
        """Why these entries cannot be given these values by this person on this day."""
        dates = EntryDates.of([entry.legal_entity for entry in self.entries], at)
        if not self.entries:
            yield Refusal("nothing-selected", _("No entry was selected."))
        if len({entry.legal_entity_id for entry in self.entries}) > 1:
            yield Refusal(
                "several-companies",
                _("The entries belong to several companies."),
                way_out=_("Correct them company by company."),
            )
        yield from self._not_approved()
        yield from self._closed_on(on)
        for line in self.lines:
            yield from _own_work(line, actor)
            yield from _stays_on_ended_contract(line)
            yield from _against_values(line, dates)
        yield from self._too_long_days()
        for approval in self.unpaid:
            yield Refusal(
                "split-not-whole",
                _("The customers of contract line %(line)s do not pay the whole of it.")
                % {"line": approval.contract_line},
                str(approval.entry),
                _("Change the shares of the contract line so that they add up to 100 percent."),
            )

    def _closed_on(self, on: dt.date) -> Iterator[Refusal]:
        """What lies in a closed period is reversed on the day of the correction, which must be open."""
        for entity in {entry.legal_entity_id: entry.legal_entity for entry in self.entries}.values():
            if entity.is_locked_on(on):
                yield Refusal(
                    "period-locked",
                    _("%(day)s lies in a closed period.") % {"day": day(on)},
                    str(entity),
                    _("Ask the controller to reopen the period."),
                )

    def _too_long_days(self) -> Iterator[Refusal]:
        """Hours that move to another day or person must stay within the daily maximum there."""
        moved = [line for line in self.lines if line.moves_hours]
        sides = [(line.new.entry.resource, line.new.entry) for line in moved]
        hours = [
            DayHours(person, new.date, new.quantity, new.seconds)
            for person, new in sides
            if person is not None
        ]
        return DayTotals.of(hours, [line.old.entry_id for line in moved]).reasons_against(hours)

    def _not_approved(self) -> Iterator[Refusal]:
        approved = {line.old.entry_id for line in self.lines}
        for entry in self.entries:
            if entry.status != EntryStatus.APPROVED or entry.pk not in approved:
                yield Refusal(
                    "not-approved",
                    _("It is “%(status)s”.") % {"status": entry.get_status_display()},
                    str(entry),
                    _("Only approved entries are corrected; whoever recorded the others changes them."),
                )


def correctable(entries: EntryQuerySet) -> EntryQuerySet:
    """Those of the entries that are approved, on no draft and on no invoice (decision 6)."""
    theirs = Actual.objects.filter(work_item__approval__entry=OuterRef("pk"))
    drafted = theirs.filter(backlog_item__status=BillingStatus.ON_DRAFT)
    billed = theirs.billed_sales().unreversed()
    return entries.filter(~Exists(drafted), ~Exists(billed), status=EntryStatus.APPROVED)


def recorded_lines(journal: CorrectionJournal) -> list[CorrectedLine]:
    """Both sides of a posted journal: the last approval of each old entry, the first of each new one."""
    names = ("legal_entity", "project", "task", "resource", "role", "category")
    related = [f"{path}{name}" for path in ("", "corrects__") for name in names]
    entries = list(Entry.objects.filter(correction_line__journal=journal).select_related(*related))
    keys = [key for entry in entries for key in (entry.pk, entry.corrects_id)]
    firsts: dict[int, Approval] = {}
    lasts: dict[int, Approval] = {}
    approvals = Approval.objects.filter(entry__in=keys).order_by("pk")
    for approval in approvals.select_related("contract_line__contract"):
        firsts.setdefault(approval.entry_id, approval)
        lasts[approval.entry_id] = approval
    lines = []
    for entry in sorted(entries, key=lambda one: one.pk):
        original = entry.corrects
        if original is None:
            raise ValueError(f"{entry} corrects nothing")
        old, new = lasts[original.pk], firsts[entry.pk]
        old.entry, new.entry = original, entry
        lines.append(CorrectedLine(old, new, _changes(old.entry, entry)))
    return lines


def _changes(old: Entry, new: Entry) -> Changes:
    texts = {name: [as_text(getattr(old, name)), as_text(getattr(new, name))] for name in vars(NewValues())}
    return {name: pair for name, pair in texts.items() if pair[0] != pair[1]}


def _against_values(line: CorrectedLine, dates: EntryDates) -> Iterator[Refusal]:
    entry, subject = line.new.entry, str(line.old.entry)
    if not line.changes:
        yield Refusal("nothing-changes", _("It has these values already."), subject)
    # Work on a project that was closed later may stay there; moved work needs an open project.
    if "project" in line.changes or "task" in line.changes:
        yield from reasons_against_place(entry.legal_entity, entry.project, entry.task, subject)
    if entry.resource is not None and entry.resource.legal_entity_id != entry.legal_entity_id:
        yield Refusal(
            "other-entity",
            _("%(person)s belongs to another company.") % {"person": entry.resource},
            subject,
        )
    if entry.category is not None and entry.category.transaction_class != entry.transaction_class:
        yield Refusal(
            "category-of-other-class",
            _("The category “%(category)s” belongs to another class.") % {"category": entry.category},
            subject,
            _("Select only entries of that class, or leave the category as it is."),
        )
    if entry.transaction_class == TransactionClass.FEE:
        yield from fee_refusals(entry, line.new.contract_line)
    if "date" in line.changes:
        yield from dates.reasons_against(entry.legal_entity, entry.date, subject)


def _stays_on_ended_contract(line: CorrectedLine) -> Iterator[Refusal]:
    """No work resolves to an ended contract (A3), so its line would be lost without a notice."""
    of = line.old.contract_line
    if of is None or of.contract.status not in ENDED_CONTRACTS or "project" in line.changes:
        return
    yield Refusal(
        "contract-ended",
        _("Contract %(contract)s is “%(status)s”.")
        % {"contract": of.contract, "status": of.contract.get_status_display()},
        str(line.old.entry),
        _("Move it to another project, or cancel its approval."),
    )


def _own_work(line: CorrectedLine, actor: User) -> Iterator[Refusal]:
    if actor.pk in (line.old.worker_id, line.new.worker_id, line.old.submitted_by_id):
        yield Refusal(
            "own-work",
            _("Nobody decides on their own work."),
            str(line.old.entry),
            _("Somebody else who may correct entries must do it."),
        )


def _unpaid(approvals: Iterable[Approval]) -> list[Approval]:
    """Approvals on time-and-material lines whose customers do not pay all of it; one statement."""
    of_hours = [one for one in approvals if one.contract_line and one.contract_line.is_time_and_material]
    payers = payers_of(of_hours)
    return [
        one
        for one in of_hours
        if sum((payer.split_percent for payer in payers[one.contract_line_id]), ZERO) != HUNDRED
    ]


def sums_of(lines: Sequence[CorrectedLine], side: str) -> list[BeforeAndAfter]:
    """Amounts of one side (`sales` or `cost`) before and after, one sum for each currency."""

    def pairs(name: str) -> Iterator[tuple[str, Decimal]]:
        for line in lines:
            approval = getattr(line, name)
            yield getattr(approval, f"{side}_currency"), getattr(approval, f"{side}_amount")

    before, after = sum_by(pairs("old")), sum_by(pairs("new"))
    return [
        BeforeAndAfter(side, currency, before.get(currency, ZERO), after.get(currency, ZERO))
        for currency in sorted(before.keys() | after.keys())
        if currency
    ]

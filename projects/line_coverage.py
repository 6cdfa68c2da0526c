"""Which work contract lines cover; refusals for shares, missing projects and overlaps (A3, A5).

The same checks are made for stored lines and for lines that are about to be stored.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from core.money import HUNDRED, ZERO
from core.refusals import Refusal
from core.templatetags.display import day
from projects.models import ContractLine
from projects.querysets import ContractLineQuerySet

CLASSES = ("time", "expense", "material", "fee")


@dataclass(frozen=True)
class LineFacts:
    """A contract line as the checks see it; `tasks` is empty where it covers the whole project.

    `split` is the sum of its customers' shares in percent, `rounding` how many of them take the rounding.
    Only lines that are `judged` are refused; the others are those they must not overlap with.
    """

    contract: str
    number: int
    name: str
    project_id: int | None
    classes: frozenset[str]
    tasks: frozenset[int]
    first_day: date
    last_day: date
    split: Decimal = ZERO
    rounding: int = 0
    is_judged: bool = True

    @property
    def key(self) -> tuple[str, int]:
        """Contract and number, which identify the line."""
        return self.contract, self.number

    @property
    def subject(self) -> str:
        """Its name in a refusal."""
        return f"{self.contract} {self.name}"


def facts_of_lines(lines: ContractLineQuerySet, *, is_judged: bool = True) -> list[LineFacts]:
    """The facts of written lines, ordered by contract and number; two statements for any number of lines."""
    tasks: dict[int, set[int]] = defaultdict(set)
    limited = ContractLine.tasks.through.objects.filter(contractline__in=lines.order_by().values("pk"))
    for line_id, task_id in limited.values_list("contractline_id", "task_id"):
        tasks[line_id].add(task_id)
    with_shares = lines.select_related("contract").annotate(
        split=Sum("customers__split_percent"),
        rounding=Count("customers", filter=Q(customers__is_rounding=True)),
    )
    return [
        LineFacts(
            contract=line.contract.number,
            number=line.number,
            name=line.name,
            project_id=line.project_id,
            classes=frozenset(one for one in CLASSES if getattr(line, f"includes_{one}")),
            tasks=frozenset(tasks[line.pk]),
            first_day=line.first_day,
            last_day=line.last_day,
            split=line.split or ZERO,
            rounding=line.rounding,
            is_judged=is_judged,
        )
        for line in with_shares.order_by("contract", "number")
    ]


def reasons_against_lines(lines: Sequence[LineFacts]) -> Iterator[Refusal]:
    """Why lines cannot be those of a confirmed contract.

    Codes: split-not-whole, no-rounding-customer, project-missing, class-missing, lines-overlap. Takes a time
    that grows with the number of lines and not with its square (A3, A5).
    """
    for line in lines:
        if line.is_judged:
            yield from _reasons_against(line)
    yield from _overlaps(lines)


def _reasons_against(line: LineFacts) -> Iterator[Refusal]:
    if line.split != HUNDRED:
        message = _("The shares add up to %(sum)s percent.") % {"sum": f"{line.split.normalize():f}"}
        yield Refusal(
            "split-not-whole", message, line.subject, _("Change them so that they add up to 100 percent.")
        )
    if line.rounding != 1:
        message = _("No customer takes the rounding difference.")
        yield Refusal("no-rounding-customer", message, line.subject, _("Choose one of its customers for it."))
    if line.project_id is None:
        message = _("It has no project, so it covers no work.")
        yield Refusal("project-missing", message, line.subject, _("Choose the project."))
    if not line.classes:
        message = _("It includes no class of work.")
        yield Refusal("class-missing", message, line.subject, _("Include time, or another class."))


def _overlaps(lines: Iterable[LineFacts]) -> Iterator[Refusal]:
    """Two lines may share a project, a class and days only with disjoint sets of tasks (A3)."""
    claims: dict[tuple[int, str], list[LineFacts]] = defaultdict(list)
    for line in lines:
        # A line whose billing would start after its contract ends covers no day, and clashes with none.
        if line.project_id is not None and line.first_day <= line.last_day:
            for one in line.classes:
                claims[line.project_id, one].append(line)
    # Lines of one project clash in several classes at once; each is named once.
    clashes = {line.key: (line, other) for group in claims.values() for line, other in _clashes(group)}
    for line, other in sorted(clashes.values(), key=lambda pair: pair[0].key):
        yield _overlap(line, other)


def _overlap(line: LineFacts, other: LineFacts) -> Refusal:
    if other.contract == line.contract:
        message = _("It covers the same work as line %(other)s.") % {"other": other.name}
    elif other.last_day == date.max:
        message = _("It covers the same work as line %(other)s of contract %(contract)s.") % {
            "other": other.name,
            "contract": other.contract,
        }
    else:
        message = _("It covers the same work as line %(other)s of contract %(contract)s, until %(day)s.") % {
            "other": other.name,
            "contract": other.contract,
            "day": day(other.last_day),
        }
    return Refusal(
        "lines-overlap", message, line.subject, _("Give the two lines different tasks, classes or days.")
    )


def _clashes(group: list[LineFacts]) -> Iterator[tuple[LineFacts, LineFacts]]:
    """The lines of one project and class that overlap with an earlier one, each with that other line."""
    judged, others = Passed(), Passed()
    # By their first day, so that it is enough to know which of the earlier ones end last.
    for line in sorted(group, key=lambda one: (one.first_day, *one.key)):
        clash = judged.clash_with(line) or (others.clash_with(line) if line.is_judged else None)
        if clash is not None:
            yield (line, clash) if line.is_judged else (clash, line)
        (judged if line.is_judged else others).add(line)


@dataclass
class Passed:
    """The lines of one project and class that a later one may clash with: those that end last."""

    latest: LineFacts | None = None
    latest_of_project: LineFacts | None = None
    latest_of_task: dict[int, LineFacts] = field(default_factory=dict)

    def clash_with(self, line: LineFacts) -> LineFacts | None:
        """An earlier line that covers work of `line` on its first day."""
        earlier = [self.latest_of_project, *(self.latest_of_task.get(task) for task in line.tasks)]
        candidates = earlier if line.tasks else [self.latest]
        return next((one for one in candidates if one and one.last_day >= line.first_day), None)

    def add(self, line: LineFacts) -> None:
        """Remember a line."""
        self.latest = _later(self.latest, line)
        if not line.tasks:
            self.latest_of_project = _later(self.latest_of_project, line)
        for task in line.tasks:
            self.latest_of_task[task] = _later(self.latest_of_task.get(task), line)


def _later(one: LineFacts | None, other: LineFacts) -> LineFacts:
    return other if one is None or other.last_day > one.last_day else one

"""Which contract line covers a piece of work, and why none does (A3)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.templatetags.display import day
from projects.models import ContractLine, Entry, ProjectContract
from projects.states import ENDED_CONTRACTS, ContractStatus, WhyUncovered


@dataclass(frozen=True)
class WorkCoverage:
    """Contract lines by project, and the tasks each line is limited to."""

    lines: dict[int, list[ContractLine]]
    tasks: dict[int, set[int]]

    @classmethod
    def of_projects(cls, projects: Iterable[int]) -> "WorkCoverage":
        """What may cover work of these projects; two statements, and none for no project."""
        wanted = set(projects)
        lines: dict[int, list[ContractLine]] = defaultdict(list)
        tasks: dict[int, set[int]] = defaultdict(set)
        if not wanted:
            return WorkCoverage({}, {})
        of_projects = ContractLine.objects.filter(project__in=wanted)
        # Ordered, so that the same work always resolves to the same line.
        for line in of_projects.select_related("contract", "prepaid_hours").order_by("contract", "number"):
            if line.project_id is not None:
                lines[line.project_id].append(line)
        limited = ContractLine.tasks.through.objects.filter(contractline__project__in=wanted)
        for line_id, task_id in limited.values_list("contractline_id", "task_id"):
            tasks[line_id].add(task_id)
        return WorkCoverage(dict(lines), dict(tasks))

    def line_of(self, entry: Entry) -> ContractLine | None:
        """The contract line that (project, task, class, day) resolves to.

        A line limited to the task wins over one for the whole project, and any line of a confirmed contract
        over those of drafts. Completed and lost contracts take no more work (A3).
        """
        covering = [line for line in self._reaching(entry) if line.covers_day(entry.date)]
        agreed = [line for line in covering if line.contract.status != ContractStatus.DRAFT]
        # A confirmed contract was agreed; a draft may still change.
        candidates = agreed or covering
        limited = (line for line in candidates if line.pk in self.tasks)
        return next(limited, None) or next(iter(candidates), None)

    def why_uncovered(self, entry: Entry) -> WhyUncovered | None:
        """Why an entry resolves to no line: the first thing that would have to change; None when it does."""
        lines, open_lines = self.lines.get(entry.project_id, []), self._open_lines(entry)
        if not open_lines:
            return WhyUncovered.ENDED if lines else WhyUncovered.NO_LINE
        if not any(_includes(line, entry) for line in open_lines):
            return WhyUncovered.OTHER_CLASS
        if not self._reaching(entry):
            return WhyUncovered.OTHER_TASK
        return None if self.line_of(entry) else WhyUncovered.OTHER_DAYS

    def sentence_of(self, entry: Entry) -> str:
        """Why no contract line covers an entry, in words; of days, which ones the line covers.

        Empty where a line covers it, and for internal work, which nobody is to pay.
        """
        why = None if entry.project.customer_id is None else self.why_uncovered(entry)
        if why is None:
            return ""
        # One line is named; where several reach the work, all of their dates would say no more.
        if why != WhyUncovered.OTHER_DAYS:
            return str(why.label)
        line = self._reaching(entry)[0]
        first, last = line.first_covered, line.contract.ends_on
        if first is None:
            words = _("Contract %(contract)s covers work until %(last)s")
        elif last is None:
            words = _("Contract %(contract)s covers work from %(first)s on")
        else:
            words = _("Contract %(contract)s covers work from %(first)s to %(last)s")
        return words % {"contract": line.contract.number, "first": day(first), "last": day(last)}

    def contract_of(self, project: int) -> ProjectContract | None:
        """The contract in which a line for the project would be written: a living one it has already."""
        lines = self.lines.get(project, [])
        return next((one.contract for one in lines if one.contract.status not in ENDED_CONTRACTS), None)

    def _open_lines(self, entry: Entry) -> list[ContractLine]:
        of_project = self.lines.get(entry.project_id, [])
        return [line for line in of_project if line.contract.status not in ENDED_CONTRACTS]

    def _reaching(self, entry: Entry) -> list[ContractLine]:
        """The open lines that include the class and cover the whole project, or the task of the entry."""
        return [
            line
            for line in self._open_lines(entry)
            if _includes(line, entry) and (line.pk not in self.tasks or entry.task_id in self.tasks[line.pk])
        ]


def coverage_of(entries: Sequence[Entry]) -> WorkCoverage:
    """What may cover these entries, of those that a customer is to pay; two statements, however many."""
    return WorkCoverage.of_projects(one.project_id for one in entries if one.project.customer_id is not None)


def uncovered_words(reason: str) -> str:
    """The reason as a sentence of its own."""
    return _("No contract covers it: %(reason)s") % {"reason": reason}


def _includes(line: ContractLine, entry: Entry) -> bool:
    return getattr(line, f"includes_{entry.transaction_class}", False)

"""Whatever is agreed, no piece of work is on two confirmed lines: the fast checks against every pair (A3)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, product

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core.refusals import Refused
from projects.contracting import confirm_contracts
from projects.line_coverage import CLASSES, LineFacts, reasons_against_lines
from projects.models import ContractLine, ProjectContract
from projects.states import ContractStatus
from tests.company import Company, only, rows
from tests.company.rows import DAY, NOW

MONDAY = date(2026, 3, 2)
HUNDRED = Decimal(100)
AGREED = (ContractStatus.CONFIRMED, ContractStatus.ON_HOLD)


# --- Facts in memory, against every pair ----------------------------------------------------------


@st.composite
def spans(draw: st.DrawFn) -> tuple[date, date]:
    """Days of a line: open at either end or not; some of them begin after they end and cover nothing."""
    first = draw(st.one_of(st.just(date.min), st.integers(0, 9).map(lambda n: MONDAY + timedelta(days=n))))
    last = draw(st.one_of(st.just(date.max), st.integers(0, 9).map(lambda n: MONDAY + timedelta(days=n))))
    return first, last


@st.composite
def drawn_lines(draw: st.DrawFn) -> list[LineFacts]:
    """Lines of several contracts on two projects: whole or some of four tasks, any classes, any days."""
    lines = []
    for contract in range(draw(st.integers(1, 4))):
        # What stands already is not judged again, but nobody may come into its way.
        is_judged = draw(st.booleans())
        for number in range(draw(st.integers(1, 4))):
            first, last = draw(spans())
            line = LineFacts(
                contract=f"C{contract}",
                number=number,
                name=f"L{number}",
                project_id=draw(st.sampled_from([None, 1, 2, 2])),
                classes=frozenset(draw(st.sets(st.sampled_from(CLASSES), min_size=1))),
                tasks=frozenset(draw(st.sets(st.integers(1, 4), max_size=3))),
                first_day=first,
                last_day=last,
                split=HUNDRED,
                rounding=1,
                is_judged=is_judged,
            )
            lines.append(line)
    return lines


def both_catch(one: LineFacts, other: LineFacts) -> bool:
    """Whether there is a piece of work that both lines would be asked for: said as plainly as it can be."""
    is_same_place = one.project_id is not None and one.project_id == other.project_id
    share_tasks = not one.tasks or not other.tasks or bool(one.tasks & other.tasks)
    share_days = max(one.first_day, other.first_day) <= min(one.last_day, other.last_day)
    return is_same_place and bool(one.classes & other.classes) and share_tasks and share_days


def subjects_refused(lines: Sequence[LineFacts]) -> list[str]:
    refusals = [one for one in reasons_against_lines(lines) if one.code == "lines-overlap"]
    return [one.subject for one in refusals]


@settings(max_examples=300)
@given(drawn_lines())
def test_lines_overlap_where_every_pair_says_so_and_nowhere_else(lines: list[LineFacts]) -> None:
    pairs = [pair for pair in combinations(lines, 2) if both_catch(*pair)]
    judged = [pair for pair in pairs if pair[0].is_judged or pair[1].is_judged]
    refused = subjects_refused(lines)
    assert bool(refused) == bool(judged)
    # Who is refused is judged and does clash; each line is named once.
    clashing = {line.subject for pair in judged for line in pair if line.is_judged}
    assert set(refused) <= clashing
    assert len(refused) == len(set(refused))


@given(drawn_lines())
def test_of_two_lines_that_clash_the_later_one_is_named_and_the_other_too_once_it_is_gone(
    lines: list[LineFacts],
) -> None:
    """Taking out what is refused, again and again, ends with lines of which no two clash."""
    standing = list(lines)
    while refused := subjects_refused(standing):
        standing = [line for line in standing if line.subject not in refused]
    left = [pair for pair in combinations(standing, 2) if both_catch(*pair)]
    assert not [pair for pair in left if pair[0].is_judged or pair[1].is_judged]


@given(drawn_lines(), st.randoms(use_true_random=False))
def test_the_order_in_which_lines_are_read_changes_nothing(lines: list[LineFacts], random) -> None:
    before = sorted(subjects_refused(lines))
    random.shuffle(lines)
    assert sorted(subjects_refused(lines)) == before


# --- Contracts in the database, whatever is confirmed in whatever order ----------------------------


class Drawn:
    """What Hypothesis chooses of one line: classes, days it begins to bill, and which of two tasks."""

    def __init__(self, classes: set[str], starts: int | None, tasks: set[int], project: int):
        self.classes, self.starts, self.tasks, self.project = classes, starts, tasks, project


LINES = st.builds(
    Drawn,
    st.sets(st.sampled_from(CLASSES), min_size=1, max_size=2),
    st.one_of(st.none(), st.integers(0, 5)),
    st.sets(st.integers(0, 1), max_size=2),
    st.integers(0, 1),
)
CONTRACTS = st.tuples(
    st.one_of(st.none(), st.integers(0, 5)),
    st.one_of(st.none(), st.integers(0, 5)),
    st.lists(LINES, min_size=1, max_size=2),
)


def day(number: int | None) -> date | None:
    return None if number is None else MONDAY + timedelta(days=number)


def write(at: Company, places: list, drawn: tuple) -> ProjectContract:
    """A draft as it was drawn; one that would end before it starts is open to the end."""
    starts, ends, lines = drawn
    is_possible = starts is None or ends is None or starts <= ends
    span = {"starts_on": day(starts), "ends_on": day(ends) if is_possible else None}
    made = rows.contract(at.entity, at.customer, status=ContractStatus.DRAFT, confirmed_at=None, **span)
    for one in lines:
        project, tasks = places[one.project]
        included = {f"includes_{name}": name in one.classes for name in CLASSES}
        starts_on = day(one.starts)
        line = rows.contract_line(made, at.customer, project=project, billing_starts_on=starts_on, **included)
        line.tasks.set([tasks[nth] for nth in one.tasks])
    return made


def catching(lines: Sequence[ContractLine], project: int, task: int, kind: str, on: date) -> list[str]:
    """The lines that a piece of work falls on, asked one by one."""
    caught = []
    for line in lines:
        tasks = {one.pk for one in line.tasks.all()}
        reaches = line.project_id == project and (not tasks or task in tasks)
        begins = [one for one in (line.contract.starts_on, line.billing_starts_on) if one]
        is_open = all(one <= on for one in begins) and (line.contract.ends_on or on) >= on
        if reaches and is_open and getattr(line, f"includes_{kind}"):
            caught.append(f"{line.contract.number} line {line.number}")
    return caught


@pytest.mark.django_db
@settings(max_examples=30)
@given(st.lists(CONTRACTS, min_size=2, max_size=4), st.booleans(), st.randoms(use_true_random=False))
def test_no_piece_of_work_is_ever_on_two_lines_of_confirmed_contracts(drawn, at_once: bool, random) -> None:
    atomic = transaction.atomic()
    atomic._from_testcase = True  # durable transactions may begin inside this one
    with atomic:
        at = Company.bare()
        places = [(project, [rows.task(project, code) for code in "AB"]) for project in _projects(at)]
        drafts = [write(at, places, one) for one in drawn]
        random.shuffle(drafts)
        confirmed: dict[bool, int] = defaultdict(int)
        for chosen in [drafts] if at_once else [[one] for one in drafts]:
            try:
                confirm_contracts(only(*chosen), actor=at.manager, on=DAY, at=NOW)
                confirmed[True] += len(chosen)
            except Refused as refused:
                assert set(refused.codes) == {"lines-overlap"}
                confirmed[False] += len(chosen)
        # Whoever comes first is confirmed, unless it clashes with itself.
        assert confirmed[True] or confirmed[False]
        agreed = ContractLine.objects.filter(contract__status__in=AGREED).select_related("contract")
        standing = list(agreed.prefetch_related("tasks"))
        days = [MONDAY + timedelta(days=nth) for nth in range(-1, 8)]
        for (project, tasks), kind, on in product(places, CLASSES, days):
            for task in tasks:
                assert len(caught := catching(standing, project.pk, task.pk, kind, on)) <= 1, caught
        transaction.set_rollback(True)


def _projects(at: Company) -> list:
    return [rows.project(at), rows.project(at)]

"""The plan of a file of master data: new and changed rows, and errors; nothing is written (A13, X8)."""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from typing import Any

from django.contrib.auth.models import User

from core.refusals import Refusal
from projects.models import Customer, LegalEntity, PriceList, Project, Task
from projects.new_person import KnownPerson, NewPerson
from projects.people_checks import reasons_against_admission, reasons_against_known
from projects.people_plans import plan_people
from projects.plan_rows import RecordPlan, by_kind
from projects.price_list_checks import reasons_against_list
from projects.price_plans import lists_of, plan_prices
from projects.price_rows import reasons_against_rows
from projects.record_checks import reasons_against_records
from projects.record_files import FileError, Table
from projects.work_plans import plan_customers, plan_projects

PLANS: Mapping[str, Callable[[LegalEntity, Table, User], RecordPlan]] = {
    "customers": plan_customers,
    "projects": plan_projects,
    "people": plan_people,
    "prices": plan_prices,
}


def plan_of(kind: str, legal_entity: LegalEntity, table: Table, user: User) -> RecordPlan:
    """What a file of this kind would do in a legal entity; some statements, whatever the number of rows.

    Rows that exist are changed only where `user` may change them on the pages.
    """
    if table.errors:
        return RecordPlan(errors=table.errors)
    plan = PLANS[kind](legal_entity, table, user)
    plan.errors = table.all_errors
    if not plan.errors:
        plan.errors = [FileError(0, "", str(refusal)) for refusal in _refusals_of(legal_entity, plan)]
    return plan


def _refusals_of(entity: LegalEntity, plan: RecordPlan) -> Iterator[Refusal]:
    """The refusals that saving the rows would raise, so that the preview shows them."""
    people = [one for one in plan.new if isinstance(one, NewPerson)]
    yield from reasons_against_admission(entity, people)
    known = [one.row for one in plan.changed if isinstance(one.row, KnownPerson)]
    yield from reasons_against_known(entity, known)
    for brought in lists_of(plan, update=True) if _has_prices(plan) else ():
        yield from _against_list(brought.price_list, brought.days)
        yield from reasons_against_rows(brought.price_list, brought.rows)
    # A task of a new project cannot collide: its project is not there yet.
    new = [
        one
        for one in plan.new
        if isinstance(one, Customer | Project) or (isinstance(one, Task) and one.project.pk is not None)
    ]
    for rows in by_kind(new):
        yield from reasons_against_records(rows)
    changed = [one for one in plan.changed if isinstance(one.row, Customer | Project | Task)]
    for rows in by_kind([_with(one.row, one.values) for one in changed]):
        fields = {one.row.pk: set(one.values) for one in changed if type(one.row) is type(rows[0])}
        yield from reasons_against_records(rows, fields)


def _has_prices(plan: RecordPlan) -> bool:
    rows = [*plan.new, *(one.row for one in plan.changed)]
    return any(isinstance(row, PriceList) or hasattr(row, "price_list") for row in rows)


def _against_list(price_list: PriceList, days: Mapping[str, object]) -> Iterator[Refusal]:
    if price_list.pk is None or days:
        yield from reasons_against_list(_with(price_list, days))


def _with(row: Any, values: Mapping[str, object]) -> Any:
    """A copy of a row with new values; the row itself is not changed by a preview."""
    made = copy(row)
    for name, value in values.items():
        setattr(made, name, value)
    return made

"""What a file of master data would do: new rows, changed ones, errors by row; it writes nothing (A13, X8)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext as _

from core.activity_log import as_text
from projects.models import (
    Customer,
    LegalEntity,
    PriceList,
    Project,
    Role,
    RolePrice,
    SalesTaxGroup,
    Task,
)
from projects.record_checks import reasons_against_records
from projects.record_files import FileError, FileLine, Table
from projects.roles import ROLES
from projects.states import PriceUnit

Values = dict[str, Any]


@dataclass
class RecordPlan:
    """What a file would do. `changed` are rows that exist with the values that differ, by field."""

    new: list[Any] = field(default_factory=list)
    changed: list[tuple[Any, Values]] = field(default_factory=list)
    unchanged: int = 0
    errors: list[FileError] = field(default_factory=list)
    price_list: PriceList | None = None

    @property
    def names(self) -> list[str]:
        """The new rows by name, as a preview shows them."""
        return [str(row["username"] if isinstance(row, dict) else row) for row in self.new]


def plan_of(kind: str, legal_entity: LegalEntity, table: Table) -> RecordPlan:
    """What a file of this kind would do in a legal entity; some statements, whatever the number of rows."""
    if table.errors:
        return RecordPlan(errors=table.errors)
    plan = PLANS[kind](legal_entity, table)
    plan.errors = table.all_errors
    if not plan.errors:
        plan.errors = list(_objections(plan))
    return plan


def _objections(plan: RecordPlan) -> Iterator[FileError]:
    """What the checks of the pages say about the rows, so that the preview shows all of it."""
    by_model: dict[type[models.Model], list[Any]] = {}
    for row in plan.new:
        # A task of a new project cannot collide: its project is not there yet.
        is_new_part = isinstance(row, Task) and row.project.pk is None
        if isinstance(row, Customer | Project | Task) and not is_new_part:
            by_model.setdefault(type(row), []).append(row)
    for rows in by_model.values():
        for refusal in reasons_against_records(rows):
            yield FileError(0, "", str(refusal))


def _customers(entity: LegalEntity, table: Table) -> RecordPlan:
    here = Customer.objects.filter(legal_entity=entity)
    known = {one.number: one for one in here.select_related("sales_tax_group", "manager")}
    groups = {one.code: one for one in SalesTaxGroup.objects.all()}
    people = {one.username: one for one in User.objects.filter(entity_memberships__legal_entity=entity)}
    plan, seen = RecordPlan(), set[str]()
    for line in table.lines:
        number, name = line.text("number"), line.text("name")
        days = line.number_of("payment days")
        if days is not None and days != days.to_integral_value():
            line.fail("payment days", _("Enter whole days."))
        values: Values = {
            "name": name,
            "short_name": line.text("short name") or name[:32],
            "billing_address": _address(line.text("billing address")),
            "country": line.text("country").upper(),
            "currency": line.text("currency").upper(),
            "vat_id": line.text("vat id"),
            "language": line.text("language") or entity.language,
            "payment_days": int(days) if days is not None else 30,
            "purchase_order": line.text("purchase order"),
            "sales_tax_group": _one_of(line, "tax group", groups),
            "manager": _one_of(line, "looked after by", people),
        }
        _once(line, "number", number, seen)
        _sort(
            plan, known.get(number), values, lambda v, n=number: Customer(legal_entity=entity, number=n, **v)
        )
    return plan


def _projects(entity: LegalEntity, table: Table) -> RecordPlan:
    here = Project.objects.filter(legal_entity=entity).select_related("customer", "manager")
    known = {one.number: one for one in here}
    tasks = {(one.project_id, one.code): one for one in Task.objects.filter(project__legal_entity=entity)}
    customers = {one.number: one for one in Customer.objects.filter(legal_entity=entity)}
    people = {one.username: one for one in User.objects.filter(entity_memberships__legal_entity=entity)}
    plan, begun, seen = RecordPlan(), dict[str, Project](), set[str]()
    for line in table.lines:
        number, code = line.text("number"), line.text("task")
        if number not in begun:
            values = _project_values(line, customers, people)
            old = known.get(number)
            _sort(plan, old, values, lambda v, n=number: Project(legal_entity=entity, number=n, **v))
            begun[number] = old or plan.new[-1]
        project = begun[number]
        if code:
            _once(line, "task", f"{number} {code}", seen)
            values = {
                "name": line.text("task name") or code,
                "budget_hours": line.number_of("task budget hours"),
                "budget_amount": line.number_of("task budget money"),
            }
            old_task = tasks.get((project.pk, code))
            _sort(plan, old_task, values, lambda v, p=project, c=code: Task(project=p, code=c, **v))
        elif number in seen:
            line.fail("task", _("The project is in a row above: this row needs a task."))
        seen.add(number)
    return plan


def _project_values(line: FileLine, customers: Mapping[str, Customer], people: Mapping[str, User]) -> Values:
    return {
        "name": line.text("name"),
        "customer": _one_of(line, "customer", customers),
        "manager": _one_of(line, "manager", people),
        "starts_on": line.day_of("starts on"),
        "ends_on": line.day_of("ends on"),
        "budget_hours": line.number_of("budget hours"),
        "budget_amount": line.number_of("budget money"),
    }


def _people(entity: LegalEntity, table: Table) -> RecordPlan:
    """New people alone: roles of somebody who is here are changed on purpose, never by a file."""
    names = [line.text("username").lower() for line in table.lines]
    known = {name.lower() for name in User.objects.values_list("username", flat=True)} & set(names)
    roles = {one.name.lower(): one for one in Role.objects.filter(is_closed=False)}
    may = {name.lower(): name for name in ROLES}
    plan, seen = RecordPlan(), set[str]()
    for line in table.lines:
        username = line.text("username")
        _once(line, "username", username.lower(), seen)
        held = [one.strip() for one in line.text("roles").split(",") if one.strip()]
        for one in held:
            if one.lower() not in may:
                line.fail("roles", _("There is no role %(role)s.") % {"role": one})
        billed_as = _one_of(line, "billed as", roles, fold=True)
        if username.lower() in known:
            plan.unchanged += 1
            continue
        plan.new.append(
            {
                "username": username,
                "first_name": line.text("first name"),
                "last_name": line.text("last name"),
                "email": line.text("mail"),
                "roles": [may.get(one.lower(), one) for one in held],
                "code": line.text("code"),
                "billed_as": billed_as,
            }
        )
    return plan


def _prices(entity: LegalEntity, table: Table) -> RecordPlan:
    lists = {one.name: one for one in PriceList.objects.filter(legal_entity=entity)}
    roles = {one.name.lower(): one for one in Role.objects.filter(is_closed=False)}
    plan, seen = RecordPlan(), set[str]()
    named = {line.text("price list") for line in table.lines}
    plan.price_list = lists.get(next(iter(named))) if len(named) == 1 else None
    held: dict[tuple[int, str], RolePrice] = {}
    if plan.price_list is not None:
        held = {(one.role_id, one.unit): one for one in plan.price_list.role_prices.select_related("role")}
    for line in table.lines:
        if len(named) > 1:
            line.fail("price list", _("All rows of a file must name the same price list."))
        _one_of(line, "price list", lists)
        role, price = _one_of(line, "role", roles, fold=True), line.number_of("price")
        unit = line.text("unit") or PriceUnit.HOUR
        if unit not in PriceUnit.values:
            line.fail("unit", _("Enter one of: %(units)s.") % {"units": ", ".join(PriceUnit.values)})
        values: Values = {"price": price, "ends_on": line.day_of("last day")}
        if role is not None and price is not None:
            _once(line, "role", f"{role.pk} {unit}", seen)
            old = held.get((role.pk, unit))
            _sort(plan, old, values, lambda v, r=role, u=unit: RolePrice(role=r, unit=u, **v))
    return plan


PLANS: Mapping[str, Callable[[LegalEntity, Table], RecordPlan]] = {
    "customers": _customers,
    "projects": _projects,
    "people": _people,
    "prices": _prices,
}


def _sort(plan: RecordPlan, old: Any, values: Values, build: Callable[[Values], Any]) -> None:
    """Put a row among the new, the changed or those that stay as they are."""
    if old is None:
        plan.new.append(build(values))
        return
    different = {name: new for name, new in values.items() if as_text(getattr(old, name)) != as_text(new)}
    if different:
        plan.changed.append((old, different))
    else:
        plan.unchanged += 1


def _one_of(line: FileLine, head: str, rows: Mapping[str, Any], *, fold: bool = False) -> Any:
    """The row that a cell names; none where it is empty, an error where there is no such row."""
    text = line.text(head)
    if not text:
        return None
    found_row = rows.get(text.lower() if fold else text)
    if found_row is None:
        line.fail(head, _("“%(text)s” does not exist.") % {"text": text[:60]})
    return found_row


def _once(line: FileLine, head: str, key: str, seen: set[str]) -> None:
    if key in seen:
        line.fail(head, _("The file contains it twice."))
    seen.add(key)


def _address(text: str) -> str:
    """Lines of an address, which a file may write in one cell with bars between them."""
    return "\n".join(part.strip() for part in text.replace("\n", "|").split("|") if part.strip())

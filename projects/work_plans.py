"""The plan of a file of customers, or of projects with their tasks (A13, X8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from projects.models import Customer, LegalEntity, PaymentTerms, Project, SalesTaxGroup, Task
from projects.plan_rows import RecordPlan, Values, once, one_of, sort_row, without_silent
from projects.record_files import FileLine, Table

CUSTOMER_HEADS = {
    "name": "name",
    "short_name": "short name",
    "billing_address": "billing address",
    "country": "country",
    "currency": "currency",
    "email": "email",
    "vat_id": "vat id",
    "language": "language",
    "payment_terms": "payment terms",
    "purchase_order": "purchase order",
    "sales_tax_group": "tax group",
    "manager": "looked after by",
}
PROJECT_HEADS = {
    "name": "name",
    "customer": "customer",
    "manager": "manager",
    "starts_on": "starts on",
    "ends_on": "ends on",
    "budget_hours": "budget hours",
    "budget_amount": "budget money",
}
TASK_HEADS = {"name": "task name", "budget_hours": "task budget hours", "budget_amount": "task budget money"}


@dataclass(frozen=True)
class Offered:
    """What the cells of a customer may name, by the words that name it."""

    groups: Mapping[str, SalesTaxGroup]
    people: Mapping[str, User]
    terms: Mapping[str, PaymentTerms]


def plan_customers(entity: LegalEntity, table: Table, user: User) -> RecordPlan:
    """Customers by number; only those are changed whom the user may change on the pages."""
    here = Customer.objects.filter(legal_entity=entity)
    known = {one.number: one for one in here.select_related("sales_tax_group", "manager", "payment_terms")}
    mine = set(Customer.objects.changeable_by(user).filter(legal_entity=entity).values_list("pk", flat=True))
    groups = {one.code: one for one in SalesTaxGroup.objects.all()}
    people = {one.username: one for one in User.objects.filter(entity_memberships__legal_entity=entity)}
    offered = Offered(groups, people, _terms_by_name())
    plan, seen = RecordPlan(), set[str]()
    for line in table.lines:
        number, old = line.text("number"), known.get(line.text("number"))
        values = _customer_values(line, entity, offered)
        if old is not None:
            values = without_silent(line, old, values, CUSTOMER_HEADS) | _kept(line, old)
        once(line, "number", number, seen)
        sort_row(
            plan,
            old,
            values,
            lambda v, n=number: Customer(legal_entity=entity, number=n, **v),
            is_mine=old is None or old.pk in mine,
        )
    return plan


def _terms_by_name() -> dict[str, PaymentTerms]:
    """Payment terms by name, and plain ones by their number of days as well."""
    terms = list(PaymentTerms.objects.order_by("pk"))
    plain = {
        str(one.net_days): one
        for one in terms
        if not (one.is_end_of_month or one.discount_days is not None or one.instalments)
    }
    return plain | {one.name: one for one in terms}


def _customer_values(line: FileLine, entity: LegalEntity, offered: Offered) -> Values:
    name = line.text("name")
    return {
        "name": name,
        "short_name": line.text("short name") or name[:32],
        "billing_address": _address(line.text("billing address")),
        "country": line.text("country").upper(),
        "currency": line.text("currency").upper(),
        "email": line.text("email"),
        "vat_id": line.text("vat id"),
        "language": line.text("language") or entity.language,
        "payment_terms": one_of(line, "payment terms", offered.terms),
        "purchase_order": line.text("purchase order"),
        "sales_tax_group": one_of(line, "tax group", offered.groups),
        "manager": one_of(line, "looked after by", offered.people),
    }


def _kept(line: FileLine, old: Customer) -> Values:
    """Values of an existing customer that an empty cell leaves as they are, because they are required."""
    kept: Values = {}
    if not line.text("language"):
        kept["language"] = old.language
    if not line.text("short name"):
        # A short name that was the beginning of the name follows it.
        follows = old.short_name == old.name[:32]
        kept["short_name"] = line.text("name")[:32] if follows else old.short_name
    return kept


def plan_projects(entity: LegalEntity, table: Table, user: User) -> RecordPlan:
    """Projects by number, tasks by code; only those are changed which the user may change on the pages."""
    here = Project.objects.filter(legal_entity=entity).select_related("customer", "manager")
    known = {one.number: one for one in here}
    mine = set(Project.objects.changeable_by(user).filter(legal_entity=entity).values_list("pk", flat=True))
    tasks = {(one.project_id, one.code): one for one in Task.objects.filter(project__legal_entity=entity)}
    visible = Customer.objects.visible_to(user).filter(legal_entity=entity)
    customers = {one.number: one for one in visible}
    people = {one.username: one for one in User.objects.filter(entity_memberships__legal_entity=entity)}
    plan, begun, seen = RecordPlan(), dict[str, Project](), set[str]()
    for line in table.lines:
        number, code = line.text("number"), line.text("task")
        old = known.get(number)
        is_mine = old is None or old.pk in mine
        if number not in begun:
            values = without_silent(line, old, _project_values(line, customers, people), PROJECT_HEADS)
            build = _builder(Project, legal_entity=entity, number=number)
            sort_row(plan, old, values, build, is_mine=is_mine)
            begun[number] = old or plan.new[-1]
        project = begun[number]
        if code:
            once(line, "task", f"{number} {code}", seen)
            old_task = tasks.get((project.pk, code))
            if old_task is None and not is_mine:
                line.fail("task", _("You may not add tasks to this project: remove this row from the file."))
            values = without_silent(line, old_task, _task_values(line, code), TASK_HEADS)
            build = _builder(Task, project=project, code=code)
            sort_row(plan, old_task, values, build, is_mine=is_mine)
        elif number in seen:
            line.fail("task", _("The project is in a row above: this row needs a task."))
        seen.add(number)
    return plan


def _builder(model: type[Project] | type[Task], **key: Any) -> Any:
    return lambda values: model(**key, **values)


def _project_values(line: FileLine, customers: Mapping[str, Customer], people: Mapping[str, User]) -> Values:
    return {
        "name": line.text("name"),
        "customer": one_of(line, "customer", customers),
        "manager": one_of(line, "manager", people),
        "starts_on": line.day_of("starts on"),
        "ends_on": line.day_of("ends on"),
        "budget_hours": line.number_of("budget hours"),
        "budget_amount": line.number_of("budget money"),
    }


def _task_values(line: FileLine, code: str) -> Values:
    return {
        "name": line.text("task name") or code,
        "budget_hours": line.number_of("task budget hours"),
        "budget_amount": line.number_of("task budget money"),
    }


def _address(text: str) -> str:
    """The lines of an address, which may be separated by bars in one cell."""
    return "\n".join(part.strip() for part in text.replace("\n", "|").split("|") if part.strip())

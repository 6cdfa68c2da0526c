"""Refusals for saving and closing master data; the number of statements does not depend on the rows."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from babel.core import get_global
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.querysets import KEYS_PER_STATEMENT
from core.refusals import Refusal
from core.templatetags.display import number
from projects.identifiers import is_vat_id
from projects.models import (
    Approval,
    Customer,
    Project,
    ProjectContract,
    Resource,
    Role,
    Task,
    TeamMember,
    TransactionCategory,
)
from projects.states import ApprovalStatus, ContractStatus

KEYS: Mapping[type[models.Model], tuple[str, ...]] = {
    Customer: ("legal_entity_id", "number"),
    Project: ("legal_entity_id", "number"),
    Task: ("project_id", "code"),
    TeamMember: ("project_id", "resource_id"),
    Resource: ("legal_entity_id", "code"),
    Role: ("name",),
    TransactionCategory: ("name", "transaction_class"),
}
"""The fields that identify a row of each model."""

OPEN_CONTRACTS = (ContractStatus.DRAFT, ContractStatus.CONFIRMED, ContractStatus.ON_HOLD)
WORK_OF = {Project: "entry__project", Task: "entry__task", Resource: "entry__resource"}
Changed = Mapping[Any, set[str]]


def reasons_against_records(
    records: Sequence[models.Model], changed: Changed | None = None
) -> Iterator[Refusal]:
    """Why rows of one kind, new or changed, may not be saved as they are.

    `changed` names the fields that changed, by key: what stands already is not judged again, so that a
    customer with an old VAT id can get another address.
    """
    if not records:
        return
    yield from _taken(records)
    check = CHECKS.get(type(records[0]))
    if check is not None:
        for record in records:
            fields = None if changed is None else changed.get(record.pk, set())
            yield from check(record, lambda *names, fields=fields: fields is None or bool(fields & {*names}))


def reasons_against_closing(records: Sequence[models.Model]) -> Iterator[Refusal]:
    """Why rows of one kind may not be closed: work that waits for a decision, contracts that are open."""
    if not records:
        return
    model = type(records[0])
    if model in WORK_OF:
        yield from _waiting(records, WORK_OF[model])
    if model is Customer:
        yield from _with_contracts(records)
    if model is TransactionCategory:
        for record in records:
            if record.is_default:  # type: ignore[attr-defined]
                message = _("It is the default for entries without a category.")
                yield Refusal("is-default", message, str(record), _("Make another one the default first."))


def _waiting(records: Sequence[models.Model], path: str) -> Iterator[Refusal]:
    waiting = Approval.objects.filter(
        status=ApprovalStatus.SUBMITTED, **{f"{path}__in": [row.pk for row in records]}
    )
    counts = dict(waiting.order_by().values_list(path).annotate(count=Count("pk")))
    for record in records:
        count = counts.get(record.pk, 0)
        if count:
            message = ngettext(
                "%(count)s entry waits for approval.", "%(count)s entries wait for approval.", count
            ) % {"count": number(count)}
            yield Refusal("work-waiting", message, str(record), _("Approve it or send it back first."))


def _with_contracts(customers: Sequence[models.Model]) -> Iterator[Refusal]:
    contracts = ProjectContract.objects.filter(
        customer__in=[one.pk for one in customers], status__in=OPEN_CONTRACTS
    )
    numbers: dict[int, list[str]] = {}
    for customer, contract in contracts.order_by("number").values_list("customer", "number"):
        numbers.setdefault(customer, []).append(contract)
    for one in customers:
        if one.pk in numbers:
            shown = ", ".join(numbers[one.pk][:5])
            message = _("It has open contracts: %(numbers)s.") % {"numbers": shown}
            yield Refusal("contracts-open", message, str(one), _("Complete them, or put it on hold instead."))


def _taken(records: Sequence[models.Model]) -> Iterator[Refusal]:
    model, fields = type(records[0]), KEYS[type(records[0])]
    wanted = Counter(_key_of(record, fields) for record in records)
    own = {record.pk for record in records if record.pk}
    existing: set[tuple[Any, ...]] = set()
    # By one field alone, the narrowest; the others are compared here.
    last = list({key[-1] for key in wanted})
    for start in range(0, len(last), KEYS_PER_STATEMENT):
        rows = model._default_manager.filter(
            **{f"{fields[-1]}__in": last[start : start + KEYS_PER_STATEMENT]}
        )
        existing |= {tuple(key) for pk, *key in rows.values_list("pk", *fields) if pk not in own}
    for record in records:
        key = _key_of(record, fields)
        if key in existing or wanted[key] > 1:
            message = _("It exists already, or is listed twice.")
            yield Refusal("already-exists", message, str(record), _("Choose another number or name."))


def _key_of(record: models.Model, fields: Iterable[str]) -> tuple[Any, ...]:
    return tuple(getattr(record, field) for field in fields)


Judged = Callable[..., bool]
"""Whether one of these fields is new, and therefore judged."""


def _customer(customer: Customer, judged: Judged) -> Iterator[Refusal]:
    if judged("vat_id") and customer.vat_id and not is_vat_id(customer.vat_id):
        message = _("“%(vat_id)s” is not written like a VAT id of its country.") % {"vat_id": customer.vat_id}
        way_out = _("Correct it, or leave it empty and add it before the first invoice.")
        yield Refusal("vat-id-malformed", message, customer.number, way_out)
    if judged("email") and customer.email and not is_mail_address(customer.email):
        message = _("“%(address)s” is no e-mail address.") % {"address": customer.email}
        way_out = _("Type one address, or leave it empty.")
        yield Refusal("address-malformed", message, customer.number, way_out)
    if judged("sends_invoices", "email") and customer.sends_invoices and not customer.email:
        message = _("Invoices are sent by e-mail, and there is no address.")
        way_out = _("Type the e-mail address, or do not send invoices by e-mail.")
        yield Refusal("address-missing", message, customer.number, way_out)
    if judged("currency") and customer.currency not in get_global("all_currencies"):
        message = _("“%(code)s” is not a currency code.") % {"code": customer.currency}
        yield Refusal(
            "unknown-currency", message, customer.number, _("Use three capital letters, such as EUR.")
        )
    if judged("country") and customer.country not in get_global("territory_currencies"):
        message = _("“%(code)s” is not a country code.") % {"code": customer.country}
        yield Refusal("unknown-country", message, customer.number, _("Use two capital letters, such as DE."))


def _project(project: Project, judged: Judged) -> Iterator[Refusal]:
    customer = project.customer if judged("customer") else None
    if customer is not None and customer.legal_entity_id != project.legal_entity_id:
        yield _of_another_entity(project, customer)
    if customer is not None and customer.is_closed:
        message = _("%(customer)s is closed.") % {"customer": customer}
        yield Refusal("customer-closed", message, project.number, _("Reopen the customer first."))
    if project.starts_on and project.ends_on and project.ends_on < project.starts_on:
        message = _("It would end before it starts.")
        yield Refusal("ends-before-start", message, project.number, _("Correct one of the two dates."))
    yield from _negative_budget(project)


def _task(task: Task, judged: Judged) -> Iterator[Refusal]:
    if judged("project") and task.project.is_closed:
        message = _("%(project)s is closed.") % {"project": task.project}
        yield Refusal("project-closed", message, task.code, _("Reopen the project first."))
    yield from _negative_budget(task)


def _negative_budget(record: Project | Task) -> Iterator[Refusal]:
    if any(limit is not None and limit < 0 for limit in (record.budget_hours, record.budget_amount)):
        message = _("A budget must not be negative.")
        yield Refusal("budget-negative", message, str(record), _("Leave it empty where there is none."))


def _team_member(member: TeamMember, judged: Judged) -> Iterator[Refusal]:
    if judged("resource") and member.resource.legal_entity_id != member.project.legal_entity_id:
        yield _of_another_entity(member.project, member.resource)
    if judged("resource") and member.resource.is_closed:
        message = _("%(person)s has left the company.") % {"person": member.resource}
        yield Refusal("resource-left", message, str(member.project), _("Choose somebody else."))
    if judged("role") and member.role.is_closed:
        yield _closed_role(member, member.role)


def _resource(resource: Resource, judged: Judged) -> Iterator[Refusal]:
    if judged("role") and resource.role is not None and resource.role.is_closed:
        yield _closed_role(resource, resource.role)


def _closed_role(record: models.Model, role: Role) -> Refusal:
    message = _("The role %(role)s is closed.") % {"role": role}
    return Refusal("role-closed", message, str(record), _("Choose another role."))


def _category(category: TransactionCategory, judged: Judged) -> Iterator[Refusal]:
    if not (judged("is_default", "transaction_class") and category.is_default):
        return
    others = TransactionCategory.objects.filter(
        is_default=True, transaction_class=category.transaction_class
    ).exclude(pk=category.pk)
    for other in others:
        message = _("%(other)s is the default of its class already.") % {"other": other}
        yield Refusal("default-taken", message, str(category), _("Clear “default of its class” there first."))


def _of_another_entity(project: Project, other: models.Model) -> Refusal:
    message = _("%(other)s belongs to another legal entity.") % {"other": other}
    return Refusal("other-legal-entity", message, str(project), _("Choose one of the same legal entity."))


CHECKS: Mapping[type[models.Model], Callable[[Any, Judged], Iterator[Refusal]]] = {
    Customer: _customer,
    Project: _project,
    Resource: _resource,
    Task: _task,
    TeamMember: _team_member,
    TransactionCategory: _category,
}
"""What is judged beside the key, by kind."""


def is_mail_address(text: str) -> bool:
    """Whether a mail can be addressed to it, as Django judges: one address, without a name beside it."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True

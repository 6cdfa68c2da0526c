"""What may be chosen in the form of a contract, read once for all of its rows."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from projects.access import people_visible_to
from projects.models import (
    Customer,
    DocumentLayout,
    LegalEntity,
    PaymentTerms,
    Project,
    ProjectContract,
    Role,
    SalesTaxGroup,
    Task,
    TransactionCategory,
)
from projects.states import TransactionClass


class PickField(forms.ChoiceField):
    """One row out of those that are offered; unlike Django's own field it reads none itself.

    A form with many rows would otherwise read the same choices once for each of them.
    """

    rows: dict[str, Any]

    def offer(self, rows: Iterable[Model], name_of: Callable[[Any], str] = str) -> None:
        """Offer these rows by their names."""
        self.rows = {str(row.pk): row for row in rows}
        self.choices = [("", ""), *((key, name_of(row)) for key, row in self.rows.items())]

    def clean(self, value: Any) -> Any:
        """The row that was chosen, or nothing."""
        key = super().clean(value)
        if key and key not in self.rows:
            raise ValidationError(self.error_messages["invalid_choice"], params={"value": key})
        return self.rows.get(key)


class Offers:
    """What one user may choose for a contract: what takes new work, and what the contract has already."""

    def __init__(self, user: User, contract: ProjectContract | None):
        self.user, self.contract = user, contract

    @cached_property
    def entities(self) -> list[LegalEntity]:
        return list(LegalEntity.objects.visible_to(self.user).order_by("pk"))

    @cached_property
    def customers(self) -> list[Customer]:
        """Open customers, and those of the contract whatever became of them."""
        free = Customer.objects.visible_to(self.user).filter(is_closed=False, is_on_hold=False)
        own = (
            Q(contracts=self.contract)
            | Q(contract_shares__contract=self.contract)
            | Q(contract_line_shares__contract_line__contract=self.contract)
        )
        return list(_offered(Customer.objects.all(), free, own if self.contract else None).order_by("name"))

    @cached_property
    def projects(self) -> list[Project]:
        """Open projects, and those of the contract."""
        free = Project.objects.visible_to(self.user).filter(is_closed=False)
        own = Q(contract_lines__contract=self.contract) if self.contract else None
        return list(_offered(Project.objects.all(), free, own).order_by("number"))

    @cached_property
    def tasks(self) -> dict[int, list[Task]]:
        """Tasks by project."""
        by_project: dict[int, list[Task]] = {}
        for task in Task.objects.filter(project__in=self.projects).order_by("project", "code"):
            by_project.setdefault(task.project_id, []).append(task)
        return by_project

    @cached_property
    def managers(self) -> list[User]:
        people = people_visible_to(self.user).filter(is_active=True)
        return list(people.order_by("last_name", "first_name", "username"))

    @cached_property
    def tax_groups(self) -> list[SalesTaxGroup]:
        return list(SalesTaxGroup.objects.order_by("name"))

    @cached_property
    def payment_terms(self) -> list[PaymentTerms]:
        return list(PaymentTerms.objects.order_by("net_days", "name"))

    @cached_property
    def document_layouts(self) -> list[DocumentLayout]:
        return list(DocumentLayout.objects.order_by("name"))

    @cached_property
    def roles(self) -> list[Role]:
        return list(Role.objects.order_by("name"))

    @cached_property
    def categories(self) -> list[TransactionCategory]:
        """Categories of expenses, the only ones that chargeability is agreed for (A4)."""
        of_expenses = TransactionCategory.objects.filter(transaction_class=TransactionClass.EXPENSE)
        return list(of_expenses.order_by("name"))

    def subjects_of_rules(self, project: Project | None) -> dict[str, list[Any]]:
        """What a chargeability rule may be about, by kind."""
        tasks = self.tasks.get(project.pk, []) if project else []
        return {"task": tasks, "role": self.roles, "category": self.categories}


def words_of_kinds() -> dict[str, str]:
    """The heading of each kind of subject."""
    return {"task": _("Tasks"), "role": _("Roles"), "category": _("Expense categories")}


def _offered(rows: QuerySet[Any], free: QuerySet[Any], own: Q | None) -> QuerySet[Any]:
    wanted = Q(pk__in=free.order_by().values("pk"))
    if own is not None:
        wanted |= Q(pk__in=rows.filter(own).order_by().values("pk"))
    return rows.filter(wanted)

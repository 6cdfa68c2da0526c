"""How the work of one project is billed: by task, and what no contract line covers (A3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Max, Q, Sum

from core.money import ZERO
from projects.contract_terms import ContractTerms
from projects.models import (
    Approval,
    BacklogItem,
    ContractLine,
    Entry,
    Project,
    Resource,
    Task,
    TeamMember,
)
from projects.states import BillingType, EntryStatus, TransactionClass

UNCOVERED_SHOWN = 5
# What work would sell for is reckoned entry by entry; beyond so many, the page counts hours only.
WORTH_KNOWN_UP_TO = 200
CLASSES = (
    TransactionClass.TIME,
    TransactionClass.EXPENSE,
    TransactionClass.MATERIAL,
    TransactionClass.FEE,
)


@dataclass(frozen=True)
class TaskBilling:
    """How work on a task would be billed if it were recorded today, and on which contract line."""

    billing_type: BillingType
    line: ContractLine | None


@dataclass(frozen=True)
class UncoveredWork:
    """An approved submission on no contract line, why, and what it would sell for if that is known."""

    approval: Approval
    why: str
    worth: Decimal | None


class ProjectCoverage:
    """Contract terms of a project, asked for its tasks, its team and the work on no line; read once."""

    def __init__(self, project: Project, tasks: Sequence[Task], team: Sequence[TeamMember], today: date):
        self.project, self.tasks, self.team, self.today = project, tasks, team, today

    @cached_property
    def terms(self) -> ContractTerms:
        """Lines, rules, prices and rates for everything on the page."""
        return ContractTerms.of([self._work(TransactionClass.TIME)])

    @cached_property
    def uncovered(self) -> Sequence[Approval]:
        """Approved submissions on no line, newest first: as many as are priced here."""
        rows = Approval.objects.uncovered().filter(entry__project=self.project)
        related = ("entry__task", "entry__role", "entry__resource", "entry__category", "entry__legal_entity")
        return list(rows.select_related(*related).order_by("-entry__date", "-pk")[: WORTH_KNOWN_UP_TO + 1])

    @cached_property
    def uncovered_sums(self) -> dict[str, Any]:
        """Entries and hours on no line."""
        of_time = Q(entry__transaction_class=TransactionClass.TIME)
        rows = Approval.objects.uncovered().filter(entry__project=self.project).order_by()
        return rows.aggregate(
            entries=Count("pk"), hours=Sum("submitted_quantity", filter=of_time, default=ZERO)
        )

    @property
    def uncovered_worth(self) -> Decimal | None:
        """What all of it would sell for; None where a price is missing, or where there is too much of it."""
        if len(self.uncovered) > WORTH_KNOWN_UP_TO:
            return None
        worths = [self._worth_of(one) for one in self.uncovered]
        return None if None in worths else sum((one for one in worths if one is not None), ZERO)

    def uncovered_rows(self) -> list[UncoveredWork]:
        """The newest of it."""
        return [
            UncoveredWork(one, self._why(one.entry), self._worth_of(one))
            for one in self.uncovered[:UNCOVERED_SHOWN]
        ]

    def billing_of(self, task: Task) -> TaskBilling:
        """By the first class of work that a line covers; hours where none does."""
        for transaction_class in CLASSES:
            work = self._work(transaction_class, task=task)
            if line := self.terms.line_of(work):
                return TaskBilling(self.terms.billing_type_of(work, line), line)
        return TaskBilling(BillingType.NOT_AVAILABLE, None)

    def price_of(self, member: TeamMember) -> tuple[Decimal, str] | None:
        """What an hour of a team member sells for today, with its currency; None where no price is known."""
        work = self._work(TransactionClass.TIME, role=member.role, resource=member.resource)
        line = self.terms.line_of(work)
        if line is None or self.terms.billing_type_of(work, line) != BillingType.CHARGEABLE:
            return None
        price = self.terms.sales_price_of(work, line, self.terms.cost_price_of(work, line))
        return (price.unit_price, line.contract.currency) if price.is_known and price.unit_price else None

    def _work(self, transaction_class: TransactionClass, **columns: Any) -> Entry:
        """Work as it would be recorded today; never saved."""
        return Entry(
            legal_entity=self.project.legal_entity,
            project=self.project,
            transaction_class=transaction_class,
            date=self.today,
            quantity=Decimal(1),
            billing_type=BillingType.CHARGEABLE,
            **columns,
        )

    def _why(self, entry: Entry) -> str:
        why = self.terms.why_uncovered(entry)
        return str(why.label) if why else ""

    def _worth_of(self, approval: Approval) -> Decimal | None:
        customer = self.project.customer
        return self.terms.worth_of(approval.entry, customer.currency) if customer else None


def unbilled_of(project: Project) -> list[tuple[Decimal, str]]:
    """Chargeable work that waits to be invoiced, drafts included, by currency."""
    rows = BacklogItem.objects.chargeable().filter(work_item__project=project).order_by()
    sums = rows.values_list("work_item__currency").annotate(sum=Sum("amount")).order_by("work_item__currency")
    return [(amount, currency) for currency, amount in sums]


def strangers_of(project: Project, team: Iterable[TeamMember]) -> Mapping[Resource, dict[str, Any]]:
    """People who recorded here and neither are on the team nor manage it: last day, hours that wait."""
    known = [one.resource_id for one in team]
    live = Entry.objects.live().filter(project=project).exclude(resource__in=known)
    others = live.filter(resource__isnull=False)
    if project.manager_id:
        others = others.exclude(resource__user=project.manager_id)
    waiting = Q(status=EntryStatus.SUBMITTED, transaction_class=TransactionClass.TIME)
    hours = Sum("quantity", filter=waiting, default=ZERO)
    rows = others.order_by().values("resource").annotate(last=Max("date"), hours=hours)
    figures = {row["resource"]: row for row in rows}
    people = Resource.objects.filter(pk__in=figures).order_by("name")
    return {person: figures[person.pk] for person in people}

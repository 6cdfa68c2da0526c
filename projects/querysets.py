"""Words of the business over the ground floor's tables, and the two set-based ways to write."""

from collections.abc import Sequence
from typing import Any

from django.db import connections, models
from django.db.models import Exists, F, OuterRef, Q, Value

from projects.states import (
    ApprovalStatus,
    BillingStatus,
    BillingType,
    ContractStatus,
    EntryStatus,
    EventKind,
    NotToExceedStatus,
    OutboxStatus,
    TransactionType,
)

KEYS_PER_STATEMENT = 5000


class ChangedMeanwhile(Exception):
    """A compare-and-set did not find the rows as they were read; the transaction must not go on."""


def insert_from(model: type[models.Model], queryset: models.QuerySet, /, **columns: Any) -> int:
    """Insert one row of `model` for each row of `queryset`, in one statement; return how many.

    `columns` maps field names to expressions over the queryset or to plain values; the statement is
    Django's own, so it is the same on both engines and its cost does not depend on Python.
    """
    fields = [model._meta.get_field(name) for name in columns]
    expressions = {}
    for field, expression in zip(fields, columns.values(), strict=True):
        if not hasattr(expression, "resolve_expression"):
            expression = Value(expression, output_field=field)
        expressions[f"_{field.name}"] = expression
    rows = queryset.order_by().annotate(**expressions).values_list(*expressions)
    connection = connections[queryset.db]
    quote = connection.ops.quote_name
    sql, params = rows.query.get_compiler(connection=connection).as_sql()
    names = ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({names}) {sql}", params)  # noqa: S608
        return cursor.rowcount


class MachineQuerySet(models.QuerySet):
    """A queryset over a model with a state machine."""

    def move(self, transition: Any, **stamps: Any) -> int:
        """Walk the whole set through one transition: compare-and-set in one statement; return how many.

        Sources and target are read from the machine itself, so that the graph stands in one place. The
        caller compares the count with the number of rows it meant.
        """
        meta = transition._django_fsm
        sources = [source for source in meta.transitions if source != "*"]
        (target,) = {step.target for step in meta.transitions.values()}
        state = meta.field.name
        return self.filter(**{f"{state}__in": sources}).update(**{state: target}, **stamps)

    def walk(self, rows: Sequence[models.Model], transition: Any, **stamps: Any) -> None:
        """Walk locked rows through one transition, all of them or none, a few statements for any number.

        Raises ChangedMeanwhile when a row was not in a state the transition starts from.
        """
        keys = [row.pk for row in rows]
        moved = sum(
            self.filter(pk__in=keys[start : start + KEYS_PER_STATEMENT]).move(transition, **stamps)
            for start in range(0, len(keys), KEYS_PER_STATEMENT)
        )
        if moved != len(keys):
            raise ChangedMeanwhile(f"{len(keys) - moved} of {len(keys)} rows were in another state")

    def locked(self) -> "MachineQuerySet":
        """The rows in key order, held until the transaction ends (RELIABILITY D10: one order, always)."""
        return self.order_by("pk").select_for_update(of=("self",))


class OfClassManager(models.Manager):
    """Narrows a proxy of Entry to its transaction class."""

    def __init__(self, transaction_class: str = ""):
        super().__init__()
        self.transaction_class = transaction_class

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(transaction_class=self.transaction_class)


class ContractQuerySet(MachineQuerySet):
    def billable(self) -> "ContractQuerySet":
        """Only a confirmed contract may be invoiced (PRODUCT decision 11)."""
        return self.filter(status=ContractStatus.CONFIRMED)


class EntryQuerySet(MachineQuerySet):
    def submittable(self) -> "EntryQuerySet":
        return self.filter(status__in=[EntryStatus.DRAFT, EntryStatus.RETURNED])


class ApprovalQuerySet(MachineQuerySet):
    def waiting(self) -> "ApprovalQuerySet":
        return self.filter(status=ApprovalStatus.SUBMITTED)

    def decidable_by(self, user: Any) -> "ApprovalQuerySet":
        """Waiting submissions that are neither the user's own work nor were submitted by the user (S1)."""
        own = Q(submitted_by=user) | Q(worker=user)
        return self.waiting().exclude(pk__in=self.model.objects.filter(own).values("pk"))


class ActualQuerySet(models.QuerySet):
    CONFIRMING_KINDS = (EventKind.CONFIRMATION, EventKind.CORRECTION)

    def cost(self) -> "ActualQuerySet":
        return self.filter(type=TransactionType.COST)

    def unbilled_sales(self) -> "ActualQuerySet":
        return self.filter(type=TransactionType.UNBILLED_SALES)

    def billed_sales(self) -> "ActualQuerySet":
        return self.filter(type=TransactionType.BILLED_SALES)

    def originals(self) -> "ActualQuerySet":
        return self.filter(reverses__isnull=True)

    def standing(self) -> "ActualQuerySet":
        """Originals that no mirror has taken back."""
        mirrors = self.model.objects.filter(reverses=OuterRef("pk"))
        return self.originals().filter(~Exists(mirrors))

    def for_accounting(self) -> "ActualQuerySet":
        """What the integration journal takes over: every cost, and unbilled sales that outlive their event.

        Rows that a confirmation writes and takes back at once never reach the books, nor do the mirrors it
        writes: posting the invoice reverses the accrual itself (DOMAIN 6.5).
        """
        from_confirmation = Q(event__kind__in=self.CONFIRMING_KINDS)
        taken_back = Exists(self.model.objects.filter(reverses=OuterRef("pk"), event=OuterRef("event")))
        passing = from_confirmation & (Q(reverses__isnull=False) | Q(taken_back))
        return self.filter(Q(type=TransactionType.COST) | (Q(type=TransactionType.UNBILLED_SALES) & ~passing))


class BacklogQuerySet(MachineQuerySet):
    def ready(self) -> "BacklogQuerySet":
        return self.filter(status=BillingStatus.READY)

    def due_through(self, day: Any) -> "BacklogQuerySet":
        """Dated on or before the cut-off (PRODUCT decision 10)."""
        return self.filter(transaction_date__lte=day)

    def chargeable(self) -> "BacklogQuerySet":
        return self.filter(billing_type=BillingType.CHARGEABLE)

    def off_draft(self) -> "BacklogQuerySet":
        return self.exclude(status=BillingStatus.ON_DRAFT)

    def blocked(self) -> "BacklogQuerySet":
        """On hold, over a limit, or without a price: named, not hidden."""
        return self.filter(
            ~Q(hold_reason="")
            | Q(not_to_exceed_status=NotToExceedStatus.FAILED)
            | Q(work_item__is_priced=False)
        )

    def with_everything(self) -> "BacklogQuerySet":
        """The reference's view of an open actual: all columns of its work item, in one query."""
        return self.select_related(
            "actual",
            "work_item__task",
            "work_item__role",
            "work_item__resource",
            "work_item__category",
            "contract",
            "contract_line",
            "customer",
            "project",
        ).annotate(price=F("actual__price"))


class ActivityQuerySet(models.QuerySet):
    def about(self, subject: models.Model) -> "ActivityQuerySet":
        return self.filter(subject_kind=subject._meta.label_lower, subject_id=subject.pk)


class OutboxQuerySet(models.QuerySet):
    def pending(self, kind: str) -> "OutboxQuerySet":
        return self.filter(kind=kind, status=OutboxStatus.PENDING)

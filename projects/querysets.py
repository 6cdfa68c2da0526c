"""Words of the business over the ground floor's tables, and the two set-based ways to write."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import TruncWeek

from projects.money import ZERO
from projects.states import (
    ApprovalStatus,
    BillingStatus,
    BillingType,
    ContractStatus,
    EntryStatus,
    EventKind,
    HoldReason,
    NotToExceedStatus,
    OutboxStatus,
    TransactionClass,
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
        is_plain = not hasattr(expression, "resolve_expression")
        expressions[f"_{field.name}"] = Value(expression, output_field=field) if is_plain else expression
    rows = queryset.order_by().annotate(**expressions).values_list(*expressions)
    connection = connections[queryset.db]
    quote = connection.ops.quote_name
    try:
        sql, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return 0
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

    def of_person(self, user: Any) -> "EntryQuerySet":
        """The work of the team member who signs in as this user."""
        return self.filter(resource__user=user)

    def standing(self, monday: Any) -> dict[str, Any]:
        """Hours of the week from that Monday, and hours and entries in every state that waits."""
        hours = Q(transaction_class=TransactionClass.TIME)
        waiting = (EntryStatus.DRAFT, EntryStatus.SUBMITTED, EntryStatus.RETURNED)
        in_week = hours & Q(date__gte=monday, date__lt=monday + timedelta(days=7))
        sums = {str(one): Sum("quantity", filter=hours & Q(status=one)) for one in waiting}
        counts = {f"{one}_count": Count("pk", filter=Q(status=one)) for one in waiting}
        return self.aggregate(week=Sum("quantity", filter=in_week), **sums, **counts)

    def with_comment(self) -> "EntryQuerySet":
        """Each with the reason it was sent back with, while it is."""
        approvals = self.model._meta.get_field("approvals").related_model.objects
        last = approvals.filter(entry=OuterRef("pk"), status=ApprovalStatus.REJECTED).order_by("-pk")
        returned = When(status=EntryStatus.RETURNED, then=Subquery(last.values("comment")[:1]))
        return self.annotate(comment=Case(returned, default=Value("")))

    def between(self, first: Any, last: Any) -> "EntryQuerySet":
        return self.filter(date__gte=first, date__lte=last)


class ApprovalQuerySet(MachineQuerySet):
    def waiting(self) -> "ApprovalQuerySet":
        return self.filter(status=ApprovalStatus.SUBMITTED)

    def decidable_by(self, user: Any) -> "ApprovalQuerySet":
        """Waiting submissions that are neither the user's own work nor were submitted by the user (S1)."""
        own = Q(submitted_by=user) | Q(worker=user)
        return self.waiting().exclude(pk__in=self.model.objects.filter(own).values("pk"))

    WEEKEND = Q(entry__date__iso_week_day__gte=6)
    LONG = Q(entry__transaction_class=TransactionClass.TIME, entry__quantity__gt=10)
    UNDESCRIBED = Q(entry__description="", entry__external_description="")
    UNPRICED = Q(is_priced=False, billing_type=BillingType.CHARGEABLE)
    FLAGGED = WEEKEND | LONG | UNDESCRIBED | UNPRICED

    def with_flags(self) -> "ApprovalQuerySet":
        """Each with what an approver looks at twice: weekend, over ten hours, no description, no price."""
        return self.annotate(
            on_weekend=self.WEEKEND,
            is_long=self.LONG,
            is_undescribed=self.UNDESCRIBED,
            is_unpriced=self.UNPRICED,
        )

    def flagged(self) -> "ApprovalQuerySet":
        return self.filter(self.FLAGGED)

    def unflagged(self) -> "ApprovalQuerySet":
        return self.exclude(self.FLAGGED)

    def billable(self) -> "ApprovalQuerySet":
        """What will be billed once approved: chargeable, on a contract line."""
        return self.filter(billing_type=BillingType.CHARGEABLE, contract_line__isnull=False)

    def of_week(self, person: str, monday: Any) -> "ApprovalQuerySet":
        """Submissions of one person, or of none, in the week that begins on that Monday."""
        whose = Q(entry__resource__code=person) if person else Q(entry__resource__isnull=True)
        return self.filter(whose, entry__date__gte=monday, entry__date__lt=monday + timedelta(days=7))

    def by_week(self) -> "ApprovalQuerySet":
        """One row per person and week, newest week first: entries, hours, flagged entries."""
        return (
            self.order_by()
            .annotate(week=TruncWeek("entry__date"), person=F("entry__resource__code"))
            .values("week", "person")
            .annotate(
                name=Max("entry__resource__name"),
                entries=Count("pk"),
                hours=Sum("submitted_quantity", filter=Q(entry__transaction_class=TransactionClass.TIME)),
                flags=Count("pk", filter=self.FLAGGED),
            )
            .order_by("-week", "name", "person")
        )


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
    HELD_BACK = ~Q(hold_reason="") | Q(not_to_exceed_status=NotToExceedStatus.FAILED)
    BLOCKED = HELD_BACK | Q(work_item__is_priced=False)

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
        return self.filter(self.BLOCKED)

    def summed(self, *by: str, today: date) -> "BacklogQuerySet":
        """One row per value of `by`, which holds the currency: counts, and amounts by state and age.

        Ages are days up to `today`: to 30, to 60, to 90, and older (UX 5.4). Work items are looked at only
        where the amount is zero, which it is without a price: a hundred thousand rows are one scan.
        """
        work_items = self.model._meta.get_field("work_item").related_model.objects
        without_price = Exists(work_items.filter(pk=OuterRef("work_item"), is_priced=False))
        month, two, three = (today - timedelta(days=days) for days in (30, 60, 90))
        dated = "transaction_date"
        return (
            self.order_by()
            .values(*by)
            .annotate(
                entries=Count("pk"),
                total=Sum("amount"),
                ready=Sum("amount", filter=Q(status=BillingStatus.READY), default=ZERO),
                blocked=Sum("amount", filter=self.HELD_BACK, default=ZERO),
                over_limit=Count("pk", filter=Q(not_to_exceed_status=NotToExceedStatus.FAILED)),
                on_hold=Count("pk", filter=~Q(hold_reason="")),
                unpriced=Count("pk", filter=Q(amount=0) & Q(without_price)),
                age_30=Sum("amount", filter=Q(**{f"{dated}__gte": month}), default=ZERO),
                age_60=Sum("amount", filter=Q(**{f"{dated}__lt": month, f"{dated}__gte": two}), default=ZERO),
                age_90=Sum("amount", filter=Q(**{f"{dated}__lt": two, f"{dated}__gte": three}), default=ZERO),
                age_more=Sum("amount", filter=Q(**{f"{dated}__lt": three}), default=ZERO),
            )
        )

    def hours(self, *by: str) -> "BacklogQuerySet":
        """One row per value of `by`: the hours of time entries; other classes have units of their own."""
        time = self.filter(work_item__transaction_class=TransactionClass.TIME)
        return time.order_by().values(*by).annotate(hours=Sum("quantity"))

    def markable(self) -> "BacklogQuerySet":
        """Not ready and free of what would keep it back: a hold, a limit, a missing price (B1)."""
        return self.filter(
            status=BillingStatus.NOT_READY, hold_reason=HoldReason.NONE, work_item__is_priced=True
        ).exclude(not_to_exceed_status=NotToExceedStatus.FAILED)

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

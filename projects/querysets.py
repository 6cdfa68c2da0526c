"""The querysets of projects: who sees which rows, and the selections that verbs and pages ask for by name."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, TruncWeek

from core.money import ZERO
from core.querysets import AnyUser, StateMachineQuerySet, VisibleQuerySet
from projects.access import entities_of, sees_whole_entity
from projects.states import (
    ApprovalStatus,
    BillingStatus,
    BillingType,
    ContractStatus,
    EntryStatus,
    HoldReason,
    NotToExceedStatus,
    PriceUnit,
    TransactionClass,
)

Rows = models.QuerySet[Any, dict[str, Any]]
"""Sums by group: one dictionary per row."""


def related(rows: models.QuerySet, field: str) -> Any:
    """All rows of the model that a foreign key of these rows points to."""
    return rows.model._meta.get_field(field).related_model._default_manager.all()


class OfEntityQuerySet(VisibleQuerySet):
    """Rows of a legal entity, which stands at the end of `entity_path`: the user's entities see them."""

    entity_path: ClassVar[str] = "legal_entity"

    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(**{f"{self.entity_path}__in": entities_of(user)})


class FactJournalQuerySet(StateMachineQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Journals of the user's legal entities."""
        return self.filter(legal_entity__in=entities_of(user))


class LegalEntityQuerySet(OfEntityQuerySet):
    entity_path = "pk"


class ProjectQuerySet(OfEntityQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Projects of the user's entities, or those the user manages or works on."""
        return self._own(user, Q(manager=user) | Q(team__resource__user=user))

    def managed_by(self, user: AnyUser) -> Self:
        """Projects whose work the user may approve: managed, or with the right to approve there."""
        return self._own(user, Q(manager=user) | Q(team__resource__user=user, team__is_approver=True))

    def changeable_by(self, user: AnyUser) -> Self:
        """Projects a user may change: those the user manages. Who only works there changes nothing."""
        return self._own(user, Q(manager=user))

    def _own(self, user: AnyUser, own: Q) -> Self:
        # A subquery by key instead of joins, so that a project with two team members is one row.
        of_entity = super().visible_to(user)
        if sees_whole_entity(user):
            return of_entity
        return of_entity.filter(pk__in=self.model._default_manager.filter(own).values("pk"))


class OfProjectQuerySet(VisibleQuerySet):
    """Rows of a project, such as its tasks: those of the projects a user may see."""

    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(project__in=related(self, "project").visible_to(user).values("pk"))

    def changeable_by(self, user: AnyUser) -> Self:
        """Those of the projects a user may change."""
        return self.filter(project__in=related(self, "project").changeable_by(user).values("pk"))


class CustomerQuerySet(OfEntityQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Customers a user looks after, those of projects and contracts the user sees, or of the entity."""
        of_entity = super().visible_to(user)
        if sees_whole_entity(user):
            return of_entity
        return of_entity.filter(self._of_agreements(user, lambda rows: rows.visible_to(user)))

    def changeable_by(self, user: AnyUser) -> Self:
        """Customers a user looks after, or manages a contract or project of; all with the whole entity."""
        managed = self._of_agreements(user, lambda rows: rows.filter(manager=user))
        return self.visible_to(user).filter(Q() if sees_whole_entity(user) else managed)

    def _of_agreements(self, user: AnyUser, chosen: Callable[[Any], Any]) -> Q:
        # Models import this module, so related models are reached over the model's own fields.
        own = Q(manager=user)
        for name in ("contracts", "projects"):
            rows = self.model._meta.get_field(name).related_model._default_manager
            own |= Q(pk__in=chosen(rows).values("customer"))
        return own


class OfContractQuerySet(VisibleQuerySet):
    """Rows of a contract: those of the contracts a user may see."""

    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(contract__in=related(self, "contract").visible_to(user).values("pk"))

    def changeable_by(self, user: AnyUser) -> Self:
        """Those of the contracts a user manages; to see one is not enough."""
        return self.filter(contract__in=related(self, "contract").managed_by(user).values("pk"))


class ContractLineQuerySet(OfContractQuerySet):
    def claiming(self, projects: Iterable[int] | models.QuerySet[Any, Any]) -> Self:
        """Lines that the work of these projects may be on: those of contracts that were confirmed (A3)."""
        agreed = [ContractStatus.CONFIRMED, ContractStatus.ON_HOLD]
        return self.filter(project__in=projects, contract__status__in=agreed)


class ContractQuerySet(StateMachineQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Contracts of the user's entities, or those the user manages."""
        of_entity = self.filter(legal_entity__in=entities_of(user))
        if sees_whole_entity(user):
            return of_entity
        # By key, as for projects: joined with its lines a contract would be there once for each of them.
        own = Q(manager=user) | Q(lines__project__manager=user)
        return of_entity.filter(pk__in=self.model._default_manager.filter(own).values("pk"))

    def managed_by(self, user: AnyUser) -> Self:
        """Contracts a user may change: those the user manages; all of the entity for some.

        Where nobody is named as the manager of a contract, those who manage a project of it stand in, each of
        them for the whole contract: somebody must be able to confirm and bill it. Once a manager is named,
        managing a project of it lets a user see the contract and no more (A2).
        """
        visible = self.visible_to(user)
        if sees_whole_entity(user):
            return visible
        # What is visible to others has a manager, or a line for a project that the user manages.
        return visible.filter(Q(manager=user) | Q(manager=None))

    def changeable_by(self, user: AnyUser) -> Self:
        """The same, under the name that other rows have for it."""
        return self.managed_by(user)

    def billable(self) -> Self:
        """Only a confirmed contract may be invoiced (decision 11)."""
        return self.filter(status=ContractStatus.CONFIRMED)


class EntryQuerySet(StateMachineQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Entries of the projects a user manages, and the user's own."""
        managed = related(self, "project").managed_by(user).values("pk")
        return self.filter(Q(resource__user=user) | Q(project__in=managed))

    def live(self) -> Self:
        """What counts as work that was done: neither withdrawn nor replaced by a correction."""
        return self.exclude(status__in=[EntryStatus.CORRECTED, EntryStatus.WITHDRAWN])

    def kept(self) -> Self:
        """What lists show: all but what was deleted after it had been submitted once."""
        return self.exclude(status=EntryStatus.WITHDRAWN)

    def submittable(self) -> Self:
        return self.filter(status__in=[EntryStatus.DRAFT, EntryStatus.RETURNED])

    def of_person(self, user: AnyUser) -> Self:
        """The work of the team member who signs in as this user."""
        return self.filter(resource__user=user)

    def week_summary(self, monday: date) -> dict[str, Any]:
        """Hours of the week from that Monday, and hours and entries in every state that waits."""
        hours = Q(transaction_class=TransactionClass.TIME)
        waiting = (EntryStatus.DRAFT, EntryStatus.SUBMITTED, EntryStatus.RETURNED)
        in_week = hours & Q(date__gte=monday, date__lt=monday + timedelta(days=7))
        sums = {str(one): Sum("quantity", filter=hours & Q(status=one)) for one in waiting}
        counts = {f"{one}_count": Count("pk", filter=Q(status=one)) for one in waiting}
        return self.live().aggregate(week=Sum("quantity", filter=in_week), **sums, **counts)

    def with_team(self) -> Self:
        """Each with whether its person neither was on the team of its project that day nor manages it."""
        projects = related(self, "project").filter(pk=OuterRef("project"))
        since = Q(team__starts_on=None) | Q(team__starts_on__lte=OuterRef("date"))
        team = projects.filter(since, team__resource=OuterRef("resource"))
        managed = projects.filter(manager=OuterRef("resource__user"))
        return self.annotate(is_off_team=Q(resource__isnull=False) & ~Exists(team) & ~Exists(managed))

    def with_receipts(self) -> Self:
        """Each with how many receipts it has; counted apart, for a row in a group cannot be locked."""
        receipts = related(self, "receipts").order_by().filter(entry=OuterRef("pk")).values("entry")
        counts = Subquery(receipts.values(count=Count("pk")))
        return self.annotate(receipt_count=Coalesce(counts, 0))

    def by_week_and_status(self, first: date, last: date) -> Rows:
        """One row per week (its Monday) and status of these days: hours."""
        of_days = self.between(first, last).order_by().annotate(week=TruncWeek("date"))
        return of_days.values("week", "status").annotate(hours=Sum("quantity"))

    def with_comment(self) -> Self:
        """Each with the reason it was sent back with, while it is."""
        approvals = self.model._meta.get_field("approvals").related_model.objects
        # An entry may have been returned several times; the last reason is the one that counts.
        last = approvals.filter(entry=OuterRef("pk"), status=ApprovalStatus.REJECTED).order_by("-pk")
        returned = When(status=EntryStatus.RETURNED, then=Subquery(last.values("comment")[:1]))
        return self.annotate(comment=Case(returned, default=Value("")))

    def between(self, first: date, last: date) -> Self:
        return self.filter(date__gte=first, date__lte=last)


class BacklogQuerySet(StateMachineQuerySet):
    HELD_BACK = ~Q(hold_reason="") | Q(not_to_exceed_status=NotToExceedStatus.FAILED)
    BLOCKED = HELD_BACK | Q(work_item__is_priced=False)
    # Nobody is invoiced under a contract that is not confirmed, and no customer who is on hold (decision 11).
    STOPPED = ~Q(contract__status=ContractStatus.CONFIRMED) | Q(customer__is_on_hold=True)

    def visible_to(self, user: AnyUser) -> Self:
        """Open items of the contracts a user may see."""
        return self.filter(contract__in=related(self, "contract").visible_to(user).values("pk"))

    def changeable_by(self, user: AnyUser) -> Self:
        """Open items of the contracts a user manages; to see a contract is not enough."""
        return self.filter(contract__in=related(self, "contract").managed_by(user).values("pk"))

    def ready(self) -> Self:
        return self.filter(status=BillingStatus.READY)

    def invoiceable(self) -> Self:
        """Ready, with a contract and a customer that may be invoiced."""
        return self.ready().exclude(self.STOPPED)

    def due_through(self, day: date) -> Self:
        """Dated on or before the cut-off (decision 10)."""
        return self.filter(transaction_date__lte=day)

    def chargeable(self) -> Self:
        return self.filter(billing_type=BillingType.CHARGEABLE)

    def off_draft(self) -> Self:
        return self.exclude(status=BillingStatus.ON_DRAFT)

    def over_limit(self) -> Self:
        """What would exceed a not-to-exceed limit and is held back (A6)."""
        return self.filter(not_to_exceed_status=NotToExceedStatus.FAILED)

    def held(self) -> Self:
        """On hold by somebody's decision."""
        return self.exclude(hold_reason=HoldReason.NONE)

    def to_look_at(self, day: date) -> Self:
        """On hold, and to be looked at again on a day or before it."""
        return self.filter(review_on__lte=day)

    def blocked(self) -> Self:
        """On hold, over a limit, without a price, or stopped by contract or payer: named, not hidden."""
        return self.off_draft().filter(self.BLOCKED | self.STOPPED)

    def summed(self, *by: str, today: date) -> Rows:
        """One row per value of `by`, which holds the currency: counts, and amounts by state and age.

        Amounts are of chargeable work alone, as everywhere: what is not charged is no money that waits. Ages
        are days up to `today`: to 30, to 60, to 90, and older. Work items are looked at only where the amount
        is zero, which it is without a price: a hundred thousand rows are one scan.
        """
        # A row has a price whenever its amount is not zero, so the join is spared for almost all.
        work_items = self.model._meta.get_field("work_item").related_model.objects
        without_price = Exists(work_items.filter(pk=OuterRef("work_item"), is_priced=False))
        charged = Q(billing_type=BillingType.CHARGEABLE)
        month, two, three = (today - timedelta(days=days) for days in (30, 60, 90))

        def since(first: date) -> Q:
            return Q(transaction_date__gte=first)

        return (
            self.order_by()
            .values(*by)
            .annotate(
                entries=Count("pk"),
                total=Sum("amount", filter=charged, default=ZERO),
                off_draft=Sum("amount", filter=charged & ~Q(status=BillingStatus.ON_DRAFT), default=ZERO),
                waiting=Count("pk", filter=~Q(status=BillingStatus.ON_DRAFT)),
                ready=Sum("amount", filter=charged & Q(status=BillingStatus.READY), default=ZERO),
                blocked=Sum("amount", filter=charged & self.HELD_BACK, default=ZERO),
                over_limit=Count("pk", filter=Q(not_to_exceed_status=NotToExceedStatus.FAILED)),
                on_hold=Count("pk", filter=~Q(hold_reason="")),
                unpriced=Count("pk", filter=Q(amount=0) & Q(without_price)),
                age_30=Sum("amount", filter=charged & since(month), default=ZERO),
                age_60=Sum("amount", filter=charged & since(two) & ~since(month), default=ZERO),
                age_90=Sum("amount", filter=charged & since(three) & ~since(two), default=ZERO),
                age_more=Sum("amount", filter=charged & ~since(three), default=ZERO),
            )
        )

    def hours(self, *by: str) -> Rows:
        """One row per value of `by`: the hours of time entries; other classes have units of their own."""
        # Hours alone: pieces, kilometres and billed days do not add up with them.
        time = self.filter(work_item__transaction_class=TransactionClass.TIME, work_item__unit=PriceUnit.HOUR)
        return time.order_by().values(*by).annotate(hours=Sum("quantity"))

    def markable(self) -> Self:
        """Not ready and free of what would keep it back: a hold, a limit, a missing price (B1)."""
        return self.filter(
            ~Exists(self.in_process()),
            status=BillingStatus.NOT_READY,
            hold_reason=HoldReason.NONE,
            work_item__is_priced=True,
            # The same conditions as mark_ready checks, so that *all that may be marked* is never refused.
        ).exclude(not_to_exceed_status=NotToExceedStatus.FAILED)

    def with_in_process(self) -> Self:
        """Each with whether a journal is about to cancel its actual."""
        return self.annotate(is_in_process=Exists(self.in_process()))

    def in_process(self) -> models.QuerySet[Any]:
        """The line of a journal that is about to cancel the item's actual, as a subquery (#11b)."""
        actual = related(self, "actual").model._meta.get_field("cancellation_line")
        return actual.related_model._default_manager.filter(actual=OuterRef("pk"))

    def with_description(self) -> Self:
        """Each with what invoices will say of it: the words it was given here, else those recorded."""
        own, recorded = F("external_description"), F("work_item__external_description")
        words = Case(When(~Q(external_description=""), then=own), default=recorded)
        return self.annotate(printed_description=words)

    def with_everything(self) -> Self:
        """An open actual with all columns of its work item, in one query."""
        return (
            self.with_description()
            .select_related(
                "actual",
                "work_item__task",
                "work_item__role",
                "work_item__resource",
                "work_item__category",
                "contract__manager",
                "contract_line",
                "customer",
                "project",
            )
            .annotate(price=F("actual__price"))
        )

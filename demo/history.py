"""The weeks: people submit on Friday, managers approve on Monday, a handful is left waiting."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from demo.days import FRIDAY, WEEK, Days
from demo.people import People
from projects.approval_querysets import ApprovalQuerySet
from projects.approving import approve_entries, change_terms, reject_entries
from projects.models import Approval, Entry, LegalEntity, Project
from projects.querysets import EntryQuerySet
from projects.submitting import submit_entries

LEFT_WAITING = {"katrin": 12, "jonas": 4}
FORGOTTEN = 3
LONG_DAY = Decimal(10)


@dataclass
class Weeks:
    """Submits and approves week by week; the last complete week keeps work for the managers."""

    entity: LegalEntity
    people: People
    days: Days

    def __post_init__(self) -> None:
        self.mondays = list(self.days.weeks())

    def events(self) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
        """Moments with what happens then, week by week."""
        for monday in self.mondays:
            yield (
                self.days.at(monday + timedelta(days=FRIDAY), "17:10"),
                lambda at, day=monday: self.submit(day, at),
            )
            yield self.days.at(monday + WEEK, "09:20"), lambda at, day=monday: self.approve(day, at)

    def submit(self, monday: date, at: datetime) -> None:
        """Everybody submits own entries of the week; on the last Friday one person forgets a few."""
        drafts = self._entries(monday).submittable()
        if monday == self.mondays[-1]:
            mine = drafts.filter(resource__user=self.people["mia"])
            forgotten = list(mine.order_by("-date", "-pk").values_list("pk", flat=True)[:FORGOTTEN])
            drafts = drafts.exclude(pk__in=forgotten)
        for login in sorted(set(drafts.order_by().values_list("resource__user__username", flat=True))):
            user = self.people[login]
            submit_entries(drafts.filter(resource__user=user), actor=user, at=at)

    def approve(self, monday: date, at: datetime) -> None:
        """Each manager decides on the own projects' week."""
        for login in LEFT_WAITING:
            manager = self.people[login]
            projects = Project.objects.filter(legal_entity=self.entity, manager=manager)
            waiting = Approval.objects.decidable_by(manager).filter(
                entry__project__in=projects, entry__date__gte=monday, entry__date__lt=monday + WEEK
            )
            if monday == self.mondays[-1]:
                waiting = waiting.exclude(pk__in=self._left(login, waiting))
            elif monday == self.mondays[-2] and login == "katrin":
                waiting = self._send_one_back(waiting, manager, at)
            elif monday == self.mondays[5]:
                self._shorten_one(waiting, manager, at)
            keys = list(waiting.values_list("pk", flat=True))
            approve_entries(Approval.objects.filter(pk__in=keys), actor=manager, on=at.date(), at=at)

    def _entries(self, monday: date) -> EntryQuerySet:
        return Entry.objects.filter(
            legal_entity=self.entity,
            date__gte=max(monday, self.days.billed[0]),
            date__lt=monday + WEEK,
        )

    def _left(self, login: str, waiting: ApprovalQuerySet) -> list[int]:
        """What the manager did not get to: first of all what looks odd, then the latest of the week."""
        saturday = 7
        rows = waiting.values_list("pk", "entry__quantity", "entry__date", "entry__description")
        odd = [
            pk
            for pk, quantity, day, text in rows.order_by("pk")
            if quantity > LONG_DAY or not text or day.isoweekday() >= saturday - 1
        ]
        latest = waiting.exclude(pk__in=odd).order_by("-entry__date", "-pk").values_list("pk", flat=True)
        return [*odd, *latest[: LEFT_WAITING[login] - len(odd)]]

    def _send_one_back(self, waiting: ApprovalQuerySet, manager: User, at: datetime) -> ApprovalQuerySet:
        one = waiting.filter(entry__resource__user=self.people["mia"]).order_by("pk")[:1]
        keys = list(one.values_list("pk", flat=True))
        reject_entries(
            Approval.objects.filter(pk__in=keys),
            actor=manager,
            comment="Which of the two workshops was this? Please say so in the text.",
            at=at,
        )
        return waiting.exclude(pk__in=keys)

    def _shorten_one(self, waiting: ApprovalQuerySet, manager: User, at: datetime) -> None:
        full = waiting.filter(submitted_quantity=8, contract_line__billing_method="time_and_material")
        keys = list(full.order_by("pk").values_list("pk", flat=True)[:1])
        change_terms(
            Approval.objects.filter(pk__in=keys),
            billable_quantity=Decimal(6),
            billing_type=None,
            actor=manager,
            at=at,
        )

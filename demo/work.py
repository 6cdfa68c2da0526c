"""What people reported: hours on weekdays, some expenses, material and a fee, and a few odd entries."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from demo.days import Days, month_end
from demo.texts import HOTEL, LICENCE, MANUALS, ROAMING, SCANNERS, TEXTS, TRAIN, Words
from projects.models import Entry, LegalEntity, Project, Resource, Role, Task, TransactionCategory
from projects.states import TransactionClass

SEED = 7
PATTERNS = (("8",), ("7.5",), ("6",), ("4", "4"), ("4", "4.5"), ("5", "4"), ("4.5", "4"), ("4", "4"))
SHORT = (("4",), ("4",), ("5",), ("4.5",))
DAYS_OFF = 0.06

# Who works where, the usual project first and named more than once.
PLAN = {
    "mia": ("P-101", "P-103", "P-101", "P-102", "P-103", "P-108", "P-000"),
    "chiara": ("P-101", "P-103", "P-105", "P-106", "P-101", "P-109", "P-105"),
    "aulia": ("P-108", "P-108", "P-105", "P-101", "P-107", "P-108"),
    "tom": ("P-104", "P-107", "P-104", "P-102", "P-106", "P-109", "P-107"),
    "katrin": ("P-104", "P-106"),
    "jonas": ("P-103", "P-105"),
}
CARE = (
    (11, (("jonas", "2"), ("jonas", "2"))),
    (10, (("jonas", "3.5"),)),
    (14, (("jonas", "5"), ("mia", "1.5"))),
)
"""Days of four hours, and the last hours of a month: 48, 43.5 and 62.5 hours."""
MANAGERS = {"katrin", "jonas"}


class Reporter:
    """Makes draft entries of one legal entity; what it makes depends on the days and the seed alone."""

    def __init__(self, entity: LegalEntity, days: Days):
        self.entity, self.days, self.random = entity, days, Random(SEED)  # noqa: S311 - a story, no secret
        self.projects = {one.number: one for one in Project.objects.filter(legal_entity=entity)}
        self.people = {one.code: one for one in Resource.objects.filter(legal_entity=entity)}
        self.roles = {one.name: one for one in Role.objects.all()}
        self.categories = {one.name: one for one in TransactionCategory.objects.all()}
        self.tasks: dict[str, list[Task]] = {}
        for task in (
            Task.objects.filter(project__legal_entity=entity).select_related("project").order_by("code")
        ):
            self.tasks.setdefault(task.project.number, []).append(task)

    def report(self) -> int:
        """Write everything that was reported; returns how many entries."""
        entries = [*self._hours(), *self._odd_hours(), *self._care(), *self._costs()]
        return len(Entry.objects.bulk_create(entries, batch_size=200))

    def _hours(self) -> Iterator[Entry]:
        for day in self.days.workdays():
            for code, plan in PLAN.items():
                if self.random.random() < DAYS_OFF:
                    continue
                for hours in self.random.choice(SHORT if code in MANAGERS else PATTERNS):
                    yield self._time(day, code, self.random.choice(plan), hours)

    def _odd_hours(self) -> Iterator[Entry]:
        """Planted: what an approver should look at, what has no price, and full days that drafts shorten."""
        monday = list(self.days.weeks())[-1]
        yield self._time(monday + timedelta(days=3), "aulia", "P-108", "11.5", task="Go-live", text=2)
        yield self._time(monday + timedelta(days=5), "aulia", "P-108", "5.5", task="Go-live", text=1)
        blank = self._time(monday + timedelta(days=2), "chiara", "P-101", "6")
        blank.description = blank.external_description = ""
        yield blank
        for month in self.days.billed:
            yield self._time(_weekday(month.replace(day=9)), "chiara", "P-101", "8", text=0)
            yield self._time(_weekday(month.replace(day=16)), "tom", "P-107", "8", text=0)
        unpriced = self._time(_weekday(self.days.last_month.replace(day=14)), "tom", "P-107", "6", text=1)
        unpriced.role = self.roles["Data scientist"]
        yield unpriced
        # Calls of 12 and 42 minutes, which the customer pays by the quarter of an hour.
        for month in (self.days.billed[1], self.days.last_month):
            yield self._time(_weekday(month.replace(day=5)), "mia", "P-102", "0.2", task="On call", text=0)
            yield self._time(_weekday(month.replace(day=7)), "tom", "P-102", "0.7", task="On call", text=1)
        yield self._time(_weekday(self.days.last_month.replace(day=8)), "mia", "P-110", "6")
        yield self._time(_weekday(self.days.last_month.replace(day=11)), "katrin", "P-110", "4")

    def _care(self) -> Iterator[Entry]:
        """Hours of the prepaid blocks: less than a block, less still, and four hours more than there are."""
        months = (*self.days.billed, self.days.last_month)
        for month, (whole, last) in zip(months, CARE, strict=True):
            weekdays = [day for day in self.days.workdays() if day.replace(day=1) == month]
            for nth in range(whole):
                yield self._time(weekdays[nth], "jonas", "P-111", "4", task="Service desk", text=nth)
            for (code, hours), day in zip(last, weekdays[-len(last) :], strict=True):
                yield self._time(day, code, "P-111", hours, task="Patches", text=1)

    def _costs(self) -> Iterator[Entry]:
        manual, scanner = "User manual, printed", "Handheld scanner"
        for month in (*self.days.billed, self.days.last_month):
            yield self._cost(month, 6, "chiara", "P-101", "Travel", TRAIN, "64.80")
            yield self._cost(month, 13, "mia", "P-103", "Travel", HOTEL, "238.00")
            yield self._cost(month, 20, "aulia", "P-108", "Travel", ROAMING, "41.35")
        for month in (self.days.billed[1], self.days.last_month):
            yield self._cost(month, 12, "mia", "P-101", "Printed matter", MANUALS, "11.20", manual, "30")
        yield self._cost(
            self.days.last_month, 10, "aulia", "P-108", "Devices", SCANNERS, "298.00", scanner, "4"
        )
        yield self._cost(self.days.billed[1], 17, "aulia", "P-108", "Licence", LICENCE, "480.00")

    def _time(
        self, day: date, code: str, project: str, hours: str, *, task: str = "", text: int | None = None
    ) -> Entry:
        tasks = self.tasks[project]
        on = next(one for one in tasks if one.name == task) if task else self.random.choice(tasks)
        texts = TEXTS[project, on.name]
        inside, outside = self.random.choice(texts) if text is None else texts[text % len(texts)]
        person = self.people[code]
        return Entry(
            legal_entity=self.entity,
            transaction_class=TransactionClass.TIME,
            project=self.projects[project],
            task=on,
            resource=person,
            role_id=person.role_id,
            category=self.categories["Consulting"],
            date=day,
            quantity=Decimal(hours),
            description=inside,
            external_description=outside,
        )

    def _cost(
        self,
        month: date,
        day: int,
        code: str,
        project: str,
        category: str,
        texts: Words,
        price: str,
        product: str = "",
        quantity: str = "1",
    ) -> Entry:
        of = self.categories[category]
        return Entry(
            legal_entity=self.entity,
            transaction_class=of.transaction_class,
            project=self.projects[project],
            task=self.tasks[project][0],
            resource=self.people[code],
            category=of,
            product=product,
            date=_weekday(month.replace(day=day)),
            quantity=Decimal(quantity),
            unit=of.unit,
            price=Decimal(price),
            description=texts[0],
            external_description=texts[1],
        )


def _weekday(day: date) -> date:
    """The day itself, or the Monday after a weekend, within its month."""
    saturday = 5
    moved = day + timedelta(days=7 - day.weekday()) if day.weekday() >= saturday else day
    return min(moved, month_end(day.replace(day=1)))

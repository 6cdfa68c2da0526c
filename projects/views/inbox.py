"""The two panes of the approvals inbox: whose weeks wait, and the entries of the open week."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Sum
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.kept_forms import PARAMETER
from core.pages import Total

WEEKS_PER_PAGE = 30
NAMES_SHOWN = 3
LAST_YEAR = "9999"
"""The calendar ends in it, and with it the weeks that can be looked at."""
PLACE = ("week", "person", "weeks", "page", PARAMETER)


@dataclass
class PersonWeek:
    """One line of the left pane, and where it leads."""

    monday: date
    person: str
    name: str
    entries: int
    hours: Decimal | None
    flags: int
    projects: str = ""
    query: str = ""

    @property
    def sunday(self) -> date:
        """The last day of the week."""
        return self.monday + timedelta(days=6)

    @property
    def number(self) -> int:
        """Number of the week in its year (ISO 8601)."""
        return self.monday.isocalendar().week

    @property
    def key(self) -> tuple[str, str]:
        """What names it in an address."""
        return written(self.monday), self.person


@dataclass
class Inbox:
    """All that waits, the page of weeks that is shown, the week that is open and its entries."""

    rows: Any
    weeks: Sequence[PersonWeek] = ()
    page: Page | None = None
    open_week: PersonWeek | None = None
    totals: Sequence[Total] = ()
    flagged: Sequence[Total] = ()
    before: PersonWeek | None = None
    after: PersonWeek | None = None
    filter_query: str = field(default="")


def written(monday: date) -> str:
    """A week as addresses write it: 2026-W48."""
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(text: str) -> date | None:
    """Monday of a week written like 2026-W48; None for anything else."""
    year, _w, week = text.partition("-W")
    if year == LAST_YEAR or not (
        year.isdecimal() and week.isdecimal() and len(year) == len("2026") and len(week) <= len("48")
    ):
        return None
    try:
        return date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        return None


def inbox_of(waiting: Any, params: QueryDict) -> Inbox:
    """Fill both panes; the first week that waits is open where the address names none that does."""
    grouped = waiting.by_week()

    page = Paginator(grouped, WEEKS_PER_PAGE).get_page(params.get("weeks", "1"))
    weeks = [_person_week(row, params) for row in page]
    open_week = _open_week(weeks, grouped, params)
    if open_week is None:
        return Inbox(rows=waiting.none(), page=page)
    _name_projects(waiting, weeks)
    rows = waiting.of_week(open_week.person, open_week.monday)
    place = [week.key for week in weeks].index(open_week.key) if open_week in weeks else -1
    return Inbox(
        rows=rows,
        weeks=weeks,
        page=page,
        open_week=open_week,
        totals=totals_of(rows.billable()),
        flagged=totals_of(rows.flagged().approvable_together()),
        before=weeks[place - 1] if place > 0 else None,
        after=weeks[place + 1] if 0 <= place < len(weeks) - 1 else None,
    )


def _person_week(row: dict[str, Any], params: QueryDict) -> PersonWeek:
    query = params.copy()
    for name in PLACE:
        query.pop(name, None)
    query["week"] = written(row["week"])
    if row["person"]:
        query["person"] = row["person"]
    if "weeks" in params:
        query["weeks"] = params.get("weeks", "")
    return PersonWeek(
        monday=row["week"],
        person=row["person"] or "",
        name=row["name"] or _("Without a person"),
        entries=row["entries"],
        hours=row["hours"],
        flags=row["flags"],
        query=query.urlencode(),
    )


def _open_week(weeks: list[PersonWeek], grouped: QuerySet[Any], params: QueryDict) -> PersonWeek | None:
    named = params.get("week", ""), params.get("person", "").replace("\x00", "")
    for week in weeks:
        if week.key == named:
            return week
    monday = monday_of(named[0])
    if monday is not None:
        row = grouped.filter(week=monday, person=named[1] or None).first()
        if row is not None:
            return _person_week(row, params)
    return weeks[0] if weeks else None


def _name_projects(waiting: Any, weeks: list[PersonWeek]) -> None:
    """Write beside each person what the entries are about, in one question for the whole page."""
    if not weeks:
        return
    first, last = min(week.monday for week in weeks), max(week.sunday for week in weeks)
    rows = waiting.order_by().filter(entry__date__gte=first, entry__date__lte=last)
    pairs = rows.values_list("entry__resource__code", "entry__date", "entry__project__name").distinct()
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for person, day, project in pairs:
        names[written(day), person or ""].add(project)
    for week in weeks:
        shown = sorted(names[week.key])
        week.projects = ", ".join(shown[:NAMES_SHOWN]) + (", …" if len(shown) > NAMES_SHOWN else "")


def totals_of(rows: QuerySet[Any]) -> list[Total]:
    """Sums per currency of what will be billed, with the quantity behind them per unit."""
    sums = (
        rows.order_by()
        .values("sales_currency", "unit")
        .annotate(count=Count("pk"), amount=Sum("sales_amount"), quantity=Sum("billable_quantity"))
        .order_by("sales_currency", "unit")
    )
    return [
        Total(row["sales_currency"], row["count"], row["amount"], row["quantity"], row["unit"])
        for row in sums
    ]

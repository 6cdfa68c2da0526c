"""The demo's history in its order: set-up first, then every event at its moment, then the sweeper."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounting.outbox_handlers import sweep_outbox
from demo.agreements import agree, hold_editorial_work
from demo.books import BooksOfTheDemo
from demo.company import create_company
from demo.days import Days
from demo.history import Weeks
from demo.month_ends import Months
from demo.people import hire
from demo.policy import write_policy
from demo.prices import set_prices
from demo.receivables import ReceivablesOfTheDemo
from demo.work import Reporter


def build_demo(now: datetime, report: Callable[[str], Any]) -> None:
    """Fill an empty database with the demo company as it stands at `now`; report each step."""
    days = Days(now)
    steps = Steps(report)
    entity = create_company(days)
    people = hire(entity)
    contracts = agree(entity, people, days)
    set_prices(entity, contracts, days)
    write_policy(entity, people, days)
    months = Months(entity, people, contracts, days)
    months.open_job()
    books = BooksOfTheDemo(entity, people, contracts, days)
    books.begin()
    months.close_before()
    steps.done(f"company, {len(people)} people, {len(contracts)} contracts")
    steps.done(f"{Reporter(entity, days).report()} entries reported")
    weeks = Weeks(entity, people, days)
    held = days.at(days.last_month.replace(day=20), "15:40")
    receivables = ReceivablesOfTheDemo(entity, people, days)
    events = [*weeks.events(), *months.events(), *receivables.events(), *books.events()]
    events.append((held, lambda _at: hold_editorial_work(contracts, people, days)))
    for position, (at, act) in enumerate(sorted(events, key=lambda event: event[0]), 1):
        act(at)
        if position % max(len(events) // 5, 1) == 0:
            steps.done(f"history up to {at:%d %b %Y}")
    while sweep_outbox(now=now):
        pass
    steps.done("work left by commits done")


class Steps:
    """Reports each step that is done and how long it took."""

    def __init__(self, report: Callable[[str], Any]):
        self.report, self.since = report, time.perf_counter()

    def done(self, what: str) -> None:
        seconds, self.since = time.perf_counter() - self.since, time.perf_counter()
        self.report(f"  {what:48} {seconds:6.1f} s")

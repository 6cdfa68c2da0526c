"""A month end of twenty contracts and two thousand entries: few clicks, few kinds of pages, no entry lost.

The same with the mouse, with the keyboard alone, and in a browser that runs no script.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounting.outbox_handlers import sweep_outbox
from accounting.proving import prove
from billing.models import Proforma
from projects.approving import approve_entries
from projects.models import Approval, BacklogItem, Entry
from projects.states import TransactionClass
from projects.submitting import submit_entries
from tests.browser.people import Visitor
from tests.company import Company
from tests.company.contracts import contract_with_hours
from tests.company.rows import DAY, NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CONTRACTS, ENTRIES = 20, 2000
HOURS = Decimal("0.25")
DAYS, A_DAY = 25, 4
"""So many days with so many entries each on every contract; nobody works more than a day has."""
NET = ENTRIES * HOURS * 200
MOST_CLICKS, MOST_KINDS = 25, 4


def a_month_of_work(company: Company) -> None:
    """Twenty contracts with a hundred approved entries each."""
    lines = [contract_with_hours(company, 0).lines.get() for _each in range(CONTRACTS)]
    entries = Entry.objects.bulk_create(
        Entry(
            legal_entity=company.entity,
            transaction_class=TransactionClass.TIME,
            project=line.project,
            resource=company.resource,
            role=company.role,
            category=company.categories["time"],
            unit="h",
            date=DAY + timedelta(days=day),
            quantity=HOURS,
            description="Work",
        )
        for line in lines
        for day in range(DAYS)
        for _each in range(A_DAY)
    )
    submit_entries(Entry.objects.filter(pk__in=[one.pk for one in entries]), actor=company.worker, at=NOW)
    approve_entries(Approval.objects.all(), actor=company.accountant, on=DAY + timedelta(days=28), at=NOW)
    assert BacklogItem.objects.count() == ENTRIES


class MonthEnd:
    """What somebody does at a month end, with every click and every kind of page counted."""

    def __init__(self, page: Page):
        self.page, self.clicks, self.kinds = page, 0, set[str]()

    def ticks(self, name: str) -> None:
        """Tick a box, and stay on the page."""
        self.clicks += 1
        self.page.get_by_role("checkbox", name=name).check()

    def follows(self, name: str) -> None:
        self._leaves(self.page.get_by_role("link", name=name).first)

    def presses(self, name: str) -> None:
        self._leaves(self.page.get_by_role("button", name=name).first)

    def _leaves(self, what: Locator) -> None:
        self.clicks += 1
        with self.page.expect_navigation():
            self.acts_on(what)
        self.kinds.add(re.sub(r"[0-9]+", "1", self.page.url.split("?")[0].split("/", 3)[3]))

    def acts_on(self, what: Locator) -> None:
        what.click()

    def chooses_all(self) -> None:
        self.ticks("Select all rows of this page")

    def sees(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()

    def lets_the_worker_work(self) -> None:
        """The page of the run, as it is when the worker has come to the end."""
        address = self.page.url
        # Away meanwhile: worker and server are one process here, and share a database in memory.
        self.page.goto("about:blank")
        sweep_outbox(now=timezone.now())
        self.page.goto(address)


class ByKeyboard(MonthEnd):
    """Nothing is clicked: what has the focus is pressed with Enter or the space bar."""

    def ticks(self, name: str) -> None:
        self.clicks += 1
        self.page.get_by_role("checkbox", name=name).focus()
        self.page.keyboard.press("Space")

    def acts_on(self, what: Locator) -> None:
        what.focus()
        expect(what).to_be_focused()
        self.page.keyboard.press("Enter")


class WithoutScript(MonthEnd):
    """No script ticks a whole page: all that match are one link away."""

    def chooses_all(self) -> None:
        self.follows("Select all 21 that match")


def bills(month: MonthEnd) -> None:
    """From the contracts to the confirmation: everything ready, everything drafted, everything confirmed."""
    month.page.goto("/")
    month.follows("Contracts")
    month.chooses_all()
    month.presses("Create proformas")
    month.page.get_by_label("Work up to").fill("2026-03-31")
    month.page.get_by_label("Invoice date").fill("2026-03-31")
    month.presses("Preview with these dates")
    month.sees("2,000 entries, €100,000.00, are not marked ready and stay behind.")
    month.presses("Mark 2,000 entries ready")
    month.sees("2,000 marked ready")
    month.presses("Create 20 proformas")
    month.lets_the_worker_work()
    month.sees("21 of 21 contracts")
    assert Proforma.objects.open().count() == CONTRACTS

    month.presses("Confirm 20 proformas, €120,000.00")
    for proforma in Proforma.objects.open().select_related("customer"):
        expect(month.page.get_by_role("row", name=proforma.number)).to_contain_text(proforma.customer.name)
    month.presses("Confirm 20 proformas: €120,000.00")
    month.lets_the_worker_work()
    month.sees("20 of 20 proformas")


def all_is_billed(month: MonthEnd) -> bool:
    """Whether every entry was billed once, with few clicks on few kinds of pages."""
    assert (month.clicks <= MOST_CLICKS, len(month.kinds) <= MOST_KINDS) == (True, True), month.kinds
    assert BacklogItem.objects.count() == 0
    assert set(Proforma.objects.values_list("status", "net_amount")) == {("confirmed", NET / CONTRACTS)}
    assert [finding.proof.code for finding in prove() if finding.count] == []
    return True


def test_with_the_mouse(company: Company, manager: Visitor):
    a_month_of_work(company)
    month = MonthEnd(manager.page)
    bills(month)
    assert all_is_billed(month)
    assert (month.clicks, len(month.kinds)) == (8, 4)


def test_with_the_keyboard_alone(company: Company, manager: Visitor):
    a_month_of_work(company)
    month = ByKeyboard(manager.page)
    bills(month)
    assert all_is_billed(month)


def test_without_script(company: Company, open_page: Callable[..., Page]):
    a_month_of_work(company)
    month = WithoutScript(Visitor(open_page(java_script_enabled=False), company.manager).page)
    bills(month)
    assert all_is_billed(month)

"""A week of hours, by keyboard alone: typed, echoed, added up, mended, described, saved and submitted."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from core.durations import Unreadable, read_duration
from projects.models import Entry, Task, TeamMember
from projects.roles import TEAM_MEMBER
from projects.states import EntryStatus
from tests.browser.people import PASSWORD, Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def signs_in(company: Any, open_page: Any) -> Callable[..., Visitor]:
    """The worker of the company, on the team, with one entry of this Monday, in a browser of some kind."""
    user = company.person(TEAM_MEMBER)
    user.set_password(PASSWORD)
    user.save()
    company.resource.user = user
    company.resource.save()
    TeamMember.objects.create(project=company.project, resource=company.resource, role=company.role)
    today = company.entity.day_of(timezone.now())
    monday = today - timedelta(days=today.weekday())
    company.entry(2, date=monday, external_description="Kick-off")
    return lambda **like: Visitor(open_page(**like), user)


@pytest.fixture
def worker(signs_in: Callable[..., Visitor]) -> Visitor:
    """The worker, in a browser with scripts."""
    return signs_in()


def test_without_script_the_good_cells_are_saved_and_the_bad_one_is_put_back_by_a_button(signs_in):
    worker = signs_in(java_script_enabled=False)
    page = worker.page
    worker.visits(reverse("my-time"))
    cells = page.locator(".timesheet .cell input")
    cells.nth(0).fill("7h30")
    cells.nth(1).fill("75")
    page.get_by_role("button", name="Save draft").last.click()
    worker.sees("One cell is saved.", "the daily maximum is 24.00")
    assert [cells.nth(nth).input_value() for nth in range(2)] == ["7.50", "75"]
    assert Entry.objects.get().quantity == Decimal("7.5")
    # The sums of the server are those of what is saved.
    assert sums(page) == ("7.50", "7.50", "0.00", "7.50")
    worker.presses("Clear")
    expect(cells.nth(1)).to_have_value("")
    worker.presses("Save and submit")
    worker.sees("Submitted")
    assert Entry.objects.get().status == EntryStatus.SUBMITTED


def test_a_week_is_typed_described_saved_and_submitted_without_a_mouse(worker):
    page = worker.page
    worker.visits(reverse("my-time"))
    cells = page.locator(".timesheet .cell input")
    cells.first.focus()
    keys = page.keyboard
    keys.press("ControlOrMeta+A")
    keys.type("7:30")
    keys.press("Tab")
    keys.type("4")
    keys.press("Escape")
    keys.type("90m")
    keys.press("Control+s")
    worker.sees("Saved")
    assert list(Entry.objects.order_by("date").values_list("quantity", flat=True)) == [
        Decimal("7.5"),
        Decimal("1.5"),
    ]
    cells.first.focus()
    keys.press("F2")
    expect(page.get_by_label("Description, printed on the invoice")).to_be_focused()
    expect(page.get_by_label("Description, printed on the invoice")).to_have_value("Kick-off")
    keys.press("ControlOrMeta+A")
    keys.type("Planning")
    keys.press("Enter")
    worker.sees("Saved")
    assert Entry.objects.order_by("date")[0].external_description == "Planning"
    page.locator(".timesheet .cell input").first.focus()
    keys.press("Control+Enter")
    worker.sees("Submitted")
    today = Entry.objects.first().legal_entity.day_of(timezone.now())
    waiting = Entry.objects.filter(date__lte=today).values_list("status", flat=True)
    assert set(waiting) == {EntryStatus.SUBMITTED}


def test_enter_and_the_arrows_go_from_row_to_row(worker, company):
    task = Task.objects.create(project=company.project, code="T", name="Tests")
    first = Entry.objects.get()
    company.entry(1, date=first.date, task=task)
    page = worker.page
    worker.visits(reverse("my-time"))
    cells = page.locator(".timesheet .cell input")
    cells.nth(0).focus()
    page.keyboard.press("Enter")
    expect(cells.nth(7)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(cells.nth(0)).to_be_focused()


def sums(page):
    """Row, day and week sums as the page shows them: of the first row, and of all rows."""
    row = page.locator(".timesheet tbody tr").first.locator(".row-total").inner_text()
    days = page.locator(".timesheet tfoot .grand-total td").all_inner_texts()
    return row.strip(), days[0].strip(), days[1].strip(), days[-1].strip()


def test_what_is_typed_is_echoed_and_added_up_before_it_is_saved(worker, company):
    page = worker.page
    worker.visits(reverse("my-time"))
    cells = page.locator(".timesheet .cell input")
    keys = page.keyboard
    assert sums(page) == ("2.00", "2.00", "0.00", "2.00")
    expect(page.locator("[data-unsaved]")).to_be_hidden()
    cells.first.focus()
    keys.press("ControlOrMeta+A")
    keys.type("7:30")
    expect(page.locator("output.echo")).to_have_text("= 7.50 h")
    keys.press("Tab")
    keys.type("90m")
    assert sums(page) == ("9.00", "7.50", "1.50", "9.00")
    expect(page.locator("[data-unsaved]")).to_be_visible()
    expect(page.locator("[data-project-hours] .item-end")).to_have_text("9.00 h")
    # A number as the page writes it needs no echo; what cannot be read says so when it is left.
    keys.press("Escape")
    keys.type("4")
    expect(page.locator("output.echo").nth(1)).to_have_text("")
    keys.type(" o'clock")
    keys.press("Tab")
    expect(page.locator("output.echo").nth(1)).to_have_text("cannot be read")
    assert sums(page) == ("7.50", "7.50", "0.00", "7.50")
    assert Entry.objects.get().quantity == 2


def test_a_cell_that_cannot_be_saved_is_mended_by_keyboard_and_the_others_are_saved(worker):
    page = worker.page
    worker.visits(reverse("my-time"))
    cells = page.locator(".timesheet .cell input")
    keys = page.keyboard
    cells.first.focus()
    keys.press("ControlOrMeta+A")
    keys.type("7:30")
    keys.press("Tab")
    keys.type("75")
    keys.press("Control+s")
    worker.sees("One cell is saved.")
    assert Entry.objects.get().quantity == Decimal("7.5")
    # The focus stands in the cell to mend, its text is still there, and its reason is read with it.
    wrong = page.locator(".timesheet input[aria-invalid=true]")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("75")
    reason = page.locator(f"[id='{wrong.get_attribute('aria-describedby')}']")
    expect(reason).to_contain_text("would have 75.00\u00a0h; the daily maximum is 24.00\u00a0h")
    # The sums say what is typed: the cell that is saved, and the one that is not yet.
    assert sums(page) == ("82.50", "7.50", "75.00", "82.50")
    keys.press("Escape")
    assert sums(page) == ("7.50", "7.50", "0.00", "7.50")
    keys.type("7.25")
    keys.press("Control+s")
    worker.sees("Saved")
    assert sorted(Entry.objects.values_list("quantity", flat=True)) == [Decimal("7.25"), Decimal("7.5")]


def test_a_row_is_added_and_filled_without_a_mouse(worker, company):
    Task.objects.create(project=company.project, code="T", name="Tests")
    page = worker.page
    worker.visits(reverse("my-time"))
    keys = page.keyboard
    page.get_by_label("Add a row: project").focus()
    keys.type(company.project.number)
    keys.press("Tab")
    keys.press("ArrowDown")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    row = page.locator(".timesheet tbody tr", has_text="Tests")
    expect(row).to_have_count(1)
    row.locator("input:not([type=hidden])").first.focus()
    keys.type("1h 15m")
    keys.press("Control+s")
    worker.sees("Saved")
    assert Entry.objects.get(task__code="T").quantity == Decimal("1.25")


NUMBERS = (
    "7.5 7,5 .5 8 08 0 24 1.234 1,234 12.500 0.125 0,125 0.3333 0.33333 -2 1e3 NaN 7. 1.2.3 1,234.5 99999"
)
CLOCKS = "7:30 7:05 7:5 7:75 0:20 0:20:30 0:20:75 99999:00 100000:00 100000 7;5"
UNITS = "7h30 7h 7.5h 1,5h 90m 90min 1h15 1h7 1h60 600m much"
TYPED = [*f"{NUMBERS} {CLOCKS} {UNITS}".split(), "", " 7.5 ", "1h 15m", "7 h", "90 min", "1 000", "٧", "7½"]


@pytest.mark.parametrize(("language", "mark"), [("en-gb", "."), ("de", ","), ("id", ",")])
def test_the_page_reads_hours_as_the_server_does_or_leaves_them_to_it(worker, language, mark):
    page = worker.page
    worker.visits(reverse("my-time"))
    address = page.locator("script[src*=timesheet]").get_attribute("src").replace("timesheet", "durations")
    read = page.evaluate(
        """async ([address, texts, mark]) => {
          const { read, written } = await import(address);
          return texts.map((text) => {
            const parts = read(text, mark);
            return parts === null ? null : [parts, written(parts, mark)];
          });
        }""",
        [address, TYPED, mark],
    )
    left = []
    for text, echoed in zip(TYPED, read, strict=True):
        try:
            meant = read_duration(text, language=language)
        except Unreadable:
            assert echoed is None, text
            continue
        if echoed is None:
            left.append(text)
            continue
        exact = meant.seconds if meant.seconds is not None else meant.quantity * 3600
        shown = f"{meant.quantity:.4f}".removesuffix("0").removesuffix("0").replace(".", mark)
        assert echoed == [exact * 100, shown], text
    # What the page leaves to the server are numbers that nobody types as hours of a day.
    assert left == [".5", "1,234.5"]

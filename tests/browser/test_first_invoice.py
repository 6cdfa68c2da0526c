"""From an empty production installation to the first posted invoice, by hand and without a shell (A13).

The commands are those of docs/how-to/run-in-production.md; everything after `createsuperuser` is typed in a
browser, as docs/how-to/set-up-a-company.md says.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect

from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.browser.people import PASSWORD, PATIENCE, Visitor
from tests.browser.production import installed, served

pytestmark = pytest.mark.slow

SATURDAY = 5
NAMES = {"mia": ("Mia", "Otte"), "katrin": ("Katrin", "Moser"), "hanna": ("Hanna", "Brandt")}


def last_working_day(today: date) -> date:
    """Work of a weekend is flagged, and flagged entries are left out unless somebody ticks them."""
    return today - timedelta(days=max(today.weekday() - SATURDAY + 1, 0))


DAY = last_working_day(datetime.now(UTC).date())


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where an empty installation answers."""
    root: Path = tmp_path_factory.mktemp("installation")
    with served(installed(root)) as url:
        yield url


@pytest.fixture
def enters(browser: Browser, address: str) -> Iterator[Callable[[str], Visitor]]:
    """Somebody signs in, in a browser of their own."""
    contexts = []

    def entered(name: str) -> Visitor:
        context = browser.new_context(base_url=address, locale="en-GB", timezone_id="Europe/Berlin")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return Visitor(context.new_page(), SimpleNamespace(username=name))

    yield entered
    for context in contexts:
        context.close()


def named(label: str) -> re.Pattern[str]:
    """A label by its words, marked as optional or not."""
    return re.compile(rf"^\s*{label.replace('_', ' ')}\s*(optional)?\s*$", re.IGNORECASE)


def fills(page: Page, **fields: str) -> None:
    """Fill fields by their labels; underscores are blanks."""
    for label, text in fields.items():
        page.get_by_label(named(label)).first.fill(text)


def selects(page: Page, **fields: str) -> None:
    """Choose in selects by their labels."""
    for label, option in fields.items():
        page.get_by_label(named(label)).first.select_option(label=option)


def starts(visitor: Visitor, step: str) -> None:
    """Open a step in the list of the set-up, where the next one stands open already."""
    visitor.visits("/setup/")
    link = visitor.page.get_by_role("link", name=re.compile(f"^{step}: (Start|Add|Open)$"))
    if link.count():
        link.click()
    expect(visitor.page.locator(".step-forms")).to_be_visible()


def founds_the_company(root: Visitor) -> None:
    page = root.page
    root.visits("/")
    root.follows("Set-up")
    root.is_at("Set up your company")
    root.sees("0 of 9 steps done.")
    starts(root, "Company")
    fills(page, Name="Nordkai Consulting GmbH", Short_name="Nordkai", Code="nord")
    fills(page, Address="Am Sandtorkai 48\n20457 Hamburg", VAT_id="DE327118450")
    fills(page, IBAN="DE89 3704 0044 0532 0130 00", The_fiscal_year_begins_on=f"{DAY.year}-01-01")
    selects(page, Country="Germany", Chart_of_accounts="Numbered as in SKR 04")
    selects(page, Sales_tax="Germany: 19% and 7%, reverse charge in the European Union")
    root.presses("Create the company and its books")
    root.sees("Company and books created")
    root.is_at("Set up Nordkai")


def admits_people(root: Visitor) -> None:
    for name, role in (("mia", TEAM_MEMBER), ("katrin", PROJECT_MANAGER), ("hanna", PROJECT_ACCOUNTANT)):
        starts(root, "People and roles")
        first, last = NAMES[name]
        fills(root.page, First_name=first, Last_name=last, Username=name, First_password=PASSWORD)
        root.page.get_by_label(role, exact=True).check()
        if name == "mia":
            fills(root.page, Code="mia")
            selects(root.page, Hours_are_billed_as="Consultant")
        root.presses("Add")
        root.sees("Added")


def adds_the_customer(root: Visitor) -> None:
    starts(root, "Customers")
    fills(root.page, Name="Alster Logistik AG")
    fills(root.page, Billing_address="Speicherstraße 7\n20457 Hamburg")
    selects(root.page, Sales_tax_group="DE, domestic", Country="Germany")
    root.presses("Add")
    root.sees("Added", "Next: Price list")
    root.visits("/customers/")
    root.follows("Alster Logistik AG")
    root.sees("K-10001", "Nothing is missing.")


def sets_prices(root: Visitor) -> None:
    """A sales list and a cost list, each with a price for an hour of a consultant."""
    for name, kind, price in (("Sales", "Sales", "142.50"), ("Cost", "Cost", "60")):
        starts(root, "Price list")
        fills(root.page, Name_of_the_list=name, An_hour_of_Consultant=price)
        selects(root.page, Kind=kind)
        root.presses("Create the price list")
        root.sees("Price list created")


def plans_the_project(root: Visitor) -> None:
    page = root.page
    starts(root, "Project")
    fills(page, Name="Data platform", Tasks="Ingest pipeline")
    selects(page, Customer="Alster Logistik AG", Manager="Katrin Moser")
    page.get_by_label("Mia Otte").check()
    root.presses("Add")
    root.sees("Added", "Next: Contract")
    root.visits("/projects/?all=1")
    root.follows("Data platform")
    root.sees("PRJ-0001", "Mia Otte", "Ingest pipeline")


def agrees_the_contract(katrin: Visitor) -> None:
    starts(katrin, "Contract")
    fills(katrin.page, Name_on_invoices="Data platform")
    selects(katrin.page, Project="PRJ-0001 Data platform")
    katrin.presses("Save and confirm")
    katrin.is_at("Confirm contract")
    katrin.presses("Confirm contract")
    katrin.sees("Contract confirmed")


def records_a_day(mia: Visitor) -> None:
    page = mia.page
    mia.visits("/entries/new/")
    selects(page, Project="PRJ-0001 Data platform", Task="PRJ-0001 · Ingest pipeline", Role="Consultant")
    fills(page, Date=DAY.isoformat(), Hours="7:30", Description_on_the_invoice="Ingest of the first feeds")
    mia.presses("Save and submit")
    mia.sees("Submitted")


def approves(katrin: Visitor) -> None:
    katrin.visits("/approvals/")
    katrin.sees("Ingest of the first feeds")
    katrin.page.get_by_role("button", name=re.compile("^Approve")).first.click()
    katrin.sees("Nothing waits for your approval.")


def bills(katrin: Visitor) -> None:
    page = katrin.page
    katrin.visits("/billing/time-material/?all=1")
    page.get_by_role("checkbox", name="Select all rows of this page").check()
    page.get_by_role("button", name="Ready", exact=True).click()
    katrin.sees("1 marked ready")
    page.get_by_role("checkbox", name="Select all rows of this page").check()
    katrin.presses("Create 1 proforma, ")
    katrin.is_at("Create proformas")
    katrin.presses("Create 1 proforma")
    katrin.sees("1 proforma created")
    page.get_by_role("link", name=re.compile("^PF")).first.click()
    katrin.follows("Confirm")
    page.get_by_role("button", name=re.compile(r"^Confirm PF-\d{4}-00001 for €1,271\.81$")).click()
    katrin.sees("Confirmed. It is read-only now and goes to accounting.")


def posts(hanna: Visitor) -> None:
    page = hanna.page
    hanna.visits("/admin/accounting/integrationjournal/")
    expect(page.locator("#result_list")).to_be_visible()
    hanna.follows("Post all")
    hanna.presses("Post 1 journal")
    hanna.sees("2 lines posted")
    hanna.visits("/admin/accounting/invoiceproposal/")
    page.locator("#result_list tbody input[type=checkbox]").check()
    page.get_by_label("Action:").select_option("post")
    page.get_by_title("Run the selected action").click()
    hanna.presses("Post 1 invoice and allocate its number")
    hanna.sees(f"1 invoice posted: RE-{DAY.year}-00001.")


def test_an_empty_installation_posts_its_first_invoice(enters: Callable[[str], Visitor]) -> None:
    root = enters("root")
    founds_the_company(root)
    admits_people(root)
    adds_the_customer(root)
    sets_prices(root)
    plans_the_project(root)
    root.visits("/setup/")
    root.sees("6 of 9 steps done.", "Next: Contract")

    katrin = enters("katrin")
    agrees_the_contract(katrin)
    records_a_day(enters("mia"))
    approves(katrin)
    bills(katrin)
    posts(enters("hanna"))

    root.visits("/setup/")
    root.sees("9 of 9 steps done.")
    root.visits("/invoices/")
    # 7.5 h x 142.50 and 19 % tax.
    root.sees(f"RE-{DAY.year}-00001", "1,271.81")
    document = root.page.request.get(f"/invoices/RE-{DAY.year}-00001.pdf")
    assert (document.status, document.headers["content-type"]) == (200, "application/pdf")
    assert document.body().startswith(b"%PDF")

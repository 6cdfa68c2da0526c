"""An accountant corrects approved work, types facts and takes them back, all by page (#10, #11)."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from projects.models import Actual, CancellationJournal, CorrectionJournal, EntryJournal, Project
from tests.browser.people import Visitor
from tests.browser.test_accessibility import faults_of
from tests.company import Company, rows
from tests.company.checking import assert_proven

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def today(company: Company) -> dt.date:
    """A day on which facts may be dated, because the server reads its clock."""
    day = company.entity.day_of(dt.datetime.now(tz=dt.UTC))
    rows.fiscal_days(company.entity, day, day)
    return day


@pytest.fixture
def accountant(company: Company, open_page: Any) -> Visitor:
    return Visitor(open_page(viewport={"width": 1440, "height": 900}), company.accountant)


def looked_at(visitor: Visitor) -> None:
    """The page as it stands is in order in every look."""
    page: Page = visitor.page
    faults: Iterator[str] = faults_of(page, page.url)
    assert list(faults) == []


def test_work_on_the_wrong_project_is_corrected(company: Company, accountant: Visitor) -> None:
    company.approved(8)
    other = Project.objects.create(
        legal_entity=company.entity, number="N1", name="Other site", customer=company.customer
    )
    rows.contract_line(company.contract, company.customer, project=other)
    accountant.visits("/corrections/")
    accountant.follows("Correct approved work")
    accountant.page.get_by_role("checkbox").nth(1).check()
    accountant.presses("Correct")
    accountant.page.get_by_label("Project").select_option(str(other.pk))
    accountant.page.get_by_label("Reason").fill("Booked on the wrong site")
    accountant.presses("Preview")
    accountant.sees("What will be written", "€1,600.00 before, €1,600.00 after, difference €0.00")
    looked_at(accountant)
    accountant.presses("Post the correction")
    accountant.sees("Correction journal CJ-00001", "Booked on the wrong site")
    looked_at(accountant)
    assert CorrectionJournal.objects.get().lines.count() == 1
    assert_proven()


def test_facts_are_typed_and_taken_back(company: Company, accountant: Visitor, today: dt.date) -> None:
    accountant.visits("/journals/")
    accountant.follows("New entry journal")
    accountant.page.get_by_label("Company").select_option(str(company.entity.pk))
    accountant.page.get_by_label("Reason").fill("Costs of the year before")
    accountant.presses("Create")
    accountant.sees("No line yet")
    accountant.follows("Add a line")
    page = accountant.page
    page.get_by_label("Type", exact=True).select_option("2")
    page.get_by_label("Date", exact=True).fill(today.isoformat())
    page.get_by_label("Project").select_option(str(company.project.pk))
    page.get_by_label("Contract line").select_option(str(company.line.pk))
    page.get_by_label("Quantity").fill("8")
    page.get_by_label("Price per unit").fill("200")
    page.get_by_label("Description").fill("Work before the system")
    accountant.presses("Add")
    accountant.sees("Choose which customer of the contract line pays.")
    looked_at(accountant)
    page.get_by_label("Payer").select_option(str(company.customer.pk))
    accountant.presses("Add")
    accountant.sees("Work before the system", "€1,600.00")
    accountant.presses("Confirm")
    accountant.sees("Confirmed; actuals written: 1")
    looked_at(accountant)
    accountant.visits("/cancellations/")
    accountant.follows("Choose actuals")
    page.get_by_role("checkbox").nth(1).check()
    accountant.presses("Cancel rows of entry journals")
    page.get_by_label("Reason").fill("Typed twice")
    looked_at(accountant)
    accountant.presses("Create cancellation journal")
    accountant.sees("Cancellation journal XJ-00001", "In process")
    looked_at(accountant)
    accountant.presses("Confirm for good")
    accountant.sees("Adjusted")
    assert EntryJournal.objects.get().status == CancellationJournal.objects.get().status == "confirmed"
    assert sum(row.amount for row in Actual.objects.all()) == 0
    assert_proven()

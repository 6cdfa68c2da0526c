"""A file is looked at before it is saved, in Chromium: what changes is seen, in every look, and then done."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from projects.models import Customer
from tests.browser.people import Visitor
from tests.browser.test_accessibility import WIDE, faults_of
from tests.company import Company, rows

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_file_of_customers_is_previewed_and_saved(company: Company, manager: Visitor):
    known = rows.customer(company.entity, name="Alster AG", manager=company.manager)
    text = "number,name,billing address,country,currency\n"
    text += f"{known.number},Alster SE,Kai 1,DE,EUR\nK-2,Bille GmbH,Deich 2,DE,EUR\n"
    page, address = manager.page, reverse("import-records", args=["customers"])
    page.set_viewport_size(WIDE)
    manager.visits(address)
    file: Any = {"name": "kunden.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)
    manager.presses("Show preview")
    expect(page.get_by_role("cell", name="Alster SE").first).to_be_visible()
    manager.sees("New: Bille GmbH")
    expect(page.get_by_label("Change the row that exists and is different")).to_be_checked()
    assert list(faults_of(page, address)) == []
    manager.presses("Save all of it")
    manager.sees("2 saved")
    assert Customer.objects.get(pk=known.pk).name == "Alster SE"


def test_a_file_with_a_fault_says_its_row_and_saves_nothing(company: Company, manager: Visitor):
    text = "number,name,billing address,country,currency\nK-2,,Deich 2,DE,EUR\n"
    page, address = manager.page, reverse("import-records", args=["customers"])
    manager.visits(address)
    file: Any = {"name": "kunden.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)
    manager.presses("Show preview")
    manager.sees("Row 2, column name: The value is missing.")
    expect(page.get_by_role("button", name="Save all of it")).to_have_count(0)
    assert list(faults_of(page, address)) == []
    assert not Customer.objects.filter(number="K-2").exists()

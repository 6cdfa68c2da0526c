"""The pages that confirm show the lines that they hash: what was seen is what is confirmed (decision 16)."""

import pytest
from django.urls import reverse

from billing.views import confirmation_lines
from billing.views.confirmation_lines import lines_of
from core.templatetags.display import quantity
from projects.states import BillingType
from tests.company import details_of
from tests.company.checking import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company):
    return company


@pytest.fixture
def two_lines(company):
    """Eight hours of a survey, and two that are complimentary."""
    company.approved(8, external_description="Survey of the north wing")
    company.approved(2, external_description="Travel")
    draft = company.draft()
    details_of(draft).filter(quantity=2).update(billing_type=BillingType.COMPLIMENTARY)
    return draft


def test_every_line_stands_on_the_page_of_one_proforma(manager, two_lines):
    answer = manager.get(reverse("proforma-confirm", args=[two_lines.number]))
    page = answer.content.decode()
    assert [(one.text, one.amount, one.not_charged) for one in answer.context["lines"]] == [
        ("Survey of the north wing", 1600, ""),
        ("Travel", 400, "Complimentary"),
    ]
    assert f"2 lines of {two_lines.number}" in " ".join(page.split())
    assert f"{quantity(8, 'h')} × 200.00" in page


def test_every_line_stands_on_the_page_of_a_selection(manager, company, two_lines):
    company.approved(1, external_description="Handover")
    other = company.draft()
    page = manager.post(reverse("proformas-confirm"), {"row": [two_lines.pk, other.pk]}).content.decode()
    for text in ("Survey of the north wing", "Travel", "Handover", f"1 line of {other.number}"):
        assert text in " ".join(page.split())


def test_a_long_document_shows_the_first_lines_and_leads_to_all_of_them(manager, two_lines, monkeypatch):
    monkeypatch.setattr(confirmation_lines, "MOST_OF_ONE", 1)
    monkeypatch.setattr(confirmation_lines, "LEAST_OF_ONE", 1)
    page = manager.get(reverse("proforma-confirm", args=[two_lines.number])).content.decode()
    assert "Survey of the north wing" in page
    assert "The first 1 is shown." in " ".join(page.split())
    assert f"All lines of {two_lines.number}" in page


def test_two_statements_read_the_lines_of_all(company, two_lines):
    company.approved(1)
    both = [two_lines, company.draft()]
    assert statements(lambda: lines_of([two_lines])) == statements(lambda: lines_of(both)) == 2
    assert {key: len(lines) for key, lines in lines_of(both).items()} == {both[0].pk: 2, both[1].pk: 1}

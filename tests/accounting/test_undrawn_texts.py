"""What no font here draws is refused before an invoice takes its number, and named (decision 22)."""

import pytest
from django.urls import reverse

from accounting.models import CustomerInvoice, InvoiceProposal
from accounting.previewing import preview_document
from core.documents.fonts import has_cjk
from projects.models import Customer
from projects.roles import PROJECT_ACCOUNTANT
from tests.company import Company
from tests.company.checking import refused

pytestmark = pytest.mark.django_db

TAMIL = "தமிழ்"


def proposed(company: Company, text: str) -> InvoiceProposal:
    company.approved(8, external_description=text)
    company.journalise()
    company.confirm(company.draft())
    return company.proposals().get()


def test_a_script_that_no_font_draws_is_refused_before_a_number_is_taken():
    company = Company()
    proposal = proposed(company, f"Translation into {TAMIL}")
    with refused("characters-not-drawn") as said:
        company.post(company.proposals())
    (why,) = said.value.refusals
    assert why.subject == str(proposal)
    assert why.message == "It cannot be printed: no font here has Tamil, such as “த”."
    assert why.way_out == "Write it in other characters."
    with refused("characters-not-drawn"):
        preview_document(proposal, actor=company.accountant)


@pytest.mark.skipif(has_cjk(), reason="the extra is installed")
def test_east_asian_text_asks_for_the_extra():
    company = Company()
    proposed(company, "Work")
    Customer.objects.filter(pk=company.customer.pk).update(name="株式会社")
    with refused("characters-not-drawn") as said:
        company.post(company.proposals())
    (why,) = said.value.refusals
    assert why.message.startswith("It cannot be printed: no font here has Chinese, Japanese and Korean")
    assert why.way_out == "Ask whoever runs it to install the fonts for Chinese, Japanese and Korean."


def test_what_has_fonts_is_posted_and_its_number_is_the_first():
    company = Company()
    proposed(company, "תיקון API · تحديث · ปรับปรุง · सुधार · Ελλάδα")
    (invoice,) = company.post(company.proposals())
    assert invoice.number == CustomerInvoice.objects.get().number


def test_a_proforma_that_cannot_be_drawn_says_so_instead_of_printing_boxes(client):
    company = Company()
    company.approved(8, external_description=f"In {TAMIL}")
    draft = company.draft()
    client.force_login(company.person(PROJECT_ACCOUNTANT))
    answer = client.get(reverse("proforma-document", args=[draft.number]))
    assert answer.status_code == 422
    assert "no font here has Tamil" in answer.content.decode()

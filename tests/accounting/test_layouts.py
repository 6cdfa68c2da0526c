"""The layout agreed with a contract, customer or company, decided upon before posting, kept after (C5)."""

from datetime import date

import pytest

from accounting.models import CustomerInvoice, InvoiceProposal
from accounting.printing import reprint
from accounting.reviewing import review_proposals
from accounting.snapshots import facts_of
from billing.models import Proforma
from billing.proforma_facts import layout_of
from core.documents.document_data import document_data
from core.documents.layouts import DETAIL, Layout, layout_from
from projects.models import Customer, DocumentLayout, DocumentSectionName, LegalEntity, ProjectContract
from tests.accounting.printed import draft_facts
from tests.company import Company, only
from tests.company.checking import refused, statements
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


def layout(name: str, **columns: object) -> DocumentLayout:
    return DocumentLayout.objects.create(name=name, **columns)


def proposed(company: Company) -> InvoiceProposal:
    company.approved(8, external_description="Route planner")
    company.approved(2, external_description="Depot")
    company.journalise()
    company.confirm(company.draft())
    return company.proposals().get()


def shown(invoice: CustomerInvoice) -> list[tuple[str, str, str]]:
    data = document_data(facts_of(invoice), layout=layout_from(invoice.snapshot["layout"]))
    return [
        (row["text"], row["qty"], row["amount"]) for section in data["sections"] for row in section["rows"]
    ]


def test_the_contract_comes_before_the_customer_and_the_customer_before_the_company():
    company = Company()
    own, agreed, theirs = layout("Own"), layout("Agreed"), layout("Theirs")
    company.approved(8)
    draft = company.draft()
    chosen_layouts = []
    for rows, chosen in (
        (LegalEntity.objects.filter(pk=company.entity.pk), own),
        (Customer.objects.filter(pk=company.customer.pk), theirs),
        (ProjectContract.objects.filter(pk=company.contract.pk), agreed),
    ):
        rows.update(document_layout=chosen)
        proforma = Proforma.objects.get(pk=draft.pk)
        chosen_layouts.append(
            (proforma.contract.document_layout or proforma.customer.document_layout)
            or proforma.legal_entity.document_layout
        )
    assert chosen_layouts == [own, theirs, agreed]
    company.journalise()
    company.confirm(draft)
    assert company.proposals().get().layout == agreed


def test_a_proforma_is_printed_as_agreed_with_its_texts():
    company = Company()
    by_person = layout("By person", rows="person", before_en="Thank you.", after_en="Until then.")
    Customer.objects.filter(pk=company.customer.pk).update(document_layout=by_person)
    company.approved(8)
    draft = Proforma.objects.get(pk=company.draft().pk)
    assert layout_of(draft) == Layout(rows="person")
    facts = draft_facts(draft)
    assert (facts.before, facts.after) == ("Thank you.", "Until then.")
    Customer.objects.filter(pk=company.customer.pk).update(document_layout=None, language="de")
    draft = Proforma.objects.get(pk=draft.pk)
    assert layout_of(draft) == DETAIL


def test_a_text_in_another_language_is_not_printed():
    assert layout("English only", before_en="Thank you.").texts_in("de") == ("", "")


def test_accounting_chooses_another_layout_before_posting_and_a_later_change_does_not_reach_it():
    company = Company()
    proposal = proposed(company)
    assert proposal.layout is None
    by_person = layout("By person", rows="person", before_en="Thank you.")
    review_proposals(only(proposal), {"layout": by_person}, actor=company.accountant, at=NOW)
    (invoice,) = company.post(company.proposals())
    invoice = CustomerInvoice.objects.get(pk=invoice.pk)
    assert shown(invoice) == [(company.resource.name, "10.00", "2,000.00")]
    assert invoice.snapshot["layout"] == Layout(rows="person").frozen()
    assert invoice.snapshot["before"] == "Thank you."

    before = reprint(invoice, on=date(2026, 5, 1))
    DocumentLayout.objects.update(rows="detail", before_en="Changed")
    assert reprint(CustomerInvoice.objects.get(), on=date(2026, 5, 1)) == before


def test_named_sections_are_printed_in_the_customers_language_and_stay_on_the_invoice():
    company = Company()
    own = layout("Named", sections="named")
    DocumentSectionName.objects.create(
        layout=own, position=1, heading_en="Engineering", heading_de="Technik", role=company.role
    )
    DocumentSectionName.objects.create(
        layout=own, position=2, heading_en="Parts delivered", transaction_class="milestone"
    )
    Customer.objects.filter(pk=company.customer.pk).update(document_layout=own, language="de")
    company.approved(8)
    company.milestone("500")
    proforma = Proforma.objects.get(pk=company.draft().pk)
    named = (("Technik", f"role:{company.role.pk}"), ("Parts delivered", "kind:milestone"))
    assert layout_of(proforma) == Layout(sections="named", named=named)
    company.journalise()
    company.confirm(proforma)
    (posted,) = company.post(company.proposals())
    invoice = CustomerInvoice.objects.get(pk=posted.pk)
    DocumentSectionName.objects.update(heading_de="Umbenannt")
    data = document_data(facts_of(invoice), layout=layout_from(invoice.snapshot["layout"]))
    assert [one["title"] for one in data["sections"]] == ["Technik", "Parts delivered"]


def test_a_heading_that_no_font_draws_keeps_its_proposal_from_being_posted():
    company = Company()
    proposal = proposed(company)
    own = layout("Named", sections="named")
    DocumentSectionName.objects.create(layout=own, position=1, heading_en="\u1200", role=company.role)
    review_proposals(only(proposal), {"layout": own}, actor=company.accountant, at=NOW)
    with refused("characters-not-drawn"):
        company.post(company.proposals())


def test_posting_reads_the_sections_of_all_layouts_at_once():
    company = Company()
    own = layout("Named", sections="named")
    DocumentSectionName.objects.create(layout=own, position=1, heading_en="Work", role=company.role)
    Customer.objects.filter(pk=company.customer.pk).update(document_layout=own)
    counted = []
    for many in (1, 3):
        for _each in range(many):
            company.approved(1)
            company.journalise()
            company.confirm(company.draft())
        counted.append(statements(lambda: company.post(company.proposals().unposted())))
    assert counted[0] == counted[1]

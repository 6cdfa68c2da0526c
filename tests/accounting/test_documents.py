"""What proforma, invoice and credit note say, row by row and in three languages (B10, C5, C7)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from accounting.models import InvoiceProposal
from accounting.previewing import preview_document
from accounting.printing import reprint
from accounting.snapshots import facts_of, invoice_facts
from billing.models import Proforma
from core.documents.document_data import document_data
from core.documents.facts import DocumentFacts
from core.documents.layouts import DETAIL, Layout
from core.documents.rendering import render_document
from core.documents.terms_labels import terms_in
from projects.models import Customer, LegalEntity, TaxCode, TaxRate
from projects.states import BillingType, TaxKind
from tests.accounting.printed import company_in, draft_facts, of_two_rates, posted, taxed_at
from tests.company import Company
from tests.company import rows as work

pytestmark = pytest.mark.django_db


def taken_back(company: Company, hours: str, text: str, **columns: Any) -> None:
    """Work whose unbilled sales are negative, as corrections of invoices leave it."""
    columns = {"category": company.categories["time"], "external_description": text} | columns
    work.approved_hours(company, hours, "200", **columns)


def rows(facts: DocumentFacts, *columns: str, layout: Layout = DETAIL) -> list[tuple[str, ...]]:
    data = document_data(facts, layout=layout)
    return [
        tuple(row[column] for column in columns) for section in data["sections"] for row in section["rows"]
    ]


def taxes(facts: DocumentFacts) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in document_data(facts)["tax"]["rows"]]


def totals(facts: DocumentFacts) -> list[tuple[str, str]]:
    return [(row["label"], row["value"]) for row in document_data(facts)["totals"]]


def test_every_line_of_an_invoice_at_two_rates_shows_its_own():
    company = company_in("en-gb")
    draft = of_two_rates(company)
    expected = [
        ("Route planner", "8.00", "200.00/h", "20%", "1,600.00", ""),
        ("Printed manual", "2.00", "200.00/h", "7%", "400.00", ""),
        ("Introduction", "3.00", "0.00/h", "", "0.00", "Free of charge"),
    ]
    columns = ("text", "qty", "rate", "tax", "amount", "note")
    assert rows(draft_facts(draft), *columns) == expected
    invoice = posted(company, draft)
    assert rows(facts_of(invoice), *columns) == expected
    assert taxes(facts_of(invoice)) == [
        ("VAT 20%", "1,600.00", "320.00", ""),
        ("VAT 7%", "400.00", "28.00", ""),
    ]


def test_a_proforma_its_preview_and_its_invoice_say_the_same():
    company = company_in("de")
    company.milestone("12500")
    draft = of_two_rates(company)
    Proforma.objects.filter(pk=draft.pk).update(description="Hafenportal, Phase 2")
    company.add_by_hand(draft, company.line, external_description="Reisepauschale", unit="pcs")
    before = draft_facts(draft)
    invoice = posted(company, draft)
    numbered = {"number": invoice.number, "kind": "invoice"}
    of_invoice = {
        name: getattr(facts_of(invoice), name)
        for name in ("due_date", "payment_terms", "payment_reference", "iban", "bic", "bank")
    }
    assert replace(before, **numbered, **of_invoice) == facts_of(invoice)
    assert draft_facts(draft) == before


def test_what_is_not_charged_is_on_no_document_unless_it_is_complimentary():
    company = Company()
    company.approved(8, external_description="Build")
    company.approved(1, external_description="Internal", billing_type=BillingType.NON_CHARGEABLE)
    draft = company.draft()
    assert rows(draft_facts(draft), "text") == [("Build",)]
    assert rows(facts_of(posted(company, draft)), "text") == [("Build",)]


def test_free_work_alone_at_a_rate_leaves_no_tax_of_nothing():
    company = company_in("en-gb")
    company.approved(8, external_description="Build")
    free = {"billing_type": BillingType.COMPLIMENTARY, "category": taxed_at(company, "7")}
    company.approved(1, external_description="Gift", **free)
    draft = company.draft()
    only = [("VAT 20%", "1,600.00", "320.00", "")]
    assert taxes(draft_facts(draft)) == only
    assert taxes(facts_of(posted(company, draft))) == only


def test_a_credit_note_states_positive_figures_and_the_books_negative_ones():
    company = company_in("en-gb")
    taken_back(company, "-3", "Billed twice")
    taken_back(company, "-2", "Manual", category=taxed_at(company, "7"), transaction_date=date(2026, 3, 9))
    invoice = posted(company, company.draft())
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (-1000, -148, -1148)

    facts = facts_of(invoice)

    assert facts.kind == "credit"
    assert rows(facts, "text", "qty", "rate", "tax", "amount") == [
        ("Billed twice", "3.00", "200.00/h", "20%", "600.00"),
        ("Manual", "2.00", "200.00/h", "7%", "400.00"),
    ]
    assert taxes(facts) == [("VAT 20%", "600.00", "120.00", ""), ("VAT 7%", "400.00", "28.00", "")]
    assert totals(facts) == [
        ("Net total", "1,000.00"),
        ("Tax", "148.00"),
        ("Credit total", "€1,148.00"),
    ]
    data = document_data(facts)
    assert data["sections"][0]["subtotal"]["amount"] == "1,000.00"
    assert (data["payment"], data["notes"]) == (None, [])
    assert invoice_facts(invoice).gross == D(-1148)


def test_a_proforma_of_a_credit_keeps_its_signs():
    company = Company()
    taken_back(company, "-3", "Billed twice")
    assert totals(draft_facts(company.draft()))[-1] == ("Estimated total", "\u2212€720.00")


def test_the_terms_follow_the_due_date_that_accounting_chose():
    company = company_in("de")
    company.approved(8)
    company.confirm(company.draft())
    company.journalise()
    proposals = company.proposals()
    proposals.update(due_date=date(2026, 4, 14))
    (invoice,) = company.post(InvoiceProposal.objects.all())
    assert document_data(facts_of(invoice))["notes"] == ["Zahlbar ohne Abzug innerhalb von 14 Tagen."]


def test_a_milestone_is_one_lump_sum():
    company = company_in("de")
    company.milestone("12500")
    assert rows(facts_of(posted(company, company.draft())), "qty", "unit", "amount") == [
        ("1,00", "psch.", "12.500,00")
    ]


@pytest.mark.parametrize(
    ("language", "label", "note"),
    [
        ("en-gb", "Reverse charge", "The recipient is liable for the VAT."),
        ("de", "Steuerschuldnerschaft des Leistungsempfängers", "Artikel 196, Richtlinie 2006/112/EG"),
        ("id", "Reverse charge", "PPN terutang oleh penerima jasa."),
    ],
)
def test_no_tax_says_why_in_the_customers_language(language, label, note):
    company = company_in(language)
    reverse = taxed_at(
        company, "0", kind=TaxKind.REVERSE_CHARGE, reason_de="Artikel 196, Richtlinie 2006/112/EG"
    )
    company.approved(8, category=reverse)
    draft = company.draft()
    before = draft_facts(draft)
    after = facts_of(posted(company, draft))
    for facts in (before, after):
        (tax,) = facts.tax_rows
        assert (tax.label, tax.rate, tax.base, tax.tax, tax.note) == (label, None, D(1600), D(0), note)
        assert facts.notes == ()


def test_nothing_that_changes_later_changes_what_an_invoice_says():
    company = company_in("id")
    invoice = posted(company, of_two_rates(company))
    before, printed = facts_of(invoice), reprint(invoice, on=date(2026, 5, 1))
    Customer.objects.update(name="Renamed", billing_address="Elsewhere", country="DE", language="de")
    LegalEntity.objects.update(name="Renamed", country="ID", registered_office="Elsewhere", iban="DE00")
    TaxCode.objects.update(kind=TaxKind.EXEMPT, reason_en="Exempt")
    TaxRate.objects.update(percent=D(99))
    invoice.refresh_from_db()
    assert facts_of(invoice) == before
    assert reprint(invoice, on=date(2026, 5, 1)) == printed


def test_a_snapshot_without_a_field_that_came_later_still_prints():
    company = company_in("en-gb")
    company.approved(8)
    invoice = posted(company, company.draft())
    before = facts_of(invoice)
    del invoice.snapshot["bank"]
    assert (before.bank, facts_of(invoice)) == ("Hansebank", replace(before, bank=""))


WORDS = {
    "en-gb": {
        "titles": ["Proforma", "Invoice", "Invoice", "Credit note"],
        "address": "United Kingdom",
        "taxes": [["VAT 20%"], ["VAT 20%"], ["VAT 20%", "VAT 7%"], ["VAT 20%"]],
        "units": {"h"},
        "due": ["Estimated total", "Amount due", "Amount due", "Credit total"],
        "notes": "Payable without deduction within 30 days.",
        "foot": "Nordkai Consulting GmbH · Registered office Hamburg · Management: Marit Olsson",
    },
    "de": {
        "titles": ["Proforma", "Rechnung", "Rechnung", "Rechnungskorrektur"],
        "address": "Österreich",
        "taxes": [
            ["USt 20\u00a0%"],
            ["USt 20\u00a0%"],
            ["USt 20\u00a0%", "USt 7\u00a0%"],
            ["USt 20\u00a0%"],
        ],
        "units": {"Std."},
        "due": ["Summe (Schätzung)", "Zu zahlen", "Zu zahlen", "Gutgeschriebener Betrag"],
        "notes": "Zahlbar ohne Abzug innerhalb von 30 Tagen.",
        "foot": "Nordkai Consulting GmbH · Sitz Hamburg · Geschäftsführung: Marit Olsson",
    },
    "id": {
        "titles": ["Proforma", "Faktur", "Faktur", "Nota kredit"],
        "address": "Indonesia",
        "taxes": [["PPN 20%"], ["PPN 20%"], ["PPN 20%", "PPN 7%"], ["PPN 20%"]],
        "units": {"jam"},
        "due": ["Perkiraan total", "Jumlah terutang", "Jumlah terutang", "Total kredit"],
        "notes": "Dibayar penuh dalam 30 hari.",
        "foot": "Nordkai Consulting GmbH · Berkedudukan di Hamburg · Direksi: Marit Olsson",
    },
}


@pytest.mark.parametrize("language", WORDS)
def test_four_documents_speak_the_customers_language_and_print(language):
    company, words = company_in(language), WORDS[language]
    company.approved(8, external_description="Route planner")
    draft = company.draft()
    proforma = draft_facts(draft)
    invoice = facts_of(posted(company, draft))
    two_rates = facts_of(posted(company, of_two_rates(company)))
    taken_back(company, "-3", "Billed twice")
    credit = facts_of(posted(company, company.draft()))

    documents = [document_data(facts) for facts in (proforma, invoice, two_rates, credit)]

    assert [data["title"] for data in documents] == words["titles"]
    assert [data["totals"][-1]["label"] for data in documents] == words["due"]
    assert [[row["label"] for row in data["tax"]["rows"]] for data in documents] == words["taxes"]
    assert {data["customer"]["address"][-1] for data in documents} == {words["address"]}
    assert {data["footer"][0] for data in documents} == {words["foot"]}
    units = {row["unit"] for data in documents for section in data["sections"] for row in section["rows"]}
    assert units == words["units"]
    # A proforma says how its invoice will be payable; a credit note gives money back.
    foreseen = terms_in(language)["of_invoice"].format(terms=words["notes"])
    assert [data["notes"] for data in documents] == [[foreseen], [words["notes"]], [words["notes"]], []]
    for data in documents:
        assert b"<pdfaid:part>3</pdfaid:part>" in render_document(data)


def test_the_preview_of_a_proposal_is_a_proforma_under_its_number():
    company = company_in("en-gb")
    draft = of_two_rates(company)
    company.confirm(draft)
    company.journalise()
    (proposal,) = company.proposals()
    pdf = preview_document(proposal, actor=company.accountant)
    assert f"Proforma {draft.number}".encode() in pdf
    assert not proposal._meta.model.objects.filter(customer_invoice__isnull=False).exists()

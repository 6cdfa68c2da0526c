"""The pages of proforma, invoice and credit note to the word: retention, discount, correction (B12)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from accounting.snapshots import facts_of
from billing.correction_rows import BilledCorrection, billed_rows
from billing.discounting import Allowance, grant_discount
from billing.models import Proforma, Retention
from billing.releasing import release_retentions
from core.documents.document_data import document_data
from core.documents.facts import DocumentFacts, Original
from core.documents.rendering import render_document
from projects.models import ProjectContract
from tests.accounting.printed import company_in, draft_facts, posted
from tests.company import Company, retainers
from tests.company.corrections import correct
from tests.company.rows import NOW
from tests.core.pdf_pages import pages_of

pytestmark = pytest.mark.django_db
LATER = date(2026, 6, 30)
REASON = "Two hours were internal preparation"


def keeping(language: str = "en-gb") -> Company:
    company = company_in(language)
    terms = {"retention_percent": Decimal(10), "retention_months": 3}
    ProjectContract.objects.filter(pk=company.contract.pk).update(**terms)
    return company


def below_title(facts: DocumentFacts) -> list[str]:
    """What the one page says between its title and its foot."""
    data = document_data(facts)
    (lines,) = pages_of(render_document(data))
    return lines[lines.index(f"{data['title']} {data['number']}") + 1 : -2]


def six_of_eight(company: Company, draft: Proforma) -> Proforma:
    """The draft that lets six hours stay billed of the eight of an invoice."""
    rows = billed_rows(Proforma.objects.get(pk=draft.pk))
    eight = next(row for row in rows if row.quantity == 8)
    return correct(company, BilledCorrection(eight, quantity=Decimal(6), reason=REASON))


def test_what_is_kept_back_stands_below_the_total_and_not_among_the_services():
    company = keeping()
    company.approved(8, external_description="Route planner")
    draft = company.draft()
    services = [
        "Date Description Person Quantity Unit Rate Amount EUR",
        "Hours",
        "2 Mar 2026 Route planner Ada 8.00 h 200.00/h 1,600.00",
    ]
    assert below_title(draft_facts(draft)) == [
        "This is not a tax invoice. The tax shown is an estimate.",
        *services,
        "Estimated tax Taxable amount Tax amount Net total 1,600.00",
        "VAT 20% 1,600.00 320.00 Tax (estimate) 320.00",
        "Estimated total 1,920.00",
        "Kept back",
        "Retention 10% until 30 Jun 2026 \u2212160.00",
        "Estimated amount due €1,760.00",
        "Terms of payment of the invoice: Payable without deduction within 30 days.",
    ]
    invoice = posted(company, draft)
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (1440, 320, 1760)
    assert below_title(facts_of(invoice))[:9] == [
        *services,
        "Tax Taxable amount Tax amount Net total 1,600.00",
        "VAT 20% 1,600.00 320.00 Tax 320.00",
        "Total 1,920.00",
        "Kept back",
        "Retention 10% until 30 Jun 2026 \u2212160.00",
        "Amount due €1,760.00",
    ]


def test_a_credit_note_gives_back_the_work_less_what_was_kept_back_and_says_why():
    company = keeping()
    company.approved(8, external_description="Route planner")
    draft = company.draft()
    posted(company, draft)
    credit = six_of_eight(company, draft)
    names = {field["label"]: field["value"] for field in document_data(draft_facts(credit))["meta"]}
    assert (names["Original invoice"], names["Dated"]) == ("RE-2026-00001", "31\u00a0Mar\u00a02026")
    note = posted(company, credit)
    assert (note.net_amount, note.tax_amount, note.gross_amount) == (-360, -80, -440)
    assert below_title(facts_of(note)) == [
        "Date Description Person Quantity Unit Rate Amount EUR",
        "Hours",
        "2 Mar 2026 Route planner Ada 8.00 h 200.00/h 1,600.00",
        REASON,
        "2 Mar 2026 Route planner Ada \u22126.00 h 200.00/h \u22121,200.00",
        "Subtotal 2.00 h 400.00",
        "Tax Taxable amount Tax amount Net total 400.00",
        "VAT 20% 400.00 80.00 Tax 80.00",
        "Total 480.00",
        "Kept back",
        "Retention 10% until 30 Jun 2026 \u221240.00",
        "Credit total €440.00",
        "Reference",
        "Credit for invoice Credit",
        "RE-2026-00001 €440.00",
    ]


def test_a_release_is_a_request_for_money_and_no_service():
    company = keeping("de")
    company.approved(8)
    posted(company, company.draft())
    terms = {"invoice_date": LATER, "actor": company.manager, "at": NOW}
    (draft,) = release_retentions(Retention.objects.confirmed(), **terms)
    printed = facts_of(posted(company, draft))
    assert below_title(printed)[:4] == [
        "Pos. Leistung Betrag EUR",
        "Freigegeben",
        f"1 {printed.deductions[0].label} 160,00",
        "Zu zahlen 160,00 €",
    ]
    assert (printed.period, printed.net, printed.gross, printed.amount_due) == (None, 0, 0, 160)


def test_a_release_beside_new_work_is_no_part_of_its_net():
    company = keeping()
    company.approved(8)
    posted(company, company.draft())
    company.approved(2)
    company.ready()
    (draft,) = company.drafts(LATER)
    terms = {"invoice_date": LATER, "actor": company.manager, "at": NOW}
    release_retentions(
        Retention.objects.confirmed(), into=Proforma.objects.filter(pk=draft.pk), amount=Decimal(100), **terms
    )
    rows = [(row["label"], row["value"]) for row in document_data(draft_facts(draft))["totals"]]
    assert rows == [
        ("Net total", "400.00"),
        ("Tax (estimate)", "80.00"),
        ("Estimated total", "480.00"),
        ("Kept back", ""),
        ("Retention 10% until 30 Sept 2026", "\u221240.00"),
        ("Released", ""),
        ("Release of the retention on RE-2026-00001", "100.00"),
        ("Estimated amount due", "€540.00"),
    ]


def test_an_advance_lowers_the_net_and_a_retention_what_is_to_pay():
    company = keeping()
    retainers.invoiced(company, "1000")
    company.invoices()
    company.approved(8, external_description="Route planner")
    printed = facts_of(posted(company, company.draft()))
    lines = below_title(printed)
    assert lines[2:6] == [
        "2 Mar 2026 Route planner Ada 8.00 h 200.00/h 1,600.00",
        "Advance applied",
        "2 Mar 2026 Start-up advance \u22121.00 flat 1,000.00 \u22121,000.00",
        "Tax Taxable amount Tax amount Net total 600.00",
    ]
    assert [(one.heading, one.amount) for one in printed.deductions] == [("Kept back", 160)]
    assert (printed.net, printed.gross, printed.amount_due) == (600, 720, 560)


def test_a_percent_discount_is_an_amount_on_the_invoice_and_on_the_credit_note():
    company = company_in("de")
    company.approved(8, external_description="Routenplaner")
    draft = company.draft()
    granted = Allowance(percent=Decimal("36.76"), reason="Treue")
    grant_discount(draft.lines.get(), granted, actor=company.manager, at=NOW)
    printed = facts_of(posted(company, draft))
    assert below_title(printed)[2:5] == [
        "02.03.2026 Routenplaner Ada 8,00 Std. 200,00/Std. 1.600,00",
        "02.03.2026 Rabatt 36,76 %: Treue \u2212588,16",
        "Zwischensumme 8,00 Std. 1.011,84",
    ]
    lines = below_title(facts_of(posted(company, six_of_eight(company, draft))))
    assert lines[2:8] == [
        "02.03.2026 Routenplaner Ada 8,00 Std. 200,00/Std. 1.600,00",
        REASON,
        "02.03.2026 Rabatt 36,76 %: Treue \u2212588,16",
        "02.03.2026 Routenplaner Ada \u22126,00 Std. 200,00/Std. \u22121.200,00",
        "02.03.2026 Rabatt 36,76 %: Treue 441,12",
        "Zwischensumme 2,00 Std. 252,96",
    ]


def test_several_corrected_documents_are_all_named_with_their_dates():
    company = company_in("en-gb")
    company.approved(8)
    facts = draft_facts(company.draft())
    several = tuple(Original(f"RE-2026-{number:05}", date(2026, 3, number)) for number in range(1, 31))
    (lines,) = pages_of(render_document(document_data(replace(facts, originals=several))))
    text = " ".join(lines)
    for one in several:
        assert f"{one.number} of {one.day.day} Mar 2026" in text
    assert "Corrects RE-2026-00001 of 1 Mar 2026, RE-2026-00002" in text


def test_a_correction_before_the_invoice_names_the_proforma():
    company = company_in("en-gb")
    company.approved(8)
    draft = company.draft()
    company.confirm(draft)
    facts = draft_facts(six_of_eight(company, draft))
    names = {field["label"]: field["value"] for field in document_data(facts)["meta"]}
    assert (names["Original proforma"], names["Dated"]) == (draft.number, "31\u00a0Mar\u00a02026")


def test_five_hundred_characters_are_printed_in_full_and_a_manual_line_has_no_date_as_its_text():
    company = company_in("en-gb")
    words = "".join(f"word{number:03} " for number in range(62))[:500].strip()
    company.approved(8, external_description=words)
    draft = company.draft()
    terms = {"quantity": Decimal(2), "price": Decimal(50), "unit": "pcs"}
    company.add_by_hand(draft, company.line, external_description="", **terms)
    printed = " ".join(below_title(draft_facts(draft))[3:]).replace("Ada 8.00 h 200.00/h 1,600.00 ", "")
    assert printed.startswith(
        f"2 Mar 2026 {words} 2 Mar 2026 Hours 2.00 pcs 50.00/pc 100.00 Subtotal 1,700.00 "
    )

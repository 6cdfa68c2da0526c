"""Where pages of documents end: sums, payment and terms never stand alone (C7)."""

import re
from dataclasses import replace
from decimal import Decimal as D

import pytest

from core.documents.document_data import document_data
from core.documents.facts import DocumentSection
from core.documents.rendering import render_document
from tests.core.document_samples import GERMAN_INVOICE, british_invoice, line
from tests.core.pdf_pages import pages_of

ROW = re.compile(r"^\d{1,2} Oct 2026 ")
TERMS = "Payable without deduction within 30 days."
CLOSING = ("Net total", "Amount due £", "Payment", "Payable by", TERMS)


def hours(rows: int):
    """An invoice of that many rows of time alone, with terms below the payment."""
    facts = british_invoice(rows)
    (time, _milestones) = facts.sections
    net = sum((one.amount for one in time.lines), D(0))
    taxes = tuple(replace(tax, base=net) for tax in facts.tax_rows)
    return replace(
        facts, sections=(time,), net=net, gross=net, tax_rows=taxes, deductions=(), payment_terms=TERMS
    )


def pages(facts) -> list[list[str]]:
    return pages_of(render_document(document_data(facts)))


@pytest.mark.parametrize("step", range(4))
def test_from_one_row_to_sixty_the_last_page_has_rows_sums_payment_and_terms(step):
    for rows in [*range(1, 25), 31, 32, 33, 34, 50, 58, 59, 60][step::4]:
        printed = pages(hours(rows))
        counts = [sum(bool(ROW.match(one)) for one in page) for page in printed]
        assert sum(counts) == rows
        assert counts[-1] >= min(rows, 3), f"{rows} rows: {counts}"
        for words in CLOSING:
            (place,) = [at for at, page in enumerate(printed) if any(words in one for one in page)]
            assert place == len(printed) - 1, f"{rows} rows: {words} on page {place + 1}"
        assert sum(one.startswith("Subtotal") for one in printed[-1]) == (rows > 1)


def test_sixty_five_rows_are_summed_up_before_the_sums_and_listed_after_them():
    first, *annex = pages(hours(65))
    assert [one for one in first if "Amount due" in one]
    assert sum(bool(ROW.match(one)) for page in annex for one in page) == 65
    assert not [one for page in annex for one in page if "Amount due" in one]


def test_a_section_of_one_row_goes_with_the_sums():
    for rows in (9, 10, 11, 12, 30):
        printed = pages(replace(british_invoice(rows), payment_terms=TERMS))
        last = printed[-1]
        milestone = next(at for at, one in enumerate(last) if "Milestone 2: pilot depot live" in one)
        assert last[milestone - 1] == "Milestones Fixed price"
        assert [one for one in last if "Amount due" in one]


def test_long_notes_are_not_lost_and_long_rows_still_break():
    text = " ".join(f"word{number:03}" for number in range(62))
    section = DocumentSection(
        title="Work", lines=tuple(line(text, 1, "h", 100, 19, note=text) for _n in range(9))
    )
    facts = replace(GERMAN_INVOICE, sections=(section,), net=D(900), gross=D(1071), notes=(text * 2,) * 8)
    tax = replace(GERMAN_INVOICE.tax_rows[0], base=D(900), tax=D(171))
    printed = pages(replace(facts, tax_rows=(tax,)))
    words = " ".join(" ".join(page) for page in printed)
    # Texts of rows and their notes, and eight notes of twice the text.
    assert words.count("word061") == 9 + 9 + 8 * 2
    assert sum("Zu zahlen 1.071,00 €" in page for page in printed) == 1


def test_the_total_stands_on_one_line_with_its_figure():
    for gross, printed in (
        ("432", "432,00 €"),
        ("28015.30", "28.015,30 €"),
        ("128015.30", "128.015,30 €"),
    ):
        section = DocumentSection(title="Work", lines=(line("Work", 1, "h", gross),))
        credit = replace(
            GERMAN_INVOICE, kind="credit", sections=(section,), net=D(gross), gross=D(gross), tax_rows=()
        )
        (page,) = pages(credit)
        assert f"Gutgeschriebener Betrag {printed}" in page


def test_a_row_is_never_divided_between_two_pages():
    rows = tuple(
        line(f"begins{number:02} " + "word " * 30 + f"ends{number:02}", 1, "h", 100) for number in range(24)
    )
    section = DocumentSection(title="Work", lines=rows)
    facts = replace(GERMAN_INVOICE, sections=(section,), net=D(2400), gross=D(2400), tax_rows=())
    printed = [" ".join(page) for page in pages(facts)]
    assert len(printed) > 1
    for number in range(24):
        (place,) = [at for at, page in enumerate(printed) if f"begins{number:02}" in page]
        assert f"ends{number:02}" in printed[place]

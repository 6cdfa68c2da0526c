"""Layouts: what a row is, which sections there are, in which order; each adds up to the same total (C5)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from itertools import product
from typing import get_args

import pytest

from core.documents.document_data import document_data
from core.documents.facts import DocumentFacts, DocumentLine, DocumentSection
from core.documents.layouts import Layout, RowOrder, RowsBy, SectionsBy, layout_from
from tests.core.document_samples import GERMAN_INVOICE


def worked(person: str, task: str, day: date, hours: str, price: str, **more: object) -> DocumentLine:
    columns: dict[str, object] = {
        "text": f"{task} by {person}",
        "person": person,
        "task": task,
        "date": day,
        "kind": "time",
        "quantity": D(hours),
        "unit": "h",
        "unit_price": D(price),
        "amount": D(hours) * D(price),
    }
    return DocumentLine(**(columns | more))  # type: ignore[arg-type]


MARCH, APRIL = date(2026, 3, 30), date(2026, 4, 2)
BUILD = DocumentSection(
    title="Build",
    lines=(
        worked("Ida", "Design", APRIL, "2", "100"),
        worked("Bo", "Design", MARCH, "8", "120"),
        worked("Ida", "Tests", MARCH, "1.5", "100"),
        worked("Bo", "Tests", APRIL, "1", "150"),
        DocumentLine(text="Discount 10 %", amount=D(-131), kind="discount"),
    ),
)
TRAVEL = DocumentSection(
    title="Travel",
    lines=(
        DocumentLine(
            text="Train", person="Ida", date=MARCH, kind="expense", quantity=D(1), unit="ls",
            unit_price=D("89.90"), amount=D("89.90"),
        ),
    ),
)  # fmt: skip
TAKEN_OFF = DocumentSection(
    title="Advance applied", lines=(DocumentLine(text="Advance", amount=D(-100)),), is_apart=True
)
FACTS = replace(
    GERMAN_INVOICE, language="en-gb", sections=(BUILD, TRAVEL, TAKEN_OFF), net=D(0), gross=D(0), tax_rows=()
)
NET = sum((line.amount for section in FACTS.sections for line in section.lines), D(0))
FACTS = replace(FACTS, net=NET, gross=NET)


def printed(layout: Layout, facts: DocumentFacts = FACTS) -> list[str]:
    """Section by section, each row as its text, hours, rate and amount."""
    said = []
    for section in document_data(facts, layout=layout)["sections"]:
        said.append(f"# {section['title']}")
        for row in section["rows"]:
            cells = (row["text"], row["note"], row.get("qty", ""), row.get("rate", ""), row["amount"])
            said.append(" | ".join(filter(None, cells)))
    return said


def test_rows_by_person_have_a_rate_where_one_holds_and_hours_where_several_do():
    assert printed(Layout(rows="person")) == [
        "# Build",
        "Ida | 3.50 | 100.00/h | 350.00",
        "Bo | 9.00 | 1,110.00",
        "Discount 10 % | \u2212131.00",
        "# Travel",
        "Ida | Train | 1.00 | 89.90 | 89.90",
        "# Advance applied",
        "Advance | \u2212100.00",
    ]


def test_rows_by_task_in_one_section_by_name_keep_expenses_and_discounts_apart():
    assert printed(Layout(rows="task", sections="none", order="name")) == [
        "# ",
        "Design | 10.00 | 1,160.00",
        "Tests | 2.50 | 300.00",
        "Train | 1.00 | 89.90 | 89.90",
        "Discount 10 % | \u2212131.00",
        "# Advance applied",
        "Advance | \u2212100.00",
    ]


def test_months_follow_one_another_and_what_has_no_day_comes_last():
    assert printed(Layout(rows="person", sections="month", order="amount")) == [
        "# March 2026",
        "Bo | Design by Bo | 8.00 | 120.00/h | 960.00",
        "Ida | Tests by Ida | 1.50 | 100.00/h | 150.00",
        "Ida | Train | 1.00 | 89.90 | 89.90",
        "# April 2026",
        "Ida | Design by Ida | 2.00 | 100.00/h | 200.00",
        "Bo | Tests by Bo | 1.00 | 150.00/h | 150.00",
        "# Other",
        "Discount 10 % | \u2212131.00",
        "# Advance applied",
        "Advance | \u2212100.00",
    ]


def test_sections_by_kind_of_work_are_named_in_the_language_of_the_customer():
    german = replace(FACTS, language="de")
    titles = [said for said in printed(Layout(sections="kind", rows="month"), german) if said[0] == "#"]
    assert titles == ["# Leistungen", "# Nachlässe", "# Auslagen", "# Advance applied"]
    first = printed(Layout(sections="kind", rows="month"), german)[1]
    assert first == "April 2026 | 3,00 | 350,00"


def test_every_transaction_by_date():
    assert printed(Layout(order="date"))[:6] == [
        "# Build",
        "Design by Bo | 8.00 | 120.00/h | 960.00",
        "Tests by Ida | 1.50 | 100.00/h | 150.00",
        "Design by Ida | 2.00 | 100.00/h | 200.00",
        "Tests by Bo | 1.00 | 150.00/h | 150.00",
        "Discount 10 % | \u2212131.00",
    ]


def test_a_rate_that_misses_the_amount_by_a_cent_is_not_shown():
    third = [
        worked("Ida", "Design", MARCH, "0.3333", "100", amount=D("33.33")),
        worked("Ida", "Design", APRIL, "0.3333", "100", amount=D("33.33")),
        worked("Ida", "Design", APRIL, "0.3334", "100", amount=D("33.35")),
    ]
    section = DocumentSection(title="Build", lines=tuple(third))
    facts = replace(FACTS, sections=(section,), net=D("100.01"), gross=D("100.01"))
    assert printed(Layout(rows="person"), facts)[1:] == ["Ida | 1.00 | 100.01"]


def test_an_annex_lists_what_is_behind_each_row_with_its_sum():
    annex = document_data(FACTS, layout=Layout(rows="person", annex=True))["annex"]
    sums = [(one["title"], len(one["rows"]), one["subtotal"]["amount"]) for one in annex["sections"]]
    assert sums == [
        ("Build · Ida", 2, "350.00"),
        ("Build · Bo", 2, "1,110.00"),
        ("Build · Discount 10 %", 1, "\u2212131.00"),
        ("Travel · Ida", 1, "89.90"),
        ("Advance applied · Advance", 1, "\u2212100.00"),
    ]
    assert annex["total"]["amount"] == "1,318.90"
    notes = document_data(FACTS, layout=Layout(rows="person", annex=True))["notes"]
    assert notes[-1] == "The 7 details behind these amounts are listed in the annex."


LAYOUTS = [
    Layout(rows=rows, sections=sections, order=order)
    for rows, sections, order in product(get_args(RowsBy), get_args(SectionsBy), get_args(RowOrder))
]


def test_the_rows_of_every_layout_add_up_to_the_total():
    for layout in LAYOUTS:
        shown = [
            D(row["amount"].replace(",", "").replace("\u2212", "-"))
            for section in document_data(FACTS, layout=layout)["sections"]
            for row in section["rows"]
        ]
        assert (sum(shown), layout) == (NET, layout)


def test_a_layout_is_kept_as_it_was_and_an_unknown_one_is_refused():
    layout = Layout(rows="task", sections="month", order="amount", annex=True)
    assert layout_from(layout.frozen()) == layout
    with pytest.raises(ValueError, match="no layout of documents has 'colour'"):
        Layout(rows="colour")  # type: ignore[arg-type]


def test_texts_of_the_layout_stand_before_and_after_and_not_on_a_credit_note():
    facts = replace(FACTS, before="Thank you.", after="See you soon.")
    data = document_data(facts)
    assert (data["intro"], data["notes"][-1]) == ("Thank you.", "See you soon.")
    credit = document_data(replace(facts, kind="credit"))
    assert (credit["intro"], "See you soon." in credit["notes"]) == ("", False)


def headings(layout: Layout) -> list[tuple[str, list[str]]]:
    data = document_data(KEYED, layout=layout)
    return [(one["title"], [row["amount"] for row in one["rows"]]) for one in data["sections"]]


def keyed(line: DocumentLine, *keys: str) -> DocumentLine:
    return replace(line, keys=frozenset((f"kind:{line.kind}", *keys)))


KEYED = replace(
    FACTS,
    sections=(
        replace(
            BUILD,
            lines=(
                keyed(BUILD.lines[0], "role:1"),
                keyed(BUILD.lines[1], "role:2", "category:7"),
                *(keyed(line) for line in BUILD.lines[2:]),
            ),
        ),
        replace(TRAVEL, lines=tuple(keyed(line) for line in TRAVEL.lines)),
        TAKEN_OFF,
    ),
)


def test_sections_have_names_of_their_own_in_the_order_of_the_layout():
    """The first name that fits takes a line; two rows with one heading are one section; the rest is Other."""
    named = (
        ("Out of pocket", "kind:expense"),
        ("Design", "category:7"),
        ("Other roles", "role:2"),
        ("Design", "role:1"),
        ("Nobody", "role:9"),
    )
    layout = Layout(sections="named", named=named)
    assert headings(layout) == [
        ("Out of pocket", ["89.90"]),
        ("Design", ["200.00", "960.00"]),
        ("Other", ["150.00", "150.00", "−131.00"]),
        ("Advance applied", ["−100.00"]),
    ]
    assert headings(layout_from(layout.frozen())) == headings(layout)


def test_named_sections_without_a_name_are_no_sections():
    assert [title for title, _rows in headings(Layout(sections="named"))] == ["", "Advance applied"]

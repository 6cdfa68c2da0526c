"""Printed documents as files: the same bytes, whatever the texts in them."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
import typst

from core.documents import rendering
from core.documents.document_data import copy_mark, document_data
from core.documents.facts import Deduction, Party
from core.documents.fonts import EAST_ASIAN, east_asian, has_cjk
from tests.core.document_samples import AMERICAN_CREDIT, GERMAN_INVOICE, INDONESIAN_PROFORMA, british_invoice


def title_of(data):
    """The title as Typst understood it, read back from the document: the texts it is made of."""
    compiler = typst.Compiler(
        rendering.TEMPLATE,
        root=rendering.TEMPLATE.parent,
        font_paths=rendering._fonts(),
        sys_inputs={"data": json.dumps(data)},
    )
    heading = json.loads(compiler.query("heading.where(level: 1)", field="body", one=True))
    return [part["child"]["text"] for part in heading["children"] if part["func"] == "styled"]


HOSTILE = [
    '#read("/etc/passwd")',
    "{{7*7}} {% debug %} $sum$ *b* _i_ @x <script>",
    "\u202e\u2066evil\u2069\u200f\u200eשלום",
    "w" * 5000,
    "\x00\x07line\nbreak\u2028\ud800\ufffe\ue000",
    "\\\"}]}'; #{sys.inputs}",
    "",
]


class TestHostileTexts:
    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_every_field_takes_them_and_the_document_prints(self, text):
        facts = GERMAN_INVOICE
        hostile = replace(
            facts,
            seller=replace(
                facts.seller,
                name=text,
                contact=(text,),
                country=text,
                registered_office=text,
                managing_directors=text,
                register_entry=text,
                tax_number=text,
            ),
            customer=Party(name=text, address=(text,) * 9, country=text, vat_id=text),
            subtitle=text,
            intro=text,
            customer_number=text,
            project=text,
            contact_person=text,
            payment_terms=text,
            payment_reference=text,
            iban=text,
            bank=text,
            notes=(text,),
            deductions=(Deduction(label=text, amount=D(1)),),
            tax_rows=tuple(replace(row, label=text, note=text) for row in facts.tax_rows),
            sections=tuple(
                replace(
                    section,
                    title=text,
                    note=text,
                    lines=tuple(
                        replace(line_, text=text, note=text, person=text, unit=text)
                        for line_ in section.lines
                    ),
                )
                for section in facts.sections
            ),
        )

        pdf = rendering.render_document(document_data(hostile))

        assert pdf.startswith(b"%PDF-1.7")

    def test_markup_stays_text(self):
        number = '#read("/etc/passwd") *x* $y$ {{7*7}}'[:35]

        assert title_of(document_data(replace(GERMAN_INVOICE, number=number))) == ["Rechnung", number]


class TestRendering:
    @pytest.mark.parametrize(
        "facts",
        [GERMAN_INVOICE, INDONESIAN_PROFORMA, british_invoice(), AMERICAN_CREDIT],
        ids=["invoice-de", "proforma-id", "invoice-gb", "credit-us"],
    )
    def test_same_facts_same_bytes(self, facts):
        first = rendering.render_document(document_data(facts))
        second = rendering.render_document(document_data(facts))

        assert first == second
        assert facts.number.encode() in first  # the title in the metadata
        assert b"<pdfaid:part>3</pdfaid:part>" in first
        assert b"<pdfuaid:part>1</pdfuaid:part>" in first

    def test_the_order_of_stored_keys_does_not_matter(self):
        data = document_data(GERMAN_INVOICE)

        assert rendering.render_document(dict(sorted(data.items()))) == rendering.render_document(data)

    def test_a_reprint_is_marked_and_the_original_is_not(self):
        data = document_data(GERMAN_INVOICE)
        mark = copy_mark("de", reprinted_on=date(2026, 11, 21), issued_on=date(2026, 11, 2))

        assert mark == {
            "text": "KOPIE",
            "detail": "Nachdruck vom 21.11.2026. Das Original wurde am 02.11.2026 ausgestellt.",
        }
        assert rendering.render_document(data, copy=mark) != rendering.render_document(data)

    def test_a_character_that_no_font_draws_is_refused_and_its_script_named(self, monkeypatch):
        monkeypatch.setattr(rendering, "_DRAWN", set())
        facts = replace(GERMAN_INVOICE, subtitle="Ein தமிழ் und 🙂")

        with pytest.raises(rendering.NotDrawn, match="no font here draws") as refused:
            rendering.render_document(document_data(facts))

        assert refused.value.missing == {"Tamil": "த", "symbols": "🙂"}

    @pytest.mark.parametrize("text", ["العربية", "עברית", "ภาษาไทย", "हिन्दी", "Ελληνικά", "Русский"])
    def test_scripts_that_are_drawn_out_of_the_box(self, text):
        pdf = rendering.render_document(document_data(replace(GERMAN_INVOICE, subtitle=text)))

        assert rendering.undrawn(text) == {}
        assert b"<pdfaid:part>3</pdfaid:part>" in pdf

    @pytest.mark.skipif(has_cjk(), reason="the extra is installed")
    @pytest.mark.parametrize("text", ["株式会社", "カタカナ", "한국어", "汉字"])
    def test_east_asian_scripts_ask_for_the_extra(self, text):
        assert list(rendering.undrawn(text)) == [EAST_ASIAN]

    def test_the_forms_of_japanese_and_korean_are_those_of_their_font(self):
        fonts = [east_asian([text]) for text in ("漢字かな", "한국", "汉字")]

        assert fonts == ["Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans CJK SC"]

    def test_long_documents_are_rendered_apart_with_the_same_bytes(self, monkeypatch):
        data = document_data(british_invoice(rows=700))
        apart = rendering.render_document(data)

        assert rendering.printed_rows(data) == 704
        assert apart == rendering._compiled(data, None)
        assert b"<pdfaid:part>3</pdfaid:part>" in apart
        assert b"pdfuaid" not in apart

    def test_a_child_that_hangs_or_fails_is_named(self, monkeypatch):
        monkeypatch.setattr(rendering, "LONG_DOCUMENT_ROWS", 0)
        data = document_data(GERMAN_INVOICE)
        with pytest.raises(rendering.RenderingFailed, match="RE-2026-00418: .*schema"):
            rendering.render_document(data | {"schema": 2})

        monkeypatch.setattr(rendering, "CHILD_SECONDS", 0.01)
        with pytest.raises(rendering.RenderingFailed, match="RE-2026-00418 took more than"):
            rendering.render_document(data)

    def test_data_of_another_schema_is_refused(self):
        with pytest.raises(rendering.RenderingFailed, match="schema 1"):
            rendering.render_document(document_data(GERMAN_INVOICE) | {"schema": 2})

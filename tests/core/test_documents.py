"""What printed documents say: words and figures to the character."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.document_data import document_data
from core.documents.facts import DocumentSection, Original, Party
from core.documents.formats import Formats, clean, clip, grouped_iban
from core.documents.labels import LABELS
from core.documents.layouts import Layout
from tests.core.document_samples import (
    AMERICAN_CREDIT,
    GERMAN_INVOICE,
    HALMVEY,
    INDONESIAN_PROFORMA,
    british_invoice,
    line,
)

NBSP = "\u00a0"


def values(fields):
    return {field["label"]: field["value"] for field in fields}


def rows_of(table):
    return [row for section in table["sections"] for row in section["rows"]]


class TestGermanInvoice:
    def test_lines_are_formatted_for_a_german(self):
        data = document_data(GERMAN_INVOICE)

        assert data["columns"] == ["pos", "text", "qty", "unit", "rate", "tax", "amount"]
        assert data["heads"]["amount"] == f"Betrag{NBSP}EUR"
        assert data["sections"][0]["rows"][0] == {
            "pos": "1",
            "text": "Konzeption und Fachanalyse",
            "qty": "18,50",
            "unit": "Std.",
            "rate": "145,00/Std.",
            "tax": f"19{NBSP}%",
            "amount": "2.682,50",
            "note": "Ines Halm, Senior Consultant",
        }
        assert data["sections"][0]["subtotal"] == {
            "label": "Zwischensumme",
            "amount": "10.362,50",
            "qty": "82,50",
            "unit": "Std.",
        }
        assert [section["subtotal"] for section in data["sections"][1:]] == [None, None]
        assert rows_of(data)[3]["pos"] == "4"

    def test_totals_tax_and_payment(self):
        data = document_data(GERMAN_INVOICE)

        assert data["tax"] == {
            "columns": ["Umsatzsteuer", "Nettobetrag", "Steuerbetrag"],
            "rows": [
                {"label": f"Regelsatz 19{NBSP}%", "base": "22.862,50", "tax": "4.343,88", "note": ""},
                {"label": f"Ermäßigt 7{NBSP}%", "base": "756,00", "tax": "52,92", "note": ""},
            ],
        }
        assert data["totals"] == [
            {"label": "Summe netto", "value": "23.618,50", "kind": "plain"},
            {"label": "Umsatzsteuer", "value": "4.396,80", "kind": "plain"},
            {"label": "Zu zahlen", "value": f"28.015,30{NBSP}€", "kind": "due"},
        ]
        due, account, reference = data["payment"]["columns"]
        assert due[0] == {"label": "Zahlbar bis", "value": "16.11.2026", "big": True}
        assert account[0]["value"] == "DE92 9999 9999 0000 0418 26".replace(" ", NBSP)
        assert values(reference) == {"Verwendungszweck": "RE-2026-00418", "Bank": "Hansebank Muster"}
        assert data["notes"] == ["Zahlbar ohne Abzug innerhalb von 14 Tagen."]

    def test_head_and_foot(self):
        data = document_data(GERMAN_INVOICE)

        assert values(data["meta"]) == {
            "Nummer": "RE-2026-00418",
            "Rechnungsdatum": "02.11.2026",
            "Leistungszeitraum": "01.–31.10.2026",
            "Fällig am": "16.11.2026",
            "Kundennummer": "K-10342",
            "Ihre Bestellung": "4500081723",
            "Projekt": "P-118 Hafenportal",
            "Vertrag": "V-2026-017",
            "Ihre USt-IdNr.": "DE999000342",
        }
        assert data["footer"] == [
            "Halmvey Studio GmbH · Sitz Hamburg · Geschäftsführung: Ines Halm, Tomas Vey",
            "USt-IdNr. DE999000418 · Amtsgericht Hamburg HRB 000418 · Steuernummer 99/999/00418",
        ]
        assert data["seller"]["return_line"] == "Halmvey Studio GmbH · Speicherzeile 14 · 20457 Hamburg"
        assert data["customer"]["address"][0] == "Brackwater Logistik SE"

    def test_a_credit_note_is_never_a_gutschrift(self):
        data = document_data(
            replace(GERMAN_INVOICE, kind="credit", originals=(Original("RE-2026-00399", date(2026, 10, 2)),))
        )

        assert data["title"] == "Rechnungskorrektur"
        assert data["payment"]["title"] == "Bezug"
        assert "Gutschrift" not in json.dumps(LABELS, ensure_ascii=False).replace("Gutgeschriebener", "")


class TestProforma:
    def test_rupiah_have_no_decimals(self):
        data = document_data(INDONESIAN_PROFORMA)

        assert rows_of(data)[0]["rate"] == "1.250.000/jam"
        assert rows_of(data)[0]["amount"] == "53.125.000"
        assert rows_of(data)[0]["unit"] == "jam"
        assert data["totals"][-1] == {"label": "Perkiraan total", "value": "Rp227.355.750", "kind": "due"}
        assert data["tax"]["columns"][0] == "Perkiraan pajak"

    def test_it_says_what_it_is_and_carries_no_tax_id_and_no_bank(self):
        facts = INDONESIAN_PROFORMA

        data = document_data(facts)

        assert data["marks"] == [
            {
                "text": "PROFORMA — bukan faktur pajak",
                "detail": "PF-2026-00123",
                "body": "Bukan faktur pajak. PPN di bawah ini adalah perkiraan.",
            }
        ]
        assert data["payment"] is None
        printed = json.dumps(data, ensure_ascii=False)
        for secret in (facts.seller.vat_id, facts.customer.vat_id, facts.iban, facts.bic, facts.bank):
            assert secret not in printed
        assert data["footer"][1] == "Proforma ini bukan faktur pajak dan bukan bukti penagihan"
        assert "Jatuh tempo" not in values(data["meta"])
        assert values(data["meta"])["Berlaku sampai"] == f"20{NBSP}Des{NBSP}2026"

    @pytest.mark.parametrize(
        ("language", "mark"),
        [
            ("en", "PROFORMA — not a tax invoice"),
            ("de", "PROFORMA — keine Rechnung"),
            ("id", "PROFORMA — bukan faktur pajak"),
        ],
    )
    def test_the_mark_speaks_the_customers_language(self, language, mark):
        data = document_data(replace(INDONESIAN_PROFORMA, language=language))

        assert [mark_["text"] for mark_ in data["marks"]] == [mark]


class TestOtherCountries:
    def test_pounds_dates_and_deductions(self):
        data = document_data(british_invoice())

        assert data["columns"] == ["date", "text", "who", "qty", "unit", "rate", "amount"]
        assert rows_of(data)[0]["date"] == f"1{NBSP}Oct{NBSP}2026"
        assert [(row["label"], row["value"]) for row in data["totals"]] == [
            ("Net total", "19,259.50"),
            ("Tax", "0.00"),
            ("Total", "19,259.50"),
            ("Retainer INV-2026-0701", "\u22125,000.00"),
            ("Amount due", "£14,259.50"),
        ]
        assert data["tax"]["rows"][0]["label"] == "VAT 0%"
        assert values(data["meta"])["Service period"] == f"1–31{NBSP}Oct{NBSP}2026"

    def test_an_american_credit_on_letter_paper(self):
        data = document_data(AMERICAN_CREDIT)

        assert data["title"] == "Credit note"
        assert values(data["meta"])["Credit note date"] == f"Nov{NBSP}12,{NBSP}2026"
        assert data["totals"][-1]["value"] == "$1,320.00"
        assert data["tax"] is None
        assert [values(column) for column in data["payment"]["columns"]] == [
            {"Credit for invoice": "INV-2026-0862"},
            {"Credit": "$1,320.00"},
            {"Invoice open after this credit": "$18,240.50"},
        ]

    @pytest.mark.parametrize(
        ("language", "region", "currency", "printed"),
        [
            ("de", "", "EUR", f"\u22121.234,50{NBSP}€"),
            ("de", "CH", "CHF", f"CHF{NBSP}\u22121’234.50"),
            ("en", "GB", "CHF", f"\u2212CHF{NBSP}1,234.50"),
            ("id", "", "USD", "\u2212US$1.234,50"),
            ("en", "QQ", "GBP", "\u2212£1,234.50"),
            ("en", "", "KWD", f"\u2212KWD{NBSP}1,234.500"),
        ],
    )
    def test_negative_money(self, language, region, currency, printed):
        assert Formats.of(language, region, currency).money(D("-1234.50")) == printed


class TestLayouts:
    def test_many_details_move_to_an_annex_that_adds_up(self):
        data = document_data(british_invoice(rows=70))

        assert [row["text"] for row in rows_of(data)] == [
            "Principal",
            "Engineer",
            "Milestone 2: pilot depot live",
        ]
        assert data["sections"][0]["rows"][0]["qty"] == "78.75"
        assert data["sections"][0]["rows"][0]["rate"] == "132.00/h"
        assert data["sections"][0]["subtotal"]["amount"] == "19,687.50"
        assert len(rows_of(data["annex"])) == 71
        assert data["annex"]["sections"][0]["subtotal"]["amount"] == "19,687.50"
        assert data["annex"]["total"] == {"label": "Total", "amount": "38,087.50"}
        assert data["annex"]["subtitle"] == f"Route Planner · 1–31{NBSP}Oct{NBSP}2026"
        assert data["notes"][-1] == "The 71 details behind these amounts are listed in the annex."

    def test_thousands_of_details_are_announced_as_available_electronically(self):
        facts = british_invoice(rows=4000)

        data = document_data(facts)

        assert len(rows_of(data)) == 3
        assert data["annex"] is None
        assert data["notes"][-1] == (
            "The list of the 4,001 details behind these amounts is available electronically."
        )
        assert len(rows_of(document_data(facts, rows_in_annex=4001)["annex"])) == 4001

    def test_a_summary_without_roles_has_one_row_per_contract_line(self):
        data = document_data(GERMAN_INVOICE, layout=Layout(rows="summary"))

        assert [section["title"] for section in data["sections"]] == [""]
        first, second, third = rows_of(data)
        assert (first["text"], first["qty"], first["unit"]) == ("Entwicklung nach Aufwand", "82,50", "Std.")
        assert (first["rate"], first["amount"], first["note"]) == ("", "10.362,50", "Vertragsposition 10")
        assert second["note"] == "Vertragsposition 20 · Meilenstein 3: Abnahme Buchungsmodul"
        assert (third["rate"], third["tax"]) == ("18,90/Stk.", f"7{NBSP}%")
        assert data["annex"] is None
        assert len(data["notes"]) == 1

    def test_quantities_are_added_only_where_the_sum_means_something(self):
        facts = GERMAN_INVOICE
        goods = DocumentSection(
            title="Material",
            lines=(line("Booklets", "40", "pcs", "18.90"), line("Tables", "2", "pcs", "100")),
        )
        facts = replace(facts, sections=(goods,), net=D(956), gross=D(956), tax_rows=())

        data = document_data(facts, layout=Layout(rows="summary"))

        assert rows_of(data)[0] == {"pos": "1", "text": "Material", "amount": "956,00", "note": ""}


class TestLimits:
    def test_meta_values_are_clipped_and_names_only_beyond_a_hundred_characters(self):
        whole = "Bundesministerium für besonders lange Behördennamen"
        customer = Party(name=whole, address=("Berlin",))
        facts = replace(GERMAN_INVOICE, customer=customer, project="Hafen " * 30, order_reference="9" * 40)

        data = document_data(facts)

        assert data["customer"]["short"] == whole
        longer = document_data(replace(facts, customer=replace(customer, name="Amt " * 40)))
        assert len(longer["customer"]["short"]) <= 100
        assert len(values(data["meta"])["Projekt"]) == 66
        assert values(data["meta"])["Ihre Bestellung"] == "\u200b".join(["999999"] * 6 + ["9999"])

    @pytest.mark.parametrize(("paper", "most"), [("a4", 6), ("us-letter", 4)])
    def test_a_long_address_is_joined_and_loses_nothing(self, paper, most):
        address = ("", *(f"Line {n}" for n in range(1, 8)), "CANADA")
        facts = replace(GERMAN_INVOICE, paper=paper, customer=Party(name="Name", address=address))

        lines = document_data(facts)["customer"]["address"]

        assert len(lines) == most
        assert (lines[0], lines[-1]) == ("Name", "CANADA")
        assert ", ".join(lines) == ", ".join(("Name", *address[1:]))

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"number": "9" * 36}, "1 to 35 characters"),
            ({"number": " "}, "1 to 35 characters"),
            ({"language": "fr"}, "not printed in 'fr'"),
            ({"paper": "a5"}, "a4 or us-letter"),
            ({"kind": "quote"}, "an invoice, a credit or a proforma"),
            ({"currency": "Euro"}, "three capital letters"),
            ({"region": "Bavaria"}, "two letters"),
            ({"net": D("23618.51")}, "add up to 23618.50, its net total says 23618.51"),
            ({"gross": D("28015.31")}, "add up to 28015.30, its total says 28015.31"),
            ({"seller": replace(HALMVEY, accent="red")}, "a colour such as"),
        ],
    )
    def test_what_cannot_be_printed_is_refused_in_words(self, change, reason):
        with pytest.raises(ValueError, match=reason):
            document_data(replace(GERMAN_INVOICE, **change))

    @pytest.mark.parametrize("figure", [D("NaN"), D("Infinity"), D("1E+30"), 1.5])
    def test_what_is_no_amount_is_refused(self, figure):
        with pytest.raises(ValueError, match="not a figure that can be printed"):
            Formats.of("de", "", "EUR").amount(figure)

    def test_ibans_are_grouped_and_other_accounts_are_not(self):
        assert grouped_iban("de92 99999999 0000041826") == "DE92 9999 9999 0000 0418 26".replace(" ", NBSP)
        assert grouped_iban("MT84MALT011000012345MTLCAST001S") == "MT84 MALT 0110 0001 2345 MTLC AST0 01S"
        assert grouped_iban("123-456-7890") == "123-456-7890"


class TestTexts:
    def test_controls_go_and_everything_else_stays(self):
        assert clean(" a\tb\n\x07c\u202ed\ud800 <b>#{x}\u200f ") == "a b cd <b>#{x}\u200f"
        assert clip("abcdef", 5) == "abcd…"
        assert clip("abcde", 5) == "abcde"


class TestFigures:
    @settings(deadline=None)  # the first figure of a language loads its formats
    @given(st.decimals(min_value=-(10**20), max_value=10**20, places=4))
    def test_no_figure_is_rounded_or_turned_into_a_float(self, value):
        printed = Formats.of("de", "", "EUR").amount(value)

        whole, _, decimals = printed.partition(",")
        back = whole.replace(".", "").replace("\u2212", "-") + "." + decimals
        assert D(back) == value
        assert len(decimals) >= 2
        assert printed.startswith("\u2212") == (value < 0)

    @settings(deadline=None)  # the first figure of a language loads its formats
    @given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from(["de", "en", "id"]))
    def test_money_carries_every_digit_in_every_language(self, value, language):
        printed = Formats.of(language, "", "EUR").money(value)

        digits = "".join(char for char in printed if char.isdigit())
        assert D(digits) == abs(value) * 100
        assert "€" in printed
        assert " " not in printed


def test_every_language_has_every_word():
    def keys(labels):
        return {(group, key) for group, words in labels.items() for key in words}

    assert keys(LABELS["de"]) == keys(LABELS["en"]) == keys(LABELS["id"])
    for labels in LABELS.values():
        assert {"{page}", "{pages}"} <= set(labels["words"]["page"].split())

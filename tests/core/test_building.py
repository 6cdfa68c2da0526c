"""The one builder of documents: what proforma, invoice and credit note are made of."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal as D

import pytest

from core.documents.building import (
    BilledRow,
    credited,
    line_rates,
    parties,
    payment_terms,
    period_of,
    rate_of,
    sections,
    tax_rows,
)
from core.documents.document_data import document_data
from core.documents.facts import DocumentFacts, TaxRow
from core.documents.formats import country_name
from core.documents.layouts import Layout

DAY = date(2026, 3, 2)


@dataclass
class Company:
    name: str = "Nordkai Consulting GmbH"
    short_name: str = "Nordkai"
    address: str = "Kaispeicher 12\n20457 Hamburg"
    country: str = "DE"
    contact: str = "accounts@nordkai.example"
    vat_id: str = "DE000000100"
    registered_office: str = "Hamburg"
    managing_directors: str = "Marit Olsson"
    register_entry: str = "Amtsgericht Hamburg HRB 000000"
    tax_number: str = "27/000/00000"


@dataclass
class Payer:
    name: str = "Harbour & Pine Ltd"
    short_name: str = "Harbour & Pine"
    billing_address: str = "18 Quay Lane\nBristol BS1 0AA"
    country: str = "GB"
    vat_id: str = "GB000000107"
    language: str = "en-gb"


@dataclass(frozen=True)
class Group:
    kind: str = "standard"
    percent: D = D(19)
    base_amount: D = D(100)
    tax_amount: D = D(19)
    reasons: dict[str, str] = field(default_factory=dict)
    sold: tuple[tuple[int | None, date], ...] = ((2, DAY),)
    sold_apart: tuple[tuple[tuple[int | None, int | None], date], ...] = ()


OUTSIDE = Group(kind="", percent=D(0), base_amount=D(50), tax_amount=D(0), sold=((None, DAY),))
REVERSE = Group(kind="reverse_charge", percent=D(0), tax_amount=D(0), sold=((3, DAY),))
EXEMPT = Group(kind="exempt", percent=D(0), tax_amount=D(0), sold=((4, DAY),))


def row(**columns) -> BilledRow:
    columns = {
        "section": 1,
        "title": "Hours",
        "text": "Development",
        "day": DAY,
        "quantity": D(8),
        "unit": "h",
        "price": D(200),
        "amount": D(1600),
        "tax_rate": D(19),
    } | columns
    return BilledRow(**columns)


class TestParties:
    @pytest.mark.parametrize(
        ("language", "home", "abroad"),
        [
            ("en-gb", "Germany", "United Kingdom"),
            ("de", "Deutschland", "Vereinigtes Königreich"),
            ("id", "Jerman", "Inggris Raya"),
        ],
    )
    def test_abroad_both_name_their_country_in_the_documents_language(self, language, home, abroad):
        seller, buyer = parties(Company(), Payer(language=language))

        assert (seller.country, buyer.country) == (home, abroad)
        data = document_data(facts(seller=seller, customer=buyer, language=language))
        assert data["customer"]["address"] == [
            "Harbour & Pine Ltd",
            "18 Quay Lane",
            "Bristol BS1 0AA",
            abroad,
        ]
        assert data["seller"]["contact"] == [
            "Kaispeicher 12",
            "20457 Hamburg",
            home,
            "accounts@nordkai.example",
        ]

    def test_at_home_nobody_names_it(self):
        seller, buyer = parties(Company(), Payer(country="de"))

        assert (seller.country, buyer.country) == ("", "")

    def test_an_address_that_names_its_country_does_not_name_it_twice(self):
        seller, buyer = parties(Company(), Payer(billing_address="18 Quay Lane\nUNITED KINGDOM"))

        data = document_data(facts(seller=seller, customer=buyer))

        assert data["customer"]["address"] == ["Harbour & Pine Ltd", "18 Quay Lane", "UNITED KINGDOM"]

    def test_a_code_that_is_no_country_stays_as_it_is(self):
        assert country_name("QQ", "de") == "QQ"

    @pytest.mark.parametrize(
        ("language", "first", "second"),
        [
            (
                "en-gb",
                "Nordkai Consulting GmbH · Registered office Hamburg · Management: Marit Olsson",
                "VAT ID DE000000100 · Amtsgericht Hamburg HRB 000000 · Tax number 27/000/00000",
            ),
            (
                "de",
                "Nordkai Consulting GmbH · Sitz Hamburg · Geschäftsführung: Marit Olsson",
                "USt-IdNr. DE000000100 · Amtsgericht Hamburg HRB 000000 · Steuernummer 27/000/00000",
            ),
            (
                "id",
                "Nordkai Consulting GmbH · Berkedudukan di Hamburg · Direksi: Marit Olsson",
                "NPWP/VAT DE000000100 · Amtsgericht Hamburg HRB 000000 · No. pajak 27/000/00000",
            ),
        ],
    )
    def test_the_footer_says_who_the_seller_is_in_the_documents_language(self, language, first, second):
        seller, buyer = parties(Company(), Payer(language=language))

        data = document_data(facts(seller=seller, customer=buyer, language=language))

        assert data["footer"] == [first, second]


class TestTaxes:
    @pytest.mark.parametrize(
        ("language", "names"),
        [
            ("en-gb", ["VAT", "Reverse charge", "No VAT"]),
            ("de", ["USt", "Steuerschuldnerschaft des Leistungsempfängers", "Ohne USt"]),
            ("id", ["PPN", "Reverse charge", "Tanpa PPN"]),
        ],
    )
    def test_they_are_named_by_their_kind_in_the_documents_language(self, language, names):
        rows = tax_rows([Group(), REVERSE, EXEMPT], language)

        assert [row_.label for row_ in rows] == names
        assert [row_.rate for row_ in rows] == [D(19), None, None]

    @pytest.mark.parametrize(
        ("language", "reason"),
        [
            ("en-gb", "Exempt from VAT or outside its scope."),
            ("de", "Steuerfrei nach § 4 Nr. 21 UStG."),
            ("id", "Dibebaskan dari PPN atau bukan objek PPN."),
        ],
    )
    def test_a_reason_is_the_companys_own_words_or_those_of_its_kind(self, language, reason):
        group = replace(EXEMPT, reasons={"en": "", "de": "Steuerfrei nach § 4 Nr. 21 UStG."})

        (tax,) = tax_rows([group], language)

        assert tax.note == reason

    def test_reverse_charge_says_who_owes_the_tax_even_if_nobody_wrote_it(self):
        assert [tax_rows([REVERSE], language)[0].note for language in ("en", "de", "id")] == [
            "The recipient is liable for the VAT.",
            "Die Umsatzsteuer schuldet der Leistungsempfänger.",
            "PPN terutang oleh penerima jasa.",
        ]

    def test_what_no_code_applies_to_is_named_beside_what_is_taxed_only(self):
        assert tax_rows([OUTSIDE], "en") == ()
        assert tax_rows([Group(), OUTSIDE], "en") == (
            TaxRow(label="VAT", base=D(100), tax=D(19), rate=D(19)),
            TaxRow(label="No VAT", base=D(50), tax=D(0)),
        )

    def test_a_group_that_adds_up_to_nothing_is_left_out(self):
        assert tax_rows([replace(Group(), base_amount=D(0), tax_amount=D(0))], "en") == ()

    def test_lines_know_their_rate_by_item_group_and_day(self):
        before = replace(Group(), percent=D(16), sold=((2, date(2020, 1, 1)),))
        rates = line_rates([Group(), REVERSE, OUTSIDE, before])
        assert rate_of(rates, 2, DAY) == rate_of(rates, 2, date(2030, 1, 1)) == D(19)
        assert (rate_of(rates, 2, date(2020, 6, 1)), rate_of(rates, 3, DAY)) == (D(16), D(0))
        assert (rate_of(rates, 4, DAY), rate_of(rates, 2, date(2019, 12, 31))) == (None, None)


class TestLines:
    def test_one_section_per_contract_line_even_under_one_name(self):
        built = sections([row(section=1), row(section=1, day=date(2026, 3, 9)), row(section=2)])

        assert [(section.title, len(section.lines)) for section in built] == [("Hours", 2), ("Hours", 1)]
        assert period_of(built) == (DAY, date(2026, 3, 9))
        assert period_of(()) is None

    def test_free_work_costs_nothing_and_bears_no_tax(self):
        ((line,),) = (section.lines for section in sections([row(is_free=True)]))

        assert (line.quantity, line.unit_price, line.amount, line.tax_rate) == (D(8), D(0), D(0), None)

    def test_free_work_is_a_row_of_its_own_in_a_summary(self):
        built = sections([row(role="Developer"), row(role="Developer", is_free=True, quantity=D(3))])

        data = document_data(facts(sections=built, net=D(1600), gross=D(1600)), layout=Layout(rows="summary"))

        assert [(each["qty"], each["amount"], each["note"]) for each in data["sections"][0]["rows"]] == [
            ("8.00", "1,600.00", ""),
            ("3.00", "0.00", "Free of charge"),
        ]
        # One rate for all that is charged: the tax table says it.
        assert "tax" not in data["columns"]


class TestCredit:
    def test_every_figure_takes_the_opposite_sign_and_prices_stay_positive(self):
        built = sections(
            [
                row(quantity=D(-8), amount=D(-1600)),
                row(quantity=D(1), price=D(-500), amount=D(-500), unit="pcs"),
                row(quantity=D(2), price=D(50), amount=D(100)),
            ]
        )
        booked = facts(
            sections=built,
            net=D(-2000),
            gross=D(-2380),
            tax_rows=(TaxRow(label="VAT", rate=D(19), base=D(-2000), tax=D(-380)),),
        )

        credit = credited(booked)

        assert (credit.kind, credit.net, credit.gross) == ("credit", D(2000), D(2380))
        assert [(line.quantity, line.unit_price, line.amount) for line in credit.sections[0].lines] == [
            (D(8), D(200), D(1600)),
            (D(1), D(500), D(500)),
            (D(-2), D(50), D(-100)),
        ]
        assert [(tax.base, tax.tax) for tax in credit.tax_rows] == [(D(2000), D(380))]
        assert document_data(credit)["totals"][-1]["value"] == "€2,380.00"


@pytest.mark.parametrize(
    ("days", "english", "german", "indonesian"),
    [
        (
            30,
            "Payable without deduction within 30 days.",
            "Zahlbar ohne Abzug innerhalb von 30 Tagen.",
            "Dibayar penuh dalam 30 hari.",
        ),
        (
            1,
            "Payable without deduction within one day.",
            "Zahlbar ohne Abzug innerhalb eines Tages.",
            "Dibayar penuh dalam satu hari.",
        ),
        (
            0,
            "Payable immediately without deduction.",
            "Sofort zahlbar ohne Abzug.",
            "Dibayar penuh segera setelah faktur diterima.",
        ),
    ],
)
def test_payment_terms_in_words(days, english, german, indonesian):
    assert [payment_terms(days, language) for language in ("en-gb", "de", "id")] == [
        english,
        german,
        indonesian,
    ]


def facts(**columns) -> DocumentFacts:
    """An invoice over eight hours, without tax."""
    seller, buyer = parties(Company(), Payer())
    columns = {
        "language": "en-gb",
        "seller": seller,
        "customer": buyer,
        "sections": sections([row()]),
        "net": D(1600),
        "gross": D(1600),
    } | columns
    return DocumentFacts(kind="invoice", number="RE-1", document_date=DAY, currency="EUR", **columns)

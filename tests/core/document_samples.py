"""Facts of documents that are printed in tests: a German, a British, an Indonesian and an American one."""

from datetime import date
from decimal import Decimal as D

from core.documents.facts import (
    Deduction,
    DocumentFacts,
    DocumentLine,
    DocumentSection,
    Original,
    Party,
    TaxRow,
)

HALMVEY = Party(
    name="Halmvey Studio GmbH",
    address=("Speicherzeile 14", "20457 Hamburg"),
    contact=("Telefon +49 40 5550 1840", "rechnung@halmvey.example"),
    vat_id="DE999000418",
    registered_office="Hamburg",
    managing_directors="Ines Halm, Tomas Vey",
    register_entry="Amtsgericht Hamburg HRB 000418",
    tax_number="99/999/00418",
    logo_svg='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><circle cx="20" cy="20" r="20" '
    'fill="#0E5A52"/><path d="M11.5 10.5H16v7.2h8v-7.2h4.5v19H24v-7.6h-8v7.6h-4.5z" fill="#fff"/></svg>',
    accent="#0E5A52",
)


def line(text, quantity, unit, price, rate=None, **more):
    """A line whose amount is quantity times price; the figures here need no rounding."""
    return DocumentLine(
        text=text,
        quantity=D(quantity),
        unit=unit,
        unit_price=D(price),
        amount=D(quantity) * D(price),
        tax_rate=None if rate is None else D(rate),
        **more,
    )


CONSULTING = DocumentSection(
    title="Entwicklung nach Aufwand",
    note="Vertragsposition 10",
    lines=(
        line("Konzeption und Fachanalyse", "18.5", "h", "145", 19, note="Ines Halm, Senior Consultant"),
        line("Entwicklung Frontend", "64", "h", "120", 19, note="Jonte Brink, Lead Engineer"),
    ),
)
MILESTONE = DocumentSection(
    title="Festpreis Buchungsmodul",
    note="Vertragsposition 20",
    lines=(line("Meilenstein 3: Abnahme Buchungsmodul", "1", "ls", "12500", 19),),
)
EXPENSES = DocumentSection(
    title="Auslagen",
    note="Vertragsposition 30",
    lines=(line("Schulungsunterlagen, gedruckt", "40", "pcs", "18.90", 7),),
)
GERMAN_INVOICE = DocumentFacts(
    kind="invoice",
    number="RE-2026-00418",
    document_date=date(2026, 11, 2),
    language="de",
    seller=HALMVEY,
    customer=Party(
        name="Brackwater Logistik SE",
        address=(
            "Frau Dr. Milena Ottensen",
            "Einkauf und Rechnungswesen",
            "Deichgrafenweg 102",
            "28199 Bremen",
        ),
        vat_id="DE999000342",
    ),
    sections=(CONSULTING, MILESTONE, EXPENSES),
    currency="EUR",
    net=D("23618.50"),
    gross=D("28015.30"),
    tax_rows=(
        TaxRow(label="Regelsatz", rate=D(19), base=D("22862.50"), tax=D("4343.88")),
        TaxRow(label="Ermäßigt", rate=D(7), base=D("756"), tax=D("52.92")),
    ),
    subtitle="Hafenportal, Phase 2 – Leistungen im Oktober 2026",
    period=(date(2026, 10, 1), date(2026, 10, 31)),
    due_date=date(2026, 11, 16),
    customer_number="K-10342",
    order_reference="4500081723",
    project="P-118 Hafenportal",
    contract="V-2026-017",
    payment_terms="Zahlbar ohne Abzug innerhalb von 14 Tagen.",
    iban="DE92999999990000041826",
    bic="HALVDEHHXXX",
    bank="Hansebank Muster",
)

WAREHOUSE = DocumentSection(
    title="Implementasi",
    note="Waktu dan material",
    lines=(
        line("Analisis proses gudang", "42.5", "h", "1250000", note="Ratri Ayuningtyas"),
        line("Pengembangan modul penerimaan barang", "168", "h", "875000", note="Dimas Pratama"),
    ),
)
TRAVEL = DocumentSection(
    title="Perjalanan dinas",
    note="Sesuai bukti",
    lines=(line("Tiket Jakarta–Surabaya, pulang pergi", "2", "kali", "2350000"),),
)
INDONESIAN_PROFORMA = DocumentFacts(
    kind="proforma",
    number="PF-2026-00123",
    document_date=date(2026, 11, 20),
    language="id",
    seller=Party(
        name="PT Rumah Angka Nusantara",
        address=("Jl. Contoh Raya 21", "Jakarta Selatan 12999"),
        vat_id="01.234.567.8-901.000",
        registered_office="Jakarta",
    ),
    customer=Party(
        name="PT Samudra Kargo Lestari",
        address=("Jl. Pelabuhan Contoh 8", "Surabaya 60999"),
        vat_id="02.345.678.9-012.000",
    ),
    sections=(WAREHOUSE, TRAVEL),
    currency="IDR",
    net=D("204825000"),
    gross=D("227355750"),
    tax_rows=(
        TaxRow(
            label="PPN",
            rate=D(12),
            base=D("187756250"),
            tax=D("22530750"),
            note="DPP nilai lain 11/12",
        ),
    ),
    valid_until=date(2026, 12, 20),
    due_date=date(2026, 12, 20),
    iban="ID00 0000 0000",
    bic="RUMAIDJX",
    bank="Bank Contoh",
    notes=("Tidak ada kewajiban pembayaran berdasarkan dokumen ini.",),
)

QUILLMARK = Party(
    name="Quillmark Advisory Ltd",
    address=("8 Lantern Yard", "London SE1 0XX"),
    contact=("Telephone +44 20 5550 0142", "billing@quillmark.example"),
    vat_id="GB999091700",
    register_entry="Registered in England, no. 00000917",
)

OSTRAVA = Party(
    name="Ostrava Freight Alliance a.s.",
    address=("Accounts payable", "Nádražní okruh 77", "702 00 Ostrava", "CZECH REPUBLIC"),
    vat_id="CZ99900000",
)


def british_invoice(rows=3):
    """Dated time of two people in two roles, `rows` details, and a milestone beside it."""
    people = (("Ada Merrow", "Principal", "132"), ("Callum Reyes", "Engineer", "118"))
    details = tuple(
        line(
            f"Route planner, work package {i + 1}",
            "2.25",
            "h",
            people[i % 2][2],
            date=date(2026, 10, 1 + i % 28),
            person=people[i % 2][0],
            role=people[i % 2][1],
        )
        for i in range(rows)
    )
    milestone = line("Milestone 2: pilot depot live", "1", "ls", "18400", date=date(2026, 10, 30))
    net = sum((detail.amount for detail in details), D("18400"))
    return DocumentFacts(
        kind="invoice",
        number="INV-2026-0917",
        document_date=date(2026, 10, 31),
        language="en-gb",
        seller=QUILLMARK,
        customer=OSTRAVA,
        sections=(
            DocumentSection(title="Planning engine", note="Time and material", lines=details),
            DocumentSection(title="Milestones", note="Fixed price", lines=(milestone,)),
        ),
        currency="GBP",
        net=net,
        gross=net,
        tax_rows=(TaxRow(label="VAT", rate=D(0), base=net, tax=D(0), note="Reverse charge"),),
        deductions=(Deduction(label="Retainer INV-2026-0701", amount=D(5000)),),
        period=(date(2026, 10, 1), date(2026, 10, 31)),
        due_date=date(2026, 11, 30),
        project="Route Planner",
        iban="GB29NWBK60161331926819",
    )


AMERICAN_CREDIT = DocumentFacts(
    kind="credit",
    number="CN-2026-0042",
    document_date=date(2026, 11, 12),
    language="en",
    region="US",
    paper="us-letter",
    seller=Party(name="Larkspur & Dunn LLC", address=("410 Sample Street, Suite 9", "Albany, NY 12200")),
    customer=Party(
        name="Tamarack Field Services, Inc.",
        address=("Attn. Accounts Payable", "2200 Birchline Avenue", "Rochester, NY 14600"),
    ),
    sections=(
        DocumentSection(
            title="Dispatch Console",
            lines=(line("Development, billed twice", "8", "h", "165", date=date(2026, 9, 17)),),
        ),
    ),
    currency="USD",
    net=D("1320"),
    gross=D("1320"),
    intro="Reason: eight hours of development were billed twice.",
    originals=(Original("INV-2026-0862", date(2026, 9, 30)),),
    open_after=D("18240.50"),
)

"""CSV files of banks: read by a mapping, nothing guessed, nothing lost in silence (C11)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounting.bank_csv import CsvFault, CsvMapping, guessed, read_csv
from accounting.forms.bank_mapping import FIELDS
from accounting.importing_bank_files import import_bank_file
from accounting.models import BankBooking, BankCsvMapping, BankFile
from core.models import Activity
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.bank_statements import Booked, camt
from tests.company.checking import refused, unchanged
from tests.company.receivables import bank_of
from tests.company.rows import NOW

GERMAN = (
    "Buchungstag;Verwendungszweck;Name;IBAN;Betrag;Währung\n"
    '01.04.2026;"RE-2026-00001; danke";Alster AG;DE44 2004 0000 0628 1190 00;1.920,00;EUR\n'
    "\n"
    "02.04.26;Kontoführung;Bank;;-9,90;EUR\n"
)
MAPPING = CsvMapping(amount_column=5, currency_column=6, text_columns=(2,), payer_column=3, iban_column=4)


def faults(content: str, **columns: Any) -> list[tuple[str, int, int, str]]:
    reading = read_csv(content.encode(), CsvMapping(**{"amount_column": 2} | columns))
    return [(one.code, one.row, one.column, one.value) for one in reading.faults]


def amounts(*texts: str, sign: str = ",") -> list[Decimal]:
    content = "Tag;Betrag\n" + "".join(f"1.4.2026;{text}\n" for text in texts)
    reading = read_csv(content.encode(), CsvMapping(amount_column=2, decimal_sign=sign))
    assert reading.faults == ()
    return [booking.amount for _row, booking in reading.bookings]


def test_a_german_file_is_read_cell_by_cell():
    reading = read_csv(GERMAN.encode(), MAPPING)
    assert reading.faults == ()
    (first_row, first), (second_row, second) = reading.bookings
    assert (first_row, second_row) == (2, 4)
    assert (first.booked_on, first.amount, first.currency) == (date(2026, 4, 1), Decimal("1920.00"), "EUR")
    assert (first.text, first.payer) == ("RE-2026-00001; danke", "Alster AG")
    assert first.payer_iban == "DE44200400000628119000"
    assert (second.booked_on, second.amount) == (date(2026, 4, 2), Decimal("-9.90"))


def test_amounts_are_written_in_many_ways_and_never_guessed():
    assert amounts("1.920,00", "12,5-", "+3", "-1'000,10", "1 000", "0,0001") == [
        Decimal("1920"),
        Decimal("-12.5"),
        Decimal("3"),
        Decimal("-1000.10"),
        Decimal("1000"),
        Decimal("0.0001"),
    ]
    assert amounts("1,920.00", sign=".") == [Decimal("1920")]
    # With the wrong decimal sign an amount is a fault and no other amount.
    assert faults("t;b\n1.4.2026;1,920.00\n") == [("no-number", 2, 2, "1,920.00")]
    assert faults("t;b\n1.4.2026;19.2\n") == [("no-number", 2, 2, "19.2")]
    for text in ("1e5", "NaN", "", "12,34567", "1.92,0", "٣", "--1", "1234567890123"):
        assert faults(f"t;b\n1.4.2026;{text}\n") == [("no-number", 2, 2, text)], text


def test_debit_and_credit_have_a_column_each():
    columns = {"amount_column": None, "debit_column": 2, "credit_column": 3}
    for sign in ("", "-"):
        content = f"t;aus;ein\n1.4.2026;{sign}9,90;\n1.4.2026;;5,00\n1.4.2026;{sign}3,00;0,00\n"
        reading = read_csv(content.encode(), CsvMapping(**columns))
        assert [one.amount for _row, one in reading.bookings] == [Decimal("-9.9"), 5, -3]
    # A refund below zero beside charges above has no sign that anybody could know.
    assert faults("t;a;e\n1.4.2026;9,90;\n1.4.2026;-3,00;\n", **columns) == [("other-sign", 3, 2, "-3,00")]
    assert faults("t;a;e\n1.4.2026;1,00;2,00\n1.4.2026;;\n", **columns) == [
        ("two-amounts", 2, 2, ""),
        ("no-amount", 3, 2, ""),
    ]


def test_dates_follow_the_order_that_was_chosen():
    for order, text in (("dmy", "31.12.2026"), ("mdy", "12/31/26"), ("ymd", "2026-12-31 08:15")):
        content = f"t;b\n{text};1,00\n"
        ((_row, one),) = read_csv(content.encode(), CsvMapping(date_order=order, amount_column=2)).bookings
        assert one.booked_on == date(2026, 12, 31)
    assert faults("t;b\n31.02.2026;1,00\n12/31/2026;1,00\n1.4.226;1,00\n") == [
        ("no-date", 2, 1, "31.02.2026"),
        ("no-date", 3, 1, "12/31/2026"),
        ("no-date", 4, 1, "1.4.226"),
    ]


def test_rows_that_are_short_over_nothing_or_below_the_bookings_are_not_lost_in_silence():
    assert faults("t;b\n1.4.2026\n") == [("column-missing", 2, 2, "")]
    reading = read_csv(b"t;b\n1.4.2026;0,00\n1.4.2026;1,00\n", CsvMapping(amount_column=2))
    assert (reading.zero_rows, len(reading.bookings)) == ((2,), 1)
    assert faults("t;b\n1.4.2026;1,00\nEndsaldo;1,00\n") == [("no-date", 3, 1, "Endsaldo")]
    assert faults("t;b\n1.4.2026;1,00\nEndsaldo;1,00\n", rows_at_end=1) == []


def test_what_is_no_table_is_one_fault():
    assert read_csv("ä".encode("cp1252"), MAPPING).faults == (CsvFault("wrong-encoding"),)
    assert read_csv(b'a;"b\n', MAPPING).faults == (CsvFault("no-table", row=1),)
    assert read_csv(b"a;\0b\n", MAPPING).faults == (CsvFault("no-table"),)
    assert read_csv(b"", MAPPING).faults == (CsvFault("no-bookings"),)


def test_a_first_mapping_has_encoding_and_delimiter_of_the_file():
    assert (guessed(GERMAN.encode()).delimiter, guessed(GERMAN.encode()).encoding) == (";", "utf-8")
    latin = GERMAN.replace(";", "\t").encode("cp1252")
    assert (guessed(latin).delimiter, guessed(latin).encoding) == ("\t", "cp1252")


# --- The verb -------------------------------------------------------------------------------------


def mapped(company: Company, **columns: Any) -> BankCsvMapping:
    columns = {
        "amount_column": 5,
        "currency_column": 6,
        "text_columns": "2",
        "payer_column": 3,
        "iban_column": 4,
    } | columns
    return BankCsvMapping(bank_account=bank_of(company), **columns)


def taken(
    company: Company, content: str, *, mapping: BankCsvMapping | None = None, name: str = "a.csv"
) -> int:
    account = bank_of(company)
    acting = {"actor": company.accountant, "at": NOW}
    return import_bank_file(account, name=name, content=content.encode(), mapping=mapping, **acting)[1]


@pytest.mark.django_db
def test_a_csv_file_is_imported_once_and_its_mapping_kept():
    company = Company()
    with refused("mapping-missing"):
        taken(company, GERMAN)
    assert taken(company, GERMAN, mapping=mapped(company)) == 2
    assert list(BankBooking.objects.order_by("pk").values_list("amount", "payer_iban")) == [
        (Decimal("1920"), "DE44200400000628119000"),
        (Decimal("-9.9"), ""),
    ]
    with refused("file-imported"):
        taken(company, GERMAN)
    # The next file needs no mapping any more; a booking that it repeats is not imported again.
    assert taken(company, GERMAN + "03.04.2026;Miete;Mieter;;800,00;EUR\n", name="b.csv") == 1
    noted = Activity.objects.get(subject_kind="accounting.bankcsvmapping")
    assert (noted.verb, noted.facts["changes"]["amount_column"]) == ("added", ["", "5"])


@pytest.mark.django_db
def test_one_bad_row_keeps_the_whole_file_out_and_is_named():
    company = Company()
    content = GERMAN + "31.02.2026;x;y;;1,00;EUR\n03.04.2026;x;y;;zehn;EUR\n"
    with refused("unreadable-row", "unreadable-row") as why:
        taken(company, content, mapping=mapped(company))
    assert [one.message for one in why.value.refusals] == [
        "Row 5, column 1: “31.02.2026” is no date in this order.",
        "Row 6, column 5: “zehn” is no amount with this decimal sign.",
    ]
    many = "t;b\n" + "x;1,00\n" * 30
    with pytest.raises(Exception, match="10 more cells cannot be read"):
        taken(company, many, mapping=BankCsvMapping(bank_account=bank_of(company), amount_column=2))
    with refused("unreadable-file"):
        taken(company, "", mapping=mapped(company))
    with refused("other-currency"):
        taken(company, GERMAN.replace("EUR", "USD"), mapping=mapped(company))
    assert not BankFile.objects.exists()


@pytest.mark.django_db
def test_a_changed_mapping_is_kept_with_both_values():
    company = Company()
    taken(company, GERMAN, mapping=mapped(company))
    content = GERMAN.replace("01.04", "05.04").replace("02.04", "06.04")
    taken(company, content, mapping=mapped(company, payer_column=None), name="b.csv")
    noted = Activity.objects.filter(subject_kind="accounting.bankcsvmapping").latest("pk")
    assert (noted.verb, noted.facts) == ("changed", {"changes": {"payer_column": ["3", ""]}})
    assert BankCsvMapping.objects.get().payer_column is None


# --- The page -------------------------------------------------------------------------------------

TYPED = {
    "map-delimiter": ";",
    "map-encoding": "utf-8",
    "map-date_order": "dmy",
    "map-decimal_sign": ",",
    "map-first_row": "2",
    "map-rows_at_end": "0",
    "map-date_column": "1",
    "map-amount_column": "5",
    "map-text_columns": "2",
    "map-payer_column": "3",
}
IMPORT = "accounting_bankbooking_import"


@pytest.mark.django_db
def test_a_file_is_shown_before_it_is_imported():
    company = Company()
    client = AdminClient(company.person("Project accountant"))
    upload = SimpleUploadedFile("april.csv", GERMAN.encode())
    page = client.sent(IMPORT, data={"bank_account": bank_of(company).pk, "file": upload})
    assert page.status_code == 200
    assert page.context["raw_heads"] == ["1", "2", "3", "4", "5", "6"]
    assert "Chosen: april.csv." in page.content.decode()
    kept = {name: page.context[name] for name in ("kept", "kept_name")}
    form = {"bank_account": bank_of(company).pk, **kept, **TYPED}

    with unchanged():
        wrong = client.sent(IMPORT, data=form | {"map-amount_column": "2", "again": "1"})
    assert wrong.context["faults"][0] == (
        "Row 2, column 2: “RE-2026-00001; danke” is no amount with this decimal sign."
    )
    with unchanged():
        shown = client.sent(IMPORT, data=form | {"again": "1"})
    assert (shown.context["count"], shown.context["total"]) == (2, Decimal("1910.10"))
    # What was not shown is shown first: no look at all, another mapping, or another file.
    seen = {"seen": shown.context["seen"]}
    other = SimpleUploadedFile("other.csv", GERMAN.replace("9,90", "9,80").encode())
    for unseen in (form, form | seen | {"map-payer_column": ""}, form | seen | {"file": other}):
        with unchanged():
            page = client.sent(IMPORT, data=unseen)
        assert (page.status_code, page.context["is_unseen"], page.context["count"]) == (200, True, 2)
        assert "Nothing is imported yet: look at how the file is read first" in page.content.decode()
    answer = client.sent(IMPORT, data=form | seen)
    assert messages_of(answer) == ["2 new bank bookings imported."]
    assert BankFile.objects.get().name == "april.csv"

    # The next file of the account is read by the kept mapping as soon as it is sent, and shown before.
    upload = SimpleUploadedFile("may.csv", GERMAN.replace("04.2026", "05.2026").encode())
    page = client.sent(IMPORT, data={"bank_account": bank_of(company).pk, "file": upload})
    assert page.context["count"] == 2
    assert BankFile.objects.count() == 1
    # With the saved columns it was shown with, it needs no second look.
    initial = page.context["mapping_form"].initial
    again = {f"map-{name}": "" if initial[name] is None else initial[name] for name in FIELDS}
    kept = {name: page.context[name] for name in ("kept", "kept_name", "seen")}
    answer = client.sent(IMPORT, data={"bank_account": bank_of(company).pk, **kept, **again})
    # Its second row is that of April once more.
    assert messages_of(answer) == ["1 new bank booking imported."]


@pytest.mark.django_db
def test_a_statement_that_needs_no_columns_is_not_imported_by_the_button_that_shows():
    company = Company()
    client = AdminClient(company.person("Project accountant"))
    upload = SimpleUploadedFile("a.xml", camt(Booked("5.00")))
    with unchanged():
        page = client.sent(IMPORT, data={"bank_account": bank_of(company).pk, "file": upload, "again": "1"})
    assert page.status_code == 422
    assert page.context["form"].errors["file"] == [
        "A CAMT statement needs no columns: choose it again, then “Import”."
    ]


@pytest.mark.django_db
def test_a_mapping_that_makes_no_sense_is_said_at_its_field():
    company = Company()
    client = AdminClient(company.person("Project accountant"))
    for spoilt in (
        {"map-amount_column": ""},
        {"map-debit_column": "2"},
        {"map-date_column": "0"},
        {"map-text_columns": "x"},
        {"map-delimiter": "x"},
    ):
        upload = SimpleUploadedFile("a.csv", GERMAN.encode())
        form = {"bank_account": bank_of(company).pk, "file": upload, **TYPED, **spoilt}
        page = client.sent(IMPORT, data=form)
        assert page.status_code == 422, spoilt
        assert page.context["mapping_form"].errors, spoilt
    for kept in ("", "x", "eJw="):
        page = client.sent(IMPORT, data={"bank_account": bank_of(company).pk, "kept": kept})
        assert page.status_code == 422
    assert not BankBooking.objects.exists()

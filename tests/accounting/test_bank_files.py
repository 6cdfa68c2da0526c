"""Statements of banks: every version, nothing twice, nothing hostile, suggestions with reasons (C11)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounting.bank_files import BankFileUnreadable, keys_of, read_camt
from accounting.bank_matches import matches_of
from accounting.importing_bank_files import LARGEST, import_bank_file
from accounting.models import BankAccount, BankBooking, BankFile, CustomerPayment
from accounting.paying import enter_payments
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.bank_statements import Booked, camt
from tests.company.checking import assert_proven, refused, statements
from tests.company.receivables import bank_of, open_rows, owed
from tests.company.rows import NOW

BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><Document><Stmt>&c;</Stmt></Document>"""
OUTSIDE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><Document><Stmt>&f;</Stmt></Document>'


@pytest.mark.parametrize("version", range(2, 9))
def test_every_version_reads_alike(version: int):
    booked = Booked("12.50", "RE-2026-00001", "Alster AG", "DE44200400000628119000", reference="X1")
    back = Booked("-3.00", reversal=True)
    (statement,) = read_camt(camt(booked, back, version=version, iban="DE21", balances=("100", "109.50")))
    assert statement.iban == "DE21"
    assert statement.adds_up
    first, second = statement.entries
    assert (first.booked_on, first.amount, first.currency) == (date(2026, 4, 1), Decimal("12.50"), "EUR")
    assert (first.text, first.payer) == ("RE-2026-00001", "Alster AG")
    assert (first.payer_iban, first.reference) == ("DE44200400000628119000", "X1")
    assert (second.amount, second.is_reversal, second.text, second.payer) == (-3, True, "", "")


def test_a_batch_is_split_where_the_bank_names_each_amount():
    parts = "".join(
        f'<TxDtls><Amt Ccy="EUR">{amount}</Amt><RmtInf><Ustrd>{amount}</Ustrd></RmtInf></TxDtls>'
        for amount in ("10", "20")
    )
    whole = camt(Booked("30.00")).decode()
    start, end = whole.index("<TxDtls>"), whole.index("</NtryDtls>")
    (statement,) = read_camt((whole[:start] + parts + whole[end:]).encode())
    assert [(one.amount, one.text) for one in statement.entries] == [(10, "10"), (20, "20")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no-xml"),
        (b"Date;Amount", "no-xml"),
        (b"<Document><Stmt>", "no-xml"),
        (b"<Document/>", "no-statement"),
        (BOMB, "document-type"),
        (OUTSIDE, "document-type"),
        (b"<a>" * 500 + b"</a>" * 500, "no-xml"),
        (camt(Booked("1")).replace(b'">1<', b'">NaN<'), "no-statement"),
        (camt(Booked("1")).replace(b'">1<', b'">1e5<'), "no-statement"),
        (camt(Booked("1")).replace(b"2026-04-01", b"2026-13-01"), "no-statement"),
        (camt(Booked("1")).replace(b"BookgDt", b"OtherDt"), "no-statement"),
        (camt(Booked("1"))[:-40] + b"\xff\xfe", "no-xml"),
    ],
)
def test_what_is_no_statement_is_refused(content: bytes, code: str):
    with pytest.raises(BankFileUnreadable) as caught:
        read_camt(content)
    assert caught.value.code == code


def test_two_equal_bookings_of_one_file_are_two_and_of_two_files_one():
    same = Booked("5.00", "coffee")
    (twice,) = read_camt(camt(same, same))
    (once,) = read_camt(camt(same))
    assert len(set(keys_of(twice.entries))) == 2
    assert keys_of(once.entries)[0] in keys_of(twice.entries)


def taken(company: Company, *bookings: Booked, name: str = "one.xml", **options: Any) -> int:
    content = camt(*bookings, **options)
    account = bank_of(company)
    return import_bank_file(account, name=name, content=content, actor=company.accountant, at=NOW)[1]


@pytest.mark.django_db
def test_a_file_is_imported_once_and_a_booking_once():
    company = Company()
    first, second = Booked("10.00", "one", reference="A"), Booked("20.00", "two")
    assert taken(company, first) == 1
    with refused("file-imported"):
        taken(company, first)
    assert taken(company, first, second, name="two.xml") == 1
    assert list(BankBooking.objects.order_by("pk").values_list("amount", flat=True)) == [10, 20]
    assert BankFile.objects.count() == 2


@pytest.mark.django_db
def test_files_that_do_not_fit_are_refused_whole():
    company = Company()
    BankAccount.objects.filter(pk=bank_of(company).pk).update(iban="DE11")
    with refused("other-account"):
        taken(company, Booked("1"), iban="DE22")
    with refused("other-currency"):
        taken(company, Booked("1"), currency="USD")
    with refused("balances-differ"):
        taken(company, Booked("1"), balances=("10", "12"))
    with refused("unreadable-file"):
        import_bank_file(bank_of(company), name="x", content=BOMB, actor=company.accountant, at=NOW)
    with refused("file-too-large"):
        content = b" " * (LARGEST + 1)
        import_bank_file(bank_of(company), name="x", content=content, actor=company.accountant, at=NOW)


@pytest.mark.django_db
def test_suggestions_say_why_and_which_are_certain():
    company = Company()
    invoice = company.billed(8)
    (other,) = owed(company, "77")
    name = company.customer.name
    taken(
        company,
        Booked("1920.00", f"Re {invoice.number} danke"),
        Booked("500.00", f"part of {invoice.number}"),
        Booked("77.00", "no number", name.upper()),
        Booked("11.00", "nobody"),
        Booked("1920.00", f"{invoice.number}9"),
    )
    entries = BankBooking.objects.select_related("bank_account").order_by("pk")
    equal, part, named, nobody, longer = matches_of(list(entries))
    row = invoice.customer_transaction
    assert (equal.customer, dict(equal.shares), equal.is_certain) == (company.customer, {row.pk: 1920}, True)
    assert equal.reasons == (f"{invoice.number} in the text", "Amount equal")
    assert (dict(part.shares), part.is_certain) == ({row.pk: 500}, False)
    assert (dict(named.shares), named.is_certain) == ({other.pk: 77}, True)
    assert nobody.customer is None
    assert longer.customer is None


@pytest.mark.django_db
def test_what_is_certain_is_settled_at_once_and_each_booking_once():
    company = Company()
    invoice = company.billed(8)
    client = AdminClient(company.person("Project accountant"))
    upload = SimpleUploadedFile("a.xml", camt(Booked("1920.00", invoice.number, iban="DE77"), Booked("5.00")))
    address = "accounting_bankbooking_import"
    assert client.shown(address).status_code == 200
    answer = client.sent(address, data={"bank_account": bank_of(company).pk, "file": upload})
    assert messages_of(answer) == ["2 new bank bookings imported."]
    listed = client.shown("accounting_bankbooking_changelist", payment="no").content.decode()
    assert f"{invoice.number} in the text" in listed
    answer = client.confirms(client.shown("accounting_bankbooking_list_action", "settle"))
    assert messages_of(answer) == ["1 payment entered."]
    assert open_rows(company) == []
    paid = CustomerPayment.objects.get()
    assert paid.bank_booking is not None
    (match,) = matches_of([paid.bank_booking])
    # The next booking from that account is this customer's.
    assert match.customer == company.customer
    with refused("already-matched"):
        enter_payments([match.payment()], actor=company.accountant, at=NOW)
    page = client.shown("accounting_bankbooking_change", paid.bank_booking_id).content.decode()
    assert f"/customerpayment/{paid.pk}/change/" in page
    rest = BankBooking.objects.unmatched().get()
    assert client.shown("accounting_bankbooking_change", rest.pk).status_code == 200
    form = client.shown("accounting_customerpayment_enter", entry=rest.pk)
    assert form.context["form"].initial["amount"] == 5
    bad = SimpleUploadedFile("b.xml", BOMB)
    answer = client.sent(address, data={"bank_account": bank_of(company).pk, "file": bad})
    assert answer.status_code == 422
    assert client.shown("accounting_bankfile_changelist").status_code == 200
    assert_proven()


@pytest.mark.django_db
def test_suggestions_take_the_same_statements_for_few_and_many():
    company = Company()
    owed(company, "5")
    taken(company, *[Booked(f"{nth}.00", f"text {nth}") for nth in range(1, 40)])
    entries = list(BankBooking.objects.select_related("bank_account"))
    assert statements(lambda: matches_of(entries[:2])) == statements(lambda: matches_of(entries))

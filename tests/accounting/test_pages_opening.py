"""The pages that bring books from another system: file, preview, all of it or nothing (C13)."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounting.models import CustomerTransaction, JournalVoucher, OpeningItem
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db
BALANCES, ITEMS = "opening-balances", "opening-items"


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def accountant(company: Company) -> Client:
    return signed_in(company.admit(company.accountant, PROJECT_ACCOUNTANT))


def previewed(client: Client, company: Company, name: str, text: str) -> Any:
    file = SimpleUploadedFile("books.csv", text.encode())
    data = {"legal_entity": company.entity.pk, "on": "2026-01-01", "file": file}
    return client.post(reverse(name), data)


def saved(client: Client, company: Company, name: str, page: Any) -> Any:
    carried = re.search(r'name="carried" value="([^"]+)"', page.content.decode())
    assert carried
    data = {"legal_entity": company.entity.pk, "on": "2026-01-01", "carried": carried[1]}
    return client.post(reverse(name), data)


def test_open_items_are_shown_then_brought_in_and_reversed(company: Company, accountant: Client) -> None:
    text = (
        f"customer;number;date;due date;amount\n{company.customer.number};R-7;2025-12-10;2026-01-09;1190.00\n"
    )
    page = previewed(accountant, company, ITEMS, text)
    assert page.status_code == 200
    assert "€1,190.00" in page.content.decode()
    assert not OpeningItem.objects.exists()
    answer = saved(accountant, company, ITEMS, page)
    assert (answer.status_code, answer.url) == (302, reverse("admin:accounting_openingitem_changelist"))
    assert CustomerTransaction.objects.get().reference == "R-7"
    admin = AdminClient(company.accountant)
    made = OpeningItem.objects.get()
    assert "R-7" in admin.shown("accounting_openingitem_changelist").content.decode()
    assert admin.shown("accounting_openingitem_change", made.pk).status_code == 200
    page = admin.chosen("accounting_openingitem", "reverse", made)
    assert messages_of(admin.confirms(page)) == ["1 open item reversed."]


def test_a_trial_balance_is_kept_as_a_journal_voucher(company: Company, accountant: Client) -> None:
    page = previewed(accountant, company, BALANCES, "account;debit;credit\n1200;500;\n1400;90;\n0860;;590\n")
    words = page.content.decode()
    assert "€590.00" in words and "another person posts it" in words and "opening balances" in words
    assert saved(accountant, company, BALANCES, page).status_code == 302
    draft = JournalVoucher.objects.get()
    assert list(draft.lines.order_by("position").values_list("account__number", "amount")) == [
        ("1200", 500),
        ("9000", 90),
        ("0860", -590),
    ]


def test_what_is_wrong_is_shown_by_row_and_nothing_is_offered(company: Company, accountant: Client) -> None:
    page = previewed(accountant, company, ITEMS, "customer;number;date;amount\nK-0;1;2025-12-10;5\n")
    words = page.content.decode()
    assert "Row 2, column customer: There is no customer “K-0”." in words
    assert "Save all of it" not in words
    typing_errors = (
        f"customer;number;date;due date;amount\n{company.customer.number};1;0205-12-10;9026-01-09;5\n"
    )
    words = previewed(accountant, company, ITEMS, typing_errors).content.decode()
    assert "Row 2, column date: Choose a day in the years 1900 to 2199." in words
    assert "Row 2, column due date: Choose a day in the years 1900 to 2199." in words
    page = previewed(accountant, company, BALANCES, "account;debit;credit\n1200;500;\n")
    assert [one.code for one in page.context["refusals"]] == ["too-few-lines", "not-balanced"]
    assert "Save all of it" not in page.content.decode()
    assert not JournalVoucher.objects.exists()


def test_templates_can_be_brought_in_and_only_the_books_see_the_pages(
    company: Company, accountant: Client
) -> None:
    for kind in ("balances", "items"):
        for file_format in ("csv", "xlsx"):
            address = reverse("opening-template", args=[kind, file_format])
            assert accountant.get(address).status_code == 200
    assert accountant.get("/admin/ledger/opening/items.pdf").status_code == 404
    assert accountant.get(reverse(BALANCES)).status_code == 200
    manager = signed_in(company.admit(company.manager, PROJECT_MANAGER))
    assert {manager.get(reverse(name)).status_code for name in (BALANCES, ITEMS)} == {403}

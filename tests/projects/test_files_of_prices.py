"""Price lists come from a file with their days, their currency and their prices (A7, A13, X8)."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.models import CategoryPrice, MaterialPrice, PriceList, RolePrice
from projects.price_plans import lists_of
from projects.price_setting import save_price_lists
from projects.record_files import KINDS, read_table
from projects.record_plans import plan_of
from projects.roles import ADMINISTRATOR, FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company
from tests.company.checking import refused
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


def plan(at: Company, text: str):
    table = read_table(KINDS["prices"], "file.csv", text.encode(), language="en")
    return plan_of("prices", at.entity, table, at.accountant)


def sends(client, at: Company, text: str):
    """Choose a file and look at it: the preview."""
    file = SimpleUploadedFile("file.csv", text.encode(), content_type="text/csv")
    page = client.post(
        reverse("import-records", args=["prices"]), {"legal_entity": at.entity.pk, "file": file}
    )
    assert page.status_code == 200, page.context["form"].errors
    return page


def saves(client, at: Company, page, **fields):
    """Save what the preview showed."""
    sent = {"legal_entity": at.entity.pk, "carried": page.context["file"], **fields}
    return client.post(reverse("import-records", args=["prices"]), sent)


def says(page) -> list[str]:
    return [str(error) for error in page.context["plan"].errors]


@pytest.fixture
def priced() -> Company:
    made = Company()
    made.admit(made.accountant, PROJECT_ACCOUNTANT)
    return made


def import_prices_of(at: Company, text: str, *, update: bool = True) -> int:
    planned = plan(at, text)
    assert [str(one) for one in planned.errors] == []
    return save_price_lists(at.entity, lists_of(planned, update=update), actor=at.accountant, at=NOW)


def test_a_file_creates_lists_with_their_days_currency_and_prices(priced):
    at = priced
    text = "price list,kind,currency,valid from,valid to,role,category,product,price,unit,markup percent\n"
    text += f"Pounds 2027,sales,GBP,2027-01-01,2027-12-31,{at.role.name},,,120.5,,\n"
    text += f"Pounds 2027,sales,GBP,2027-01-01,2027-12-31,{at.role.name},,,900,day,\n"
    text += f"Pounds 2027,,,,,,{at.categories['expense'].name},,,,10\n"
    text += "Pounds 2027,,,,,,,Cable,4.25,,\n"
    text += f"Cost 2027,cost,GBP,,,{at.role.name},,,61,,\n"
    assert import_prices_of(at, text) == 7
    made = PriceList.objects.get(name="Pounds 2027")
    assert (made.context, made.currency, made.starts_on, made.ends_on) == (
        "sales",
        "GBP",
        date(2027, 1, 1),
        date(2027, 12, 31),
    )
    assert set(RolePrice.objects.filter(price_list=made).values_list("unit", "price")) == {
        ("h", Decimal("120.5")),
        ("day", Decimal(900)),
    }
    assert CategoryPrice.objects.get(price_list=made).markup_percent == 10
    assert MaterialPrice.objects.get(price_list=made).price == Decimal("4.25")
    cost = PriceList.objects.get(name="Cost 2027")
    assert (cost.context, cost.role_prices.get().price) == ("cost", 61)
    assert import_prices_of(at, text) == 0


def test_prices_and_days_of_a_list_that_exists_are_shown_and_changed(priced):
    at = priced
    heads = "price list,valid to,role,price\n"
    text = f"{heads}{at.sales.name},2026-12-31,{at.role.name},250\n"
    client = signed_in(at.accountant)
    page = sends(client, at, text)
    assert [(one.field, one.before, one.after) for one in page.context["differences"]] == [
        ("Valid to", "–", "31 Dec 2026"),
        ("Price", "200.00", "250.00"),
    ]
    assert import_prices_of(at, text, update=False) == 0
    saves(client, at, page, update="on")
    at.sales.refresh_from_db()
    assert (at.sales.ends_on, at.sales.role_prices.get().price) == (date(2026, 12, 31), 250)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("New,sales,EUR,,,{role},,,5,,", "shares days"),
        ("New,sales,GBP,2027-02-01,2027-01-01,{role},,,5,,", "before it starts"),
        ("New,sales,EUX,,,{role},,,5,,", "EUX is not a currency."),
        ("New,rent,GBP,,,{role},,,5,,", "Enter one of: cost, sales."),
        ("{sales},,GBP,,,{role},,,5,,", "The list is in EUR; its currency cannot be changed."),
        ("{sales},cost,,,,{role},,,5,,", "The list is of kind “Sales”; its kind cannot be changed."),
        ("{sales},,,,,{role},,Cable,5,,", "Fill one of the columns role, category, product."),
        ("{sales},,,,,,,,5,,", "Fill one of the columns role, category, product."),
        ("{sales},,,,,{role},,,,,", "column price: The value is missing."),
        ("{sales},,,,,{role},,,-5,,", "must not be negative"),
        ("{sales},,,,,Nobody,,,5,,", "“Nobody” does not exist."),
        ("{sales},,,,,{role},,,5,week,", "Enter one of: h, day."),
    ],
)
def test_what_is_wrong_with_a_price_is_said_in_the_preview_and_nothing_is_saved(priced, line, said):
    at = priced
    heads = "price list,kind,currency,valid from,valid to,role,category,product,price,unit,markup percent\n"
    text = heads + line.format(role=at.role.name, sales=at.sales.name) + "\n"
    client = signed_in(at.accountant)
    page = sends(client, at, text)
    assert any(said in one for one in says(page)), says(page)
    answer = saves(client, at, page, update="on")
    assert answer.status_code == 422
    assert {one.code for one in answer.context["refusals"]} == {"row-error"}
    # The file need not be chosen again.
    assert answer.context["file"]
    assert (PriceList.objects.count(), at.sales.role_prices.get().price) == (2, 200)


def test_two_lists_of_a_file_that_share_days_are_refused_together(priced):
    at = priced
    text = "price list,currency,role,price\n"
    text += f"One,GBP,{at.role.name},100\nTwo,GBP,{at.role.name},110\n"
    planned = plan(at, text)
    with refused("lists-overlap"):
        save_price_lists(at.entity, lists_of(planned, update=True), actor=at.accountant, at=NOW)
    assert not PriceList.objects.filter(currency="GBP").exists()


def test_only_those_who_set_prices_bring_them(priced):
    at, address = priced, reverse("import-records", args=["prices"])
    assert signed_in(at.accountant).get(address).status_code == 200
    for role in (PROJECT_MANAGER, FINANCE_CONTROLLER, TEAM_MEMBER, ADMINISTRATOR):
        assert signed_in(at.person(role)).get(address).status_code == 403, role
    elsewhere = signed_in(Company.bare().person(PROJECT_ACCOUNTANT))
    assert at.entity not in elsewhere.get(address).context["form"].fields["legal_entity"].queryset

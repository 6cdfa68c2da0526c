"""Days, keys, numbers of rows and sizes of files at the edges get an answer, never a fault (A7, A13)."""

import io
import zipfile
from datetime import date
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounting.forms.company import CompanyForm, FiscalYearForm
from core.days import FIRST_DAY, LAST_DAY, day_after, day_before, is_possible
from projects.forms.price_lists import CopyPriceListForm
from projects.forms.record_imports import LARGEST_FILE
from projects.models import Customer, LegalEntity, PaymentTerms, PriceList, SalesTaxGroup
from projects.price_setting import (
    change_price_list,
    copy_price_list,
    create_price_list,
    end_price_lists,
)
from projects.record_files import KINDS, template_of
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER
from projects.states import PriceContext
from tests.company import Company, journal_rows, only
from tests.company.checking import refused
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

LAST_OF_ALL, FIRST_OF_ALL = date(9999, 12, 31), date(1, 1, 1)
HUGE = "1" + "0" * 25
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def at() -> Company:
    return Company()


@pytest.fixture
def accountant(at: Company) -> Any:
    return signed_in(at.admit(at.accountant, PROJECT_ACCOUNTANT))


@pytest.fixture
def manager(at: Company) -> Any:
    at.admit(at.manager, PROJECT_MANAGER)
    at.is_managed_by(at.manager)
    at.project.manager = at.manager
    at.project.save()
    return signed_in(at.manager)


# --- Days -----------------------------------------------------------------------------------------


def test_the_years_that_can_be_agreed_on_are_1900_to_2199():
    assert [is_possible(day) for day in (None, FIRST_DAY, LAST_DAY)] == [True, True, True]
    assert [is_possible(day) for day in (day_before(FIRST_DAY), day_after(LAST_DAY))] == [False, False]
    assert (day_before(FIRST_OF_ALL), day_after(LAST_OF_ALL)) == (FIRST_OF_ALL, LAST_OF_ALL)


@pytest.mark.parametrize("day", [FIRST_OF_ALL, date(1899, 12, 31), date(2200, 1, 1), LAST_OF_ALL])
def test_no_price_list_is_given_a_day_outside_of_them(at, day):
    """Each verb says which field it is and what the rule is; `refused` proves that nothing changed."""
    who: dict[str, Any] = {"actor": at.accountant, "at": NOW}
    kind = {"context": PriceContext.SALES, "currency": "CHF"}
    PriceList.objects.filter(pk=at.sales.pk).update(starts_on=None, ends_on=None)
    with refused("day-not-possible", "day-not-possible") as reasons:
        create_price_list(at.entity, name="new", starts_on=day, ends_on=day, **kind, **who)
    assert [str(one.message).split(":")[0] for one in reasons.value.refusals] == ["Valid from", "Valid to"]
    assert {str(one.way_out) for one in reasons.value.refusals} == {"Choose a day in the years 1900 to 2199."}
    with refused("day-not-possible"):
        change_price_list(at.sales, name="sales", starts_on=None, ends_on=day, **who)
    with refused("day-not-possible"):
        copy_price_list(at.sales, name="copy", starts_on=day, ends_on=None, **who)
    with refused("day-not-possible"):
        end_price_lists(only(at.sales), last_day=day, **who)


@pytest.mark.parametrize("days", [{"ends_on": LAST_OF_ALL}, {"starts_on": FIRST_OF_ALL}])
def test_a_list_that_has_such_a_day_already_is_copied_and_compared(at, accountant, days):
    PriceList.objects.filter(pk=at.sales.pk).update(**days)
    assert accountant.get(reverse("copy-price-list", args=[at.sales.pk])).status_code == 200
    with refused("lists-overlap"):
        create_price_list(
            at.entity,
            name="another",
            context=PriceContext.SALES,
            currency=at.sales.currency,
            starts_on=None,
            ends_on=None,
            actor=at.accountant,
            at=NOW,
        )


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2200-01-01"])
def test_forms_say_so_before_the_verb_is_asked(at, day):
    copy = CopyPriceListForm({"name": "copy", "starts_on": day})
    assert copy.errors["starts_on"] == ["Choose a day in the years 1900 to 2199."]
    assert FiscalYearForm({"first_day": day}).errors == {"first_day": copy.errors["starts_on"]}


def test_no_company_begins_in_the_year_9999():
    founder = User.objects.create_superuser("founder", password="x")
    answer = signed_in(founder).post(reverse("found-company"), {"name": "N", "first_day": "9999-12-01"})
    assert isinstance(answer.context["form"], CompanyForm)
    assert list(answer.context["form"].errors["first_day"]) == ["Choose a day in the years 1900 to 2199."]
    assert not LegalEntity.objects.filter(name="N").exists()


def test_the_last_fiscal_year_that_can_be_opened_has_twelve_months():
    form = FiscalYearForm({"first_day": "2199-12-31"})
    assert form.is_valid()
    assert form.days == (date(2199, 12, 1), date(2200, 11, 30))


# --- Keys and numbers of rows ---------------------------------------------------------------------


def test_a_key_that_no_column_holds_is_a_bad_request(at, manager, accountant):
    change = reverse("change-project", args=[at.project.pk])
    assert manager.post(change, {"budget_readers": [HUGE]}).status_code == 400
    journal = journal_rows.entry_journal(at)
    lines = journal.lines.count()
    assert accountant.post(f"/journals/{journal.pk}/line/{HUGE}/remove/").status_code == 400
    assert journal.lines.count() == lines > 0


@pytest.mark.parametrize(
    "do", ["add-payer-" + "9" * 5000, "drop-line-" + "9" * 5000, "even-²", "add-payer-²"]
)
def test_a_button_of_a_contract_with_no_number_of_a_row_changes_nothing(manager, do):
    page = manager.post("/contracts/new/", {"line-0-name": "Work", "line-0-line": "²", "do": do})
    assert (page.status_code, len(page.context["form"].lines)) == (200, 1)


@pytest.mark.parametrize("rounding", ["²", "9" * 5000])
def test_a_mark_of_rounding_that_is_no_row_goes_with_the_row_that_is_dropped(manager, rounding):
    sent = {
        "rounding": rounding,
        "customer-0-customer": "",
        "customer-1-customer": "",
        "do": "drop-customer-0",
    }
    page = manager.post("/contracts/new/", sent)
    assert (page.status_code, page.context["form"].rounding_place) == (200, "")


def test_a_fee_of_nobody_has_no_page_among_expenses(at, manager):
    entry = at.entry(1, "fee", resource=None, recorded_by=at.manager, price=5)
    address = reverse("change-expense", args=[entry.pk])
    assert [manager.get(address).status_code, manager.post(address, {}).status_code] == [404, 404]


# --- Sizes ----------------------------------------------------------------------------------------


def of_size(size: int) -> bytes:
    """The template of customers as a spreadsheet with a picture that cannot be made smaller."""
    template = template_of(KINDS["customers"], "xlsx")

    def padded(count: int) -> bytes:
        data = io.BytesIO(template)
        with zipfile.ZipFile(data, "a", zipfile.ZIP_STORED) as archive:
            archive.writestr(zipfile.ZipInfo("xl/media/image1.png"), Random(1).randbytes(count))
        return data.getvalue()

    return padded(size - len(padded(0)))


def test_the_largest_file_that_is_promised_comes_through_both_steps(at, manager):
    address, data = reverse("import-records", args=["customers"]), of_size(LARGEST_FILE)
    assert len(data) == LARGEST_FILE
    fields = {"legal_entity": at.entity.pk}
    page = manager.post(address, fields | {"file": SimpleUploadedFile("customers.xlsx", data)})
    assert "up to 1.5 MB" in manager.get(address).content.decode()
    SalesTaxGroup.objects.create(code="de-domestic", name="Domestic")
    PaymentTerms.objects.create(name="30 days net", net_days=30)
    before = Customer.objects.count()
    saved = manager.post(address, urlencode(fields | {"carried": page.context["file"]}), content_type=FORM)
    assert (saved.status_code, Customer.objects.count()) == (302, before + 1)


def test_one_byte_more_is_refused_with_the_way_out(at, manager):
    file = SimpleUploadedFile("customers.xlsx", of_size(LARGEST_FILE + 1))
    answer = manager.post(
        reverse("import-records", args=["customers"]), {"legal_entity": at.entity.pk, "file": file}
    )
    assert list(answer.context["form"].errors["file"]) == ["The file is too large: split it."]

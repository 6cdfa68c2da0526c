"""Discounts and fees by page: granted, changed and taken off on the draft (B12)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from billing.models import Discount, Proforma
from projects.models import ContractLine
from projects.states import TransactionClass
from tests.billing.proforma_pages import form_of, fresh
from tests.company import details_of
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company):
    return company


def address(draft, name="proforma-discount"):
    return reverse(name, args=[draft.number, draft.lines.get().pk])


def send(client, at, **typed):
    return client.post(at, form_of(client.get(at)) | typed)


def test_ten_percent_off_is_a_line_of_its_own_and_a_row_of_the_totals(manager, draft):
    page = manager.get(reverse("proforma", args=[draft.number])).content.decode()
    assert address(draft) in page
    assert "Hours charges €1,600.00 before discounts." in manager.get(address(draft)).content.decode()
    answer = send(manager, address(draft), percent="10", reason="Loyal customer")
    assert (answer.status_code, answer["Location"]) == (302, reverse("proforma", args=[draft.number]))
    now = fresh(draft)
    assert (now.net_amount, now.tax_amount, now.gross_amount) == (1440, 288, 1728)
    shown = manager.get(reverse("proforma", args=[draft.number]))
    assert (shown.context["charged"], shown.context["discount"]) == (1600, -160)
    page = shown.content.decode()
    assert "Discount 10%: Loyal customer" in page
    assert f"Confirm {draft.number} for €1,728.00" in page


def test_a_discount_is_changed_on_its_own_page_and_removed_with_its_line(manager, draft):
    send(manager, address(draft), percent="10", reason="Loyal customer")
    (discount,) = Discount.objects.all()
    change = reverse("proforma-discount-change", args=[draft.number, discount.pk])
    assert change in manager.get(reverse("proforma", args=[draft.number])).content.decode()
    assert form_of(manager.get(change))["percent"] == "10"
    send(manager, change, percent="", amount="100.00", reason="Agreed by phone")
    assert fresh(draft).net_amount == 1500
    row = details_of(draft).get(transaction_class=TransactionClass.DISCOUNT)
    manager.post(reverse("proforma-lines-remove", args=[draft.number]), {"row": [row.pk]})
    assert fresh(draft).net_amount == 1600


def test_what_is_no_discount_stands_above_the_form_as_it_was_typed(manager, draft):
    answer = send(manager, address(draft), percent="10", amount="5", reason="")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "A discount is a percentage or an amount." in page
    assert "Nothing says what it is." in page
    assert 'value="10"' in page
    assert not Discount.objects.exists()


def test_a_fee_is_charged_with_its_text(manager, company, draft):
    fee = address(draft, "proforma-fee")
    assert form_of(manager.get(fee))["item_sales_tax_group"] == str(company.item_group.pk)
    send(manager, fee, amount="75.00", text="Express delivery")
    now = fresh(draft)
    assert (now.net_amount, now.tax_amount) == (1675, 335)
    assert "Express delivery" in manager.get(reverse("proforma", args=[draft.number])).content.decode()


def test_nobody_grants_discounts_on_what_is_confirmed_or_without_the_right(manager, company, draft):
    send(manager, address(draft), percent="10", reason="Loyal customer")
    worker = company.person("Team member")
    assert signed_in(worker).get(address(draft)).status_code == 403
    company.confirm(draft)
    assert manager.get(address(draft)).status_code == 404
    page = manager.get(reverse("proforma", args=[draft.number])).content.decode()
    assert address(draft) not in page
    assert "Discount 10%: Loyal customer" in page


def test_the_line_of_another_proforma_is_not_found(manager, company, draft):
    company.approved(1)
    company.ready()
    (other,) = company.drafts()
    wrong = reverse("proforma-discount", args=[draft.number, other.lines.get().pk])
    assert manager.get(wrong).status_code == 404
    assert Proforma.objects.count() == 2


def test_the_document_says_the_discount_in_the_language_of_the_customer(company):
    ContractLine.objects.filter(pk=company.line.pk).update(discount_percent=Decimal("2.5"))
    type(company.customer).objects.filter(pk=company.customer.pk).update(language="de")
    company.approved(8)
    draft = company.draft()
    row = details_of(draft).get(transaction_class=TransactionClass.DISCOUNT)
    # The word itself is translated with all others; the number is written as the language does.
    assert row.external_description.endswith("2,5\xa0%")

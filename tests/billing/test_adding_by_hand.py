"""Lines by hand: of which class, on which day, how much; what confirming writes of them (N6, N7)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.models import InvoiceLineDetail, Proforma
from projects.models import Actual, ContractLine, LegalEntity, ProjectContract
from projects.states import TransactionClass
from tests.billing.proforma_pages import form_of
from tests.company import Company, details_of
from tests.company.checking import refused
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    return company


def typed(company: Company, draft: Proforma, **changes: object) -> dict[str, object]:
    """Three hours at 200 of the worker's role, as the page sends them."""
    return {
        "line": draft.lines.get(contract_line=company.line).pk,
        "transaction_class": "time",
        "transaction_date": "2026-03-02",
        "quantity": "3:00",
        "unit": "h",
        "price": "200",
        "role": company.role.pk,
        "item_sales_tax_group": company.item_group.pk,
        "external_description": "Night shift",
    } | changes


def test_n6_by_page_writes_three_rows_of_a_role(manager, company, draft):
    address = reverse("proforma-line-add", args=[draft.number])
    assert address in manager.get(reverse("proforma", args=[draft.number])).content.decode()
    assert manager.get(address).status_code == 200
    answer = manager.post(address, typed(company, draft))
    detail = InvoiceLineDetail.objects.get(actual=None)
    assert answer["Location"] == f"{reverse('proforma', args=[draft.number])}#d{detail.pk}"
    now = Proforma.objects.get(pk=draft.pk)
    assert (detail.amount, now.net_amount, now.gross_amount) == (600, 2200, 2640)
    company.confirm(draft)
    written = Actual.objects.filter(work_item__event=Proforma.objects.get().event).order_by("pk")
    assert [(one.get_type_display(), one.quantity, one.amount) for one in written] == [
        ("Unbilled sales", 3, 600),
        ("Unbilled sales", -3, -600),
        ("Billed sales", 3, 600),
    ]
    item = written[0].work_item
    assert (item.role, item.resource, item.external_description) == (company.role, None, "Night shift")


def test_n7_by_page_bills_a_fixed_price_alone(manager, company):
    fixed = company.fixed_price_line()
    company.approved(8)
    draft = company.draft()
    line = draft.lines.get(contract_line=fixed).pk
    sent = typed(company, draft, line=line, transaction_class="fee", quantity="1", unit="flat", price="600")
    assert manager.post(reverse("proforma-line-add", args=[draft.number]), sent).status_code == 302
    company.confirm(draft)
    assert company.actuals().splitlines()[4:] == ["billed chargeable +1 +600.00"]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"quantity": Decimal(0)}, "quantity-missing"),
        ({"quantity": Decimal(-1)}, "negative-quantity"),
        ({"quantity": Decimal("0.00001")}, "quantity-not-possible"),
        ({"price": Decimal(0)}, "price-missing"),
        ({"price": Decimal(-1)}, "negative-price"),
        ({"price": Decimal("0.00001")}, "price-not-possible"),
        ({"quantity": Decimal(99_999), "price": Decimal(99_999_999)}, "amount-too-large"),
        ({"transaction_class": TransactionClass.MILESTONE}, "class-not-included"),
        ({"transaction_class": TransactionClass.EXPENSE}, "class-not-included"),
        ({"transaction_class": TransactionClass.TIME, "role": None}, "role-missing"),
        ({"transaction_class": TransactionClass.MATERIAL, "product": ""}, "product-missing"),
        ({"transaction_date": DAY - timedelta(days=40)}, "outside-contract"),
        ({"transaction_date": NOW.date() + timedelta(days=1)}, "in-the-future"),
    ],
)
def test_what_a_line_by_hand_cannot_be(company, draft, columns, code):
    ContractLine.objects.filter(pk=company.line.pk).update(includes_expense=False)
    ProjectContract.objects.filter(pk=company.contract.pk).update(starts_on=DAY - timedelta(days=7))
    Proforma.objects.filter(pk=draft.pk).update(cut_off_date=date(2027, 1, 1))
    with refused(code):
        company.add_by_hand(draft, company.line, **columns)


def test_an_expense_needs_a_category(company, draft):
    with refused("category-missing"):
        company.add_by_hand(draft, company.line, transaction_class=TransactionClass.EXPENSE, category=None)


def test_a_line_by_hand_is_dated_in_an_open_period_up_to_the_cut_off(company, draft):
    with refused("after-cut-off"):
        company.add_by_hand(draft, company.line, transaction_date=draft.cut_off_date + timedelta(days=1))
    LegalEntity.objects.filter(pk=company.entity.pk).update(locked_through=DAY)
    with refused("period-locked"):
        company.add_by_hand(draft, company.line)


@pytest.mark.parametrize("text", ["1000000000000000", "NaN", "Infinity", "1e9", "0.12345", "", "much"])
@pytest.mark.parametrize("field", ["quantity", "price"])
def test_figures_that_cannot_be_are_refused_at_their_field(manager, company, draft, field, text):
    sent = typed(company, draft) | {field: text}
    answer = manager.post(reverse("proforma-line-add", args=[draft.number]), sent)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert details_of(draft).count() == 1


def test_a_german_writes_a_comma_and_points(manager, company, draft):
    address = reverse("proforma-line-add", args=[draft.number])
    sent = typed(company, draft, price="1.234,56", quantity="1,5")
    assert manager.post(address, sent, headers={"accept-language": "de"}).status_code == 302
    assert InvoiceLineDetail.objects.get(actual=None).amount == Decimal("1851.84")


def test_the_form_keeps_what_was_typed(manager, company, draft):
    address = reverse("proforma-line-add", args=[draft.number])
    answer = manager.post(address, typed(company, draft, quantity="-3"))
    assert [one.code for one in answer.context["refusals"]] == ["negative-quantity"]
    assert form_of(answer)["external_description"] == "Night shift"

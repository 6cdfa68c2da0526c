"""The pages of price lists and of unbilled work that is priced again (A7, B11)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import Approval, CategoryPrice, PriceList, Role, RolePrice
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from projects.states import ApprovalStatus
from tests.company import Company
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company()


@pytest.fixture
def accountant(at: Company) -> Client:
    return signed_in(at.person(PROJECT_ACCOUNTANT))


@pytest.fixture
def manager(at: Company) -> Client:
    user = at.person(PROJECT_MANAGER)
    at.is_managed_by(user)
    return signed_in(user)


def page(client: Client, name: str, *args: Any) -> Any:
    return client.get(reverse(name, args=args))


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def roles_form(at: Company, client: Client, **changes: str) -> Any:
    """The form of role prices of the sales list as the page shows it, with some inputs changed."""
    row = at.sales.role_prices.get(unit="h")
    data = {f"row{row.pk}-price": "200", f"row{row.pk}-ends_on": ""} | changes
    return client.post(reverse("set-role-prices", args=[at.sales.pk]), data)


def test_lists_are_shown_with_what_holds_today(at, accountant):
    PriceList.objects.filter(pk=at.costs.pk).update(ends_on=date(2020, 1, 1))
    shown = page(accountant, "price-lists")
    states = {row.name: row.state for row in shown.context["table"].data}
    assert states == {"sales prices": "in_force", "cost prices": "ended"}
    assert "In force" in text(shown)
    ended = accountant.get(reverse("price-lists") + "?state=ended")
    assert [row.name for row in ended.context["table"].data] == ["cost prices"]


def test_costs_are_for_those_who_may_see_them(at, manager):
    shown = page(manager, "price-lists")
    assert [row.name for row in shown.context["table"].data] == ["sales prices"]
    assert page(manager, "price-list", at.costs.pk).status_code == 404
    assert "Cost today" not in text(page(manager, "price-list", at.sales.pk))


def test_the_page_shows_cost_and_margin_beside_each_price(at, accountant):
    (line,) = page(accountant, "price-list", at.sales.pk).context["role_lines"]
    assert (line.line.row.price, line.cost, line.margin) == (200, 100, 50)


def test_prices_are_changed_added_and_taken_out_in_place(at, accountant):
    other = Role.objects.create(name="Other")
    row = at.sales.role_prices.get()
    new = {"new-role": str(other.pk), "new-unit": "day", "new-price": "1,280.00"}
    answer = roles_form(at, accountant, **{f"row{row.pk}-price": "212.50"}, **new)
    assert answer.status_code == 302
    shown = sorted(at.sales.role_prices.values_list("unit", "price"))
    assert shown == [("day", Decimal(1280)), ("h", Decimal("212.5"))]
    per_day = at.sales.role_prices.get(unit="day")
    gone = {f"row{row.pk}-price": "", f"row{per_day.pk}-price": "1280"}
    assert roles_form(at, accountant, **gone).status_code == 302
    assert [one.unit for one in at.sales.role_prices.all()] == ["day"]


def test_what_was_typed_is_kept_when_it_is_refused(at, accountant):
    at.approved(8)
    row = at.sales.role_prices.get()
    answer = roles_form(at, accountant, **{f"row{row.pk}-price": ""})
    assert answer.status_code == 422
    assert "1 submission took its price from it" in text(answer)
    wrong = roles_form(at, accountant, **{f"row{row.pk}-price": "1.2.3"})
    assert (wrong.status_code, 'value="1.2.3"' in text(wrong)) == (422, True)
    missing = roles_form(at, accountant, **{"new-price": "5"})
    assert "Choose the role of this price." in text(missing)
    assert at.sales.role_prices.get().price == 200


def test_a_role_without_a_price_has_a_line_that_gives_it_one(at, accountant):
    assistant = Role.objects.create(name="Assistant")
    at.approved("6.5", role=assistant)
    shown = page(accountant, "price-list", at.sales.pk)
    assert "No price: 6.50 h of one person" in text(shown)
    answer = roles_form(at, accountant, **{f"role{assistant.pk}-price": "80"})
    saved = accountant.get(answer["Location"])
    assert "One unbilled entry has another price now." in text(saved)
    assert at.sales.role_prices.get(role=assistant).price == 80
    costs = page(accountant, "price-list", at.costs.pk)
    assert "Roles without a cost price" in text(costs)


def test_categories_are_priced_per_unit_at_cost_or_over_cost(at, accountant):
    expense = at.categories["expense"]
    address = reverse("set-category-prices", args=[at.sales.pk])
    new = {"new-category": str(expense.pk), "new-unit": "km", "new-number": "0.42"}
    assert accountant.post(address, new).status_code == 302
    row = CategoryPrice.objects.get()
    assert (row.method, row.unit, row.price) == ("price_per_unit", "km", Decimal("0.42"))
    key = f"row{row.pk}"
    over = {f"{key}-method": "markup", f"{key}-number": "10", f"{key}-unit": "km"}
    assert accountant.post(address, over).status_code == 302
    row = CategoryPrice.objects.get()
    assert (row.method, row.unit, row.price, row.markup_percent) == ("markup", "", 0, 10)
    gone = {f"row{row.pk}-method": "markup", f"row{row.pk}-number": "10", f"row{row.pk}-remove": "on"}
    assert accountant.post(address, gone).status_code == 302
    assert not CategoryPrice.objects.exists()


def test_materials_are_priced_by_name_and_unit(at, accountant):
    address = reverse("set-material-prices", args=[at.sales.pk])
    new = {"new-product": "Cable", "new-unit": "m", "new-price": "2.50"}
    assert accountant.post(address, new).status_code == 302
    row = at.sales.material_prices.get()
    assert (row.product, row.unit, row.price) == ("Cable", "m", Decimal("2.5"))
    accountant.post(address, {f"row{row.pk}-price": "3", f"row{row.pk}-ends_on": "2026-12-31"})
    row = at.sales.material_prices.get()
    assert (row.price, row.ends_on) == (3, date(2026, 12, 31))


def test_days_are_moved_and_an_overlap_names_the_other_list(at, accountant):
    address = reverse("change-price-list", args=[at.sales.pk])
    assert accountant.post(address, {"name": "2026", "ends_on": "2026-06-30"}).status_code == 302
    copy = {"name": "later", "starts_on": "2026-07-01"}
    assert accountant.post(reverse("copy-price-list", args=[at.sales.pk]), copy).status_code == 302
    refused = accountant.post(address, {"name": "2026", "ends_on": "2026-07-01"})
    assert refused.status_code == 422
    assert "It shares days with later, which holds from 1 Jul 2026 on." in text(refused)
    assert PriceList.objects.get(name="later").role_prices.get().price == 200


def later_list(at: Company, starts_on: date, **columns: Any) -> PriceList:
    columns = {"name": "later", "context": "sales", "currency": "EUR", "starts_on": starts_on} | columns
    return PriceList.objects.create(legal_entity=at.entity, **columns)


def test_an_overlap_offers_to_end_this_list_or_to_start_the_other_one_later(at, accountant):
    PriceList.objects.filter(pk=at.sales.pk).update(ends_on=date(2026, 6, 30))
    later = later_list(at, date(2026, 7, 1))
    address = reverse("change-price-list", args=[at.sales.pk])
    typed = {"name": "2026", "starts_on": "2026-01-01", "ends_on": "2026-07-31"}
    refused = accountant.post(address, typed)
    end, start = refused.context["repairs"]
    assert (end.name, end.value, end.label) == ("ends_on", "2026-06-30", "End this list on 30 Jun 2026")
    assert (start.name, start.value) == ("shortening", str(later.pk))
    assert f'name="shortening" value="{later.pk}">Start later on 1 Aug 2026</button>' in text(refused)
    assert accountant.post(address, typed | {start.name: start.value}).status_code == 302
    later.refresh_from_db()
    assert later.starts_on == date(2026, 8, 1)
    # A browser sends the field and the button; what the button says counts.
    back = accountant.post(address, typed | {"ends_on": ["2026-09-30", "2026-07-15"]})
    assert back.status_code == 302
    assert PriceList.objects.get(pk=at.sales.pk).ends_on == date(2026, 7, 15)


def test_an_overlap_with_an_earlier_list_offers_to_end_that_one(at, accountant):
    PriceList.objects.filter(pk=at.sales.pk).update(starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    later = later_list(at, date(2027, 1, 1))
    typed = {"name": "later", "starts_on": "2026-12-01", "ends_on": ""}
    refused = accountant.post(reverse("change-price-list", args=[later.pk]), typed)
    assert [one.label for one in refused.context["repairs"]] == [
        "Start this list on 1 Jan 2027",
        "End sales prices on 30 Nov 2026",
    ]
    named = {"shortening": str(at.sales.pk)}
    assert accountant.post(reverse("change-price-list", args=[later.pk]), typed | named).status_code == 302
    assert PriceList.objects.get(pk=at.sales.pk).ends_on == date(2026, 11, 30)


def test_a_manager_is_not_offered_to_move_a_list_of_somebody_else(at, manager):
    own = later_list(at, date(2026, 7, 1), name="mine", contract=at.contract)
    hers = later_list(at, date(2026, 1, 1), name="hers", contract=at.contract, ends_on=date(2026, 6, 30))
    typed = {"name": "mine", "starts_on": "2026-06-01", "ends_on": ""}
    sent = reverse("change-price-list", args=[own.pk])
    offered = [one.name for one in manager.post(sent, typed).context["repairs"]]
    assert offered == ["starts_on", "shortening"]
    # What the address of a general list says is no list that a manager may move.
    general = manager.post(sent, typed | {"shortening": str(at.sales.pk)})
    assert general.status_code == 422
    assert PriceList.objects.get(pk=hers.pk).ends_on == date(2026, 6, 30)


def test_days_without_a_list_are_shown_between_its_neighbours(at, accountant):
    PriceList.objects.filter(pk=at.sales.pk).update(ends_on=date(2026, 12, 31))
    later = later_list(at, date(2027, 1, 15))
    shown = page(accountant, "price-list", at.sales.pk)
    ((_first, gap), (_second, none)) = shown.context["in_time"]
    assert (gap.first, gap.last, none) == (date(2027, 1, 1), date(2027, 1, 14), None)
    assert "No list holds" in text(shown)
    PriceList.objects.filter(pk=later.pk).update(starts_on=date(2027, 1, 1))
    assert "No list holds" not in text(page(accountant, "price-list", at.sales.pk))


def test_a_new_list_ends_the_one_before_it_where_that_is_ticked(at, accountant):
    new = {"legal_entity": at.entity.pk, "name": "2027", "context": "sales", "currency": "EUR"}
    new |= {"starts_on": "2027-01-01"}
    assert accountant.post(reverse("new-price-list"), new).status_code == 422
    assert accountant.post(reverse("new-price-list"), new | {"ends_earlier": "on"}).status_code == 302
    assert PriceList.objects.get(pk=at.sales.pk).ends_on == date(2026, 12, 31)


def test_a_price_change_says_what_unbilled_work_is_worth_before_and_after_for_each_customer(at, accountant):
    at.approved(8)
    other = at.with_another_customer()
    other.approved(4)
    RolePrice.objects.filter(price_list=at.sales).update(price=Decimal(225))
    preview = accountant.get(f"{reverse('rerate-work')}?price_list={at.sales.pk}")
    assert [
        (str(one.subject), one.entries, one.hours, one.before, one.after, one.difference)
        for one in preview.context["by_customer"]
    ] == [
        (at.customer.name, 1, 8, 1600, 1800, 200),
        (other.customer.name, 1, 4, 800, 900, 100),
    ]
    assert "It sells for €2,400.00 now and for €2,700.00 then, a difference of €300.00." in text(preview)


def test_what_changes_with_the_next_list_is_shown_and_can_be_previewed(at, accountant):
    at.approved(8)
    PriceList.objects.filter(pk=at.sales.pk).update(ends_on=date(2026, 6, 30))
    copy = {"name": "later", "starts_on": "2026-07-01"}
    accountant.post(reverse("copy-price-list", args=[at.sales.pk]), copy)
    later = PriceList.objects.get(name="later")
    RolePrice.objects.filter(price_list=later).update(price=Decimal(210))
    shown = page(accountant, "price-list", at.sales.pk)
    ((one, worth),) = shown.context["next_prices"]
    assert (worth.before, worth.after, worth.difference, worth.hours) == (1600, 1680, 80, 8)
    assert (one.row.price, one.price, one.change, one.change_percent, one.hours) == (200, 210, 10, 5, 8)
    assert "What changes on 1 Jul 2026" in text(shown)
    preview = accountant.get(f"{reverse('rerate-work')}?price_list={later.pk}&every_day=on")
    assert preview.context["preview"].differences() == {"EUR": 80}
    assert page(accountant, "price-list", later.pk).context["following"] is None


def test_a_list_is_created_and_deleted(at, accountant):
    form = page(accountant, "new-price-list").context["form"]
    assert form.initial == {"legal_entity": at.entity, "currency": "EUR", "context": "sales"}
    new = {"legal_entity": at.entity.pk, "name": "Pounds", "context": "sales", "currency": "GBP"}
    answer = accountant.post(reverse("new-price-list"), new)
    made = PriceList.objects.get(name="Pounds")
    assert answer["Location"] == reverse("price-list", args=[made.pk])
    lower = accountant.post(reverse("new-price-list"), new | {"currency": "gbp", "name": "x"})
    assert "three capital letters" in text(lower)
    assert page(accountant, "delete-price-list", made.pk).status_code == 200
    assert accountant.post(reverse("delete-price-list", args=[made.pk])).status_code == 302
    assert not PriceList.objects.filter(pk=made.pk).exists()


def test_a_manager_changes_the_prices_of_own_contracts_only(at, manager):
    assert "Save role prices" not in text(page(manager, "price-list", at.sales.pk))
    assert roles_form(at, manager).status_code == 404
    own = {"legal_entity": at.entity.pk, "name": "Own", "context": "sales", "currency": "EUR"}
    missing = manager.post(reverse("new-price-list"), own)
    assert "This field is required." in text(missing)
    cost = manager.post(reverse("new-price-list"), own | {"context": "cost", "contract": at.contract.pk})
    assert cost.status_code == 422
    assert manager.post(reverse("new-price-list"), own | {"contract": at.contract.pk}).status_code == 302
    made = PriceList.objects.get(name="Own")
    added = {"new-role": at.role.pk, "new-price": "190"}
    assert manager.post(reverse("set-role-prices", args=[made.pk]), added).status_code == 302
    assert RolePrice.objects.get(price_list=made).price == 190
    assert at.submitted(1).sales_price == 190


def test_a_team_member_sees_no_prices(at):
    member = signed_in(at.person(TEAM_MEMBER))
    for name in ("price-lists", "new-price-list", "rerate-work"):
        assert page(member, name).status_code == 403
    assert page(member, "price-list", at.sales.pk).status_code == 403


# --- Unbilled work -------------------------------------------------------------------------------


def test_every_change_is_previewed_and_then_made(at, manager):
    at.approved(8)
    at.sells_hours_for("220")
    address = f"{reverse('rerate-work')}?contract={at.contract.pk}"
    shown = manager.get(address)
    assert "One entry would have another price" in text(shown)
    assert "€160.00" in text(shown)
    assert "New cost" not in text(shown)
    sent = {"contract": at.contract.pk, "expected": shown.context["preview"].digest}
    assert manager.post(reverse("rerate-work"), sent).status_code == 422
    assert Approval.objects.get().sales_amount == 1600
    answer = manager.post(reverse("rerate-work"), sent | {"reason": "Agreed in March"}, follow=True)
    assert "One entry was priced again." in text(answer)
    assert Approval.objects.get(status=ApprovalStatus.APPROVED).sales_amount == 1760


def test_what_changed_since_the_preview_is_shown_again(at, accountant):
    at.approved(8)
    at.sells_hours_for("220")
    sent = {"contract": at.contract.pk, "expected": "1 EUR:80", "reason": "Agreed"}
    answer = accountant.post(reverse("rerate-work"), sent)
    assert answer.status_code == 422
    assert "The result has changed since the preview." in text(answer)
    assert answer.context["preview"].digest == "1 EUR:160"


def test_something_must_be_chosen_and_days_are_in_order(at, accountant):
    address, contract = reverse("rerate-work"), f"contract={at.contract.pk}"
    answers = {
        "first=2026-01-01": "Choose a price list, a contract or a project.",
        f"{contract}&first=2026-02-01&last=2026-01-01": "Choose a last day on or after the first.",
        f"{contract}&every_day=on": "Choose the list whose prices are used.",
    }
    for asked, answer in answers.items():
        assert answer in text(accountant.get(f"{address}?{asked}"))


def test_a_manager_prices_work_of_own_contracts_only(at, manager):
    other = at.with_another_customer()
    other.contract.manager = None
    other.contract.save()
    other.approved(8)
    at.sells_hours_for("220")
    shown = manager.get(f"{reverse('rerate-work')}?price_list={at.sales.pk}")
    assert shown.context["preview"].changes == []

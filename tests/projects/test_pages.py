"""Page classes: the permission is asked, the address is the state, a selection is what the user saw."""

from decimal import Decimal
from typing import Any

import django_filters
import pytest
from django import forms
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, SuspiciousOperation
from django.http import Http404, QueryDict
from django.test import RequestFactory

from core.models import FormToken
from core.pages import (
    AmountColumn,
    Button,
    DetailPage,
    Drift,
    FormPage,
    ListPage,
    ListTable,
    Page,
    SelectionAction,
    StateColumn,
    TextColumn,
    Tick,
    set_theme,
)
from core.pages.active_filters import canonical
from core.refusals import Refusal, Refused
from projects.models import ProjectContract
from tests.company import Company, rows

pytestmark = pytest.mark.django_db


class Allowed:
    """Every permission but one is held."""

    def may(self, permission, obj=None):
        return permission != "never"


class ContractFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Search")
    currency = django_filters.ChoiceFilter(choices=[("EUR", "Euro"), ("USD", "Dollar")], label="Currency is")

    class Meta:
        model = ProjectContract
        fields: list[str] = []


class ContractTable(ListTable):
    caption, identity = "Contracts", "number"
    number = TextColumn(slot="title")
    not_to_exceed_amount = AmountColumn(of="currency", slot="value")
    status = StateColumn(slot="status")

    def tick(self, record):
        return Tick(record.number, record.not_to_exceed_amount, record.currency)

    class Meta:
        order_by = ("number",)


class Contracts(Allowed, ListPage):
    permission, title, url_name = "view", "Contracts", "admin:index"
    filterset_class, table_class = ContractFilter, ContractTable
    amount_field = "not_to_exceed_amount"
    default_filter = "currency=EUR"
    buttons = [Button("Do it", "admin:index", "do"), Button("Never", "admin:index", "never")]

    def get_queryset(self):
        return ProjectContract.objects.all()


class Rename(Allowed, SelectionAction):
    permission, title, list_page = "do", "Rename", Contracts
    success_message = "%(count)s renamed"
    refusals: list[Refusal] = []

    def get_permitted(self, selected):
        return selected

    def call_verb(self, form):
        if self.refusals:
            raise Refused(self.refusals)
        return self.targets.update(name="Renamed")


@pytest.fixture
def contracts():
    made = Company.bare().contract
    ProjectContract.objects.all().update(not_to_exceed_amount=Decimal("100.0000"))
    for number in range(3):
        made.pk, made.number = None, f"C-{number}"
        made._state.adding = True
        made.not_to_exceed_amount, made.currency = Decimal("10.5000"), "USD" if number == 2 else "EUR"
        made.save()
    return list(ProjectContract.objects.order_by("pk"))


def asked(page: type[Page], address: str = "/", post: dict[str, Any] | None = None, user: Any = None) -> Any:
    requests = RequestFactory()
    request = requests.get(address) if post is None else requests.post(address, post)
    request.user = user or rows.user()
    request.session = {}
    request._messages = CookieStorage(request)
    return request


def listed(address: str = "/") -> dict[str, Any]:
    return Contracts.as_view()(asked(Contracts, address)).context_data


def answer(page: type[Page], post: dict[str, Any], user: Any = None) -> Any:
    response = page.as_view()(asked(page, post=post, user=user))
    return response.render() if hasattr(response, "render") else response


def test_a_page_without_permission_is_a_mistake_of_its_author():
    with pytest.raises(ImproperlyConfigured):
        Page.as_view()(asked(Page))


def test_the_permission_is_asked_before_anything_is_read():
    class Closed(Contracts):
        permission = "never"

        def get_queryset(self):
            raise AssertionError("rows were read")

    with pytest.raises(PermissionDenied, match="No role may do this"):
        Closed.as_view()(asked(Closed))


def test_the_default_filter_is_a_visible_chip_that_can_be_taken_off(contracts):
    shown = listed()
    assert [(active.label, active.value) for active in shown["active_filters"]] == [("Currency is", "Euro")]
    assert shown["active_filters"][0].without == "?all=1"
    assert listed("/?all=1")["active_filters"] == []


def test_totals_are_per_currency_over_the_whole_filter(contracts):
    shown = listed("/?all=1&per_page=25")
    assert [(total.currency, total.count, total.amount) for total in shown["totals"]] == [
        ("EUR", 3, Decimal("121.0000")),
        ("USD", 1, Decimal("10.5000")),
    ]


def test_every_order_ends_with_the_primary_key(contracts):
    assert listed("/?all=1&sort=-number")["table"].data.data.query.order_by == ("-number", "pk")
    assert listed()["table"].data.data.query.order_by == ("number", "pk")


def test_a_page_beyond_the_end_is_the_last_and_nonsense_is_the_first(contracts):
    assert listed("/?all=1&page=99")["table"].page.number == 1
    assert listed("/?all=1&page=x&per_page=7")["table"].paginator.per_page == 50


def test_an_unknown_filter_value_shows_no_rows_and_an_error(contracts):
    shown = listed("/?currency=XXX")
    assert shown["table"].paginator.count == 0
    assert list(shown["filter"].form.errors) == ["currency"]


def test_only_actions_of_the_reader_are_offered(contracts):
    assert [button.label for button in listed()["buttons"]] == ["Do it"]


def test_the_table_names_rows_boxes_and_sorting(contracts, rf):
    shown = listed()
    table = shown["table"].as_html(asked(Contracts))
    assert 'aria-sort="ascending"' in table
    assert f'value="{contracts[1].pk}"' in table
    assert 'data-amount="10.5000" data-currency="EUR"' in table
    assert 'aria-label="Select C-0"' in table
    assert '<th role="rowheader" scope="row" class="stack-title">C-0</th>' in table


def test_a_canonical_filter_ignores_page_sort_and_order_of_parameters():
    assert canonical(QueryDict("b=2&a=1&page=3&sort=x&select=all")) == "a=1&b=2"


def test_ticked_rows_are_acted_on_and_success_is_said(contracts):
    response = answer(Rename, {"row": [contracts[0].pk, contracts[1].pk], "filter": "currency=EUR"})
    assert (response.status_code, response["Location"]) == (302, "/admin/?currency=EUR")
    assert ProjectContract.objects.filter(name="Renamed").count() == 2


def everything(**changes: Any) -> dict[str, Any]:
    return {
        "scope": "filter",
        "filter": "currency=EUR",
        "expect_count": "3",
        "expect_sum": "EUR:121.0000",
    } | changes


def test_all_that_match_leaves_out_what_was_unticked(contracts):
    shown = [contract.pk for contract in contracts[:3]]
    assert answer(Rename, everything(shown=shown, row=shown[1:])).status_code == 302
    assert set(ProjectContract.objects.filter(name="Renamed").values_list("pk", flat=True)) == set(shown[1:])


@pytest.mark.parametrize(
    "changes", [{"expect_count": "4"}, {"expect_sum": "EUR:120.99"}, {"expect_count": ""}]
)
def test_a_selection_that_moved_changes_nothing_and_shows_both_sides(contracts, changes):
    response = answer(Rename, everything(**changes))
    assert response.status_code == 409
    assert ProjectContract.objects.filter(name="Renamed").count() == 0
    assert 'name="expect_count" value="3"' in response.content.decode()


def test_a_row_that_is_gone_is_a_drift(contracts):
    page = Contracts()
    page.setup(asked(Contracts))
    with pytest.raises(Drift) as drift:
        page.get_selection(QueryDict(f"row={contracts[0].pk}&row=999999"))
    assert (drift.value.expected_count, drift.value.actual_count) == (2, 1)


@pytest.mark.parametrize(
    "post", [{"row": "x"}, {"row": "9" * 99}, everything(expect_sum="EUR:NaN"), {"token": "\0"}]
)
def test_hostile_selections_are_bad_requests(contracts, post):
    with pytest.raises(SuspiciousOperation):
        answer(Rename, {"row": contracts[0].pk} | post)


def test_refusals_are_listed_with_their_way_out_and_nothing_changes(contracts):
    class Refusing(Rename):
        refusals = [Refusal("on-hold", "waits for the customer.", "C-1", "Release the hold.")]

    response = answer(Refusing, {"row": contracts[0].pk})
    body = response.content.decode()
    assert response.status_code == 422
    for words in ("C-1", "waits for the customer.", "Release the hold.", "on-hold"):
        assert words in body


def test_a_form_counts_once_however_often_it_arrives(contracts):
    reader = rows.user()
    post = {"row": contracts[0].pk, "token": "t" * 32}
    first = answer(Rename, post, reader)
    ProjectContract.objects.update(name="Changed since")
    second = answer(Rename, post, reader)
    assert (first.status_code, second.status_code) == (302, 302)
    assert second["Location"] == first["Location"]
    assert ProjectContract.objects.filter(name="Renamed").count() == 0


def test_a_token_with_other_content_or_of_another_person_is_refused(contracts):
    reader = rows.user()
    answer(Rename, {"row": contracts[0].pk, "token": "t"}, reader)
    assert answer(Rename, {"row": contracts[1].pk, "token": "t"}, reader).status_code == 409
    assert answer(Rename, {"row": contracts[0].pk, "token": "t"}, rows.user()).status_code == 409


def test_a_refused_form_may_be_sent_again(contracts):
    class Refusing(Rename):
        refusals = [Refusal("on-hold", "waits.")]

    answer(Refusing, {"row": contracts[0].pk, "token": "t"})
    assert FormToken.objects.count() == 0


def test_one_thing_is_found_by_its_number_among_what_may_be_seen(contracts):
    class Contract(Allowed, DetailPage):
        permission, title, template_name = "view", "Contract", "refused.html"
        slug_field = slug_url_kwarg = "number"

        def get_queryset(self):
            return ProjectContract.objects.filter(currency="USD")

    page = Contract.as_view()
    assert page(asked(Contract), number="C-2").status_code == 200
    for hostile in ({"number": "C-1"}, {"number": "\0"}, {"pk": "x"}, {"pk": "9" * 40}):
        with pytest.raises(Http404):
            page(asked(Contract), **hostile)


class NameForm(forms.Form):
    name = forms.CharField(max_length=5, help_text="Short")


def test_a_field_that_an_action_cannot_read_is_a_reason_and_nothing_changes(contracts):
    class NameAll(Rename):
        form_class = NameForm

    response = answer(NameAll, {"row": contracts[0].pk, "name": "too long"})
    body = response.content.decode()
    assert response.status_code == 422
    for words in ("invalid-name", "Ensure this value has at most 5 characters"):
        assert words in body
    assert not ProjectContract.objects.filter(name="Renamed").exists()


class Naming(Allowed, FormPage):
    permission, title, form_class, success_message = "do", "Naming", NameForm, "Named"
    cancel_url = "/admin/"

    def form_valid(self, form):
        return self.answer(lambda: self.refuse_name(form.cleaned_data["name"]), form)

    def refuse_name(self, name):
        raise Refused([Refusal("taken", "is taken.", name)])


def test_a_form_with_an_error_comes_back_filled_and_names_the_field(contracts):
    response = answer(Naming, {"name": "too long"})
    body = response.content.decode()
    assert response.status_code == 422
    assert 'value="too long"' in body
    assert 'href="#id_name"' in body
    assert 'aria-describedby="id_name_helptext id_name_error"' in body


def test_a_refused_form_keeps_what_was_typed(contracts):
    body = answer(Naming, {"name": "Alice"}).content.decode()
    assert 'value="Alice"' in body
    assert "is taken." in body


@pytest.mark.parametrize(
    ("post", "address", "cookie"),
    [
        ({"theme": "dark", "next": "/backlog/"}, "/backlog/", "dark"),
        ({"theme": "pink", "next": "//evil.example/"}, "/", None),
    ],
)
def test_a_theme_is_remembered_and_nobody_is_sent_elsewhere(post, address, cookie):
    response = set_theme(RequestFactory().post("/", post))
    assert response["Location"] == address
    assert (response.cookies["theme"].value if "theme" in response.cookies else None) == cookie

"""Every list page is held: found through the addresses of the tree, none has to be registered here.

Each has a filter set, a table and a permission that some role holds; strangers are refused; and its number of
statements is a figure in query_budgets.json that does not grow with the rows. A change of a figure is a
decision: UPDATE_QUERY_BUDGETS=1 python3 dev.py test tests/architecture/test_list_pages.py
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_filters import FilterSet

from core.pages import ListPage, ListTable, SelectionAction
from projects.roles import ROLES
from tests.architecture.many_rows import add_rows
from tests.architecture.source_tree import PACKAGES
from tests.company import Company
from tests.company.people import signed_in

BUDGETS = Path(__file__).with_name("query_budgets.json")
SLACK = 2
# Address name: why a page may do without rows of many.
WITHOUT_ROWS: dict[str, str] = {}


def addressed(resolver: URLResolver) -> Iterator[URLPattern]:
    """Every address of the tree, those of included modules too."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from addressed(each)
        else:
            yield each


def list_pages() -> dict[str, type[ListPage]]:
    """List pages by address name."""
    views = {each.name: getattr(each.callback, "view_class", None) for each in addressed(get_resolver())}
    return {
        name: view
        for name, view in views.items()
        if name and isinstance(view, type) and issubclass(view, ListPage)
    }


def descendants(cls: type) -> Iterator[type]:
    for each in cls.__subclasses__():
        yield each
        yield from descendants(each)


PAGES = list_pages()
each_page = pytest.mark.parametrize("name", sorted(PAGES))


def statements_of(client: Client, name: str) -> tuple[int, int, str]:
    """How many statements the whole list takes, how many rows it has, and the statements themselves."""
    address = f"{reverse(name)}?all=1"
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200, name
    said = "\n".join(query["sql"] for query in captured.captured_queries)
    return len(captured), len(response.context["table"].rows), said


def unaddressed(declared: Iterable[type], pages: Iterable[type]) -> list[str]:
    """List pages of the product that name themselves and cannot be reached."""
    ours = (page for page in declared if page.__module__.split(".")[0] in PACKAGES)
    return sorted(page.__name__ for page in ours if getattr(page, "url_name", "") and page not in pages)


def test_every_list_page_has_an_address() -> None:
    assert unaddressed(descendants(ListPage), list(PAGES.values())) == []
    assert {name: page.url_name for name, page in PAGES.items()} == {name: name for name in PAGES}
    assert len(PAGES) >= 8


def test_list_page_without_an_address_is_found() -> None:
    forgotten = type("Forgotten", (), {"url_name": "forgotten", "__module__": "billing.views.planted"})
    shared = type("Shared", (), {"url_name": "", "__module__": "billing.views.planted"})
    assert unaddressed([forgotten, shared], []) == ["Forgotten"]


@each_page
def test_list_page_declares_filter_table_and_permission(name: str) -> None:
    page = PAGES[name]
    assert issubclass(page.filterset_class, FilterSet)
    assert issubclass(page.table_class, ListTable)
    assert page.table_class.caption
    assert page.title


@each_page
@pytest.mark.django_db
def test_permission_of_list_page_exists_and_some_role_holds_it(name: str) -> None:
    app, _dot, code = PAGES[name].permission.partition(".")
    assert Permission.objects.filter(content_type__app_label=app, codename=code).count() == 1
    assert any(PAGES[name].permission in held for held in ROLES.values())


@each_page
@pytest.mark.django_db
def test_list_page_opens_for_those_who_hold_its_permission_and_for_nobody_else(name: str) -> None:
    at, address = Company.bare(), reverse(name)
    asked_to_sign_in = Client().get(address)
    assert (asked_to_sign_in.status_code, asked_to_sign_in.url) == (
        302,
        f"{reverse('sign-in')}?next={address}",
    )
    for role, held in {**ROLES, "": set()}.items():
        allowed = PAGES[name].permission in held
        response = signed_in(at.person(role)).get(address)
        assert (role, response.status_code) == (role, 200 if allowed else 403)


def in_groups(rows: QuerySet[Any]) -> bool:
    """Whether the statement of these rows has GROUP BY: PostgreSQL then locks no row of it."""
    return bool(rows.query.group_by)


@pytest.mark.django_db
def test_rows_that_actions_change_can_be_locked() -> None:
    user = Company.bare().person(*ROLES)
    acted_on = {each.list_page for each in descendants(SelectionAction) if getattr(each, "list_page", None)}
    selected = {}
    for page in acted_on:
        request = RequestFactory().get("/")
        request.user = user
        selected[page.url_name] = in_groups(page.for_request(request).get_selection(QueryDict("scope=page")))
    assert len(selected) >= 9
    assert {name for name, grouped in selected.items() if grouped} == set()


def test_rows_that_are_counted_with_a_join_are_found() -> None:
    assert in_groups(Permission.objects.annotate(holders=Count("user")))
    assert not in_groups(Permission.objects.all())


@pytest.fixture(scope="module")
def measured(
    django_db_setup: None, django_db_blocker: Any
) -> Iterator[dict[str, list[tuple[int, int, str]]]]:
    """Statements of each page with two rows of each kind and with five."""
    with django_db_blocker.unblock(), transaction.atomic():
        at = Company.bare()
        reader = at.person(*ROLES)
        client = signed_in(reader)
        counted: dict[str, list[tuple[int, int, str]]] = {name: [] for name in PAGES}
        for more in (2, 3):
            add_rows(at, reader, more)
            for name in PAGES:
                counted[name].append(statements_of(client, name))
        yield counted
        transaction.set_rollback(True)


@each_page
@pytest.mark.django_db
def test_statements_do_not_grow_with_the_rows(measured: dict[str, Any], name: str) -> None:
    (few, few_rows, _said), (many, many_rows, said) = measured[name]
    if name not in WITHOUT_ROWS:
        assert 0 < few_rows < many_rows
    assert many == few, said


@pytest.mark.django_db
def test_statements_are_within_the_recorded_budget(measured: dict[str, Any]) -> None:
    counted = {name: measured[name][-1][0] for name in sorted(PAGES)}
    if os.environ.get("UPDATE_QUERY_BUDGETS"):
        BUDGETS.write_text(json.dumps(counted, indent=2) + "\n", encoding="utf-8")
    budgets = json.loads(BUDGETS.read_text(encoding="utf-8"))
    assert set(budgets) == set(counted)
    assert {name: count for name, count in counted.items() if count > budgets[name]} == {}
    # A budget that nobody comes near allows what it should catch.
    assert {name: count for name, count in counted.items() if count < budgets[name] - SLACK} == {}

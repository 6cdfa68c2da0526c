"""Whatever is typed into an address or a form: never a fault of the product, never a changed figure."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django_filters import CharFilter

from billing.models import MilestoneShare, Proforma
from core.pages import ListPage
from projects.models import Approval, BacklogItem, ImportBatch
from projects.roles import ROLES
from tests.architecture.many_rows import reader_of
from tests.pages.conftest import browser
from tests.pages.walking import HOSTILE, Page, all_pages, in_path

LEAVES = {"sign-out", "sign-in", "login", "logout"}
"""These end the session of the walker."""

TECHNICAL = {"sessions", "admin", "axes", "contenttypes"}
"""Apps whose rows say who looked, not what is owed."""

OWN = [page for page in all_pages() if not page.in_admin and page.name not in LEAVES]
ADMIN = [page for page in all_pages() if page.in_admin and page.name not in LEAVES]
FAULT = 500
WORST = ["-1", str(2**64), "\x00", "\u202eabc", "a" * 400, "../../etc", "9999-W53"]


def answered(client: Client, address: str, sent: dict[str, Any] | None = None) -> str:
    """What the product answers; the fault itself where it has one."""
    try:
        with transaction.atomic():
            response = client.get(address) if sent is None else client.post(address, sent)
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is what the test looks for
        return f"{address[:120]}: {type(fault).__name__}: {fault}"[:300]
    return "" if response.status_code < FAULT else f"{address[:120]}: {response.status_code}"


def faults(client: Client, addresses: Iterator[str] | list[str]) -> list[str]:
    return [said for address in addresses if (said := answered(client, address))]


def books() -> dict[str, str]:
    """Everything that is written down in the product, table by table."""
    models = [one for one in apps.get_models() if one._meta.app_label not in TECHNICAL]
    return {
        model._meta.label: serializers.serialize("json", model._default_manager.order_by("pk"))
        for model in models
        if model._meta.label not in ("projects.FormToken", "auth.User")
    }


@pytest.mark.parametrize("role", ROLES)
def test_no_address_of_the_pages_is_a_fault(role, here, there):
    client = browser(reader_of(here, role))
    before = books()
    seen = []
    for page in OWN:
        values = [""] if "<" not in page.route else WORST if page.route.count("<") == 1 else WORST[:3]
        seen += faults(client, page.addresses([in_path(value) for value in values]))
    assert seen == []
    assert books() == before


def parameters(view: type[ListPage]) -> tuple[set[str], set[str]]:
    """What a list may be asked for: names that take any text, and names that take only some."""
    free = {"currency", "week", "person", "weeks", "page", "sort", "per_page", "select", "all"}
    strict: set[str] = set()
    for name, one in view.filterset_class.base_filters.items():
        suffixes = getattr(one.field_class.widget, "suffixes", None) or [""]
        names = {f"{name}_{suffix}".rstrip("_") for suffix in suffixes}
        if type(one) is CharFilter:
            free |= names
        else:
            strict |= names
    return free, strict


def questions(page: Page) -> Iterator[str]:
    """Query strings of a list: every hostile value in all of its free fields, then in all the others."""
    for names in parameters(page.view.view_class):
        yield from ("&".join(f"{name}={in_path(value)}" for name in sorted(names)) for value in HOSTILE)


LISTS = [page for page in OWN if issubclass(getattr(page.view, "view_class", object), ListPage)]


@pytest.mark.parametrize("page", LISTS, ids=[page.name for page in LISTS])
def test_no_question_to_a_list_is_a_fault(page, superuser):
    assert faults(superuser, [f"/{page.route}?{asked}" for asked in questions(page)]) == []


def test_no_question_to_the_overview_is_a_fault(superuser):
    assert faults(superuser, [f"/?currency={in_path(value)}" for value in HOSTILE]) == []


def test_no_lookup_of_the_admin_is_a_fault(superuser):
    values, seen = [in_path(str(2**64)), in_path("\x00")], []
    for page in ADMIN:
        seen += faults(superuser, page.addresses(values if "<" in page.route else [""]))
        if page.name.endswith("_changelist"):
            asked = (f"p={2**64}&o=99.-99.x&q=%00", "nothing__like__this=1", "id__exact=%00")
            seen += faults(superuser, [f"/{page.route}?{query}" for query in asked])
    assert seen == []


def hostile_forms(value: str) -> dict[str, Any]:
    """What a form may hold when somebody wrote it by hand."""
    names = ("row", "filter", "expect_count", "comment", "reason", "quantity", "billable_quantity", "price")
    names += ("billing_type", "date", "day", "project", "task", "role", "mapping", "carried", "legal_entity")
    names += (
        "invoice_date",
        "business_date",
        "job",
        "go",
        "confirmed",
        "language",
        "theme",
        "next",
        "number",
    )
    return dict.fromkeys(names, value)


@pytest.mark.parametrize("role", ROLES)
def test_no_form_is_a_fault_or_moves_a_figure(role, here, there):
    client = browser(reader_of(here, role))
    before = books()
    seen = []
    for page in OWN:
        for value, scope in ((str(2**64), "page"), ("\x00", "filter"), ("week=9999-W52", "page")):
            sent = {**hostile_forms(value), "scope": scope, "token": f"{page.name}{value}"}
            seen += [answered(client, address, sent) for address in page.addresses([in_path(value)])]
    assert [said for said in seen if said] == []
    assert books() == before


def strangers(there: Any) -> Iterator[str]:
    """Addresses of things of the other company."""
    approval = Approval.objects.get(entry__legal_entity=there.entity)
    batch = ImportBatch.objects.get(legal_entity=there.entity)
    yield reverse("approval-terms", args=[approval.pk])
    yield reverse("change-time", args=[approval.entry_id])
    yield reverse("import", args=[batch.pk])
    yield reverse("submit-import", args=[batch.pk])
    for proforma in Proforma.objects.filter(legal_entity=there.entity):
        yield reverse("proforma", args=[proforma.number])
        yield reverse("proforma-confirm", args=[proforma.number])
        yield reverse("proforma-delete", args=[proforma.number])
        if proforma.customer_invoice_number:
            yield reverse("invoice-pdf", args=[proforma.customer_invoice_number])


@pytest.mark.parametrize("method", ["get", "post"])
def test_things_of_another_company_are_not_there(method, superuser, there):
    before = books()
    answers = {
        address: getattr(superuser, method)(address, {"comment": "x", "go": "1"}).status_code
        for address in strangers(there)
    }
    assert {code for code in answers.values() if code not in (404, 405)} == set(), answers
    assert books() == before


@pytest.mark.parametrize("role", ROLES)
def test_rows_of_another_company_cannot_be_selected(role, here, there):
    client = browser(reader_of(here, role))
    before = books()
    rows = {
        "approve-entries": Approval.objects.filter(entry__legal_entity=there.entity),
        "send-back-entries": Approval.objects.filter(entry__legal_entity=there.entity),
        "submit-entries": there.entity.entries.all(),
        "delete-entries": there.entity.entries.all(),
        "backlog-ready": BacklogItem.objects.filter(contract__legal_entity=there.entity),
        "milestones-ready": MilestoneShare.objects.filter(
            milestone__contract_line__contract__legal_entity=there.entity
        ),
        "proformas-confirm": Proforma.objects.filter(legal_entity=there.entity),
    }
    answers = {
        name: client.post(
            reverse(name), {"row": [row.pk for row in rows_there], "comment": "x", "go": "1"}
        ).status_code
        for name, rows_there in rows.items()
    }
    assert set(answers.values()) <= {403, 409}, answers
    assert books() == before

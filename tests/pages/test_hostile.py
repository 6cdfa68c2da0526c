"""Whatever is typed into an address or a form: never a fault of the server, never a changed figure."""

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
from projects.models import (
    Approval,
    BacklogItem,
    CancellationJournal,
    CorrectionJournal,
    EntryJournal,
    ImportBatch,
    WorkItem,
)
from projects.roles import ROLES
from tests.company.people import signed_in
from tests.pages.walking import HOSTILE, Route, in_path, routes

pytestmark = pytest.mark.slow

LEAVES = {"sign-out", "sign-in", "login", "logout"}
"""These end the session of the walker."""

TECHNICAL = {"sessions", "admin", "axes", "contenttypes"}
"""Apps whose rows say who looked, not what is owed."""

OWN = [route for route in routes() if not route.in_admin and route.name not in LEAVES]
ADMIN = [route for route in routes() if route.in_admin and route.name not in LEAVES]
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
    """Everything that is written down, table by table."""
    models = [one for one in apps.get_models() if one._meta.app_label not in TECHNICAL]
    return {
        model._meta.label: serializers.serialize("json", model._default_manager.order_by("pk"))
        for model in models
        if model._meta.label not in ("projects.FormToken", "auth.User")
    }


@pytest.mark.parametrize("role", ROLES)
def test_no_address_of_the_pages_is_a_fault(role, here, there):
    client = signed_in(here.person(role))
    before = books()
    findings = []
    for route in OWN:
        values = [""] if "<" not in route.pattern else WORST if route.pattern.count("<") == 1 else WORST[:3]
        findings += faults(client, route.addresses([in_path(value) for value in values]))
    assert findings == []
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


def questions(route: Route) -> Iterator[str]:
    """Query strings of a list: every hostile value in all of its free fields, then in all the others."""
    for names in parameters(route.view.view_class):
        yield from ("&".join(f"{name}={in_path(value)}" for name in sorted(names)) for value in HOSTILE)


LISTS = [route for route in OWN if issubclass(getattr(route.view, "view_class", object), ListPage)]


@pytest.mark.parametrize("route", LISTS, ids=[route.name for route in LISTS])
def test_no_question_to_a_list_is_a_fault(route, superuser):
    assert faults(superuser, [f"/{route.pattern}?{asked}" for asked in questions(route)]) == []


def test_no_question_to_the_overview_is_a_fault(superuser):
    assert faults(superuser, [f"/?currency={in_path(value)}" for value in HOSTILE]) == []


def test_no_lookup_of_the_admin_is_a_fault(superuser):
    values, findings = [in_path(str(2**64)), in_path("\x00")], []
    for route in ADMIN:
        findings += faults(superuser, route.addresses(values if "<" in route.pattern else [""]))
        if route.name.endswith("_changelist"):
            asked = (f"p={2**64}&o=99.-99.x&q=%00", "nothing__like__this=1", "id__exact=%00")
            findings += faults(superuser, [f"/{route.pattern}?{query}" for query in asked])
    assert findings == []


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
    client = signed_in(here.person(role))
    before = books()
    findings = []
    for route in OWN:
        for value, scope in ((str(2**64), "page"), ("\x00", "filter"), ("week=9999-W52", "page")):
            sent = {**hostile_forms(value), "scope": scope, "token": f"{route.name}{value}"}
            findings += [answered(client, address, sent) for address in route.addresses([in_path(value)])]
    assert [said for said in findings if said] == []
    assert books() == before


def strangers(there: Any) -> Iterator[str]:
    """Addresses of things of the other company."""
    approval = Approval.objects.filter(entry__legal_entity=there.entity).order_by("pk").first()
    batch = ImportBatch.objects.get(legal_entity=there.entity)
    yield reverse("approval-terms", args=[approval.pk])
    yield reverse("change-time", args=[approval.entry_id])
    yield reverse("import", args=[batch.pk])
    yield reverse("submit-import", args=[batch.pk])
    yield from strangers_facts(there, approval)
    for proforma in Proforma.objects.filter(legal_entity=there.entity):
        yield reverse("proforma", args=[proforma.number])
        yield reverse("proforma-confirm", args=[proforma.number])
        yield reverse("proforma-delete", args=[proforma.number])
        if proforma.customer_invoice_number:
            yield reverse("invoice-pdf", args=[proforma.customer_invoice_number])


def strangers_facts(there: Any, approval: Approval) -> Iterator[str]:
    """Addresses of journals and facts of the other company."""
    own = {"legal_entity": there.entity}
    yield reverse("correction", args=[CorrectionJournal.objects.get(**own).pk])
    journal = EntryJournal.objects.filter(**own).first()
    yield from (
        reverse(name, args=[journal.pk]) for name in ("entry-journal", "add-journal-line", "confirm-journal")
    )
    cancellation = CancellationJournal.objects.get(**own)
    for name in ("cancellation", "confirm-cancellation", "discard-cancellation"):
        yield reverse(name, args=[cancellation.pk])
    yield reverse("trace-entry", args=[approval.entry_id])
    yield reverse("trace-work", args=[WorkItem.objects.filter(**own).first().pk])


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
    client = signed_in(here.person(role))
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
            reverse(name), {"row": [row.pk for row in chosen], "comment": "x", "go": "1"}
        ).status_code
        for name, chosen in rows.items()
    }
    assert set(answers.values()) <= {403, 409}, answers
    assert books() == before

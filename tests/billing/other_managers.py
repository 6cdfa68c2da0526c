"""Every address of billing that acts, about one contract, and the forms that its manager sends there."""

from collections.abc import Callable, Iterator
from typing import Any

from django.test import Client
from django.urls import reverse

from billing.models import (
    BatchRun,
    Discount,
    InvoiceLine,
    InvoiceLineDetail,
    InvoiceSchedule,
    Milestone,
    MilestoneShare,
    Proforma,
    Removal,
    Retainer,
    Retention,
)
from core.pages import SelectionAction
from projects.models import BacklogItem, ContractLine, PrepaidHours, ProjectContract
from tests.pages.forms import PageForm, forms_of
from tests.pages.walking import PARAMETER, Route, routes

ROUTES = [
    one for one in routes() if one.view.__module__.startswith("billing.") and hasattr(one.view, "view_class")
]
"""Every address of billing."""

ACTING = [one for one in ROUTES if hasattr(one.view.view_class, "post")]
"""Those that answer a form."""

BY_START: list[tuple[str, Callable[[ProjectContract], Any]]] = [
    ("billing/time-material/", lambda of: BacklogItem.objects.filter(contract=of)),
    ("billing/advances/retention/", lambda of: Retention.objects.filter(line__proforma__contract=of)),
    (
        "billing/advances/prepaid/",
        lambda of: PrepaidHours.objects.filter(contract_line__contract=of),
    ),
    ("billing/advances/", lambda of: Retainer.objects.filter(contract=of)),
    ("runs/", lambda of: BatchRun.objects.filter(outcomes__contract=of)),
    ("schedules/", lambda of: InvoiceSchedule.objects.filter(contract_line__contract=of)),
]
"""What the key of an address names, by what the address begins with."""

OF_PROFORMA: dict[str, Callable[[Proforma], Any]] = {
    "pk": lambda of: InvoiceLineDetail.objects.filter(line__proforma=of),
    "line": lambda of: InvoiceLine.objects.filter(proforma=of),
    "discount": lambda of: Discount.objects.filter(line__proforma=of),
}
"""What the second part of the address of a proforma names."""

PAGES = 3
"""So many pages of each kind are looked at for their forms; every address is tried."""

OF_LIST: dict[str, Callable[[ProjectContract], Any]] = {
    "backlog": lambda of: BacklogItem.objects.filter(contract=of),
    "milestones": lambda of: MilestoneShare.objects.filter(milestone__contract_line__contract=of),
    "advances": lambda of: Retainer.objects.filter(contract=of),
    "contracts": lambda of: ProjectContract.objects.filter(pk=of.pk),
    "proformas": lambda of: Proforma.objects.filter(contract=of),
    "removals-put-back": lambda of: Removal.objects.filter(contract=of),
}
"""What is ticked on a list."""


def addresses(route: Route, of: ProjectContract) -> Iterator[str]:
    """The addresses of a route about a contract: one for each proforma, line, milestone and so on."""
    names = [name for _converter, name in PARAMETER.findall(route.pattern)]
    if not names:
        yield reverse(route.name)
    elif route.pattern.startswith("contracts/"):
        stones = Milestone.objects.filter(contract_line__contract=of) if "milestone" in names else [None]
        for stone in stones:
            yield reverse(route.name, args=[of.number, *([stone.pk] if stone else [])])
    elif route.pattern.startswith("proformas/"):
        for proforma in Proforma.objects.filter(contract=of):
            rows = OF_PROFORMA[names[1]](proforma) if names[1:] else [None]
            for row in rows:
                yield reverse(route.name, args=[proforma.number, *([row.pk] if row else [])])
    elif route.pattern.startswith("projects/"):
        for line in ContractLine.objects.filter(contract=of):
            yield reverse(route.name, args=[line.project_id])
    else:
        rows = next(rows for start, rows in BY_START if route.pattern.startswith(start))
        for row in rows(of).distinct():
            yield reverse(route.name, args=[row.pk])


def forms_sent(owner: Client, of: ProjectContract) -> dict[str, list[dict[str, Any]]]:
    """What the manager of a contract can send to each address: every form of every page, filled in."""
    sent: dict[str, list[dict[str, Any]]] = {}
    for route in ROUTES:
        for address in [*addresses(route, of)][:PAGES]:
            answer = owner.get(address)
            if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
                continue
            for form in forms_of(answer.content.decode(), address):
                for way in form.ways() if form.method == "post" else ():
                    sent.setdefault(way.action.partition("?")[0], []).append(filled(way))
    for route in ACTING:
        ticked = _ticked(route, of)
        for address in addresses(route, of):
            sent.setdefault(address, []).append(ticked)
    return sent


def _ticked(route: Route, of: ProjectContract) -> dict[str, Any]:
    """The rows of a list, where the address acts on those that are ticked, and the answer to a question."""
    view = route.view.view_class
    of_list = view.list_page.url_name if issubclass(view, SelectionAction) else route.name
    rows = OF_LIST.get(of_list)
    return {"go": "1", "scope": "page", "row": [str(row.pk) for row in rows(of)] if rows else []}


def filled(form: PageForm) -> dict[str, Any]:
    """The form with every box ticked and something in every field."""
    data = form.sent()
    for name, value in form.unsent:
        if name in ("row", "item", "share", "accepted"):
            data.setdefault(name, []).append(value)
    choices = {name: value for name, value in reversed(form.unsent) if value}
    return {
        name: values if any(values) else [choices.get(name) or _something(name)]
        for name, values in data.items()
        if name not in ("csrfmiddlewaretoken", "token")
    }


def _something(name: str) -> str:
    if any(part in name for part in ("date", "day", "_on", "-on", "starts", "ends", "until")):
        return "2026-03-31"
    numbers = ("quantity", "price", "amount", "percent", "count", "months")
    return "1" if any(part in name for part in numbers) else "Because"

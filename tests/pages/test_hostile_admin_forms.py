"""Every form of the books, spoilt in every way: a reason in words, never a fault, and nothing has changed.

Journal vouchers, payments, periods, reminders, exports, reports and whatever else accounting has, and terms
of payment: the addresses are those of the product, so that a new one is tried as well. The forms are those of
its pages; a list has one for each of its actions, with its first row. For all ways with each form run it with
WAYS=18.
"""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.test import Client

from core.admin_kit import ReadOnlyAdmin
from tests.architecture.many_rows import add_rows
from tests.company import Company, people
from tests.company.people import signed_in
from tests.pages.forms import PageForm, forms_of
from tests.pages.hostile_forms import Sent, Spoiler
from tests.pages.test_hostile_forms import FAULT, WAYS, Sender
from tests.pages.walking import PARAMETER, Route, routes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

STARTS = ("admin/accounting/", "admin/projects/paymentterms/", "admin/ledger/")
ROUTES = [
    one
    for one in routes()
    if one.pattern.startswith(STARTS)
    and not one.pattern.endswith((".pdf", "history/", "delete/", "<object_id>/", "<path:object_id>/"))
]
PAGES = {
    f"{model._meta.app_label}/{model._meta.model_name}": page
    for model, page in admin.site._registry.items()
    if isinstance(page, ReadOnlyAdmin)
}
MUST_HAVE = {
    "journalvoucher/write/",
    "customerpayment/enter/",
    "fiscalperiod/",
    "financialdimension/",
    "datevsettings/",
    "ledger/taxes/",
    "ledger/audit/",
    "paymentterms/",
}
"""What was left out once."""


def addresses(route: Route) -> Iterator[str]:
    """The addresses of a route: about the first row of its model, once for each of its actions."""
    page = PAGES.get("/".join(route.pattern.split("/")[1:3]))
    row = page.model._default_manager.order_by("pk").first() if page else None
    names = [name for _converter, name in PARAMETER.findall(route.pattern)]
    if names and (page is None or row is None or set(names) - {"key", "object_id", "action"}):
        return
    offered = page.action_classes if page and "action" in names else []
    actions = (
        [one.name for one in offered if (one.on_one if "key" in names else one.on_all)] if offered else [""]
    )
    for action in actions:
        known = {"key": row.pk if row else "", "object_id": row.pk if row else "", "action": action}
        yield "/" + PARAMETER.sub(lambda part, known=known: str(known[part[2]]), route.pattern)


def contents(form: PageForm) -> Iterator[Sent]:
    """What a form would send: of a list once for each of its actions, about its first row."""
    sent = form.sent()
    actions = [value for name, value in form.unsent if name == "action" and value]
    ticked = next((value for name, value in form.unsent if name == "_selected_action"), None)
    if actions and ticked:
        yield from (sent | {"action": [action], "_selected_action": [ticked]} for action in actions)
    elif not actions:
        yield sent


def forms(client: Client) -> Iterator[tuple[str, PageForm, Sent]]:
    """Each kind of form of the books once: the address of its page, the form, what it would send."""
    seen = set()
    for address in (address for route in ROUTES for address in addresses(route)):
        page = client.get(address, follow=True)
        assert page.status_code < FAULT, address
        if not page.headers.get("Content-Type", "").startswith("text/html"):
            continue
        for form in forms_of(page.content.decode(), page.wsgi_request.get_full_path()):
            for sent in contents(form):
                kind = (form.action.partition("?")[0], tuple(sorted(sent)), tuple(sent.get("action", ())))
                is_its = form.action.lstrip("/").startswith(STARTS)
                if is_its and kind not in seen and set(sent) - {"csrfmiddlewaretoken", "language", "next"}:
                    seen.add(kind)
                    yield address, form, sent


def test_no_spoilt_form_of_the_books_is_a_fault_or_changes_anything(
    there: Company,
):
    at = Company()
    add_rows(at, at.person(), 1)
    superuser = signed_in(people.superuser(at.entity))
    spoiler, sender = Spoiler([str(there.contract.pk)]), Sender(superuser)
    findings, reached = [], set()
    for address, form, sent in forms(superuser):
        reached |= {one for one in MUST_HAVE if one in form.action}
        for words, spoilt in spoiler.by_turns(form.action, sent, WAYS):
            if form.method == "post":
                said = sender.finding(form.action, spoilt)
                # The log is closed first, in blocks that hold what is there: no figure changes (record 0023).
                said = "" if "core_activityblock" in said else said
            else:
                answer = superuser.get(f"{form.action.partition('?')[0]}?{urlencode(spoilt, doseq=True)}")
                said = "" if answer.status_code < FAULT else str(answer.status_code)
            if said:
                findings.append(f"{address}, {form.action}, {words}: {said}")
    assert findings == []
    assert reached == MUST_HAVE
    assert spoiler.unmet() == set()

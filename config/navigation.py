"""The sidebar on the left: where a person may go, and how much waits there.

Counts are work waiting for this person, never the size of a table. Nothing is asked of the database until
a page shows the sidebar, and then two questions, with every count in the second one capped. For who stands
in for others, their permissions are asked in addition.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import Exists, Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounting.finding_numbers import kinds_for
from accounting.models import CustomerInvoice
from billing.models import BatchRun, MilestoneShare, Proforma, Retainer
from billing.states import RetainerStatus
from config.books_menu import BOOKS_MENU
from config.places import Counted, Place, Sections
from core.access import enters_admin, may
from projects.approvers import approvable_by
from projects.models import Approval, ApprovalDelegation, BacklogItem, LegalEntity, Resource
from projects.roles import ROLES

MOST = 1000
"""Beyond this a count says nothing more to a person, and costs more than it says."""


def _approvals(user: User) -> QuerySet[Any]:
    return Approval.objects.visible_to(user).decidable_by(user)


def _approvals_of_others_too(user: User) -> QuerySet[Any]:
    return approvable_by(user, timezone.localdate()).decidable_by(user)


def _ready(user: User) -> QuerySet[Any]:
    return BacklogItem.objects.visible_to(user).ready()


def _milestones(user: User) -> QuerySet[Any]:
    return MilestoneShare.objects.visible_to(user).unbilled(timezone.localdate())


def _advances(user: User) -> QuerySet[Any]:
    """Advances that are due and not invoiced yet, and balances that are to go back."""
    today = timezone.localdate()
    due = Retainer.objects.scheduled().due_through(today).exclude(status=RetainerStatus.ON_DRAFT)
    return Retainer.objects.visible_to(user).filter(
        Q(pk__in=due.values("pk")) | Q(pk__in=Retainer.objects.to_refund().values("pk"))
    )


def _uncovered(user: User) -> QuerySet[Any]:
    return Approval.objects.visible_to(user).uncovered().filter(entry__project__customer__isnull=False)


def _drafts(user: User) -> QuerySet[Any]:
    return Proforma.objects.visible_to(user).open()


def _first_invoices(user: User) -> QuerySet[Any]:
    return CustomerInvoice.objects.filter(legal_entity__in=LegalEntity.objects.visible_to(user))


APPROVALS = "approvals"
SET_UP = "setup"
SETTING_UP = Place(_("Set-up"), "list", SET_UP, "projects.set_up_company", _first_invoices)
"""Shown until the first invoice is posted; then nobody needs the list any more."""
COMPANY = Place(_("Company"), "home", SET_UP, "accounting.add_fiscalperiod")
"""The same page from then on, for those who change the company and open its fiscal years."""

MY_WORK = _("My work")

SECTIONS: Sections = [
    (
        "",
        [
            SETTING_UP,
            Place(_("Overview"), "home", "overview"),
            Place(_("My approvals"), "approve", APPROVALS, "projects.approve_entry", _approvals),
        ],
    ),
    (
        MY_WORK,
        [
            Place(_("My time"), "grid", "my-time", "projects.submit_entry"),
            Place(_("My expenses"), "receipt", "expenses", "projects.submit_entry"),
            Place(_("My entries"), "list", "entries", "projects.submit_entry"),
        ],
    ),
    (
        _("Billing"),
        [
            Place(_("Time and material"), "clock", "backlog", "projects.view_backlogitem", _ready),
            Place(_("Fixed-price milestones"), "flag", "milestones", "billing.view_milestone", _milestones),
            Place(_("Advances"), "coins", "advances", "billing.view_retainer", _advances),
            Place(_("Why not invoiced"), "info", "why", "projects.view_backlogitem"),
            Place(_("Proforma invoices"), "document", "proformas", "billing.view_proforma", _drafts),
            Place(_("Customer invoices"), "list", "invoices", "accounting.view_customerinvoice"),
        ],
    ),
    (
        _("Agreements"),
        [
            Place(_("Contracts"), "contract", "contracts", "projects.view_projectcontract"),
            Place(
                _("Work no contract covers"),
                "warning",
                "uncovered",
                "projects.view_projectcontract",
                _uncovered,
            ),
            Place(_("Customers"), "people", "customers", "projects.view_customer"),
            Place(_("Projects"), "folder", "projects", "projects.view_project"),
            Place(_("Price lists"), "tag", "price-lists", "projects.view_pricelist"),
        ],
    ),
    (
        _("Master data"),
        [
            COMPANY,
            Place(_("People"), "person", "people", "auth.view_user"),
            Place(_("Resources"), "people", "resources", "projects.view_resource"),
            Place(_("Billing roles"), "tag", "roles", "projects.view_role"),
            Place(_("Categories"), "list", "categories", "projects.view_transactioncategory"),
        ],
    ),
    (
        _("Journals"),
        [
            Place(_("Actuals"), "coins", "actuals", "projects.view_actual"),
            Place(_("Corrections"), "back", "corrections", "projects.view_correctionjournal"),
            Place(_("Entry journals"), "edit", "entry-journals", "projects.view_entryjournal"),
            Place(_("Cancellations"), "close", "cancellations", "projects.view_cancellationjournal"),
        ],
    ),
    (
        _("Automation"),
        [
            Place(_("Invoice schedules"), "calendar", "schedules", "billing.view_invoiceschedule"),
            Place(_("Batch runs"), "run", "runs", "billing.view_batchrun"),
            Place(_("Imports"), "download", "imports", "projects.import_entry"),
        ],
    ),
]
BOOKS = Place(_("Accounting"), "ledger", "admin:index")
WITH_DOT = "runs"
WHOLE_ADDRESSES = ("overview", BOOKS.url_name)
"""Places whose address is the beginning of others."""


def sidebar(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `navigation`, the sections open to this person, `role`, the first one held, and
    `find_url`, where numbers are looked for."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": [], "role": ""}
    who: Any = SimpleLazyObject(partial(_who, user))
    return {
        "navigation": SimpleLazyObject(lambda: _sections(request, who)),
        "role": SimpleLazyObject(lambda: who["role"]),
        "find_url": SimpleLazyObject(lambda: _find_url(request) if kinds_for(user) else ""),
    }


def _find_url(request: HttpRequest) -> str:
    """The page that looks for a number, among the pages or in the books."""
    is_in_books = request.path.startswith(reverse(BOOKS.url_name))
    return reverse("find-in-books" if is_in_books else "find-number")


def _who(user: User) -> dict[str, Any]:
    """The person's role, whether a run is active, whether the person stands in or records; one question."""
    running = Exists(BatchRun.objects.visible_to(user).unfinished())
    named = ApprovalDelegation.objects.holding_on(timezone.localdate()).filter(stand_in=user)
    # From the user, not from the groups: who has no role has a row as well.
    people = get_user_model().objects.filter(pk=user.pk)
    records = Exists(Resource.objects.filter(user=user))
    rows = list(people.values_list("groups__name", running, Exists(named), records))
    groups = {name for name, *_rest in rows}
    return {
        "role": next((name for name in ROLES if name in groups), ""),
        "running": any(running for _name, running, _stands_in, _records in rows),
        "stands_in": any(stands_in for _name, _running, stands_in, _records in rows),
        "records": any(records for _name, _running, _stands_in, records in rows),
    }


def _counts(user: User, sections: Sections, *, stands_in: bool) -> dict[str, int]:
    """What waits at each place that is open to a person, in one question."""
    waiting = {
        place.url_name: place.waiting
        for _title, places in sections
        for place in places
        if place.waiting and may(user, place.permission)
    }
    if stands_in and APPROVALS in waiting:
        waiting[APPROVALS] = _approvals_of_others_too
    units = {place.url_name: place.unit for _title, places in sections for place in places}
    columns = {
        name: Counted(rows(user).order_by().values(*units[name])[:MOST]) for name, rows in waiting.items()
    }
    if not columns:
        return {}
    counts: Any = get_user_model().objects.filter(pk=user.pk).values(**columns).get()
    return counts


def _sections(request: HttpRequest, who: Any) -> list[dict[str, Any]]:
    # The admin site has a menu of its own; the books and the pages lead to one another.
    in_books = request.path.startswith(reverse(BOOKS.url_name))
    sections: Sections = BOOKS_MENU if in_books else [*SECTIONS, (_("Books"), [BOOKS])]
    counts = _counts(cast(User, request.user), sections, stands_in=who["stands_in"])
    shown: list[dict[str, Any]] = []
    for title, places in sections:
        hidden = SETTING_UP if counts.get(SET_UP) else COMPANY
        # Own work is recorded by those who are a resource; for others the pages have nothing to show.
        hides_own = title == MY_WORK and not who["records"]
        open_places = [] if hides_own else [one for one in places if one is not hidden]
        entries = [entry for place in open_places if (entry := _entry(place, request, who, counts))]
        if entries:
            shown.append({"title": title, "entries": entries})
    here = _here(request.path, [entry["url"] for part in shown for entry in part["entries"]])
    for part in shown:
        for entry in part["entries"]:
            entry["current"] = entry["url"] == here
    return shown


def _here(path: str, addresses: Iterable[str]) -> str:
    """The one entry that a page belongs to: the longest address that its own begins with."""
    whole = {reverse(name) for name in WHOLE_ADDRESSES}
    fitting = (one for one in addresses if path == one or (one not in whole and path.startswith(one)))
    return max(fitting, key=len, default="")


def _entry(place: Place, request: HttpRequest, who: Any, counts: dict[str, int]) -> dict[str, Any] | None:
    if place.permission and not may(request.user, place.permission):
        return None
    if place is BOOKS and not enters_admin(request.user):
        return None
    try:
        url = reverse(place.url_name)
    except NoReverseMatch:
        return None
    return {
        "label": place.label,
        "icon": place.icon,
        "url": url,
        "count": counts.get(place.url_name) if place.waiting else None,
        "dot": _("A run is active") if place.url_name == WITH_DOT and who["running"] else "",
    }

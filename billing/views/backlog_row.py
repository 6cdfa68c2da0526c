"""One row of the backlog: what it is, where its price comes from, what keeps it back, what was done to it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.tables.backlog import contract_stops, exceeded, held_words, standing
from billing.views.backlog import CHANGE, MARK, RERATE, Backlog
from core.models import Activity
from core.money import HUNDRED
from core.pages import DetailPage
from core.people import person_name
from core.templatetags.display import action_label, day, moment, money, percent, quantity, rate
from projects.models import Actual, Approval, BacklogItem, Entry, ProjectContract, WorkItem
from projects.states import (
    BillingStatus,
    BillingType,
    ContractStatus,
    HoldReason,
    NotToExceedStatus,
    PriceUnit,
)
from projects.views.page_defaults import PageDefaults

MOST = 40
Words = str | Promise


class Fact(NamedTuple):
    """A name, what it says, a second line, and where it leads."""

    label: Words
    value: Any
    detail: str = ""
    url: str = ""


class Step(NamedTuple):
    """What somebody did to the work, and what it changed."""

    sentence: str
    at: datetime
    changes: Sequence[tuple[Words, str, str]]


CHANGED: dict[str, Words] = {
    "billing_type": gettext_lazy("Billing type"),
    "hold_reason": gettext_lazy("On hold because"),
    "review_on": gettext_lazy("Look at it again on"),
    "external_description": gettext_lazy("Description on the invoice"),
    "not_to_exceed_status": gettext_lazy("Not to exceed"),
    "sales_price": gettext_lazy("Price"),
    "sales_amount": gettext_lazy("Amount"),
}
NAMED: dict[str, dict[str, Words]] = {
    "billing_type": {one.name.lower(): one.label for one in BillingType},
    "hold_reason": {one.value: one.label for one in HoldReason},
    "not_to_exceed_status": {one.value: one.label for one in NotToExceedStatus},
}


class BacklogRow(PageDefaults, DetailPage):
    """A page of its own for each row, with the actions that its list has."""

    permission, template_name = "projects.view_backlogitem", "billing/backlog_row.html"

    def get_queryset(self) -> Any:
        return BacklogItem.objects.visible_to(self.user).with_everything().select_related("held_by")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Where the row was written again, its successor; where it was billed, the trace of its work."""
        contracts = ProjectContract.objects.visible_to(self.user)
        gone = Actual.objects.filter(
            pk=kwargs["pk"], backlog_item__isnull=True, work_item__contract__in=contracts.values("pk")
        ).first()
        if gone is not None:
            open_rows = Actual.objects.filter(work_item=gone.work_item_id).unbilled_sales().unreversed()
            same = open_rows.filter(quantity=gone.quantity, amount=gone.amount).first()
            address = ("backlog-row", same.pk) if same else ("trace-work", gone.work_item_id)
            return HttpResponseRedirect(reverse(address[0], args=[address[1]]))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        item: BacklogItem = self.object
        back = self.request.GET.get("back", "")
        mine = BacklogItem.objects.changeable_by(self.user).filter(pk=item.pk)
        approval = Approval.objects.select_related("decided_by").filter(work_items=item.work_item_id).first()
        title = f"{day(item.transaction_date)}, {item.work_item.resource or item.printed_description}"  # type: ignore[attr-defined]
        return super().get_context_data(
            title=title,
            crumbs=[(Backlog.title, Backlog.get_url(back)), (title, "")],
            back=back,
            status=standing(item),
            facts=facts_of(item, approval),
            obstacles=obstacles_of(item),
            steps=steps_of(item, approval),
            actions=[
                (label, name, key)
                for label, name, permission, key in ACTIONS
                if mine and self.may(permission) and _fits(name, item)
            ],
            **kwargs,
        )


ACTIONS: Sequence[tuple[Words, str, str, str]] = (
    (gettext_lazy("Price again"), "backlog-reprice", RERATE, ""),
    (gettext_lazy("Describe"), "backlog-describe", CHANGE, ""),
    (gettext_lazy("Billing type"), "backlog-billing-type", CHANGE, "b"),
    (gettext_lazy("Release"), "backlog-release", MARK, ""),
    (gettext_lazy("Hold"), "backlog-hold", MARK, "h"),
    (gettext_lazy("Not ready"), "backlog-not-ready", MARK, "n"),
    (gettext_lazy("Ready"), "backlog-ready", MARK, "r"),
)


def _fits(name: str, item: BacklogItem) -> bool:
    """Whether an action can do anything about the row as it stands."""
    if item.status == BillingStatus.ON_DRAFT:
        return False
    return {
        "backlog-release": bool(item.hold_reason),
        "backlog-hold": not item.hold_reason,
        "backlog-not-ready": item.status == BillingStatus.READY,
        "backlog-ready": item.status == BillingStatus.NOT_READY,
    }.get(name, True)


def facts_of(item: Any, approval: Approval | None) -> list[Fact]:
    """What the row is, in the order in which somebody asks."""
    work: WorkItem = item.work_item
    facts = [
        Fact(_("Contract"), item.contract, str(item.contract_line), _of_contract(item)),
        Fact(_("Paid by"), item.customer, _share(work), reverse("customer", args=[item.customer_id])),
        Fact(_("Project"), item.project, str(work.task or ""), reverse("project", args=[item.project_id])),
        Fact(_("Class"), work.get_transaction_class_display(), str(work.category or work.product or "")),
        Fact(_("Person"), work.resource or "–", str(work.role or "")),
        Fact(_("Quantity"), quantity(item.quantity, work.unit), _recorded(work, item)),
        Fact(_("Price"), rate(item.price), _priced_by(work, approval)),
        Fact(_("Amount"), money(item.amount, item.currency), str(item.get_billing_type_display())),
        Fact(_("Description on the invoice"), item.printed_description or "–", _recorded_words(item)),
    ]
    if work.description:
        facts.append(Fact(_("Internal note"), work.description))
    if item.not_to_exceed_status != NotToExceedStatus.NOT_APPLICABLE:
        facts.append(Fact(_("Not to exceed"), item.get_not_to_exceed_status_display()))
    if item.status == BillingStatus.ON_DRAFT:
        number = item.proforma_number
        facts.append(Fact(_("Draft"), number, "", reverse("proforma", args=[number])))
    if approval is not None and approval.decided_by is not None:
        moment_of = moment(approval.decided_at) if approval.decided_at else ""
        facts.append(Fact(_("Approved by"), person_name(approval.decided_by), moment_of))
    return facts


def _of_contract(item: BacklogItem) -> str:
    return reverse("contract", args=[item.contract.number])


def _share(work: WorkItem) -> str:
    if work.split_percent == HUNDRED:
        return ""
    return _("%(percent)s of the work") % {"percent": percent(work.split_percent)}


def _recorded(work: WorkItem, item: BacklogItem) -> str:
    if work.recorded_hours is None or (work.unit, work.recorded_hours) == (PriceUnit.HOUR, item.quantity):
        return ""
    return _("%(hours)s recorded") % {"hours": quantity(work.recorded_hours, "h")}


def _priced_by(work: WorkItem, approval: Approval | None) -> str:
    if not work.is_priced:
        return _("No price list has a price for it")
    if approval is None or not approval.price_source:
        return ""
    return _("from %(source)s") % {"source": approval.price_source}


def _recorded_words(item: BacklogItem) -> str:
    if not item.external_description:
        return ""
    recorded = item.work_item.external_description or "–"
    return _("recorded as: %(text)s") % {"text": recorded}


def obstacles_of(item: BacklogItem) -> list[tuple[str, str]]:
    """What keeps the row off an invoice, each with where it is cleared."""
    reasons: list[tuple[str, str]] = []
    if item.status == BillingStatus.ON_DRAFT:
        return reasons
    if item.contract.status != ContractStatus.CONFIRMED:
        reasons.append((contract_stops(item.contract), _of_contract(item)))
    if item.customer.is_on_hold:
        words = _("Customer %(customer)s is on hold.") % {"customer": item.customer}
        reasons.append((words, reverse("customer", args=[item.customer_id])))
    if item.not_to_exceed_status == NotToExceedStatus.FAILED:
        reasons.append((exceeded(item), _of_contract(item)))
    if not item.work_item.is_priced:
        reasons.append((_("No price list has a price for it"), reverse("price-lists")))
    if item.hold_reason:
        words = held_words(item)
        if item.held_by is not None and item.held_at is not None:
            facts = {"words": words, "who": person_name(item.held_by), "day": moment(item.held_at)}
            words = _("%(words)s. Put on hold by %(who)s, %(day)s") % facts
        reasons.append((words, ""))
    if not reasons and item.status == BillingStatus.NOT_READY:
        reasons.append((_("Nobody has marked it ready yet."), ""))
    return reasons


def steps_of(item: BacklogItem, approval: Approval | None) -> list[Step]:
    """What was done to the work and its entry, newest first, old and new values included."""
    works, of_entry = WorkItem.objects.filter(pk=item.work_item_id), Q()
    if approval is not None:
        # Work that was priced again had other work items before.
        works = WorkItem.objects.filter(approval__entry=approval.entry_id)
        of_entry = Q(subject_kind=Entry._meta.label_lower, subject_id=approval.entry_id)
    keys = list(works.values_list("pk", flat=True))
    about = Q(subject_kind=WorkItem._meta.label_lower, subject_id__in=keys) | of_entry
    rows = Activity.objects.filter(about).select_related("actor").order_by("-happened_at", "-pk")
    return [_step(row) for row in rows[:MOST]]


def _step(row: Activity) -> Step:
    words = {"who": person_name(row.actor), "action": action_label(row.verb)}
    sentence = _("%(who)s: %(action)s") % words
    if reason := row.facts.get("reason"):
        sentence = _("%(sentence)s, because: %(reason)s") % {"sentence": sentence, "reason": reason}
    changes = [
        (CHANGED[name], _value(name, old), _value(name, new))
        for name, (old, new) in row.changes.items()
        if name in CHANGED
    ]
    return Step(sentence, row.happened_at, changes)


def _value(name: str, text: str) -> str:
    if not text:
        return "–"
    if name == "review_on":
        return day(date.fromisoformat(text))
    return str(NAMED.get(name, {}).get(text, text))

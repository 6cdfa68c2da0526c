"""What needs attention: at most eight things, the worst first, each with the way to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounting.models import IntegrationJournal
from accounting.states import JournalStatus
from billing.models import MilestoneShare, Proforma
from core.access import may
from core.money import ZERO
from core.templatetags.display import day
from projects.models import BacklogItem

MOST = 8
OF_A_KIND = 3
DRAFT_DAYS = 7
OLD_DAYS = 60


@dataclass(frozen=True)
class Notice:
    """One thing to look at: what, where, how much, and the address that shows it."""

    icon: str
    tone: str
    title: str
    detail: str
    url: str
    action: str
    amount: Decimal | None = None
    currency: str = ""


def notices(user: User, run: Any, today: date, now: datetime) -> list[Notice]:
    """The first eight, in the order in which they hold up money; one question per kind."""
    all_notices = (
        notice
        for kind in (
            _asked_reviews(user),
            _failed_run(run),
            _failed_journals(user),
            _without_price_or_old(user, today),
            _to_look_at(user, today),
            _late_milestones(user, today),
            _old_drafts(user, today, now),
        )
        for notice in kind
    )
    return list(islice(all_notices, MOST))


def _asked_reviews(user: User) -> Iterator[Notice]:
    """Somebody waits for this user's answer, and the customer for the invoice."""
    asked = Proforma.objects.visible_to(user).asked_of(user).select_related("customer", "contract")
    for proforma in asked.order_by("pk")[:OF_A_KIND]:
        yield Notice(
            "document",
            "warn",
            _("You are asked to review %(number)s") % {"number": proforma.number},
            f"{proforma.customer}, {proforma.contract}",
            reverse("proforma", args=[proforma.number]),
            _("Review"),
            proforma.gross_amount,
            proforma.currency,
        )


def _failed_run(run: Any) -> Iterator[Notice]:
    if run is None or not run.failed:
        return
    title = ngettext(
        "The run of %(day)s left %(count)s contract without a proforma",
        "The run of %(day)s left %(count)s contracts without a proforma",
        run.failed,
    ) % {"day": day(run.business_date, "short"), "count": run.failed}
    yield Notice("refused", "bad", title, run.name, reverse("run", args=[run.pk]), _("Review"))


def _failed_journals(user: User) -> Iterator[Notice]:
    if not may(user, "accounting.view_integrationjournal"):
        return
    failed = (
        IntegrationJournal.objects.visible_to(user)
        .filter(status=JournalStatus.ERROR)
        .select_related("legal_entity")
    )
    for journal in failed[:OF_A_KIND]:
        yield Notice(
            "refused",
            "bad",
            _("Journal %(number)s could not be posted") % {"number": journal.number},
            str(journal.legal_entity),
            reverse("admin:accounting_integrationjournal_change", args=[journal.pk]),
            _("Review"),
        )


def _without_price_or_old(user: User, today: date) -> Iterator[Notice]:
    """Both come out of one question: the backlog per contract."""
    by = ("contract__number", "contract__customer__name", "currency")
    sums: list[Any] = list(
        BacklogItem.objects.visible_to(user).off_draft().chargeable().summed(*by, today=today)
    )
    unpriced = sorted((row for row in sums if row["unpriced"]), key=lambda row: -row["unpriced"])
    for row in unpriced[:OF_A_KIND]:
        title = ngettext("One entry has no price", "%(count)s entries have no price", row["unpriced"])
        text = title % {"count": row["unpriced"]}
        yield _of_contract(row, "warning", text, "&status=blocked", _("Review"))
    old = [(row["age_90"] + row["age_more"], row) for row in sums]
    old.sort(key=lambda pair: -pair[0])
    until = today - timedelta(days=OLD_DAYS + 1)
    for amount, row in old[:OF_A_KIND]:
        if amount > ZERO:
            text = _("Unbilled for more than 60 days")
            yield _of_contract(row, "hourglass", text, f"&status=open&type=1&to={until}", _("Decide"), amount)


def _to_look_at(user: User, today: date) -> Iterator[Notice]:
    """What somebody put on hold to look at it again by today."""
    held = BacklogItem.objects.visible_to(user).to_look_at(today).order_by().values("currency")
    for row in held.annotate(count=Count("pk"), amount=Sum("amount")).order_by("currency"):
        title = ngettext(
            "One entry on hold is to be looked at again",
            "%(count)s entries on hold are to be looked at again",
            row["count"],
        ) % {"count": row["count"]}
        url = f"{reverse('backlog')}?status=to_look_at&currency={row['currency']}"
        yield Notice("clock", "warn", title, "", url, _("Review"), row["amount"], row["currency"])


def _of_contract(
    row: dict[str, Any], icon: str, title: str, query: str, action: str, amount: Decimal | None = None
) -> Notice:
    where = f"{row['contract__customer__name']}, {row['contract__number']}"
    url = f"{reverse('backlog')}?contract={row['contract__number']}{query}"
    return Notice(icon, "warn", title, where, url, action, amount, row["currency"])


def _late_milestones(user: User, today: date) -> Iterator[Notice]:
    late: QuerySet[MilestoneShare] = MilestoneShare.objects.visible_to(user).overdue(today)
    related = late.select_related("milestone__contract_line__contract", "customer")
    for share in related.order_by("milestone__due_on", "pk")[:OF_A_KIND]:
        contract = share.milestone.contract_line.contract
        yield Notice(
            "flag",
            "warn",
            _("Milestone due %(day)s, not marked ready") % {"day": day(share.milestone.due_on, "short")},
            f"{share.customer}, {contract.number}, {share.milestone}",
            reverse("milestones") + f"?contract={contract.number}",
            pgettext("action", "Open"),
            share.open_amount,
            contract.currency,
        )


def _old_drafts(user: User, today: date, now: datetime) -> Iterator[Notice]:
    old = (
        Proforma.objects.visible_to(user)
        .open()
        .with_net()
        .filter(created_at__lt=now - timedelta(days=DRAFT_DAYS))
    )
    for proforma in old.select_related("customer").order_by("created_at", "pk")[:OF_A_KIND]:
        age = (today - timezone.localdate(proforma.created_at)).days
        yield Notice(
            "document",
            "warn",
            ngettext("Draft waiting for %(count)s day", "Draft waiting for %(count)s days", age)
            % {"count": age},
            f"{proforma.number}, {proforma.customer}",
            reverse("proforma", args=[proforma.number]),
            pgettext("action", "Open"),
            proforma.net,
            proforma.currency,
        )

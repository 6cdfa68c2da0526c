"""Confirming a selection: every document is named before the click, then a run confirms each by itself."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.asking_reviews import remind_reviewers
from billing.bulk_confirming import confirm_in_bulk, request_confirmation
from billing.closed_periods import first_open_day
from billing.models import Proforma
from billing.redating import HeadingChanges, change_headings
from billing.run_estimates import expected_time
from billing.states import DueOutcome, RunKind
from billing.views.confirmation_summary import CurrencySum, Document, Summary, summary_of
from billing.views.proformas import Proformas
from core.pages import ConfirmedAction, SelectionAction
from core.pages.selection import keyed
from core.pages.selection_actions import NOTHING_SELECTED
from core.people import person_name
from core.refusals import Refusal, Refused, refuse_if
from core.templatetags.display import day, money, number
from projects.views.page_defaults import PageDefaults

DRAFT = "billing.draft_proforma"
MANY = 50
"""Beyond this many, whoever confirms a selection types how many there are."""
HANDFUL = 10
"""So many are confirmed while the person waits; more are left to the worker."""


class ConfirmSelected(PageDefaults, ConfirmedAction, SelectionAction):
    """Confirm a selection: every document, customer and amount is named; what is blocked is left out.

    Two of the ways out are buttons of the list, so that the selection and its ticks stay: whoever is asked is
    reminded, and a closed invoice date is set to the first open day.
    """

    permission, list_page = "billing.confirm_proforma", Proformas
    title, template_name = gettext_lazy("Confirm proformas"), "billing/proformas_confirm.html"
    is_over = False
    OWN_FIELDS: ClassVar = {"seen", "accepted", "count", "remind", "open_day"}

    def get_targets(self) -> QuerySet[Proforma]:
        """What was selected and not left out again; the summary of it is kept."""
        selected = super().get_targets()
        out = keyed(selected, self.request.POST.getlist("leave_out"))
        self.left_out = list(selected.filter(pk__in=out).select_related("customer")) if out else []
        chosen = selected.exclude(pk__in=out)
        self.summary = summary_of(chosen, self.user)
        return chosen

    def get_permitted(self, selected: Any) -> Any:
        """Also those that the user was asked about: a second person manages no contract of them."""
        return Proforma.objects.confirmable_by(self.user)

    def process_form(self) -> HttpResponse:
        """Ask, act on the answer, or first do what one of the documents waits for."""
        asked = [name for name in ("remind", "open_day") if name in self.request.POST]
        if asked and self.may(DRAFT):
            return self.clear_the_way(asked[0])
        return super().process_form()

    def clear_the_way(self, name: str) -> HttpResponse:
        """Do what a button beside one document asks for, then show the list anew."""
        way = {"remind": self.remind, "open_day": self.set_open_day}[name]
        # Who was only asked about it confirms it and changes nothing.
        mine = Proforma.objects.changeable_by(self.user).filter(pk__in=self.targets.order_by().values("pk"))
        one = mine.filter(pk__in=keyed(mine, self.request.POST.getlist(name)[:1]))
        refusals: Sequence[Refusal] = ()
        try:
            refuse_if([] if one.exists() else [NOTHING_SELECTED])
            messages.success(self.request, way(one))
        except Refused as refused:
            refusals = refused.refusals
        self.summary = summary_of(self.targets.all(), self.user)
        return self.render_to_response(self.get_context_data(refusals=refusals))

    def remind(self, one: Any) -> str:
        """Write once more to whoever is asked to look at a document."""
        remind_reviewers(one, actor=self.user, at=timezone.now())
        return _("Reminded by mail")

    def set_open_day(self, one: Any) -> str:
        """Give a draft the first open day as its invoice date."""
        draft = one.select_related("legal_entity").get()
        changes = HeadingChanges(invoice_date=first_open_day(draft.legal_entity))
        (changed,) = change_headings(one, changes, actor=self.user, at=timezone.now())
        words = {"number": changed.number, "day": day(changed.invoice_date)}
        return _("The invoice date of %(number)s is %(day)s now.") % words

    def call_verb(self, form: Any) -> Any:
        """Ask for a run over what the user saw, and nothing else; a handful is confirmed at once."""
        refuse_if(unseen(self.summary, self.request.POST))
        run = request_confirmation(
            self.targets,
            accepted=self.request.POST.getlist("accepted"),
            seen_totals=self.summary.seen_totals,
            seen_contents=self.summary.seen_contents,
            on=self.today,
            **self.get_verb_kwargs(form),
        )
        if len(self.summary.allowed) <= HANDFUL:
            confirm_in_bulk(run.pk, clock=timezone.now)
            self.is_over = True
        return run

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The documents, the ticks that were sent, and the words of the button."""
        sent, summary, now = self.request.POST, self.summary, timezone.now()
        ticked = set(sent.getlist("accepted"))
        context = super().get_context_data(**kwargs)
        fields = [one for one in context["sent_fields"] if one[0] not in self.OWN_FIELDS]
        return context | {
            "sent_fields": fields,
            "summary": summary,
            "heading": heading_of(summary),
            "kpis": kpis_of(summary, len(self.left_out)),
            "blocked": [row_left(one, self, now) for one in summary.blocked],
            "left_out": self.left_out,
            "count_left": len(summary.blocked) + len(self.left_out),
            "ticked": ticked,
            "count_ticked": sum(check.tick in ticked for check in summary.warnings),
            "count_to_type": count_to_type(summary),
            "asked": self.ANSWER in sent,
            "button": button_of(summary),
            "takes": expected_time(RunKind.CONFIRMATION, len(summary.allowed)),
            "now": now,
        }

    def get_success_url(self) -> str:
        """The run's own page, which names each of them."""
        return reverse("run", args=[self.result.pk])

    def get_success_message(self) -> str:
        """How many were confirmed, or that it is asked for; the page of the run says what came of each."""
        if self.is_over:
            done = self.result.outcomes.filter(outcome=DueOutcome.CONFIRMED).count()
            words = ngettext("%(count)s proforma confirmed", "%(count)s proformas confirmed", done)
            return words % {"count": number(done)}
        count = len(self.summary.allowed)
        words = ngettext(
            "The confirmation of %(count)s proforma has started",
            "The confirmation of %(count)s proformas has started",
            count,
        )
        return words % {"count": number(count)}


def heading_of(summary: Summary) -> str:
    """What is confirmed, of how many; in words where that is nothing."""
    allowed, count = len(summary.allowed), summary.count
    words = {"allowed": number(allowed), "all": number(count)}
    if not allowed:
        none = ngettext(
            "This proforma cannot be confirmed", "None of these %(all)s proformas can be confirmed", count
        )
        return none % words
    if not summary.count_left:
        return ngettext("Confirm %(all)s proforma", "Confirm %(all)s proformas", count) % words
    return (
        ngettext("Confirm %(allowed)s of %(all)s proforma", "Confirm %(allowed)s of %(all)s proformas", count)
        % words
    )


def kpis_of(summary: Summary, count_out: int) -> list[dict[str, Any]]:
    """The sum of each currency, and how many are left out."""
    left = summary.count_left + count_out
    sums = [
        {
            "label": _in_currency(one),
            "amounts": [(one.gross, one.currency)],
            "detail": [
                _("net %(net)s, tax %(tax)s")
                % {"net": money(one.net, one.currency), "tax": money(one.tax, one.currency)}
                if one.tax
                else _("no tax")
            ],
        }
        for one in summary.sums
    ]
    out = {
        "label": _("Left out"),
        "value": ngettext("%(count)s proforma", "%(count)s proformas", left) % {"count": number(left)},
        "detail": [
            _("they stay as they are, reasons below") if left else _("everything you selected is here")
        ],
    }
    return [*sums, out]


def _in_currency(one: CurrencySum) -> str:
    words = ngettext("%(currency)s, %(count)s proforma", "%(currency)s, %(count)s proformas", one.count)
    return words % {"currency": one.currency, "count": number(one.count)}


def row_left(one: Document, page: ConfirmSelected, at: datetime) -> dict[str, Any]:
    """A document that is blocked, with what this person can do about it here."""
    review, codes, may_draft = one.review, {check.code for check in one.blocking}, page.may(DRAFT)
    waits = may_draft and one.waits_for_another(page.user)
    return {
        "one": one,
        "asks": may_draft and review is None and "second-person-needed" in codes,
        "reminds": review.reviewer.first_name or person_name(review.reviewer)
        if waits and review and not one.was_reminded(at)
        else "",
        "reminded": review.reminded_at if waits and review and one.was_reminded(at) else None,
        "open_day": one.open_day if may_draft else None,
    }


def count_to_type(summary: Summary) -> int:
    """How many there are, where that is so many that the user types it; else nothing."""
    count = len(summary.allowed)
    return count if count > MANY else 0


def button_of(summary: Summary) -> str:
    """`Confirm 7 proformas: €36,899.74 and US$23,780.00`."""
    count = len(summary.allowed)
    words = ngettext("Confirm %(count)s proforma: %(sums)s", "Confirm %(count)s proformas: %(sums)s", count)
    *first, last = [money(one.gross, one.currency) for one in summary.sums] or [""]
    sums = _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last
    return words % {"count": number(count), "sums": sums}


def unseen(summary: Summary, post: QueryDict) -> Iterator[Refusal]:
    """What changed since the summary was shown."""
    seen = sorted(post.getlist("seen"))
    if seen != sorted(one.seen for one in summary.sums):
        message = _("The selection or its totals changed since this page was shown.")
        yield Refusal("changed-meanwhile", message, "", _("Look at the new totals, then confirm."))
    expected = count_to_type(summary)
    if expected and post.get("count", "").strip() != str(expected):
        message = _("Type how many proformas you confirm.")
        yield Refusal("count-not-typed", message, "", _("The number is in the heading."))

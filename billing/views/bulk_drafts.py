"""Proformas from many contracts: what would be made and what not, then a run that shows itself at work."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.bulk_drafting import draft_in_bulk, request_drafts
from billing.drafts_ahead import DraftsAhead, Without, drafts_ahead
from billing.forms.bulk_drafts import BulkDraftForm
from billing.marking_ready import mark_ready
from billing.run_estimates import expected_time
from billing.states import DueOutcome, RunKind
from billing.stays_behind import Behind, nothing_ready
from billing.views.contracts import Contracts
from billing.views.drafts import sums_in_words, totals_of
from core.pages import ConfirmedAction, SelectionAction, Total
from core.people import person_name
from core.refusals import Refusal, Refused
from core.templatetags.display import day, number
from projects.models import BacklogItem
from projects.querysets import BacklogQuerySet
from projects.states import ContractStatus
from projects.views.page_defaults import PageDefaults

MARK_READY = "mark_ready"
HANDFUL = 3
"""So many contracts are drafted while the person waits; more are left to the worker."""
MOST_ROWS = 300


class DraftContracts(PageDefaults, ConfirmedAction, SelectionAction):
    """Create proformas from the contracts that were ticked, or from all that match (B5)."""

    permission, list_page = "billing.draft_proforma", Contracts
    title, form_class = gettext_lazy("Create proformas"), BulkDraftForm
    template_name = "billing/contracts_draft.html"
    is_over = False

    def get_initial(self) -> dict[str, Any]:
        """Today, where the legal entity is, unless the user says otherwise."""
        return {"cut_off": self.today, "invoice_date": self.today}

    def call_verb(self, form: BulkDraftForm) -> Any:
        """Ask for the run; what is soon done is done at once, so that the result is there."""
        run = request_drafts(self.targets, **form.cleaned_data, **self.get_verb_kwargs(form))
        if run.due_count <= HANDFUL:
            draft_in_bulk(run.pk, clock=timezone.now)
            self.is_over = True
        return run

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What would be drafted with the days of the form, and what would not, each with its reason."""
        context = super().get_context_data(**kwargs)
        # A button is pressed once: the next form is not to press it again.
        context["sent_fields"] = [one for one in context["sent_fields"] if one[0] != MARK_READY]
        days = context["form"].days()
        count = self.targets.count()
        context |= {"count": count, "is_long": count > HANDFUL}
        if days is None:
            return context
        cut_off, invoice_date = days
        ahead = drafts_ahead(self.targets, invoice_date, cut_off=cut_off)
        unready = totals_waiting(self.unready(cut_off)) if self.may("billing.mark_ready") else []
        return context | {
            "unready": unready,
            "count_unready": sum(total.count for total in unready),
            "takes": expected_time(RunKind.CONTRACTS, count),
            "ahead": ahead,
            "shown": ahead.made[:MOST_ROWS],
            "more": max(len(ahead.made) - MOST_ROWS, 0),
            "totals": totals_of(ahead.made),
            "without": [_words_of(one, day(cut_off)) for one in ahead.without[:MOST_ROWS]],
            "heading": heading_of(ahead),
        }

    def ahead(self) -> str:
        """How many proformas of how many contracts the page proposes, and their net, for a button."""
        ahead = drafts_ahead(self.targets, self.today, cut_off=self.today)
        if not ahead.made:
            return ""
        return _("Create %(proformas)s from %(contracts)s, %(sums)s") % {
            **counts_of(ahead),
            "sums": sums_in_words(totals_of(ahead.made)),
        }

    def process_form(self) -> HttpResponse:
        """Ask, act on the answer, or mark ready what waits and show the preview with it."""
        if MARK_READY in self.request.POST and self.may("billing.mark_ready"):
            form: Any = self.get_form()
            days = form.days()
            if days is not None:
                return self.mark_ready(form, days[0])
        return super().process_form()

    def mark_ready(self, form: BulkDraftForm, cut_off: dt.date) -> HttpResponse:
        """Mark ready all that may be, up to the last day of the work; the preview then has it."""
        refusals: Sequence[Refusal] = ()
        try:
            marked = mark_ready(self.unready(cut_off), actor=self.user, at=timezone.now())
        except Refused as refused:
            refusals = refused.refusals
        else:
            words = ngettext("%(count)s marked ready", "%(count)s marked ready", marked)
            messages.success(self.request, words % {"count": number(marked)})
        return self.render_to_response(self.get_context_data(form=form, refusals=refusals))

    def unready(self, cut_off: dt.date) -> BacklogQuerySet:
        """What of the confirmed contracts waits for somebody to mark it ready, and may be."""
        confirmed = self.targets.filter(status=ContractStatus.CONFIRMED)
        items = BacklogItem.objects.filter(contract__in=confirmed.order_by().values("pk"))
        return items.due_through(cut_off).markable()

    def get_success_url(self) -> str:
        """The run's own page."""
        return reverse("run", args=[self.result.pk])

    def get_success_message(self) -> str:
        """How many were created, or that it is asked for; the page of the run says what came of each."""
        if self.is_over:
            made = self.result.outcomes.filter(outcome=DueOutcome.CREATED).count()
            words = ngettext("%(count)s proforma created", "%(count)s proformas created", made)
            return words % {"count": number(made)}
        count = self.result.due_count
        words = ngettext(
            "The run over %(count)s contract has started",
            "The run over %(count)s contracts has started",
            count,
        )
        return words % {"count": number(count)}


def totals_waiting(items: BacklogQuerySet) -> Sequence[Total]:
    """How many entries and how much of each currency."""
    sums = items.order_by().values_list("contract__currency").annotate(count=Count("pk"), sum=Sum("amount"))
    return [Total(currency, count, amount) for currency, count, amount in sums.order_by("contract__currency")]


def counts_of(ahead: DraftsAhead) -> dict[str, str]:
    """How many proformas, and from how many contracts."""
    made = len(ahead.made)
    proformas = ngettext("%(count)s proforma", "%(count)s proformas", made) % {"count": number(made)}
    contracts = ngettext("%(count)s contract", "%(count)s contracts", ahead.contracts)
    return {"proformas": proformas, "contracts": contracts % {"count": number(ahead.contracts)}}


def heading_of(ahead: DraftsAhead) -> str:
    """How many proformas, from how many contracts, and how much is left out."""
    words = counts_of(ahead)
    if not ahead.without:
        return _("Preview: %(proformas)s from %(contracts)s") % words
    skipped = number(len(ahead.without))
    return _("Preview: %(proformas)s from %(contracts)s, %(skipped)s left out") % (
        words | {"skipped": skipped}
    )


def _waits(number: str, behind: Behind) -> list[tuple[str, str]]:
    """The lists of what a contract has waiting: entries, milestones, or both."""
    of_contract = f"?{urlencode({'contract': number})}"
    milestones = behind.milestones_later + behind.milestones_not_ready
    lists = [
        (behind.count - milestones, _("Open the entries"), "backlog"),
        (milestones, _("Open the milestones"), "milestones"),
    ]
    return [(label, reverse(name) + of_contract) for count, label, name in lists if count]


def _words_of(one: Without, until: str) -> dict[str, Any]:
    """Why a contract, or one customer of it, gets no proforma, what to do, and who can."""
    contract, customer, refusals, behind = one
    if refusals:
        reasons = [(reason.message, reason.way_out) for reason in refusals]
    else:
        reasons = [nothing_ready(behind, until)]
    manager = contract.manager
    # Who manages a contract confirms and resumes it; customers are released by those who look after them.
    is_of_manager = contract.status != ContractStatus.CONFIRMED or not refusals
    return {
        "contract": contract,
        "customer": customer or contract.customer,
        "reasons": reasons,
        "is_refused": bool(refusals),
        "waits": [] if refusals else _waits(contract.number, behind),
        "who": person_name(manager) if manager and is_of_manager else "",
    }

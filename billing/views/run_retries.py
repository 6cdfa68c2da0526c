"""What failed in a run of a job: reason by reason, with the way out, and tried again one or all (B6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import BatchOutcome, BatchRun
from billing.run_querysets import OutcomeQuerySet
from billing.scheduling import retry_outcomes
from billing.states import DueOutcome, MilestoneStatus, RetainerStatus, RunKind, ScheduleStatus
from core.pages import ActionPage
from projects.models import ProjectContract

WORDS: Mapping[str, str | Promise] = {
    "customer-on-hold": _("The customer is on hold"),
    "contract-not-confirmed": _("The contract is not confirmed"),
    "period-locked": _("The run date lies in a closed period"),
    "payer-missing": _("Who should pay is no payer any more"),
    "rows-are-busy": _("Somebody else worked on it"),
    "changed-meanwhile": _("Somebody changed it in the same moment"),
    "unforeseen-error": _("An unexpected error"),
}
CLOSED = "period-locked"
STILL_DUE = (
    Q(schedule__status=ScheduleStatus.FAILED)
    | Q(milestone_share__status=MilestoneStatus.READY)
    | Q(retainer__status=RetainerStatus.READY)
)


@dataclass(frozen=True)
class FailedGroup:
    """Rows that failed for one reason and are still due: how many, of how many contracts, and what helps."""

    reason: str
    words: str | Promise
    way_out: str
    rows: int
    contracts: int

    @property
    def is_closed(self) -> bool:
        """Whether the first open day helps."""
        return self.reason == CLOSED


def failed_of(run: BatchRun, user: Any) -> OutcomeQuerySet:
    """The failed rows of a run that are still due, of contracts that the user sees."""
    contracts = ProjectContract.objects.visible_to(user).values("pk")
    rows = BatchOutcome.objects.filter(run=run, run__kind=RunKind.DUE, outcome=DueOutcome.FAILED)
    return rows.filter(STILL_DUE, contract__in=contracts)


def failed_groups(run: BatchRun, user: Any) -> list[FailedGroup]:
    """Reasons with the most rows first; one statement."""
    rows = (
        failed_of(run, user)
        .order_by()
        .values("reason")
        .annotate(rows=Count("pk"), contracts=Count("contract", distinct=True), help=Max("way_out"))
    )
    groups = [
        FailedGroup(
            row["reason"],
            WORDS.get(row["reason"], _("Another reason")),
            row["help"],
            row["rows"],
            row["contracts"],
        )
        for row in rows
    ]
    return sorted(groups, key=lambda one: (-one.rows, one.reason))


class RetryForm(forms.Form):
    """Which failed rows: one, those of a reason, or all; `open_day` dates them on the first open day."""

    outcome = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    reason = forms.CharField(required=False, max_length=40)
    open_day = forms.BooleanField(required=False)


class RetryRun(ActionPage):
    """Try rows of a run again that failed: a new run that takes these and no others."""

    permission, title, form_class = "billing.run_batch", _("Try again"), RetryForm
    success_message = _("The run is queued and starts at once")

    def get_queryset(self) -> QuerySet[BatchRun]:
        return BatchRun.objects.visible_to(self.user)

    @property
    def cancel_url(self) -> str:
        """The run that failed."""
        return reverse("run", args=[self.kwargs["pk"]])

    def get_targets(self) -> OutcomeQuerySet:
        """All failed rows of the run; the form chooses among them."""
        return failed_of(self.object, self.user)

    def call_verb(self, form: RetryForm) -> BatchRun:
        """The verb with the rows that were asked for."""
        asked, chosen = form.cleaned_data, self.targets
        if asked["outcome"]:
            chosen = chosen.filter(pk=asked["outcome"])
        if asked["reason"]:
            chosen = chosen.filter(reason=asked["reason"])
        verb = self.get_verb_kwargs(form)
        return retry_outcomes(chosen, uses_next_open_day=asked["open_day"], **verb)

    def get_success_url(self) -> str:
        """The new run."""
        return reverse("run", args=[self.result.pk])

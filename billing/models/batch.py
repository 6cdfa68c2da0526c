"""Batch jobs that people switch on, runs of the clock and of people, and their outcomes (B5, B6, B8)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from billing.models.proforma import Proforma
from billing.models.retainers import Retainer
from billing.models.schedule import InvoiceSchedule, MilestoneShare
from billing.run_querysets import OutcomeQuerySet, RunQuerySet, RunTargetQuerySet
from billing.states import (
    DueOutcome,
    MilestoneStatus,
    RetainerStatus,
    RunKind,
    RunStatus,
    RunTrigger,
    ScheduleStatus,
)
from core.fields import AmountField, StateField
from core.templatetags.display import day
from projects.models import Customer, LegalEntity, ProjectContract
from projects.querysets import OfEntityQuerySet

SILENCE = timedelta(seconds=60)
"""A run without progress for this long has lost its worker; the next one takes it over."""


class BatchJob(models.Model):
    """Create the proformas that are due, every day at a time of the legal entity's clock."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="batch_jobs", verbose_name=_("legal entity")
    )
    is_active = models.BooleanField(_("active"), default=True)
    runs_at = models.TimeField(_("time of day"))
    uses_next_open_day = models.BooleanField(
        _("next open day"),
        default=False,
        help_text=_(
            "Where a run date lies in a closed period, date the proforma on the first open day after it. "
            "Otherwise the run fails there, and somebody decides."
        ),
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch job")
        verbose_name_plural = _("batch jobs")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class BatchRun(models.Model):
    """One run of a job for one business date, or of a person for what was chosen (`RunTarget`).

    `business_date` is the invoice date of what a person's run drafts, and the day on which one confirms;
    `cut_off_date` says up to when work goes in, where a person chose it.
    """

    kind = models.CharField(_("what for"), max_length=12, choices=RunKind.choices, default=RunKind.DUE)
    job = models.ForeignKey(
        BatchJob, models.PROTECT, null=True, blank=True, related_name="runs", verbose_name=_("job")
    )
    business_date = models.DateField(_("for the date"))
    cut_off_date = models.DateField(_("work up to"), null=True, blank=True)
    trigger = models.CharField(_("started"), max_length=8, choices=RunTrigger.choices)
    status = StateField(_("status"), default=RunStatus.QUEUED, choices=RunStatus.choices, protected=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    alive_at = models.DateTimeField(_("last progress"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    due_count = models.PositiveIntegerField(_("due lines"), default=0)
    uses_next_open_day = models.BooleanField(
        _("next open day"),
        default=False,
        help_text=_("Dates the proforma on the first open day where the run date lies in a closed period."),
    )
    retries: "models.ManyToManyField[BatchOutcome, models.Model]" = models.ManyToManyField(
        "BatchOutcome", blank=True, related_name="retried_by", verbose_name=_("tries again")
    )
    message = models.CharField(_("message"), max_length=400, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch run")
        verbose_name_plural = _("batch runs")
        ordering = ["-pk"]
        permissions = [("run_batch", _("Run a batch job by hand"))]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "business_date"],
                condition=models.Q(trigger=RunTrigger.CLOCK),
                name="the_clock_runs_a_job_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["job"], condition=models.Q(status=RunStatus.RUNNING), name="one_active_run_per_job"
            ),
            # What is due is due for a job; what people chose stands in the targets.
            models.CheckConstraint(
                condition=models.Q(kind=RunKind.DUE, job__isnull=False)
                | models.Q(
                    models.Q(kind=RunKind.CONTRACTS, cut_off_date__isnull=False)
                    | models.Q(kind=RunKind.CONFIRMATION),
                    job__isnull=True,
                ),
                name="run_of_a_job_or_of_a_choice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {day(self.business_date)}"

    @property
    def name(self) -> str:
        """The job, or what a person started it for; the job is loaded."""
        return str(self.job or self.get_kind_display())

    @transition(status, source=[RunStatus.QUEUED, RunStatus.RUNNING], target=RunStatus.RUNNING)
    def start(self, *, at: datetime, due_count: int) -> None:
        self.started_at, self.alive_at = self.started_at or at, at
        self.due_count = due_count

    @transition(status, source=RunStatus.QUEUED, target=RunStatus.SKIPPED)
    def skip(self, *, at: datetime) -> None:
        self.finished_at = at

    @transition(status, source=RunStatus.QUEUED, target=RunStatus.FAILED)
    def fail(self, *, at: datetime) -> None:
        self.finished_at = at

    @transition(status, source=RunStatus.RUNNING, target=RunStatus.INTERRUPTED)
    def interrupt(self, *, at: datetime) -> None:
        self.finished_at = at

    @transition(status, source=RunStatus.RUNNING, target=RunStatus.FINISHED)
    def finish(self, *, at: datetime) -> None:
        self.finished_at = at

    @transition(status, source=RunStatus.RUNNING, target=RunStatus.WITH_FAILURES)
    def finish_with_failures(self, *, at: datetime) -> None:
        self.finished_at = at

    @transition(status, source=[RunStatus.QUEUED, RunStatus.RUNNING], target=RunStatus.STOPPED)
    def stop(self, *, at: datetime) -> None:
        """Somebody stopped it: what was done stays, the rest is left as it was."""
        self.finished_at = at


class RunTarget(models.Model):
    """A contract, or a proforma, that a person chose for a run; settled once, whoever works (decision 19).

    For a proforma `accepted` are the ticks of its warnings and `seen_total` is what whoever confirms saw, in
    its currency. `name` is kept, because a draft may be deleted before its turn.
    """

    is_history = True

    run = models.ForeignKey(BatchRun, models.CASCADE, related_name="targets", verbose_name=_("run"))
    contract = models.ForeignKey(
        ProjectContract, models.CASCADE, related_name="+", verbose_name=_("contract")
    )
    proforma = models.ForeignKey(
        Proforma, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("proforma")
    )
    name = models.CharField(_("name"), max_length=160)
    accepted = models.JSONField(_("ticked warnings"), default=list, blank=True)
    seen_total = AmountField(_("total that was seen"), null=True, blank=True)
    # A hash (`seen_contents`); empty where the run was not asked for from a page.
    seen_content = models.CharField(_("content that was seen"), max_length=32, blank=True, editable=False)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    objects = RunTargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target of a run")
        verbose_name_plural = _("targets of runs")
        ordering = ["pk"]
        constraints = [
            # The name of a proforma is its number, that of a contract its own: each is chosen once.
            models.UniqueConstraint(fields=["run", "name"], name="chosen_once_per_run"),
        ]

    def __str__(self) -> str:
        return self.name


class BatchOutcome(models.Model):
    """What a run did about one due schedule row, milestone or retainer; none goes without one (Q2).

    In the run of a person it is about a contract and a customer who pays: `schedule`, `milestone_share`
    and `retainer` are empty. `way_out` says what somebody can do about it.
    """

    is_history = True

    run = models.ForeignKey(BatchRun, models.PROTECT, related_name="outcomes", verbose_name=_("run"))
    schedule = models.ForeignKey(
        InvoiceSchedule,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="outcomes",
        verbose_name=_("schedule"),
    )
    milestone_share = models.ForeignKey(
        MilestoneShare,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="outcomes",
        verbose_name=_("milestone share"),
    )
    retainer = models.ForeignKey(
        Retainer,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="outcomes",
        verbose_name=_("advance"),
    )
    contract = models.ForeignKey(
        ProjectContract, models.CASCADE, related_name="+", verbose_name=_("contract")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    outcome = models.CharField(_("outcome"), max_length=16, choices=DueOutcome.choices)
    proforma = models.ForeignKey(
        Proforma,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="batch_outcomes",
        verbose_name=_("proforma"),
    )
    more_proformas: "models.ManyToManyField[Proforma, models.Model]" = models.ManyToManyField(
        Proforma,
        blank=True,
        related_name="more_batch_outcomes",
        verbose_name=_("more proformas"),
        help_text=_("Those of the other customers who pay for the same contract."),
    )
    reason = models.CharField(_("reason code"), max_length=40, blank=True)
    message = models.CharField(_("message"), max_length=400, blank=True)
    way_out = models.CharField(_("way out"), max_length=200, blank=True)
    happened_at = models.DateTimeField(_("at"))

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = _("outcome of a batch run")
        verbose_name_plural = _("outcomes of batch runs")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "schedule"], name="one_outcome_per_run_and_schedule"),
            models.UniqueConstraint(
                fields=["run", "milestone_share"], name="one_outcome_per_run_and_milestone"
            ),
            models.UniqueConstraint(fields=["run", "retainer"], name="one_outcome_per_run_and_retainer"),
            models.UniqueConstraint(
                fields=["run", "proforma"],
                condition=models.Q(
                    schedule__isnull=True,
                    milestone_share__isnull=True,
                    retainer__isnull=True,
                    proforma__isnull=False,
                ),
                name="one_outcome_per_run_and_proforma",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.get_outcome_display()}"

    @property
    def is_still_due(self) -> bool:
        """Whether a failed row can be tried again; what has run since cannot."""
        if self.outcome != DueOutcome.FAILED:
            return False
        waiting = (
            self.schedule is not None and self.schedule.status == ScheduleStatus.FAILED,
            self.milestone_share is not None and self.milestone_share.status == MilestoneStatus.READY,
            self.retainer is not None and self.retainer.status == RetainerStatus.READY,
        )
        return any(waiting)

    @property
    def proformas(self) -> list[Proforma]:
        """Every proforma it led to, one for each customer who pays; ask the queryset for them before."""
        return [*([self.proforma] if self.proforma else []), *self.more_proformas.all()]

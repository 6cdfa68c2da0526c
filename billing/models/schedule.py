"""When to invoice: frequencies, schedules of time and material, milestones of fixed price (B2, B4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from billing.querysets import MilestoneQuerySet, MilestoneShareQuerySet, ScheduleQuerySet
from billing.states import FrequencyPeriod, MilestoneStatus, ScheduleStatus
from core.fields import AmountField
from core.querysets import SharedQuerySet
from projects.models import ContractLine, ContractLineCustomer, Customer


class InvoiceFrequency(models.Model):
    """A recurrence from which schedules are generated."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    period = models.CharField(_("period"), max_length=10, choices=FrequencyPeriod.choices)
    day_of_month = models.PositiveSmallIntegerField(_("day of the month"), null=True, blank=True)
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), null=True, blank=True, help_text=_("0 is Monday, 6 is Sunday.")
    )
    occurrence = models.SmallIntegerField(
        _("which of the month"),
        null=True,
        blank=True,
        help_text=_("1 to 4, or -1 for the last weekday of the month."),
    )

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice frequency")
        verbose_name_plural = _("invoice frequencies")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(day_of_month__isnull=True)
                | models.Q(day_of_month__gte=1, day_of_month__lte=31),
                name="frequency_day_within_month",
            ),
            models.CheckConstraint(
                condition=models.Q(weekday__isnull=True) | models.Q(weekday__lte=6),
                name="frequency_weekday_within_week",
            ),
            models.CheckConstraint(
                condition=~models.Q(period=FrequencyPeriod.MONTHLY)
                | models.Q(day_of_month__isnull=False)
                | models.Q(weekday__isnull=False, occurrence__isnull=False),
                name="monthly_frequency_names_its_day",
            ),
            models.CheckConstraint(
                condition=models.Q(period=FrequencyPeriod.MONTHLY) | models.Q(weekday__isnull=False),
                name="weekly_frequency_names_its_weekday",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class InvoiceSchedule(models.Model):
    """One run of one time-and-material line: invoice on this day what is dated up to the cut-off."""

    contract_line = models.ForeignKey(
        ContractLine, models.CASCADE, related_name="schedule", verbose_name=_("contract line")
    )
    run_date = models.DateField(_("run date"))
    cut_off_date = models.DateField(_("cut-off date"))
    status = FSMField(
        _("status"), default=ScheduleStatus.NOT_RUN, choices=ScheduleStatus.choices, protected=True
    )

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice schedule")
        verbose_name_plural = _("invoice schedules")
        ordering = ["run_date", "contract_line"]
        indexes = [models.Index(fields=["status", "run_date"], name="schedule_status_run_date")]
        constraints = [
            models.UniqueConstraint(fields=["contract_line", "run_date"], name="line_runs_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(cut_off_date__lte=models.F("run_date")), name="cut_off_not_after_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_line} {self.run_date}"

    @transition(
        status, source=[ScheduleStatus.NOT_RUN, ScheduleStatus.FAILED], target=ScheduleStatus.SUCCESSFUL
    )
    def succeed(self) -> None:
        """It has an invoice, or there was nothing to bill."""

    @transition(status, source=[ScheduleStatus.NOT_RUN, ScheduleStatus.FAILED], target=ScheduleStatus.FAILED)
    def fail(self) -> None:
        """Its contract could not be invoiced; the next run tries again."""


class Milestone(models.Model):
    """A fixed amount that becomes billable on a day; each customer of the line owes a share of it."""

    contract_line = models.ForeignKey(
        ContractLine, models.CASCADE, related_name="milestones", verbose_name=_("contract line")
    )
    name = models.CharField(_("name"), max_length=120)
    external_description = models.CharField(_("description on the invoice"), max_length=500, blank=True)
    due_on = models.DateField(_("date"))
    amount = AmountField(_("amount"))

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return self.name


class MilestoneShare(models.Model):
    """One customer's share of a milestone, and its invoicing status."""

    milestone = models.ForeignKey(
        Milestone, models.CASCADE, related_name="shares", verbose_name=_("milestone")
    )
    line_customer = models.ForeignKey(
        ContractLineCustomer, models.PROTECT, related_name="+", verbose_name=_("line customer")
    )
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("customer"))
    amount = AmountField(_("amount"))
    billed_amount = AmountField(
        _("billed"), default=0, help_text=_("On confirmed proformas, less what corrections took back.")
    )
    # What no confirmed proforma asks for yet, worked out by the database.
    open_amount = models.GeneratedField(
        expression=models.F("amount") - models.F("billed_amount"),
        output_field=AmountField(),
        db_persist=True,
        verbose_name=_("open"),
    )
    # A share that a correction opened again is claimed once more, under the next number.
    claim_number = models.PositiveSmallIntegerField(_("claim"), default=1, editable=False)
    status = FSMField(
        _("status"), default=MilestoneStatus.NOT_READY, choices=MilestoneStatus.choices, protected=True
    )

    objects = MilestoneShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone share")
        verbose_name_plural = _("milestone shares")
        ordering = ["milestone__due_on", "pk"]
        indexes = [models.Index(fields=["status"], name="milestone_share_status")]
        constraints = [
            models.UniqueConstraint(fields=["milestone", "customer"], name="one_share_per_customer"),
            models.CheckConstraint(
                condition=models.Q(billed_amount__gte=0, billed_amount__lte=models.F("amount")),
                name="no_more_billed_than_the_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone} · {self.customer}"

    @transition(status, source=MilestoneStatus.NOT_READY, target=MilestoneStatus.READY)
    def mark_ready(self) -> None:
        """It may enter a draft."""

    @transition(status, source=MilestoneStatus.READY, target=MilestoneStatus.NOT_READY)
    def mark_not_ready(self) -> None:
        """It may not enter a draft."""

    @transition(status, source=MilestoneStatus.READY, target=MilestoneStatus.ON_DRAFT)
    def claim(self) -> None:
        """A draft holds it."""

    @transition(status, source=MilestoneStatus.ON_DRAFT, target=MilestoneStatus.READY)
    def release(self) -> None:
        """It was removed from the draft."""

    @transition(status, source=MilestoneStatus.ON_DRAFT, target=MilestoneStatus.POSTED)
    def bill(self) -> None:
        """Its proforma was confirmed; all that was open is billed."""

    @transition(status, source=MilestoneStatus.POSTED, target=MilestoneStatus.READY)
    def reopen(self) -> None:
        """A correction took some or all of it back, which may be claimed again (decision 7)."""

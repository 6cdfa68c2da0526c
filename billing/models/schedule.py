"""When to invoice: frequencies, schedules of time and material, milestones of fixed price (B2, B4)."""

from dataclasses import replace

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from billing.models.recurrence import RecurrenceFields
from billing.querysets import (
    MilestoneQuerySet,
    MilestoneShareQuerySet,
    SchedulePlanQuerySet,
    ScheduleQuerySet,
)
from billing.recurring import Recurrence
from billing.states import CutOffRule, MilestoneStatus, ScheduleStatus
from core.fields import AmountField, StateField
from core.querysets import SharedQuerySet
from core.templatetags.display import day
from projects.models import ContractLine, ContractLineCustomer, Customer


class InvoiceFrequency(RecurrenceFields):
    """A recurrence with a name, from which schedules are made."""

    name = models.CharField(_("name"), max_length=60, unique=True)

    objects = SharedQuerySet.as_manager()

    class Meta(RecurrenceFields.Meta):
        abstract = False
        verbose_name = _("invoice frequency")
        verbose_name_plural = _("invoice frequencies")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SchedulePlan(RecurrenceFields):
    """How the runs of a time-and-material line recur; its rows are written some time ahead (B4)."""

    contract_line = models.OneToOneField(
        ContractLine, models.CASCADE, related_name="schedule_plan", verbose_name=_("contract line")
    )
    cut_off_rule = models.CharField(
        _("work up to"), max_length=12, choices=CutOffRule.choices, default=CutOffRule.DAY_BEFORE
    )
    starts_on = models.DateField(_("first run from"))
    ends_on = models.DateField(
        _("last run up to"), null=True, blank=True, help_text=_("Empty: as long as the contract.")
    )
    # Apart from the start: a schedule that begins later keeps its weeks and months.
    counted_from = models.DateField(_("weeks and months are counted from"))
    written_through = models.DateField(_("rows are written up to"), null=True, blank=True, editable=False)

    objects = SchedulePlanQuerySet.as_manager()

    class Meta(RecurrenceFields.Meta):
        abstract = False
        verbose_name = _("plan of runs")
        verbose_name_plural = _("plans of runs")
        constraints = [
            *RecurrenceFields.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="plan_ends_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_line} {self.get_period_display()}"

    @property
    def recurrence(self) -> Recurrence:
        """Its days, with the day that weeks and months are counted from."""
        return replace(super().recurrence, counted_from=self.counted_from)


class InvoiceSchedule(models.Model):
    """One run of one time-and-material line: invoice on this day what is dated up to the cut-off."""

    contract_line = models.ForeignKey(
        ContractLine, models.CASCADE, related_name="schedule", verbose_name=_("contract line")
    )
    run_date = models.DateField(_("run date"))
    cut_off_date = models.DateField(_("cut-off date"))
    moved_from = models.DateField(
        _("moved from"),
        null=True,
        blank=True,
        help_text=_("The day it would fall on; no other row is written for that day."),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    status = StateField(
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
            models.UniqueConstraint(
                fields=["contract_line", "moved_from"], name="line_moves_a_day_of_its_schedule_once"
            ),
            models.CheckConstraint(
                condition=models.Q(cut_off_date__lte=models.F("run_date")), name="cut_off_not_after_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_line}, {day(self.run_date)}"

    @transition(
        status, source=[ScheduleStatus.NOT_RUN, ScheduleStatus.FAILED], target=ScheduleStatus.SUCCESSFUL
    )
    def succeed(self) -> None:
        """It has an invoice, or there was nothing to bill."""

    @transition(status, source=[ScheduleStatus.NOT_RUN, ScheduleStatus.FAILED], target=ScheduleStatus.FAILED)
    def fail(self) -> None:
        """Its contract could not be invoiced; the next run tries again."""

    @transition(status, source=[ScheduleStatus.NOT_RUN, ScheduleStatus.FAILED], target=ScheduleStatus.SKIPPED)
    def skip(self) -> None:
        """Somebody decided that this run does not take place; the next one takes its work."""

    @transition(status, source=ScheduleStatus.SKIPPED, target=ScheduleStatus.NOT_RUN)
    def take_up(self) -> None:
        """It takes place after all."""


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
    next_amount = AmountField(
        _("goes next"),
        null=True,
        blank=True,
        help_text=_("What its next invoice asks for, the rest stays for later; empty for all that is open."),
    )
    due_amount = models.GeneratedField(
        expression=Coalesce(models.F("next_amount"), models.F("amount") - models.F("billed_amount")),
        output_field=AmountField(),
        db_persist=True,
        verbose_name=_("asked for next"),
    )
    # A share that a correction opened again is claimed once more, under the next number.
    claim_number = models.PositiveSmallIntegerField(_("claim"), default=1, editable=False)
    status = StateField(
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
            models.CheckConstraint(
                condition=models.Q(next_amount__isnull=True)
                | models.Q(
                    next_amount__gt=0, next_amount__lte=models.F("amount") - models.F("billed_amount")
                ),
                name="next_part_is_open",
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

    @transition(status, source=MilestoneStatus.POSTED, target=MilestoneStatus.NOT_READY)
    def wait_for_rest(self) -> None:
        """A part of it was billed on purpose; the rest waits until somebody says that it is ready."""

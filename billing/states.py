"""The enumerations of billing; values are the words that logs, URLs and CSS show."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProformaStatus(models.TextChoices):
    """Where a proforma stands; from confirmed on it never changes (I1)."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    CONFIRMED = "confirmed", _("Confirmed")
    POSTED = "posted", _("Posted")


class MilestoneStatus(models.TextChoices):
    """The invoicing status of a customer's share of a milestone."""

    NOT_READY = "not_ready", _("Not ready")
    READY = "ready", _("Ready to invoice")
    ON_DRAFT = "on_draft", _("On draft")
    POSTED = "posted", _("Invoiced")


class FrequencyPeriod(models.TextChoices):
    """How often a frequency falls."""

    WEEKLY = "weekly", _("Weekly")
    BIWEEKLY = "biweekly", _("Biweekly")
    MONTHLY = "monthly", _("Monthly")


class ScheduleStatus(models.TextChoices):
    """Whether a schedule row has run; a failed one is tried again."""

    NOT_RUN = "not_run", _("Not run")
    SUCCESSFUL = "run_successful", _("Run successful")
    FAILED = "run_failed", _("Run failed")


class RunKind(models.TextChoices):
    """What a run works through: what a job finds due, or what a person chose."""

    DUE = "due", _("What is due")
    CONTRACTS = "contracts", _("Proformas from contracts")
    CONFIRMATION = "confirmation", _("Confirmation of proformas")


class RunStatus(models.TextChoices):
    """Where a run stands."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")
    WITH_FAILURES = "with_failures", _("Finished with failures")
    SKIPPED = "skipped", _("Skipped: another run was active")
    STOPPED = "stopped", _("Stopped")


class RunTrigger(models.TextChoices):
    """Who started a run."""

    CLOCK = "clock", _("By the clock")
    PERSON = "person", _("By hand")


class DueOutcome(models.TextChoices):
    """What a run did about one due line, or about one contract or proforma that a person chose."""

    CREATED = "created", _("Proforma created")
    CONFIRMED = "confirmed", _("Confirmed")
    NOTHING_TO_BILL = "nothing_to_bill", _("Nothing to bill")
    LEFT_OUT = "left_out", _("Left out")
    FAILED = "failed", _("Run failed")


class Remainder(models.TextChoices):
    """What becomes of the hours that a draft edit takes away (decision 4)."""

    WRITE_OFF = "write_off", _("Write off")
    KEEP = "keep", _("Keep in the backlog")


class SeriesKind(models.TextChoices):
    """What the numbers of a series are given to."""

    PROFORMA = "proforma", _("Proforma invoices")
    CUSTOMER_INVOICE = "customer_invoice", _("Customer invoices")
    INTEGRATION_JOURNAL = "integration_journal", _("Integration journals")
    PROJECT_VOUCHER = "project_voucher", _("Project vouchers")
    INVOICE_VOUCHER = "invoice_voucher", _("Customer invoice vouchers")

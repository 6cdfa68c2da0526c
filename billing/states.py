"""The enumerations of billing; values are the words that logs, URLs and CSS show."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.states import TransactionClass


class ProformaStatus(models.TextChoices):
    """Where a proforma stands; from confirmed on it never changes (I1)."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    CONFIRMED = "confirmed", _("Confirmed")
    POSTED = "posted", _("Posted")


class ReviewOutcome(models.TextChoices):
    """What came of asking somebody to look at a proforma."""

    OPEN = "open", _("Waiting for an answer")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Returned")
    WITHDRAWN = "withdrawn", _("Taken back")
    CONFIRMED = "confirmed", _("Confirmed")


class MilestoneStatus(models.TextChoices):
    """The invoicing status of a customer's share of a milestone."""

    NOT_READY = "not_ready", _("Not ready")
    READY = "ready", _("Ready to invoice")
    ON_DRAFT = "on_draft", _("On draft")
    POSTED = "posted", _("Invoiced")


class RetainerStatus(models.TextChoices):
    """Where a retainer stands; from available on it has been invoiced (B3)."""

    NOT_READY = "not_ready", _("Not ready")
    READY = "ready", _("Ready to invoice")
    ON_DRAFT = "on_draft", _("On draft")
    AVAILABLE = "available", _("Available")
    USED_UP = "used_up", _("Used up")
    TO_REFUND = "to_refund", _("Ready to refund")
    REFUNDED = "refunded", _("Refunded")


class RetainerUse(models.TextChoices):
    """What a detail of a proforma does with a retainer."""

    NONE = "", _("None")
    INVOICE = "invoice", _("Invoice it")
    APPLY = "apply", _("Apply it")
    REFUND = "refund", _("Refund it")


class DetailOrder(models.TextChoices):
    """By what the details of an invoice line are ordered; what is added later comes last."""

    DATE = "date", _("By date")
    PERSON = "person", _("By person")
    TASK = "task", _("By task")
    HAND = "hand", _("By hand")


class FrequencyPeriod(models.TextChoices):
    """How often a frequency falls."""

    WEEKLY = "weekly", _("Weekly")
    BIWEEKLY = "biweekly", _("Every two weeks")
    FOUR_WEEKLY = "four_weekly", _("Every four weeks")
    MONTHLY = "monthly", _("Monthly")
    QUARTERLY = "quarterly", _("Quarterly")
    HALF_YEARLY = "half_yearly", _("Half-yearly")
    YEARLY = "yearly", _("Yearly")


class CutOffRule(models.TextChoices):
    """Up to which day a run takes work."""

    DAY_BEFORE = "day_before", _("Day before the run")
    RUN_DAY = "run_day", _("Day of the run")
    MONTH_BEFORE = "month_before", _("End of the month before")


class ScheduleStatus(models.TextChoices):
    """Whether a schedule row has run; a failed one is tried again, a skipped one never runs."""

    NOT_RUN = "not_run", _("Not run")
    SUCCESSFUL = "run_successful", _("Run successful")
    FAILED = "run_failed", _("Run failed")
    SKIPPED = "skipped", _("Skipped by hand")


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
    INTERRUPTED = "interrupted", _("Interrupted")
    FAILED = "failed", _("Failed before it began")


class RunTrigger(models.TextChoices):
    """Who started a run."""

    CLOCK = "clock", _("Automatic")
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
    PAYMENT_VOUCHER = "payment_voucher", _("Payment vouchers")
    JOURNAL_VOUCHER = "journal_voucher", _("Journal vouchers")


class NotInvoiced(models.TextChoices):
    """Why something is on no invoice yet, in the order in which the reasons are cleared (X2)."""

    NOT_SUBMITTED = "not_submitted", _("Not submitted")
    RETURNED = "returned", _("Sent back")
    WAITS_FOR_APPROVAL = "waits_for_approval", _("Waits for approval")
    PAYER_MISSING = "payer_missing", _("Nobody pays all of it")
    INTERNAL = "internal", _("Internal project")
    NOT_COVERED = "not_covered", _("No contract covers it")
    FIXED_PRICE = "fixed_price", _("Paid by milestones")
    CONTRACT_DRAFT = "contract_draft", _("Contract is a draft")
    CONTRACT_ON_HOLD = "contract_on_hold", _("Contract is on hold")
    CONTRACT_ENDED = "contract_ended", _("Contract has ended")
    PAYER_ON_HOLD = "payer_on_hold", _("Customer is on hold")
    NO_PRICE = "no_price", _("No price")
    OVER_LIMIT = "over_limit", _("Not-to-exceed exceeded")
    ON_HOLD = "on_hold", _("On hold")
    IN_PROCESS = "in_process", _("About to be cancelled")
    NON_CHARGEABLE = "non_chargeable", _("Non-chargeable")
    COMPLIMENTARY = "complimentary", _("Complimentary")
    CLOSED_PERIOD = "closed_period", _("Period is closed")
    NOT_READY = "not_ready", _("Not marked ready")
    RUN_FAILED = "run_failed", _("Its run failed")
    AFTER_CUT_OFF = "after_cut_off", _("After the next cut-off")
    WAITS_FOR_RUN = "waits_for_run", _("Waits for its run")
    NOT_SCHEDULED = "not_scheduled", _("Ready, nothing scheduled")
    TAX_GROUP_MISSING = "tax_group_missing", _("No tax group")
    ON_DRAFT = "on_draft", _("On a draft")
    IN_REVIEW = "in_review", _("In review")
    NOT_POSTED = "not_posted", _("Confirmed, not posted")
    INVOICED = "invoiced", _("Invoiced")


BY_HAND = [TransactionClass.TIME, TransactionClass.EXPENSE, TransactionClass.MATERIAL, TransactionClass.FEE]
"""Classes of lines that are added to drafts by hand; milestones and advances have pages of their own."""

"""Every enumeration of the ground floor; values are the words that logs, URLs and CSS show (DOMAIN 2)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BillingMethod(models.TextChoices):
    TIME_AND_MATERIAL = "time_and_material", _("Time and material")
    FIXED_PRICE = "fixed_price", _("Fixed price")


class TransactionType(models.IntegerChoices):
    """When in its life an actual was written; a reversal is the same type with the opposite sign."""

    COST = 1, _("Cost")
    UNBILLED_SALES = 2, _("Unbilled sales")
    BILLED_SALES = 3, _("Billed sales")
    PROJECT_CONTRACT = 4, _("Project contract")
    INTER_ORGANIZATIONAL_SALES = 5, _("Inter-organizational sales")
    RESOURCING_UNIT_COST = 6, _("Resourcing unit cost")


class TransactionClass(models.TextChoices):
    TIME = "time", _("Time")
    EXPENSE = "expense", _("Expense")
    MATERIAL = "material", _("Material")
    FEE = "fee", _("Fee")
    MILESTONE = "milestone", _("Milestone")
    RETAINER = "retainer", _("Retainer")


class BillingType(models.IntegerChoices):
    CHARGEABLE = 1, _("Chargeable")
    NON_CHARGEABLE = 2, _("Non-chargeable")
    COMPLIMENTARY = 3, _("Complimentary")
    NOT_AVAILABLE = 4, _("Not available")


class BillingStatus(models.TextChoices):
    """Where unbilled sales stand in invoicing; the first three are stored, the last two are derived."""

    NOT_READY = "not_ready", _("Not ready")
    READY = "ready", _("Ready to invoice")
    ON_DRAFT = "on_draft", _("Customer invoice created")
    POSTED = "posted", _("Customer invoice posted")
    CANCELED = "canceled", _("Canceled")


class AdjustmentStatus(models.TextChoices):
    NONE = "", _("None")
    IN_PROCESS = "in_process", _("In process")
    ADJUSTED = "adjusted", _("Adjusted")
    UNADJUSTABLE = "unadjustable", _("Unadjustable")


class Outcome(models.IntegerChoices):
    """How the original of a mirror ended; born with the mirror, blank on every other row."""

    OPEN = 0, _("Open")
    INVOICED = 1, _("Invoiced")
    ADJUSTED = 2, _("Adjusted")
    CANCELED = 3, _("Canceled")


class NotToExceedStatus(models.TextChoices):
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    NOT_EVALUATED = "not_evaluated", _("Not evaluated")
    COMMITTED = "committed", _("Committed")
    FAILED = "failed", _("Not-to-exceed exceeded")


class ContractStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    CONFIRMED = "confirmed", _("Confirmed")
    ON_HOLD = "on_hold", _("On hold")
    COMPLETED = "completed", _("Completed")
    LOST = "lost", _("Lost")


class EntryStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Returned")
    RECALL_REQUESTED = "recall_requested", _("Recall requested")


class ApprovalStatus(models.TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    RECALLED = "recalled", _("Recalled")
    RECALL_REQUESTED = "recall_requested", _("Recall requested")
    RECALL_APPROVED = "recall_approved", _("Recall approved")
    RECALL_REJECTED = "recall_rejected", _("Recall rejected")


class EventKind(models.IntegerChoices):
    """What wrote a set of actuals."""

    APPROVAL = 1, _("Approval")
    CANCELLATION = 2, _("Approval cancelled")
    CONFIRMATION = 3, _("Proforma confirmed")
    CORRECTION = 4, _("Correction confirmed")
    REVALUATION = 5, _("Contract confirmed")
    CONTRACT_LOST = 6, _("Contract lost")


class PriceContext(models.TextChoices):
    COST = "cost", _("Cost")
    SALES = "sales", _("Sales")


class SalesPricing(models.TextChoices):
    PRICE_PER_UNIT = "price_per_unit", _("Price per unit")
    AT_COST = "at_cost", _("At cost")
    MARKUP = "markup", _("Markup over cost")


class TaxKind(models.TextChoices):
    STANDARD = "standard", _("Standard rate")
    EXEMPT = "exempt", _("Exempt")
    REVERSE_CHARGE = "reverse_charge", _("Reverse charge")


class SalesTaxGroupMethod(models.TextChoices):
    """Where the sales tax group of a document comes from (DOMAIN 6.2)."""

    PROJECT = "project", _("Project")
    CONTRACT = "contract", _("Project contract")
    CUSTOMER = "customer", _("Customer")
    SEARCH = "search", _("Search: project, then contract, then customer")


class HoldReason(models.TextChoices):
    NONE = "", _("None")
    WAITING = "waiting", _("Waiting for the customer")
    WRONG_RATE = "wrong_rate", _("Wrong rate")
    DISPUTED = "disputed", _("Disputed")
    OTHER = "other", _("Other")

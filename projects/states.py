"""The enumerations of projects; values are the words that logs, URLs and CSS show."""

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


class TransactionClass(models.TextChoices):
    TIME = "time", _("Time")
    EXPENSE = "expense", _("Expense")
    MATERIAL = "material", _("Material")
    FEE = "fee", _("Fee")
    MILESTONE = "milestone", _("Milestone")


class BillingType(models.IntegerChoices):
    CHARGEABLE = 1, _("Chargeable")
    NON_CHARGEABLE = 2, _("Non-chargeable")
    COMPLIMENTARY = 3, _("Complimentary")
    NOT_AVAILABLE = 4, _("Not available")


class BillingStatus(models.TextChoices):
    """Where open unbilled sales stand in invoicing."""

    NOT_READY = "not_ready", _("Not ready")
    READY = "ready", _("Ready to invoice")
    ON_DRAFT = "on_draft", _("Customer invoice created")


class Outcome(models.IntegerChoices):
    """How the original of a reversal ended: stored on the reversal; open on every other row."""

    OPEN = 0, _("Open")
    INVOICED = 1, _("Invoiced")
    ADJUSTED = 2, _("Adjusted")


class NotToExceedStatus(models.TextChoices):
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    FAILED = "failed", _("Not-to-exceed exceeded")


class ContractStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    CONFIRMED = "confirmed", _("Confirmed")
    ON_HOLD = "on_hold", _("On hold")


class EntryStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Returned")


class ApprovalStatus(models.TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    RECALLED = "recalled", _("Recalled")


class EventKind(models.IntegerChoices):
    """What wrote a set of actuals."""

    APPROVAL = 1, _("Approval")
    CONFIRMATION = 2, _("Proforma confirmed")


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
    """Where the sales tax group of a document comes from (C3)."""

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

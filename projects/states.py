"""The enumerations of projects; values are used in logs, addresses and CSS."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BillingMethod(models.TextChoices):
    """How a contract line is billed: by what was worked, or by milestones."""

    TIME_AND_MATERIAL = "time_and_material", _("Time and material")
    FIXED_PRICE = "fixed_price", _("Fixed price")


class IncrementRule(models.TextChoices):
    """How time is rounded to a multiple of its billing increment."""

    UP = "up", _("Up")
    NEAREST = "nearest", _("Nearest")


class IncrementScope(models.TextChoices):
    """What is rounded to the billing increment: each entry, or all time of a person, day and task."""

    ENTRY = "entry", _("Per entry")
    DAY = "day", _("Per person, day and task")


class TransactionType(models.IntegerChoices):
    """What an actual says; a reversal has the same type with the opposite sign."""

    COST = 1, _("Cost")
    UNBILLED_SALES = 2, _("Unbilled sales")
    BILLED_SALES = 3, _("Billed sales")


class TransactionClass(models.TextChoices):
    """What was reported or billed; entries have the first four classes, a discount lowers what is billed."""

    TIME = "time", _("Time")
    EXPENSE = "expense", _("Expense")
    MATERIAL = "material", _("Material")
    FEE = "fee", _("Fee")
    MILESTONE = "milestone", _("Milestone")
    RETAINER = "retainer", _("Advance")
    DISCOUNT = "discount", _("Discount")
    RETENTION = "retention", _("Retention")

    @classmethod
    def reported(cls) -> "list[tuple[str, str]]":
        """The classes that people report, as choices; the others exist in contracts and on invoices alone."""
        return [(one.value, one.label) for one in (cls.TIME, cls.EXPENSE, cls.MATERIAL, cls.FEE)]


BALANCES = (TransactionClass.RETAINER, TransactionClass.RETENTION)
"""Money that waits and is no work: its open rows are applied or released, never billed (N11, B12)."""

AMOUNTS = (TransactionClass.DISCOUNT, *BALANCES)
"""Amounts alone: a quantity and a price say nothing of them."""

WORKED = (
    TransactionClass.TIME,
    TransactionClass.EXPENSE,
    TransactionClass.MATERIAL,
    TransactionClass.MILESTONE,
)
"""Whose days are the period of a proforma; advances, discounts, retentions and fees only have a date (B7)."""


class BillingType(models.IntegerChoices):
    """Whether a transaction is charged; only chargeable ones are."""

    CHARGEABLE = 1, _("Chargeable")
    NON_CHARGEABLE = 2, _("Non-chargeable")
    COMPLIMENTARY = 3, _("Complimentary")
    NOT_AVAILABLE = 4, _("Not available")


DECIDED_TYPES = (BillingType.CHARGEABLE, BillingType.NON_CHARGEABLE, BillingType.COMPLIMENTARY)
"""What somebody may decide; “not available” is what no contract line includes."""


class BillingStatus(models.TextChoices):
    """Where open unbilled sales stand in invoicing."""

    NOT_READY = "not_ready", _("Not ready")
    READY = "ready", _("Ready to invoice")
    ON_DRAFT = "on_draft", _("On draft")


class ActualBillingStatus(models.TextChoices):
    """Where an actual stands in invoicing: derived from its reversal and its backlog item (matrix 4.5)."""

    NONE = "", _("Not billed")
    NOT_READY = "not_ready", _("Not ready")
    READY = "ready", _("Ready to invoice")
    ON_DRAFT = "on_draft", _("On draft")
    POSTED = "posted", _("Invoiced")
    CANCELLED = "cancelled", _("Cancelled")


class AdjustmentStatus(models.TextChoices):
    """Whether an actual still counts: derived, as the billing status is."""

    NONE = "", _("Not adjusted")
    IN_PROCESS = "in_process", _("In process")
    ADJUSTED = "adjusted", _("Adjusted")
    UNADJUSTABLE = "unadjustable", _("Unadjustable")


class ActualOutcome(models.IntegerChoices):
    """How the original of a reversal ended: stored on the reversal; open on every other row."""

    OPEN = 0, _("Open")
    INVOICED = 1, _("Invoiced")
    ADJUSTED = 2, _("Adjusted")


class NotToExceedStatus(models.TextChoices):
    """Whether an open item fits into the limits that were agreed (A6).

    Not applicable is what is not chargeable or has no limit. What was reset is not evaluated until somebody
    checks it again, and does not count against its limits meanwhile.
    """

    NOT_EVALUATED = "not_evaluated", _("Not evaluated")
    COMMITTED = "committed", _("Committed")
    FAILED = "failed", _("Not-to-exceed exceeded")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


class LimitLevel(models.TextChoices):
    """Where a not-to-exceed limit was agreed, in the order in which limits are checked (A6)."""

    LINE_CUSTOMER = "line_customer", _("customer of the contract line")
    LINE = "line", _("contract line")
    CONTRACT_CUSTOMER = "contract_customer", _("customer of the contract")
    CONTRACT = "contract", _("contract")


class ContractStatus(models.TextChoices):
    """Where a contract stands; only a confirmed one is invoiced (decision 11)."""

    DRAFT = "draft", _("Draft")
    CONFIRMED = "confirmed", _("Confirmed")
    ON_HOLD = "on_hold", _("On hold")
    COMPLETED = "completed", _("Completed")
    LOST = "lost", _("Lost")


ENDED_CONTRACTS = (ContractStatus.COMPLETED, ContractStatus.LOST)
"""No further work resolves to the lines of contracts in these states."""


class WhyUncovered(models.TextChoices):
    """Why no contract line covers a piece of work: what has to change before it does."""

    NO_LINE = "no_line", _("No contract line names the project")
    ENDED = "ended", _("The contract of the project is completed or lost")
    OTHER_CLASS = "other_class", _("No contract line of the project includes this class")
    OTHER_TASK = "other_task", _("The contract lines are limited to other tasks")
    OTHER_DAYS = "other_days", _("Outside the dates of the contract line")


class EntryStatus(models.TextChoices):
    """Where an entry stands between the person who reports it and the approver."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Sent back")
    RECALL_REQUESTED = "recall_requested", _("Asked back")
    CORRECTED = "corrected", _("Corrected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ApprovalStatus(models.TextChoices):
    """What became of one submission of an entry."""

    SUBMITTED = "submitted", _("Submitted")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Sent back")
    RECALLED = "recalled", _("Recalled")
    CANCELLED = "cancelled", _("Cancelled")
    REPLACED = "replaced", _("Replaced")


class RuleKind(models.TextChoices):
    """What a rule of the approval policy looks at; its number is in hours, days or percent (X12)."""

    ABOVE_HOURS = "above_hours", _("more than N hours on one day")
    WEEKEND = "weekend", _("work on a weekend")
    LATE = "late", _("submitted more than N days after the work")
    ABOVE_BUDGET = "above_budget", _("more than N percent of a budget used")
    UNDESCRIBED = "undescribed", _("no description")
    OFF_TEAM = "off_team", _("person not on the team")
    UNPRICED = "unpriced", _("no price")
    UNCOSTED = "uncosted", _("no cost price")
    UP_TO_HOURS = "up_to_hours", _("up to N hours on one day, and no other rule applies")
    BILLABLE_UP_TO = "billable_up_to", _("more than N percent of what was submitted made billable")


class RuleEffect(models.TextChoices):
    """What a rule of the approval policy does with an entry (X12)."""

    FLAG = "flag", _("flag it")
    HOLD = "hold", _("hold it until it is decided individually")
    APPROVE = "approve", _("approve it at once")
    REFUSE = "refuse", _("refuse it")


class EventKind(models.IntegerChoices):
    """What wrote a set of actuals."""

    APPROVAL = 1, _("Approval")
    CONFIRMATION = 2, _("Proforma confirmed")
    CANCELLATION = 3, _("Approval cancelled")
    CORRECTION = 4, _("Correction journal")
    RE_EVALUATION = 5, _("Contract terms applied again")
    LOSS = 6, _("Contract lost")
    RE_RATING = 7, _("Prices applied again")
    ENTRY_JOURNAL = 8, _("Entry journal")
    JOURNAL_CANCELLATION = 9, _("Entry journal cancelled")
    BILLING_TYPE = 10, _("Billing type changed")
    PREPAID_HOURS = 11, _("Prepaid hours counted again")
    EXPIRY = 12, _("Prepaid hours expired")


class EntryJournalStatus(models.TextChoices):
    """Where a journal of typed facts stands."""

    DRAFT = "draft", _("Draft")
    CONFIRMED = "confirmed", _("Confirmed")


class CancellationStatus(models.TextChoices):
    """Where a journal that takes facts back stands."""

    IN_PROCESS = "in_process", _("In process")
    CONFIRMED = "confirmed", _("Confirmed")
    DISCARDED = "discarded", _("Discarded")


class PriceContext(models.TextChoices):
    """Whether a price list says what work costs or what it sells for."""

    COST = "cost", _("Cost")
    SALES = "sales", _("Sales")


class PriceUnit(models.TextChoices):
    """What the price of a role is the price of; a day has as many hours as the contract line says."""

    HOUR = "h", _("per hour")
    DAY = "day", _("per day")


class PriceListState(models.TextChoices):
    """Whether a price list holds today."""

    IN_FORCE = "in_force", _("In force")
    TO_COME = "to_come", _("Not yet in force")
    ENDED = "ended", _("Ended")


class PriceProblem(models.TextChoices):
    """Why a piece of work has no price; empty when it has one."""

    NONE = "", _("Priced")
    NO_PRICE = "no_price", _("No price list has a price for it")
    OTHER_UNIT = "other_unit", _("Its price is for another unit")
    NO_COST = "no_cost", _("It is priced by its cost, which is not known")
    NO_RATE = "no_rate", _("No exchange rate for the currency of its cost")


class SalesPricing(models.TextChoices):
    """How a category of expenses or fees is priced."""

    PRICE_PER_UNIT = "price_per_unit", _("Price per unit")
    AT_COST = "at_cost", _("At cost")
    MARKUP = "markup", _("Markup over cost")


class TaxKind(models.TextChoices):
    """Whether a tax code takes tax; the other two say on the document why they do not."""

    STANDARD = "standard", _("Standard rate")
    EXEMPT = "exempt", _("Exempt")
    REVERSE_CHARGE = "reverse_charge", _("Reverse charge")


class SalesTaxGroupMethod(models.TextChoices):
    """Where the sales tax group of a document comes from (C3)."""

    PROJECT = "project", _("Project")
    CONTRACT = "contract", _("Project contract")
    CUSTOMER = "customer", _("Customer")
    SEARCH = "search", _("Search: project, then contract, then customer")


class TaxDate(models.TextChoices):
    """The day whose rate of sales tax holds (decision 17)."""

    SUPPLY = "supply", _("Date of supply: the day of the work, the due date of a milestone")
    INVOICE = "invoice", _("Invoice date")


class TaxRounding(models.TextChoices):
    """Which way the tax of a code and rate is rounded to the minor unit (M2)."""

    NEAREST = "nearest", _("To the nearest, half away from zero")
    UP = "up", _("Up, away from zero")
    DOWN = "down", _("Down, towards zero")


class HoldReason(models.TextChoices):
    """Why somebody keeps an item out of invoices for now."""

    NONE = "", _("None")
    WAITING = "waiting", _("Waiting for the customer")
    WRONG_RATE = "wrong_rate", _("Wrong rate")
    DISPUTED = "disputed", _("Disputed")
    OTHER = "other", _("Other")


class BudgetMeasure(models.TextChoices):
    """What a budget limits."""

    HOURS = "hours", _("Hours")
    AMOUNT = "amount", _("Money")

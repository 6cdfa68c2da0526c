"""Work items, and the narrow append-only actuals written about them.

What never changes along a chain of actuals is written once, on the work item; an actual is one narrow
row; what it became is read from its reversal and from the row that billed it (A10).
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import AmountField, PercentField, PriceField, QuantityField
from core.templatetags.display import day
from projects.actual_querysets import ActualQuerySet
from projects.models.approval import Approval
from projects.models.contract import ContractLine, ProjectContract
from projects.models.party import Customer, LegalEntity
from projects.models.project import Project, Resource, Role, Task, TransactionCategory
from projects.querysets import OfEntityQuerySet, OfProjectQuerySet
from projects.states import (
    AMOUNTS,
    ActualOutcome,
    BillingType,
    EventKind,
    TransactionClass,
    TransactionType,
)


class ActualEvent(models.Model):
    """One business event that wrote actuals: an approval, a confirmation. It must be sealed to be kept."""

    kind = models.PositiveSmallIntegerField(_("kind"), choices=EventKind.choices)
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="+", db_index=False, verbose_name=_("legal entity")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("actor")
    )
    happened_on = models.DateField(_("date"))
    recorded_at = models.DateTimeField(_("recorded at"))
    # Deferred foreign key: an event that nobody sealed cannot be committed (D2).
    seal = models.ForeignKey(
        "projects.ActualEventSeal",
        models.PROTECT,
        default=uuid.uuid4,
        related_name="+",
        editable=False,
        verbose_name=_("seal"),
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {day(self.happened_on)}"


class ActualEventSeal(models.Model):
    """Closes an event: inserting it runs the conservation check; after it the event takes no more rows."""

    key = models.UUIDField(_("key"), primary_key=True)
    event = models.OneToOneField(ActualEvent, models.PROTECT, related_name="+", verbose_name=_("event"))

    class Meta:
        verbose_name = _("seal of an event")
        verbose_name_plural = _("seals of events")

    def __str__(self) -> str:
        return str(self.key)


class WorkItem(models.Model):
    """One approved line of work, or one billed milestone or manual line, per customer of a contract line.

    `quantity` and `amount` are the sales side as approved, in the contract's currency. No index on the
    describing keys: pages reach work items through actuals and backlog items, which carry the chosen ones.
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="+", db_index=False, verbose_name=_("legal entity")
    )
    event = models.ForeignKey(ActualEvent, models.PROTECT, related_name="work_items", verbose_name=_("event"))
    approval = models.ForeignKey(
        Approval, models.PROTECT, null=True, blank=True, related_name="work_items", verbose_name=_("approval")
    )
    contract = models.ForeignKey(
        ProjectContract,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="work_items",
        db_index=False,
        verbose_name=_("contract"),
    )
    contract_line = models.ForeignKey(
        ContractLine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="work_items",
        db_index=False,
        verbose_name=_("contract line"),
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("customer"),
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="work_items", verbose_name=_("project")
    )
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("task")
    )
    role = models.ForeignKey(
        Role, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("role")
    )
    resource = models.ForeignKey(
        Resource,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("resource"),
    )
    category = models.ForeignKey(
        TransactionCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("category"),
    )
    transaction_class = models.CharField(_("class"), max_length=10, choices=TransactionClass.choices)
    transaction_date = models.DateField(_("date"))
    unit = models.CharField(_("unit"), max_length=10)
    currency = models.CharField(_("currency"), max_length=3)
    cost_currency = models.CharField(_("cost currency"), max_length=3)
    split_percent = PercentField(_("share of the approval in percent"), default=100)
    recorded_hours = QuantityField(
        _("recorded hours"),
        null=True,
        blank=True,
        help_text=_(
            "Shown beside what is billed where the contract line bills time in increments or in days."
        ),
    )
    quantity = QuantityField(_("approved quantity"), default=0)
    amount = AmountField(_("approved amount"), default=0)
    is_priced = models.BooleanField(_("priced"), default=True)
    is_cost_priced = models.BooleanField(_("cost is known"), default=True)
    product = models.CharField(_("product"), max_length=80, blank=True)
    description = models.CharField(_("internal description"), max_length=500, blank=True)
    external_description = models.CharField(_("description on the invoice"), max_length=500, blank=True)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        # Approving looks up a line's month: what its payers had of it so far (decision 8).
        indexes = [models.Index(fields=["contract_line", "transaction_date"], name="work_item_line_and_date")]

    def __str__(self) -> str:
        return f"{day(self.transaction_date)} {self.external_description or self.description}"

    @property
    def about(self) -> str:
        """What the work was about where nobody described it: product, task or category; empty without one.

        Task and category are loaded.
        """
        # Of time the category says nothing that the person and the role do not say.
        category = self.category if self.transaction_class != TransactionClass.TIME else None
        return self.product or str(self.task.name if self.task else category or "")

    @property
    def is_amount_alone(self) -> bool:
        """Whether a quantity and a price say nothing of it."""
        return self.transaction_class in AMOUNTS


class Adjustment(models.Model):
    """By how much an event changed what may be billed of a work item, beyond its approved quantity.

    The seal adds these up: unbilled plus billed rows of an event equal what it approved plus its adjustments.
    """

    event = models.ForeignKey(
        ActualEvent, models.PROTECT, related_name="adjustments", verbose_name=_("event")
    )
    work_item = models.ForeignKey(
        WorkItem, models.PROTECT, related_name="adjustments", verbose_name=_("work item")
    )
    quantity = QuantityField(_("quantity"))
    amount = AmountField(_("amount"))

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        constraints = [
            models.UniqueConstraint(fields=["event", "work_item"], name="one_adjustment_per_event_and_item")
        ]

    def __str__(self) -> str:
        return f"{self.work_item}: {self.quantity.normalize():f}"


class Actual(models.Model):
    """An immutable fact about a work item: its cost, unbilled or billed sales, or a reversal of one of these.

    Cost rows are in the work item's cost currency, sales rows in its currency.
    """

    work_item = models.ForeignKey(
        WorkItem, models.PROTECT, related_name="actuals", verbose_name=_("work item")
    )
    event = models.ForeignKey(ActualEvent, models.PROTECT, related_name="actuals", verbose_name=_("event"))
    type = models.PositiveSmallIntegerField(_("type"), choices=TransactionType.choices)
    billing_type = models.PositiveSmallIntegerField(_("billing type"), choices=BillingType.choices)
    quantity = QuantityField(_("quantity"))
    price = PriceField(_("price"))
    amount = AmountField(_("amount"))
    accounting_date = models.DateField(_("accounting date"))
    # Foreign keys with partial unique constraints, not one-to-one: a row enters one of the two indexes.
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mirror",
        db_index=False,
        verbose_name=_("reverses"),
    )
    bills = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="billed_by",
        db_index=False,
        verbose_name=_("bills"),
    )
    outcome = models.PositiveSmallIntegerField(
        _("outcome of the original"), choices=ActualOutcome.choices, default=ActualOutcome.OPEN
    )

    objects = ActualQuerySet.as_manager()

    class Meta:
        verbose_name = _("actual")
        verbose_name_plural = _("actuals")
        ordering = ["pk"]
        permissions = [("view_cost", _("See what work costs"))]
        constraints = [
            models.UniqueConstraint(
                fields=["reverses"], condition=models.Q(reverses__isnull=False), name="reversed_once"
            ),
            models.UniqueConstraint(
                fields=["bills"], condition=models.Q(bills__isnull=False), name="billed_once"
            ),
            models.CheckConstraint(
                condition=models.Q(reverses__isnull=True, outcome=ActualOutcome.OPEN)
                | (models.Q(reverses__isnull=False) & ~models.Q(outcome=ActualOutcome.OPEN)),
                name="only_a_mirror_says_how_it_ended",
            ),
            models.CheckConstraint(
                condition=models.Q(bills__isnull=True) | models.Q(type=TransactionType.BILLED_SALES),
                name="only_billed_sales_bill",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.quantity.normalize():f} / {self.amount.normalize():f}"

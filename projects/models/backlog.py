"""The backlog: a row for each open unbilled-sales actual, shown by pages and taken by drafts (K3)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import AmountField, QuantityField, StateField
from core.templatetags.display import day, money
from projects.models.actual import Actual, WorkItem
from projects.models.contract import ContractLine, ProjectContract
from projects.models.party import Customer
from projects.models.project import Project
from projects.querysets import BacklogQuerySet
from projects.states import BillingStatus, BillingType, HoldReason, LimitLevel, NotToExceedStatus

LONGEST_DESCRIPTION = 500
"""Characters that a description on the invoice may have."""


class BacklogItem(models.Model):
    """The one mutable row beside an open unbilled-sales actual; triggers insert and delete it.

    It repeats what backlog pages and drafting filter by, so that both run on one index (K3).
    """

    actual = models.OneToOneField(
        Actual, models.PROTECT, primary_key=True, related_name="backlog_item", verbose_name=_("actual")
    )
    # Without a constraint: work items never go. With one, SQLite reads the backlog from end to end for each
    # work item written while an event waits for its seal, as this column has no index.
    work_item = models.ForeignKey(
        WorkItem,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("work item"),
    )
    contract = models.ForeignKey(
        ProjectContract, models.PROTECT, related_name="+", db_index=False, verbose_name=_("contract")
    )
    contract_line = models.ForeignKey(
        ContractLine, models.PROTECT, related_name="backlog_items", verbose_name=_("contract line")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="+", db_index=False, verbose_name=_("customer")
    )
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="+", db_index=False, verbose_name=_("project")
    )
    currency = models.CharField(_("currency"), max_length=3)
    transaction_date = models.DateField(_("date"))
    billing_type = models.PositiveSmallIntegerField(_("billing type"), choices=BillingType.choices)
    quantity = QuantityField(_("quantity"))
    amount = AmountField(_("amount"))
    status = StateField(
        _("status"), default=BillingStatus.NOT_READY, choices=BillingStatus.choices, protected=True
    )
    hold_reason = models.CharField(
        _("on hold because"), max_length=12, choices=HoldReason.choices, blank=True
    )
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("held by"),
    )
    held_at = models.DateTimeField(_("held at"), null=True, blank=True)
    review_on = models.DateField(_("look at it again on"), null=True, blank=True)
    # Here and not on the work item, which never changes; drafts print it in the place of that one.
    external_description = models.CharField(
        _("description on the invoice"),
        max_length=LONGEST_DESCRIPTION,
        blank=True,
        help_text=_("Empty where it is the one that was recorded."),
    )
    # The number of the draft that holds it, so that projects can name the draft without knowing billing.
    proforma_number = models.CharField(_("on draft"), max_length=20, blank=True)
    not_to_exceed_status = models.CharField(
        _("not to exceed"),
        max_length=16,
        choices=NotToExceedStatus.choices,
        default=NotToExceedStatus.NOT_APPLICABLE,
    )
    exceeded_limit = models.CharField(
        _("limit that is exceeded"), max_length=20, choices=LimitLevel.choices, blank=True
    )
    exceeded_by = AmountField(_("exceeded by"), null=True, blank=True)

    objects = BacklogQuerySet.as_manager()

    class Meta:
        verbose_name = _("backlog item")
        verbose_name_plural = _("backlog")
        indexes = [
            models.Index(fields=["contract", "customer", "transaction_date"], name="backlog_by_contract"),
            # The day alone: were the key behind it, PostgreSQL would look up single items here, end to end,
            # whenever its statistics still say that the backlog is empty.
            models.Index(fields=["transaction_date"], name="backlog_by_date"),
            models.Index(
                fields=["review_on"], condition=models.Q(review_on__isnull=False), name="backlog_to_look_at"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status=BillingStatus.ON_DRAFT) & ~models.Q(proforma_number="")
                | ~models.Q(status=BillingStatus.ON_DRAFT) & models.Q(proforma_number=""),
                name="draft_is_named_while_it_holds_the_item",
            ),
            models.CheckConstraint(
                condition=~models.Q(not_to_exceed_status=NotToExceedStatus.FAILED)
                | models.Q(status=BillingStatus.NOT_READY),
                name="beyond_its_limit_is_not_ready",
            ),
            models.CheckConstraint(
                condition=models.Q(not_to_exceed_status=NotToExceedStatus.FAILED, exceeded_by__isnull=False)
                & ~models.Q(exceeded_limit="")
                | ~models.Q(not_to_exceed_status=NotToExceedStatus.FAILED)
                & models.Q(exceeded_limit="", exceeded_by__isnull=True),
                name="failed_limit_is_named",
            ),
            models.CheckConstraint(
                condition=~models.Q(hold_reason="")
                | models.Q(held_by__isnull=True, held_at__isnull=True, review_on__isnull=True),
                name="only_a_hold_is_looked_at_again",
            ),
            models.CheckConstraint(
                condition=models.Q(hold_reason="") | models.Q(status=BillingStatus.NOT_READY),
                name="on_hold_is_not_ready",
            ),
        ]

    def __str__(self) -> str:
        return f"{day(self.transaction_date)}, {money(self.amount, self.currency)}"

    @transition(status, source=BillingStatus.NOT_READY, target=BillingStatus.READY)
    def mark_ready(self) -> None:
        """It may enter a draft."""

    @transition(status, source=BillingStatus.READY, target=BillingStatus.NOT_READY)
    def mark_not_ready(self) -> None:
        """It may not enter a draft."""

    @transition(status, source=BillingStatus.READY, target=BillingStatus.ON_DRAFT)
    def claim(self) -> None:
        """A draft holds it."""

    @transition(status, source=BillingStatus.ON_DRAFT, target=BillingStatus.READY)
    def release(self) -> None:
        """It was removed from the draft."""

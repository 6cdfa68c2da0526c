"""A submission of an entry, and what its approver decided (A9)."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import AmountField, PriceField, QuantityField, StateField
from core.money import part_amount
from projects.approval_querysets import ApprovalQuerySet
from projects.models.contract import ContractLine
from projects.models.entry import Entry
from projects.models.price import PriceList
from projects.states import ApprovalStatus, BillingType, PriceProblem


class Approval(models.Model):
    """One submission of an entry, priced when it was submitted, and what the approver decided."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="approvals", verbose_name=_("entry"))
    contract_line = models.ForeignKey(
        ContractLine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approvals",
        verbose_name=_("contract line"),
    )
    status = StateField(
        _("status"), default=ApprovalStatus.SUBMITTED, choices=ApprovalStatus.choices, protected=True
    )
    submitted_quantity = QuantityField(_("submitted quantity"))
    # Days where the contract line bills time in days; what was submitted stays in hours.
    unit = models.CharField(_("billed unit"), max_length=10, default="h")
    # What the line's increment or day makes of it; in seconds where four places do not say it exactly.
    proposed_quantity = QuantityField(_("proposed quantity"), default=0)
    proposed_seconds = models.PositiveIntegerField(_("proposed seconds"), null=True, blank=True)
    proposed_amount = AmountField(_("proposed sales amount"), default=0)
    # What is not billed of this is left over: what was recorded, unless it was billed with another entry.
    priced_quantity = QuantityField(_("recorded quantity to bill"), default=0)
    priced_amount = AmountField(_("sales amount of what was recorded"), default=0)
    billable_quantity = QuantityField(_("billable quantity"))
    billing_type = models.PositiveSmallIntegerField(
        _("billing type"), choices=BillingType.choices, default=BillingType.CHARGEABLE
    )
    cost_price = PriceField(_("cost price"))
    cost_amount = AmountField(_("cost"))
    cost_currency = models.CharField(_("cost currency"), max_length=3)
    sales_price = PriceField(_("sales price"))
    sales_amount = AmountField(_("sales amount"))
    sales_currency = models.CharField(_("sales currency"), max_length=3, blank=True)
    terms_changed = models.BooleanField(
        _("changed by the approver"),
        default=False,
        help_text=_("Billable quantity and billing type are the approver's and stay when prices change."),
    )
    price_source = models.CharField(_("where the price comes from"), max_length=120, blank=True)
    is_priced = models.BooleanField(_("priced"), default=True)
    price_problem = models.CharField(
        _("why there is no price"), max_length=12, choices=PriceProblem.choices, blank=True
    )
    cost_price_source = models.CharField(_("where the cost price comes from"), max_length=120, blank=True)
    is_cost_priced = models.BooleanField(_("cost is known"), default=True)
    # Kept as rows besides their names: a list from which work took prices is never deleted.
    price_list = models.ForeignKey(
        PriceList,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sales_approvals",
        verbose_name=_("price list"),
    )
    cost_price_list = models.ForeignKey(
        PriceList,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cost_approvals",
        verbose_name=_("cost price list"),
    )
    # The person whose work it is: recorded here so that the database itself can refuse self-approval.
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("worker"),
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="submissions", verbose_name=_("submitted by")
    )
    submitted_at = models.DateTimeField(_("submitted at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("on behalf of"),
    )
    comment = models.CharField(_("comment"), max_length=300, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-submitted_at", "-pk"]
        permissions = [("approve_entry", _("Approve entries and send them back"))]
        indexes = [models.Index(fields=["status", "submitted_at"], name="approval_status_submitted")]
        constraints = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=models.Q(status__in=[ApprovalStatus.SUBMITTED, ApprovalStatus.APPROVED]),
                name="one_live_approval_per_entry",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | (
                    ~models.Q(decided_by=models.F("submitted_by"))
                    & (models.Q(worker__isnull=True) | ~models.Q(decided_by=models.F("worker")))
                ),
                name="nobody_approves_own_work",
            ),
            models.CheckConstraint(
                condition=models.Q(on_behalf_of__isnull=True)
                | (
                    ~models.Q(on_behalf_of=models.F("submitted_by"))
                    & (models.Q(worker__isnull=True) | ~models.Q(on_behalf_of=models.F("worker")))
                ),
                name="nobody_is_stood_in_for_on_own_work",
            ),
            models.CheckConstraint(
                condition=models.Q(status=ApprovalStatus.SUBMITTED)
                | models.Q(status=ApprovalStatus.RECALLED)
                | models.Q(decided_by__isnull=False),
                name="decision_names_its_maker",
            ),
            models.CheckConstraint(
                condition=models.Q(is_priced=True, price_problem="")
                | (models.Q(is_priced=False) & ~models.Q(price_problem="")),
                name="without_a_price_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} · {self.get_status_display()}"

    @property
    def will_be_billed(self) -> bool:
        """Chargeable and priced, on a line by time and material; as `ApprovalQuerySet.billable`."""
        line = self.contract_line
        is_chargeable = self.billing_type == BillingType.CHARGEABLE and self.is_priced
        return is_chargeable and line is not None and line.is_time_and_material

    def amount_of(self, quantity: Decimal) -> Decimal:
        """Sales amount of a quantity: what was proposed and what was recorded have theirs (J5)."""
        if quantity == self.proposed_quantity:
            return self.proposed_amount
        whole = (self.priced_quantity, self.priced_amount)
        return part_amount(quantity, self.sales_price, self.sales_currency, whole)

    @transition(status, source=ApprovalStatus.SUBMITTED, target=ApprovalStatus.APPROVED)
    def approve(self) -> None:
        """Its actuals are written in the name of whoever decided."""

    @transition(status, source=ApprovalStatus.SUBMITTED, target=ApprovalStatus.REJECTED)
    def reject(self) -> None:
        """The entry goes back with a comment."""

    @transition(status, source=ApprovalStatus.SUBMITTED, target=ApprovalStatus.RECALLED)
    def recall(self) -> None:
        """The submitter took it back."""

    @transition(status, source=ApprovalStatus.APPROVED, target=ApprovalStatus.CANCELLED)
    def cancel(self) -> None:
        """Its actuals are reversed; the entry waits again or goes back."""

    @transition(status, source=ApprovalStatus.APPROVED, target=ApprovalStatus.REPLACED)
    def end_as_replaced(self) -> None:
        """Its actuals are reversed, and another approval of the same decision takes its place."""

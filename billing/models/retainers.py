"""Retainers: money invoiced before the work, applied to later proformas, refunded if it is not used (B3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from billing.retainer_querysets import RetainerQuerySet
from billing.states import RetainerStatus
from core.fields import AmountField, StateField
from projects.models import (
    ContractLine,
    Customer,
    ItemSalesTaxGroup,
    PrepaidMonth,
    ProjectContract,
    WorkItem,
)


class Retainer(models.Model):
    """An advance that one customer of a contract pays; amounts are net, in the contract's currency.

    It is printed and posted with `contract_line`. What is invoiced, used and held by drafts is added up by
    the database from the details of proformas (K5); nobody else writes these three columns.
    """

    contract = models.ForeignKey(
        ProjectContract, models.PROTECT, related_name="retainers", verbose_name=_("contract")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="retainers", verbose_name=_("customer")
    )
    contract_line = models.ForeignKey(
        ContractLine, models.PROTECT, related_name="retainers", verbose_name=_("contract line")
    )
    # The money of a block of hours is one; it pays for the work within the block alone (A12).
    prepaid_month = models.OneToOneField(
        PrepaidMonth,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="retainer",
        verbose_name=_("month of prepaid hours"),
    )
    name = models.CharField(
        _("name"), max_length=120, help_text=_("Printed on the invoice and where it is applied.")
    )
    amount = AmountField(_("amount"))
    invoice_on = models.DateField(_("invoice date"))
    item_sales_tax_group = models.ForeignKey(
        ItemSalesTaxGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("item sales tax group"),
    )
    status = StateField(
        _("status"), default=RetainerStatus.NOT_READY, choices=RetainerStatus.choices, protected=True
    )
    # One that a correction took back entirely is invoiced once more, under the next number.
    claim_number = models.PositiveSmallIntegerField(_("claim"), default=1, editable=False)
    refund_reason = models.CharField(
        _("reason of the refund"), max_length=200, blank=True, help_text=_("Printed on the document.")
    )
    invoiced_amount = AmountField(_("invoiced"), default=0, editable=False)
    used_amount = AmountField(
        _("used"), default=0, editable=False, help_text=_("Applied or refunded on confirmed proformas.")
    )
    drafted_amount = AmountField(_("on drafts"), default=0, editable=False)
    available_amount = models.GeneratedField(
        expression=models.F("invoiced_amount") - models.F("used_amount") - models.F("drafted_amount"),
        output_field=AmountField(),
        db_persist=True,
        verbose_name=_("available"),
    )
    # Written when it is first confirmed; all its actuals are rows of this one.
    work_item = models.ForeignKey(
        WorkItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("work item"),
    )

    objects = RetainerQuerySet.as_manager()

    class Meta:
        verbose_name = _("advance")
        verbose_name_plural = _("advances")
        # The oldest is applied first.
        ordering = ["invoice_on", "pk"]
        permissions = [("plan_retainer", _("Plan, apply and refund advances"))]
        indexes = [models.Index(fields=["status"], name="retainer_status")]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="retainer_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(invoiced_amount=0) | models.Q(invoiced_amount=models.F("amount")),
                name="retainer_invoiced_in_full",
            ),
            models.CheckConstraint(
                condition=models.Q(used_amount__gte=0, drafted_amount__gte=0)
                & models.Q(
                    invoiced_amount__gte=models.F("used_amount") + models.F("drafted_amount"),
                ),
                name="no_more_applied_than_invoiced",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_untouched(self) -> bool:
        """Whether no proforma ever held it, so that what was agreed may still change."""
        return self.claim_number == 1 and self.status in (RetainerStatus.NOT_READY, RetainerStatus.READY)

    @property
    def block_id(self) -> int | None:
        """The key of the prepaid hours whose money it is; asks its month. None for any other advance."""
        return self.prepaid_month.prepaid_hours_id if self.prepaid_month else None

    @property
    def shown_status(self) -> str:
        """The status as pages say it: an available one whose whole balance is on drafts is on a draft."""
        if self.status == RetainerStatus.AVAILABLE and self.drafted_amount and not self.available_amount:
            return RetainerStatus.ON_DRAFT
        return str(self.status)

    @property
    def can_be_applied(self) -> bool:
        """Whether drafts may take something of it."""
        return self.status == RetainerStatus.AVAILABLE and bool(self.available_amount)

    @property
    def can_be_refunded(self) -> bool:
        """Whether there is a balance to be asked back; none while a draft holds a part of it."""
        return self.can_be_applied and not self.drafted_amount

    @property
    def can_be_kept(self) -> bool:
        """Whether a refund that was asked for can be called off: not once a draft gives it back."""
        is_asked = self.status == RetainerStatus.TO_REFUND
        return is_asked and bool(self.available_amount) and not self.drafted_amount

    @transition(status, source=RetainerStatus.NOT_READY, target=RetainerStatus.READY)
    def mark_ready(self) -> None:
        """It may enter a draft from its invoice date on."""

    @transition(status, source=RetainerStatus.READY, target=RetainerStatus.NOT_READY)
    def mark_not_ready(self) -> None:
        """It may not enter a draft."""

    @transition(status, source=RetainerStatus.READY, target=RetainerStatus.ON_DRAFT)
    def claim(self) -> None:
        """A draft invoices it."""

    @transition(status, source=RetainerStatus.ON_DRAFT, target=RetainerStatus.READY)
    def release(self) -> None:
        """It was removed from that draft."""

    @transition(status, source=RetainerStatus.ON_DRAFT, target=RetainerStatus.AVAILABLE)
    def bill(self) -> None:
        """Its proforma was confirmed; it may be applied from now on."""

    @transition(status, source=RetainerStatus.AVAILABLE, target=RetainerStatus.USED_UP)
    def use_up(self) -> None:
        """All of it was applied on confirmed proformas."""

    @transition(
        status, source=[RetainerStatus.USED_UP, RetainerStatus.REFUNDED], target=RetainerStatus.AVAILABLE
    )
    def restore(self) -> None:
        """A correction gave some of it back (R10)."""

    @transition(status, source=RetainerStatus.AVAILABLE, target=RetainerStatus.TO_REFUND)
    def ask_refund(self) -> None:
        """Its balance goes back to the customer with the next proforma."""

    @transition(status, source=RetainerStatus.TO_REFUND, target=RetainerStatus.AVAILABLE)
    def keep(self) -> None:
        """It is not refunded after all."""

    @transition(status, source=RetainerStatus.TO_REFUND, target=RetainerStatus.REFUNDED)
    def refund(self) -> None:
        """The proforma that gives the balance back was confirmed (N14)."""

    @transition(
        status, source=[RetainerStatus.AVAILABLE, RetainerStatus.TO_REFUND], target=RetainerStatus.READY
    )
    def reopen(self) -> None:
        """A correction took the invoiced advance back; it may be invoiced once more (R10)."""

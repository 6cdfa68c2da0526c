"""What was agreed: contracts, their lines, who pays which part (A2-A6)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import AmountField, PercentField, QuantityField, ShareField, StateField
from core.money import share_out
from projects.models.party import Customer, LegalEntity
from projects.models.project import Project, Task
from projects.models.tax import SalesTaxGroup
from projects.models.terms import PaymentTerms
from projects.querysets import ContractLineQuerySet, ContractQuerySet
from projects.states import BillingMethod, ContractStatus, IncrementRule, IncrementScope

MINUTES_OF_A_DAY, MOST_RETENTION_MONTHS = 24 * 60, 240


class ProjectContract(models.Model):
    """What was agreed with a customer; its currency is that of everything billed under it (M4)."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="contracts", verbose_name=_("legal entity")
    )
    number = models.CharField(_("number"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="contracts", verbose_name=_("customer")
    )
    currency = models.CharField(_("currency"), max_length=3)
    status = StateField(
        _("status"), default=ContractStatus.DRAFT, choices=ContractStatus.choices, protected=True
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_contracts",
        verbose_name=_("manager"),
    )
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    not_to_exceed_amount = AmountField(_("not to exceed"), null=True, blank=True)
    purchase_order = models.CharField(_("purchase order"), max_length=40, blank=True)
    sales_tax_group = models.ForeignKey(
        SalesTaxGroup, models.PROTECT, null=True, blank=True, verbose_name=_("sales tax group")
    )
    payment_terms = models.ForeignKey(
        PaymentTerms,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contracts",
        verbose_name=_("payment terms"),
        help_text=_("Empty: those of the customer who pays."),
    )
    document_layout = models.ForeignKey(
        "projects.DocumentLayout",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contracts",
        verbose_name=_("document layout"),
        help_text=_("Empty: as the customer who pays."),
    )
    dimension = models.CharField(_("financial dimension"), max_length=40, blank=True)
    retention_percent = ShareField(
        _("retention in percent"),
        null=True,
        blank=True,
        help_text=_("Kept back of the net of every new proforma; its tax is invoiced in full."),
    )
    retention_months = models.PositiveSmallIntegerField(
        _("months until the release"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_RETENTION_MONTHS)],
        help_text=_("Counted from the invoice date. Empty: until somebody enters the release date."),
    )
    retention_condition = models.CharField(
        _("condition of the release"), max_length=120, blank=True, help_text=_("Printed on the invoice.")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("project contract")
        verbose_name_plural = _("project contracts")
        ordering = ["number"]
        permissions = [("confirm_contract", _("Confirm, hold, resume, complete and lose contracts"))]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="contract_number_once"),
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(starts_on__lte=models.F("ends_on")),
                name="contract_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(retention_percent__isnull=True)
                | models.Q(retention_percent__gt=0, retention_percent__lte=100),
                name="contract_retention_within_whole",
                violation_error_message=_("A retention is more than 0 and at most 100 percent."),
            ),
            models.CheckConstraint(
                condition=models.Q(retention_months__lte=MOST_RETENTION_MONTHS),
                name="contract_retention_within_240_months",
                violation_error_message=_("A retention is released within 240 months."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @transition(status, source=ContractStatus.DRAFT, target=ContractStatus.CONFIRMED)
    def confirm(self) -> None:
        """From now on it may be invoiced."""

    @transition(status, source=ContractStatus.CONFIRMED, target=ContractStatus.ON_HOLD)
    def hold(self) -> None:
        """Nothing of it is invoiced until it is resumed."""

    @transition(status, source=ContractStatus.ON_HOLD, target=ContractStatus.CONFIRMED)
    def resume(self) -> None:
        """It may be invoiced again."""

    @transition(status, source=ContractStatus.CONFIRMED, target=ContractStatus.COMPLETED)
    def complete(self) -> None:
        """Everything is done and billed: no further work resolves to it."""

    @transition(status, source=ContractStatus.COMPLETED, target=ContractStatus.CONFIRMED)
    def reopen(self) -> None:
        """There is more to do or to correct: work resolves to it again, and it may be invoiced."""

    @transition(
        status,
        source=[ContractStatus.DRAFT, ContractStatus.CONFIRMED, ContractStatus.ON_HOLD],
        target=ContractStatus.LOST,
    )
    def lose(self) -> None:
        """The work will not be invoiced: unbilled sales are reversed."""


class ContractLine(models.Model):
    """How a project, or some of its tasks, is billed."""

    contract = models.ForeignKey(
        ProjectContract, models.CASCADE, related_name="lines", verbose_name=_("contract")
    )
    number = models.PositiveSmallIntegerField(_("line"))
    name = models.CharField(_("name"), max_length=120)
    billing_method = models.CharField(_("billing method"), max_length=20, choices=BillingMethod.choices)
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contract_lines",
        verbose_name=_("project"),
    )
    tasks = models.ManyToManyField(
        Task, blank=True, related_name="contract_lines", verbose_name=_("only these tasks")
    )
    includes_time = models.BooleanField(_("time"), default=True)
    includes_expense = models.BooleanField(_("expense"), default=True)
    includes_material = models.BooleanField(_("material"), default=True)
    includes_fee = models.BooleanField(_("fee"), default=True)
    contracted_amount = AmountField(_("contracted amount"), null=True, blank=True)
    not_to_exceed_amount = AmountField(_("not to exceed"), null=True, blank=True)
    billing_starts_on = models.DateField(_("billing starts on"), null=True, blank=True)
    increment_minutes = models.PositiveSmallIntegerField(
        _("billing increment in minutes"),
        null=True,
        blank=True,
        help_text=_(
            "Time is billed in steps of this many minutes, such as 15, 30 or 60. Empty: as recorded."
        ),
    )
    increment_rule = models.CharField(
        _("rounding to the increment"),
        max_length=10,
        choices=IncrementRule.choices,
        default=IncrementRule.UP,
        help_text=_("Up to the next step, or to the nearest one."),
    )
    increment_scope = models.CharField(
        _("increment applies to"),
        max_length=10,
        choices=IncrementScope.choices,
        default=IncrementScope.ENTRY,
        help_text=_("Each entry by itself, or all time of one person on one day and task together."),
    )
    discount_percent = ShareField(
        _("standing discount in percent"),
        null=True,
        blank=True,
        help_text=_("Every new draft of the line grants it as a line of its own."),
    )
    discount_reason = models.CharField(
        _("reason of the standing discount"),
        max_length=120,
        blank=True,
        help_text=_("Printed beside it."),
    )
    day_hours = QuantityField(
        _("hours of a billed day"),
        null=True,
        blank=True,
        help_text=_(
            "Time is billed in days and half days: up to half of these hours is half a day, more is a day. "
            "Empty: time is billed in hours."
        ),
    )

    objects = ContractLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("contract line")
        verbose_name_plural = _("contract lines")
        ordering = ["contract", "number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="line_number_once_per_contract"),
            models.CheckConstraint(
                condition=models.Q(increment_minutes__isnull=True)
                | models.Q(increment_minutes__gte=1, increment_minutes__lte=MINUTES_OF_A_DAY),
                name="increment_within_a_day",
                violation_error_message=_("A billing increment has at least 1 and at most 1440 minutes."),
            ),
            models.CheckConstraint(
                condition=models.Q(day_hours__isnull=True) | models.Q(day_hours__gt=0, day_hours__lte=24),
                name="day_hours_within_a_day",
                violation_error_message=_("A billed day has more than 0 and at most 24 hours."),
            ),
            models.CheckConstraint(
                condition=models.Q(discount_percent__isnull=True)
                | models.Q(discount_percent__gt=0, discount_percent__lte=100),
                name="standing_discount_within_whole",
                violation_error_message=_("A discount is more than 0 and at most 100 percent."),
            ),
            models.CheckConstraint(
                condition=models.Q(increment_minutes__isnull=True) | models.Q(day_hours__isnull=True),
                name="increments_or_days",
                violation_error_message=_(
                    "Time is billed in increments or in days, not both: leave one of them empty."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_time_and_material(self) -> bool:
        return self.billing_method == BillingMethod.TIME_AND_MATERIAL

    @property
    def first_covered(self) -> date | None:
        """The first day whose work the line covers, or none; asks its contract."""
        return max(filter(None, (self.contract.starts_on, self.billing_starts_on)), default=None)

    @property
    def first_day(self) -> date:
        """The first day whose work the line covers, comparable with others; asks its contract."""
        return self.first_covered or date.min

    @property
    def last_day(self) -> date:
        """The last day whose work the line covers; asks its contract."""
        return self.contract.ends_on or date.max

    def covers_day(self, day: date) -> bool:
        """Whether work of that day may be covered by the line; work outside resolves to no line (A3)."""
        return self.first_day <= day <= self.last_day


class ContractLineCustomer(models.Model):
    """Who pays which part of a line; this list drives actuals and invoices (A5)."""

    contract_line = models.ForeignKey(
        ContractLine, models.CASCADE, related_name="customers", verbose_name=_("contract line")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="contract_line_shares", verbose_name=_("customer")
    )
    split_percent = PercentField(_("billing split percent"))
    is_rounding = models.BooleanField(_("takes the rounding difference"), default=False)
    not_to_exceed_amount = AmountField(_("not to exceed"), null=True, blank=True)

    class Meta:
        verbose_name = _("customer of a contract line")
        verbose_name_plural = _("customers of contract lines")
        ordering = ["contract_line", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["contract_line", "customer"], name="customer_once_per_line"),
            models.UniqueConstraint(
                fields=["contract_line"], condition=models.Q(is_rounding=True), name="one_rounding_customer"
            ),
            models.CheckConstraint(
                condition=models.Q(split_percent__gte=0, split_percent__lte=100), name="split_within_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} {self.split_percent.normalize():f} %"

    @classmethod
    def shares_of(
        cls,
        total: Decimal,
        payers: Sequence["ContractLineCustomer"],
        *,
        places: int,
        owed: Sequence[Decimal] | None = None,
    ) -> list[Decimal]:
        """Each payer's share of `total`, rounded to `places`; the rounding payer takes what is left.

        Without a rounding payer the last one does. `owed` is what earlier roundings left each payer short
        by. Raises ValueError when the percentages do not add up to 100 (A5, decision 8).
        """
        last = len(payers) - 1
        absorber = next((index for index, payer in enumerate(payers) if payer.is_rounding), last)
        percents = [payer.split_percent for payer in payers]
        return share_out(total, percents, places=places, absorber=absorber, owed=owed)

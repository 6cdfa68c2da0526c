"""What a proforma asks for: a line per contract line, a detail per claimed item (B5-B7)."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.discount import DISCOUNT_RULES, Discount
from billing.models.proforma import Proforma
from billing.models.retainers import Retainer
from billing.models.retention import RETENTION_RULES, Retention
from billing.models.schedule import MilestoneShare
from billing.querysets import DetailQuerySet, InvoiceLineQuerySet
from billing.states import DetailOrder, Remainder, RetainerUse
from core.fields import AmountField, PriceField, QuantityField
from core.templatetags.display import day
from projects.models import (
    Actual,
    ContractLine,
    ItemSalesTaxGroup,
    Role,
    SalesTaxGroup,
    TransactionCategory,
    WorkItem,
)
from projects.states import AMOUNTS, BillingType, TaxDate, TransactionClass


class InvoiceLine(models.Model):
    """A contract line on a proforma; its amount is the sum of its chargeable details."""

    proforma = models.ForeignKey(Proforma, models.CASCADE, related_name="lines", verbose_name=_("proforma"))
    contract_line = models.ForeignKey(
        ContractLine, models.PROTECT, related_name="invoice_lines", verbose_name=_("contract line")
    )
    name = models.CharField(_("name"), max_length=120)
    amount = AmountField(_("amount"), default=0)
    # Empty: after those that somebody ordered, in the order of the contract.
    position = models.PositiveIntegerField(_("position"), null=True, blank=True, editable=False)
    detail_order = models.CharField(
        _("order of its details"),
        max_length=6,
        choices=DetailOrder.choices,
        default=DetailOrder.DATE,
        db_default="date",
        editable=False,
    )

    objects = InvoiceLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering = ["proforma", "contract_line__number"]
        constraints = [
            models.UniqueConstraint(fields=["proforma", "contract_line"], name="one_line_per_contract_line"),
            models.UniqueConstraint(
                fields=["proforma", "position"],
                condition=models.Q(position__isnull=False),
                name="line_position_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class InvoiceLineDetail(models.Model):
    """One billed transaction, and the claim on what it bills: an actual is claimed once, for ever.

    A detail claims an actual, or a milestone share, or nothing when it was added by hand. A correction is two
    details: one with `corrects` takes billed sales back, exactly negated; one with `replaces` says what stays
    billed instead, and is missing where all is taken back. `quantity`, `price` and `amount` are what will be
    billed; what the work item says stays on its actual.
    """

    line = models.ForeignKey(InvoiceLine, models.CASCADE, related_name="details", verbose_name=_("line"))
    # The claim (X1): unique, so no second detail can ever hold the same actual.
    actual = models.OneToOneField(
        Actual, models.PROTECT, null=True, blank=True, related_name="invoice_detail", verbose_name=_("actual")
    )
    milestone_share = models.ForeignKey(
        MilestoneShare,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="invoice_details",
        verbose_name=_("milestone share"),
    )
    claim_number = models.PositiveSmallIntegerField(_("claim"), null=True, blank=True, editable=False)
    retainer = models.ForeignKey(
        Retainer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="invoice_details",
        verbose_name=_("advance"),
    )
    # The database knows the default as well: details of work are inserted from a queryset that names no use.
    retainer_use = models.CharField(
        _("use of the advance"),
        max_length=8,
        choices=RetainerUse.choices,
        blank=True,
        default=RetainerUse.NONE,
        db_default="",
        editable=False,
    )
    # The claim of a correction: the billed sales it takes back, which no second correction can take back.
    # Foreign keys with partial unique constraints, not one-to-one: most details enter neither index.
    corrects = models.ForeignKey(
        Actual,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="correction_details",
        db_index=False,
        editable=False,
        verbose_name=_("corrects"),
    )
    replaces = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="replacements",
        db_index=False,
        editable=False,
        verbose_name=_("replaces"),
    )
    # Milestones and manual details get their work item when the proforma is confirmed.
    work_item = models.ForeignKey(
        WorkItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        editable=False,
        verbose_name=_("work item"),
    )
    # The discount whose part it is; what corrects a discount names the billed row instead.
    discount = models.ForeignKey(
        Discount,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="details",
        db_index=False,
        editable=False,
        verbose_name=_("discount"),
    )
    # Negative where it is kept back, positive where it is released.
    retention = models.ForeignKey(
        Retention,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="details",
        db_index=False,
        editable=False,
        verbose_name=_("retention"),
    )
    # What was added by hand says itself what the work item of other details says.
    role = models.ForeignKey(
        Role,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("role"),
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
    product = models.CharField(_("product"), max_length=80, blank=True, default="", db_default="")
    transaction_class = models.CharField(_("class"), max_length=10, choices=TransactionClass.choices)
    transaction_date = models.DateField(_("date"))
    # Only where it is another than the legal entity's rule says: what corrects is taxed as it was.
    tax_date = models.DateField(_("date of the tax rate"), null=True, blank=True, editable=False)
    quantity = QuantityField(_("quantity"))
    unit = models.CharField(_("unit"), max_length=10)
    price = PriceField(_("price"))
    amount = AmountField(_("amount"))
    billing_type = models.PositiveSmallIntegerField(
        _("billing type"), choices=BillingType.choices, default=BillingType.CHARGEABLE
    )
    remainder = models.CharField(
        _("what becomes of the rest"), max_length=10, choices=Remainder.choices, default=Remainder.WRITE_OFF
    )
    item_sales_tax_group = models.ForeignKey(
        ItemSalesTaxGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("item sales tax group"),
    )
    # Only of what takes off, or takes back, an advance: its customer may be taxed otherwise by now. Without a
    # group of its own it was asked for without tax, and bears none now.
    is_taxed_apart = models.BooleanField(
        _("taxed as its advance"), default=False, db_default=False, editable=False
    )
    sales_tax_group = models.ForeignKey(
        SalesTaxGroup,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("sales tax group of its own"),
    )
    description = models.CharField(_("internal description"), max_length=500, blank=True)
    external_description = models.CharField(_("description on the invoice"), max_length=500, blank=True)
    # Printed below the description, on the row that takes billed sales back.
    correction_reason = models.CharField(
        _("reason of the correction"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    # Empty: after those that somebody ordered, by date.
    position = models.PositiveIntegerField(_("position"), null=True, blank=True, editable=False)

    objects = DetailQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice line detail")
        verbose_name_plural = _("invoice line details")
        ordering = ["line", "transaction_date", "pk"]
        indexes = [
            # Few rows have one of their own; SQLite looks for them here whenever a work item is written.
            models.Index(
                fields=["work_item"],
                condition=models.Q(work_item__isnull=False),
                name="detail_own_work_item",
            ),
            models.Index(
                fields=["discount"], condition=models.Q(discount__isnull=False), name="detail_of_discount"
            ),
            models.Index(
                fields=["retention"], condition=models.Q(retention__isnull=False), name="detail_of_retention"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["milestone_share", "claim_number"],
                condition=models.Q(milestone_share__isnull=False),
                name="milestone_share_claimed_once",
            ),
            models.UniqueConstraint(
                fields=["line", "position"],
                condition=models.Q(position__isnull=False),
                name="detail_position_once",
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=models.Q(corrects__isnull=False), name="corrected_once"
            ),
            models.UniqueConstraint(
                fields=["replaces"], condition=models.Q(replaces__isnull=False), name="replaced_once"
            ),
            models.CheckConstraint(
                condition=models.Q(milestone_share__isnull=True, claim_number__isnull=True)
                | models.Q(milestone_share__isnull=False, claim_number__isnull=False)
                | models.Q(retainer_use=RetainerUse.INVOICE, claim_number__isnull=False),
                name="claimed_share_says_which_claim",
            ),
            models.UniqueConstraint(
                fields=["retainer", "claim_number"],
                condition=models.Q(retainer__isnull=False, corrects__isnull=True),
                name="retainer_invoiced_once",
            ),
            # A draft applies or refunds a retainer once; more or less is a change of that detail.
            models.UniqueConstraint(
                fields=["line", "retainer"],
                condition=models.Q(retainer__isnull=False, corrects__isnull=True),
                name="retainer_once_on_a_proforma",
            ),
            models.CheckConstraint(
                condition=models.Q(retainer__isnull=True, retainer_use=RetainerUse.NONE)
                | models.Q(
                    ~models.Q(retainer_use=RetainerUse.NONE),
                    retainer__isnull=False,
                    actual__isnull=True,
                    milestone_share__isnull=True,
                    replaces__isnull=True,
                ),
                name="retainer_detail_claims_nothing_else",
            ),
            # What it bills, what it takes back, or what it stands in for.
            models.CheckConstraint(
                condition=models.Q(milestone_share__isnull=True, corrects__isnull=True)
                | models.Q(actual__isnull=True, corrects__isnull=True, replaces__isnull=True)
                | models.Q(actual__isnull=True, milestone_share__isnull=True, replaces__isnull=True),
                name="detail_claims_one_thing",
            ),
            *DISCOUNT_RULES,
            *RETENTION_RULES,
        ]

    def __str__(self) -> str:
        return self.external_description or self.description or day(self.transaction_date)

    @property
    def printed_text(self) -> str:
        """What documents say of it: its description, or what the work was about; never the internal note.

        Actual, work item, task, category and line are loaded.
        """
        item = self.actual.work_item if self.actual is not None else self.work_item
        about = item.about if item is not None else self.product
        return self.external_description or about or self.line.name

    @property
    def is_lump_sum(self) -> bool:
        """Whether it is one agreed amount, whatever part of it is billed: a milestone, or a part of a fee."""
        is_part = self.transaction_class == TransactionClass.FEE and abs(self.quantity) < 1
        return self.transaction_class == TransactionClass.MILESTONE or (is_part and self.unit in ("", "ls"))

    @property
    def is_amount_alone(self) -> bool:
        """Whether quantity and price say nothing of it: a discount, an advance, a retention, a part."""
        is_part = self.is_lump_sum and abs(self.quantity) != 1
        return self.transaction_class in AMOUNTS or is_part

    def tax_day(self, rule: str, invoice_date: date) -> date:
        """The day whose rate of sales tax it bears, by the rule of its legal entity (decision 17)."""
        by_rule = invoice_date if rule == TaxDate.INVOICE else self.transaction_date
        return self.tax_date or by_rule

    @property
    def is_correction(self) -> bool:
        """Whether it takes billed sales back, or says what stays billed of them."""
        return self.corrects_id is not None or self.replaces_id is not None

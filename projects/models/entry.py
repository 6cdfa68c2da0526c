"""What people report, and the approval that turns it into actuals (A8, A9)."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from core.fields import AmountField, PriceField, QuantityField
from core.money import part_amount
from projects.approval_querysets import ApprovalQuerySet
from projects.models.contract import ContractLine
from projects.models.party import LegalEntity
from projects.models.price import PriceList
from projects.models.project import Project, Resource, Role, Task, TransactionCategory
from projects.querysets import EntryQuerySet, OfEntityQuerySet
from projects.states import ApprovalStatus, BillingType, EntryStatus, PriceProblem, TransactionClass


class ImportBatch(models.Model):
    """One import of a file; its entries know their row, so a second import changes nothing (X8)."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="import_batches", verbose_name=_("legal entity")
    )
    source = models.CharField(_("source"), max_length=40)
    file_name = models.CharField(_("file"), max_length=200)
    file_sha256 = models.CharField(_("SHA-256"), max_length=64)
    row_count = models.PositiveIntegerField(_("rows"))
    created_count = models.PositiveIntegerField(_("new entries"))
    known_count = models.PositiveIntegerField(_("already known"))
    is_history = models.BooleanField(
        _("history"),
        default=False,
        help_text=_("Its rows may be dated further back than entries usually are."),
    )
    is_total = models.BooleanField(
        _("a row is a total"),
        default=False,
        help_text=_("A row is the sum of several days: no daily maximum applies to it."),
    )
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("imported by")
    )
    imported_at = models.DateTimeField(_("imported at"))

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-imported_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.file_name} {self.imported_at:%Y-%m-%d %H:%M}"


class Entry(models.Model):
    """Time, an expense, material or a fee as it was reported; `transaction_class` says which."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="entries", verbose_name=_("legal entity")
    )
    transaction_class = models.CharField(_("class"), max_length=10, choices=TransactionClass.choices)
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("project")
    )
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="entries", verbose_name=_("task")
    )
    resource = models.ForeignKey(
        Resource, models.PROTECT, null=True, blank=True, related_name="entries", verbose_name=_("resource")
    )
    role = models.ForeignKey(
        Role, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("role")
    )
    category = models.ForeignKey(
        TransactionCategory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    product = models.CharField(_("product"), max_length=80, blank=True)
    date = models.DateField(_("date"))
    quantity = QuantityField(_("quantity"))
    seconds = models.PositiveIntegerField(
        _("seconds"),
        null=True,
        blank=True,
        help_text=_("Recorded time, exactly; the quantity is the same in hours of four places."),
    )
    unit = models.CharField(_("unit"), max_length=10, default="h")
    price = PriceField(_("price"), null=True, blank=True, help_text=_("Unit cost; for a fee its price."))
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    description = models.CharField(_("internal description"), max_length=500, blank=True)
    external_description = models.CharField(_("description on the invoice"), max_length=500, blank=True)
    billing_type = models.PositiveSmallIntegerField(
        _("billing type"), choices=BillingType.choices, default=BillingType.CHARGEABLE
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("recorded by"),
    )
    status = FSMField(_("status"), default=EntryStatus.DRAFT, choices=EntryStatus.choices, protected=True)
    corrects = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
        editable=False,
        verbose_name=_("corrects"),
    )
    import_batch = models.ForeignKey(
        ImportBatch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        editable=False,
        verbose_name=_("import batch"),
    )
    import_source = models.CharField(_("import source"), max_length=40, blank=True, editable=False)
    import_id = models.CharField(_("import id"), max_length=60, blank=True, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering = ["-date", "-pk"]
        permissions = [
            ("submit_entry", _("Submit and recall own entries")),
            ("import_entry", _("Import entries")),
            ("record_for_others", _("Record time and costs for colleagues")),
        ]
        indexes = [
            models.Index(fields=["status", "date"], name="entry_status_date"),
            models.Index(fields=["project", "date"], name="entry_project_date"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "import_source", "import_id"],
                condition=~models.Q(import_source=""),
                name="entry_imported_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(transaction_class=TransactionClass.TIME)
                | models.Q(resource__isnull=False, role__isnull=False),
                name="time_names_resource_and_role",
            ),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="entry_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.get_transaction_class_display()} {self.quantity.normalize():f} {self.unit}"

    @transition(status, source=[EntryStatus.DRAFT, EntryStatus.RETURNED], target=EntryStatus.SUBMITTED)
    def submit(self) -> None:
        """It waits for its approver."""

    @transition(status, source=EntryStatus.SUBMITTED, target=EntryStatus.DRAFT)
    def recall(self) -> None:
        """Taken back before anyone approved it."""

    @transition(status, source=[EntryStatus.DRAFT, EntryStatus.RETURNED], target=EntryStatus.WITHDRAWN)
    def withdraw(self) -> None:
        """Deleted after it had been submitted: it counts nowhere, and what was submitted stays on record."""

    @transition(status, source=EntryStatus.SUBMITTED, target=EntryStatus.RETURNED)
    def send_back(self) -> None:
        """The approver wants it changed."""

    @transition(status, source=EntryStatus.SUBMITTED, target=EntryStatus.APPROVED)
    def approve(self) -> None:
        """Its actuals are written."""

    @transition(status, source=EntryStatus.APPROVED, target=EntryStatus.SUBMITTED)
    def reopen(self) -> None:
        """Its approval was cancelled: it waits for a decision again."""

    @transition(status, source=EntryStatus.APPROVED, target=EntryStatus.RECALL_REQUESTED)
    def request_recall(self) -> None:
        """Whoever submitted it asks for it back."""

    @transition(status, source=EntryStatus.RECALL_REQUESTED, target=EntryStatus.RETURNED)
    def accept_recall(self) -> None:
        """Its actuals are reversed, and it may be changed."""

    @transition(status, source=EntryStatus.RECALL_REQUESTED, target=EntryStatus.APPROVED)
    def refuse_recall(self) -> None:
        """It stays approved."""

    @transition(
        status, source=[EntryStatus.APPROVED, EntryStatus.RECALL_REQUESTED], target=EntryStatus.CORRECTED
    )
    def correct(self) -> None:
        """Another entry that corrects it took its place; this one stays on record as it was."""


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
    status = FSMField(
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
    comment = models.CharField(_("comment"), max_length=300, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-submitted_at", "-pk"]
        permissions = [("approve_entry", _("Approve and return entries"))]
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

    def amount_of(self, quantity: Decimal) -> Decimal:
        """Sales amount of a quantity: what was proposed and what was recorded have theirs (J5)."""
        if quantity == self.proposed_quantity:
            return self.proposed_amount
        whole = (self.priced_quantity, self.priced_amount)
        return part_amount(quantity, self.sales_price, self.sales_currency, whole)

    @transition(status, source=ApprovalStatus.SUBMITTED, target=ApprovalStatus.APPROVED)
    def approve(self) -> None:
        """Whoever decided becomes answerable for the actuals."""

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

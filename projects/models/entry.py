"""What people report: time, expenses, material and fees, by hand or from a file (A8)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import PriceField, QuantityField, StateField
from core.templatetags.display import day
from core.units import unit_word
from projects.models.file_import import ImportBatch
from projects.models.party import LegalEntity
from projects.models.project import Project, Resource, Role, Task, TransactionCategory
from projects.querysets import EntryQuerySet
from projects.states import BillingType, EntryStatus, TransactionClass


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
    status = StateField(_("status"), default=EntryStatus.DRAFT, choices=EntryStatus.choices, protected=True)
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
    import_source = models.CharField(_("import source"), max_length=80, blank=True, editable=False)
    import_id = models.CharField(_("import id"), max_length=60, blank=True, editable=False)
    # Content of the row at the last import: another content under the same id is a changed row.
    import_content = models.CharField(_("content in the file"), max_length=32, blank=True, editable=False)

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
        # Not by `get_transaction_class_display`, which translates every class to find one: sets of entries
        # are named row by row in the activity log.
        of_class = TransactionClass(self.transaction_class).label
        how_much = f"{self.quantity.normalize():f} {unit_word(self.unit, self.quantity)}"
        return f"{day(self.date)} {of_class} {how_much}"

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

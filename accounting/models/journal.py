"""The integration journal and the project subledger it posts to (C1)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounting.models.ledger import Voucher
from accounting.querysets import JournalLineQuerySet, JournalQuerySet, ProjectTransactionQuerySet
from accounting.states import JournalLineStatus, JournalStatus, ProjectTransactionKind
from core.fields import AmountField, StateField
from core.templatetags.display import day, money
from projects.models import Actual, LegalEntity, Project


class IntegrationJournal(models.Model):
    """A period's actuals, laid before the accountant for review and posting."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="integration_journals", verbose_name=_("legal entity")
    )
    number = models.CharField(_("number"), max_length=40, unique=True)
    description = models.CharField(_("description"), max_length=120, blank=True)
    period_starts_on = models.DateField(_("period"), null=True, blank=True)
    status = StateField(
        _("status"), default=JournalStatus.DRAFT, choices=JournalStatus.choices, protected=True
    )
    original = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="error_journals",
        verbose_name=_("original"),
    )
    imported_at = models.DateTimeField(_("imported at"))

    objects = JournalQuerySet.as_manager()

    class Meta:
        verbose_name = _("integration journal")
        verbose_name_plural = _("integration journals")
        ordering = ["-pk"]
        permissions = [("post_journal", _("Import and post integration journals"))]

    def __str__(self) -> str:
        return self.number

    @transition(status, source=[JournalStatus.DRAFT, JournalStatus.ERROR], target=JournalStatus.POSTED)
    def post(self) -> None:
        """All its lines are in the books."""

    @transition(status, source=JournalStatus.DRAFT, target=JournalStatus.ERROR)
    def fail(self) -> None:
        """It holds lines that could not be posted."""


class IntegrationJournalLine(models.Model):
    """One cost or unbilled-sales actual to be posted; only its dimension changes."""

    journal = models.ForeignKey(
        IntegrationJournal, models.PROTECT, related_name="lines", verbose_name=_("journal")
    )
    actual = models.OneToOneField(
        Actual, models.PROTECT, related_name="journal_line", verbose_name=_("actual")
    )
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="+", db_index=False, verbose_name=_("project")
    )
    accounting_date = models.DateField(_("accounting date"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("amount"))
    base_amount = AmountField(_("amount in the entity's currency"))
    dimension = models.CharField(_("financial dimension"), max_length=40, blank=True)
    status = StateField(
        _("status"), default=JournalLineStatus.DRAFT, choices=JournalLineStatus.choices, protected=True
    )
    is_accrued = models.BooleanField(_("revenue accrued"), default=False)
    is_held = models.BooleanField(_("cost in the balance"), default=False)
    error = models.CharField(_("error"), max_length=300, blank=True)
    voucher = models.OneToOneField(
        Voucher, models.PROTECT, null=True, blank=True, related_name="journal_line", verbose_name=_("voucher")
    )

    objects = JournalLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("integration journal line")
        verbose_name_plural = _("integration journal lines")
        ordering = ["pk"]
        indexes = [models.Index(fields=["status", "journal"], name="journal_line_status")]

    def __str__(self) -> str:
        return f"{day(self.accounting_date)}, {money(self.amount, self.currency)}"

    @transition(
        status, source=[JournalLineStatus.DRAFT, JournalLineStatus.ERROR], target=JournalLineStatus.POSTED
    )
    def post(self) -> None:
        """It is in the books."""

    @transition(status, source=JournalLineStatus.DRAFT, target=JournalLineStatus.ERROR)
    def fail(self) -> None:
        """It could not be posted; `error` says why."""

    @transition(status, source=JournalLineStatus.ERROR, target=JournalLineStatus.DRAFT)
    def retry(self) -> None:
        """It may be posted again."""


class ProjectTransaction(models.Model):
    """The project subledger: one row for each actual that reached the books.

    `base_amount` is what an advance, or a part that is taken off it, was booked with in the entity's
    currency: later uses take it off at the same rate. It is empty for everything else.
    """

    actual = models.OneToOneField(
        Actual, models.PROTECT, related_name="project_transaction", verbose_name=_("actual")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ProjectTransactionKind.choices)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="transactions", verbose_name=_("project")
    )
    accounting_date = models.DateField(_("accounting date"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("amount"))
    base_amount = AmountField(_("amount in the entity's currency"), null=True, blank=True)
    # Empty where the profile keeps the ledger out of it.
    voucher = models.ForeignKey(
        Voucher,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="project_transactions",
        verbose_name=_("voucher"),
    )

    objects = ProjectTransactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("project transaction")
        verbose_name_plural = _("project transactions")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount.normalize():f} {self.currency}"

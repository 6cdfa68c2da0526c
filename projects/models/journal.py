"""Journals of projects: corrections of approved work, facts typed by an accountant, and their cancellation.

Each has a number of its own kind and company, and says which event wrote its facts.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from core.fields import AmountField, PriceField, QuantityField, StateField
from core.templatetags.display import day
from projects.models.actual import Actual, ActualEvent, WorkItem
from projects.models.contract import ContractLine
from projects.models.entry import Entry
from projects.models.party import Customer, LegalEntity
from projects.models.project import Project, Resource, Role, Task, TransactionCategory
from projects.querysets import FactJournalQuerySet, OfEntityQuerySet
from projects.states import (
    BillingType,
    CancellationStatus,
    EntryJournalStatus,
    TransactionClass,
    TransactionType,
)


class Journal(models.Model):
    """What the journals share: a company, a number, a reason, who wrote it and when."""

    PREFIX: ClassVar[str] = ""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="+", verbose_name=_("legal entity")
    )
    sequence = models.PositiveIntegerField(_("number within the company"), editable=False)
    reason = models.CharField(_("reason"), max_length=300)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"))
    event = models.OneToOneField(
        ActualEvent, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("event")
    )

    class Meta:
        abstract = True
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["legal_entity", "sequence"], name="%(class)s_number")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number people say: `CJ-00012`; unique within its company."""
        return f"{self.PREFIX}-{self.sequence:05d}"


class CorrectionJournal(Journal):
    """Approved entries that were given other values: reversed and replaced in one event (matrix 4.1 #10)."""

    PREFIX = "CJ"

    objects = OfEntityQuerySet.as_manager()

    class Meta(Journal.Meta):
        verbose_name = _("correction journal")
        verbose_name_plural = _("correction journals")


class CorrectionLine(models.Model):
    """The entry that took the place of another, which it names in `corrects`."""

    journal = models.ForeignKey(
        CorrectionJournal, models.PROTECT, related_name="lines", verbose_name=_("correction journal")
    )
    entry = models.OneToOneField(
        Entry, models.PROTECT, related_name="correction_line", verbose_name=_("entry")
    )

    class Meta:
        verbose_name = _("line of a correction journal")
        verbose_name_plural = _("lines of correction journals")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.journal}: {self.entry}"


class ConfirmedJournal(Journal):
    """A journal that is prepared and confirmed once: who confirmed it, and when."""

    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    objects = FactJournalQuerySet.as_manager()

    class Meta(Journal.Meta):
        abstract = True


class EntryJournal(ConfirmedJournal):
    """Facts that an accountant types line by line; confirming it writes one actual for each (#11)."""

    PREFIX = "EJ"

    status = StateField(
        _("status"), default=EntryJournalStatus.DRAFT, choices=EntryJournalStatus.choices, protected=True
    )

    class Meta(ConfirmedJournal.Meta):
        verbose_name = _("entry journal")
        verbose_name_plural = _("entry journals")

    @transition(status, source=EntryJournalStatus.DRAFT, target=EntryJournalStatus.CONFIRMED)
    def confirm(self) -> None:
        """Its actuals are written; it is final."""


class EntryJournalLine(models.Model):
    """One actual to be: cost in the company's currency, unbilled sales in that of the contract."""

    journal = models.ForeignKey(
        EntryJournal, models.PROTECT, related_name="lines", verbose_name=_("entry journal")
    )
    type = models.PositiveSmallIntegerField(_("type"), choices=TransactionType.choices)
    transaction_class = models.CharField(_("class"), max_length=10, choices=TransactionClass.choices)
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("project"))
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("task")
    )
    contract_line = models.ForeignKey(
        ContractLine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contract line"),
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("payer")
    )
    resource = models.ForeignKey(
        Resource, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
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
    date = models.DateField(_("date"))
    quantity = QuantityField(_("quantity"))
    unit = models.CharField(_("unit"), max_length=10, default="h")
    price = PriceField(_("price"))
    amount = AmountField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    billing_type = models.PositiveSmallIntegerField(
        _("billing type"), choices=BillingType.choices, default=BillingType.CHARGEABLE
    )
    description = models.CharField(_("description"), max_length=500)
    work_item = models.OneToOneField(
        WorkItem,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="entry_journal_line",
        verbose_name=_("work item"),
    )

    class Meta:
        verbose_name = _("line of an entry journal")
        verbose_name_plural = _("lines of entry journals")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="journal_line_has_a_quantity"),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="journal_line_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{day(self.date)} {self.description}"


class CancellationJournal(ConfirmedJournal):
    """Takes back actuals that entry journals wrote; once confirmed it cannot be undone (#11b)."""

    PREFIX = "XJ"

    status = StateField(
        _("status"), default=CancellationStatus.IN_PROCESS, choices=CancellationStatus.choices, protected=True
    )

    class Meta(ConfirmedJournal.Meta):
        verbose_name = _("cancellation journal")
        verbose_name_plural = _("cancellation journals")

    @property
    def is_in_process(self) -> bool:
        """Whether its actuals can still be let go."""
        return bool(self.status == CancellationStatus.IN_PROCESS)

    @transition(status, source=CancellationStatus.IN_PROCESS, target=CancellationStatus.CONFIRMED)
    def confirm(self) -> None:
        """Its actuals are reversed; it is final."""

    @transition(status, source=CancellationStatus.IN_PROCESS, target=CancellationStatus.DISCARDED)
    def discard(self) -> None:
        """Nothing came of it; its actuals may be chosen again."""


class CancellationLine(models.Model):
    """An actual that is chosen to be taken back; it can be chosen once."""

    journal = models.ForeignKey(
        CancellationJournal, models.PROTECT, related_name="lines", verbose_name=_("cancellation journal")
    )
    actual = models.OneToOneField(
        Actual, models.PROTECT, related_name="cancellation_line", verbose_name=_("actual")
    )

    class Meta:
        verbose_name = _("line of a cancellation journal")
        verbose_name_plural = _("lines of cancellation journals")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.journal}: {self.actual}"

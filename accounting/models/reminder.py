"""Reminders of what is overdue: the levels of a company, what was sent, and what is not reminded of (C11)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.models.invoice import CustomerInvoice
from accounting.models.printed import PrintedDocument
from accounting.receivable_querysets import (
    ReminderItemQuerySet,
    ReminderProposalQuerySet,
    ReminderQuerySet,
    ReminderStopQuerySet,
)
from accounting.states import LevelOfReminders
from core.fields import AmountField
from core.templatetags.display import day
from projects.models import Customer, LegalEntity
from projects.querysets import OfEntityQuerySet


class ReminderLevel(models.Model):
    """How a legal entity reminds at one of the three levels; without a row the defaults hold.

    The fee is in the company's currency and asked for in reminders in that currency alone; it is not posted.
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="reminder_levels", verbose_name=_("legal entity")
    )
    level = models.PositiveSmallIntegerField(_("level"), choices=LevelOfReminders.choices)
    days = models.PositiveSmallIntegerField(
        _("days after the due date"),
        help_text=_("A level that was sent late leaves the same time until the next one."),
    )
    fee = AmountField(
        _("reminder fee"),
        default=0,
        help_text=_("In the company’s currency. It is asked for and not posted. Zero: none."),
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder level")
        verbose_name_plural = _("reminder levels")
        ordering = ["legal_entity", "level"]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "level"], name="reminder_level_once_per_entity"),
            models.CheckConstraint(condition=models.Q(level__in=[1, 2, 3]), name="reminder_level_is_known"),
            models.CheckConstraint(
                condition=models.Q(days__gte=1, days__lte=365), name="reminder_comes_after_the_due_date"
            ),
            models.CheckConstraint(condition=models.Q(fee__gte=0), name="reminder_fee_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.legal_entity}, {self.get_level_display()}"


class ReminderText(models.Model):
    """What a reminder of one level says to customers of one language; without it the usual words."""

    reminder_level = models.ForeignKey(
        ReminderLevel, models.CASCADE, related_name="texts", verbose_name=_("reminder level")
    )
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    text = models.TextField(_("text"), max_length=900)

    class Meta:
        verbose_name = _("text of a reminder")
        verbose_name_plural = _("texts of reminders")
        ordering = ["reminder_level", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["reminder_level", "language"], name="reminder_text_once_per_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reminder_level}, {self.get_language_display()}"


class Reminder(models.Model):
    """One letter to one customer about what is overdue in one currency; never changed.

    `level` is the highest of its items. The snapshot holds the document as it was worded when it was sent.
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="reminders", verbose_name=_("legal entity")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="reminders", verbose_name=_("customer")
    )
    number = models.CharField(_("number"), max_length=40)
    level = models.PositiveSmallIntegerField(_("level"), choices=LevelOfReminders.choices)
    date = models.DateField(_("date"))
    currency = models.CharField(_("currency"), max_length=3)
    open_amount = AmountField(_("open"))
    fee = AmountField(_("reminder fee"), default=0)
    address = models.EmailField(_("sent to"), max_length=120)
    language = models.CharField(_("language"), max_length=5)
    snapshot = models.JSONField(_("snapshot"))
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("sent by")
    )
    sent_at = models.DateTimeField(_("sent at"))

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-pk"]
        permissions = [("send_reminder", _("Send reminders, and stop them"))]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "currency", "date"], name="one_reminder_per_customer_and_day"
            ),
            models.CheckConstraint(
                condition=models.Q(open_amount__gt=0, fee__gte=0), name="reminder_asks_for_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()}, {self.customer}, {day(self.date)}"


class ReminderItem(models.Model):
    """One invoice, or one instalment of it, in a reminder: each level of it comes once."""

    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="items", verbose_name=_("reminder"))
    invoice = models.ForeignKey(
        CustomerInvoice, models.PROTECT, related_name="reminder_items", verbose_name=_("invoice")
    )
    part = models.PositiveSmallIntegerField(
        _("instalment"), default=0, help_text=_("Zero: the invoice as a whole.")
    )
    level = models.PositiveSmallIntegerField(_("level"), choices=LevelOfReminders.choices)
    due_date = models.DateField(_("due date"))
    open_amount = AmountField(_("open"))

    objects = ReminderItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice of a reminder")
        verbose_name_plural = _("invoices of reminders")
        ordering = ["reminder", "due_date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "part", "level"], name="reminder_level_once_per_invoice"
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice}, {self.get_level_display()}"


class ReminderDocument(PrintedDocument):
    """The printed reminder as it was first rendered: its bytes and their hash."""

    reminder = models.OneToOneField(
        Reminder, models.PROTECT, related_name="document", verbose_name=_("reminder")
    )

    class Meta:
        verbose_name = _("printed reminder")
        verbose_name_plural = _("printed reminders")

    def __str__(self) -> str:
        return str(self.reminder)


class ReminderStop(models.Model):
    """A customer who is not reminded for a time, or an invoice that is disputed; lifted, never deleted."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="reminder_stops", verbose_name=_("customer")
    )
    invoice = models.ForeignKey(
        CustomerInvoice,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reminder_stops",
        verbose_name=_("disputed invoice"),
        help_text=_("Empty: the customer is reminded of nothing."),
    )
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("Empty: until it is lifted."))
    reason = models.CharField(_("reason"), max_length=200)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("stopped by")
    )
    stopped_at = models.DateTimeField(_("stopped at"))
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lifted by"),
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)

    objects = ReminderStopQuerySet.as_manager()

    class Meta:
        verbose_name = _("stop of reminders")
        verbose_name_plural = _("stops of reminders")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lifted_by__isnull=True, lifted_at__isnull=True)
                | models.Q(lifted_by__isnull=False, lifted_at__isnull=False),
                name="stop_is_lifted_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice or self.customer}: {self.reason}"


class ReminderProposal(models.Model):
    """What the clock has proposed to remind of, once for each level of an invoice; a person sends."""

    invoice = models.ForeignKey(
        CustomerInvoice, models.PROTECT, related_name="reminder_proposals", verbose_name=_("invoice")
    )
    part = models.PositiveSmallIntegerField(_("instalment"), default=0)
    level = models.PositiveSmallIntegerField(_("level"), choices=LevelOfReminders.choices)
    proposed_on = models.DateField(_("proposed on"))

    objects = ReminderProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed reminder")
        verbose_name_plural = _("proposed reminders")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "part", "level"], name="reminder_proposed_once_per_level"
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice}, {self.get_level_display()}"

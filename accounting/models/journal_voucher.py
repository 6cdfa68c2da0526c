"""Journal vouchers: what an accountant writes into the ledger by hand and another person posts (C6)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounting.models.ledger import Account
from accounting.querysets import JournalVoucherLineQuerySet, JournalVoucherQuerySet
from accounting.states import JournalVoucherKind, JournalVoucherStatus
from core.fields import AmountField, ShareField, StateField
from core.templatetags.display import money
from projects.models import Customer, LegalEntity, Project

STANDING = (JournalVoucherStatus.DRAFT, JournalVoucherStatus.POSTED)


class JournalVoucher(models.Model):
    """Debits and credits that balance, written by one person; its voucher in the ledger is another one's."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="journal_vouchers", verbose_name=_("legal entity")
    )
    date = models.DateField(_("date"))
    text = models.CharField(_("text"), max_length=200)
    status = StateField(
        _("status"),
        default=JournalVoucherStatus.DRAFT,
        choices=JournalVoucherStatus.choices,
        protected=True,
    )
    kind = models.CharField(
        _("kind"),
        max_length=12,
        choices=JournalVoucherKind.choices,
        default=JournalVoucherKind.ORDINARY,
    )
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reversals", verbose_name=_("reverses")
    )
    reversed_on = models.DateField(
        _("reversed on"),
        null=True,
        blank=True,
        help_text=_("Empty: it stays. Its reversal is posted together with it."),
    )
    # Of which month of which recurring one it is, empty where somebody wrote it.
    recurring = models.ForeignKey(
        "accounting.RecurringVoucher",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proposed",
        verbose_name=_("recurring journal voucher"),
    )
    month = models.DateField(_("month"), null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("written by"),
    )
    written_at = models.DateTimeField(_("written at"))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("posted by"),
    )
    posted_at = models.DateTimeField(_("posted at"), null=True, blank=True)

    objects = JournalVoucherQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal voucher")
        verbose_name_plural = _("journal vouchers")
        ordering = ["-date", "-pk"]
        permissions = [
            ("write_journal_voucher", _("Write journal vouchers")),
            ("post_journal_voucher", _("Post journal vouchers that others have written")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["recurring", "month"], name="journal_voucher_once_per_month"),
            models.CheckConstraint(
                condition=models.Q(reversed_on__isnull=True) | models.Q(reversed_on__gt=models.F("date")),
                name="journal_voucher_reversed_later",
                violation_error_message=_("It is reversed after its own day."),
            ),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=models.Q(status__in=STANDING),
                name="journal_voucher_reversed_once",
                violation_error_message=_("This journal voucher has a reversal already."),
            ),
            models.CheckConstraint(
                condition=models.Q(posted_by__isnull=True) | ~models.Q(posted_by=models.F("written_by")),
                name="journal_voucher_posted_by_another",
                violation_error_message=_("Another person posts what somebody has written."),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status=JournalVoucherStatus.POSTED, posted_by__isnull=False, posted_at__isnull=False
                )
                | (
                    ~models.Q(status=JournalVoucherStatus.POSTED)
                    & models.Q(posted_by__isnull=True, posted_at__isnull=True)
                ),
                name="journal_voucher_posted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @transition(status, source=JournalVoucherStatus.DRAFT, target=JournalVoucherStatus.POSTED)
    def post(self) -> None:
        """Its voucher is in the ledger; the verb stamps who posted it."""

    @transition(status, source=JournalVoucherStatus.DRAFT, target=JournalVoucherStatus.DISCARDED)
    def discard(self) -> None:
        """It will not be posted."""


class JournalVoucherLine(models.Model):
    """One debit (positive) or credit (negative) of a journal voucher, in the order in which it was written.

    `base_amount` is in the currency of the legal entity: fixed when the voucher is posted, at the rate of its
    date, and from the start in a reversal, which takes that of the line that it reverses.

    An amount on several values of the dimension is a line for each: `percent` of `whole`, which is what was
    written, and `first_part`, the position of the first of them (C4).
    """

    journal_voucher = models.ForeignKey(
        JournalVoucher, models.PROTECT, related_name="lines", verbose_name=_("journal voucher")
    )
    position = models.PositiveIntegerField(_("position"))
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="journal_voucher_lines", verbose_name=_("account")
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("amount"))
    base_amount = AmountField(_("amount in the entity's currency"), null=True, blank=True)
    text = models.CharField(_("text"), max_length=200, blank=True)
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("customer"),
    )
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("project"),
    )
    dimension = models.CharField(_("financial dimension"), max_length=40, blank=True)
    percent = ShareField(_("percent of the whole"), null=True, blank=True)
    whole = AmountField(_("divided amount"), null=True, blank=True)
    first_part = models.PositiveIntegerField(_("position of the first part"), null=True, blank=True)

    objects = JournalVoucherLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a journal voucher")
        verbose_name_plural = _("lines of journal vouchers")
        ordering = ["journal_voucher", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["journal_voucher", "position"], name="journal_voucher_line_in_one_place"
            ),
            models.CheckConstraint(condition=~models.Q(amount=0), name="journal_voucher_line_not_zero"),
            models.CheckConstraint(
                condition=models.Q(percent__isnull=True, whole__isnull=True, first_part__isnull=True)
                | (
                    models.Q(percent__gt=0, percent__lt=100, first_part__lte=models.F("position"))
                    & (
                        models.Q(amount__gt=0, whole__gt=models.F("amount"))
                        | models.Q(amount__lt=0, whole__lt=models.F("amount"))
                    )
                ),
                name="journal_voucher_line_is_part_of_a_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {money(self.amount, self.currency)}"

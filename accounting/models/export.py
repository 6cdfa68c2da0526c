"""Vouchers for other ledgers: what was exported, when, by whom, and the file as it was handed out (C15)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.models.ledger import Account, Voucher
from accounting.states import ExportTarget
from core.templatetags.display import day
from projects.models import LegalEntity
from projects.querysets import OfEntityQuerySet


class DatevSettings(models.Model):
    """How a legal entity is known to its tax adviser; without a row nothing is exported for DATEV."""

    legal_entity = models.OneToOneField(
        LegalEntity, models.PROTECT, related_name="datev_settings", verbose_name=_("legal entity")
    )
    consultant = models.PositiveIntegerField(
        _("consultant number"), validators=[MinValueValidator(1001), MaxValueValidator(9_999_999)]
    )
    client = models.PositiveIntegerField(
        _("client number"), validators=[MinValueValidator(1), MaxValueValidator(99_999)]
    )
    account_length = models.PositiveSmallIntegerField(
        _("length of account numbers"), default=4, validators=[MinValueValidator(4), MaxValueValidator(8)]
    )
    chart = models.CharField(
        _("chart of accounts"),
        max_length=2,
        blank=True,
        choices=[("03", "SKR 03"), ("04", "SKR 04")],
    )
    initials = models.CharField(_("initials"), max_length=2, blank=True)
    locks_vouchers = models.BooleanField(
        _("vouchers arrive locked"),
        default=False,
        help_text=_("Locked vouchers cannot be changed by the tax adviser."),
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("DATEV settings")
        verbose_name_plural = _("DATEV settings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(consultant__range=(1001, 9_999_999)), name="datev_consultant_number"
            ),
            models.CheckConstraint(condition=models.Q(client__range=(1, 99_999)), name="datev_client_number"),
            models.CheckConstraint(
                condition=models.Q(account_length__range=(4, 8)), name="datev_account_length"
            ),
        ]

    def __str__(self) -> str:
        return str(self.legal_entity)


class DatevKey(models.Model):
    """A tax key that is written beside every voucher line on an account."""

    datev_settings = models.ForeignKey(
        DatevSettings, models.CASCADE, related_name="keys", verbose_name=_("DATEV settings")
    )
    account = models.OneToOneField(
        Account, models.CASCADE, related_name="datev_key", verbose_name=_("account")
    )
    key = models.CharField(
        _("tax key"),
        max_length=4,
        validators=[RegexValidator(r"\A[0-9]{1,4}\Z", _("One to four digits."))],
        help_text=_(
            "40 keeps DATEV from taxing an account by itself: the tax is in the voucher, on its own account."
        ),
    )

    class Meta:
        verbose_name = _("DATEV tax key")
        verbose_name_plural = _("DATEV tax keys")
        ordering = ["account"]

    def __str__(self) -> str:
        return f"{self.account} {self.key}"


class VoucherExport(models.Model):
    """A file of vouchers of some days for one target; never changed, and handed out again as it was."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="voucher_exports", verbose_name=_("legal entity")
    )
    target = models.CharField(_("for"), max_length=8, choices=ExportTarget.choices)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"))
    is_repeat = models.BooleanField(
        _("again"), default=False, help_text=_("It holds vouchers that were exported before.")
    )
    voucher_count = models.PositiveIntegerField(_("vouchers"))
    name = models.CharField(_("file"), max_length=80)
    content = models.BinaryField(_("content"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    exported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("exported by")
    )
    exported_at = models.DateTimeField(_("exported at"))

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher export")
        verbose_name_plural = _("voucher exports")
        ordering = ["-pk"]
        permissions = [
            ("export_voucher", _("Export vouchers to other ledgers")),
            ("export_audit", _("Export a year for an audit")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="export_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_target_display()}, {day(self.first_day)} – {day(self.last_day)}"


class ExportedVoucher(models.Model):
    """A voucher of an export; each is exported once for a target, unless it was asked for again."""

    export = models.ForeignKey(
        VoucherExport, models.PROTECT, related_name="exported", verbose_name=_("voucher export")
    )
    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="exports", verbose_name=_("voucher"))
    target = models.CharField(_("for"), max_length=8, choices=ExportTarget.choices)
    # How often it was exported for this target by then: each time is a decision of its own.
    times = models.PositiveSmallIntegerField(_("times"), default=1)

    class Meta:
        verbose_name = _("exported voucher")
        verbose_name_plural = _("exported vouchers")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["voucher", "target", "times"], name="voucher_exported_once_per_target"
            ),
            models.UniqueConstraint(fields=["export", "voucher"], name="voucher_once_in_an_export"),
        ]

    def __str__(self) -> str:
        return str(self.voucher)

"""The general ledger: accounts, vouchers that balance or do not exist, and what each account is for (C6)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.querysets import VoucherLineQuerySet
from accounting.states import AccountKind, ControlKind, PostingType, VoucherSource
from core.fields import AmountField
from projects.models import Customer, LegalEntity, Project
from projects.querysets import OfEntityQuerySet


class Account(models.Model):
    """A main account of one legal entity."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="accounts", verbose_name=_("legal entity")
    )
    number = models.CharField(_("number"), max_length=12)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind.choices)
    control = models.CharField(
        _("control account of"), max_length=10, choices=ControlKind.choices, blank=True
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["legal_entity", "number"]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "number"], name="account_number_once_per_entity")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class PostingAccount(models.Model):
    """Which account each posting type uses; a row for a project is used instead of the general one."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="posting_accounts", verbose_name=_("legal entity")
    )
    posting_type = models.CharField(_("posting type"), max_length=24, choices=PostingType.choices)
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("only for project")
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="posting_roles", verbose_name=_("account")
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting account")
        verbose_name_plural = _("posting accounts")
        ordering = ["legal_entity", "posting_type", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "posting_type"],
                condition=models.Q(project__isnull=True),
                name="one_general_account_per_role",
            ),
            models.UniqueConstraint(
                fields=["legal_entity", "posting_type", "project"],
                condition=models.Q(project__isnull=False),
                name="one_project_account_per_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_posting_type_display()} → {self.account}"


class Voucher(models.Model):
    """A set of ledger lines that balances per currency; without its seal it cannot be committed."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="vouchers", verbose_name=_("legal entity")
    )
    number = models.CharField(_("number"), max_length=40, unique=True)
    date = models.DateField(_("date"))
    source_kind = models.CharField(_("source"), max_length=20, choices=VoucherSource.choices)
    source_id = models.BigIntegerField(_("source id"))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("posted by"),
    )
    posted_at = models.DateTimeField(_("posted at"))
    seal = models.ForeignKey(
        "accounting.VoucherSeal",
        models.PROTECT,
        default=uuid.uuid4,
        related_name="+",
        editable=False,
        verbose_name=_("seal"),
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ["-date", "-pk"]
        indexes = [models.Index(fields=["legal_entity", "date"], name="voucher_entity_date")]
        constraints = [
            models.UniqueConstraint(fields=["source_kind", "source_id"], name="one_voucher_per_source")
        ]

    def __str__(self) -> str:
        return self.number


class VoucherSeal(models.Model):
    """Closes a voucher: inserting it checks the balance; after it the voucher takes no more lines."""

    key = models.UUIDField(_("key"), primary_key=True)
    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="+", verbose_name=_("voucher"))

    class Meta:
        verbose_name = _("seal of a voucher")
        verbose_name_plural = _("seals of vouchers")

    def __str__(self) -> str:
        return str(self.key)


class VoucherLine(models.Model):
    """One debit (positive) or credit (negative), in its currency and in the entity's."""

    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="lines", verbose_name=_("voucher"))
    account = models.ForeignKey(Account, models.PROTECT, related_name="lines", verbose_name=_("account"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("amount"))
    base_amount = AmountField(_("amount in the entity's currency"))
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

    objects = VoucherLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher line")
        verbose_name_plural = _("voucher lines")
        ordering = ["voucher", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(amount=0) | ~models.Q(base_amount=0), name="voucher_line_not_zero"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount.normalize():f} {self.currency}"

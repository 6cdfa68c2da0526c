"""The general ledger: accounts, vouchers that balance or do not exist, and what each account is for (C6)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounting.querysets import VoucherLineQuerySet
from accounting.states import AccountKind, ControlKind, PostingType, VoucherSource
from core.fields import AmountField
from projects.models import Customer, LegalEntity, Project, TransactionCategory
from projects.querysets import OfEntityQuerySet

NO_ROW = 0
PLACE = (
    "legal_entity",
    "posting_type",
    Coalesce("project", NO_ROW),
    "project_group",
    Coalesce("category", NO_ROW),
    "category_group",
)
"""For what a row of the posting set-up holds; an empty key counts as one value, as an empty text does."""


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
    """Which account a posting type uses; the most specific row that holds on the day decides (C2).

    A row may be for a project or a project group, and for a category or a category group. What is posted
    stays where it is: an account in use gives way to another one from a day on, by a row of its own.
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="posting_accounts", verbose_name=_("legal entity")
    )
    posting_type = models.CharField(_("posting type"), max_length=24, choices=PostingType.choices)
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("only for project")
    )
    project_group = models.CharField(_("only for project group"), max_length=40, blank=True)
    category = models.ForeignKey(
        TransactionCategory,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only for category"),
    )
    category_group = models.CharField(_("only for category group"), max_length=40, blank=True)
    starts_on = models.DateField(
        _("from"), null=True, blank=True, help_text=_("Empty: always, until another row takes over.")
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="posting_roles", verbose_name=_("account")
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting account")
        verbose_name_plural = _("posting accounts")
        ordering = ["legal_entity", "posting_type", "starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                *PLACE,
                condition=models.Q(starts_on__isnull=True),
                name="one_account_per_role_and_place",
                violation_error_message=_("This posting type has an account for this place already."),
            ),
            models.UniqueConstraint(
                *PLACE,
                "starts_on",
                condition=models.Q(starts_on__isnull=False),
                name="one_account_per_role_place_and_day",
                violation_error_message=_("This posting type has an account from this day on already."),
            ),
            models.CheckConstraint(
                condition=models.Q(project__isnull=True) | models.Q(project_group=""),
                name="posting_account_of_project_or_group",
                violation_error_message=_("Name a project or a project group, not both."),
            ),
            models.CheckConstraint(
                condition=models.Q(category__isnull=True) | models.Q(category_group=""),
                name="posting_account_of_category_or_group",
                violation_error_message=_("Name a category or a category group, not both."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_posting_type_display()} → {self.account}"


class PostingAccountUse(models.Model):
    """An account that plays or once played a posting type; the database writes it with every posting account.

    What is posted stays on its account when a posting type is pointed elsewhere, so the proofs of the books
    ask these rows and not today's set-up (G5).
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.CASCADE, related_name="+", verbose_name=_("legal entity")
    )
    posting_type = models.CharField(_("posting type"), max_length=24, choices=PostingType.choices)
    account = models.ForeignKey(
        Account, models.CASCADE, related_name="posting_uses", verbose_name=_("account")
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a posting account")
        verbose_name_plural = _("uses of posting accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "posting_type", "account"], name="one_use_per_role_and_account"
            )
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

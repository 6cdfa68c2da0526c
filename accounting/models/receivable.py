"""What customers pay, what is written off, and which of it settles what (C11)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounting.models.invoice import CustomerInvoice, CustomerTransaction
from accounting.models.ledger import Account
from accounting.models.reversible import Reversible
from accounting.receivable_querysets import (
    BankBookingQuerySet,
    BankFileQuerySet,
    PaymentQuerySet,
    SettlementQuerySet,
)
from accounting.states import WriteOffKind
from core.fields import AmountField, PercentField
from core.templatetags.display import day, money
from projects.models import Customer, LegalEntity, SalesTaxGroup, TaxCode
from projects.querysets import OfEntityQuerySet


class ReceivablesPolicy(models.Model):
    """What a legal entity has decided about its receivables; without a row the defaults hold."""

    legal_entity = models.OneToOneField(
        LegalEntity, models.PROTECT, related_name="receivables_policy", verbose_name=_("legal entity")
    )
    small_difference = AmountField(
        _("small difference"),
        default=1,
        help_text=_("Up to this amount per invoice a difference is written off, in the company’s currency."),
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("receivables policy")
        verbose_name_plural = _("receivables policies")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(small_difference__gte=0), name="small_difference_is_not_negative"
            )
        ]

    def __str__(self) -> str:
        return str(self.legal_entity)


class BankAccount(models.Model):
    """An account at a bank, in one currency, and the account of the ledger that shows it."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="bank_accounts", verbose_name=_("legal entity")
    )
    name = models.CharField(_("name"), max_length=60)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="bank_accounts", verbose_name=_("account")
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        ordering = ["legal_entity", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "name"], name="bank_account_name_once_per_entity"
            ),
            models.UniqueConstraint(
                fields=["iban", "currency"],
                condition=~models.Q(iban=""),
                name="iban_once_per_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.currency})"


class BankFile(models.Model):
    """A statement of a bank as it was imported; the same bytes are imported once."""

    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, related_name="files", verbose_name=_("bank account")
    )
    name = models.CharField(_("name"), max_length=120)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("imported by")
    )
    imported_at = models.DateTimeField(_("imported at"))

    objects = BankFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["bank_account", "sha256"], name="bank_file_once_per_account")
        ]

    def __str__(self) -> str:
        return self.name


class BankBooking(models.Model):
    """One bank booking, above zero where money came in; what was left out is empty. Never changed."""

    bank_file = models.ForeignKey(
        BankFile, models.PROTECT, related_name="entries", verbose_name=_("bank file")
    )
    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, related_name="entries", verbose_name=_("bank account")
    )
    booked_on = models.DateField(_("booked on"))
    amount = AmountField(_("amount"))
    text = models.CharField(_("text"), max_length=1000, blank=True)
    payer = models.CharField(_("payer"), max_length=140, blank=True)
    payer_iban = models.CharField(_("IBAN of the payer"), max_length=34, blank=True)
    reference = models.CharField(_("reference of the bank"), max_length=70, blank=True)
    is_reversal = models.BooleanField(_("reversal by the bank"), default=False)
    key = models.CharField(_("key"), max_length=64)

    objects = BankBookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank booking")
        verbose_name_plural = _("bank bookings")
        ordering = ["-booked_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["bank_account", "key"], name="bank_booking_once_per_account"),
            models.CheckConstraint(condition=~models.Q(amount=0), name="bank_booking_is_not_zero"),
        ]

    def __str__(self) -> str:
        amount = money(self.amount, self.bank_account.currency)
        return f"{self.payer or self.text[:40]}, {day(self.booked_on)}, {amount}"


class CustomerPayment(Reversible):
    """Money from a customer (positive) or back to one (negative); never changed, only reversed.

    `bank_amount` is in the currency of the bank account, `amount` in `currency`, in which it settles.
    """

    bank_account = models.ForeignKey(
        BankAccount, models.PROTECT, related_name="payments", verbose_name=_("bank account")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="payments", verbose_name=_("customer")
    )
    date = models.DateField(_("date"))
    bank_amount = AmountField(_("amount at the bank"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("amount"))
    reference = models.CharField(_("reference"), max_length=500, blank=True)
    # Empty where a payment was entered by hand.
    bank_booking = models.ForeignKey(
        BankBooking,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        verbose_name=_("bank booking"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered at"))

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer payment")
        verbose_name_plural = _("customer payments")
        ordering = ["-date", "-pk"]
        permissions = [("post_payment", _("Enter, settle and reverse payments of customers"))]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(amount__gt=0) & models.Q(bank_amount__gt=0))
                | (models.Q(amount__lt=0) & models.Q(bank_amount__lt=0)),
                name="payment_is_not_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}, {day(self.date)}, {money(self.amount, self.currency)}"


class WriteOff(Reversible):
    """What nobody asks for any more: a small difference, or the cash discount that an invoice offered.

    It lowers what a customer owes, or is owed. A cash discount lowers the tax of its invoice as well.
    """

    kind = models.CharField(
        _("kind"), max_length=12, choices=WriteOffKind.choices, default=WriteOffKind.DIFFERENCE
    )
    invoice = models.ForeignKey(
        CustomerInvoice,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="write_offs",
        verbose_name=_("invoice"),
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="write_offs", verbose_name=_("customer")
    )
    date = models.DateField(_("date"))
    currency = models.CharField(_("currency"), max_length=3)
    # Above zero where the customer owes less by it, as a payment is.
    amount = AmountField(_("amount"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered at"))

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        ordering = ["-date", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="write_off_is_not_zero"),
            models.CheckConstraint(
                condition=models.Q(kind=WriteOffKind.DIFFERENCE, invoice__isnull=True)
                | models.Q(kind=WriteOffKind.DISCOUNT, invoice__isnull=False),
                name="discount_is_of_an_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}, {day(self.date)}, {money(self.amount, self.currency)}"


class WriteOffTax(models.Model):
    """By how much a cash discount lowers a tax of its invoice: one tax group, code and rate (C11, C15).

    Amounts have the sign and currency of the write-off; `own_base` and `own_tax` are the same in the
    company's currency, as its voucher was booked.
    """

    write_off = models.ForeignKey(WriteOff, models.PROTECT, related_name="taxes", verbose_name=_("write-off"))
    sales_tax_group = models.ForeignKey(
        SalesTaxGroup, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tax group")
    )
    tax_code = models.ForeignKey(
        TaxCode, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tax code")
    )
    percent = PercentField(_("percent"))
    base_amount = AmountField(_("base"))
    tax_amount = AmountField(_("tax"))
    own_base = AmountField(_("base in the company’s currency"))
    own_tax = AmountField(_("tax in the company’s currency"))

    class Meta:
        verbose_name = _("tax of a write-off")
        verbose_name_plural = _("taxes of write-offs")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} % {self.tax_amount.normalize():f}"


class Settlement(Reversible):
    """So much of what a customer owes is settled with what the customer is owed; a negative one undoes it.

    `act` is the same for all that was settled together, write-offs included, and for what undoes it: the time
    would not tell apart two payments that were entered at once.

    Amounts are in the currency of both sides. `debit_base` and `credit_base` are the same amount in the
    company's currency, each at the rate of its own side: where they differ, the exchange rate has.
    """

    debit = models.ForeignKey(
        CustomerTransaction, models.PROTECT, related_name="settled_by", verbose_name=_("owed by the customer")
    )
    credit = models.ForeignKey(
        CustomerTransaction, models.PROTECT, related_name="settles", verbose_name=_("owed to the customer")
    )
    date = models.DateField(_("date"))
    amount = AmountField(_("amount"))
    debit_base = AmountField(_("in the company’s currency, owed by the customer"))
    credit_base = AmountField(_("in the company’s currency, owed to the customer"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    act = models.UUIDField(_("act"), default=uuid.uuid4, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("settled by")
    )
    settled_at = models.DateTimeField(pgettext_lazy("of payments", "settled at"))

    objects = SettlementQuerySet.as_manager()

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(reverses__isnull=True) & models.Q(amount__gt=0))
                | (models.Q(reverses__isnull=False) & models.Q(amount__lt=0)),
                name="settlement_above_zero_or_undone",
            ),
        ]

    def __str__(self) -> str:
        return f"{day(self.date)}, {money(self.amount, self.debit.currency)}"

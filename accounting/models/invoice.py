"""The customer invoice: legal number, frozen snapshot, printed bytes, and what the customer owes (C6, C7)."""

import datetime as dt
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounting.models.ledger import Voucher
from accounting.models.printed import PrintedDocument
from accounting.models.proposal import InvoiceProposal
from accounting.querysets import InvoiceQuerySet
from accounting.receivable_querysets import CustomerTransactionQuerySet, InstalmentQuerySet
from billing.models import NumberSeries
from core.fields import AmountField, PercentField, ShareField
from core.templatetags.display import day, money
from projects.models import Customer, LegalEntity, SalesTaxGroup, TaxCode


class CustomerInvoice(models.Model):
    """A posted invoice; nothing of it ever changes, and its numbers have no gap (L2)."""

    # Only on invoices that were asked for with what is open of them, and on pages that say it in words.
    open_amount: Decimal
    open_due: date
    payment: str
    reminded: str

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="customer_invoices", verbose_name=_("legal entity")
    )
    series = models.ForeignKey(
        NumberSeries, models.PROTECT, related_name="customer_invoices", verbose_name=_("series")
    )
    series_number = models.PositiveIntegerField(_("series number"))
    number = models.CharField(_("number"), max_length=40, unique=True)
    proposal = models.OneToOneField(
        InvoiceProposal, models.PROTECT, related_name="customer_invoice", verbose_name=_("proposal")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="customer_invoices", verbose_name=_("customer")
    )
    invoice_date = models.DateField(_("invoice date"))
    due_date = models.DateField(_("due date"))
    currency = models.CharField(_("currency"), max_length=3)
    net_amount = AmountField(_("net after retention"))
    tax_amount = AmountField(_("tax"))
    gross_amount = AmountField(_("total"))
    # What was offered for paying early, empty where nothing was.
    discount_percent = ShareField(_("cash discount in percent"), null=True, blank=True)
    discount_until = models.DateField(_("cash discount until"), null=True, blank=True)
    snapshot = models.JSONField(_("snapshot"))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("posted by")
    )
    posted_at = models.DateTimeField(_("posted at"))

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer invoice")
        verbose_name_plural = _("customer invoices")
        ordering = ["-pk"]
        permissions = [("send_invoice", _("Send invoices to customers by e-mail"))]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "series_number"], name="invoice_number_once_per_series"
            ),
            models.CheckConstraint(
                condition=models.Q(gross_amount=models.F("net_amount") + models.F("tax_amount")),
                name="invoice_gross_is_net_plus_tax",
            ),
            models.CheckConstraint(
                condition=models.Q(discount_percent__isnull=True, discount_until__isnull=True)
                | models.Q(discount_percent__gt=0, discount_percent__lt=100, discount_until__isnull=False),
                name="discount_of_invoice_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def net(self) -> Decimal:
        """What its document calls the net: before what is kept back or released, which `net_amount` holds
        (B12). One statement, unless it was read with `with_net`."""
        return type(self).objects.with_net().values_list("net", flat=True).get(pk=self.pk)

    @property
    def due_on(self) -> date | None:
        """When the customer has to pay it; None of a credit note, of which nothing is due."""
        return self.due_date if self.gross_amount > 0 else None


class InvoiceTax(models.Model):
    """Tax of one code and rate on an invoice, under one sales tax group (decision 13).

    It is computed once on the sum of the code and rate; where an advance keeps a sales tax group of its own,
    each group has its part, and the parts add up. `own_base` and `own_tax` are the same in the company's
    currency, as the voucher was booked: the taxes of an invoice add up to its line of the ledger.
    """

    invoice = models.ForeignKey(
        CustomerInvoice, models.PROTECT, related_name="taxes", verbose_name=_("invoice")
    )
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
        verbose_name = _("tax of an invoice")
        verbose_name_plural = _("taxes of invoices")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} % {self.tax_amount.normalize():f}"


class InvoiceInstalment(models.Model):
    """A part of an invoice with a due date of its own; an invoice without parts is due as a whole.

    What is settled of the invoice pays its instalments in their order: `through` is the sum of the amounts
    up to this one, so that what is open of it follows from what is open of the invoice (C11).
    """

    # Only on instalments that were asked for with what is open of them.
    open_amount: Decimal

    invoice = models.ForeignKey(
        CustomerInvoice, models.PROTECT, related_name="instalments", verbose_name=_("invoice")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    due_date = models.DateField(_("due date"))
    amount = AmountField(_("amount"))
    through = AmountField(_("up to this one"))

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("instalment of an invoice")
        verbose_name_plural = _("instalments of invoices")
        ordering = ["invoice", "number"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "number"], name="instalment_once_per_invoice"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, through__gte=models.F("amount")),
                name="instalment_is_above_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice}, {day(self.due_date)}, {money(self.amount, self.invoice.currency)}"


class InvoiceDocument(PrintedDocument):
    """The printed invoice as it was first rendered: its bytes, their hash, and what they were rendered of."""

    invoice = models.OneToOneField(
        CustomerInvoice, models.PROTECT, related_name="document", verbose_name=_("invoice")
    )
    rendered_of = models.BinaryField(_("rendered of"))

    class Meta:
        verbose_name = _("printed invoice")
        verbose_name_plural = _("printed invoices")

    def __str__(self) -> str:
        return str(self.invoice)


class CustomerTransaction(models.Model):
    """The customer subledger: what a voucher made the customer owe (positive) or be owed."""

    # Only on rows that were asked for with what is open of them.
    open_amount: Decimal
    open_base: Decimal

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="+", verbose_name=_("legal entity")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="transactions", verbose_name=_("customer")
    )
    voucher = models.ForeignKey(
        Voucher, models.PROTECT, related_name="customer_transactions", verbose_name=_("voucher")
    )
    invoice = models.OneToOneField(
        CustomerInvoice,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customer_transaction",
        verbose_name=_("invoice"),
    )
    date = models.DateField(_("date"))
    due_date = models.DateField(_("due date"))
    # The number that a document had in another system, where it was brought from there.
    reference = models.CharField(_("original number"), max_length=40, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("amount"))
    base_amount = AmountField(_("amount in the entity's currency"))

    objects = CustomerTransactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer transaction")
        verbose_name_plural = _("customer transactions")
        ordering = ["customer", "date", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["voucher", "customer"], name="one_customer_row_per_voucher")
        ]

    def __str__(self) -> str:
        return f"{self.customer}, {day(self.date)}, {money(self.amount, self.currency)}"

    @property
    def due_on(self) -> dt.date | None:
        """When the customer has to pay it; None of what the customer is owed, of which nothing is due."""
        return self.due_date if self.amount > 0 else None

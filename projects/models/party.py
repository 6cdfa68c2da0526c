"""Who bills and who pays (A1)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import AmountField
from projects.querysets import CustomerQuerySet, LegalEntityQuerySet, OfEntityQuerySet
from projects.states import SalesTaxGroupMethod, TaxDate, TaxRounding

MINUTES_OF_DAY = 24 * 60


class LegalEntity(models.Model):
    """A company with its own books, calendar, currency and number series."""

    code = models.SlugField(_("code"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=120)
    short_name = models.CharField(_("short name"), max_length=32)
    currency = models.CharField(_("currency"), max_length=3)
    timezone = models.CharField(_("time zone"), max_length=40, default="Europe/Berlin")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en-gb")
    address = models.TextField(
        _("address"), help_text=_("One line of the address per row, without the company’s name.")
    )
    contact = models.TextField(_("contact lines"), blank=True)
    country = models.CharField(_("country"), max_length=2, default="DE")
    registered_office = models.CharField(_("registered office"), max_length=60, blank=True)
    managing_directors = models.CharField(_("management"), max_length=80, blank=True)
    register_entry = models.CharField(
        _("register entry"),
        max_length=60,
        blank=True,
        help_text=_("Register and number, as the register writes them."),
    )
    tax_number = models.CharField(_("tax number"), max_length=30, blank=True)
    vat_id = models.CharField(_("VAT id"), max_length=20, blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    bank_name = models.CharField(_("bank"), max_length=80, blank=True)
    tax_group_method = models.CharField(
        _("sales tax group from"),
        max_length=10,
        choices=SalesTaxGroupMethod.choices,
        default=SalesTaxGroupMethod.SEARCH,
    )
    tax_date = models.CharField(
        _("sales tax at the rate of"),
        max_length=10,
        choices=TaxDate.choices,
        default=TaxDate.SUPPLY,
        help_text=_("Holds for all that is not posted yet; corrections keep the rate of what they correct."),
    )
    tax_rounding = models.CharField(
        _("sales tax is rounded"),
        max_length=8,
        choices=TaxRounding.choices,
        default=TaxRounding.NEAREST,
        help_text=_("Holds for all that is not posted yet, once for each tax and rate of a document."),
    )
    document_layout = models.ForeignKey(
        "projects.DocumentLayout",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="companies",
        verbose_name=_("document layout"),
        help_text=_("Empty: every transaction in a row of its own."),
    )
    milestone_item_tax_group = models.ForeignKey(
        "projects.ItemSalesTaxGroup",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("item sales tax group of milestones"),
    )
    locked_through = models.DateField(
        _("locked through"),
        null=True,
        blank=True,
        help_text=_("Nothing dated on or before this day may be entered, approved or posted."),
    )
    moves_accounting_dates = models.BooleanField(
        _("move accounting dates"),
        default=True,
        help_text=_(
            "Work dated in a closed period is booked on the first day of the next open one. Otherwise it "
            "waits in an error journal until the period is opened again."
        ),
    )
    checks_proposals = models.BooleanField(
        _("check invoice proposals"),
        default=False,
        help_text=_(
            "A proposal can only be posted once it is marked as checked; whoever checks it may also post it."
        ),
    )
    books_broken_at = models.DateTimeField(
        _("books did not prove at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Set by the last check of the books: while it is, nothing is confirmed or posted."),
    )
    second_person_above = AmountField(
        _("above this amount a second person confirms"),
        null=True,
        blank=True,
        help_text=_(
            "Total of a proforma with tax, in the company’s currency; other currencies at the rate of the "
            "invoice date. Whoever edited it last or asked for the review cannot confirm it. Empty: nobody "
            "is needed."
        ),
    )

    daily_maximum = models.PositiveSmallIntegerField(
        _("daily maximum in minutes"),
        default=MINUTES_OF_DAY,
        help_text=_("How much time one person may record on one day; 1440 minutes are 24 hours."),
    )
    entry_days_ahead = models.PositiveSmallIntegerField(
        _("days ahead"), default=7, help_text=_("How many days from today entries may be dated ahead.")
    )
    entry_days_back = models.PositiveSmallIntegerField(
        _("days back"),
        default=366,
        help_text=_("How many days from today entries may be dated back, unless they are imported history."),
    )

    objects = LegalEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal entity")
        verbose_name_plural = _("legal entities")
        ordering = ["code"]
        permissions = [
            ("see_whole_entity", _("See all of a legal entity")),
            ("set_up_company", _("See what is still missing before the first invoice")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(daily_maximum__lte=MINUTES_OF_DAY),
                name="a_day_has_24_hours",
                violation_error_message=_("A day has 1440 minutes at most."),
            ),
            models.CheckConstraint(
                condition=models.Q(second_person_above__isnull=True) | models.Q(second_person_above__gte=0),
                name="second_person_above_an_amount",
                violation_error_message=_("An amount that is not negative, or nothing."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def day_of(self, moment: datetime) -> date:
        """The day a moment falls on by the clock of this legal entity."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def is_locked_on(self, day: date) -> bool:
        """Whether `day` lies in a part of the calendar that is closed."""
        return self.locked_through is not None and day <= self.locked_through

    def open_day_of(self, column: str, on: date) -> models.Case:
        """The day in a column, or `on` where that day lies in a closed period, as an expression."""
        own = models.F(column)
        if self.locked_through is None:
            return models.Case(default=own, output_field=models.DateField())
        closed = models.Q(**{f"{column}__lte": self.locked_through})
        return models.Case(
            models.When(closed, then=models.Value(on)), default=own, output_field=models.DateField()
        )


class LegalEntityMembership(models.Model):
    """Which people may see which legal entity."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="entity_memberships", verbose_name=_("user")
    )
    legal_entity = models.ForeignKey(
        LegalEntity, models.CASCADE, related_name="memberships", verbose_name=_("legal entity")
    )

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("access to a legal entity")
        verbose_name_plural = _("access to legal entities")
        constraints = [
            models.UniqueConstraint(fields=["user", "legal_entity"], name="membership_once_per_entity")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.legal_entity}"


class Customer(models.Model):
    """Who pays: the billing address, language, terms and tax facts that documents show."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="customers", verbose_name=_("legal entity")
    )
    number = models.CharField(_("number"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    short_name = models.CharField(_("short name"), max_length=32)
    billing_address = models.TextField(
        _("billing address"), help_text=_("Without the country: documents name it where it is needed.")
    )
    country = models.CharField(_("country"), max_length=2, default="DE")
    email = models.EmailField(
        _("e-mail address"),
        max_length=120,
        blank=True,
        help_text=_("Invoices and statements of hours are sent there."),
    )
    sends_invoices = models.BooleanField(
        _("send invoices by e-mail"),
        default=False,
        help_text=_("Each invoice goes to the e-mail address by itself, as soon as it is printed."),
    )
    vat_id = models.CharField(_("VAT id"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en-gb")
    currency = models.CharField(_("currency"), max_length=3)
    payment_terms = models.ForeignKey(
        "projects.PaymentTerms",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("payment terms"),
        help_text=_("Empty: 30 days net."),
    )
    document_layout = models.ForeignKey(
        "projects.DocumentLayout",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("document layout"),
        help_text=_("Empty: as the company."),
    )
    credit_limit = AmountField(
        _("credit limit"),
        null=True,
        blank=True,
        help_text=_("In the currency of the company, with tax. Empty: none."),
    )
    purchase_order = models.CharField(_("purchase order"), max_length=40, blank=True)
    sales_tax_group = models.ForeignKey(
        "projects.SalesTaxGroup", models.PROTECT, null=True, blank=True, verbose_name=_("sales tax group")
    )
    dimension = models.CharField(_("financial dimension"), max_length=40, blank=True)
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_customers",
        verbose_name=_("looked after by"),
    )
    is_on_hold = models.BooleanField(_("on hold"), default=False)
    hold_reason = models.CharField(_("why it is on hold"), max_length=200, blank=True)
    held_on = models.DateField(_("on hold since"), null=True, blank=True)
    is_closed = models.BooleanField(_("closed"), default=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "number"], name="customer_number_once_per_entity"
            ),
            models.CheckConstraint(
                condition=models.Q(credit_limit__isnull=True) | models.Q(credit_limit__gte=0),
                name="credit_limit_is_not_negative",
                violation_error_message=_("A credit limit is not below zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

"""Payment terms: when invoices are due, in which parts, and what is taken off for paying early (C11)."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import ShareField
from core.querysets import SharedQuerySet
from projects.due_days import MOST_DAYS, MOST_INSTALMENTS, AgreedTerms, UnreadableInstalments, instalments_in

UNREADABLE = {
    "no-instalment": _("“%(line)s” is no instalment: write its percent and its days, such as 30 14."),
    "too-many": _("There are at most %(most)s instalments."),
    "not-a-whole": _("The percentages of the instalments add up to 100."),
    "days-go-back": _("Each instalment is due after the one before it."),
}


class PaymentTerms(models.Model):
    """When an invoice is to be paid; agreed with a customer, or with a contract, which comes first.

    An invoice keeps its dates: terms that are changed hold for what is posted afterwards.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    net_days = models.PositiveSmallIntegerField(
        _("days to pay"),
        default=30,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text=_("Counted from the invoice date."),
    )
    is_end_of_month = models.BooleanField(
        _("from the end of the month"),
        default=False,
        help_text=_("Days are counted from the last day of the month of the invoice date."),
    )
    discount_percent = ShareField(_("cash discount in percent"), null=True, blank=True)
    discount_days = models.PositiveSmallIntegerField(
        _("days of the cash discount"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text=_("Whoever pays within so many days of the invoice date may take it off."),
    )
    instalments = models.TextField(
        _("instalments"),
        blank=True,
        max_length=200,
        help_text=_("One a line: percent and days, such as 30 14. Empty: one payment."),
    )

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment terms")
        verbose_name_plural = _("payment terms")
        ordering = ["net_days", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(discount_percent__isnull=True, discount_days__isnull=True)
                | models.Q(discount_percent__gt=0, discount_percent__lt=100, discount_days__isnull=False),
                name="discount_of_terms_has_its_days",
                violation_error_message=_("A cash discount has a percentage below 100 and its days."),
            ),
            models.CheckConstraint(
                condition=models.Q(discount_percent__isnull=True) | models.Q(instalments=""),
                name="terms_discount_or_instalments",
                violation_error_message=_("Instalments have no cash discount: leave one of them empty."),
            ),
            models.CheckConstraint(
                condition=models.Q(discount_days__isnull=True)
                | models.Q(is_end_of_month=True)
                | models.Q(discount_days__lte=models.F("net_days")),
                name="terms_discount_ends_before_due",
                violation_error_message=_("The cash discount ends no later than the payment is due."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Instalments that can be read and make a whole."""
        try:
            instalments_in(self.instalments)
        except UnreadableInstalments as error:
            message = UNREADABLE[error.code]
            params = {"line": error.line[:40], "most": MOST_INSTALMENTS}
            raise ValidationError({"instalments": ValidationError(message, error.code, params)}) from error

    @property
    def facts(self) -> AgreedTerms:
        """The terms as plain values."""
        return AgreedTerms(
            net_days=self.net_days,
            is_end_of_month=self.is_end_of_month,
            discount_percent=self.discount_percent,
            discount_days=self.discount_days,
            instalments=instalments_in(self.instalments),
        )

"""What lowers a line of a proforma: a share of it or an amount, with the reason that is printed (B12)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import AmountField, ShareField
from projects.states import BillingType, TransactionClass


class Discount(models.Model):
    """A discount on one line: `percent` of what it charges, or an `amount` in the proforma's currency.

    What it takes off stands in details of its own, one for each item sales tax group of the line, which
    follow the line while the draft is edited (decision 21).
    """

    line = models.ForeignKey(
        "billing.InvoiceLine", models.CASCADE, related_name="discounts", verbose_name=_("invoice line")
    )
    percent = ShareField(_("percent"), null=True, blank=True)
    amount = AmountField(_("amount"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    is_standing = models.BooleanField(_("agreed in the contract"), default=False)

    class Meta:
        verbose_name = _("discount")
        verbose_name_plural = _("discounts")
        ordering = ["line", "pk"]
        constraints = [
            models.CheckConstraint(
                # "Not empty" is said as well: a comparison with nothing is no refusal.
                condition=models.Q(percent__isnull=False, percent__gt=0, percent__lte=100, amount=None)
                | models.Q(percent=None, amount__isnull=False, amount__gt=0),
                name="discount_is_percent_or_amount",
            ),
            models.UniqueConstraint(
                fields=["line"], condition=models.Q(is_standing=True), name="one_standing_discount_per_line"
            ),
        ]

    def __str__(self) -> str:
        return self.reason or str(self._meta.verbose_name)


DISCOUNT_RULES = [
    # A discount says what it is and lowers what is charged; it claims nothing (decision 21).
    models.CheckConstraint(
        condition=~models.Q(transaction_class=TransactionClass.DISCOUNT) & models.Q(discount__isnull=True)
        | models.Q(
            transaction_class=TransactionClass.DISCOUNT,
            billing_type=BillingType.CHARGEABLE,
            actual__isnull=True,
            milestone_share__isnull=True,
        )
        & (
            models.Q(discount__isnull=False, corrects__isnull=True, replaces__isnull=True)
            | models.Q(discount__isnull=True, corrects__isnull=False)
            | models.Q(discount__isnull=True, replaces__isnull=False)
        ),
        name="discount_detail_says_what_it_is",
    ),
    models.CheckConstraint(
        condition=~models.Q(transaction_class=TransactionClass.DISCOUNT)
        | models.Q(corrects__isnull=True, quantity__gt=0, amount__lt=0)
        | models.Q(corrects__isnull=False, quantity__lt=0, amount__gt=0),
        name="discount_lowers",
    ),
]
"""What the database holds of the details of discounts, beside the guards."""

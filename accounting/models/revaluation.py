"""Revaluations: what foreign balances are worth at the rate of a day, and what was posted of it (C9)."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.models.invoice import CustomerTransaction
from accounting.models.ledger import Account
from accounting.models.period import FiscalPeriod
from accounting.models.reversible import Reversible
from accounting.querysets import RevaluationQuerySet
from core.fields import AmountField, ExchangeRateField
from core.templatetags.display import day
from projects.models import Customer, LegalEntity, Project


class Revaluation(Reversible):
    """The foreign balances of a company at the rates of one day; never changed, only reversed.

    Its voucher of `valued_on` is reversed by one of `reversed_on`, the day after, which is posted with it:
    nothing of it stands when an invoice is paid. `nth` counts those of a period and their reversals; one
    of them stands at most.
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="revaluations", verbose_name=_("legal entity")
    )
    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="revaluations", verbose_name=_("period")
    )
    nth = models.PositiveSmallIntegerField(_("number in its period"), default=1)
    valued_on = models.DateField(_("valued on"))
    reversed_on = models.DateField(_("reversed on"))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("posted by"),
    )
    posted_at = models.DateTimeField(_("posted at"))

    objects = RevaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("revaluation")
        verbose_name_plural = _("revaluations")
        ordering = ["-valued_on", "-pk"]
        permissions = [("revalue_balances", _("Revalue foreign balances, and reverse that"))]
        constraints = [
            models.UniqueConstraint(fields=["period", "nth"], name="revaluation_once_per_period"),
            models.CheckConstraint(
                condition=models.Q(reversed_on__gt=models.F("valued_on")), name="revaluation_reversed_later"
            ),
        ]

    def __str__(self) -> str:
        return day(self.valued_on)


class RevaluationLine(models.Model):
    """One balance in a foreign currency: what is open of it, its worth in the books, and what that misses.

    `amount` is in `currency`; `base_amount` and `difference` are in the company's: at `rate` the balance is
    worth their sum. It is a row of the customer subledger, or an account with or without a project.
    """

    revaluation = models.ForeignKey(
        Revaluation, models.PROTECT, related_name="lines", verbose_name=_("revaluation")
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("account")
    )
    customer_transaction = models.ForeignKey(
        CustomerTransaction,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revaluation_lines",
        verbose_name=_("customer transaction"),
    )
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
    currency = models.CharField(_("currency"), max_length=3)
    rate = ExchangeRateField(_("rate"))
    amount = AmountField(_("amount"))
    base_amount = AmountField(_("in the books"))
    difference = AmountField(_("difference"))

    class Meta:
        verbose_name = _("line of a revaluation")
        verbose_name_plural = _("lines of revaluations")
        ordering = ["revaluation", "pk"]

    def __str__(self) -> str:
        return f"{self.account} {self.currency}"

    @property
    def worth(self) -> Decimal:
        """What the balance is worth at the rate, in the company's currency."""
        return self.base_amount + self.difference

"""Who pays a contract: the customers and the shares that its new lines suggest (A5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import AmountField, PercentField
from projects.models.contract import ProjectContract
from projects.models.party import Customer
from projects.querysets import OfContractQuerySet


class ContractCustomer(models.Model):
    """A customer of a contract: what new lines suggest as its share, and its limit over all lines (A5, A6).

    Who pays what is said by the customers of each line; nothing is billed by this list.
    """

    contract = models.ForeignKey(
        ProjectContract, models.CASCADE, related_name="customers", verbose_name=_("contract")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="contract_shares", verbose_name=_("customer")
    )
    split_percent = PercentField(_("share of new lines in percent"), default=0)
    is_rounding = models.BooleanField(_("takes the rounding difference"), default=False)
    not_to_exceed_amount = AmountField(_("not to exceed"), null=True, blank=True)

    objects = OfContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer of a contract")
        verbose_name_plural = _("customers of contracts")
        ordering = ["contract", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "customer"], name="customer_once_per_contract"),
            models.UniqueConstraint(
                fields=["contract"],
                condition=models.Q(is_rounding=True),
                name="one_rounding_customer_per_contract",
            ),
            models.CheckConstraint(
                condition=models.Q(split_percent__gte=0, split_percent__lte=100),
                name="contract_split_within_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} {self.split_percent.normalize():f} %"

"""Open items of customers that were brought from another system (C13)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.models.reversible import Reversible
from accounting.querysets import OpeningItemQuerySet
from core.fields import AmountField
from projects.models import Customer, LegalEntity


class OpeningItem(Reversible):
    """What a customer owed (positive) or was owed in another system on the opening date; never changed.

    Its tax was reported there, so none is posted again. `base_amount` is in the currency of the company.
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="opening_items", verbose_name=_("legal entity")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="opening_items", verbose_name=_("customer")
    )
    number = models.CharField(_("original number"), max_length=40)
    document_date = models.DateField(_("date of the document"))
    due_date = models.DateField(_("due date"))
    opened_on = models.DateField(_("opening date"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = AmountField(_("amount"))
    base_amount = AmountField(_("amount in the entity's currency"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(_("entered at"))

    objects = OpeningItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("open item from another system")
        verbose_name_plural = _("open items from another system")
        ordering = ["customer", "document_date", "pk"]
        permissions = [("enter_opening_items", _("Bring balances and open items from another system"))]
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="opening_item_is_not_zero"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, base_amount__gte=0)
                | models.Q(amount__lt=0, base_amount__lte=0),
                name="opening_item_has_one_sign",
            ),
        ]

    def __str__(self) -> str:
        return self.number

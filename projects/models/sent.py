"""What every document has in common that was sent to a customer by mail (A12, C14)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.party import Customer


class SentToCustomer(models.Model):
    """To whom something went, in which language, when and by whom; what was sent is never changed."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("customer"))
    address = models.EmailField(_("sent to"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    number = models.CharField(_("number"), max_length=40)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("sent by")
    )
    sent_at = models.DateTimeField(_("sent at"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number

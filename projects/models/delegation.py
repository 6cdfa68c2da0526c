"""Who stands in for an approver, from which day to which (A9)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.templatetags.display import day
from projects.approval_querysets import DelegationQuerySet


class ApprovalDelegation(models.Model):
    """From the first day to the last, both included, the stand-in may decide what the delegator may.

    Never own work, and never what is the delegator's own: that the delegator could not decide either.
    """

    delegator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("approver")
    )
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegations", verbose_name=_("stand-in")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False)
    named_at = models.DateTimeField(_("named at"))

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("stand-in for approvals")
        verbose_name_plural = _("stand-ins for approvals")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(delegator=models.F("stand_in")), name="nobody_stands_in_for_themselves"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on__lte=models.F("ends_on")), name="delegation_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stand_in} {day(self.starts_on)} – {day(self.ends_on)}"

"""Who asks for an approved entry back, and what the approver answered (A9)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.approval_querysets import RecallRequestQuerySet
from projects.models.approval import Approval


class RecallRequest(models.Model):
    """A request to give an approved entry back, with its reason; answered once by an approver."""

    approval = models.ForeignKey(
        Approval, models.PROTECT, related_name="recall_requests", verbose_name=_("approval")
    )
    reason = models.CharField(_("reason"), max_length=300)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"))
    is_accepted = models.BooleanField(_("accepted"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    comment = models.CharField(_("comment"), max_length=300, blank=True)

    objects = RecallRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("recall request")
        verbose_name_plural = _("recall requests")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["approval"],
                condition=models.Q(is_accepted__isnull=True),
                name="one_open_recall_request_per_approval",
            ),
            models.CheckConstraint(
                condition=models.Q(is_accepted__isnull=True, decided_by__isnull=True)
                | (
                    models.Q(is_accepted__isnull=False, decided_by__isnull=False)
                    & ~models.Q(decided_by=models.F("requested_by"))
                ),
                name="somebody_else_answers_a_recall_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.approval}: {self.reason}"

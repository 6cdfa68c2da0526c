"""Who is asked to look at a proforma before it is confirmed, and what came of it (B7, decision 16)."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.proforma import Proforma
from billing.querysets import ReviewQuerySet
from billing.states import ReviewOutcome
from core.people import person_name
from projects.models import LegalEntity


class ProformaReview(models.Model):
    """One request to one person who may confirm; open until it is answered, taken back, or confirmed."""

    proforma = models.ForeignKey(
        Proforma, models.CASCADE, related_name="reviews", verbose_name=_("proforma invoice")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="asked_reviews",
        verbose_name=_("who is asked"),
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=ReviewOutcome.choices, default=ReviewOutcome.OPEN
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    comment = models.CharField(_("comment"), max_length=500, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review of a proforma")
        verbose_name_plural = _("reviews of proformas")
        ordering = ["pk"]
        constraints = [
            # One person is asked at a time: two answers to one question could not both be followed.
            models.UniqueConstraint(
                fields=["proforma"],
                condition=models.Q(outcome=ReviewOutcome.OPEN),
                name="one_open_review_per_proforma",
            ),
            models.CheckConstraint(
                condition=~models.Q(reviewer=models.F("asked_by")), name="somebody_else_reviews"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome=ReviewOutcome.OPEN, answered_at__isnull=True)
                | (~models.Q(outcome=ReviewOutcome.OPEN) & models.Q(answered_at__isnull=False)),
                name="answered_review_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proforma}, {person_name(self.reviewer)}"

    @property
    def is_open(self) -> bool:
        return self.outcome == ReviewOutcome.OPEN

    def was_reminded(self, entity: LegalEntity, at: datetime) -> bool:
        """Whether who is asked was reminded already on the day it is in the legal entity at this moment."""
        return self.reminded_at is not None and entity.day_of(self.reminded_at) == entity.day_of(at)

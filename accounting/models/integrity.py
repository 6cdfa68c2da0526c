"""What the last checks of the books found: kept, so that verbs and pages need no check of their own (X6)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.querysets import IntegrityCheckQuerySet
from accounting.states import CheckOccasion


class IntegrityCheck(models.Model):
    """One check of the books: all proofs over the whole database, at one moment."""

    occasion = models.CharField(_("occasion"), max_length=8, choices=CheckOccasion.choices)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    checked_at = models.DateTimeField(_("checked at"))
    milliseconds = models.PositiveIntegerField(_("duration in milliseconds"))
    proof_count = models.PositiveSmallIntegerField(_("proofs"))
    broken_count = models.PositiveSmallIntegerField(_("broken proofs"))

    objects = IntegrityCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of the books")
        verbose_name_plural = _("proofs of the books")
        ordering = ["-pk"]
        permissions = [("check_books", _("Check the books"))]

    def __str__(self) -> str:
        return str(self.get_occasion_display())


class IntegrityFinding(models.Model):
    """How one proof came out: both sides of its identity, how many rows break it, and some of them.

    `left` and `right` are figures by currency, or one figure under an empty name.
    """

    check_of_books = models.ForeignKey(
        IntegrityCheck, models.CASCADE, related_name="findings", verbose_name=_("check of the books")
    )
    code = models.CharField(_("proof"), max_length=8)
    offenders = models.PositiveBigIntegerField(_("offenders"))
    examples = models.JSONField(_("examples"), default=list)
    left = models.JSONField(_("one side"), default=dict)
    right = models.JSONField(_("other side"), default=dict)

    class Meta:
        verbose_name = _("finding of a check")
        verbose_name_plural = _("findings of checks")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["check_of_books", "code"], name="one_finding_per_proof")
        ]

    def __str__(self) -> str:
        return self.code

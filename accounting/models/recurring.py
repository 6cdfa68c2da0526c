"""Journal vouchers of every month, such as accruals (C6)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.models.journal_voucher import JournalVoucher
from core.templatetags.display import day
from projects.models import LegalEntity
from projects.querysets import OfEntityQuerySet

LAST_DAY = 31


class RecurringVoucher(models.Model):
    """A posted journal voucher whose lines are proposed again every month, from a first to a last one.

    Months are named by their first day. `next_month` is the one that is proposed next, none when it is done;
    `day` is that of the month, its last one in a shorter month.
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="recurring_vouchers", verbose_name=_("legal entity")
    )
    source = models.ForeignKey(
        JournalVoucher, models.PROTECT, related_name="repetitions", verbose_name=_("journal voucher")
    )
    first_month = models.DateField(_("first month"))
    last_month = models.DateField(_("last month"), null=True, blank=True)
    next_month = models.DateField(_("next month"), null=True, blank=True)
    day = models.PositiveSmallIntegerField(
        _("day of the month"),
        default=LAST_DAY,
        validators=[MinValueValidator(1), MaxValueValidator(LAST_DAY)],
    )
    is_reversed = models.BooleanField(_("reversed on the first day of the next month"), default=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(_("entered at"))
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("recurring journal voucher")
        verbose_name_plural = _("recurring journal vouchers")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_month__isnull=True)
                | models.Q(last_month__gte=models.F("first_month")),
                name="recurring_voucher_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(day__gte=1, day__lte=LAST_DAY), name="recurring_voucher_has_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source.text}, {day(self.first_month)}"

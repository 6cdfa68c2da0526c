"""Fixed-price revenue over time: what of a project is recognised in each period, and its vouchers (C10)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from accounting.models.period import FiscalPeriod
from accounting.models.reversible import Reversible
from accounting.querysets import EstimateEventQuerySet, EstimateQuerySet
from accounting.states import EstimateStatus, EstimateStep, Recognition
from core.fields import AmountField, PercentField, StateField
from projects.models import LegalEntity, Project


class RevenueEstimate(models.Model):
    """How far a fixed-price project is at the end of a period, in the currency of its legal entity.

    `amount` is what the period recognises: of the contracted amount by completed percentage, of the cost that
    is kept in the balance by completed contract.
    """

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="estimates", verbose_name=_("legal entity")
    )
    project = models.ForeignKey(Project, models.PROTECT, related_name="estimates", verbose_name=_("project"))
    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="estimates", verbose_name=_("period")
    )
    method = models.CharField(_("method"), max_length=24, choices=Recognition.choices)
    contract_amount = AmountField(_("contracted amount"))
    cost_to_date = AmountField(_("cost to date"))
    total_cost = AmountField(_("estimated total cost"), null=True, blank=True)
    percent = PercentField(_("complete in percent"))
    amount = AmountField(_("amount of the period"))
    status = StateField(
        _("status"), default=EstimateStatus.CREATED, choices=EstimateStatus.choices, protected=True
    )

    objects = EstimateQuerySet.as_manager()

    class Meta:
        verbose_name = _("estimate of a fixed price")
        verbose_name_plural = _("estimates of fixed prices")
        ordering = ["project", "period"]
        permissions = [("recognise_revenue", _("Post, eliminate and reverse estimates"))]
        constraints = [
            models.UniqueConstraint(fields=["project", "period"], name="one_estimate_per_project_and_period"),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0) & models.Q(percent__lte=100),
                name="estimate_within_the_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}, {self.period}"

    @transition(status, source=EstimateStatus.CREATED, target=EstimateStatus.POSTED)
    def post(self) -> None:
        """What it recognises is in the books."""

    @transition(status, source=EstimateStatus.POSTED, target=EstimateStatus.ELIMINATED)
    def eliminate(self) -> None:
        """Its project is invoiced in full, and nothing of it is left in the balance."""

    @transition(status, source=EstimateStatus.ELIMINATED, target=EstimateStatus.POSTED)
    def restore(self) -> None:
        """Its elimination was reversed."""

    @transition(status, source=EstimateStatus.POSTED, target=EstimateStatus.CREATED)
    def withdraw(self) -> None:
        """Its posting was reversed, so that it may be estimated anew."""


class EstimateEvent(Reversible):
    """One posting, elimination or reversal of estimates: the source of its voucher."""

    estimate = models.ForeignKey(
        RevenueEstimate, models.PROTECT, related_name="events", verbose_name=_("estimate")
    )
    step = models.CharField(_("step"), max_length=24, choices=EstimateStep.choices)
    day = models.DateField(_("date"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))

    objects = EstimateEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting of an estimate")
        verbose_name_plural = _("postings of estimates")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.estimate}"

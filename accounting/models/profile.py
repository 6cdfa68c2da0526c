"""Cost and revenue profiles: which accounts a fact moves (C2)."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounting.querysets import ProfileRuleQuerySet
from accounting.states import CostPosting, OnAccountPosting, Recognition
from projects.models import LegalEntity, Project, ProjectContract
from projects.querysets import OfEntityQuerySet
from projects.states import BillingMethod

ONLY_FOR_HOURS = [CostPosting.NO_LEDGER, CostPosting.NEVER_LEDGER]


class CostRevenueProfile(models.Model):
    """Ledger treatment of one billing method: costs, accrual of revenue, invoiced milestones."""

    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="cost_revenue_profiles", verbose_name=_("legal entity")
    )
    name = models.CharField(_("name"), max_length=60)
    billing_method = models.CharField(_("billing method"), max_length=20, choices=BillingMethod.choices)
    post_time_cost = models.CharField(
        _("cost of hours"), max_length=16, choices=CostPosting.choices, default=CostPosting.PROFIT_AND_LOSS
    )
    post_expense_cost = models.CharField(
        _("cost of expenses"), max_length=16, choices=CostPosting.choices, default=CostPosting.PROFIT_AND_LOSS
    )
    post_material_cost = models.CharField(
        _("cost of material"), max_length=16, choices=CostPosting.choices, default=CostPosting.PROFIT_AND_LOSS
    )
    on_account = models.CharField(
        _("invoiced milestones"),
        max_length=16,
        choices=OnAccountPosting.choices,
        default=OnAccountPosting.PROFIT_AND_LOSS,
    )
    recognition = models.CharField(
        _("revenue recognised"),
        max_length=24,
        choices=Recognition.choices,
        default=Recognition.NONE,
        help_text=_("Over time: of fixed prices whose milestones wait in the balance."),
    )
    accrues_time = models.BooleanField(_("accrue revenue of hours"), default=False)
    accrues_expense = models.BooleanField(_("accrue revenue of expenses"), default=False)
    accrues_material = models.BooleanField(_("accrue revenue of material"), default=False)
    accrues_fee = models.BooleanField(_("accrue revenue of fees"), default=False)

    objects = OfEntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost and revenue profile")
        verbose_name_plural = _("cost and revenue profiles")
        ordering = ["legal_entity", "name"]
        constraints = [
            models.UniqueConstraint(fields=["legal_entity", "name"], name="profile_name_once_per_entity"),
            models.CheckConstraint(
                condition=(
                    models.Q(accrues_time=False) | models.Q(post_time_cost=CostPosting.PROFIT_AND_LOSS)
                )
                & (models.Q(accrues_expense=False) | models.Q(post_expense_cost=CostPosting.PROFIT_AND_LOSS))
                & (
                    models.Q(accrues_material=False)
                    | models.Q(post_material_cost=CostPosting.PROFIT_AND_LOSS)
                ),
                name="accrual_needs_cost_in_profit_and_loss",
            ),
            models.CheckConstraint(
                condition=models.Q(recognition=Recognition.NONE)
                | models.Q(
                    billing_method=BillingMethod.FIXED_PRICE,
                    on_account=OnAccountPosting.BALANCE,
                    post_time_cost=CostPosting.PROFIT_AND_LOSS,
                    post_expense_cost=CostPosting.PROFIT_AND_LOSS,
                    post_material_cost=CostPosting.PROFIT_AND_LOSS,
                ),
                name="recognition_over_time_of_fixed_prices",
                violation_error_message=_(
                    "Only a fixed price with milestones in the balance and cost in profit and loss is "
                    "recognised over time."
                ),
            ),
            models.CheckConstraint(
                condition=~models.Q(post_expense_cost__in=ONLY_FOR_HOURS)
                & ~models.Q(post_material_cost__in=ONLY_FOR_HOURS),
                name="only_hours_stay_off_the_ledger",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CostRevenueRule(models.Model):
    """Chooses the profile: a rule for a project wins over its group, then the contract, then all."""

    profile = models.ForeignKey(
        CostRevenueProfile, models.CASCADE, related_name="rules", verbose_name=_("profile")
    )
    contract = models.ForeignKey(
        ProjectContract, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("contract")
    )
    project_group = models.CharField(_("project group"), max_length=40, blank=True)
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("project")
    )

    objects = ProfileRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile rule")
        verbose_name_plural = _("profile rules")

    def __str__(self) -> str:
        named = self.project or self.project_group or self.contract or _("All")
        return f"{named} → {self.profile}"

    def clean(self) -> None:
        named = [self.contract_id is not None, bool(self.project_group), self.project_id is not None]
        if sum(named) > 1:
            raise ValidationError(_("A rule names one of contract, project group and project, or none."))

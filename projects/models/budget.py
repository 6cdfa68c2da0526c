"""Which budget reached which threshold: one row each, so that each mail is sent once (A14)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import AmountField
from projects.models.project import Project, Task
from projects.querysets import OfProjectQuerySet
from projects.states import BudgetMeasure


class BudgetNotice(models.Model):
    """A budget that reached a threshold; a budget that is raised can reach its thresholds again.

    `used` and `budget` are hours, or money in the currency of the project's legal entity, as `measure` says.
    """

    project = models.ForeignKey(
        Project, models.CASCADE, related_name="budget_notices", verbose_name=_("project")
    )
    task = models.ForeignKey(
        Task,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="budget_notices",
        verbose_name=_("task"),
    )
    measure = models.CharField(_("measure"), max_length=6, choices=BudgetMeasure.choices)
    threshold = models.PositiveSmallIntegerField(_("threshold in percent"))
    budget = AmountField(_("budget"))
    used = AmountField(_("used"))
    reached_at = models.DateTimeField(_("reached at"))

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("budget notice")
        verbose_name_plural = _("budget notices")
        ordering = ["-reached_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "measure", "threshold", "budget"],
                condition=models.Q(task__isnull=True),
                name="project_budget_reaches_a_threshold_once",
            ),
            models.UniqueConstraint(
                fields=["task", "measure", "threshold", "budget"],
                condition=models.Q(task__isnull=False),
                name="task_budget_reaches_a_threshold_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task or self.project} {self.threshold} %"

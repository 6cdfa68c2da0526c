"""Which work of a contract line is charged, by task, role or category (A4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.contract import ContractLine
from projects.models.project import Role, Task, TransactionCategory


class Chargeability(models.Model):
    """A rule of a line for one task, one role or one category; any non-chargeable rule wins (A4)."""

    contract_line = models.ForeignKey(
        ContractLine, models.CASCADE, related_name="chargeability", verbose_name=_("contract line")
    )
    task = models.ForeignKey(Task, models.CASCADE, null=True, blank=True, verbose_name=_("task"))
    role = models.ForeignKey(Role, models.CASCADE, null=True, blank=True, verbose_name=_("role"))
    category = models.ForeignKey(
        TransactionCategory, models.CASCADE, null=True, blank=True, verbose_name=_("category")
    )
    is_chargeable = models.BooleanField(_("chargeable"), default=True)

    class Meta:
        verbose_name = _("chargeability")
        verbose_name_plural = _("chargeability")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(task__isnull=False, role__isnull=True, category__isnull=True)
                | models.Q(task__isnull=True, role__isnull=False, category__isnull=True)
                | models.Q(task__isnull=True, role__isnull=True, category__isnull=False),
                name="chargeability_names_one_thing",
            ),
            *(
                models.UniqueConstraint(
                    fields=["contract_line", about],
                    condition=models.Q((f"{about}__isnull", False)),
                    name=f"one_rule_per_{about}",
                )
                for about in ("task", "role", "category")
            ),
        ]

    def __str__(self) -> str:
        return str(self.task or self.role or self.category)

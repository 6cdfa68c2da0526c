"""The page of a project with its contract lines, and what is used of their limits."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count

from billing.contract_positions import percent_used, used_of_lines
from core.money import ZERO
from projects.models import ContractLine, Project, ProjectContract
from projects.views.page_defaults import today_of
from projects.views.projects import ProjectPage


@dataclass(frozen=True)
class LineUse:
    """A contract line that names the project; `limit` and what is used of it, in the contract's currency."""

    line: ContractLine
    limit: Decimal | None
    used: Decimal

    @property
    def percent(self) -> Decimal | None:
        """Percent of the limit that is used, as on the page of the contract."""
        return percent_used(self.used, self.limit)


class ProjectWithLines(ProjectPage):
    """The page of a project; what is used of a contract line is known only where invoices are (A6)."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = line_uses(self.object, self.user, today_of(self.request))
        return super().get_context_data(lines=lines, **kwargs)


def line_uses(project: Project, user: User, today: date) -> list[LineUse]:
    """The contract lines that name the project, of the contracts that the user sees, with their limits."""
    contracts = ProjectContract.objects.visible_to(user)
    lines = ContractLine.objects.filter(project=project, contract__in=contracts.values("pk"))
    counted = lines.annotate(task_count=Count("tasks")).select_related("contract")
    listed = list(counted.order_by("contract__number", "number"))
    used = used_of_lines([line for line in listed if line.not_to_exceed_amount is not None], today=today)
    return [LineUse(line, line.not_to_exceed_amount, used.get(line.pk, ZERO)) for line in listed]

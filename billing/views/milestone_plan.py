"""Where milestones are planned: the fixed-price lines of the user's contracts, and what each has left."""

from typing import Any

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from billing.models import Milestone
from billing.views.milestone_figures import NOTHING
from billing.views.milestones import PLAN
from core.money import ZERO
from core.pages import Page
from projects.models import ContractLine, ProjectContract
from projects.states import ENDED_CONTRACTS, BillingMethod

SHOWN = 200


class PlanMilestones(Page):
    """Each line leads to the page that adds one milestone, and to the one that generates a series."""

    permission, template_name = PLAN, "billing/milestone_plan.html"
    title = _("Plan milestones")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Lines with something left to plan first."""
        contracts = ProjectContract.objects.managed_by(self.user).exclude(status__in=ENDED_CONTRACTS)
        planned = Milestone.objects.filter(contract_line=OuterRef("pk")).order_by().values("contract_line")
        lines = (
            ContractLine.objects.filter(
                contract__in=contracts.values("pk"), billing_method=BillingMethod.FIXED_PRICE
            )
            .select_related("contract__customer")
            .annotate(planned=Coalesce(Subquery(planned.annotate(sum=Sum("amount")).values("sum")), NOTHING))
            .order_by("contract__number", "number")
        )
        rows = [
            (line, None if line.contracted_amount is None else line.contracted_amount - line.planned)
            for line in lines[:SHOWN]
        ]
        open_first = sorted(rows, key=lambda row: row[1] == ZERO)
        return super().get_context_data(lines=open_first, **kwargs)

"""The querysets of batch runs: who sees them, what they are about, and what they led to (B6)."""

from typing import Self

from django.db.models import Exists, OuterRef, Prefetch, Q

from billing.states import RunStatus
from core.querysets import AnyUser, StateMachineQuerySet, VisibleQuerySet
from projects.access import entities_of, sees_whole_entity
from projects.querysets import OfEntityQuerySet, related


class RunQuerySet(StateMachineQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Runs about contracts that a user may see; all of the entity for those who see all of it (B6).

        A run of a job that has settled nothing yet is seen by all of the entity: it says that it works.
        """
        outcomes, targets = related(self, "outcomes"), related(self, "targets")
        contracts = related(outcomes, "contract").visible_to(user).order_by().values("pk")
        of_contracts = Q(Exists(outcomes.filter(run=OuterRef("pk"), contract__in=contracts))) | Q(
            Exists(targets.filter(run=OuterRef("pk"), contract__in=contracts))
        )
        of_entity = Q(job__legal_entity__in=entities_of(user))
        if not sees_whole_entity(user):
            of_entity &= Q(finished_at=None)
        return self.filter(of_contracts | of_entity)

    def unfinished(self) -> Self:
        return self.filter(status__in=[RunStatus.QUEUED, RunStatus.RUNNING])


class RunTargetQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Of the contracts a user may see."""
        return self.filter(contract__in=related(self, "contract").visible_to(user).values("pk"))

    def waiting(self) -> Self:
        """Not settled yet."""
        return self.filter(settled_at=None)


class OutcomeQuerySet(OfEntityQuerySet):
    entity_path = "contract__legal_entity"

    def with_proformas(self) -> Self:
        """With every proforma they led to and its net, in three statements for any number of outcomes."""
        proformas = related(self, "proforma").with_net()
        return self.prefetch_related(*(Prefetch(name, proformas) for name in ("proforma", "more_proformas")))

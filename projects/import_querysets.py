"""Querysets of files of hours that are being imported (X8)."""

from typing import Self

from django.db.models import Count, Sum

from core.querysets import AnyUser, StateMachineQuerySet, VisibleQuerySet
from projects.access import entities_of
from projects.import_states import ImportNameKind, ImportRowState, ImportStatus, NameDecision
from projects.querysets import Rows, related


class ImportBatchQuerySet(StateMachineQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Imports into the user's legal entities."""
        return self.filter(legal_entity__in=entities_of(user))

    def unfinished(self) -> Self:
        """Those that a worker is processing or should be."""
        return self.filter(status__in=[ImportStatus.READING, ImportStatus.IMPORTING])


class OfBatchQuerySet(VisibleQuerySet):
    """Rows of an import: those of the imports a user may see."""

    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(batch__in=related(self, "batch").visible_to(user).values("pk"))


class ImportNameQuerySet(OfBatchQuerySet):
    def people(self) -> Self:
        return self.filter(kind=ImportNameKind.PERSON)

    def missing(self) -> Self:
        """Names without a record that are to be created."""
        return self.filter(target_id__isnull=True, decision=NameDecision.CREATE)


class ImportRowQuerySet(OfBatchQuerySet):
    def new(self) -> Self:
        return self.filter(state=ImportRowState.NEW)

    def summed(self, *by: str) -> Rows:
        """One row per value of `by`: how many rows and hours."""
        return self.order_by().values(*by).annotate(count=Count("pk"), hours=Sum("quantity")).order_by(*by)

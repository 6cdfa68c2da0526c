"""Prepaid hours by who may see them, and the months of which hours may have expired (A12)."""

from datetime import date
from typing import Self

from core.querysets import AnyUser, VisibleQuerySet
from projects.querysets import related
from projects.states import ENDED_CONTRACTS


class PrepaidHoursQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Of the contract lines a user may see."""
        lines = related(self, "contract_line").visible_to(user)
        return self.filter(contract_line__in=lines.values("pk"))

    def changeable_by(self, user: AnyUser) -> Self:
        """Of the contracts a user manages; to see one is not enough."""
        lines = related(self, "contract_line").changeable_by(user)
        return self.filter(contract_line__in=lines.values("pk"))

    def living(self) -> Self:
        """Of contracts that have not ended."""
        return self.exclude(contract_line__contract__status__in=ENDED_CONTRACTS)

    def begun_before(self, day: date) -> Self:
        """With a month that is over on a day."""
        return self.filter(first_month__lt=day.replace(day=1))


class OfPrepaidQuerySet(VisibleQuerySet):
    """Months of prepaid hours: those a user may see."""

    def visible_to(self, user: AnyUser) -> Self:
        agreements = related(self, "prepaid_hours").visible_to(user)
        return self.filter(prepaid_hours__in=agreements.values("pk"))

    def changeable_by(self, user: AnyUser) -> Self:
        """Of the agreements a user may change."""
        agreements = related(self, "prepaid_hours").changeable_by(user)
        return self.filter(prepaid_hours__in=agreements.values("pk"))

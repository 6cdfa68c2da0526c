"""Retainers by where they stand, and their sums by currency (B3)."""

from datetime import date
from typing import Self

from django.db.models import Count, F, Q, Sum

from billing.states import RetainerStatus
from core.money import ZERO
from core.querysets import AnyUser, StateMachineQuerySet
from projects.querysets import Rows, related
from projects.states import ENDED_CONTRACTS


class RetainerQuerySet(StateMachineQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Of the contracts a user may see."""
        return self.filter(contract__in=related(self, "contract").visible_to(user).values("pk"))

    def changeable_by(self, user: AnyUser) -> Self:
        """Of the contracts a user manages; to see one is not enough."""
        return self.filter(contract__in=related(self, "contract").managed_by(user).values("pk"))

    def ready(self) -> Self:
        return self.filter(status=RetainerStatus.READY)

    def due_through(self, day: date) -> Self:
        return self.filter(invoice_on__lte=day)

    def scheduled(self) -> Self:
        """Not invoiced yet, of contracts that have not ended."""
        waiting = [RetainerStatus.NOT_READY, RetainerStatus.READY, RetainerStatus.ON_DRAFT]
        return self.filter(status__in=waiting).exclude(contract__status__in=ENDED_CONTRACTS)

    def invoiced(self) -> Self:
        """Invoiced at some time, used or not."""
        return self.exclude(
            status__in=[RetainerStatus.NOT_READY, RetainerStatus.READY, RetainerStatus.ON_DRAFT]
        )

    def available(self) -> Self:
        """With a balance that drafts may take."""
        return self.filter(status=RetainerStatus.AVAILABLE, available_amount__gt=0)

    def to_refund(self) -> Self:
        """With a balance that the next proforma gives back."""
        return self.filter(status=RetainerStatus.TO_REFUND, available_amount__gt=0)

    def with_balance(self) -> Self:
        """Invoiced, and neither all used nor refunded: available, on drafts, or to be refunded."""
        return self.filter(invoiced_amount__gt=F("used_amount"))

    def entering(self, day: date) -> Self:
        """What a proforma is made for: ready ones whose day has come, and balances to be refunded."""
        due = Q(status=RetainerStatus.READY, invoice_on__lte=day)
        return self.filter(due | Q(status=RetainerStatus.TO_REFUND, available_amount__gt=0))

    def summed(self) -> Rows:
        """One row per currency: how many, and what is invoiced, used, on drafts and available."""
        figures = ("invoiced", "used", "drafted", "available")
        return (
            self.order_by()
            .values(currency=F("contract__currency"))
            .annotate(
                retainers=Count("pk"),
                total=Sum("amount", default=ZERO),
                **{name: Sum(f"{name}_amount", default=ZERO) for name in figures},
            )
            .order_by("currency")
        )

"""What drafting would take from a selection, one row per proforma, before anybody says yes."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from billing.draft_targets import reasons_against
from billing.limits_ahead import Kept, KeptByLimit, LimitsAhead, by_limit
from billing.payers import on_hold
from billing.states import MilestoneStatus
from core.money import ZERO, sum_by
from core.pages import Total
from core.refusals import Refusal
from projects.models import Customer, ProjectContract
from projects.states import BillingStatus, BillingType


@dataclass
class Preview:
    """One proforma to be: what is chargeable on it, what rides along for nothing, and what stays behind."""

    contract: ProjectContract
    customer: Customer
    entries: int = 0
    free: int = 0
    milestones: int = 0
    left: int = 0
    amount: Decimal = ZERO
    kept: list[Kept] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def is_drafted(self) -> bool:
        """Whether there will be such a proforma."""
        return not self.refusals and bool(self.entries or self.free or self.milestones)

    @property
    def kept_by_limit(self) -> tuple[KeptByLimit, ...]:
        """What of it limits keep back."""
        return by_limit(self.kept)

    def keep_back(self, kept: Kept) -> None:
        """Take off what a limit keeps back: what was counted as ready until now stays behind."""
        self.kept.append(kept)
        if kept.was_ready:
            self.entries -= 1
            self.left += 1
            self.amount -= kept.item.amount


def previews(items: Any, shares: Any, day: dt.date) -> list[Preview]:
    """Proformas that drafting would make, and those it would not, by contract number and customer.

    What exceeds a limit is not on them; amounts are in each contract's currency (A6).
    """
    counted = [*_counted_items(items, day), *_counted_shares(shares, day)]
    contracts = {
        one.pk: one
        for one in ProjectContract.objects.filter(pk__in={row["contract"] for row in counted}).select_related(
            "legal_entity", "customer"
        )
    }
    customers = Customer.objects.in_bulk({row["customer"] for row in counted})
    by_key: dict[tuple[int, int], Preview] = {}
    for row in counted:
        key = row.pop("contract"), row.pop("customer")
        preview = by_key.setdefault(key, Preview(contracts[key[0]], customers[key[1]]))
        for name, value in row.items():
            setattr(preview, name, getattr(preview, name) + value)
    for preview in by_key.values():
        held = [on_hold(preview.customer, str(preview.contract))] if preview.customer.is_on_hold else []
        preview.refusals = [*reasons_against([preview.contract], day), *held]
    for one in _kept(items, [preview.contract for preview in by_key.values()], day):
        by_key[one.item.contract_id, one.item.customer_id].keep_back(one)
    return sorted(by_key.values(), key=lambda one: (one.contract.number, one.customer.name))


def _kept(items: Any, contracts: Iterable[ProjectContract], day: dt.date) -> list[Kept]:
    """What limits will keep back of the selection; work dated later is not drafted anyway."""
    ahead = LimitsAhead.of({contract.pk for contract in contracts}, items.due_through(day))
    return ahead.keep_back(dict.fromkeys(ahead.lines, day))


def totals_of(rows: Iterable[Preview]) -> Sequence[Total]:
    """Sum per currency of what will be drafted."""
    drafted = [one for one in rows if one.is_drafted]
    sums = sum_by((one.contract.currency, one.amount) for one in drafted)
    counts = sum_by((one.contract.currency, Decimal(1)) for one in drafted)
    return [Total(currency, int(counts[currency]), sums[currency]) for currency in sorted(sums)]


def _counted_items(items: Any, day: dt.date) -> list[dict[str, Any]]:
    taken = Q(status=BillingStatus.READY, transaction_date__lte=day)
    chargeable = taken & Q(billing_type=BillingType.CHARGEABLE)
    rows = (
        items.order_by()
        .values("contract", "customer")
        .annotate(
            entries=Count("pk", filter=chargeable),
            free=Count("pk", filter=taken & ~Q(billing_type=BillingType.CHARGEABLE)),
            left=Count("pk", filter=~taken),
            total=Sum("amount", filter=chargeable, default=ZERO),
        )
    )
    return [{"amount": row.pop("total"), **row} for row in rows]


def _counted_shares(shares: Any, day: dt.date) -> list[dict[str, Any]]:
    taken = Q(status=MilestoneStatus.READY, milestone__due_on__lte=day)
    rows = (
        shares.order_by()
        .values("milestone__contract_line__contract", "customer")
        .annotate(
            milestones=Count("pk", filter=taken),
            left=Count("pk", filter=~taken),
            total=Sum("open_amount", filter=taken, default=ZERO),
        )
    )
    return [
        {
            "contract": row["milestone__contract_line__contract"],
            "customer": row["customer"],
            "milestones": row["milestones"],
            "left": row["left"],
            "amount": row["total"],
        }
        for row in rows
    ]

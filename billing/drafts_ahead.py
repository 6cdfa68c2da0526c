"""What drafting would take from a selection or from contracts, one row per proforma, before anybody says yes.

A row that says that a proforma will be made is one after the click, as long as nothing changes in between:
the same conditions decide here and there (B5, decision 19).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from billing.discounts import NOT_LOWERED
from billing.draft_targets import reasons_against
from billing.limits_ahead import Kept, KeptByLimit, LimitsAhead, by_limit
from billing.models import MilestoneShare, Retainer
from billing.next_parts import NextParts
from billing.payers import on_hold
from billing.querysets import MilestoneShareQuerySet
from billing.retainer_querysets import RetainerQuerySet
from billing.states import MilestoneStatus, RetainerStatus
from billing.stays_behind import Behind, goes_in, stays_behind
from billing.terms_ahead import TermsAhead
from core.money import ZERO
from core.refusals import Refusal
from projects.models import BacklogItem, Customer, ProjectContract
from projects.querysets import BacklogQuerySet, ContractQuerySet
from projects.states import BillingStatus, BillingType

LOWERED = ~Q(work_item__transaction_class__in=NOT_LOWERED)
"""Work that discounts and retentions are reckoned from."""


@dataclass
class Preview:
    """One proforma to be: what is chargeable on it, what rides along for nothing, and what stays behind.

    `amount` is what is to pay of it, without tax: less standing discounts, what is `retained`, and what is
    `applied` of advances that were invoiced before; `asked_ahead` is the part of it that invoices further
    ones, which no advance pays for. `charged` is what discounts and the retention are reckoned from, by the
    key of the contract line.
    """

    contract: ProjectContract
    customer: Customer
    entries: int = 0
    free: int = 0
    milestones: int = 0
    advances: int = 0
    amount: Decimal = ZERO
    charged: dict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    retained: Decimal = ZERO
    asked_ahead: Decimal = ZERO
    applied: Decimal = ZERO
    behind: Behind = field(default_factory=Behind)
    kept: list[Kept] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        """Its net as documents name it: what is kept back is charged, and paid later (B12)."""
        return self.amount + self.retained

    @property
    def left(self) -> int:
        """How many entries and milestones stay behind; those that are on a draft do not."""
        return self.behind.count

    @property
    def is_drafted(self) -> bool:
        """Whether there will be such a proforma."""
        return not self.refusals and self.has_ready

    @property
    def has_ready(self) -> bool:
        """Whether anything of it is ready, whatever refuses it."""
        return bool(self.entries or self.free or self.milestones or self.advances)

    @property
    def goes_in(self) -> str:
        """Entries, charged and free, milestones and advances in words."""
        return goes_in(self.entries + self.free, self.milestones, self.advances)

    @property
    def kept_by_limit(self) -> tuple[KeptByLimit, ...]:
        """What of it limits keep back."""
        return by_limit(self.kept)

    def keep_back(self, kept: Kept) -> None:
        """Take off what a limit keeps back: what was counted as ready until now stays behind."""
        self.kept.append(kept)
        if kept.was_ready:
            self.entries -= 1
            self.amount -= kept.item.amount
            self.charged[kept.item.contract_line_id] -= kept.item.amount
            self.behind += Behind(over_limit=1, amount=kept.item.amount)


def previews(
    items: BacklogQuerySet,
    shares: MilestoneShareQuerySet,
    invoice_date: dt.date,
    *,
    cut_off: dt.date | None = None,
    retainers: RetainerQuerySet | None = None,
    parts: NextParts | None = None,
) -> list[Preview]:
    """Proformas that drafting would make, and those it would not, by contract number and customer.

    Work up to the cut-off goes in, which is the invoice date unless given, and so do those `retainers` that
    are ready. Of the shares in `parts` those are asked for, which are not stored yet. What exceeds a limit is
    not on them; standing discounts and retentions are taken off, as on new drafts. Amounts are in each
    contract's currency. A number of statements that does not depend on how much is chosen; changes nothing
    and locks nothing (A6, B2, B12).
    """
    until = cut_off or invoice_date
    counted = [*_counted_items(items, until), *_counted_shares(shares, until)]
    counted += _counted_retainers(retainers, until) if retainers is not None else []
    counted += _changed_parts(shares, until, parts.amounts) if parts is not None else []
    contracts = {
        one.pk: one
        for one in ProjectContract.objects.filter(pk__in={row["contract"] for row in counted}).select_related(
            "legal_entity", "customer", "manager"
        )
    }
    customers = Customer.objects.in_bulk({row["customer"] for row in counted})
    by_key: dict[tuple[int, int], Preview] = {}
    for row in counted:
        key = row.pop("contract"), row.pop("customer")
        preview = by_key.setdefault(key, Preview(contracts[key[0]], customers[key[1]]))
        preview.charged[row.pop("line", 0)] += row.pop("charged", ZERO)
        for name, value in row.items():
            setattr(preview, name, getattr(preview, name) + value)
    for key, behind in stays_behind(items, shares, until).items():
        by_key[key].behind = behind
    for preview in by_key.values():
        held = [on_hold(preview.customer, str(preview.contract))] if preview.customer.is_on_hold else []
        preview.refusals = [*reasons_against([preview.contract], invoice_date), *held]
    for one in _kept(items, [preview.contract for preview in by_key.values()], until):
        by_key[one.item.contract_id, one.item.customer_id].keep_back(one)
    _apply_terms(by_key)
    _apply_advances(by_key)
    return sorted(by_key.values(), key=lambda one: (one.contract.number, one.customer.name))


Without = tuple[ProjectContract, Customer | None, list[Refusal], Behind]
"""What gets nothing: a contract, or the share of one customer of it, with the reasons and what waits."""


@dataclass(frozen=True)
class DraftsAhead:
    """What a run over contracts would make, and which of them get nothing, each with its reasons."""

    made: list[Preview]
    without: list[Without]

    @property
    def contracts(self) -> int:
        """How many contracts get a proforma; one with several payers counts once."""
        return len({one.contract.pk for one in self.made})


def drafts_ahead(contracts: ContractQuerySet, invoice_date: dt.date, *, cut_off: dt.date) -> DraftsAhead:
    """What drafting all of these contracts up to the cut-off would make; every contract is named (B5)."""
    chosen = list(contracts.select_related("legal_entity", "customer", "manager").order_by("number"))
    keys = [one.pk for one in chosen]
    rows = previews(
        BacklogItem.objects.filter(contract__in=keys),
        MilestoneShare.objects.filter(milestone__contract_line__contract__in=keys),
        invoice_date,
        cut_off=cut_off,
        retainers=Retainer.objects.filter(contract__in=keys),
    )
    made = [one for one in rows if one.is_drafted]
    without: list[Without] = []
    drafted = {one.contract.pk for one in made}
    for one in rows:
        # A customer on hold is named beside the others of its contract, when its share is ready.
        if not one.is_drafted and one.has_ready:
            without.append((one.contract, one.customer, one.refusals, one.behind))
    named = drafted | {contract.pk for contract, *_rest in without}
    behind: dict[int, Behind] = defaultdict(Behind)
    for one in rows:
        behind[one.contract.pk] += one.behind
    for contract in chosen:
        if contract.pk not in named:
            reasons = list(reasons_against([contract], invoice_date))
            without.append((contract, None, reasons, behind[contract.pk]))
    return DraftsAhead(made, sorted(without, key=lambda one: one[0].number))


def _kept(items: BacklogQuerySet, contracts: Iterable[ProjectContract], day: dt.date) -> list[Kept]:
    """What limits will keep back of the selection; work dated later is not drafted anyway."""
    ahead = LimitsAhead.of({contract.pk for contract in contracts}, items.due_through(day))
    return ahead.keep_back(dict.fromkeys(ahead.lines, day))


def _counted_items(items: BacklogQuerySet, day: dt.date) -> list[dict[str, Any]]:
    taken = Q(status=BillingStatus.READY, transaction_date__lte=day)
    chargeable = taken & Q(billing_type=BillingType.CHARGEABLE)
    rows = (
        items.order_by()
        .values("contract", "customer", line=F("contract_line"))
        .annotate(
            entries=Count("pk", filter=chargeable),
            free=Count("pk", filter=taken & ~Q(billing_type=BillingType.CHARGEABLE)),
            total=Sum("amount", filter=chargeable, default=ZERO),
            charged=Sum("amount", filter=chargeable & LOWERED, default=ZERO),
        )
    )
    return [{"amount": row.pop("total"), **row} for row in rows]


def _counted_shares(shares: MilestoneShareQuerySet, day: dt.date) -> list[dict[str, Any]]:
    taken = Q(status=MilestoneStatus.READY, milestone__due_on__lte=day)
    rows = (
        shares.order_by()
        .values("milestone__contract_line__contract", "milestone__contract_line", "customer")
        .annotate(
            milestones=Count("pk", filter=taken),
            total=Sum("due_amount", filter=taken, default=ZERO),
        )
    )
    return [
        {
            "contract": row["milestone__contract_line__contract"],
            "customer": row["customer"],
            "milestones": row["milestones"],
            "amount": row["total"],
            "line": row["milestone__contract_line"],
            "charged": row["total"],
        }
        for row in rows
    ]


def _changed_parts(
    shares: MilestoneShareQuerySet, day: dt.date, amounts: Mapping[int, Decimal | None]
) -> list[dict[str, Any]]:
    """By how much more or less is asked for of each share than is stored; one statement."""
    taken = shares.order_by().filter(status=MilestoneStatus.READY, milestone__due_on__lte=day)
    named = taken.filter(pk__in=list(amounts)).values_list(
        "pk",
        "milestone__contract_line__contract",
        "milestone__contract_line",
        "customer",
        "open_amount",
        "due_amount",
    )
    rows = []
    for key, contract, line, customer, left, due in named:
        typed = amounts[key]
        more = (left if typed is None else typed) - due
        rows.append(
            {"contract": contract, "customer": customer, "amount": more, "line": line, "charged": more}
        )
    return rows


def _counted_retainers(retainers: RetainerQuerySet, day: dt.date) -> list[dict[str, Any]]:
    rows = retainers.entering(day).values_list("contract", "customer", "status", "amount", "available_amount")
    return [
        {
            "contract": contract,
            "customer": customer,
            "advances": 1,
            "asked_ahead": amount if status == RetainerStatus.READY else ZERO,
            "amount": amount if status == RetainerStatus.READY else -available,
        }
        for contract, customer, status, amount, available in rows.order_by("pk")
    ]


def _apply_terms(by_key: dict[tuple[int, int], Preview]) -> None:
    """Take off standing discounts and what is kept back; two statements at most (B12)."""
    terms = TermsAhead.of([one.contract for one in by_key.values()])
    for (_contract, customer), preview in by_key.items():
        off, preview.retained = terms.lowered_by(preview.contract, customer, preview.charged)
        preview.amount -= off + preview.retained


def _apply_advances(by_key: dict[tuple[int, int], Preview]) -> None:
    """Take off what is available of advances, never below zero; one statement (decision 9)."""
    rows = Retainer.objects.available().filter(contract__in={contract for contract, _customer in by_key})
    sums = rows.order_by().values_list("contract", "customer").annotate(sum=Sum("available_amount"))
    for contract, customer, available in sums:
        preview = by_key.get((contract, customer))
        if preview is not None and preview.is_drafted:
            preview.applied = max(min(available, preview.amount - preview.asked_ahead), ZERO)
            preview.amount -= preview.applied
